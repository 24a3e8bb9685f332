use anchor_lang::prelude::*;

use crate::{
    events::{VoteCommitted, emit_by_cpi},
    state::Round,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Commit {
    pub verifier: Signer,
    #[account(mut)]
    pub round: Account<Round>,
}

/// Binds a verifier to a vote that nobody knows yet.
///
/// Specification (protocol.md, *Jobs* 5):
/// 1. Only the verifier that has the seat; once; in the first half of the round.
/// 2. The digest names round and seat: copied to another seat it cannot be revealed there.
pub fn handler(ctx: &mut Context<Commit>, seat: u8, commitment: [u8; 32]) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (verifier, now) = (*accounts.verifier.address(), Clock::get()?.unix_timestamp);
    accounts.round.commit(seat, &verifier, commitment, now)?;
    let event = VoteCommitted { round: *accounts.round.address(), seat, verifier, committed: accounts.round.committed };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
