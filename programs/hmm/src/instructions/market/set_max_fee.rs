use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Ppm};

use super::SetParameter;

/// Sets the highest fee rate a trade may pay, in parts per million.
///
/// Specification: only the authority; the parameters as a whole stay inside their ranges (`FeeParams::validate`).
pub fn handler(ctx: &mut Context<SetParameter>, max_fee: u32) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let fees = FeeParams { max_fee: Ppm(max_fee), ..market.fees() };
    market.set_fees(fees)
}
