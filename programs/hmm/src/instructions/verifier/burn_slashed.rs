use anchor_lang::prelude::*;

use super::SetSeeds;
use crate::{
    errors::HmmError,
    events::{SlashBurned, emit_by_cpi},
    expect,
    state::{Market, VerifierSet},
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct BurnSlashed {
    #[account(expect::address = verifier_set.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub verifier_set: Account<VerifierSet>,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut, expect::address = verifier_set.vault)]
    pub stake_vault: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Burns what was slashed from verifiers.
///
/// Specification (protocol.md, *Jobs* 5):
/// 1. Anybody may; the counter goes to zero and nothing else of the set changes.
/// 2. Refused when there is nothing to burn.
pub fn handler(ctx: &mut Context<BurnSlashed>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = core::mem::take(&mut accounts.verifier_set.burn_due);
    if amount == 0 {
        return Err(HmmError::NothingToCollect.refuse(1, 0));
    }
    let event = SlashBurned { sequence: accounts.verifier_set.next_sequence(), verifier_set: *accounts.verifier_set.address(), amount };

    let signer = SetSeeds::of(&accounts.verifier_set);
    let (vault, mint) = (accounts.stake_vault.account(), accounts.credit_mint.account());
    let (program, set) = (accounts.credit_token_program.address(), accounts.verifier_set.account());
    token::burn(program, vault, mint, set, amount, &[&signer.seeds()]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
