use anchor_lang::prelude::*;

use crate::state::Market;

#[derive(Accounts)]
pub struct Pause {
    #[account(mut)]
    pub market: Account<Market>,
    pub signer: Signer,
}

/// Halts `swap` and `add_liquidity` for half an hour.
///
/// Specification (protocol.md, *Governance*):
/// 1. The guardian or the authority.
/// 2. A pause ends by itself; at most three begin in a day.
/// 3. It never halts `remove_liquidity` or `collect_fees`.
pub fn handler(ctx: &mut Context<Pause>) -> Result<()> {
    ctx.accounts.market.require_guardian(ctx.accounts.signer.address())?;
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.market.pause(now)
}
