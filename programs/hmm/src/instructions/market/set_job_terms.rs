use anchor_lang::prelude::*;

use super::SetParameter;
use crate::state::JobTerms;

/// Sets what jobs run under from now on; a job that is open keeps its own.
///
/// Specification: only the authority; all terms together stay inside their ranges (`Market::set_terms`).
pub fn handler(ctx: &mut Context<SetParameter>, terms: JobTerms) -> Result<()> {
    let market = &mut ctx.accounts.market;
    let (supply, verification) = (market.supply, market.verification);
    market.set_terms(supply, terms, verification)
}
