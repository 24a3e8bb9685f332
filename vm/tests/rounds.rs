//! Verification and settlement on the built program: every transition and side exit with its numbers, every second of every window.

mod common;

use common::{
    court::{CHALLENGERS, Court},
    *,
};
use hmm_attest::{
    merkle::Tree,
    trace::{self, initial_state, step},
};
use hmm_client::{
    HmmError, HmmEvent, address,
    generated::accounts::Round,
    rounds::{self, seat},
};
use hmm_job::{Outcome, Phase, Verdict};
use hmm_math::{
    Ppm,
    quality::{Posterior, weight_floor},
};
use hmm_vm::{
    rounds::{Case, UNITS, hash_of, report, vote},
    verify::verifier_key,
    world::{CREDIT, keypair},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

const SEAT_FEE: u64 = CREDIT / 20;
const FEE_BUDGET: u64 = 30 * SEAT_FEE;
const SLASH: u64 = 10 * CREDIT;

fn outcome(court: &Court) -> Option<Outcome> {
    hmm_client::jobs::outcome(court.assignment().outcome)
}

fn verdict(court: &Court) -> Option<Verdict> {
    hmm_client::jobs::machine_part(&court.assignment()).verdict
}

/// Work that is found good: everybody's numbers, and then every account goes.
#[test]
fn good_work_is_paid_and_nothing_stays() {
    let mut court = Court::new();
    let (job, creator, labourer) = (court.job, court.world.creator(), court.world.labourer());
    court.check();
    let before = court.assignment();
    assert!(before.payment > 0 && before.cost > 0);
    let fill_burned = before.burned;

    let receipt = court.world.attest(&labourer, &job, 0, report()).expect("an attestation");
    println!("submit_attestation, the ed25519 instruction included: {} CU", receipt.compute_units);
    assert!(receipt.compute_units <= 12_000 + 2_500);
    let clock = court.world.vm.clock();
    let a = court.assignment();
    assert_eq!((a.receipt, a.draw_slot, a.submitted_at), (true, clock.slot + 20, clock.unix_timestamp));
    assert_eq!((a.report_digest, a.output_root, a.trace_root, a.usage), ([3; 32], [4; 32], [5; 32], [7, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(a.measurement, hmm_vm::verify::MEASUREMENT);
    assert_eq!(a.until, clock.unix_timestamp + 10);
    let Some(HmmEvent::Attested(event)) = receipt.events.first() else { panic!("{:?}", receipt.events) };
    assert_eq!((event.assignment, event.receipt, event.draw_slot), (court.trial().address, true, a.draw_slot));

    // The draw is the host's draw.
    court.world.pass_to_draw(&job, 0);
    let slot = court.world.vm.clock().slot;
    let target = court.trial().target_slot(slot).expect("past");
    let drawn = court.trial().drawn(&court.world.verifier_set(), &court.worker(), &hash_of(target), &[]);
    let receipt = court.world.draw(&creator, &job, 0).expect("a draw");
    println!("draw of 3 among 24: {} CU", receipt.compute_units);
    let round = court.world.round(&job, 0, 0);
    let places: Vec<u8> = round.seats.iter().take(3).map(|seat| seat.index).collect();
    assert_eq!((round.seat_count, drawn.eligible, places.as_slice()), (3, 16, &drawn.places[..3]));
    assert_eq!((round.until, round.length, round.number), (court.world.vm.clock().unix_timestamp + 600, 600, 0));
    assert_eq!((court.phase(), court.assignment().seats, court.assignment().rounds), (Phase::Verifying, 3, 1));

    let scores = [9_000, 8_500, 2_000];
    for (seat, score) in (0u8..).zip(scores) {
        let receipt = court.world.commit(&job, 0, seat, &vote(score)).expect("a commitment");
        println!("commit: {} CU", receipt.compute_units);
        assert!(receipt.compute_units <= 6_000);
    }
    for (seat, score) in (0u8..).zip(scores) {
        let receipt = court.world.reveal(&job, 0, seat, &vote(score)).expect("a vote");
        println!("reveal: {} CU", receipt.compute_units);
        assert!(receipt.compute_units <= 6_000);
    }
    let receipt = court.world.tally(&creator, &job, 0).expect("the count");
    println!("tally of 3: {} CU", receipt.compute_units);
    court.check();
    let a = court.assignment();
    assert_eq!((a.score, a.delta_i, a.delta_u), (8_500, 25_500, -8_500), "medians");
    assert_eq!((court.phase(), verdict(&court), a.fees), (Phase::Window, Some(Verdict::Pass), FEE_BUDGET - 3 * SEAT_FEE));
    let set = court.world.verifier_set();
    for place in &places {
        let verifier = &set.verifiers[usize::from(*place)];
        assert_eq!((verifier.earned, verifier.stake), (SEAT_FEE, 1_000 * CREDIT));
    }
    assert_eq!(set.burn_due, 0);

    // One second before the window's end nothing can be settled.
    at(&mut court.world, a.until - 1);
    assert!(court.world.settle(&creator, &job, 0).expect_err("early").is(HmmError::JobEarly));
    at(&mut court.world, a.until);
    let (worker, credits) = (court.worker(), court.world.job(&job).job.credits);
    let receipt = court.world.settle(&creator, &job, 0).expect("the settlement");
    println!("settle: {} CU", receipt.compute_units);
    assert!(receipt.compute_units <= 15_000);
    court.check();
    let value = a.payment.max(a.cost);
    let bonus = (value / 20).min(a.burned * 9 / 10);
    assert!(bonus > 0 && fill_burned > 0);
    let after = court.worker();
    assert_eq!(after.claimable, worker.claimable + a.payment + a.bond + bonus);
    assert_eq!((after.payments, after.reserved, after.jobs, after.banned), (0, 0, 1, false));
    assert_eq!(court.world.job(&job).job.credits, credits + FEE_BUDGET - 3 * SEAT_FEE);
    let mut posterior = Posterior::default();
    let weight = weight_floor(a.values[0], 200 * CREDIT, 100 * CREDIT, Ppm(1_000_000)).expect("a weight");
    let epoch = u64::try_from(a.until / 86_400).expect("a day");
    posterior.record(epoch, 8_500, weight, false).expect("a record");
    let quality = &after.quality[0];
    assert_eq!((quality.good, quality.bad, quality.epoch), (posterior.good, posterior.bad, posterior.epoch));
    assert_eq!(outcome(&court), Some(Outcome::Passed));

    // Twice is refused; so are all other events.
    assert!(court.world.settle(&creator, &job, 0).expect_err("settled").is(HmmError::JobPhase));
    assert!(court.world.challenge(&keypair(CHALLENGERS[0]), &job, 0).expect_err("settled").is(HmmError::JobPhase));

    // Everything is closed, and all rent and credits are gone from the job.
    court.world.claim_assignment(&creator, &job, 0).expect("a closing");
    court.check();
    assert!(court.world.has_assignment(&job, 0).is_none());
    court.world.close_round(&creator, &job, 0, 0).expect("a closing");
    let client = court.world.client();
    court.world.close_job(&client, &job).expect("a closing");
    court.world.claim_job(&client, &job).expect("a claim");
    for gone in [job, address::escrow(&job), address::assignment(&job, 0), address::round(&address::assignment(&job, 0), 0)] {
        assert_eq!(court.world.vm.svm.get_balance(&gone).unwrap_or_default(), 0, "{gone} stays");
    }
    court.check();
}

/// Tally, settlement and claim in one transaction once no window is between them; draw and commit likewise.
#[test]
fn one_transaction_where_windows_allow() {
    let mut court = Court::new();
    let (job, creator) = (court.job, court.world.creator());
    court.submit(report());
    court.world.pass_to_draw(&job, 0);
    let trial = court.trial();
    let drawn = trial.drawn(&court.world.verifier_set(), &court.worker(), &hash_of(trial.assignment.draw_slot), &[]);
    let first = court.world.verifier_set().verifiers[usize::from(drawn.places[0])].owner;
    let key = (0..24).map(verifier_key).find(|key| key.pubkey() == first).expect("a verifier");
    let round = address::round(&trial.address, 0);
    let commitment = vote(0).commitment(&trial.domain(), &round, 0);
    let both = [trial.draw(creator.pubkey()), rounds::commit(round, first, 0, commitment)];
    let receipt = court.world.vm.send(&both, &[&creator, &key]).expect("draw and commit");
    println!("draw and first commit: {} CU", receipt.compute_units);
    for seat in 1..3 {
        court.world.commit(&job, 0, seat, &vote(0)).expect("a commitment");
    }
    for seat in 0..3 {
        court.world.reveal(&job, 0, seat, &vote(0)).expect("a vote");
    }
    court.world.tally(&creator, &job, 0).expect("the count");
    // an appeal is the last instance: its tally makes the verdict final
    court.challenge("anna");
    court.draw();
    court.rule(0);
    court.world.appeal(&keypair("bruno"), &job, 0).expect("an appeal");
    court.draw();
    let seats = court.assignment().seats;
    court.world.judge(&job, 0, &vec![9_000; seats.into()]);
    let before = court.trial();
    let worker = court.world.worker_at(&before.assignment.worker);
    // the first verdict was overturned too: the challenger was right after all
    let claim = before.claim(&[keypair("anna").pubkey(), keypair("bruno").pubkey()]);
    let receipt = court.world.vm.send(&[before.tally(), before.settle(&worker), claim], &[&creator]).expect("all at once");
    println!("tally, settle and claim: {} CU", receipt.compute_units);
    court.check();
    assert!(court.world.has_assignment(&job, 0).is_none());
}

/// Bad work: the client has its full cost, half of what is left of the bond burns, the rest is free.
#[test]
fn bad_work_makes_the_client_whole() {
    let mut court = Court::drawn();
    court.rule(4_999);
    assert_eq!(verdict(&court), Some(Verdict::Fail));
    let (a, worker, job) = (court.assignment(), court.worker(), court.world.job(&court.job).job);
    let supply = court.world.vm.supply(&court.world.credit_mint);
    court.pass_window();
    court.settle();
    let left = a.bond - (a.cost - a.payment.min(a.cost));
    let slash = left.div_ceil(2);
    assert_eq!(court.world.job(&court.job).job.credits, job.credits + a.cost + FEE_BUDGET - 3 * SEAT_FEE);
    assert_eq!(court.worker().bond, worker.bond + left - slash);
    assert_eq!(court.worker().claimable, worker.claimable);
    assert_eq!(supply - court.world.vm.supply(&court.world.credit_mint), slash + a.payment.saturating_sub(a.cost));
    assert_eq!(outcome(&court), Some(Outcome::Failed));
    assert!(court.worker().quality[0].bad > court.worker().quality[0].good);
}

/// Work that was not drawn stands, has no score, earns no bonus and teaches nothing about the worker.
#[test]
fn unsampled_work_stands_without_bonus() {
    let mut court = Court::of(Case::default(), false);
    court.edit_job(|job| (job.terms.sample_margin, job.terms.sample_min) = (1, 1));
    court.submit(report());
    let payer = court.world.creator();
    let lamports = court.world.vm.svm.get_balance(&payer.pubkey()).unwrap();
    court.draw();
    let a = court.assignment();
    assert_eq!((court.phase(), verdict(&court), a.rounds, a.seats, a.score), (Phase::Window, Some(Verdict::Pass), 0, 0, 0));
    assert!(lamports - court.world.vm.svm.get_balance(&payer.pubkey()).unwrap() < 10_000_000, "the round's rent came back");
    assert!(court.world.vm.svm.get_account(&address::round(&court.trial().address, 0)).is_none_or(|round| round.lamports == 0));
    court.pass_window();
    let worker = court.worker();
    court.settle();
    assert_eq!(court.worker().claimable, worker.claimable + a.payment + a.bond);
    assert_eq!((court.worker().quality[0].good, court.worker().quality[0].bad), (0, 0));

    // challenged instead: the number of the round that was not held is used by the second committee
    let mut court = Court::of(Case::default(), false);
    court.edit_job(|job| (job.terms.sample_margin, job.terms.sample_min) = (1, 1));
    court.submit(report());
    court.draw();
    court.challenge("anna");
    court.draw();
    assert_eq!((court.assignment().rounds, court.assignment().seats), (1, 6));
}

/// Challengers who were right: their bonds, the finder's fifth of the slash, in equal parts; whoever asks, it is theirs.
#[test]
fn challengers_who_are_right() {
    let mut court = Court::drawn();
    let (job, creator) = (court.job, court.world.creator());
    court.rule(9_000);
    let names = &CHALLENGERS[..3];
    let wallets: Vec<u64> = names.iter().map(|name| court.credits(&keypair(name).pubkey())).collect();
    for name in names {
        court.challenge(name);
    }
    let a = court.assignment();
    let bond = (10 * CREDIT).max(a.payment.max(a.cost).div_ceil(2));
    assert_eq!((a.challenge_bond, a.challenger_count), (bond, 3));
    for (name, wallet) in names.iter().zip(&wallets) {
        assert_eq!(court.credits(&keypair(name).pubkey()), wallet - bond);
    }
    // a fourth may join, a fifth not
    court.challenge(CHALLENGERS[3]);
    let failure = court.world.challenge(&keypair(CHALLENGERS[4]), &job, 0).expect_err("full");
    assert!(failure.is(HmmError::JobFull));
    // joining ends when drawing begins
    court.pass_window();
    assert!(court.world.challenge(&keypair(CHALLENGERS[4]), &job, 0).expect_err("late").is(HmmError::JobLate));
    court.draw();
    let (first, second) = (court.world.round(&job, 0, 0), court.world.round(&job, 0, 1));
    assert_eq!(second.seat_count, 6);
    disjoint(&first, &second);
    court.rule(1_000);
    court.check();
    assert_eq!((court.phase(), court.assignment().ruled), (Phase::Ruled, 2));
    court.pass_window();
    let (a, worker) = (court.assignment(), court.worker());
    court.settle();
    let left = a.bond - (a.cost - a.payment.min(a.cost));
    let slash = left.div_ceil(2);
    let found = slash / 5;
    let claim = court.assignment().challenger_claim;
    assert_eq!(claim, 4 * bond + found);
    assert_eq!(court.worker().bond, worker.bond + left - slash);

    // nobody else is paid, and nobody twice
    let trial = court.trial();
    let claim_ix = trial.claim(&[creator.pubkey()]);
    assert!(court.world.vm.send(&[claim_ix], &[&creator]).expect_err("no claim").is(HmmError::NotPayee));
    let empty = trial.claim(&[]);
    assert!(court.world.vm.send(&[empty], &[&creator]).expect_err("claims wait").is(HmmError::NothingToCollect));
    let mut paid = vec![];
    for name in &CHALLENGERS[..4] {
        let who = keypair(name).pubkey();
        let before = court.credits(&who);
        let claim = court.trial().claim(&[who]);
        court.world.vm.send(std::slice::from_ref(&claim), &[&creator]).expect("a claim");
        paid.push(court.credits(&who) - before);
        court.check();
        if court.world.has_assignment(&job, 0).is_some() {
            assert!(court.world.vm.send(&[claim], &[&creator]).expect_err("paid").is(HmmError::NotPayee));
        }
    }
    assert_eq!(paid.iter().sum::<u64>(), claim);
    assert!(paid.iter().max().unwrap() - paid.iter().min().unwrap() <= 1, "equal parts: {paid:?}");
    assert!(court.world.has_assignment(&job, 0).is_none(), "the last claim closed it");
}

/// A challenger who was wrong pays for the committee, half of the rest is the worker's, half burns.
#[test]
fn challengers_who_are_wrong() {
    let mut court = Court::drawn();
    court.rule(9_000);
    court.challenge("anna");
    court.draw();
    court.rule(8_000);
    court.pass_window();
    let (a, worker, job) = (court.assignment(), court.worker(), court.world.job(&court.job).job);
    let supply = court.world.vm.supply(&court.world.credit_mint);
    court.settle();
    let rest = a.challenge_bond - 6 * SEAT_FEE;
    let bonus = (a.payment.max(a.cost) / 20).min(a.burned * 9 / 10);
    assert_eq!(court.worker().claimable, worker.claimable + a.payment + a.bond + rest / 2 + bonus);
    assert_eq!(supply - court.world.vm.supply(&court.world.credit_mint), rest - rest / 2);
    assert_eq!(court.world.job(&court.job).job.credits, job.credits + a.fees + 6 * SEAT_FEE);
    assert!(court.trial().payees().is_empty());
}

/// The appeal is the last word: the appellant's bond back, half of the challengers', and their finder's part.
#[test]
fn an_appeal_overturns() {
    let mut court = Court::drawn();
    let (job, creator) = (court.job, court.world.creator());
    court.rule(9_000);
    court.challenge("anna");
    court.draw();
    court.rule(0);
    let appellant = keypair("bruno");
    court.world.appeal(&appellant, &job, 0).expect("an appeal");
    court.check();
    assert!(court.world.appeal(&appellant, &job, 0).expect_err("once").is(HmmError::JobPhase));
    court.draw();
    let all: Vec<Round> = (0..3).map(|n| court.world.round(&job, 0, n)).collect();
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        disjoint(&all[i], &all[j]);
    }
    court.rule(9_500);
    assert_eq!(court.phase(), Phase::Final);
    let a = court.assignment();
    court.settle();
    let rest = a.challenge_bond - 6 * SEAT_FEE;
    assert_eq!(court.assignment().appellant_claim, a.challenge_bond + rest / 2);
    assert_eq!(court.assignment().challenger_claim, 0);
    let before = court.credits(&appellant.pubkey());
    court.world.claim_assignment(&creator, &job, 0).expect("a claim");
    assert_eq!(court.credits(&appellant.pubkey()), before + a.challenge_bond + rest / 2);
    court.check();
}

fn disjoint(one: &Round, other: &Round) {
    let of = |round: &Round| round.seats.iter().take(round.seat_count.into()).map(|seat| seat.verifier).collect::<Vec<_>>();
    assert!(of(one).iter().all(|verifier| !of(other).contains(verifier)), "somebody sits twice");
}

/// Silent verifiers lose fee and stake; twice no quorum is base pay with a receipt, a refund without.
#[test]
fn silence_is_slashed_and_decides_nothing() {
    for receipt in [true, false] {
        let mut court = Court::new();
        let (job, creator) = (court.job, court.world.creator());
        court.submit(report());
        if !receipt {
            court.edit_assignment(|a| a.receipt = false);
        }
        court.draw();
        let places: Vec<u8> = court.world.round(&job, 0, 0).seats.iter().take(3).map(|seat| seat.index).collect();
        // one reveals, one only commits, one does nothing
        court.world.commit(&job, 0, 0, &vote(9_000)).expect("a commitment");
        court.world.commit(&job, 0, 1, &vote(9_000)).expect("a commitment");
        let until = court.assignment().until;
        at(&mut court.world, until - 300);
        court.world.reveal(&job, 0, 0, &vote(9_000)).expect("a vote");
        at(&mut court.world, until - 1);
        assert!(court.world.tally(&creator, &job, 0).expect_err("early").is(HmmError::JobEarly));
        at(&mut court.world, until);
        assert!(court.world.reveal(&job, 0, 1, &vote(9_000)).expect_err("late").is(HmmError::JobLate));
        court.world.tally(&creator, &job, 0).expect("the count");
        court.check();
        let set = court.world.verifier_set();
        let of = |i: usize| &set.verifiers[usize::from(places[i])];
        assert_eq!((of(0).earned, of(0).stake), (SEAT_FEE, 1_000 * CREDIT));
        assert_eq!((of(1).earned, of(1).stake), (0, 1_000 * CREDIT - SLASH));
        assert_eq!((of(2).earned, of(2).stake, set.burn_due), (0, 1_000 * CREDIT - SLASH, 2 * SLASH));
        let a = court.assignment();
        assert_eq!((court.phase(), a.again, a.seats, a.rounds, a.score), (Phase::Verifying, true, 0, 1, 0));
        // a second committee, under another hash; nobody says anything
        court.draw();
        assert_eq!(court.assignment().rounds, 2);
        court.pass_window();
        court.world.tally(&creator, &job, 0).expect("the count");
        assert_eq!((court.phase(), verdict(&court)), (Phase::Final, Some(Verdict::NoQuorum)));
        let (a, worker, credits) = (court.assignment(), court.worker(), court.world.job(&job).job.credits);
        court.settle();
        let back = if receipt { 0 } else { a.cost };
        assert_eq!(court.world.job(&job).job.credits, credits + a.fees + back);
        assert_eq!(court.worker().claimable, worker.claimable + a.payment + a.bond - back);
        assert_eq!(outcome(&court), Some(if receipt { Outcome::BasePay } else { Outcome::Refunded }));
        assert_eq!((court.worker().quality[0].good, court.worker().quality[0].bad), (0, 0));
    }
}

/// Too few verifiers: no round, a second try, then the default.
#[test]
fn too_few_verifiers() {
    let mut court = Court::of(Case { verifiers: 2, ..Case::default() }, true);
    court.submit(report());
    court.draw();
    assert_eq!((court.phase(), court.assignment().again, court.assignment().rounds), (Phase::Verifying, true, 0));
    court.draw();
    assert_eq!((court.phase(), verdict(&court)), (Phase::Final, Some(Verdict::NoQuorum)));
    court.settle();
}

/// Every second of a round has one purpose, and a seat acts once in each.
#[test]
fn the_seconds_of_a_round() {
    let mut court = Court::drawn();
    let job = court.job;
    let until = court.assignment().until;
    assert!(court.world.reveal(&job, 0, 0, &vote(1)).expect_err("early").is(HmmError::JobEarly));
    court.world.commit(&job, 0, 0, &vote(1)).expect("a commitment");
    assert!(court.world.commit(&job, 0, 0, &vote(2)).expect_err("once").is(HmmError::AlreadyCommitted));
    at(&mut court.world, until - 301);
    court.world.commit(&job, 0, 1, &vote(1)).expect("the last second");
    assert!(court.world.reveal(&job, 0, 0, &vote(1)).expect_err("early").is(HmmError::JobEarly));
    at(&mut court.world, until - 300);
    assert!(court.world.commit(&job, 0, 2, &vote(1)).expect_err("late").is(HmmError::JobLate));
    assert!(court.world.reveal(&job, 0, 2, &vote(1)).expect_err("nothing to reveal").is(HmmError::NotCommitted));
    assert!(court.world.reveal(&job, 0, 0, &vote(2)).expect_err("another vote").is(HmmError::OtherVote));
    court.world.reveal(&job, 0, 0, &vote(1)).expect("the first second");
    assert!(court.world.reveal(&job, 0, 0, &vote(1)).expect_err("once").is(HmmError::NotCommitted));
    at(&mut court.world, until - 1);
    court.world.reveal(&job, 0, 1, &vote(1)).expect("the last second");
    at(&mut court.world, until);
    assert!(court.world.reveal(&job, 0, 2, &vote(1)).expect_err("late").is(HmmError::JobLate));

    // all have committed: revealing begins at once; all have revealed: so does counting
    let mut court = Court::drawn();
    for seat in 0..3 {
        court.world.commit(&court.job.clone(), 0, seat, &vote(1)).expect("a commitment");
    }
    let creator = court.world.creator();
    for seat in 0..3 {
        assert!(court.world.tally(&creator, &job, 0).expect_err("early").is(HmmError::JobEarly));
        court.world.reveal(&court.job.clone(), 0, seat, &vote(1)).expect("a vote");
    }
    court.world.tally(&creator, &job, 0).expect("the count");
    let trial = court.trial();
    assert!(court.world.vm.send(&[trial.tally()], &[&creator]).expect_err("counted").is(HmmError::RoundCounted));
    // a score beyond the scale can be committed to, but not revealed
    let mut court = Court::drawn();
    for seat in 0..3 {
        court.world.commit(&court.job.clone(), 0, seat, &vote(10_001)).expect("a commitment");
    }
    assert!(court.world.reveal(&court.job.clone(), 0, 0, &vote(10_001)).expect_err("beyond").is(HmmError::JobAmount));
}

/// The hash: not before its slot, the next one's if it was skipped, another 512 slots later if it was forgotten.
#[test]
fn the_hash_that_draws() {
    let mut court = Court::new();
    let (job, creator) = (court.job, court.world.creator());
    court.submit(report());
    let a = court.assignment();
    let draw = court.trial().draw(creator.pubkey());
    let at_slot = |court: &mut Court, slot: u64, seconds: i64, skipped: &[u64]| {
        let mut clock = court.world.vm.clock();
        (clock.slot, clock.unix_timestamp) = (slot, a.until + seconds);
        court.world.vm.svm.set_sysvar(&clock);
        court.world.hash_slots_but(skipped);
    };
    at_slot(&mut court, a.draw_slot, 0, &[]);
    let failure = refused(&mut court.world.vm, std::slice::from_ref(&draw), &[&creator]);
    assert!(failure.is(HmmError::DrawEarly));
    at_slot(&mut court, a.draw_slot + 1, -1, &[]);
    assert!(refused(&mut court.world.vm, std::slice::from_ref(&draw), &[&creator]).is(HmmError::JobEarly));
    // skipped so far
    at_slot(&mut court, a.draw_slot + 3, 0, &[a.draw_slot, a.draw_slot + 1, a.draw_slot + 2]);
    assert!(refused(&mut court.world.vm, std::slice::from_ref(&draw), &[&creator]).is(HmmError::NoSlotHash));
    // the host's draw, for many present slots, skipped and forgotten ones
    for (slot, skipped, drawing) in [
        (a.draw_slot + 1, vec![], a.draw_slot),
        (a.draw_slot + 9, vec![], a.draw_slot),
        (a.draw_slot + 9, vec![a.draw_slot, a.draw_slot + 1], a.draw_slot + 2),
        (a.draw_slot + 512, vec![], a.draw_slot),
        (a.draw_slot + 513, vec![], a.draw_slot + 512),
        (a.draw_slot + 512 * 7 + 300, vec![a.draw_slot + 512 * 7], a.draw_slot + 512 * 7 + 1),
    ] {
        let mut court = court.clone();
        at_slot(&mut court, slot, 0, &skipped);
        court.world.vm.send(std::slice::from_ref(&draw), &[&creator]).expect("a draw");
        let trial = {
            let mut before = court.trial();
            before.assignment.rounds = 0;
            before
        };
        let drawn = trial.drawn(&court.world.verifier_set(), &court.worker(), &hash_of(drawing), &[]);
        let round = court.world.round(&job, 0, 0);
        let places: Vec<u8> = round.seats.iter().take(3).map(|seat| seat.index).collect();
        assert_eq!(places, drawn.places[..3], "at {slot}");
    }
    // another account in the place of the sysvar
    at_slot(&mut court, a.draw_slot + 1, 0, &[]);
    let mut forged = draw.clone();
    let position = forged.accounts.iter().position(|meta| meta.pubkey == rounds::SLOT_HASHES).expect("there");
    forged.accounts[position].pubkey = keypair("forged").pubkey();
    let mut sysvar = court.world.vm.svm.get_account(&rounds::SLOT_HASHES).expect("a sysvar");
    court.world.vm.svm.set_account(keypair("forged").pubkey(), sysvar.clone()).expect("an account");
    assert!(refused(&mut court.world.vm, &[forged.clone()], &[&creator]).is(HmmError::WrongAccount));
    sysvar.owner = hmm_client::HMM_ID;
    court.world.vm.svm.set_account(keypair("forged").pubkey(), sysvar).expect("an account");
    assert!(refused(&mut court.world.vm, &[forged], &[&creator]).is(HmmError::WrongAccount));
}

/// A fraud is proven by one wrong step: the committee that runs is paid for what it revealed, the worker banned, the prover rewarded.
#[test]
fn a_proven_fraud() {
    const DEPTH: u8 = 4;
    let (model, input) = ([1; 32], [2; 32]);
    let mut states = vec![initial_state(&model, &input)];
    while states.len() < 1 << DEPTH {
        states.push(step(&model, states.last().unwrap()));
    }
    states[9][3] ^= 1;
    let tree = Tree::new(DEPTH, &states).expect("a tree");
    let honest_output = step(&model, states.last().unwrap());
    let fraud = rounds::Report { trace_root: tree.root(), output_root: honest_output, ..report() };

    let case = Case { proof_level: 1, trace_depth: DEPTH, ..Case::default() };
    let (creator, prover) = (keypair("creator"), keypair("carla"));
    // before the draw, while some have revealed, and in the appeal
    for stage in 0..3 {
        let mut court = Court::of(case, true);
        let job = court.job;
        court.submit(fraud.clone());
        let items = |link| trace::items(&tree, &states, link).expect("items");
        let prove = |court: &Court, link| court.trial().prove(prover.pubkey(), link, items(link));
        let early = prove(&court, 9);
        assert!(refused(&mut court.world.vm, &[early], &[&prover]).is(HmmError::JobPhase), "no dispute yet");
        court.draw();
        court.rule(9_000);
        court.challenge("anna");
        let mut revealed = 0;
        if stage >= 1 {
            court.draw();
            if stage == 1 {
                for seat in 0..6 {
                    court.world.commit(&job, 0, seat, &vote(9_000)).expect("a commitment");
                }
                for seat in 0..2 {
                    court.world.reveal(&job, 0, seat, &vote(9_000)).expect("a vote");
                }
                revealed = 2;
            } else {
                court.rule(9_000);
                court.world.appeal(&keypair("bruno"), &job, 0).expect("an appeal");
            }
        }
        for link in (0..=1u32 << DEPTH).filter(|link| ![9, 10].contains(link)) {
            let honest = prove(&court, link);
            let failure = refused(&mut court.world.vm, &[honest], &[&prover]);
            assert!(failure.is(HmmError::TraceHonest), "link {link}: {failure}");
        }
        let mut wrong = court.trial().prove(prover.pubkey(), 9, items(11));
        assert!(refused(&mut court.world.vm, &[wrong.clone()], &[&prover]).is(HmmError::MerkleRoot));
        wrong = court.trial().prove(prover.pubkey(), 17, items(8));
        assert!(refused(&mut court.world.vm, &[wrong], &[&prover]).is(HmmError::TraceLink));
        // a committee that runs cannot be left out
        if stage == 1 {
            let mut trial = court.trial();
            trial.assignment.seats = 0;
            let without = trial.prove(prover.pubkey(), 9, items(9));
            assert!(refused(&mut court.world.vm, &[without], &[&prover]).is(HmmError::WrongAccount));
        }
        let (a, worker, fees) = (court.assignment(), court.worker(), court.assignment().fees);
        let proof = prove(&court, 9);
        let receipt = court.world.vm.send(&[proof], &[&prover]).expect("a proof");
        println!("prove_leaf at depth {DEPTH}: {} CU", receipt.compute_units);
        court.check();
        assert_eq!(
            (court.phase(), verdict(&court), court.assignment().fees),
            (Phase::Final, Some(Verdict::Fraud), fees - revealed * SEAT_FEE)
        );
        assert_eq!(court.assignment().finder, prover.pubkey());
        let set = court.world.verifier_set();
        assert_eq!(set.burn_due, 0, "nobody is slashed for a round that was cut short");
        assert!(court.world.tally(&creator, &job, 0).is_err());
        court.settle();
        let left = a.bond - (a.cost - a.payment.min(a.cost));
        let found = left / 5;
        assert_eq!(court.assignment().finder_claim, found);
        assert_eq!((court.worker().bond, court.worker().banned), (worker.bond, true));
        assert_eq!(outcome(&court), Some(Outcome::Fraud));
        court.world.claim_assignment(&creator, &job, 0).expect("claims");
        court.check();
        assert!(court.world.has_assignment(&job, 0).is_none());
    }

    // of a job that the program cannot re-execute nothing is proven
    let mut court = Court::of(Case { trace_depth: 0, proof_level: 0, ..case }, true);
    court.submit(fraud.clone());
    court.draw();
    court.rule(9_000);
    court.challenge("anna");
    let prove = court.trial().prove(prover.pubkey(), 9, trace::items(&tree, &states, 9).expect("items"));
    assert!(refused(&mut court.world.vm, &[prove], &[&prover]).is(HmmError::NotRecomputable));
}

/// Nobody sits who is a party: worker, operator, client, router, challengers, whoever sat before; and nobody who staked later.
#[test]
fn parties_do_not_sit() {
    let router = verifier_key(0);
    let mut court = Court::of(Case { verifiers: 12, router: router.pubkey(), ..Case::default() }, true);
    let (creator, job) = (court.world.creator(), court.job);
    // worker, client, a challenger and the operator stake as much as all others together
    let operator = keypair("dario");
    for party in [court.world.labourer(), court.world.client(), keypair("anna"), operator.insecure_clone()] {
        court.world.stake(&party, 1_000_000 * CREDIT).expect("a stake");
    }
    court.world.pass(3_600);
    edit_worker(&mut court.world, &keypair("worker").pubkey(), |w| w.operator = operator.pubkey());
    court.submit(report());
    // who stakes after the submission is not drawn, whatever it stakes
    court.world.stake(&keypair("elena"), 5_000_000 * CREDIT).expect("a stake");
    let honest: Vec<_> = (1..12).map(|i| verifier_key(i).pubkey()).collect();
    let mut seen = std::collections::BTreeSet::new();
    let waiting = court.clone();
    for n in 0..40u64 {
        let mut court = waiting.clone();
        let mut clock = court.world.vm.clock();
        clock.slot = court.assignment().draw_slot + 1 + 512 * n;
        clock.unix_timestamp += 20;
        court.world.vm.svm.set_sysvar(&clock);
        court.world.hash_slots();
        let draw = court.trial().draw(creator.pubkey());
        court.world.vm.send(&[draw], &[&creator]).expect("a draw");
        let round = court.world.round(&job, 0, 0);
        for seat in round.seats.iter().take(round.seat_count.into()) {
            // the challenger-to-be is no party yet
            assert!(honest.contains(&seat.verifier) || seat.verifier == keypair("anna").pubkey(), "{} sits", seat.verifier);
            seen.insert(seat.verifier);
        }
    }
    assert!(seen.len() > 8, "chance decides: {} of 12 sat in 40 draws", seen.len());

    // in the dispute, the challenger neither
    let mut court = waiting;
    court.world.pass_to_draw(&job, 0);
    court.world.draw(&creator, &job, 0).expect("a draw");
    for (i, verifier) in court.world.round(&job, 0, 0).seats.iter().take(3).enumerate() {
        let key = (0..12).map(verifier_key).chain([keypair("anna")]).find(|key| key.pubkey() == verifier.verifier).expect("known");
        let (trial, seat) = (court.trial(), u8::try_from(i).unwrap());
        let commitment = vote(9_000).commitment(&trial.domain(), &trial.round(), seat);
        court.world.vm.send(&[rounds::commit(trial.round(), key.pubkey(), seat, commitment)], &[&key]).expect("a commitment");
    }
    let round = court.world.round(&job, 0, 0);
    for (i, verifier) in round.seats.iter().take(3).enumerate() {
        let key = (0..12).map(verifier_key).chain([keypair("anna")]).find(|key| key.pubkey() == verifier.verifier).expect("known");
        let reveal = rounds::reveal(court.world.market, court.trial().round(), key.pubkey(), u8::try_from(i).unwrap(), &vote(9_000));
        court.world.vm.send(&[reveal], &[&key]).expect("a vote");
        assert_eq!(seat(&round, &key.pubkey()), Some(u8::try_from(i).unwrap()));
    }
    court.world.tally(&creator, &job, 0).expect("the count");
    court.challenge("anna");
    court.world.draw(&creator, &job, 0).expect("a draw");
    let second = court.world.round(&job, 0, 1);
    disjoint(&round, &second);
    assert!(second.seats.iter().take(second.seat_count.into()).all(|seat| honest.contains(&seat.verifier)));

    // earlier rounds cannot be left out, doubled or replaced
    let mut court = Court::drawn();
    court.rule(9_000);
    court.challenge("anna");
    court.world.pass_to_draw(&job, 0);
    let draw = court.trial().draw(creator.pubkey());
    let mut without = draw.clone();
    without.accounts.pop();
    assert!(refused(&mut court.world.vm, &[without], &[&creator]).is(HmmError::AccountCount));
    let mut twice = draw.clone();
    twice.accounts.push(draw.accounts.last().unwrap().clone());
    assert!(refused(&mut court.world.vm, &[twice], &[&creator]).is(HmmError::AccountCount));
    let forged = address::round(&keypair("elsewhere").pubkey(), 0);
    let mut other = court.world.round(&job, 0, 0);
    other.assignment = keypair("elsewhere").pubkey();
    let mut account = court
        .world
        .vm
        .svm
        .get_account(&court.trial().round())
        .unwrap_or_else(|| court.world.vm.svm.get_account(&address::round(&court.trial().address, 0)).expect("a round"));
    account.data = borsh::to_vec(&other).expect("bytes");
    court.world.vm.svm.set_account(forged, account).expect("an account");
    let mut replaced = draw.clone();
    replaced.accounts.last_mut().unwrap().pubkey = forged;
    assert!(refused(&mut court.world.vm, &[replaced], &[&creator]).is(HmmError::WrongAccount));
    // and a round stays while it may be needed
    assert!(court.world.close_round(&creator, &job, 0, 0).expect_err("needed").is(HmmError::JobPhase));
}

/// Every instruction in every phase: accepted where the table of the machine says so, refused with a typed error elsewhere. So an expiry, a second
/// settlement, a late challenge, an attestation twice find nothing to do, in whatever order they come.
#[test]
fn interleavings() {
    let mut phases: Vec<Court> = vec![Court::new()];
    let mut court = phases[0].clone();
    court.submit(report());
    phases.push(court.clone());
    court.draw();
    phases.push(court.clone());
    court.rule(9_000);
    phases.push(court.clone());
    court.challenge("anna");
    phases.push(court.clone());
    court.draw();
    phases.push(court.clone());
    court.rule(0);
    phases.push(court.clone());
    court.world.appeal(&keypair("bruno"), &court.job.clone(), 0).expect("an appeal");
    phases.push(court.clone());
    court.draw();
    phases.push(court.clone());
    court.rule(9_000);
    phases.push(court.clone());
    court.settle();
    phases.push(court.clone());
    let (creator, labourer) = (court.world.creator(), court.world.labourer());
    let mut table = String::new();
    for court in &phases {
        let job = court.job;
        let mut row = format!("{:?} ({} seats):", court.phase(), court.assignment().seats);
        // now, and long after every window
        for later in [0, 40_000] {
            let mut court = court.clone();
            court.world.pass(later);
            court.world.hash_slots();
            let mut tries: Vec<(&str, bool)> = vec![];
            type Act<'a> = &'a dyn Fn(&mut Court) -> Result<(), hmm_vm::Failure>;
            let each: [(&str, Act); 7] = [
                ("submit", &|c| c.world.attest(&labourer, &job, 0, report()).map(|_| ())),
                ("draw", &|c| {
                    let draw = c.trial().draw(creator.pubkey());
                    c.world.vm.send(&[draw], &[&creator]).map(|_| ())
                }),
                ("tally", &|c| {
                    let tally = c.trial().tally();
                    c.world.vm.send(&[tally], &[&creator]).map(|_| ())
                }),
                ("challenge", &|c| c.world.challenge(&keypair("carla"), &job, 0).map(|_| ())),
                ("appeal", &|c| c.world.appeal(&keypair("carla"), &job, 0).map(|_| ())),
                ("settle", &|c| c.world.settle(&creator, &job, 0).map(|_| ())),
                ("expire", &|c| c.world.expire(&creator, &job, 0).map(|_| ())),
            ];
            for (name, act) in each {
                let mut court = court.clone();
                let result = act(&mut court);
                if let Err(failure) = &result {
                    let by_an_instruction = matches!(failure.error, TransactionError::InstructionError(..));
                    assert!(by_an_instruction, "{name} in {row}: {failure}");
                } else {
                    if court.world.vm.svm.get_account(&job).is_some() {
                        court.check();
                    }
                }
                tries.push((name, result.is_ok()));
            }
            let accepted: Vec<_> = tries.iter().filter(|(_, ok)| *ok).map(|(name, _)| *name).collect();
            row += &format!(" {} [{}]", if later == 0 { "now" } else { "later" }, accepted.join(" "));
        }
        println!("{row}");
        table += &row;
        table.push('\n');
    }
    let expected = "\
Running (0 seats): now [submit] later [expire]
Submitted (0 seats): now [] later [draw]
Verifying (3 seats): now [] later [tally]
Window (0 seats): now [challenge] later [settle]
Disputed (0 seats): now [challenge] later [draw]
Disputed (6 seats): now [] later [tally]
Ruled (0 seats): now [appeal] later [settle]
Appealed (0 seats): now [] later [draw]
Appealed (6 seats): now [] later [tally]
Final (0 seats): now [settle] later [settle]
Done (0 seats): now [] later []
";
    assert_eq!(table, expected);
}

/// What the market's parameters become later, and a pause, reach no job that is under way.
#[test]
fn pauses_and_new_terms_do_not_reach_it() {
    let mut court = Court::drawn();
    edit_market(&mut court.world, |market| {
        market.paused_until = i64::MAX;
        (market.jobs.seat_fee, market.jobs.pass_score, market.jobs.challenge) = (0, 10_000, 1);
    });
    court.rule(5_000);
    assert_eq!(verdict(&court), Some(Verdict::Pass));
    court.challenge("anna");
    court.draw();
    court.rule(5_000);
    court.pass_window();
    court.settle();
    assert_eq!(outcome(&court), Some(Outcome::Passed));
    let creator = court.world.creator();
    court.world.claim_assignment(&creator, &court.job.clone(), 0).expect("a closing");
}

/// A bonus is what there is: nothing of an empty vault, all of a poor one.
#[test]
fn a_bonus_is_at_most_what_there_is() {
    for funds in [0, 7] {
        let mut court = Court::drawn();
        court.rule(9_000);
        court.pass_window();
        let vault = address::bonus_vault(&court.world.market);
        set_balance(&mut court.world.vm, &vault, funds);
        let (a, worker) = (court.assignment(), court.worker());
        court.settle();
        assert_eq!(court.worker().claimable, worker.claimable + a.payment + a.bond + funds);
        assert_eq!(court.world.vm.balance(&vault), 0);
    }
    assert_eq!(UNITS, 20_000_000);
}

/// What counts for a worker's name: capped per client and day, told apart by client; faults in full.
#[test]
fn what_quality_remembers() {
    let mut waiting = Court::drawn();
    waiting.rule(10_000);
    waiting.pass_window();
    let owner = waiting.world.labourer().pubkey();
    let client = waiting.world.client().pubkey();
    let prefix = u64::from_le_bytes(client.to_bytes()[..8].try_into().unwrap());
    let today = u64::try_from(now(&waiting.world) / 86_400).unwrap();
    let most = 2 << 32;
    let weight = weight_floor(waiting.assignment().values[0], 200 * CREDIT, 100 * CREDIT, Ppm(1_000_000)).expect("a weight");
    assert!(weight > 1_000 && weight < most);
    let others: [u64; 7] = std::array::from_fn(|i| 100 + i as u64);
    // what the client has counted before, in this epoch or an earlier one, and what still counts now
    for (of_client, epoch, counts) in
        [(None, today, weight), (Some(most - 1_000), today, 1_000), (Some(most), today, 0), (Some(most), today - 1, weight)]
    {
        let mut court = waiting.clone();
        edit_worker(&mut court.world, &owner, |w| {
            w.epoch = epoch;
            for (party, other) in w.counterparties.iter_mut().zip(others) {
                (party.client, party.weight) = (other, 5 << 32);
            }
            let (client, weight) = of_client.map_or((1, 7), |weight| (prefix, weight));
            (w.counterparties[7].client, w.counterparties[7].weight) = (client, weight);
        });
        court.settle();
        let worker = court.worker();
        // of eight strangers the least gave its place up: the newcomer took over its count
        let before = if epoch == today { of_client.unwrap_or(7) } else { 0 };
        let counts = if of_client.is_none() { counts.min(most - 7) } else { counts };
        assert_eq!((worker.quality[0].good, worker.quality[0].bad), (counts, 0), "{of_client:?}");
        let party = worker.counterparties.iter().find(|party| party.client == prefix);
        assert_eq!(party.map(|party| party.weight), Some(before + counts));
        assert_eq!(worker.epoch, today);
    }
    // a fault counts in full, eightfold, whatever its client has used up; and nothing of a posterior at its limit holds up the rest
    let mut failed = Court::drawn();
    failed.rule(0);
    failed.pass_window();
    for full in [false, true] {
        let mut court = failed.clone();
        edit_worker(&mut court.world, &owner, |w| {
            w.epoch = today;
            (w.counterparties[0].client, w.counterparties[0].weight) = (prefix, most);
            if full {
                (w.quality[0].good, w.quality[0].epoch) = ((1 << 62) - 1, today);
            }
        });
        court.settle();
        let worker = court.worker();
        let expected = if full { ((1 << 62) - 1, 0) } else { (0, 8 * weight) };
        assert_eq!((worker.quality[0].good, worker.quality[0].bad), expected);
        assert_eq!((worker.jobs, outcome(&court)), (1, Some(Outcome::Failed)));
    }
}

/// The dearest draw: every place of the set taken, the last appeal, everybody who sat or took part excluded.
#[test]
fn the_dearest_draw() {
    let mut court = Court::drawn();
    let mut set = court.world.verifier_set();
    let template = set.verifiers[0].clone();
    for (i, place) in set.verifiers.iter_mut().enumerate().skip(24) {
        *place = template.clone();
        place.owner = verifier_key(i).pubkey();
        (place.stake, place.counted) = (1_000 * CREDIT + i as u64, 0);
    }
    let address = address::verifier_set(&court.world.market);
    let more: u64 = set.verifiers.iter().map(|v| v.stake + v.unbonding + v.earned).sum();
    set_data(&mut court.world.vm, &address, borsh::to_vec(&set).expect("bytes"));
    set_balance(&mut court.world.vm, &set.vault, more);
    court.edit_job(|job| (job.terms.seats, job.terms.seats_high) = (8, 8));
    let creator = court.world.creator();
    court.rule(9_000);
    for name in &CHALLENGERS[..4] {
        court.challenge(name);
    }
    court.draw();
    let seats = court.assignment().seats;
    assert_eq!(seats, 16);
    let (round, number) = (court.trial().round(), 1);
    // sixteen votes, of which the test knows the keys
    for (seat, drawn) in (0u8..).zip(court.world.round(&court.job, 0, number).seats) {
        let key = (0..120).map(verifier_key).find(|key| key.pubkey() == drawn.verifier).expect("known");
        court.world.vm.svm.airdrop(&key.pubkey(), CREDIT).expect("lamports");
        let commitment = vote(0).commitment(&court.trial().domain(), &round, seat);
        court.world.vm.send(&[rounds::commit(round, key.pubkey(), seat, commitment)], &[&key]).expect("a commitment");
    }
    for (seat, drawn) in (0u8..).zip(court.world.round(&court.job, 0, number).seats) {
        let key = (0..120).map(verifier_key).find(|key| key.pubkey() == drawn.verifier).expect("known");
        let reveal = rounds::reveal(court.world.market, round, key.pubkey(), seat, &vote(0));
        court.world.vm.send(&[reveal], &[&key]).expect("a vote");
    }
    let receipt = court.world.tally(&creator, &court.job.clone(), 0).expect("the count");
    println!("tally of 16: {} CU", receipt.compute_units);
    court.check();
    court.world.appeal(&keypair(CHALLENGERS[4]), &court.job.clone(), 0).expect("an appeal");
    let receipt = court.world.draw(&creator, &court.job.clone(), 0).expect("a draw");
    println!("draw of 16 among 120, 24 excluded: {} CU", receipt.compute_units);
    assert!(receipt.compute_units < 200_000, "a transaction's default budget");
    let all: Vec<Round> = (0..3).map(|n| court.world.round(&court.job, 0, n)).collect();
    disjoint(&all[0], &all[2]);
    disjoint(&all[1], &all[2]);
}

/// The longest refutation fits a legacy transaction, with a running round and a priority fee.
#[test]
fn a_refutation_fits_a_transaction() {
    let mut court = Court::of(Case { proof_level: 1, trace_depth: trace::MAX_DEPTH, ..Case::default() }, true);
    court.submit(report());
    court.draw();
    court.rule(9_000);
    court.challenge("anna");
    court.draw();
    let prover = keypair("carla").pubkey();
    let prove = court.trial().prove(prover, 1 << (trace::MAX_DEPTH - 1), vec![[7; 32]; 2 * usize::from(trace::MAX_DEPTH)]);
    let budget = |data: Vec<u8>| Instruction {
        program_id: Address::from_str_const("ComputeBudget111111111111111111111111111111"),
        accounts: vec![],
        data,
    };
    let all = [budget([&[2][..], &60_000u32.to_le_bytes()].concat()), budget([&[3][..], &9u64.to_le_bytes()].concat()), prove];
    let bytes = 1 + 64 + Message::new(&all, Some(&prover)).serialize().len();
    println!("the longest refutation: {bytes} bytes");
    assert!(bytes <= 1_232);
}
