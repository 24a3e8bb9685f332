use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Ppm};

use super::SetParameter;

/// Sets ζ, the part of the total fee that is burned, in parts per million.
///
/// Specification: only the authority; the parameters as a whole stay inside their ranges (`FeeParams::validate`).
pub fn handler(ctx: &mut Context<SetParameter>, burn_share: u32) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let fees = FeeParams { burn_share: Ppm(burn_share), ..market.fees() };
    market.set_fees(fees)
}
