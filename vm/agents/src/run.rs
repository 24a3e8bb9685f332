//! Agents at work: one round of looking and acting, to be repeated for as long as the agent lives. All state is on the [`Ledger`] and in
//! the keystore, so an agent may stop at any moment and start again.

use hmm_attest::digest::{Attestation, Domain};
use hmm_attest::trace::Claim;
use hmm_attest::{Hash, Key, RESOURCES};
use solana_keypair::Keypair;
use solana_signer::Signer as _;
use thiserror::Error;

use crate::judge::{Fraud, Judgement, judge};
use crate::keystore::{self, Keystore};
use crate::shelf::Shelf;
use crate::turn::{self, Assigned, Crank, FraudTurn, Judged, Kept, SeatTurn, Seated, WorkerTurn};
use crate::vote::Vote;
use crate::work::{Work, report_digest};

/// An assignment of a worker.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The job's address.
    pub job: Key,
    /// The assignment's address.
    pub assignment: Key,
    /// The worker's address.
    pub worker: Key,
    /// What its turn depends on.
    pub assigned: Assigned,
    /// Root of the model.
    pub model_root: Hash,
    /// Root of the input.
    pub input_root: Hash,
    /// The trace has 2^depth steps.
    pub depth: u8,
    /// Raw units to deliver, per resource of the pool: what the agent tells as used.
    pub usage: [u64; RESOURCES],
}

/// A key of a worker's enclave, as it was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnclaveKey {
    /// The key.
    pub key: Key,
    /// What the enclave runs.
    pub measurement: Hash,
    /// When it ceases to be valid, unix time.
    pub expiry: i64,
}

/// Attested work that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The job's address.
    pub job: Key,
    /// The assignment's address.
    pub assignment: Key,
    /// What was attested, and asked for.
    pub claim: Claim,
    /// Units attested as used.
    pub usage: [u64; RESOURCES],
    /// Attested.
    pub report_digest: Hash,
    /// The program redoes disputed steps: proof level 1.
    pub provable: bool,
    /// What the turn of a fraud's finder depends on.
    pub judged: Judged,
}

/// What agents need of the chain: accounts as views, actions as transactions that are confirmed when they return.
pub trait Ledger {
    /// Why something could not be read or was refused.
    type Error: std::error::Error;
    /// Unix time of the chain.
    fn now(&self) -> Result<i64, Self::Error>;
    /// Where digests are valid.
    fn domain(&self) -> Result<Domain, Self::Error>;
    /// The assignments of a worker that are reserved or running.
    fn tasks(&self, worker: &Key) -> Result<Vec<Task>, Self::Error>;
    /// The registered keys of a worker whose measurements are approved.
    fn enclave_keys(&self, worker: &Key) -> Result<Vec<EnclaveKey>, Self::Error>;
    /// The seats of a verifier in rounds that stand, with what they judge.
    fn seats(&self, verifier: &Key) -> Result<Vec<(Seated, Case)>, Self::Error>;
    /// The work whose committee can be drawn now, and the seat that the draw would give to a verifier.
    fn draws(&self, verifier: &Key) -> Result<Vec<(Option<Seated>, Case)>, Self::Error>;
    /// All attested work whose verdict is not final.
    fn cases(&self) -> Result<Vec<Case>, Self::Error>;
    /// Signs the start.
    fn start(&mut self, task: &Task) -> Result<(), Self::Error>;
    /// Declines.
    fn decline(&mut self, task: &Task) -> Result<(), Self::Error>;
    /// Submits an attestation with the enclave's signature of its digest.
    fn submit(&mut self, task: &Task, attestation: &Attestation, key: &Key, signature: &[u8; 64]) -> Result<(), Self::Error>;
    /// Draws a committee, and commits a seat of it to a vote in the same transaction.
    fn draw(&mut self, case: &Case, commit: Option<(&Seated, &Hash)>) -> Result<(), Self::Error>;
    /// Commits a seat to a vote.
    fn commit(&mut self, seated: &Seated, case: &Case, commitment: &Hash) -> Result<(), Self::Error>;
    /// Reveals a vote.
    fn reveal(&mut self, seated: &Seated, case: &Case, vote: &Vote) -> Result<(), Self::Error>;
    /// Disputes a verdict.
    fn challenge(&mut self, case: &Case) -> Result<(), Self::Error>;
    /// Appeals a ruling.
    fn appeal(&mut self, case: &Case) -> Result<(), Self::Error>;
    /// Proves a fraud.
    fn prove(&mut self, case: &Case, fraud: &Fraud) -> Result<(), Self::Error>;
}

