//! The agents against the built program: a job from its start to its pay, a forged one to the ban of its worker.
mod common;

use std::fs;

use common::{DAY, Stage, VERIFIERS, bytes, deed};
use hmm_agents::Work;
use hmm_agents::chain::{Chain, Error};
use hmm_agents::run::{Deed, ENCLAVE, Ledger};
use hmm_attest::merkle::Tree;
use hmm_attest::trace::{MAX_DEPTH, step};
use hmm_client::HmmError;
use hmm_job::{Phase, Verdict};
use hmm_vm::rounds::vote;
use hmm_vm::verify::verifier_key;
use hmm_vm::world::{CREDIT, UNIT};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

#[test]
fn a_job_is_done_judged_and_paid() {
    let stage = Stage::new("paid");
    let job = stage.job(6);
    assert_eq!(deed(stage.work(true)).unwrap(), Deed::Started);
    assert_eq!(deed(stage.work(true)).unwrap(), Deed::Submitted);
    assert!(stage.work(true).is_empty());
    let assignment = stage.world().assignment(&job, 0);
    assert_eq!((assignment.usage, assignment.receipt), (assignment.raw_units, true));
    let work = Work::run([1; 32], [2; 32], 6).unwrap();
    assert_eq!((assignment.trace_root, assignment.output_root), (work.claim().trace_root, work.claim().output_root));
    stage.draw(&job);
    stage.committee();
    stage.tally(&job);
    assert_eq!(stage.verdict(&job), (Phase::Window, Some(Verdict::Pass)));
    let assignment = stage.world().assignment(&job, 0);
    assert_eq!((assignment.score, assignment.delta_u), (10_000, 1_000_000));
    assert!(stage.watch(0).is_empty());
    let now = stage.chain(Keypair::new()).now().unwrap();
    stage.world().pass(assignment.until - now);
    stage.settle(&job);
    assert!(stage.world().worker_at(&stage.worker).claimable >= assignment.payment);
    stage.committee();
    // nothing is left of the votes
    assert!((0..VERIFIERS).all(|number| stage.keys(&format!("verifier {number}")).names().count() == 0));
    assert!(stage.work(true).is_empty());
}

#[test]
fn what_cannot_be_done_is_declined() {
    let stage = Stage::new("declined");
    let job = stage.job(3);
    assert_eq!(deed(stage.work(false)).unwrap(), Deed::Declined);
    assert!(stage.world().has_assignment(&job, 0).is_none());
}

/// A job that runs while the worker's enclave key changes: the new key attests it as soon as it is registered, the old one if not.
#[test]
fn keys_rotate_while_a_job_runs() {
    for registered in [false, true] {
        let stage = Stage::new(if registered { "rotated" } else { "unrotated" });
        let job = stage.job(3);
        assert_eq!(deed(stage.work(true)).unwrap(), Deed::Started);
        let old = stage.chain(Keypair::new()).enclave_keys(&stage.worker.to_bytes()).unwrap();
        if registered {
            stage.give_key("2", 200 * DAY);
        } else {
            stage.keys("worker").keypair(&format!("{ENCLAVE}2")).unwrap();
        }
        let keys = stage.chain(Keypair::new()).enclave_keys(&stage.worker.to_bytes()).unwrap();
        assert_eq!((old.len(), keys.len()), (1, 1 + usize::from(registered)));
        assert_eq!(deed(stage.work(true)).unwrap(), Deed::Submitted);
        assert_eq!(stage.verdict(&job).0, Phase::Submitted);
        assert!(stage.world().assignment(&job, 0).receipt);
    }
}

