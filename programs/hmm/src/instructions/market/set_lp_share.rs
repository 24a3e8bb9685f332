use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Ppm};

use super::SetParameter;

/// Sets the liquidity providers' part of what ζ leaves of f_m, in parts per million.
///
/// Specification: only the authority; the parameters as a whole stay inside their ranges (`FeeParams::validate`).
pub fn handler(ctx: &mut Context<SetParameter>, lp_share: u32) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let fees = FeeParams { lp_share: Ppm(lp_share), ..market.fees() };
    market.set_fees(fees)
}
