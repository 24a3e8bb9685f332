use anchor_lang::prelude::*;
use hmm_attest::digest::{Domain, VerifierCommit};

use crate::{
    events::{VoteRevealed, emit_by_cpi},
    expect,
    state::{Market, Medians, Round},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Reveal {
    pub verifier: Signer,
    #[account(expect::address = round.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub round: Account<Round>,
}

/// Opens a vote: what a verifier found, and the salt that hid it.
///
/// Specification (protocol.md, *Jobs* 5):
/// 1. Only the verifier that has the seat; once; in the second half of the round, or as soon as all seats have committed.
/// 2. Exactly the vote that was committed to, in this round, from this seat; a score of at most 10,000.
/// 3. One seat, one vote, whatever its stake.
pub fn handler(ctx: &mut Context<Reveal>, seat: u8, score: u16, delta_i: i64, delta_u: i64, salt: [u8; 32]) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (verifier, round) = (*accounts.verifier.address(), *accounts.round.address());
    let market = &accounts.market;
    let domain = Domain { program: crate::ID.to_bytes(), genesis: market.genesis_hash, market: market.address().to_bytes() };
    let digest = VerifierCommit { round: round.to_bytes(), seat, score, delta_i, delta_u, salt }.digest(&domain);
    let vote = Medians { score, delta_i, delta_u };
    accounts.round.reveal(seat, &verifier, vote, &digest, Clock::get()?.unix_timestamp)?;
    let event = VoteRevealed { round, seat, verifier, score, delta_i, delta_u, revealed: accounts.round.revealed };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