/// What a keeper needs of the chain.
pub trait Upkeep {
    /// Why something could not be read or was refused.
    type Error: std::error::Error;
    /// Unix time of the chain.
    fn now(&self) -> Result<i64, Self::Error>;
    /// The accounts of the market, or of this job alone.
    fn kept(&self, job: Option<&Key>) -> Result<Vec<(Key, Kept)>, Self::Error>;
    /// Does what is due with an account. The transaction is confirmed when it returns.
    fn crank(&mut self, account: &Key, crank: Crank) -> Result<(), Self::Error>;
}

/// What an agent did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Started an assignment.
    Started,
    /// Declined it.
    Declined,
    /// Attested and published.
    Submitted,
    /// Drew a committee, and committed its own seat to a vote.
    DrewAndCommitted,
    /// Committed to a vote.
    Committed,
    /// Revealed it.
    Revealed(Vote),
    /// Disputed a verdict.
    Challenged,
    /// Appealed a ruling.
    Appealed,
    /// Proved a fraud at this link.
    Proved(u32),
    /// Did what anybody may.
    Cranked(Crank),
}

/// Why an agent could not do something. It goes on with the rest, and tries again in its next round.
#[derive(Debug, Error)]
pub enum Error<L: std::error::Error> {
    /// The chain.
    #[error(transparent)]
    Ledger(L),
    /// The keystore.
    #[error(transparent)]
    Keystore(#[from] keystore::Error),
    /// The vote.
    #[error(transparent)]
    Vote(turn::Error),
    /// No key in the keystore is registered, approved and unexpired.
    #[error("none of the keystore's enclave keys is registered and valid")]
    NoEnclaveKey,
    /// A computation that no job can ask for.
    #[error("{}", .0.reason.message())]
    Claim(hmm_attest::Refusal),
    /// The trace could not be published.
    #[error("the trace could not be published: {0}")]
    Publish(std::io::Error),
}

/// What came of each assignment, or of a keeper's each account, on which there was something to do, by its address.
pub type Round<L> = Vec<(Key, Result<Deed, Error<L>>)>;

/// What the names of enclave keys in a keystore begin with.
pub const ENCLAVE: &str = "enclave/";

/// A worker's agent.
pub struct Worker {
    /// The worker's address.
    pub worker: Key,
    /// Where its traces are published.
    pub shelf: Shelf,
}

impl Worker {
    /// Starts what it is able to do and declines the rest; runs, publishes and attests what is running.
    ///
    /// # Errors
    /// If nothing could be looked at.
    pub fn round<L: Ledger>(
        &self,
        ledger: &mut L,
        store: &mut Keystore,
        able: impl Fn(&Task) -> bool,
    ) -> Result<Round<L::Error>, Error<L::Error>> {
        let (now, tasks) = (ledger.now().map_err(Error::Ledger)?, ledger.tasks(&self.worker).map_err(Error::Ledger)?);
        let mut round = vec![];
        for mut task in tasks {
            task.assigned.able = able(&task);
            let done = match task.assigned.turn(now) {
                WorkerTurn::Start => ledger.start(&task).map(|()| Deed::Started).map_err(Error::Ledger),
                WorkerTurn::Decline => ledger.decline(&task).map(|()| Deed::Declined).map_err(Error::Ledger),
                WorkerTurn::Submit => self.submit(ledger, store, &task, now),
                WorkerTurn::Rest => continue,
            };
            round.push((task.assignment, done));
        }
        Ok(round)
    }

