//! Nobody's silence keeps anybody's claim: from every phase of a job, whoever of its parties falls silent, paused or not, a stranger alone brings
//! everything to its end by instructions that anybody may send and by waiting.

mod common;

use std::collections::BTreeMap;

use common::{
    court::{CHALLENGERS, check_escrows},
    *,
};
use hmm_client::{
    address,
    generated::accounts::{ASSIGNMENT_DISCRIMINATOR, Assignment, ROUND_DISCRIMINATOR, Round},
    rounds, worker,
};
use hmm_job::{Outcome, Phase};
use hmm_vm::{
    Failure, World, WorldConfig,
    rounds::{report, vote},
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_account::ReadableAccount;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// No deadline is further away than this many steps of the stranger's, which wait at most ten minutes each.
const STEPS: usize = 600;
const WAIT: i64 = 600;

#[derive(Clone)]
struct Stage {
    world: World,
    job: Address,
}

/// Who still acts besides the stranger. Bits of a set.
const CLIENT: u8 = 1;
const WORKER: u8 = 2;
const VERIFIERS: u8 = 4;
const CHALLENGER: u8 = 8;

fn second() -> Keypair {
    keypair("second worker")
}

fn stranger() -> Keypair {
    keypair("stranger")
}

impl Stage {
    fn world() -> World {
        let config =
            WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() };
        let mut world = World::active(config);
        world.convene(24);
        let second = second();
        world.register(&second, 2_000 * CREDIT);
        edit_worker(&mut world, &second.pubkey(), |w| (w.key_expiry, w.capacity) = (i64::MAX, [1 << 50; 8]));
        world.supply(&second, 0, 400 * UNIT).expect("a supply");
        for name in CHALLENGERS.iter().chain(&["stranger", "router"]) {
            world.vm.svm.airdrop(&keypair(name).pubkey(), 1_000 * CREDIT).expect("lamports");
            world.open_wallet(&keypair(name));
        }
        world
    }

    fn open(world: &World, gang: bool) -> Self {
        let (mut world, client) = (world.clone(), world.client());
        let mut spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT)], 500 * CREDIT);
        (spec.gang, spec.proof_level, spec.trace_depth, spec.router) = (gang, 0, 0, keypair("router").pubkey());
        let job = world.open_job(&client, spec).expect("a job");
        Self { world, job }
    }

    /// Filled with 20 units, of which each of these workers is assigned ten.
    fn assigned(world: &World, gang: bool, workers: &[Keypair]) -> Self {
        let mut stage = Self::open(world, gang);
        let (router, job) = (keypair("router"), stage.job);
        stage.world.fill(&router, &job, 0, 20 * UNIT).expect("a fill");
        for owner in workers {
            stage.world.assign(&router, &job, &owner.pubkey(), vec![10 * UNIT]).expect("an assignment");
        }
        stage
    }

    fn then(&self, act: impl FnOnce(&mut World, &Address)) -> Self {
        let mut stage = self.clone();
        act(&mut stage.world, &self.job);
        stage
    }

    fn check(&self) {
        check_books(&self.world, 0);
        check_escrows(&self.world);
    }

    /// Its accounts that exist, with whoever paid for them and what they hold.
    fn accounts(&self) -> Vec<(Address, Address, u64)> {
        let mut found = Vec::new();
        let vm = &self.world.vm;
        for (at, account) in vm.svm.accounts_db().inner.iter() {
            if *account.owner() != hmm_client::HMM_ID {
                continue;
            }
            let payer = if *at == self.job {
                Some(self.world.job(&self.job).job.rent_payer)
            } else if account.data().starts_with(&ASSIGNMENT_DISCRIMINATOR) {
                let a = Assignment::from_bytes(account.data()).expect("an assignment");
                (a.job == self.job).then_some(a.rent_payer)
            } else if account.data().starts_with(&ROUND_DISCRIMINATOR) {
                let round = Round::from_bytes(account.data()).expect("a round");
                (round.job == self.job).then_some(round.rent_payer)
            } else {
                None
            };
            found.extend(payer.map(|payer| (*at, payer, account.lamports())));
        }
        let escrow = address::escrow(&self.job);
        if let Some(account) = vm.svm.get_account(&escrow).filter(|a| a.lamports > 0) {
            found.push((escrow, self.world.job(&self.job).job.rent_payer, account.lamports));
        }
        found
    }

    fn is_open(&self) -> bool {
        !self.world.vm.data(&self.job).is_empty()
    }

    /// Everything that anybody may send, by the stranger; how many went through.
    fn crank(&mut self) -> usize {
        let (by, job) = (stranger(), self.job);
        let mut done = 0;
        for index in 0..self.world.job(&job).job.assigned {
            if self.world.has_assignment(&job, index).is_none() {
                continue;
            }
            let trial = self.world.trial(&job, index);
            let worker = self.world.worker_at(&trial.assignment.worker);
            let finder = credits_of(&self.world, &by.pubkey());
            let expire = trial.job.expire(&trial.assignment, &worker, finder);
            let claim = trial.claim(&trial.payees());
            for ix in [expire, trial.draw(by.pubkey()), trial.tally(), trial.settle(&worker), claim] {
                if self.world.has_assignment(&job, index).is_none() {
                    break;
                }
                done += usize::from(self.world.vm.send(&[ix], &[&by]).is_ok());
            }
        }
        let of_job = self.accounts();
        for (at, _, _) in of_job {
            let data = self.world.vm.data(&at);
            if data.starts_with(&ROUND_DISCRIMINATOR) {
                let round = rounds::decode_round(&data).expect("a round");
                done += usize::from(self.world.vm.send(&[rounds::close_round(at, &round)], &[&by]).is_ok());
            }
        }
        done += usize::from(self.world.close_job(&by, &job).is_ok());
        done += usize::from(self.world.claim_job(&by, &job).is_ok());
        done
    }

    /// What those who are not silent do, if they may.
    fn party(&mut self, awake: u8, rng: &mut Rng) {
        let job = self.job;
        for index in 0..self.world.job(&job).job.assigned {
            if awake & WORKER != 0 && self.world.has_assignment(&job, index).is_some() {
                let owner = self.world.worker_at(&self.world.assignment(&job, index).worker).owner;
                if let Some(by) = [self.world.labourer(), second()].into_iter().find(|key| key.pubkey() == owner) {
                    let _ = self.world.start(&by, &job, index);
                    if self.world.assignment(&job, index).phase == Phase::Running as u8 && owner == self.world.labourer().pubkey() {
                        let _ = self.world.attest(&by, &job, index, report());
                    }
                    let worker = worker::claim(&self.world.state(), &owner);
                    let _ = self.world.vm.send(&[worker], &[&by]);
                }
            }
            if awake & VERIFIERS != 0 && self.world.has_assignment(&job, index).is_some_and(|a| a.seats > 0) {
                let seats = self.world.seated(&job, index).len() as u8;
                for seat in 0..seats {
                    let vote = vote([0, 9_000][usize::from(seat) % 2]);
                    if rng.one_in(2) {
                        let _ = self.world.commit(&job, index, seat, &vote);
                    }
                    let _ = self.world.reveal(&job, index, seat, &vote);
                }
            }
            if awake & CHALLENGER != 0 && self.world.has_assignment(&job, index).is_some() {
                let by = keypair(CHALLENGERS[rng.range(0, 4) as usize]);
                let _ = self.world.challenge(&by, &job, index);
                let _ = self.world.appeal(&by, &job, index);
            }
            if awake & CLIENT != 0 && self.world.has_assignment(&job, index).is_some() {
                let client = self.world.client();
                if rng.one_in(4) {
                    let _ = self.world.unassign(&client, &job, index);
                }
            }
        }
        if awake & CLIENT != 0 && rng.one_in(4) {
            let client = self.world.client();
            let _ = self.world.close_job(&client, &job);
        }
    }

    /// To the end: the steps it took, and the seconds.
    fn finish(&mut self, awake: u8, paused: bool, rng: &mut Rng) -> (usize, i64) {
        if paused {
            edit_market(&mut self.world, |market| market.paused_until = i64::MAX);
        }
        let begun = now(&self.world);
        let known: BTreeMap<Address, (Address, u64)> = self.accounts().into_iter().map(|(at, payer, rent)| (at, (payer, rent))).collect();
        let payers: BTreeMap<Address, u64> = known.values().map(|(payer, _)| (*payer, self.lamports(payer))).collect();
        let supply = self.world.vm.supply(&self.world.credit_mint);
        let mut steps = 0;
        while self.is_open() {
            steps += 1;
            assert!(steps < STEPS, "stuck: {:?}", self.world.job(&self.job).job);
            self.world.hash_slots();
            self.party(awake, rng);
            if self.is_open() && self.crank() == 0 {
                let later = now(&self.world) + WAIT;
                at(&mut self.world, later);
            }
            self.check();
        }
        // whoever is owed something by a worker's vault gets it without asking
        for owner in [self.world.labourer(), second()] {
            let before = self.world.worker(&owner.pubkey());
            if before.claimable > 0 {
                let claim = worker::claim(&self.world.state(), &owner.pubkey());
                self.world.vm.send(&[claim], &[&stranger()]).expect("a claim");
            }
            let after = self.world.worker(&owner.pubkey());
            assert_eq!((after.claimable, after.reserved, after.payments, after.in_reserve), (0, 0, 0, [0; 8]));
        }
        self.check();
        assert_eq!(self.accounts(), [], "accounts stay");
        assert_eq!(self.world.state().pool.in_jobs, [0; 8]);
        assert!(self.world.vm.supply(&self.world.credit_mint) <= supply);
        // rent is back with whoever paid it, as far as it sends nothing itself
        if awake == 0 {
            for (payer, before) in payers {
                let rent: u64 = known.values().filter(|(who, _)| *who == payer).map(|(_, rent)| rent).sum();
                assert_eq!(self.lamports(&payer), before + rent, "the rent of {payer}");
            }
        }
        (steps, now(&self.world) - begun)
    }

    fn lamports(&self, who: &Address) -> u64 {
        self.world.vm.svm.get_balance(who).unwrap_or_default()
    }
}

