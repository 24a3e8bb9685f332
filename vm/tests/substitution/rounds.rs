//! A job with an assignment in every phase for the common world, and a case for each instruction of verification and settlement.

use hmm_attest::merkle::Tree;
use hmm_client::{
    HMM_ID, address,
    generated::accounts::{
        ASSIGNMENT_DISCRIMINATOR, Assignment, ENCLAVE_KEY_DISCRIMINATOR, EnclaveKey, JOB_DISCRIMINATOR, Job, ROUND_DISCRIMINATOR, Round,
    },
    generated::types::Verifier,
    rounds::{self, Trial},
    terms,
};
use hmm_job::{Code, Phase, Verdict};
use hmm_vm::{
    World,
    rounds::{report, vote},
    verify::MEASUREMENT,
    world::{CREDIT, keypair},
};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::common::*;

/// The assignments, by what is done to them.
const TO_SUBMIT: u8 = 0;
const TO_DRAW: u8 = 1;
const TO_COMMIT: u8 = 2;
const TO_REVEAL: u8 = 3;
const TO_TALLY: u8 = 4;
const TO_CHALLENGE: u8 = 5;
const TO_APPEAL: u8 = 6;
const TO_SETTLE: u8 = 7;
const TO_PROVE: u8 = 8;
const TO_CLAIM: u8 = 9;
const OVER: u8 = 10;
/// Those that have a round.
const WITH_ROUND: [u8; 4] = [TO_COMMIT, TO_REVEAL, TO_TALLY, OVER];
const NAMES: [&str; 11] =
    ["running", "submitted", "to commit", "to reveal", "to tally", "window", "ruled", "final", "disputed", "done", "over"];
/// What a forged trace holds.
const STATE: [u8; 32] = [9; 32];
const RICH: u64 = 1_000 * CREDIT;

fn client(world: &World) -> Address {
    address::client(&world.market, &world.creator().pubkey())
}

fn job_of(world: &World) -> Address {
    address::job(&client(world), 0)
}

fn assignment(world: &World, index: u8) -> Address {
    address::assignment(&job_of(world), index)
}

fn round(world: &World, index: u8) -> Address {
    address::round(&assignment(world, index), 0)
}

fn worker(world: &World) -> Address {
    address::worker(&world.pool, &world.trader().pubkey())
}

fn live_key(world: &World) -> Address {
    address::enclave_key(&worker(world), &keypair("live enclave").pubkey())
}

fn forge(world: &mut World, address: Address, data: Vec<u8>, owner: Address) {
    world.vm.svm.set_account(address, Account { lamports: CREDIT, data, owner, ..Account::default() }).expect("an account");
}

/// An account of nothing but its discriminator.
fn blank(discriminator: [u8; 8]) -> Vec<u8> {
    [&discriminator[..], &[0; 10_240]].concat()
}

