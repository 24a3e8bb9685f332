//! `submit_attestation` on the built program: what an enclave signs counts for one assignment, once, in time; and no instruction of the
//! ed25519 program but the one canonical one is taken, wherever it stands and whatever the runtime thinks of it.

mod common;

use common::{court::Court, *};
use hmm_attest::{digest::Attestation, ed25519};
use hmm_client::{
    HMM_ID, HmmError, address,
    generated::{accounts::EnclaveKey, instructions::RevokeMeasurement},
    rounds::{self, Report, Trial},
};
use hmm_job::Phase;
use hmm_vm::{
    Failure,
    rounds::{Case, report},
    verify::MEASUREMENT,
    world::keypair,
};
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

/// The two instructions of an honest attestation.
fn honest(court: &Court) -> [Instruction; 2] {
    court.world.attest_ixs(&court.world.labourer().pubkey(), &court.job, 0, report())
}

/// The submission behind whatever stands before it; must be refused and change nothing. Who refused: the place of the instruction.
fn refused_by(court: &mut Court, before: &[Instruction], submit: &Instruction) -> (u8, Failure) {
    let mut all = before.to_vec();
    all.push(submit.clone());
    let labourer = court.world.labourer();
    let failure = refused(&mut court.world.vm, &all, &[&labourer]);
    let TransactionError::InstructionError(place, _) = failure.error else { panic!("{failure}") };
    assert_eq!(court.phase(), Phase::Running);
    (place, failure)
}

fn ed25519_ix(data: Vec<u8>) -> Instruction {
    Instruction { program_id: Address::from(ed25519::PROGRAM), accounts: vec![], data }
}

