use anchor_lang::prelude::*;

use crate::{errors::HmmError, state::Market};

#[derive(Accounts)]
pub struct Pause {
    #[account(mut)]
    pub market: Account<Market>,
    #[account(constraint = *signer.address() == market.guardian || *signer.address() == market.authority @ HmmError::Unauthorized)]
    pub signer: Signer,
}

/// Halts `swap` and `add_liquidity` for half an hour.
///
/// Specification (protocol.md, *Governance*):
/// 1. The guardian or the authority.
/// 2. A pause ends by itself; at most three begin in a day.
/// 3. It never halts `remove_liquidity` or `collect_fees`.
pub fn handler(ctx: &mut Context<Pause>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.market.pause(now)
}
