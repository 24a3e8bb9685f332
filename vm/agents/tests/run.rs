//! A worker and a committee at work on a ledger that keeps the program's rules for them: honest and forged jobs from start to verdict, with
//! agents that stop after every round and transactions that are lost.
use std::fs;
use std::path::{Path, PathBuf};

use hmm_agents::keystore::Cost;
use hmm_agents::run::{Case, Deed, ENCLAVE, EnclaveKey, Error, Ledger, Round, Task, Verifier, Worker};
use hmm_agents::shelf::Shelf;
use hmm_agents::turn::{Assigned, Judged, Seated, Stage};
use hmm_agents::{Fraud, Keystore, Passphrase, Vote, Work, turn};
use hmm_attest::digest::{Attestation, Domain};
use hmm_attest::trace::Claim;
use hmm_attest::{Hash, Key, RESOURCES};
use hmm_job::{Phase, Verdict, committee};
use solana_signature::Signature;
use solana_signer::Signer;
use thiserror::Error;

const DOMAIN: Domain = Domain { program: [1; 32], genesis: [2; 32], market: [3; 32] };
const WORKER: Key = [10; 32];
const SEATS: usize = 3;
const VERIFIERS: [Key; SEATS] = [[20; 32], [21; 32], [22; 32]];
/// The first round.
const DRAWN: Key = [30; 32];
const USAGE: [u64; RESOURCES] = [5, 0, 3, 0, 0, 0, 0, 1];
const START_BY: i64 = 100;
const SUBMIT_BY: i64 = 200;
const ROUND: u32 = 60;

#[derive(Debug, Error, PartialEq)]
enum Refused {
    #[error("not now")]
    NotNow,
    #[error("not so")]
    NotSo,
    #[error("the network lost it")]
    Lost,
}

/// One assignment. Refuses what the program would refuse.
#[derive(Clone)]
struct Chain {
    now: i64,
    phase: Phase,
    claim: Claim,
    keys: Vec<EnclaveKey>,
    signed_by: Option<Key>,
    report_digest: Hash,
    seats: [(Stage, Option<Vote>); SEATS],
    /// Which of them the round has; the second committee is another one.
    round: Key,
    until: i64,
    verdict: Option<Verdict>,
    /// Every second transaction is lost, before or after it has its effect.
    lossy: bool,
    sent: u32,
}

impl Chain {
    fn new(keys: Vec<EnclaveKey>) -> Chain {
        Chain {
            now: 0,
            phase: Phase::Reserved,
            claim: Claim { model_root: [4; 32], input_root: [5; 32], depth: 4, trace_root: [0; 32], output_root: [0; 32] },
            keys,
            signed_by: None,
            report_digest: [0; 32],
            seats: [(Stage::Drawn, None); SEATS],
            round: [30; 32],
            until: 0,
            verdict: None,
            lossy: false,
            sent: 0,
        }
    }
    fn transaction(&mut self, effect: impl FnOnce(&mut Chain) -> Result<(), Refused>) -> Result<(), Refused> {
        self.sent += 1;
        let lost = self.lossy && self.sent % 2 == 1;
        if lost && self.sent % 4 == 1 {
            return Err(Refused::Lost);
        }
        let result = effect(self);
        if lost { Err(Refused::Lost) } else { result }
    }
    fn require(&self, phases: &[Phase], before: i64) -> Result<(), Refused> {
        if phases.contains(&self.phase) && self.now < before { Ok(()) } else { Err(Refused::NotNow) }
    }
    fn seat(&mut self, seated: &Seated) -> &mut (Stage, Option<Vote>) {
        assert_eq!(seated.round, self.round);
        &mut self.seats[usize::from(seated.seat)]
    }
    fn draw(&mut self, phase: Phase, round: Key) {
        (self.phase, self.round, self.until) = (phase, round, self.now + i64::from(ROUND));
        self.seats = [(Stage::Drawn, None); SEATS];
    }
    fn tally(&mut self) {
        let scores: Vec<u16> = self.seats.iter().filter_map(|seat| seat.1).map(|vote| vote.score).collect();
        self.verdict = Some(if committee::median(&scores).unwrap() >= 5_000 { Verdict::Pass } else { Verdict::Fail });
        (self.phase, self.until) = (Phase::Window, self.now + 100);
    }
    fn all_committed(&self) -> bool {
        self.seats.iter().all(|seat| seat.0 != Stage::Drawn)
    }
    fn case(&self) -> Case {
        let judged = Judged { phase: self.phase, until: self.until, verdict: self.verdict };
        Case {
            job: [11; 32],
            assignment: [12; 32],
            claim: self.claim,
            usage: USAGE,
            report_digest: self.report_digest,
            provable: true,
            judged,
        }
    }
}

