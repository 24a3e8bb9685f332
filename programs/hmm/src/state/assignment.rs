use anchor_lang::prelude::*;
use hmm_job::{Code, Outcome, Phase, Verdict};

use super::{Lot, MAX_LINES};

/// Layout of this account.
pub const ASSIGNMENT_VERSION: u8 = 1;

/// One worker's part of a job, from its reservation to what everybody takes out of it.
///
/// PDA `["assignment", job, index]`; an index is used once. Arrays are indexed by the job's lines unless said otherwise. What stands in
/// the fields of the machine (`hmm_job::Assignment`) means what it means there. Source: protocol.md, *Jobs*.
#[account]
pub struct Assignment {
    pub version: u8,
    pub bump: u8,
    pub index: u8,
    /// `hmm_job::Phase`.
    pub phase: u8,
    /// Valid enclave receipt.
    pub receipt: PodBool,
    /// Seats of the running round.
    pub seats: u8,
    pub again: PodBool,
    pub appealed: PodBool,
    pub void: PodBool,
    /// Challengers.
    pub challenger_count: u8,
    /// Verdicts (`hmm_job::Verdict`) plus one, 0 for none.
    pub tentative: u8,
    pub ruled: u8,
    pub verdict: u8,
    /// `hmm_job::Outcome` plus one, 0 while it is not over.
    pub outcome: u8,
    pub score: u16,
    /// Rounds drawn so far: the number of the next one.
    pub rounds: u8,
    /// One of the worker's first.
    pub newcomer: PodBool,
    pub _reserved: [u8; 6],
    pub fee: u64,
    pub fees: u64,
    pub bond: u64,
    pub payment: u64,
    pub cost: u64,
    pub burned: u64,
    pub until: i64,
    pub challenge_bond: u64,
    pub challenge_fees: u64,
    pub appeal_fees: u64,
    pub lots: [Lot; 8],
    /// The worker's share of held that became the payment.
    pub shares: [u64; 8],
    /// The fees burned by the supply of these units.
    pub burned_shares: [u64; 8],
    /// Value of the units at mark_lo when they started.
    pub values: [u64; 8],
    /// Raw units to deliver: units over the worker's quality at the assignment, rounded up.
    pub raw_units: [u64; 8],
    /// Raw units used, as attested, per resource of the pool.
    pub usage: [u64; 8],
    /// The slot whose hash, or the next one's, draws the next committee.
    pub draw_slot: u64,
    /// Unix time of the submission.
    pub submitted_at: i64,
    /// Medians of the last committee that decided.
    pub delta_i: i64,
    pub delta_u: i64,
    /// What the challengers may still take out together, in equal parts.
    pub challenger_claim: u64,
    pub appellant_claim: u64,
    pub finder_claim: u64,
    pub job: Address,
    pub worker: Address,
    /// Who paid the rent, and gets it back.
    pub rent_payer: Address,
    pub challengers: [Address; 4],
    pub appellant: Address,
    /// Who proved a fraud.
    pub finder: Address,
    pub report_digest: [u8; 32],
    pub output_root: [u8; 32],
    pub trace_root: [u8; 32],
    pub measurement: [u8; 32],
}

/// The machine of the program.
pub type AssignmentMachine = hmm_job::Assignment<MAX_LINES>;

impl Assignment {
    /// The assignment in the terms of the machine.
    pub fn machine(&self) -> AssignmentMachine {
        AssignmentMachine {
            index: self.index,
            phase: self.phase(),
            lots: self.lots.map(Into::into),
            fee: self.fee,
            fees: self.fees,
            bond: self.bond,
            payment: self.payment,
            cost: self.cost,
            burned: self.burned,
            receipt: self.receipt.into(),
            until: self.until,
            seats: self.seats,
            again: self.again.into(),
            score: self.score,
            tentative: Verdict::load(self.tentative),
            ruled: Verdict::load(self.ruled),
            verdict: Verdict::load(self.verdict),
            challengers: self.challenger_count,
            appealed: self.appealed.into(),
            void: self.void.into(),
            challenge_bond: self.challenge_bond,
            challenge_fees: self.challenge_fees,
            appeal_fees: self.appeal_fees,
            outcome: Outcome::load(self.outcome),
        }
    }

    /// Writes back what an event changed.
    pub fn store(&mut self, machine: &AssignmentMachine) {
        self.index = machine.index;
        self.phase = machine.phase.code();
        for (lot, new) in self.lots.iter_mut().zip(machine.lots) {
            *lot = new.into();
        }
        self.fee = machine.fee;
        self.fees = machine.fees;
        self.bond = machine.bond;
        self.payment = machine.payment;
        self.cost = machine.cost;
        self.burned = machine.burned;
        self.receipt = machine.receipt.into();
        self.until = machine.until;
        self.seats = machine.seats;
        self.again = machine.again.into();
        self.score = machine.score;
        self.tentative = Verdict::store(machine.tentative);
        self.ruled = Verdict::store(machine.ruled);
        self.verdict = Verdict::store(machine.verdict);
        self.challenger_count = machine.challengers;
        self.appealed = machine.appealed.into();
        self.void = machine.void.into();
        self.challenge_bond = machine.challenge_bond;
        self.challenge_fees = machine.challenge_fees;
        self.appeal_fees = machine.appeal_fees;
        self.outcome = Outcome::store(machine.outcome);
    }

    /// Notes who joined the dispute with its last event.
    pub fn name_challenger(&mut self, challenger: &Address) {
        let last = usize::from(self.challenger_count.saturating_sub(1));
        if let Some(name) = self.challengers.get_mut(last) {
            *name = *challenger;
        }
    }

    /// Takes out all that is `payee`'s: each challenger an equal part, the first to come the odd credits; what the appellant won; what the
    /// finder found. Zero if nothing is.
    pub fn take_claims(&mut self, payee: &Address) -> u64 {
        let nobody = Address::default();
        if *payee == nobody {
            return 0;
        }
        let mut taken = 0u64;
        let mut waiting = self.challengers.iter().filter(|name| **name != nobody).count() as u64;
        for name in self.challengers.iter_mut().filter(|name| **name == *payee) {
            let part = self.challenger_claim.div_ceil(waiting.max(1));
            self.challenger_claim = self.challenger_claim.saturating_sub(part);
            taken = taken.saturating_add(part);
            waiting = waiting.saturating_sub(1);
            *name = nobody;
        }
        if self.appellant == *payee {
            taken = taken.saturating_add(core::mem::take(&mut self.appellant_claim));
        }
        if self.finder == *payee {
            taken = taken.saturating_add(core::mem::take(&mut self.finder_claim));
        }
        taken
    }

    /// Nothing of anybody's is left in it, and nothing can come into it: it may be closed.
    pub fn is_spent(&self) -> bool {
        self.phase() == Phase::Done && self.challenger_claim == 0 && self.appellant_claim == 0 && self.finder_claim == 0
    }

    /// Where it is.
    pub fn phase(&self) -> Phase {
        Phase::from_code(self.phase).unwrap_or(Phase::Done)
    }
}
