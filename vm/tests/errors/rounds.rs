//! The codes of attestations, draws, votes and traces. (`rounds.rs` and `attestation.rs` have the bounds to the second.)

use hmm_attest::{Reason, merkle::Tree};
use hmm_client::{HmmError, HmmRefusal, address, event::Expectation, rounds};
use hmm_vm::{
    rounds::{Case, report, vote},
    world::keypair,
};
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::{CALL, Codes};
use crate::common::{court::Court, *};

/// Hashes that are not there, seats that are another's, votes twice or other than promised, rounds that are over.
pub fn votes(codes: &mut Codes) {
    let mut court = Court::new();
    let (creator, job) = (court.world.creator(), court.job);
    court.submit(report());
    let a = court.assignment();
    let slot = court.world.vm.clock().slot;
    let draw = court.trial().draw(creator.pubkey());
    codes.number(&mut court.world.vm, &[&creator], draw.clone(), HmmError::DrawEarly, CALL, a.draw_slot, slot);
    court.world.pass_to_draw(&job, 0);
    court.world.hash_slots_but(&[a.draw_slot]);
    codes.number(&mut court.world.vm, &[&creator], draw, HmmError::NoSlotHash, CALL, a.draw_slot, a.draw_slot - 1);
    court.draw();

    let (trial, seated, stranger) = (court.trial(), court.world.seated(&job, 0), keypair("anna"));
    let (round, first) = (trial.round(), &seated[0]);
    let commitment = vote(1).commitment(&trial.domain(), &round, 0);
    let commit = |who| rounds::commit(round, who, 0, commitment);
    let vm = &mut court.world.vm;
    codes.account(vm, &[&stranger], commit(stranger.pubkey()), HmmError::NotSeated, CALL, first.pubkey(), stranger.pubkey());
    vm.send(&[commit(first.pubkey())], &[first]).expect("a commitment");
    codes.number(vm, &[first], commit(first.pubkey()), HmmError::AlreadyCommitted, CALL, 0, 1);
    at(&mut court.world, trial.assignment.until - 1);
    let reveal = |seat: usize, score| rounds::reveal(trial.job.job.market, round, seated[seat].pubkey(), seat as u8, &vote(score));
    let vm = &mut court.world.vm;
    codes.number(vm, &[&seated[1]], reveal(1, 1), HmmError::NotCommitted, CALL, 1, 0);
    let other = vote(2).commitment(&trial.domain(), &round, 0);
    let agree = commitment.iter().zip(&other).take_while(|(a, b)| a == b).count() as u64;
    codes.number(vm, &[first], reveal(0, 2), HmmError::OtherVote, CALL, 32, agree);
    court.pass_window();
    let tally = court.trial().tally();
    court.world.tally(&creator, &job, 0).expect("the count");
    codes.number(&mut court.world.vm, &[], tally, HmmError::RoundCounted, CALL, 0, 1);
}

/// What the instruction before an attestation must be.
pub fn signatures(codes: &mut Codes) {
    let mut court = Court::new();
    let labourer = court.world.labourer();
    let [good, submit] = court.world.attest_ixs(&labourer.pubkey(), &court.job, 0, report());
    let (key, message) = (&good.data[16..48], &good.data[112..144]);
    let agree = |this: &[u8], that: &[u8]| this.iter().zip(that).take_while(|(a, b)| a == b).count() as u64;
    let stranger = keypair("stranger");
    let sign = |who: &solana_keypair::Keypair, digest: [u8; 32]| rounds::signed(&who.pubkey(), &who.sign_message(&digest).into(), &digest);
    let digest: [u8; 32] = message.try_into().expect("a digest");
    let longer = Instruction { data: [&good.data[..], &[0]].concat(), ..good.clone() };
    for (before, error, subject, expected, found) in [
        (vec![], HmmError::Ed25519Program, CALL, 32, 0),
        (vec![longer], HmmError::Ed25519Layout, Reason::DataLength as u8, 144, 145),
        (vec![sign(&stranger, digest)], HmmError::Ed25519Key, CALL, 32, agree(key, stranger.pubkey().as_ref())),
        (vec![sign(&court.world.enclave(), [9; 32])], HmmError::Ed25519Message, CALL, 32, agree(message, &[9; 32])),
    ] {
        let failure = refused(&mut court.world.vm, &[before, vec![submit.clone()]].concat(), &[&labourer]);
        codes.note(&failure, error.clone());
        let what = Expectation::Number { expected, found };
        assert_eq!(failure.refusal, Some(HmmRefusal { code: error as u32, subject, what }));
    }
}

/// What does not refute a trace.
pub fn traces(codes: &mut Codes) {
    let mut court = Court::of(Case { proof_level: 1, trace_depth: 1, ..Case::default() }, true);
    let job = court.world.job(&court.job).job;
    let first = hmm_attest::trace::initial_state(&job.model_root, &job.input_root);
    let states = [first, hmm_attest::trace::step(&job.model_root, &first)];
    let tree = Tree::new(1, &states).expect("a tree");
    let items = hmm_attest::trace::items(&tree, &states, 0).expect("items");
    court.submit(rounds::Report { trace_root: tree.root(), ..report() });
    court.draw();
    court.rule(9_000);
    court.challenge("anna");
    let (trial, prover) = (court.trial(), keypair("bruno"));
    let vm = &mut court.world.vm;
    codes.number(vm, &[&prover], trial.prove(prover.pubkey(), 3, items.clone()), HmmError::TraceLink, CALL, 2, 3);
    codes.number(vm, &[&prover], trial.prove(prover.pubkey(), 0, items.clone()), HmmError::TraceHonest, CALL, 31, 32);
    codes.number(vm, &[&prover], trial.prove(prover.pubkey(), 0, vec![]), HmmError::MerkleProofLength, CALL, 2, 0);
    court.edit_job(|job| job.proof_level = 0);
    codes.number(&mut court.world.vm, &[&prover], trial.prove(prover.pubkey(), 0, items), HmmError::NotRecomputable, CALL, 1, 0);
    assert_eq!(trial.round(), address::round(&trial.address, 1));
}
