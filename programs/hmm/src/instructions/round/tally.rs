use anchor_lang::prelude::*;
use hmm_job::{Actor, Phase, committee};

use super::{apply, pay_seats, require_running};
use crate::{
    books::Event,
    events::{VotesCounted, emit_by_cpi},
    expect,
    payout::SignerSeeds,
    state::{Assignment, Job, Market, Round, STAGE_REVEALED, VerifierSet},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Tally {
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub verifier_set: Account<VerifierSet>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = verifier_set.vault)]
    pub stake_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Counts the votes of a round.
///
/// Specification (protocol.md, *Jobs* 5, 6):
/// 1. Anybody may, from the end of the round on, or as soon as every seat has revealed.
/// 2. The median of what was revealed decides, if at least two thirds were; of an even number the lower of the two in the middle.
/// 3. A seat that revealed has its fee, by one transfer to the verifiers' vault for all of them; one that did not loses its fee and a part
///    of its stake.
/// 4. A round is counted once.
pub fn handler(ctx: &mut Context<Tally>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    accounts.verifier_set.require_market(accounts.market.address())?;
    require_running(&accounts.round, &accounts.assignment, accounts.assignment.address())?;
    let (revealed, seats, medians) = (accounts.round.revealed, accounts.round.seat_count, accounts.round.medians());
    let event = Event::Tally { revealed, score: medians.score };
    let flows = apply(&mut accounts.job, &mut accounts.assignment, Actor::Anyone, clock.unix_timestamp, event)?;
    accounts.round.counted = true.into();

    let assignment = &mut accounts.assignment;
    if committee::is_quorum(revealed, seats) {
        (assignment.delta_i, assignment.delta_u) = (medians.delta_i, medians.delta_u);
    } else if assignment.phase() == Phase::Verifying {
        assignment.draw_slot = committee::draw_slot(clock.slot, accounts.job.terms.draw_slots, 0);
    }
    pay_seats(&mut accounts.verifier_set, &accounts.round, accounts.job.terms.seat_fee)?;
    let slashed = accounts.slash_silent()?;
    let event = VotesCounted {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        assignment: *accounts.assignment.address(),
        number: accounts.round.number,
        revealed,
        seats,
        score: medians.score,
        delta_i: medians.delta_i,
        delta_u: medians.delta_u,
        phase: accounts.assignment.phase,
        verdict: accounts.assignment.verdict,
        fees: flows.escrow_to_verifiers,
        slashed,
    };
    accounts.pay(flows.escrow_to_verifiers);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

impl Tally {
    /// Slashes the seats that did not reveal; gives how much in all. Errors: `Overflow`.
    fn slash_silent(&mut self) -> Result<u64> {
        let (set, amount) = (&mut self.verifier_set, self.market.verification.non_reveal_slash);
        let mut slashed = 0u64;
        for seat in self.round.seats().iter().filter(|seat| seat.stage != STAGE_REVEALED) {
            slashed = slashed.saturating_add(set.slash(seat.index, &seat.verifier, amount)?);
        }
        Ok(slashed)
    }

    fn pay(&self, fees: u64) {
        if fees == 0 {
            return;
        }
        let signer = SignerSeeds::of_job(&self.job);
        let credits = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        credits.transfer(self.escrow.account(), self.stake_vault.account(), self.job.account(), fees, &[&signer.seeds()]);
    }
}