impl Ledger for Chain {
    type Error = Refused;
    fn now(&self) -> Result<i64, Refused> {
        Ok(self.now)
    }
    fn domain(&self) -> Result<Domain, Refused> {
        Ok(DOMAIN)
    }
    fn tasks(&self, worker: &Key) -> Result<Vec<Task>, Refused> {
        assert_eq!(*worker, WORKER);
        let assigned = Assigned { phase: self.phase, start_by: START_BY, submit_by: SUBMIT_BY, waits_for_others: false, able: false };
        let Claim { model_root, input_root, depth, .. } = self.claim;
        Ok(vec![Task { job: [11; 32], assignment: [12; 32], worker: WORKER, assigned, model_root, input_root, depth, usage: USAGE }])
    }
    fn enclave_keys(&self, _: &Key) -> Result<Vec<EnclaveKey>, Refused> {
        Ok(self.keys.clone())
    }
    fn seats(&self, verifier: &Key) -> Result<Vec<(Seated, Case)>, Refused> {
        let seat = VERIFIERS.iter().position(|one| one == verifier).unwrap();
        let (until, counted) = (self.until, ![Phase::Verifying, Phase::Disputed].contains(&self.phase));
        let seated = Seated {
            round: self.round,
            seat: seat as u8,
            stage: self.seats[seat].0,
            until,
            length: ROUND,
            all_committed: self.all_committed(),
            counted,
        };
        Ok(vec![(seated, self.case())])
    }
    fn draws(&self, verifier: &Key) -> Result<Vec<(Option<Seated>, Case)>, Refused> {
        if self.phase != Phase::Submitted {
            return Ok(vec![]);
        }
        let seat = VERIFIERS.iter().position(|one| one == verifier);
        let until = self.now + i64::from(ROUND);
        let drawn = |seat: usize| Seated {
            round: DRAWN,
            seat: seat as u8,
            stage: Stage::Drawn,
            until,
            length: ROUND,
            all_committed: false,
            counted: false,
        };
        Ok(vec![(seat.map(drawn), self.case())])
    }
    fn cases(&self) -> Result<Vec<Case>, Refused> {
        Ok(vec![self.case()])
    }
    fn start(&mut self, _: &Task) -> Result<(), Refused> {
        self.transaction(|it| {
            it.require(&[Phase::Reserved], START_BY)?;
            it.phase = Phase::Running;
            Ok(())
        })
    }
    fn decline(&mut self, _: &Task) -> Result<(), Refused> {
        self.transaction(|it| {
            it.require(&[Phase::Reserved], START_BY)?;
            it.phase = Phase::Done;
            Ok(())
        })
    }
    fn submit(&mut self, _: &Task, attestation: &Attestation, key: &Key, signature: &[u8; 64]) -> Result<(), Refused> {
        self.transaction(|it| {
            it.require(&[Phase::Running], SUBMIT_BY)?;
            let enclave = it.keys.iter().find(|enclave| enclave.key == *key && it.now < enclave.expiry).ok_or(Refused::NotSo)?;
            let Attestation { job, assignment, worker, model_root, input_root, .. } = *attestation;
            let asked = (job, assignment, worker, model_root, input_root, attestation.measurement, attestation.usage);
            if asked != ([11; 32], [12; 32], WORKER, it.claim.model_root, it.claim.input_root, enclave.measurement, USAGE)
                || !Signature::from(*signature).verify(key, &attestation.digest(&DOMAIN))
            {
                return Err(Refused::NotSo);
            }
            let Attestation { output_root, trace_root, report_digest, .. } = *attestation;
            (it.claim, it.report_digest) = (Claim { output_root, trace_root, ..it.claim }, report_digest);
            (it.phase, it.signed_by) = (Phase::Submitted, Some(*key));
            Ok(())
        })
    }
    fn draw(&mut self, _: &Case, commit: Option<(&Seated, &Hash)>) -> Result<(), Refused> {
        self.transaction(|it| {
            it.require(&[Phase::Submitted], i64::MAX)?;
            it.draw(Phase::Verifying, DRAWN);
            if let Some((seated, commitment)) = commit {
                it.seat(seated).0 = Stage::Committed(*commitment);
            }
            Ok(())
        })
    }
    fn commit(&mut self, seated: &Seated, _: &Case, commitment: &Hash) -> Result<(), Refused> {
        self.transaction(|it| {
            committee::require_commit(it.until, ROUND, it.now).map_err(|_| Refused::NotNow)?;
            let seat = it.seat(seated);
            if seat.0 != Stage::Drawn {
                return Err(Refused::NotNow);
            }
            seat.0 = Stage::Committed(*commitment);
            Ok(())
        })
    }
    fn reveal(&mut self, seated: &Seated, _: &Case, vote: &Vote) -> Result<(), Refused> {
        self.transaction(|it| {
            committee::require_reveal(it.until, ROUND, it.all_committed(), it.now).map_err(|_| Refused::NotNow)?;
            let commitment = vote.commitment(&DOMAIN, &it.round);
            let seat = it.seat(seated);
            if seat.0 != Stage::Committed(commitment) || vote.seat != seated.seat {
                return Err(Refused::NotSo);
            }
            *seat = (Stage::Revealed, Some(*vote));
            Ok(())
        })
    }
    fn challenge(&mut self, _: &Case) -> Result<(), Refused> {
        self.transaction(|it| {
            it.require(&[Phase::Window], it.until)?;
            it.draw(Phase::Disputed, [31; 32]);
            Ok(())
        })
    }
    fn appeal(&mut self, _: &Case) -> Result<(), Refused> {
        Err(Refused::NotNow)
    }
    fn prove(&mut self, _: &Case, fraud: &Fraud) -> Result<(), Refused> {
        self.transaction(|it| {
            it.require(&[Phase::Disputed, Phase::Appealed], i64::MAX)?;
            it.claim.refute(fraud.link, &fraud.items).map_err(|_| Refused::NotSo)?;
            (it.phase, it.verdict) = (Phase::Final, Some(Verdict::Fraud));
            Ok(())
        })
    }
}

