use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Ppm};

use super::SetParameter;

/// Sets λ_r, the risk fee's rate, in parts per million.
///
/// Specification: only the authority; the parameters as a whole stay inside their ranges (`FeeParams::validate`).
pub fn handler(ctx: &mut Context<SetParameter>, risk_fee: u32) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let fees = FeeParams { risk_fee: Ppm(risk_fee), ..market.fees() };
    market.set_fees(fees)
}