/// Forges it all: the creator is client, verifier, challenger, finder and payer; the trader's worker works.
pub fn build(world: &mut World) {
    let (creator, market, now) = (world.creator().pubkey(), world.market_account(), world.vm.clock().unix_timestamp);
    // more verifiers, of whom nobody is a party
    let (set_address, mut set) = (address::verifier_set(&world.market), world.verifier_set());
    for (i, place) in (10u8..).zip(&mut set.verifiers[10..16]) {
        *place = Verifier { owner: Address::new_from_array([i; 32]), stake: 1, counted: 1, changes_at: 1, ..place.clone() };
    }
    set_data(&mut world.vm, &set_address, borsh::to_vec(&set).expect("bytes"));

    let (job_address, escrow) = (job_of(world), address::escrow(&job_of(world)));
    let mut job = Job::from_bytes(&blank(JOB_DISCRIMINATOR)).expect("a job");
    job.bump = Address::find_program_address(&[b"job", client(world).as_ref(), &0u64.to_le_bytes()], &HMM_ID).1;
    (job.proof_level, job.gamma, job.assigned, job.open_assignments, job.counts) = (1, 1_500_000, 11, 11, [11; 10]);
    job.counts[usize::from(Phase::Done.code())] = 0; // it is live
    (job.set_aside, job.assign_by, job.start_by, job.submit_by) = (RICH, 1, 2, now + 100_000);
    job.terms = terms::jobs(CREDIT);
    (job.market, job.client, job.owner, job.escrow, job.rent_payer) = (world.market, client(world), creator, escrow, creator);
    forge(world, job_address, borsh::to_vec(&job).expect("bytes"), HMM_ID);
    let mut tokens = world.vm.svm.get_account(&credits_of(world, &creator)).expect("a wallet");
    tokens.data[32..64].copy_from_slice(job_address.as_ref());
    world.vm.svm.set_account(escrow, tokens).expect("an escrow");
    set_balance(&mut world.vm, &escrow, RICH);

    for index in 0..=OVER {
        let mut a = Assignment::from_bytes(&blank(ASSIGNMENT_DISCRIMINATOR)).expect("an assignment");
        (a.index, a.job, a.worker, a.rent_payer, a.newcomer) = (index, job_address, worker(world), creator, true);
        (a.fees, a.payment, a.cost, a.bond, a.challenge_bond) = (CREDIT, 100, 120, 80, CREDIT);
        (a.draw_slot, a.submitted_at, a.until) = (1, 10, now + 1_000);
        let phase = match index {
            TO_SUBMIT => Phase::Running,
            TO_DRAW => Phase::Submitted,
            TO_COMMIT | TO_REVEAL | TO_TALLY => Phase::Verifying,
            TO_CHALLENGE => Phase::Window,
            TO_APPEAL => Phase::Ruled,
            TO_SETTLE => Phase::Final,
            TO_PROVE => Phase::Disputed,
            _ => Phase::Done,
        };
        (a.phase, a.verdict) = (phase.code(), Verdict::store(Some(Verdict::Fail)));
        match index {
            TO_DRAW => a.until = now,
            TO_PROVE => {
                (a.challenger_count, a.challengers[0]) = (1, creator);
                a.trace_root = Tree::new(0, &[STATE]).expect("a tree").root();
            }
            TO_CLAIM => (a.finder, a.finder_claim) = (creator, 5),
            _ => {}
        }
        if WITH_ROUND.contains(&index) {
            (a.rounds, a.seats) = (1, if index == OVER { 0 } else { 1 });
            let mut r = Round::from_bytes(&blank(ROUND_DISCRIMINATOR)).expect("a round");
            (r.seat_count, r.length, r.until, r.counted) = (1, 100, now + 1_000, index == OVER);
            (r.job, r.assignment, r.market, r.rent_payer) = (job_address, assignment(world, index), world.market, creator);
            r.seats[0].verifier = creator;
            if index == TO_REVEAL {
                let domain = rounds::domain(&world.market, market.genesis_hash);
                (r.committed, r.seats[0].stage) = (1, 1);
                r.seats[0].commitment = vote(7).commitment(&domain, &round(world, index), 0);
            }
            if index == TO_TALLY {
                (r.committed, r.revealed, r.seats[0].stage, r.seats[0].score) = (1, 1, 2, 9_000);
            }
            let address = round(world, index);
            forge(world, address, borsh::to_vec(&r).expect("bytes"), HMM_ID);
        }
        let address = assignment(world, index);
        forge(world, address, borsh::to_vec(&a).expect("bytes"), HMM_ID);
    }

    let trader = world.trader().pubkey();
    edit_worker(world, &trader, |w| (w.payments, w.reserved) = (w.payments + 10_000, w.reserved + 10_000));
    let vault = world.worker(&trader).vault;
    let held = world.vm.balance(&vault);
    set_balance(&mut world.vm, &vault, held + 20_000);
    let mut key = EnclaveKey::from_bytes(&blank(ENCLAVE_KEY_DISCRIMINATOR)).expect("a key");
    (key.expiry, key.worker, key.key) = (i64::MAX, worker(world), keypair("live enclave").pubkey());
    (key.measurement, key.approval, key.rent_payer) = (MEASUREMENT, address::measurement(&world.market, &MEASUREMENT), trader);
    let address = live_key(world);
    forge(world, address, borsh::to_vec(&key).expect("bytes"), HMM_ID);
    world.hash_slots();
}