/// The agents' files; every round of an agent opens its keystore anew.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Place {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("run").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Place(folder)
    }
    fn shelf(&self) -> Shelf {
        Shelf::Folder(self.0.join("traces"))
    }
    fn keys(&self, agent: &str) -> Keystore {
        let (path, passphrase) = (self.0.join(agent), Passphrase::new(b"p"));
        if path.exists() {
            return Keystore::open(&path, &passphrase).unwrap();
        }
        Keystore::create(&path, &passphrase, Cost { memory: 8, passes: 1, lanes: 1 }).unwrap()
    }
    /// A chain on which a key of the worker's enclave is registered.
    fn chain(&self) -> Chain {
        Chain::new(vec![self.register("1", 1_000)])
    }
    fn register(&self, number: &str, expiry: i64) -> EnclaveKey {
        let key = self.keys("worker").keypair(&format!("{ENCLAVE}{number}")).unwrap().pubkey().to_bytes();
        EnclaveKey { key, measurement: [9; 32], expiry }
    }
    fn work(&self, chain: &mut Chain, able: bool) -> Round<Refused> {
        Worker { worker: WORKER, shelf: self.shelf() }.round(chain, &mut self.keys("worker"), |_| able).unwrap()
    }
    fn verifier(&self, number: usize) -> Verifier {
        Verifier { verifier: VERIFIERS[number], shelf: self.shelf(), samples: 100 }
    }
    fn verify(&self, chain: &mut Chain, number: usize) -> Round<Refused> {
        self.verifier(number).round(chain, &mut self.keys(&format!("verifier {number}"))).unwrap()
    }
    /// All three, again and again, until nobody has anything to do.
    fn committee(&self, chain: &mut Chain) {
        for _ in 0..50 {
            if (0..SEATS).all(|number| self.verify(chain, number).is_empty()) {
                return;
            }
            chain.now += 1;
        }
        panic!("the committee does not come to an end");
    }
}

/// What one round did; it did one thing.
fn deed(mut round: Round<Refused>) -> Result<Deed, Error<Refused>> {
    assert_eq!(round.len(), 1);
    let (assignment, done) = round.remove(0);
    assert_eq!(assignment, [12; 32]);
    done
}

