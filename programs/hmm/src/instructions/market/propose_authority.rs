use anchor_lang::prelude::*;

use super::SetParameter;

/// Proposes a new authority; it becomes one only by accepting. The zero address withdraws a proposal.
///
/// Specification: only the authority; nothing else changes.
pub fn handler(ctx: &mut Context<SetParameter>, authority: Address) -> Result<()> {
    ctx.accounts.market.pending_authority = authority;
    Ok(())
}
