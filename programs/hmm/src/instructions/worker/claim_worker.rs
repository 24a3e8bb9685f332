use anchor_lang::prelude::*;

use super::TakeOut;

/// Pays out what a worker has earned.
///
/// Specification (protocol.md, *Jobs* 7): anybody may; only to a token account of the worker's owner; also if the worker is banned.
pub fn handler(ctx: &mut Context<TakeOut>) -> Result<()> {
    let credits = ctx.accounts.worker.claim()?;
    ctx.accounts.pay(credits, ctx.bumps.event_authority)
}