/// Every forged layout: fields of the header one by one at every value that could mean something, every length, other keys and messages,
/// and the constructions that the runtime is content with.
#[test]
fn no_forged_layout_is_accepted() {
    let mut court = Court::new();
    let (enclave, attacker) = (court.world.enclave(), keypair("attacker"));
    let [good, submit] = honest(&court);
    let (key, digest): ([u8; 32], [u8; 32]) = (enclave.pubkey().to_bytes(), good.data[112..].try_into().unwrap());
    let by = |who: &Keypair, message: &[u8]| <[u8; 64]>::from(who.sign_message(message));
    let mut forged: Vec<(String, Vec<u8>)> = vec![];
    // one field of the header
    for (at, width) in [(0, 1), (1, 1), (2, 2), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 2)] {
        for value in [0u16, 1, 2, 3, 15, 16, 17, 32, 48, 64, 112, 128, 144, 176, 255, 256, 0x7FFF, 0xFFFE, 0xFFFF] {
            let mut data = good.data.clone();
            data[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            if data != good.data {
                forged.push((format!("header[{at}] = {value}"), data));
            }
        }
    }
    for length in [0, 1, 2, 15, 16, 48, 111, 112, 143] {
        forged.push((format!("{length} bytes"), good.data[..length].to_vec()));
    }
    for more in [1, 2, 32, 96, 128] {
        forged.push((format!("{more} more"), [&good.data[..], &vec![0; more]].concat()));
    }
    // somebody else's signature, or one of something else
    forged.push(("the attacker's own".into(), ed25519::data(&attacker.pubkey().to_bytes(), &by(&attacker, &digest), &digest).to_vec()));
    forged.push(("another message".into(), ed25519::data(&key, &by(&enclave, &[9; 32]), &[9; 32]).to_vec()));
    forged.push(("a signature of another message".into(), ed25519::data(&key, &by(&enclave, &[9; 32]), &digest).to_vec()));
    forged.push(("no signature at all".into(), vec![0, 0]));
    // what is shown is honest but for the signature, what is verified is the attacker's
    let own = ed25519::data(&attacker.pubkey().to_bytes(), &by(&attacker, &digest), &digest);
    let shown = ed25519::data(&key, &[0; 64], &digest);
    let fields = |data: &[u8], fields: &[(usize, u16)]| {
        let mut data = data.to_vec();
        fields.iter().for_each(|(at, value)| data[*at..*at + 2].copy_from_slice(&value.to_le_bytes()));
        data
    };
    forged.push(("a whole set behind".into(), fields(&[&shown[..], &own[16..]].concat(), &[(2, 176), (6, 144), (10, 240)])));
    forged.push((
        "the key behind".into(),
        fields(&[&ed25519::data(&key, &by(&attacker, &digest), &digest)[..], &attacker.pubkey().to_bytes()].concat(), &[(6, 144)]),
    ));
    forged.push((
        "the message behind".into(),
        fields(&[&ed25519::data(&key, &by(&enclave, &[9; 32]), &digest)[..], &[9; 32]].concat(), &[(10, 144)]),
    ));
    forged.push(("an empty message".into(), fields(&ed25519::data(&key, &by(&enclave, b""), &digest), &[(12, 0)])));
    let mut two = good.data.clone();
    two[0] = 2;
    two.splice(16..16, good.data[2..16].iter().copied());
    forged.push(("two signatures".into(), two));

    let (mut by_runtime, mut by_program) = (0, 0);
    for (name, data) in &forged {
        let (place, failure) = refused_by(&mut court, &[ed25519_ix(data.clone())], &submit);
        match place {
            0 => by_runtime += 1,
            _ => {
                by_program += 1;
                let known = [HmmError::Ed25519Layout, HmmError::Ed25519Key, HmmError::Ed25519Message, HmmError::Ed25519Program];
                assert!(known.into_iter().any(|error| failure.is(error)), "{name}: {failure}");
            }
        }
    }
    // read from another instruction: the attacker's own stands first, in the middle or behind
    for place in 0..3u16 {
        let mut beside = fields(&shown, &[(4, place), (8, place), (14, place)]);
        beside[0] = 1;
        let mut before = vec![ed25519_ix(own.to_vec()), ed25519_ix(own.to_vec()), ed25519_ix(beside.clone())];
        let (who, failure) = refused_by(&mut court, &before, &submit);
        // the third one reads itself: the runtime finds no signature there
        let by_the_program = usize::from(who) == before.len() && failure.is(HmmError::Ed25519Layout);
        assert!(by_the_program || (who, place) == (2, 2), "{failure}");
        before = vec![ed25519_ix(beside)];
        let _ = refused_by(&mut court, &before, &submit);
        by_program += 2;
    }

    // in another place than right before
    let compute = Instruction {
        program_id: Address::from_str_const("ComputeBudget111111111111111111111111111111"),
        accounts: vec![],
        data: vec![2, 0x40, 0x0d, 3, 0],
    };
    for (before, error) in [
        (vec![], HmmError::Ed25519Program),
        (vec![good.clone(), compute.clone()], HmmError::Ed25519Program),
        (vec![compute], HmmError::Ed25519Program),
    ] {
        let (_, failure) = refused_by(&mut court, &before, &submit);
        assert!(failure.is(error), "{failure}");
        by_program += 1;
    }
    let labourer = court.world.labourer();
    let behind = [submit.clone(), good.clone()];
    assert!(refused(&mut court.world.vm, &behind, &[&labourer]).is(HmmError::Ed25519Program));
    // of another program, and with accounts
    court.world.vm.svm.add_program(keypair("fake program").pubkey(), &always_succeeds()).expect("a program");
    let (_, failure) = refused_by(&mut court, &[Instruction { program_id: keypair("fake program").pubkey(), ..good.clone() }], &submit);
    assert!(failure.is(HmmError::Ed25519Program));
    let accounts = vec![AccountMeta::new_readonly(labourer.pubkey(), false)];
    let (_, failure) = refused_by(&mut court, &[Instruction { accounts, ..good.clone() }], &submit);
    assert!(failure.is(HmmError::Ed25519Layout));
    // a forged sysvar
    let mut lying = submit.clone();
    let place = lying.accounts.iter().position(|meta| meta.pubkey == rounds::INSTRUCTIONS).expect("the sysvar");
    lying.accounts[place].pubkey = keypair("forged sysvar").pubkey();
    let account = solana_account::Account { lamports: 1 << 30, data: vec![0; 300], owner: HMM_ID, ..Default::default() };
    court.world.vm.svm.set_account(keypair("forged sysvar").pubkey(), account).expect("an account");
    let (_, failure) = refused_by(&mut court, std::slice::from_ref(&good), &lying);
    assert!(failure.is(HmmError::WrongAccount));

    let count = forged.len() + 13;
    println!("{count} forged layouts: {by_runtime} refused by the runtime, {by_program} and 4 more by the program");
    assert!(count >= 60);
    court.world.vm.send(&[good, submit], &[&labourer]).expect("the honest one");
}

