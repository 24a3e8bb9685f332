use anchor_lang::prelude::*;

use super::SetParameter;

/// Sets the guardian, who may pause and unpause. Specification: only the authority.
pub fn handler(ctx: &mut Context<SetParameter>, guardian: Address) -> Result<()> {
    ctx.accounts.market.guardian = guardian;
    Ok(())
}