#[test]
fn a_job_from_start_to_verdict() {
    let place = Place::new("life");
    let mut chain = place.chain();
    assert_eq!(deed(place.work(&mut chain, true)).unwrap(), Deed::Started);
    assert_eq!(deed(place.work(&mut chain, true)).unwrap(), Deed::Submitted);
    assert!(place.work(&mut chain, true).is_empty());
    let work = Work::run([4; 32], [5; 32], 4).unwrap();
    assert_eq!(chain.claim, *work.claim());
    chain.draw(Phase::Verifying, [30; 32]);
    for number in 0..SEATS {
        assert_eq!(deed(place.verify(&mut chain, number)).unwrap(), Deed::Committed);
        let waits = place.verify(&mut chain, number);
        assert_eq!(waits.is_empty(), number < SEATS - 1);
    }
    place.committee(&mut chain);
    let votes: Vec<Vote> = chain.seats.iter().map(|seat| seat.1.unwrap()).collect();
    for vote in &votes {
        assert_eq!((vote.score, vote.delta_i, vote.delta_u), (10_000, votes[0].delta_i, 1_000_000));
    }
    chain.tally();
    assert_eq!(chain.verdict, Some(Verdict::Pass));
    assert!(place.verifier(0).watch(&mut chain).unwrap().is_empty());
    place.committee(&mut chain);
    for number in 0..SEATS {
        assert_eq!(place.keys(&format!("verifier {number}")).names().count(), 0);
    }
}

/// Nobody but the verifiers is there to draw: whoever comes first does, and is committed by then; who comes second is not troubled.
#[test]
fn the_committee_draws_itself() {
    let place = Place::new("draws");
    for lossy in [false, true] {
        let work = Work::run([4; 32], [5; 32], 4).unwrap();
        let report_digest = hmm_agents::work::report_digest(work.claim(), &USAGE);
        let submitted = Chain { phase: Phase::Submitted, claim: *work.claim(), report_digest, ..place.chain() };
        let mut chain = Chain { lossy, ..submitted };
        let first = place.verify(&mut chain, 1);
        if lossy {
            // lost before it had its effect: told, and decided upon again
            assert!(matches!(deed(first), Err(Error::Ledger(Refused::Lost))));
            assert_eq!(chain.phase, Phase::Submitted);
        } else {
            assert_eq!(deed(first).unwrap(), Deed::DrewAndCommitted);
            assert!(matches!(chain.seats[1].0, Stage::Committed(_)));
        }
        place.committee(&mut chain);
        assert!(chain.seats.iter().all(|seat| seat.1.is_some_and(|vote| vote.score == 10_000)));
        chain.tally();
        place.committee(&mut chain);
    }
    // its effect is there, its answer is not
    let mut chain = Chain { phase: Phase::Submitted, lossy: true, sent: 2, ..place.chain() };
    assert!(place.verify(&mut chain, 2).is_empty());
    assert!(matches!(chain.seats[2].0, Stage::Committed(_)));
    // no seat is foreseen: it is drawn all the same
    let mut chain = Chain { phase: Phase::Submitted, ..place.chain() };
    let stranger = Verifier { verifier: [29; 32], shelf: place.shelf(), samples: 1 };
    let watched = chain.draws(&stranger.verifier).unwrap().remove(0);
    assert!(watched.0.is_none());
    Ledger::draw(&mut chain, &watched.1, None).unwrap();
    assert_eq!(chain.phase, Phase::Verifying);
}

/// Half of all transactions fail to come back, some after they took effect: the same verdict, and nobody is bound to two votes.
#[test]
fn lost_transactions_are_sent_again() {
    let place = Place::new("lossy");
    let mut chain = Chain { lossy: true, ..place.chain() };
    for _ in 0..6 {
        place.work(&mut chain, true);
    }
    assert_eq!(chain.phase, Phase::Submitted);
    chain.draw(Phase::Verifying, [30; 32]);
    place.committee(&mut chain);
    assert!(chain.seats.iter().all(|seat| seat.1.is_some_and(|vote| vote.score == 10_000)));
}

#[test]
fn what_a_worker_cannot_do_it_declines() {
    let place = Place::new("decline");
    let mut chain = place.chain();
    assert_eq!(deed(place.work(&mut chain, false)).unwrap(), Deed::Declined);
    let mut late = Chain { now: START_BY, ..place.chain() };
    assert!(place.work(&mut late, true).is_empty());
    let mut late = Chain { now: SUBMIT_BY, phase: Phase::Running, ..place.chain() };
    assert!(place.work(&mut late, true).is_empty());
}