/// Every bit of what is submitted and of what is stored is under the signature.
#[test]
fn everything_is_signed() {
    let mut court = Court::new();
    let [good, submit] = honest(&court);
    // the arguments: 8 bytes of discriminator, then 3 × 32 + 64 bytes
    assert_eq!(submit.data.len(), 8 + 160);
    for at in (8..168).step_by(7).chain([8, 167]) {
        let mut other = submit.clone();
        other.data[at] ^= 1;
        let (_, failure) = refused_by(&mut court, std::slice::from_ref(&good), &other);
        assert!(failure.is(HmmError::Ed25519Message), "byte {at}: {failure}");
    }
    type Change<'a> = &'a dyn Fn(&mut Court);
    let stored: [(&str, Change); 3] = [
        ("model", &|c| c.edit_job(|job| job.model_root[31] ^= 1)),
        ("input", &|c| c.edit_job(|job| job.input_root[0] ^= 1)),
        ("genesis", &|c| edit_market(&mut c.world, |market| market.genesis_hash[5] ^= 1)),
    ];
    for (name, change) in stored {
        let mut court = court.clone();
        change(&mut court);
        let (_, failure) = refused_by(&mut court, std::slice::from_ref(&good), &submit);
        assert!(failure.is(HmmError::Ed25519Message), "{name}: {failure}");
    }
}

/// What was signed for one job, assignment, worker, market, program, ledger or measurement counts for no other.
#[test]
fn nothing_is_replayed() {
    let mut court = Court::new();
    let case = Case::default();
    let first = court.job;
    let second = court.world.run_case(&case);
    let [good, submit] = honest(&court);
    // the first job's signature for the second one
    let enclave = court.world.enclave();
    let labourer = court.world.labourer();
    let [_, other] = court.world.attest_ixs(&labourer.pubkey(), &second, 0, report());
    assert!(refused(&mut court.world.vm, &[good.clone(), other], &[&labourer]).is(HmmError::Ed25519Message));
    let trial = court.trial();
    let own = trial.domain();
    let attestation = |trial: &Trial, report: &Report| Attestation {
        job: trial.job.address.to_bytes(),
        assignment: trial.address.to_bytes(),
        worker: trial.assignment.worker.to_bytes(),
        model_root: trial.job.job.model_root,
        input_root: trial.job.job.input_root,
        report_digest: report.report_digest,
        output_root: report.output_root,
        trace_root: report.trace_root,
        measurement: MEASUREMENT,
        usage: report.usage,
    };
    let right = attestation(&trial, &report());
    assert_eq!(right.digest(&own), good.data[112..], "the vector");
    let mut others = vec![];
    for (name, domain) in [
        ("market", hmm_attest::digest::Domain { market: [9; 32], ..own }),
        ("genesis", hmm_attest::digest::Domain { genesis: [9; 32], ..own }),
        ("program", hmm_attest::digest::Domain { program: [9; 32], ..own }),
    ] {
        others.push((name, right.digest(&domain)));
    }
    for (name, other) in [
        ("job", Attestation { job: second.to_bytes(), ..right }),
        ("assignment", Attestation { assignment: address::assignment(&first, 1).to_bytes(), ..right }),
        ("worker", Attestation { worker: [9; 32], ..right }),
        ("measurement", Attestation { measurement: [9; 32], ..right }),
        ("usage", Attestation { usage: [0, 7, 0, 0, 0, 0, 0, 0], ..right }),
        ("roots swapped", Attestation { output_root: right.trace_root, trace_root: right.output_root, ..right }),
    ] {
        others.push((name, other.digest(&own)));
    }
    for (name, digest) in others {
        let signed = rounds::signed(&enclave.pubkey(), &enclave.sign_message(&digest).into(), &digest);
        let (_, failure) = refused_by(&mut court, &[signed], &submit);
        assert!(failure.is(HmmError::Ed25519Message), "{name}: {failure}");
    }
    // once and for good
    court.world.vm.send(&[good.clone(), submit.clone()], &[&labourer]).expect("the honest one");
    assert!(refused(&mut court.world.vm, &[good, submit], &[&labourer]).is(HmmError::JobPhase));
    let [good, submit] = court.world.attest_ixs(&labourer.pubkey(), &first, 0, Report { output_root: [8; 32], ..report() });
    assert!(refused(&mut court.world.vm, &[good, submit], &[&labourer]).is(HmmError::JobPhase));
    // two of them in one transaction, each behind its own signature
    let third = court.world.run_case(&case);
    let both = [second, third].map(|job| court.world.attest_ixs(&labourer.pubkey(), &job, 0, report())).concat();
    court.world.vm.send(&both, &[&labourer]).expect("two attestations");
}

