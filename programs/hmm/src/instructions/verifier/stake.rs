use anchor_lang::prelude::*;

use crate::{
    events::{Staked, emit_by_cpi},
    expect,
    state::{Market, VerifierSet},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Stake {
    #[account(expect::address = verifier_set.market)]
    pub market: Account<Market>,
    pub verifier: Signer,
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

/// Makes the signer a verifier, or adds to its stake.
///
/// Specification (protocol.md, *Jobs* 5):
/// 1. One place for each owner; a place is free when nothing is in it.
/// 2. The whole stake is at least the market's least stake.
/// 3. What is added counts in draws and votes `activation` seconds later; what was there counts on.
/// 4. The next change of this stake is accepted `activation` seconds after that.
pub fn handler(ctx: &mut Context<Stake>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let verifier = *accounts.verifier.address();
    let now = Clock::get()?.unix_timestamp;
    let index = accounts.verifier_set.stake(&verifier, amount, now, &accounts.market.verification)?;
    let entry = accounts.verifier_set.require(index, &verifier)?;
    let (stake, counts_from) = (entry.stake, entry.changes_at);

    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (from, to) = (accounts.verifier_credits.account(), accounts.stake_vault.account());
    credits.transfer(from, to, accounts.verifier.account(), amount, &[]);
    let event = Staked {
        sequence: accounts.verifier_set.next_sequence(),
        verifier_set: *accounts.verifier_set.address(),
        verifier,
        index,
        amount,
        stake,
        counts_from,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