/// The new key signs as soon as it is registered, the old one until then; a job that runs meanwhile is attested all the same.
#[test]
fn keys_rotate_while_jobs_run() {
    let place = Place::new("rotate");
    let (old, new) = (place.register("1", 500), place.register("2", 1_000));
    for (keys, now, expected) in [
        (vec![old], 50, Some(old.key)),
        (vec![old, new], 50, Some(new.key)),
        (vec![new, old], 50, Some(new.key)),
        (vec![EnclaveKey { expiry: 50, ..new }, old], 50, Some(old.key)),
        (vec![EnclaveKey { expiry: 50, ..new }], 50, None),
        (vec![EnclaveKey { key: [7; 32], measurement: [9; 32], expiry: 1_000 }], 50, None),
        (vec![], 50, None),
    ] {
        let mut chain = Chain { now, phase: Phase::Running, ..Chain::new(keys) };
        let done = deed(place.work(&mut chain, true));
        assert_eq!(chain.signed_by, expected);
        match expected {
            Some(_) => assert_eq!(done.unwrap(), Deed::Submitted),
            None => assert!(matches!(done, Err(Error::NoEnclaveKey))),
        }
    }
}

/// What was attested is not what should have been: the committee fails it; and when a bribed one passes it, a watcher disputes and proves.
#[test]
fn forged_work_fails_and_is_proven() {
    let place = Place::new("forged");
    let honest = Work::run([4; 32], [5; 32], 4).unwrap();
    let forged = Work::run([4; 32], [6; 32], 4).unwrap();
    place.shelf().publish(&forged).unwrap();
    let claim = Claim { input_root: [5; 32], ..*forged.claim() };
    let attested = |claim: Claim, report_digest| {
        let mut chain = Chain { claim, report_digest, now: 150, ..place.chain() };
        chain.draw(Phase::Verifying, [30; 32]);
        chain
    };
    let mut chain = attested(claim, hmm_agents::work::report_digest(&claim, &USAGE));
    place.committee(&mut chain);
    chain.tally();
    assert_eq!(chain.verdict, Some(Verdict::Fail));
    assert!(place.verifier(0).watch(&mut chain).unwrap().is_empty());

    let mut bribed = Chain { verdict: Some(Verdict::Pass), ..chain.clone() };
    assert_eq!(deed(place.verifier(0).watch(&mut bribed).unwrap()).unwrap(), Deed::Challenged);
    assert_eq!(deed(place.verifier(0).watch(&mut bribed).unwrap()).unwrap(), Deed::Proved(0));
    assert_eq!((bribed.phase, bribed.verdict), (Phase::Final, Some(Verdict::Fraud)));
    let mut late = Chain { verdict: Some(Verdict::Pass), now: chain.until, ..chain };
    assert!(place.verifier(0).watch(&mut late).unwrap().is_empty());

    // right work, and a report of something else
    let mut chain = attested(*honest.claim(), [0; 32]);
    place.committee(&mut chain);
    chain.tally();
    assert_eq!(chain.verdict, Some(Verdict::Fail));
}

/// What an agent cannot do is told with its assignment; the round goes on.
#[test]
fn troubles_are_told() {
    let place = Place::new("troubles");
    let mut chain = place.chain();
    chain.draw(Phase::Verifying, [30; 32]);
    chain.seats[0].0 = Stage::Committed([8; 32]);
    assert!(matches!(deed(place.verify(&mut chain, 0)), Err(Error::Vote(turn::Error::LostVote))));
    chain.claim.depth = 11;
    assert!(matches!(deed(place.verify(&mut chain, 1)), Err(Error::Vote(turn::Error::Claim(_)))));
    assert!(matches!(deed(place.verifier(1).watch(&mut chain).unwrap()), Err(Error::Claim(_))));
    let mut running = Chain { phase: Phase::Running, ..chain };
    assert!(matches!(deed(place.work(&mut running, true)), Err(Error::Claim(_))));
    // a file where the traces should go
    running.claim.depth = 4;
    fs::write(place.0.join("traces"), b"").unwrap();
    assert!(matches!(deed(place.work(&mut running, true)), Err(Error::Publish(_))));
}
