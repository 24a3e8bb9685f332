use anchor_lang::prelude::*;

use super::pause::Pause;

/// Ends a pause before its time. Specification: the guardian or the authority; the day's count stays.
pub fn handler(ctx: &mut Context<Pause>) -> Result<()> {
    ctx.accounts.market.require_guardian(ctx.accounts.signer.address())?;
    ctx.accounts.market.paused_until = 0;
    Ok(())
}