/// The longest proof there is: a trace of the greatest depth, wrong in its middle, attested and passed by a committee that was bribed.
/// A watcher disputes and proves it, in transactions with a priority fee that a network takes.
#[test]
fn a_forgery_is_disputed_and_proven() {
    let stage = Stage::new("forged");
    let job = stage.job(MAX_DEPTH);
    assert_eq!(deed(stage.work(true)).unwrap(), Deed::Started);
    let honest = Work::run([1; 32], [2; 32], MAX_DEPTH).unwrap();
    let middle = 1 << (MAX_DEPTH - 1);
    let mut states = honest.states().to_vec();
    states[middle] = [7; 32];
    for i in middle + 1..states.len() {
        states[i] = step(&[1; 32], &states[i - 1]);
    }
    let root = Tree::new(MAX_DEPTH, &states).unwrap().root();
    let hex: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::create_dir_all(stage.folder.join("traces")).unwrap();
    fs::write(stage.folder.join("traces").join(hex + ".trace"), states.concat()).unwrap();
    let mut chain = stage.chain(stage.labourer());
    let task = chain.tasks(&stage.worker.to_bytes()).unwrap()[0];
    let enclave = stage.keys("worker").keypair(&format!("{ENCLAVE}1")).unwrap();
    let measurement = chain.enclave_keys(&stage.worker.to_bytes()).unwrap()[0].measurement;
    let mut attestation = honest.attestation(task.job, task.assignment, task.worker, measurement, task.usage);
    (attestation.trace_root, attestation.output_root) = (root, step(&[1; 32], states.last().unwrap()));
    let key = enclave.pubkey().to_bytes();
    let signature: [u8; 64] = enclave.sign_message(&attestation.digest(&chain.domain().unwrap())).into();
    let mut other = signature;
    other[0] ^= 1;
    assert!(chain.submit(&task, &attestation, &key, &other).is_err());
    chain.submit(&task, &attestation, &key, &signature).unwrap();
    stage.draw(&job);
    let seats = usize::from(stage.world().assignment(&job, 0).seats);
    stage.world().judge(&job, 0, &vec![vote(10_000).score; seats]);
    stage.tally(&job);
    assert_eq!(stage.verdict(&job), (Phase::Window, Some(Verdict::Pass)));

    assert_eq!(stage.watch(0), [Deed::Challenged]);
    // a committee runs: the proof has to name its round, and is longest
    stage.draw(&job);
    assert_eq!(stage.verdict(&job).0, Phase::Disputed);
    let case = stage.case(&job);
    let trial = stage.world().trial(&job, 0);
    let items = hmm_attest::trace::items(&Tree::new(MAX_DEPTH, &states).unwrap(), &states, middle as u32).unwrap();
    let proof = trial.prove(verifier_key(1).pubkey(), middle as u32, items);
    println!("the longest proof: {} of 1,232 bytes", bytes(&[proof], &verifier_key(1)));
    assert_eq!(case.claim.depth, MAX_DEPTH);
    assert_eq!(stage.watch(1), [Deed::Proved(middle as u32)]);
    assert_eq!(stage.verdict(&job), (Phase::Final, Some(Verdict::Fraud)));
    assert_eq!(stage.world().assignment(&job, 0).finder, verifier_key(1).pubkey());
    assert!(stage.watch(1).is_empty());
    stage.settle(&job);
    assert!(stage.world().worker_at(&stage.worker).banned);
}

/// No job can be opened whose frauds could not all be proven.
#[test]
fn jobs_are_not_deeper_than_proofs() {
    let stage = Stage::new("deep");
    let mut world = stage.world();
    let client = world.client();
    for (proof_level, trace_depth, fine) in [
        (1, 0, false),
        (1, 1, true),
        (1, MAX_DEPTH, true),
        (1, MAX_DEPTH + 1, false),
        (1, 20, false),
        (0, 0, true),
        (0, 1, false),
        (2, 1, false),
    ] {
        let mut spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT)], CREDIT);
        (spec.proof_level, spec.trace_depth) = (proof_level, trace_depth);
        match world.open_job(&client, spec) {
            Ok(_) => assert!(fine, "{proof_level} {trace_depth}"),
            Err(failure) => assert!(!fine && failure.is(HmmError::JobSpecOutOfRange), "{proof_level} {trace_depth}: {failure}"),
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    let stage = Stage::new("missing");
    let chain = stage.chain(Keypair::new());
    assert!(matches!(chain.tasks(&[9; 32]), Err(Error::Missing(address)) if address == Address::from([9; 32])));
    assert!(chain.enclave_keys(&[9; 32]).unwrap().is_empty());
    assert!(chain.seats(&[9; 32]).unwrap().is_empty());
    let nowhere = Chain { market: Address::from([8; 32]), ..chain };
    assert!(matches!(nowhere.domain(), Err(Error::Missing(address)) if address == Address::from([8; 32])));
    let wrong = Chain { market: stage.worker, ..nowhere };
    assert!(matches!(wrong.domain(), Err(Error::Account { address, .. }) if address == stage.worker));
}
