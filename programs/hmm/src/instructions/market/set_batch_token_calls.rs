use anchor_lang::prelude::*;
use anchor_spl::token::Mint;

use crate::{expect, state::Market, token_calls::probe_batch};

#[derive(Accounts)]
pub struct SetBatchTokenCalls {
    #[account(mut)]
    pub market: Account<Market>,
    #[account(expect::signer = market.authority)]
    pub authority: Signer,
    /// Any mint of the classic token program, to ask it about.
    pub classic_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

/// Says whether the token calls of an instruction are made as one batch.
///
/// Specification:
/// 1. Only the authority.
/// 2. It cannot be switched on where the classic token program takes no batches: the program asks it for one first. So nobody can
///    block withdrawals with it.
pub fn handler(ctx: &mut Context<SetBatchTokenCalls>, batched: bool) -> Result<()> {
    if batched {
        probe_batch(ctx.accounts.classic_mint.account());
    }
    ctx.accounts.market.batch_token_calls = batched.into();
    Ok(())
}