/// The last second is in time, the next is an expiry's.
#[test]
fn late_at_the_exact_second() {
    let mut court = Court::new();
    let (creator, labourer, job) = (court.world.creator(), court.world.labourer(), court.job);
    let submit_by = court.world.job(&job).job.submit_by;
    at(&mut court.world, submit_by - 1);
    let mut in_time = court.clone();
    assert!(in_time.world.expire(&creator, &job, 0).expect_err("early").is(HmmError::JobEarly));
    in_time.submit(report());
    at(&mut in_time.world, submit_by);
    assert!(in_time.world.expire(&creator, &job, 0).expect_err("submitted").is(HmmError::JobPhase));
    at(&mut court.world, submit_by);
    assert!(court.world.attest(&labourer, &job, 0, report()).expect_err("late").is(HmmError::JobLate));
    let worker = court.worker();
    let a = court.assignment();
    court.world.expire(&creator, &job, 0).expect("a lapse");
    court.check();
    let slash = (a.bond - (a.cost - a.payment.min(a.cost))).div_ceil(4);
    assert_eq!(court.worker().bond, worker.bond + (a.bond - (a.cost - a.payment.min(a.cost))) - slash);
    assert!(court.worker().quality[0].bad > 0, "lateness is remembered");
    assert!(court.world.has_assignment(&job, 0).is_none());
}

/// The receipt needs a key that has not expired and a measurement that is not revoked; work without it can still be judged.
#[test]
fn receipts() {
    let key_of = |court: &Court| {
        let worker = address::worker(&court.world.pool, &court.world.labourer().pubkey());
        address::enclave_key(&worker, &court.world.enclave().pubkey())
    };
    let edit_key = |court: &mut Court, edit: &dyn Fn(&mut EnclaveKey)| {
        let address = key_of(court);
        let mut key = EnclaveKey::from_bytes(&court.world.vm.data(&address)).expect("a key");
        edit(&mut key);
        set_data(&mut court.world.vm, &address, borsh::to_vec(&key).expect("bytes"));
    };
    let base = Court::new();
    let time = now(&base.world);
    for (expiry, receipt) in [(time + 1, true), (time, false), (time - 1, false)] {
        let mut court = base.clone();
        edit_key(&mut court, &|key| key.expiry = expiry);
        court.submit(report());
        assert_eq!(court.assignment().receipt, receipt);
    }
    let mut court = base.clone();
    let authority = court.world.authority();
    let revoke = RevokeMeasurement {
        market: court.world.market,
        signer: authority.pubkey(),
        approval: address::measurement(&court.world.market, &MEASUREMENT),
        event_authority: address::event_authority(),
        program: HMM_ID,
    };
    court.world.vm.send(&[revoke.instruction()], &[&authority]).expect("a revocation");
    court.submit(report());
    assert!(!court.assignment().receipt);
    court.draw();
    court.rule(9_000);
    court.pass_window();
    court.settle();

    // who signs: the owner or the operator; with a key of this worker
    let mut court = base.clone();
    let stranger = keypair("anna");
    assert!(court.world.attest(&stranger, &court.job.clone(), 0, report()).expect_err("a stranger").is(HmmError::Unauthorized));
    edit_worker(&mut court.world, &keypair("worker").pubkey(), |w| w.operator = stranger.pubkey());
    court.world.attest(&stranger, &court.job.clone(), 0, report()).expect("the operator");
    let mut court = base.clone();
    edit_key(&mut court, &|key| key.worker = keypair("elsewhere").pubkey());
    let labourer = court.world.labourer();
    let failure = court.world.attest(&labourer, &court.job.clone(), 0, report()).expect_err("another's key");
    assert!(
        failure.is(HmmError::WrongAccount) && !matches!(failure.error, TransactionError::InstructionError(0, InstructionError::Custom(_)))
    );
}
