use anchor_lang::prelude::*;

use super::TakeOut;

/// Pays out the bond whose delay is over.
///
/// Specification (protocol.md, *Supply*):
/// 1. Anybody may, from the second at which the delay ends; only to a token account of the worker's owner.
/// 2. A banned worker's bond stays.
pub fn handler(ctx: &mut Context<TakeOut>) -> Result<()> {
    let credits = ctx.accounts.worker.withdraw(Clock::get()?.unix_timestamp)?;
    ctx.accounts.pay(credits, ctx.bumps.event_authority)
}
