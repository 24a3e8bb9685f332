use anchor_lang::prelude::*;

use super::SetParameter;
use crate::state::SupplyTerms;

/// Sets what is asked of workers.
///
/// Specification: only the authority; all terms together stay inside their ranges (`Market::set_terms`).
pub fn handler(ctx: &mut Context<SetParameter>, terms: SupplyTerms) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let (jobs, verification) = (market.jobs, market.verification);
    market.set_terms(terms, jobs, verification)
}