/// Jobs in every phase of theirs, by name.
fn phases() -> Vec<(&'static str, Stage)> {
    let world = Stage::world();
    let (labourer, client, creator) = (world.labourer(), world.client(), world.creator());
    let both = [labourer.insecure_clone(), second()];
    let one = &both[..1];
    let mut phases = Vec::new();

    let open = Stage::open(&world, false);
    let filled = Stage::assigned(&world, false, &[]);
    let deposited = filled.then(|world, job| {
        world.swap(&client, vec![leg(0, hmm_client::LegKind::BuyExactOut, UNIT)]).expect("vouchers");
        world.deposit_vouchers(&client, job, 0, UNIT).expect("a deposit");
    });
    let closed = filled.then(|world, job| drop(world.close_job(&client, job).expect("closed")));
    let reserved = Stage::assigned(&world, false, one);
    let running = reserved.then(|world, job| drop(world.start(&labourer, job, 0).expect("a start")));
    let two = Stage::assigned(&world, false, &both);
    let two_running = two.then(|world, job| drop(world.start(&labourer, job, 0).expect("a start")));
    let unsealed = Stage::assigned(&world, true, one);
    let sealed = Stage::assigned(&world, true, &both);
    let half = sealed.then(|world, job| drop(world.start(&labourer, job, 0).expect("a start")));
    let launched = half.then(|world, job| drop(world.start(&second(), job, 1).expect("a start")));

    let submitted = running.then(|world, job| drop(world.attest(&labourer, job, 0, report()).expect("an attestation")));
    let drawn = submitted.then(|world, job| drop(world.draw(&creator, job, 0).expect("a draw")));
    let committed_one = drawn.then(|world, job| drop(world.commit(job, 0, 0, &vote(9_000)).expect("a commitment")));
    let committed = drawn.then(|world, job| {
        for seat in 0..3 {
            world.commit(job, 0, seat, &vote(9_000)).expect("a commitment");
        }
    });
    let revealed_one = committed.then(|world, job| drop(world.reveal(job, 0, 1, &vote(9_000)).expect("a vote")));
    let ruling = |score: u16| {
        drawn.then(|world, job| {
            world.judge(job, 0, &[score; 3]);
            world.tally(&creator, job, 0).expect("the count");
        })
    };
    let (passed, failed) = (ruling(9_000), ruling(0));
    let disputed = passed.then(|world, job| {
        world.challenge(&keypair("anna"), job, 0).expect("a challenge");
        world.challenge(&keypair("bruno"), job, 0).expect("a second one");
    });
    let disputed_drawn = disputed.then(|world, job| drop(world.draw(&creator, job, 0).expect("a draw")));
    let ruled = disputed_drawn.then(|world, job| {
        let seats = usize::from(world.assignment(job, 0).seats);
        world.judge(job, 0, &vec![0; seats]);
        world.tally(&creator, job, 0).expect("the count");
    });
    let appealed = ruled.then(|world, job| drop(world.appeal(&keypair("carla"), job, 0).expect("an appeal")));
    let appealed_drawn = appealed.then(|world, job| drop(world.draw(&creator, job, 0).expect("a draw")));
    let last = appealed_drawn.then(|world, job| {
        let seats = usize::from(world.assignment(job, 0).seats);
        world.judge(job, 0, &vec![9_000; seats]);
        world.tally(&creator, job, 0).expect("the count");
    });
    let settled = last.then(|world, job| drop(world.settle(&creator, job, 0).expect("the settlement")));
    phases.extend([
        ("open", open),
        ("filled", filled),
        ("with vouchers of the wallet", deposited),
        ("closed", closed),
        ("reserved", reserved),
        ("running", running),
        ("one of two runs", two_running),
        ("a gang without seal", unsealed),
        ("a sealed gang", sealed),
        ("half a gang", half),
        ("a launched gang", launched),
        ("submitted", submitted),
        ("drawn", drawn),
        ("one commitment", committed_one),
        ("all commitments", committed),
        ("one vote", revealed_one),
        ("passed", passed),
        ("failed", failed),
        ("disputed", disputed),
        ("disputed and drawn", disputed_drawn),
        ("ruled", ruled),
        ("appealed", appealed),
        ("appealed and drawn", appealed_drawn),
        ("final", last),
        ("settled", settled),
    ]);
    phases
}

