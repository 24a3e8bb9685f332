//! What is tried against verdicts and settlements (V12, V15, V17, V18 of the list of attacks), against the built program; what every search
//! found, and how long it looked, is printed.

mod common;

use common::{
    court::{CHALLENGERS, Court},
    *,
};
use hmm_client::{HmmError, address, rounds, swap};
use hmm_job::Phase;
use hmm_vm::{
    rounds::{SALT, report, vote},
    verify::verifier_key,
    world::{CREDIT, keypair},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

fn settled(court: &Court) -> (u64, u64, u64, u64, u64) {
    let (worker, job) = (court.worker(), court.world.job(&court.job).job);
    (worker.claimable, worker.bond, worker.reserved, job.credits, job.set_aside)
}

/// V12: whatever is traded before a settlement in the same transaction, everybody is paid the same.
#[test]
fn nothing_traded_moves_a_settlement() {
    const TRADES: u64 = 150;
    let mut rng = Rng::new("V12", 0x5e77_1e00);
    let mut widest = 0;
    for score in [0, 9_000] {
        let mut court = Court::drawn();
        court.rule(score);
        court.pass_window();
        let (trader, job) = (court.world.creator(), court.job);
        let expected = {
            let mut court = court.clone();
            court.settle();
            settled(&court)
        };
        for _ in 0..TRADES / 2 {
            let mut court = court.clone();
            let kind = *rng.pick(&KINDS);
            let amount = rng.log(1_000, 5_000_000_000_000);
            let legs = vec![leg(rng.range(0, 1) as u8, kind, amount)];
            let before = court.world.state().pool.theta;
            let trade = swap::swap(&court.world.state(), trader.pubkey(), legs, i64::MAX, 0);
            let settle = court.trial().settle(&court.worker());
            if court.world.vm.send(&[trade, settle.clone()], &[&trader]).is_err() {
                court.world.vm.send(&[settle], &[&trader]).expect("the settlement");
                continue;
            }
            let after = court.world.state().pool.theta;
            widest = widest.max((0..2).map(|i| before[i].abs_diff(after[i]) * 1_000 / before[i].max(1)).max().unwrap());
            assert_eq!(settled(&court), expected, "{kind:?} {amount}");
            assert!(court.world.settle(&trader, &job, 0).is_err());
        }
    }
    println!("V12: {TRADES} trades that moved Θ by up to {widest} ‰: no payout moved");
    assert!(widest > 100, "the search moved the pool");
}

/// V15: nothing is settled, counted or claimed twice, also not in one transaction with the closing of its account, and no address comes
/// back.
#[test]
fn nothing_ends_twice() {
    let mut court = Court::drawn();
    let (creator, job) = (court.world.creator(), court.job);
    court.rule(9_000);
    court.challenge("anna");
    court.draw();
    court.rule(0);
    court.pass_window();
    let trial = court.trial();
    let settle = trial.settle(&court.worker());
    let payees = [keypair("anna").pubkey()];
    let claim = trial.claim(&payees);
    let fresh = court.clone();
    // the second of two, in one transaction
    for pair in [
        vec![settle.clone(), settle.clone()],
        vec![settle.clone(), claim.clone(), claim.clone()],
        vec![settle.clone(), claim.clone(), settle.clone()],
    ] {
        let mut court = fresh.clone();
        let failure = refused(&mut court.world.vm, &pair, &[&creator]);
        assert!(failure.code().is_some() || failure.logs.iter().any(|line| line.contains("failed")), "{failure}");
    }
    // closed, and brought back to life with lamports: it is nobody's account
    let rent = solana_system_interface::instruction::transfer(&creator.pubkey(), &trial.address, 50_000_000);
    for last in [settle.clone(), claim.clone(), trial.challenge(creator.pubkey())] {
        let mut court = fresh.clone();
        let all = [settle.clone(), claim.clone(), rent.clone(), last.clone()];
        refused(&mut court.world.vm, &all, &[&creator]);
        court.world.vm.send(&all[..3], &[&creator]).expect("closed and paid");
        refused(&mut court.world.vm, &[last], &[&creator]);
        court.check();
        // its round closes all the same
        court.world.close_round(&creator, &job, 0, 0).expect("a closing");
        court.world.close_round(&creator, &job, 0, 1).expect("a closing");
        let again = trial.draw(creator.pubkey());
        refused(&mut court.world.vm, &[again], &[&creator]);
    }
    // a round's address that somebody paid lamports to before is drawn all the same
    let mut court = Court::new();
    court.submit(report());
    let early = solana_system_interface::instruction::transfer(&creator.pubkey(), &address::round(&court.trial().address, 0), 1_000_000);
    court.world.vm.send(&[early], &[&creator]).expect("lamports");
    court.draw();
    let trial = court.trial();
    // drawn once
    refused(&mut court.world.vm, &[trial.draw(creator.pubkey())], &[&creator]);
}

/// Every pair of the permissionless instructions in one transaction, in the phases in which more than one of them could be meant:
/// at most one of each window comes true, and the books balance after every one that does.
#[test]
fn races_in_one_transaction() {
    let mut court = Court::drawn();
    let (creator, job) = (court.world.creator(), court.job);
    let mut states = vec![court.clone()];
    court.rule(9_000);
    states.push(court.clone());
    court.challenge("anna");
    states.push(court.clone());
    court.draw();
    court.rule(0);
    states.push(court.clone());
    let mut tried = 0;
    for state in &states {
        for offset in [-1, 0] {
            let mut state = state.clone();
            let until = state.assignment().until;
            at(&mut state.world, until + offset);
            state.world.hash_slots();
            let trial = state.trial();
            let anna = keypair("anna");
            let all = |trial: &rounds::Trial| {
                [
                    trial.tally(),
                    trial.settle(&state.worker()),
                    trial.challenge(creator.pubkey()),
                    trial.appeal(creator.pubkey()),
                    trial.draw(creator.pubkey()),
                    trial.claim(&[anna.pubkey()]),
                    state.world.job(&job).expire(&trial.assignment, &state.worker(), credits_of(&state.world, &creator.pubkey())),
                ]
            };
            let single: Vec<bool> = all(&trial).into_iter().map(|ix| state.clone().world.vm.send(&[ix], &[&creator]).is_ok()).collect();
            // one window, one kind of thing to do
            assert!(single.iter().filter(|ok| **ok).count() <= 1, "{:?} at {offset}: {single:?}", state.phase());
            for first in all(&trial) {
                for second in all(&trial) {
                    let mut state = state.clone();
                    tried += 1;
                    if state.world.vm.send(&[first.clone(), second.clone()], &[&creator]).is_ok()
                        && state.world.has_assignment(&job, 0).is_some()
                    {
                        state.check();
                    }
                }
            }
        }
    }
    println!("V15: {tried} pairs");
}

/// V17: a copied commitment binds its copier to nothing it could reveal.
#[test]
fn copied_commitments_reveal_nothing() {
    let mut court = Court::drawn();
    let job = court.job;
    let trial = court.trial();
    let seated = court.world.seated(&job, 0);
    let original = vote(8_000).commitment(&trial.domain(), &trial.round(), 0);
    court.world.commit(&job, 0, 0, &vote(8_000)).expect("a commitment");
    for (seat, thief) in (1u8..).zip(&seated[1..]) {
        court.world.vm.send(&[rounds::commit(trial.round(), thief.pubkey(), seat, original)], &[thief]).expect("a copy");
    }
    court.world.reveal(&job, 0, 0, &vote(8_000)).expect("a vote");
    for seat in 1..3 {
        assert!(court.world.reveal(&job, 0, seat, &vote(8_000)).expect_err("a copy").is(HmmError::OtherVote));
    }
    // nor for somebody else's seat, nor by a stranger
    let stranger = keypair("anna");
    for (seat, who) in [(0u8, &seated[1]), (1, &seated[0]), (3, &seated[0]), (16, &seated[0]), (255, &stranger), (0, &stranger)] {
        let reveal = rounds::reveal(court.world.market, trial.round(), who.pubkey(), seat, &vote(8_000));
        assert!(refused(&mut court.world.vm, &[reveal], &[who]).is(HmmError::NotSeated));
        let commit = rounds::commit(trial.round(), who.pubkey(), seat, original);
        assert!(refused(&mut court.world.vm, &[commit], &[who]).is(HmmError::NotSeated));
    }
    // the same vote is another commitment in another round
    let other = address::round(&trial.address, 1);
    assert_ne!(vote(8_000).commitment(&trial.domain(), &other, 0), original);
    assert_ne!(rounds::Vote { salt: [0; 32], ..vote(8_000) }.commitment(&trial.domain(), &trial.round(), 0), original);
    assert_eq!(SALT, vote(1).salt);
}

/// V17: the last to reveal knows all other votes; it can say what it committed to, or nothing. Every such choice, on the program: the verdict
/// stays within what the others say.
#[test]
fn the_last_to_reveal() {
    let mut cases = 0;
    for others in [[9_000, 9_000], [1_000, 1_000], [1_000, 9_000]] {
        for committed in [0, 5_000, 10_000] {
            for reveals in [true, false] {
                let mut court = Court::drawn();
                let (creator, job) = (court.world.creator(), court.job);
                let scores = [others[0], others[1], committed];
                for (seat, score) in (0u8..).zip(scores) {
                    court.world.commit(&job, 0, seat, &vote(score)).expect("a commitment");
                }
                for (seat, score) in (0u8..).zip(others) {
                    court.world.reveal(&job, 0, seat, &vote(score)).expect("a vote");
                }
                // another vote than the one it is bound to
                for score in [0, 5_000, 10_000].into_iter().filter(|score| *score != committed) {
                    assert!(court.world.reveal(&job, 0, 2, &vote(score)).expect_err("bound").is(HmmError::OtherVote));
                }
                if reveals {
                    court.world.reveal(&job, 0, 2, &vote(committed)).expect("a vote");
                } else {
                    court.pass_window();
                }
                court.world.tally(&creator, &job, 0).expect("the count");
                court.check();
                let score = court.assignment().score;
                assert!(others.iter().min() <= Some(&score) && Some(&score) <= others.iter().max(), "{score}");
                assert_eq!(court.phase(), Phase::Window);
                cases += 1;
            }
        }
    }
    println!("V17: {cases} last reveals");
}

/// V17: whoever moves stake once the hash is known, or joins a dispute as a party, moves nobody else's seat.
#[test]
fn stakes_that_move_after_the_hash_is_known() {
    let mut court = Court::new();
    let (creator, job) = (court.world.creator(), court.job);
    // every stake may change again
    court.world.pass(3_600);
    court.submit(report());
    court.world.pass_to_draw(&job, 0);
    let slot = court.world.vm.clock().slot;
    let clock = court.world.vm.clock();
    let honest = {
        let mut court = court.clone();
        let draw = court.trial().draw(creator.pubkey());
        court.world.vm.send(&[draw], &[&creator]).expect("a draw");
        court.world.seated(&job, 0).iter().map(Keypair::pubkey).collect::<Vec<_>>()
    };
    let mut tried = 0;
    for i in 0..24 {
        for amount in [CREDIT, 1_000 * CREDIT] {
            let mut court = court.clone();
            let verifier = verifier_key(i);
            let place = court.world.place(&verifier);
            let change = if amount == CREDIT {
                hmm_client::verifier::stake(court.world.market, &court.world.market_account(), verifier.pubkey(), 5_000_000 * CREDIT)
            } else {
                hmm_client::verifier::unstake(court.world.market, verifier.pubkey(), place, amount)
            };
            court.world.vm.send(&[change], &[&verifier]).expect("a change of stake");
            let mut after = clock.clone();
            after.unix_timestamp += 1;
            court.world.vm.svm.set_sysvar(&after);
            assert_eq!(court.world.vm.clock().slot, slot);
            let draw = court.trial().draw(creator.pubkey());
            court.world.vm.send(&[draw], &[&creator]).expect("a draw");
            let seats: Vec<_> = court.world.seated(&job, 0).iter().map(Keypair::pubkey).collect();
            assert_eq!(seats, honest, "verifier {i}");
            tried += 1;
        }
    }
    println!("V17: {tried} changes of stake between hash and draw");
}

/// V18: claims of challengers add up to what there is, whatever it is and in whatever order they come; the parts differ by one at most.
#[test]
fn claims_add_up() {
    let mut court = Court::drawn();
    let (creator, job) = (court.world.creator(), court.job);
    court.rule(9_000);
    for name in &CHALLENGERS[..4] {
        court.challenge(name);
    }
    court.draw();
    court.rule(0);
    court.pass_window();
    court.settle();
    let whole = court.assignment().challenger_claim;
    let people: Vec<_> = CHALLENGERS[..4].iter().map(|name| keypair(name).pubkey()).collect();
    let mut rng = Rng::new("V18", 18);
    let mut tried = 0;
    for claim in (1..=9).chain([97, whole]) {
        for _ in 0..6 {
            let mut court = court.clone();
            court.edit_job(|j| j.set_aside = j.set_aside - whole + claim);
            court.edit_assignment(|a| a.challenger_claim = claim);
            let escrow = court.world.job(&job).job.escrow;
            let balance = court.world.vm.balance(&escrow);
            set_balance(&mut court.world.vm, &escrow, balance - whole + claim);
            let mut order = people.clone();
            for i in (1..4).rev() {
                order.swap(i, rng.range(0, i as u64) as usize);
            }
            let mut paid = vec![];
            for who in &order {
                let before = court.credits(who);
                let ix = court.trial().claim(&[*who]);
                let result = court.world.vm.send(&[ix], &[&creator]);
                paid.push(court.credits(who) - before);
                if court.world.has_assignment(&job, 0).is_none() {
                    break;
                }
                assert!(result.is_ok(), "{result:?}");
            }
            assert!(court.world.has_assignment(&job, 0).is_none(), "everything is paid");
            court.check();
            assert_eq!(paid.iter().sum::<u64>(), claim);
            paid.resize(4, 0);
            assert!(paid.iter().max().unwrap() - paid.iter().min().unwrap() <= 1, "{paid:?}");
            tried += 1;
        }
    }
    println!("V18: {tried} claims in random orders");
}
