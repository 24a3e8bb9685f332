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
    /// Of a gang of which, before its start, not all are named, and after it not all have started.
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
            Phase::Reserved if now < self.start_by && !self.able => WorkerTurn::Decline,
            Phase::Reserved if now < self.start_by && !self.waits_for_others => WorkerTurn::Start,
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
        // of a seat that was foreseen before the draw, which may have given another
        let kept = store.vote(&self.round)?.map(|vote| Vote { seat: self.seat, ..vote });
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

/// What anybody may do, and a keeper does as soon as it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crank {
    /// Draws a committee, or finds that none is needed or can be had.
    Draw,
    /// Counts the votes.
    Tally,
    /// Ends an assignment that missed its time.
    Expire,
    /// Pays everything out by the final verdict.
    Settle,
    /// Pays challengers, appellant and finder, and closes the assignment.
    ClaimAssignment,
    /// Closes a round of an assignment that is done.
    CloseRound,
    /// Ends a job that can no longer be assigned.
    CloseJob,
    /// Pays a closed job out to its client, and closes its account.
    ClaimJob,
    /// Burns what was slashed from verifiers.
    BurnSlashed,
    /// Burns and pays out what a pool's fees owe.
    CollectFees,
}

/// An account of a market, as a keeper sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// An assignment.
    Assignment(KeptAssignment),
    /// A job.
    Job(KeptJob),
    /// A round.
    Round {
        /// Its assignment is done, or closed.
        over: bool,
    },
    /// The verifiers.
    Verifiers {
        /// Slashed and not burned yet, raw credits.
        slashed: u64,
        /// What is worth a transaction.
        least: u64,
    },
    /// A pool.
    Pool {
        /// What its fees owe to the burn and the treasury, raw credits.
        due: u64,
        /// What is worth a transaction.
        least: u64,
    },
}

/// An assignment, as a keeper sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptAssignment {
    /// Where it is.
    pub phase: Phase,
    /// End of starting, unix time.
    pub start_by: i64,
    /// End of submitting.
    pub submit_by: i64,
    /// Of a gang of which not all have started.
    pub waits_for_others: bool,
    /// End of the window of its phase.
    pub until: i64,
    /// Seats of the round that runs, 0 before its draw.
    pub seats: u8,
    /// Seats of it that have revealed.
    pub revealed: u8,
    /// The hash that draws is known.
    pub hash_known: bool,
    /// It owes somebody something.
    pub owes: bool,
    /// One of them can be paid: the token account exists.
    pub payable: bool,
}

/// A job, as a keeper sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptJob {
    /// It is closed.
    pub closed: bool,
    /// Assignments that are not done.
    pub live: u8,
    /// End of assigning, unix time.
    pub assign_by: i64,
    /// Something of the client's is in it for which the client has a token account.
    pub payable: bool,
    /// Nothing is left in it for anybody.
    pub spent: bool,
}

impl Kept {
    /// What is due at `now`.
    pub fn turn(&self, now: i64) -> Option<Crank> {
        match self {
            Kept::Assignment(assignment) => assignment.turn(now),
            Kept::Job(job) => job.turn(now),
            Kept::Round { over } => over.then_some(Crank::CloseRound),
            Kept::Verifiers { slashed, least } => (slashed >= least && *slashed > 0).then_some(Crank::BurnSlashed),
            Kept::Pool { due, least } => (due >= least && *due > 0).then_some(Crank::CollectFees),
        }
    }
}

impl KeptAssignment {
    fn turn(&self, now: i64) -> Option<Crank> {
        let (crank, due) = match self.phase {
            Phase::Reserved => (Crank::Expire, now >= self.start_by),
            Phase::Running if self.waits_for_others => (Crank::Expire, now >= self.start_by),
            Phase::Running => (Crank::Expire, now >= self.submit_by),
            Phase::Submitted => (Crank::Draw, now >= self.until && self.hash_known),
            Phase::Verifying | Phase::Disputed | Phase::Appealed if self.seats == 0 => (Crank::Draw, now >= self.until && self.hash_known),
            Phase::Verifying | Phase::Disputed | Phase::Appealed => (Crank::Tally, now >= self.until || self.revealed == self.seats),
            Phase::Window | Phase::Ruled => (Crank::Settle, now >= self.until),
            Phase::Final => (Crank::Settle, true),
            Phase::Done => (Crank::ClaimAssignment, self.payable || !self.owes),
        };
        due.then_some(crank)
    }
}

impl KeptJob {
    fn turn(&self, now: i64) -> Option<Crank> {
        match self.closed {
            true => (self.payable || self.spent).then_some(Crank::ClaimJob),
            false => (self.live == 0 && now >= self.assign_by).then_some(Crank::CloseJob),
        }
    }
}
