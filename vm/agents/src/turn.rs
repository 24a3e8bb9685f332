//! What an agent does next, from what the chain says: pure decisions, taken anew whenever something may have changed. Whoever drives an
//! agent reads accounts into the views here, asks, sends what comes out, and asks again; a transaction that was lost is decided upon
//! again, one that was sent twice is refused the second time.

use hmm_attest::digest::Domain;
use hmm_attest::{Hash, Key, Refusal};
use hmm_job::{Phase, Verdict, committee};
use thiserror::Error;

use crate::judge::{Fraud, Judgement};
use crate::keystore::{self, Keystore, random};
use crate::vote::Vote;

/// An assignment, as its worker sees it.
#[derive(Clone, Copy, Debug)]
pub struct Assigned {
    /// Where it is.
    pub phase: Phase,
    /// End of starting, unix time.
    pub start_by: i64,
    /// End of submitting.
    pub submit_by: i64,
    /// Of a gang of which not all have started.
    pub waits_for_others: bool,
    /// The worker has the input and the capacity.
    pub able: bool,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerTurn {
    /// Signs the start.
    Start,
    /// Declines: it costs nothing, not coming does.
    Decline,
    /// Runs the computation and attests it.
    Submit,
    /// Nothing.
    Rest,
}

impl Assigned {
    /// The worker's turn at `now`.
    pub fn turn(&self, now: i64) -> WorkerTurn {
        match self.phase {
            Phase::Reserved if now < self.start_by && self.able => WorkerTurn::Start,
            Phase::Reserved if now < self.start_by => WorkerTurn::Decline,
            Phase::Running if now < self.submit_by && !self.waits_for_others => WorkerTurn::Submit,
            _ => WorkerTurn::Rest,
        }
    }
}

/// How far a seat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Drawn, nothing said.
    Drawn,
    /// Bound to a vote by this digest.
    Committed(Hash),
    /// The vote is known.
    Revealed,
}

/// A seat in a round, as its verifier sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seated {
    /// The round's address.
    pub round: Key,
    /// The seat's number.
    pub seat: u8,
    /// How far it is.
    pub stage: Stage,
    /// End of the round, unix time.
    pub until: i64,
    /// Seconds of commit and reveal together.
    pub length: u32,
    /// All seats have committed: revealing begins early.
    pub all_committed: bool,
    /// The votes are counted.
    pub counted: bool,
}

/// What a verifier does in its seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatTurn {
    /// Commits to this digest.
    Commit(Hash),
    /// Reveals.
    Reveal(Vote),
    /// Nothing.
    Rest,
}

/// Why a verifier cannot vote.
#[derive(Debug, Error)]
pub enum Error {
    /// The keystore.
    #[error(transparent)]
    Keystore(#[from] keystore::Error),
    /// The claim is none that a job can make.
    #[error("the claim cannot be judged: {}", .0.reason.message())]
    Claim(Refusal),
    /// The seat has committed, and this keystore knows nothing of it: it was another's, or an older copy.
    #[error("the vote that the seat has committed to is not in the keystore")]
    LostVote,
}

impl Seated {
    /// The verifier's turn at `now`. `judge` is asked once, with the salt of the vote; the vote is on the disk before its commitment comes
    /// out, and stays there until the round no longer needs it.
    ///
    /// # Errors
    /// [`Error`].
    pub fn turn(
        &self,
        now: i64,
        domain: &Domain,
        store: &mut Keystore,
        judge: impl FnOnce(&Hash) -> Result<Judgement, Refusal>,
    ) -> Result<SeatTurn, Error> {
        if self.counted || now >= self.until || self.stage == Stage::Revealed {
            store.forget_vote(&self.round)?;
            return Ok(SeatTurn::Rest);
        }
        let kept = store.vote(&self.round)?;
        match (self.stage, kept) {
            (Stage::Committed(commitment), Some(vote)) if vote.commitment(domain, &self.round) == commitment => {
                let open = committee::require_reveal(self.until, self.length, self.all_committed, now).is_ok();
                Ok(if open { SeatTurn::Reveal(vote) } else { SeatTurn::Rest })
            }
            (Stage::Committed(_), _) => Err(Error::LostVote),
            _ if committee::require_commit(self.until, self.length, now).is_err() => Ok(SeatTurn::Rest),
            (_, Some(vote)) => Ok(SeatTurn::Commit(vote.commitment(domain, &self.round))),
            (_, None) => {
                let salt = random()?;
                let vote = Vote::new(&judge(&salt).map_err(Error::Claim)?, self.seat, salt);
                store.keep_vote(&self.round, &vote)?;
                Ok(SeatTurn::Commit(vote.commitment(domain, &self.round)))
            }
        }
    }
}

/// A verdict, as whoever has found a fraud sees it.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Where the assignment is.
    pub phase: Phase,
    /// End of its window, unix time.
    pub until: i64,
    /// The verdict so far.
    pub verdict: Option<Verdict>,
}

/// What is done about a fraud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FraudTurn {
    /// Disputes the verdict; the proof may follow in the same transaction.
    Challenge,
    /// Appeals the ruling, then proves.
    Appeal,
    /// Proves it.
    Prove(Fraud),
    /// Nothing: there is no verdict yet, or none that the proof would change, or it is too late.
    Rest,
}

impl Judged {
    /// The turn at `now` of somebody who holds the proof of a fraud.
    pub fn turn(&self, now: i64, fraud: &Fraud) -> FraudTurn {
        let undeserved = self.verdict == Some(Verdict::Pass);
        match self.phase {
            Phase::Disputed | Phase::Appealed => FraudTurn::Prove(fraud.clone()),
            Phase::Window if undeserved && now < self.until => FraudTurn::Challenge,
            Phase::Ruled if undeserved && now < self.until => FraudTurn::Appeal,
            _ => FraudTurn::Rest,
        }
    }
}
