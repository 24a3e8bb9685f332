use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Ppm};

use super::SetParameter;

/// Sets f_m, the market fee, in parts per million.
///
/// Specification: only the authority; the parameters as a whole stay inside their ranges (`FeeParams::validate`).
pub fn handler(ctx: &mut Context<SetParameter>, market_fee: u32) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let fees = FeeParams { market_fee: Ppm(market_fee), ..market.fees() };
    market.set_fees(fees)
}
