use anchor_lang::prelude::*;

use crate::{expect, state::Worker};

#[derive(Accounts)]
pub struct SetOperator {
    #[account(mut)]
    pub worker: Account<Worker>,
    #[account(expect::signer = worker.owner)]
    pub owner: Signer,
}

/// Sets the key that may start, attest and decline besides the owner; zero for none.
///
/// Specification: only the owner. What the operator did before stays; what runs goes on under the new one.
pub fn handler(ctx: &mut Context<SetOperator>, operator: Address) -> Result<()> {
    ctx.accounts.worker.operator = operator;
    Ok(())
}
