//! What settled work says about its worker.

use anchor_lang::prelude::Address;
use hmm_job::{Code, Outcome, PPM};
use hmm_math::{
    Ppm,
    quality::{MAX_SCORE, ONE, Posterior, weight_floor},
};

use super::{Assignment, Job, Worker, epoch};

/// What an outcome counts whose only ground is the committee's word, without a receipt or a trace that the program could re-execute.
const LEVEL_WORD: Ppm = Ppm(PPM / 2);
/// What any other counts.
const LEVEL_PROVEN: Ppm = Ppm(PPM);

/// A hundred faults of this weight fit the limit of the evidence; a million outcomes.
const LARGEST_FAULT: u64 = ONE << 20;

impl Worker {
    /// Records how an assignment ended, per resource, weighed by the value of its units: work that a committee has scored as good, proven
    /// faults as bad. Nothing is recorded of work that nobody judged.
    ///
    /// The weight of good work is capped twice: per outcome, and per client and epoch by what one outcome may weigh. A fault counts with its
    /// whole value. What cannot be recorded (evidence at its limit) is left out: nothing here may hold up a settlement.
    /// Source: protocol.md, *Quality*.
    #[inline(never)]
    pub fn record(&mut self, job: &Job, assignment: &Assignment, now: i64) {
        let (score, fault) = match Outcome::load(assignment.outcome) {
            // Work that was not sampled has no score.
            Some(Outcome::Passed) if assignment.score > 0 => (assignment.score.min(MAX_SCORE), false),
            Some(Outcome::Failed) => (assignment.score.min(MAX_SCORE), true),
            Some(Outcome::Late | Outcome::Fraud) => (0, true),
            _ => return,
        };
        let epoch = epoch(now);
        let level = if bool::from(assignment.receipt) || job.proof_level > 0 { LEVEL_PROVEN } else { LEVEL_WORD };
        let terms = &job.terms;
        let most = weight_floor(u64::MAX, terms.quality_cap, terms.quality_reference, LEVEL_PROVEN).unwrap_or_default();
        for (line, value) in job.lines().iter().zip(assignment.values) {
            let weigh = |cap| weight_floor(value, cap, terms.quality_reference, level);
            let weight = match fault {
                true => weigh(u64::MAX).unwrap_or(LARGEST_FAULT).min(LARGEST_FAULT),
                false => self.admit(&job.owner, weigh(terms.quality_cap).unwrap_or_default(), most, epoch),
            };
            if weight == 0 {
                continue;
            }
            let Some(stored) = self.quality.get_mut(usize::from(line.resource)) else { continue };
            let mut posterior = Posterior::from(*stored);
            if posterior.record(epoch, score, weight, fault).is_ok() {
                *stored = posterior.into();
            }
        }
    }

    /// How much of `weight` still counts for this client in this epoch, where `most` does; counts it. Of more than eight clients, the one
    /// that counted least gives its place up, and the newcomer takes over what it had: nobody counts for less than it has.
    fn admit(&mut self, client: &Address, weight: u64, most: u64, epoch: u64) -> u64 {
        if self.epoch != epoch {
            (self.epoch, self.counterparties) = (epoch, Default::default());
        }
        let prefix = client.as_ref().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let known = self.counterparties.iter().position(|party| party.client == prefix && party.weight > 0);
        let least = || (0..self.counterparties.len()).min_by_key(|i| self.counterparties.get(*i).map(|party| party.weight));
        let Some(party) = known.or_else(least).and_then(|i| self.counterparties.get_mut(i)) else { return 0 };
        let counts = weight.min(most.saturating_sub(party.weight));
        party.client = prefix;
        party.weight = party.weight.saturating_add(counts);
        counts
    }
}
