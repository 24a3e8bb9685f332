use anchor_lang::prelude::*;
use hmm_math::FeeParams;

use super::SetParameter;

/// Sets the risk window, in slots. Fees that were still dripping enter Θ at each resource's next use, and recent moves are forgotten.
///
/// Specification: only the authority; the parameters as a whole stay inside their ranges (`FeeParams::validate`).
pub fn handler(ctx: &mut Context<SetParameter>, risk_window: u32) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let fees = FeeParams { risk_window, ..market.fees() };
    market.set_fees(fees)
}
