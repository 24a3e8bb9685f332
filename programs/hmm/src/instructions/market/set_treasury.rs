use anchor_lang::prelude::*;
use anchor_spl::{token, token_interface::TokenAccount};

use crate::{expect, state::Market};

#[derive(Accounts)]
pub struct SetTreasury {
    #[account(mut)]
    pub market: Account<Market>,
    #[account(expect::signer = market.authority)]
    pub authority: Signer,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(token::mint = credit_mint)]
    pub treasury: InterfaceAccount<TokenAccount>,
}

/// Sets the token account that receives the treasury's part of the fees.
///
/// Specification: only the authority; the account holds the market's credits.
pub fn handler(ctx: &mut Context<SetTreasury>) -> Result<()> {
    ctx.accounts.market.treasury = *ctx.accounts.treasury.address();
    Ok(())
}
