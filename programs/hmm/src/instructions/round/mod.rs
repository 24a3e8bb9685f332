//! Verification and settlement: what a worker attests, who judges it, who disputes the judgement, and who gets what.

pub mod appeal;
pub mod challenge;
pub mod claim_assignment;
pub mod close_round;
pub mod commit;
pub mod draw;
pub mod fund_bonus;
pub mod prove_leaf;
pub mod reveal;
pub mod settle;
pub mod submit_attestation;
pub mod tally;

use anchor_lang::prelude::*;
use hmm_job::Actor;

use crate::{
    books::{Event, Flows, book},
    errors::{HmmError, OrRefuseJob, SUBJECT_CALL},
    state::{Assignment, Job, Round, STAGE_REVEALED, VerifierSet},
};

/// Applies an event in which no number of the worker moves. Errors: those of `hmm_job::Job::apply`.
#[inline(never)]
pub fn apply(job: &mut Job, assignment: &mut Assignment, by: Actor, now: i64, event: Event) -> Result<Flows> {
    let (mut machine, mut part) = (job.machine(), assignment.machine());
    let effects = machine.apply(&mut part, by, now, event).or_refuse()?;
    job.store(&machine);
    assignment.store(&part);
    book(&effects, job, None)
}

/// Errors `WrongAccount` unless the round is the one that runs: the last one of its assignment.
pub fn require_running(round: &Round, assignment: &Assignment, address: &Address) -> Result<()> {
    if !anchor_lang::address_eq(&round.assignment, address) {
        return Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, address, &round.assignment));
    }
    round.require_uncounted()?;
    // An earlier round of the assignment is counted; so the number agrees, and is checked all the same.
    let last = assignment.rounds.saturating_sub(1);
    if round.number != last {
        return Err(HmmError::RoundCounted.refuse(last.into(), round.number.into()));
    }
    Ok(())
}

/// Books a fee for every seat that has revealed. Errors: `Overflow`.
pub fn pay_seats(set: &mut VerifierSet, round: &Round, fee: u64) -> Result<()> {
    for seat in round.seats().iter().filter(|seat| seat.stage == STAGE_REVEALED) {
        set.earn(seat.index, &seat.verifier, fee)?;
    }
    Ok(())
}
