use anchor_lang::prelude::*;

use super::SetParameter;

/// Sets the issuer, who may issue vouchers. Specification: only the authority.
pub fn handler(ctx: &mut Context<SetParameter>, issuer: Address) -> Result<()> {
    ctx.accounts.market.issuer = issuer;
    Ok(())
}
