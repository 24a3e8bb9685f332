use anchor_lang::prelude::*;

use crate::{expect, state::Market};

#[derive(Accounts)]
pub struct AcceptAuthority {
    #[account(mut)]
    pub market: Account<Market>,
    #[account(expect::signer = market.pending_authority)]
    pub pending_authority: Signer,
}

/// Completes the change of authority.
///
/// Specification: only the proposed authority, by its own signature; the proposal is used up.
pub fn handler(ctx: &mut Context<AcceptAuthority>) -> Result<()> {
    let market = &mut ctx.accounts.market;
    market.authority = market.pending_authority;
    market.pending_authority = Address::default();
    Ok(())
}