/// The accounts, by name.
pub fn accounts(world: &World) -> Vec<(&'static str, Address)> {
    const ROUNDS: [&str; 4] = ["round to commit", "round to reveal", "round to tally", "round that is over"];
    let mut accounts = vec![
        ("judged job", job_of(world)),
        ("judged escrow", address::escrow(&job_of(world))),
        ("bonus vault", address::bonus_vault(&world.market)),
        ("worker's vault", address::bond(&worker(world))),
        ("live key", live_key(world)),
        ("round to be", round(world, TO_DRAW)),
        ("slot hashes", rounds::SLOT_HASHES),
    ];
    accounts.extend(NAMES.iter().zip(0u8..).map(|(name, index)| (*name, assignment(world, index))));
    accounts.extend(ROUNDS.iter().zip(WITH_ROUND).map(|(name, index)| (*name, round(world, index))));
    accounts
}

/// One case for each instruction of `instructions/round`.
pub fn cases(world: &World) -> Vec<(&'static str, Instruction)> {
    let (creator, trader, market) = (world.creator().pubkey(), world.trader().pubkey(), world.market);
    let job = job_of(world);
    let trial =
        |index| Trial::decode(assignment(world, index), &world.vm.data(&assignment(world, index)), world.job(&job)).expect("a trial");
    let over = rounds::decode_round(&world.vm.data(&round(world, OVER))).expect("a round");
    let key = EnclaveKey::from_bytes(&world.vm.data(&live_key(world))).expect("a key");
    let domain = rounds::domain(&market, world.market_account().genesis_hash);
    let commitment = vote(7).commitment(&domain, &round(world, TO_COMMIT), 0);
    vec![
        ("submit_attestation", trial(TO_SUBMIT).submit(trader, live_key(world), &key, report())),
        ("draw", trial(TO_DRAW).draw(creator)),
        ("commit", rounds::commit(round(world, TO_COMMIT), creator, 0, commitment)),
        ("reveal", rounds::reveal(market, round(world, TO_REVEAL), creator, 0, &vote(7))),
        ("tally", trial(TO_TALLY).tally()),
        ("challenge", trial(TO_CHALLENGE).challenge(creator)),
        ("appeal", trial(TO_APPEAL).appeal(creator)),
        ("settle", trial(TO_SETTLE).settle(&world.worker(&trader))),
        ("prove_leaf", trial(TO_PROVE).prove(creator, 0, vec![STATE])),
        ("claim_assignment", trial(TO_CLAIM).claim(&[creator])),
        ("close_round", rounds::close_round(round(world, OVER), &over)),
        ("fund_bonus", rounds::fund_bonus(market, &world.market_account(), creator, 1)),
    ]
}

/// What has to stand before an instruction in its transaction.
pub fn before(world: &World, name: &str) -> Vec<Instruction> {
    if name != "submit_attestation" {
        return vec![];
    }
    let job = job_of(world);
    let trial = Trial::decode(assignment(world, TO_SUBMIT), &world.vm.data(&assignment(world, TO_SUBMIT)), world.job(&job));
    let (digest, enclave) = (trial.expect("a trial").digest(&report(), MEASUREMENT), keypair("live enclave"));
    vec![rounds::signed(&enclave.pubkey(), &enclave.sign_message(&digest).into(), &digest)]
}

/// What may stand in another account's place.
pub const HARMLESS: &[(&str, &str, &str, &str)] = &[
    ("draw", "payer", "", "anybody may draw, and pays for it"),
    ("commit", "round", "rival", "another round in which the signer has this seat"),
    ("reveal", "market+round", "rival", "another round in which the signer has this seat, with its market"),
    ("challenge", "assignment", "disputed", "another verdict that can be disputed"),
    ("prove_leaf", "prover", "", "anybody may prove a fraud"),
    ("prove_leaf", "program", "", "the program is in the list for the round that is absent"),
    ("close_round", "round+assignment", "rival", "another round of an assignment that is over, of the same payer"),
    // These states do not exist: mints, token accounts at an address of the program, its own accounts and sysvars keep their owner.
    ("tally", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("challenge", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("appeal", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("prove_leaf", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("claim_assignment", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("fund_bonus", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("prove_leaf", "escrow", "own bytes", "no vote is paid, so it is not touched"),
    ("prove_leaf", "stake_vault", "own bytes", "no vote is paid, so it is not touched"),
    ("settle", "bonus_vault", "own bytes", "there is no bonus, so it is not touched"),
    ("draw", "slot_hashes", "own bytes", "the owner of a sysvar never changes"),
    ("close_round", "assignment", "own bytes", "only the program makes an account at this address"),
];