    /// The trace is published before it is attested: a verifier may look for it at once.
    fn submit<L: Ledger>(&self, ledger: &mut L, store: &mut Keystore, task: &Task, now: i64) -> Result<Deed, Error<L::Error>> {
        let registered = ledger.enclave_keys(&self.worker).map_err(Error::Ledger)?;
        let (enclave, keypair) = enclave_key(store, registered, now)?.ok_or(Error::NoEnclaveKey)?;
        let work = Work::run(task.model_root, task.input_root, task.depth).map_err(Error::Claim)?;
        self.shelf.publish(&work).map_err(Error::Publish)?;
        let attestation = work.attestation(task.job, task.assignment, task.worker, enclave.measurement, task.usage);
        let digest = attestation.digest(&ledger.domain().map_err(Error::Ledger)?);
        let signature = keypair.sign_message(&digest).into();
        ledger.submit(task, &attestation, &enclave.key, &signature).map_err(Error::Ledger)?;
        Ok(Deed::Submitted)
    }
}

/// The registered key that is valid longest among those of the keystore: after a rotation the new one, until then the old one.
fn enclave_key(store: &mut Keystore, mut registered: Vec<EnclaveKey>, now: i64) -> Result<Option<(EnclaveKey, Keypair)>, keystore::Error> {
    registered.retain(|key| now < key.expiry);
    registered.sort_by_key(|key| std::cmp::Reverse(key.expiry));
    let names: Vec<String> = store.names().filter(|name| name.starts_with(ENCLAVE)).map(str::to_owned).collect();
    let mut keypairs = names.iter().map(|name| store.keypair(name)).collect::<Result<Vec<_>, _>>()?;
    let known = |enclave: EnclaveKey| {
        let at = keypairs.iter().position(|keypair| keypair.pubkey().to_bytes() == enclave.key)?;
        Some((enclave, keypairs.swap_remove(at)))
    };
    Ok(registered.into_iter().find_map(known))
}

/// A verifier's agent.
pub struct Verifier {
    /// The verifier's address.
    pub verifier: Key,
    /// Where the traces of workers are looked for.
    pub shelf: Shelf,
    /// Links that are looked at between the ends of a trace.
    pub samples: u32,
}

impl Verifier {
    /// Commits and reveals in every seat that it has, and draws what can be drawn: a seat that it draws for itself is committed in the same
    /// transaction.
    ///
    /// # Errors
    /// If nothing could be looked at.
    pub fn round<L: Ledger>(&self, ledger: &mut L, store: &mut Keystore) -> Result<Round<L::Error>, Error<L::Error>> {
        let (now, domain) = (ledger.now().map_err(Error::Ledger)?, ledger.domain().map_err(Error::Ledger)?);
        let mut round = vec![];
        for (seated, case) in ledger.seats(&self.verifier).map_err(Error::Ledger)? {
            let turn = seated.turn(now, &domain, store, |salt| self.judge(&case, salt));
            let done = match turn {
                Err(error) => Err(Error::Vote(error)),
                Ok(SeatTurn::Rest) => continue,
                Ok(SeatTurn::Commit(digest)) => ledger.commit(&seated, &case, &digest).map(|()| Deed::Committed).map_err(Error::Ledger),
                Ok(SeatTurn::Reveal(vote)) => ledger.reveal(&seated, &case, &vote).map(|()| Deed::Revealed(vote)).map_err(Error::Ledger),
            };
            round.push((case.assignment, done));
        }
        for (seat, case) in ledger.draws(&self.verifier).map_err(Error::Ledger)? {
            let done = self.draw(ledger, store, seat, &case, now, &domain);
            // what can no longer be drawn, somebody else has
            if done.is_ok() || self.can_draw(ledger, &case) {
                round.push((case.assignment, done));
            }
        }
        Ok(round)
    }

    fn draw<L: Ledger>(
        &self,
        ledger: &mut L,
        store: &mut Keystore,
        seat: Option<Seated>,
        case: &Case,
        now: i64,
        domain: &Domain,
    ) -> Result<Deed, Error<L::Error>> {
        if let Some(seated) = seat
            && let SeatTurn::Commit(digest) = seated.turn(now, domain, store, |salt| self.judge(case, salt)).map_err(Error::Vote)?
        {
            return ledger.draw(case, Some((&seated, &digest))).map(|()| Deed::DrewAndCommitted).map_err(Error::Ledger);
        }
        ledger.draw(case, None).map(|()| Deed::Cranked(Crank::Draw)).map_err(Error::Ledger)
    }

