//! Jobs: their state at one moment, the instructions of their life, and what comes next.

mod instructions;
mod status;

use std::io;

use hmm_job::{Code, Outcome, Phase, Verdict};
use solana_address::Address;

use crate::generated::{
    accounts::{ASSIGNMENT_DISCRIMINATOR, Assignment, JOB_DISCRIMINATOR, Job, Market},
    types::Lot,
};

pub use instructions::{open, register};
pub use status::{Party, Status, Step, status};

/// The machine of the program.
pub type Machine = hmm_job::Job<8>;
/// One assignment of it.
pub type MachinePart = hmm_job::Assignment<8>;

/// A job with its market.
#[derive(Clone, Debug)]
pub struct JobState {
    pub address: Address,
    pub job: Job,
    pub market: Market,
}

impl JobState {
    /// From account data. Errors if one of them is not an account of that kind.
    pub fn decode(address: Address, job: &[u8], market: &[u8]) -> io::Result<Self> {
        let job = Job::from_bytes(job)?;
        if job.discriminator != JOB_DISCRIMINATOR {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the account is no job"));
        }
        Ok(Self { address, job, market: Market::from_bytes(market)? })
    }

    /// The next assignment's address.
    pub fn next_assignment(&self) -> Address {
        crate::address::assignment(&self.address, self.job.assigned)
    }
}

/// An assignment from account data. Errors if it is not one.
pub fn decode_assignment(data: &[u8]) -> io::Result<Assignment> {
    let assignment = Assignment::from_bytes(data)?;
    if assignment.discriminator != ASSIGNMENT_DISCRIMINATOR {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the account is no assignment"));
    }
    Ok(assignment)
}

/// The job in the terms of the machine that decides about it.
pub fn machine(job: &Job) -> Machine {
    let terms = &job.terms;
    hmm_job::Job {
        terms: hmm_job::Terms {
            gang: job.gang,
            assign_by: job.assign_by,
            start_by: job.start_by,
            submit_by: job.submit_by,
            notice: terms.notice,
            draw_delay: terms.draw_delay,
            round: terms.round,
            challenge: terms.challenge,
            appeal: terms.appeal,
            gamma: job.gamma,
            reservation: terms.reservation,
            reservation_fee: terms.reservation_fee,
            seat_fee: terms.seat_fee,
            seats: terms.seats,
            seats_high: terms.seats_high,
            high_value: terms.high_value,
            min_bond: terms.min_bond,
            pass_score: terms.pass_score,
            bonus_score: terms.bonus_score,
            bonus: terms.bonus,
            bonus_cap: terms.bonus_cap,
            sample_margin: terms.sample_margin,
            sample_min: terms.sample_min,
        },
        credits: job.credits,
        lots: job.lines.clone().map(|line| lot(&line.lot)),
        assigned: job.assigned,
        launched: job.launched,
        sealed: job.sealed.checked_sub(1).map(|sealed| sealed != 0),
        accepted: job.accepted,
        worst: Outcome::load(job.worst),
        closed: Outcome::load(job.closed),
        counts: job.counts,
    }
}

/// An assignment in the terms of the machine.
pub fn machine_part(assignment: &Assignment) -> MachinePart {
    let a = assignment;
    hmm_job::Assignment {
        index: a.index,
        phase: Phase::from_code(a.phase).unwrap_or(Phase::Done),
        lots: a.lots.clone().map(|of| lot(&of)),
        fee: a.fee,
        fees: a.fees,
        bond: a.bond,
        payment: a.payment,
        cost: a.cost,
        burned: a.burned,
        receipt: a.receipt,
        until: a.until,
        seats: a.seats,
        again: a.again,
        score: a.score,
        tentative: Verdict::load(a.tentative),
        ruled: Verdict::load(a.ruled),
        verdict: Verdict::load(a.verdict),
        challengers: a.challenger_count,
        appealed: a.appealed,
        void: a.void,
        challenge_bond: a.challenge_bond,
        challenge_fees: a.challenge_fees,
        appeal_fees: a.appeal_fees,
        outcome: Outcome::load(a.outcome),
    }
}

fn lot(lot: &Lot) -> hmm_job::Lot {
    hmm_job::Lot { bought: lot.bought, wallet: lot.wallet, paid: lot.paid, burned: lot.burned }
}

/// What a stored outcome is: 0 is none, else one more than its number.
pub fn outcome(stored: u8) -> Option<Outcome> {
    Outcome::load(stored)
}
