//! What can be drawn, and whom a draw would choose.

use hmm_attest::Hash;
use hmm_client::address;
use hmm_client::generated::accounts::{ASSIGNMENT_DISCRIMINATOR, Assignment, VERIFIER_SET_DISCRIMINATOR, VerifierSet};
use hmm_client::jobs::{decode_assignment, machine, machine_part};
use hmm_client::rounds::{self, SLOT_HASHES, Trial, awaits_draw};
use hmm_job::{Actor, Event, committee};
use solana_address::Address;

use super::{Answer, Chain, Error, Node, case, of_kind};
use crate::run::Case;
use crate::turn::{Seated, Stage};

/// A slot, u64, and its hash.
const ENTRY: usize = 40;

/// Slot, time, and the hashes of slots: what draws depend on.
pub(super) struct Moment {
    slot: u64,
    pub now: i64,
    /// The newest first.
    hashes: Vec<[u8; ENTRY]>,
}

impl Moment {
    /// The hash that would draw: the oldest that is known from the target slot on.
    pub fn hash(&self, assignment: &Assignment) -> Option<Hash> {
        let target = committee::target_slot(assignment.draw_slot, self.slot)?;
        let slot = |entry: &[u8; ENTRY]| entry.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let after = self.hashes.partition_point(|entry| slot(entry) >= target);
        self.hashes.get(after.checked_sub(1)?)?.last_chunk().copied()
    }
}

impl<N: Node> Chain<N> {
    pub(super) fn moment(&self) -> Answer<Moment, N> {
        let (slot, now) = self.clock()?;
        let data = self.node.account(&SLOT_HASHES).map_err(Error::Node)?.unwrap_or_default();
        let (count, entries) = data.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let count = usize::try_from(u64::from_le_bytes(*count)).unwrap_or(usize::MAX);
        Ok(Moment { slot, now, hashes: entries.as_chunks().0.iter().take(count).copied().collect() })
    }

    /// The work of the market whose committee can be drawn, and the seat that the draw would give to this verifier.
    pub(super) fn drawable(&self, verifier: &Address) -> Answer<Vec<(Option<Seated>, Case)>, N> {
        let (mut waiting, mut moment) = (vec![], None);
        for (address, data) in self.node.accounts(&[(0, &ASSIGNMENT_DISCRIMINATOR)]).map_err(Error::Node)? {
            let assignment = decode_assignment(&data).map_err(|error| Error::Account { address, error })?;
            if !awaits_draw(&assignment) {
                continue;
            }
            let moment = match &mut moment {
                Some(moment) => moment,
                none => none.insert(self.moment()?),
            };
            if moment.now >= assignment.until
                && let Some(hash) = moment.hash(&assignment)
            {
                waiting.push((address, hash, moment.now));
            }
        }
        let mut draws = vec![];
        for (address, hash, now) in waiting {
            let trial = self.trial(address)?;
            if trial.job.job.market == self.market {
                draws.push((self.foresee(&trial, verifier, &hash, now)?, case(&trial)));
            }
        }
        Ok(draws)
    }

    /// The seat of a verifier in the committee that this hash draws.
    fn foresee(&self, trial: &Trial, verifier: &Address, hash: &Hash, now: i64) -> Answer<Option<Seated>, N> {
        let set: VerifierSet =
            self.read(address::verifier_set(&self.market), of_kind(VERIFIER_SET_DISCRIMINATOR, VerifierSet::from_bytes))?;
        let worker = self.worker(trial.assignment.worker)?;
        let earlier = (0..trial.rounds_to_hold_against()).map(|n| self.read(address::round(&trial.address, n), rounds::decode_round));
        let drawn = trial.drawn(&set, &worker, hash, &earlier.collect::<Answer<Vec<_>, N>>()?);
        let (mut job, mut part) = (machine(&trial.job.job), machine_part(&trial.assignment));
        let event = Event::Draw { eligible: drawn.eligible, random: drawn.word, newcomer: trial.assignment.newcomer };
        if job.apply(&mut part, Actor::Anyone, now, event).is_err() {
            return Ok(None);
        }
        let owner = |place: &u8| set.verifiers.get(usize::from(*place)).map(|verifier| verifier.owner);
        let seat = (0..part.seats).zip(&drawn.places).find(|(_, place)| owner(place) == Some(*verifier));
        Ok(seat.map(|(seat, _)| Seated {
            round: trial.round().to_bytes(),
            seat,
            stage: Stage::Drawn,
            until: part.until,
            length: trial.job.job.terms.round,
            all_committed: false,
            counted: false,
        }))
    }
}
