use anchor_lang::prelude::*;

use crate::{
    events::{Unstaked, emit_by_cpi},
    expect,
    state::{Market, VerifierSet},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Unstake {
    #[account(expect::address = verifier_set.market)]
    pub market: Account<Market>,
    pub verifier: Signer,
    #[account(mut)]
    pub verifier_set: Account<VerifierSet>,
}

/// Asks a part of the stake back, or all of it.
///
/// Specification (protocol.md, *Jobs* 5):
/// 1. Only the verifier at this place. What stays is nothing, or at least the market's least stake.
/// 2. What is asked back can be withdrawn after the delay for unstaking; until then it is slashable.
/// 3. It votes no more from now on, and is drawn by no more `activation` seconds later.
/// 4. The next change of this stake is accepted `activation` seconds after that.
pub fn handler(ctx: &mut Context<Unstake>, index: u8, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let verifier = *accounts.verifier.address();
    let now = Clock::get()?.unix_timestamp;
    accounts.verifier_set.unstake(index, &verifier, amount, now, &accounts.market.verification)?;
    let entry = accounts.verifier_set.require(index, &verifier)?;
    let (stake, unbonding, unbond_at) = (entry.stake, entry.unbonding, entry.unbond_at);

    let event = Unstaked {
        sequence: accounts.verifier_set.next_sequence(),
        verifier_set: *accounts.verifier_set.address(),
        verifier,
        index,
        amount,
        stake,
        unbonding,
        unbond_at,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
