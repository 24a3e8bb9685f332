use anchor_lang::prelude::*;

use super::SetParameter;
use crate::state::VerifierTerms;

/// Sets what is asked of verifiers.
///
/// Specification: only the authority; all terms together stay inside their ranges (`Market::set_terms`).
pub fn handler(ctx: &mut Context<SetParameter>, terms: VerifierTerms) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let (supply, jobs) = (market.supply, market.jobs);
    market.set_terms(supply, jobs, terms)
}
