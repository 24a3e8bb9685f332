use anchor_lang::prelude::*;

use super::SetSeeds;
use crate::{
    events::{StakeWithdrawn, emit_by_cpi},
    expect,
    payout::require_owned_by,
    state::{Market, VerifierSet, add},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawStake {
    #[account(expect::address = verifier_set.market)]
    pub market: Account<Market>,
    pub verifier: UncheckedAccount,
    #[account(mut)]
    pub verifier_set: Account<VerifierSet>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut)]
    pub verifier_credits: UncheckedAccount,
    #[account(mut, expect::address = verifier_set.vault)]
    pub stake_vault: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Pays a verifier what its seats earned, and what it asked back once the delay is over.
///
/// Specification (protocol.md, *Jobs* 5, 7):
/// 1. Anybody may; the credits go to a token account that the verifier owns.
/// 2. Refused when nothing is due.
/// 3. A place in which nothing is left is free.
pub fn handler(ctx: &mut Context<WithdrawStake>, index: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let verifier = *accounts.verifier.address();
    let (from, to, mint) = (accounts.stake_vault.account(), accounts.verifier_credits.account(), accounts.credit_mint.account());
    require_owned_by(to, mint.address(), &verifier)?;
    let now = Clock::get()?.unix_timestamp;
    let (unbonding, earned) = accounts.verifier_set.withdraw(index, &verifier, now)?;

    let event = StakeWithdrawn {
        sequence: accounts.verifier_set.next_sequence(),
        verifier_set: *accounts.verifier_set.address(),
        verifier,
        index,
        unbonding,
        earned,
    };
    let signer = SetSeeds::of(&accounts.verifier_set);
    let credits = Credits { program: accounts.credit_token_program.address(), mint, decimals: accounts.market.credit_decimals };
    credits.transfer(from, to, accounts.verifier_set.account(), add(unbonding, earned)?, &[&signer.seeds()]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