#[test]
fn a_stranger_alone_ends_every_job() {
    let (mut runs, mut most, mut longest) = (0, 0, 0);
    let mut rng = Rng::new("liveness", 0x11fe);
    for (name, stage) in phases() {
        stage.check();
        for awake in 0..16 {
            for paused in [false, true] {
                let mut stage = stage.clone();
                let (steps, seconds) = stage.finish(awake, paused, &mut rng);
                runs += 1;
                (most, longest) = (most.max(steps), longest.max(seconds));
                if awake == 0 && !paused {
                    println!("{name}: {steps} steps, {seconds} s");
                }
            }
        }
    }
    println!("{runs} runs, at most {most} steps and {longest} seconds");
}

/// The parties' accounts are gone or frozen: what is theirs waits, and blocks nobody else.
#[test]
fn a_payee_without_an_account_blocks_only_itself() {
    let world = Stage::world();
    let labourer = world.labourer();
    let stage = Stage::assigned(&world, false, &[labourer.insecure_clone()]);
    let mut stage = stage.then(|world, job| drop(world.start(&labourer, job, 0).expect("a start")));
    // the client closes its account of credits
    let client = world.client();
    let account = credits_of(&stage.world, &client.pubkey());
    let saved = stage.world.vm.svm.get_account(&account).expect("an account");
    stage.world.vm.svm.set_account(account, solana_account::Account::default()).expect("no account");
    let submit_by = stage.world.job(&stage.job).job.submit_by;
    at(&mut stage.world, submit_by);
    let job = stage.job;
    let expired = stage.world.expire(&stranger(), &job, 0).expect("a lapse");
    assert!(expired.compute_units < 840_000);
    let ended = stage.world.job(&job).job;
    assert_eq!(ended.open_assignments, 0);
    assert_eq!(stage.world.worker(&labourer.pubkey()).reserved, 0);
    stage.world.close_job(&stranger(), &job).expect("closed");
    let refused: Failure = stage.world.claim_job(&stranger(), &job).expect_err("nowhere to pay to");
    println!("claim without an account: {}", refused.error);
    stage.check();
    // it opens it again
    stage.world.vm.svm.set_account(account, saved).expect("an account");
    stage.world.claim_job(&stranger(), &job).expect("a claim");
    assert!(!stage.is_open());
    assert_eq!(hmm_client::jobs::outcome(ended.worst), Some(Outcome::Late));
}
