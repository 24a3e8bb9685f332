use anchor_lang::prelude::*;
use hmm_job::{Code, Phase};

use crate::{
    errors::HmmError,
    events::{RoundClosed, emit_by_cpi},
    expect,
    state::{Assignment, Round},
};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRound {
    #[account(mut, close = rent_payer)]
    pub round: Account<Round>,
    #[account(mut, expect::address = round.rent_payer)]
    pub rent_payer: UncheckedAccount,
    /// The assignment of the round, or the address at which it was.
    #[account(expect::address = round.assignment)]
    pub assignment: UncheckedAccount,
}

/// Closes a round that no later committee has to be held against; its rent goes back to its payer.
///
/// Specification (protocol.md, *Jobs* 6):
/// 1. Anybody may, once the assignment is done or closed itself.
pub fn handler(ctx: &mut Context<CloseRound>) -> Result<()> {
    let accounts = &ctx.accounts;
    let view = *accounts.assignment.account();
    // Only the program can make an account at this address: it is an assignment, or there is none any more.
    if view.owned_by(&crate::ID) {
        let phase = Account::<Assignment>::load(view)?.phase();
        if phase != Phase::Done {
            return Err(HmmError::JobPhase.refuse(Phase::Done.code().into(), phase.code().into()));
        }
    }
    let event = RoundClosed { round: *accounts.round.address(), assignment: accounts.round.assignment, number: accounts.round.number };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