    /// Whether it can still be drawn, as far as one sees.
    fn can_draw<L: Ledger>(&self, ledger: &L, case: &Case) -> bool {
        ledger.draws(&self.verifier).map_or(true, |draws| draws.iter().any(|(_, other)| other.assignment == case.assignment))
    }

    /// Looks at work that others have judged, and does something about frauds; the bond of a challenge is the caller's to risk.
    ///
    /// # Errors
    /// If nothing could be looked at.
    pub fn watch<L: Ledger>(&self, ledger: &mut L) -> Result<Round<L::Error>, Error<L::Error>> {
        let now = ledger.now().map_err(Error::Ledger)?;
        let mut round = vec![];
        for case in ledger.cases().map_err(Error::Ledger)?.into_iter().filter(|case| case.provable) {
            let salt = keystore::random()?;
            let fraud = match self.judge(&case, &salt) {
                Ok(judgement) => judgement.fraud,
                Err(refusal) => {
                    round.push((case.assignment, Err(Error::Claim(refusal))));
                    continue;
                }
            };
            let Some(fraud) = fraud else { continue };
            let done = match case.judged.turn(now, &fraud) {
                FraudTurn::Challenge => ledger.challenge(&case).map(|()| Deed::Challenged),
                FraudTurn::Appeal => ledger.appeal(&case).map(|()| Deed::Appealed),
                FraudTurn::Prove(fraud) => ledger.prove(&case, &fraud).map(|()| Deed::Proved(fraud.link)),
                FraudTurn::Rest => continue,
            };
            round.push((case.assignment, done.map_err(Error::Ledger)));
        }
        Ok(round)
    }

    /// A report that is not the one of what was attested fails the work, whatever the trace says.
    fn judge(&self, case: &Case, salt: &Hash) -> Result<Judgement, hmm_attest::Refusal> {
        let found = match self.shelf.find(&case.claim.trace_root) {
            Some(published) => judge(&case.claim, &published, salt, self.samples)?,
            None => judge(&case.claim, &(), salt, self.samples)?,
        };
        let told = case.report_digest == report_digest(&case.claim, &case.usage);
        Ok(if told { found } else { found.failed() })
    }
}

/// A keeper: does what anybody may, as soon as it is due. It pays fees and lends the rent of rounds; it brings no bond and opens no account.
pub struct Keeper {
    /// The only job to look after; `None` for the whole market.
    pub job: Option<Key>,
}

impl Keeper {
    /// One crank of every account on which one is due.
    ///
    /// # Errors
    /// If nothing could be looked at.
    pub fn round<U: Upkeep>(&self, upkeep: &mut U) -> Result<Round<U::Error>, Error<U::Error>> {
        let mut round = vec![];
        for (account, crank) in self.due(upkeep)? {
            round.push((account, crank, upkeep.crank(&account, crank)));
        }
        // what was refused and is no longer due, somebody else has done
        if round.iter().any(|(_, _, done)| done.is_err())
            && let Ok(still) = self.due(upkeep)
        {
            round.retain(|(account, crank, done)| done.is_ok() || still.contains(&(*account, *crank)));
        }
        let told = |(account, crank, done): (_, _, Result<(), _>)| (account, done.map(|()| Deed::Cranked(crank)).map_err(Error::Ledger));
        Ok(round.into_iter().map(told).collect())
    }

    /// What is due, of each account.
    fn due<U: Upkeep>(&self, upkeep: &U) -> Result<Vec<(Key, Crank)>, Error<U::Error>> {
        let now = upkeep.now().map_err(Error::Ledger)?;
        let kept = upkeep.kept(self.job.as_ref()).map_err(Error::Ledger)?;
        Ok(kept.into_iter().filter_map(|(account, kept)| Some((account, kept.turn(now)?))).collect())
    }
}
