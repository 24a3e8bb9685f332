//! Keepers against the built program: jobs in which nobody but the agents acts once they are assigned, what is late, what is disputed, and
//! what others do first.
mod common;

use std::collections::BTreeSet;

use common::{Stage, VERIFIERS};
use hmm_agents::chain::{Chain, Error};
use hmm_agents::run::{Deed, Error as RunError, Keeper, Upkeep};
use hmm_agents::turn::{Crank, Kept};
use hmm_attest::Key;
use hmm_client::generated::instructions::OpenJobInstructionArgs;
use hmm_client::jobs::machine_part;
use hmm_client::{Leg, LegKind, address};
use hmm_job::{Phase, Verdict};
use hmm_vm::verify::verifier_key;
use hmm_vm::vm::Failure;
use hmm_vm::world::{CREDIT, UNIT, keypair};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Lamports of a signature.
const FEE: u64 = 5_000;

/// A keeper with lamports and nothing else.
fn keeper(stage: &Stage) -> Keypair {
    let key = keypair("keeper");
    stage.world().vm.svm.airdrop(&key.pubkey(), 1_000_000_000).expect("lamports");
    key
}

/// One look of the keeper; nothing may go wrong.
fn keep(stage: &Stage, key: &Keypair, job: Option<&Address>) -> Vec<Crank> {
    let mut chain = stage.chain(key.insecure_clone());
    let round = Keeper { job: job.map(Address::to_bytes) }.round(&mut chain).unwrap();
    let cranked = |(_, done): (_, Result<_, _>)| match done.unwrap() {
        Deed::Cranked(crank) => crank,
        other => panic!("{other:?}"),
    };
    round.into_iter().map(cranked).collect()
}

/// As often as there is something to do.
fn keep_on(stage: &Stage, key: &Keypair, job: Option<&Address>) -> Vec<Crank> {
    let mut all = vec![];
    loop {
        let done = keep(stage, key, job);
        if done.is_empty() {
            return all;
        }
        all.extend(done);
    }
}

/// One round of every verifier.
fn verify(stage: &Stage) -> Vec<Deed> {
    let round = |number| {
        let (agent, mut chain) = stage.verifier(number);
        agent.round(&mut chain, &mut stage.keys(&format!("verifier {number}"))).unwrap()
    };
    (0..VERIFIERS).flat_map(round).map(|(_, done)| done.unwrap()).collect()
}

fn work(stage: &Stage) -> Vec<Deed> {
    stage.work(true).into_iter().map(|(_, done)| done.unwrap()).collect()
}

fn lamports(stage: &Stage, who: &Address) -> u64 {
    stage.world().vm.svm.get_balance(who).unwrap_or_default()
}

fn exists(stage: &Stage, address: &Address) -> bool {
    stage.world().vm.svm.get_account(address).is_some_and(|account| account.lamports > 0)
}

fn pass(stage: &Stage, seconds: i64) {
    let mut world = stage.world();
    world.pass(seconds);
    world.hash_slots();
}

fn now(stage: &Stage) -> i64 {
    stage.world().vm.clock().unix_timestamp
}

fn credits(stage: &Stage, owner: &Address) -> u64 {
    let world = stage.world();
    let market = world.market_account();
    world.vm.balance(&address::token_account(owner, &market.credit_mint, &market.credit_token_program))
}

/// Does everybody's rounds and lets a minute pass, until the job is gone. Gives what the keeper did.
fn live(stage: &Stage, key: &Keypair, job: &Address, keeper_first: bool) -> Vec<Crank> {
    let (mut cranks, mut deeds) = (vec![], vec![]);
    for _ in 0..600 {
        if keeper_first {
            cranks.extend(keep(stage, key, None));
        }
        deeds.extend(work(stage));
        deeds.extend(verify(stage));
        if !keeper_first {
            cranks.extend(keep(stage, key, None));
        }
        if !exists(stage, job) {
            println!("{deeds:?}\n{cranks:?}");
            return cranks;
        }
        pass(stage, 60);
    }
    panic!("{cranks:?} {deeds:?} {:?}", stage.world().assignments(job));
}

/// From the assignment to the last closed account, by a worker, verifiers and a keeper. The rents come back to whoever lent them, the
/// keeper is out of its signatures' fees and nothing else.
#[test]
fn a_job_needs_nobody_else() {
    for keeper_first in [false, true] {
        let stage = Stage::new(if keeper_first { "kept first" } else { "kept" });
        let (key, client) = (keeper(&stage), stage.world().client());
        let job = stage.job(4);
        let (assignment, escrow) = (address::assignment(&job, 0), address::escrow(&job));
        let owners: Vec<Address> = (0..VERIFIERS).map(|number| verifier_key(number).pubkey()).collect();
        let before = (lamports(&stage, &key.pubkey()), credits(&stage, &client.pubkey()));
        let staked: u64 = owners.iter().map(|owner| lamports(&stage, owner)).sum();
        let cranks = live(&stage, &key, &job, keeper_first);

        let once = [Crank::Tally, Crank::Settle, Crank::ClaimAssignment, Crank::CloseRound, Crank::CloseJob, Crank::ClaimJob];
        for crank in once {
            assert_eq!(cranks.iter().filter(|other| **other == crank).count(), 1, "{crank:?}");
        }
        // the verifiers draw before the keeper comes to it, and the other way round
        assert_eq!(cranks.contains(&Crank::Draw), keeper_first);
        for gone in [job, assignment, escrow, address::round(&assignment, 0)] {
            assert!(!exists(&stage, &gone), "{gone}");
        }
        assert_eq!(before.0 - lamports(&stage, &key.pubkey()), FEE * cranks.len() as u64);
        let spent = staked - owners.iter().map(|owner| lamports(&stage, owner)).sum::<u64>();
        assert_eq!(spent % FEE, 0, "the rent of the round is not back");
        assert!(credits(&stage, &client.pubkey()) > before.1);
        assert!(stage.world().worker_at(&stage.worker).claimable > 0);
        assert_eq!(keep_on(&stage, &key, None), []);
        assert!((0..VERIFIERS).all(|number| stage.keys(&format!("verifier {number}")).names().count() == 0));
    }
}

/// The first to come draws, and whoever draws itself is bound in the same transaction.
#[test]
fn whoever_is_seated_draws_and_commits_at_once() {
    let mut seen = BTreeSet::new();
    for job in 0..4 {
        let stage = Stage::new(&format!("drawn {job}"));
        for _ in 0..job {
            stage.job(3); // another address, another draw
        }
        let job = stage.job(3);
        assert!(work(&stage).contains(&Deed::Started));
        assert!(work(&stage).contains(&Deed::Submitted));
        let of_job = |assignment: &Address| *assignment == address::assignment(&job, 0);
        // not a second, not a slot too early
        assert_eq!(verify(&stage), []);
        stage.world().pass_to_draw(&job, 0);
        for number in 0..VERIFIERS {
            let (agent, mut chain) = stage.verifier(number);
            let round = agent.round(&mut chain, &mut stage.keys(&format!("verifier {number}"))).unwrap();
            for (assignment, done) in round.into_iter().filter(|(assignment, _)| of_job(&Address::from(*assignment))) {
                let (done, assignment) = (done.unwrap(), Address::from(assignment));
                let round = stage.world().round(&job, 0, 0);
                let sits = hmm_client::rounds::seat(&round, &verifier_key(number).pubkey()).is_some();
                assert_eq!(sits, done != Deed::Cranked(Crank::Draw), "{assignment}");
                assert_eq!(done == Deed::DrewAndCommitted, sits && round.rent_payer == verifier_key(number).pubkey());
                seen.insert(format!("{done:?}"));
            }
        }
        let round = stage.world().round(&job, 0, 0);
        assert_eq!(round.committed, round.seat_count);
    }
    assert!(seen.contains("Committed"), "{seen:?}");
}

#[test]
fn no_shows_and_lapses_end_in_the_very_second() {
    for starts in [false, true] {
        let stage = Stage::new(if starts { "lapsed" } else { "absent" });
        let (key, client) = (keeper(&stage), stage.world().client());
        let job = stage.job(3);
        if starts {
            assert_eq!(work(&stage), [Deed::Started]);
        }
        let account = stage.world().job(&job).job;
        let deadline = if starts { account.submit_by } else { account.start_by };
        pass(&stage, deadline - 1 - now(&stage));
        assert_eq!(keep_on(&stage, &key, Some(&job)), []);
        pass(&stage, 1);
        let treasury = stage.world().market_account().treasury;
        let found = stage.world().vm.balance(&treasury);
        let vouchers = {
            let state = stage.world().state();
            address::token_account(&client.pubkey(), &state.pool.voucher_mints[0], &address::TOKEN_PROGRAM)
        };
        let before = stage.world().vm.balance(&vouchers);
        assert_eq!(keep_on(&stage, &key, Some(&job)), [Crank::Expire, Crank::CloseJob, Crank::ClaimJob]);
        // the keeper has no account of credits: the finder's part is the treasury's
        assert!(stage.world().vm.balance(&treasury) > found);
        let back = stage.world().vm.balance(&vouchers) - before;
        assert_eq!(back, if starts { 0 } else { 20 * UNIT });
        assert!(!exists(&stage, &job));
    }
}

/// A gang of which one does not come: the keeper ends both, and who had started owes what it owed before.
#[test]
fn gangs_that_do_not_assemble_are_undone() {
    let stage = Stage::new("gang");
    let (key, client) = (keeper(&stage), stage.world().client());
    let job = {
        let mut world = stage.world();
        let spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT)], 500 * CREDIT);
        let job = world.open_job(&client, OpenJobInstructionArgs { gang: true, ..spec }).expect("a job");
        world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
        let worker = world.labourer();
        world.assign(&client, &job, &worker.pubkey(), vec![10 * UNIT]).expect("an assignment");
        job
    };
    // nobody can start before all are named
    assert_eq!(work(&stage), []);
    let supplier = stage.world().supplier();
    stage.world().assign(&client, &job, &supplier.pubkey(), vec![10 * UNIT]).expect("an assignment");
    let owed = stage.world().worker_at(&stage.worker).outstanding;
    assert_eq!(work(&stage), [Deed::Started]);
    assert_ne!(stage.world().worker_at(&stage.worker).outstanding, owed);
    // it is not attested before the others have started
    assert_eq!(work(&stage), []);
    let start_by = stage.world().job(&job).job.start_by;
    pass(&stage, start_by - now(&stage) - 1);
    assert_eq!(keep_on(&stage, &key, Some(&job)), []);
    pass(&stage, 1);
    assert_eq!(keep(&stage, &key, Some(&job)), [Crank::Expire, Crank::Expire]);
    assert_eq!(stage.world().worker_at(&stage.worker).outstanding, owed);
    assert_eq!(keep_on(&stage, &key, Some(&job)), [Crank::CloseJob, Crank::ClaimJob]);
    assert!(!exists(&stage, &job));
}

#[test]
fn the_finder_is_paid_if_it_can_be() {
    let stage = Stage::new("finder");
    let key = keeper(&stage);
    stage.world().open_wallet(&key);
    let job = stage.job(3);
    let start_by = stage.world().job(&job).job.start_by;
    let before = credits(&stage, &key.pubkey());
    pass(&stage, start_by - now(&stage));
    assert_eq!(keep(&stage, &key, None), [Crank::Expire]);
    assert!(credits(&stage, &key.pubkey()) > before);
}

/// The second committee, the ruling, the bonds: a challenger without an account of credits is left until it has one.
#[test]
fn disputes_come_to_their_end() {
    let stage = Stage::new("disputed");
    let (key, trader) = (keeper(&stage), stage.world().trader());
    let job = stage.job(3);
    work(&stage);
    work(&stage);
    stage.draw(&job);
    let seats = usize::from(stage.world().assignment(&job, 0).seats);
    stage.world().judge(&job, 0, &vec![0; seats]);
    assert_eq!(keep(&stage, &key, Some(&job)), [Crank::Tally]);
    assert_eq!(stage.verdict(&job), (Phase::Window, Some(Verdict::Fail)));
    stage.world().challenge(&trader, &job, 0).expect("a challenge");
    assert_eq!(keep(&stage, &key, Some(&job)), []);
    stage.world().pass_to_draw(&job, 0);
    // the earlier committee's members are not drawn again
    let first: Vec<Address> = stage.world().round(&job, 0, 0).seats.iter().map(|seat| seat.verifier).collect();
    let mut deeds = vec![];
    for _ in 0..3 {
        deeds.extend(verify(&stage));
    }
    assert!(deeds.iter().any(|deed| matches!(deed, Deed::DrewAndCommitted | Deed::Cranked(Crank::Draw))), "{deeds:?}");
    let second = stage.world().round(&job, 0, 1);
    assert!(second.seats.iter().take(second.seat_count.into()).all(|seat| !first.contains(&seat.verifier)));
    assert_eq!(keep(&stage, &key, Some(&job)), [Crank::Tally]);
    assert_eq!(stage.verdict(&job), (Phase::Ruled, Some(Verdict::Pass)));
    let until = stage.world().assignment(&job, 0).until;
    pass(&stage, until - now(&stage) - 1);
    assert_eq!(keep(&stage, &key, Some(&job)), []);
    pass(&stage, 1);

    let wallet = {
        let market = stage.world().market_account();
        address::token_account(&trader.pubkey(), &market.credit_mint, &market.credit_token_program)
    };
    let before = credits(&stage, &trader.pubkey());
    let kept = stage.world().vm.svm.get_account(&wallet).unwrap();
    stage.world().vm.svm.set_account(wallet, Default::default()).unwrap();
    let done = keep_on(&stage, &key, Some(&job));
    assert!(!done.contains(&Crank::ClaimAssignment) && exists(&stage, &address::assignment(&job, 0)), "{done:?}");
    assert_eq!(done.iter().filter(|crank| **crank == Crank::CloseRound).count(), 2);
    stage.world().vm.svm.set_account(wallet, kept).unwrap();
    let done = keep_on(&stage, &key, Some(&job));
    assert_eq!(done.iter().filter(|crank| **crank == Crank::ClaimAssignment).count(), 1);
    assert!(credits(&stage, &trader.pubkey()) > before);
    assert!(!exists(&stage, &job));
}

/// A client that has closed its accounts gets everything as soon as it has them again.
#[test]
fn clients_are_paid_when_they_can_be() {
    let stage = Stage::new("clients");
    let (key, client) = (keeper(&stage), stage.world().client());
    let job = {
        let mut world = stage.world();
        let lines = vec![world.line(0, 50 * UNIT, 3 * CREDIT), world.line(1, 50 * UNIT, CREDIT)];
        let spec = world.spec(lines, 500 * CREDIT);
        let job = world.open_job(&client, spec).expect("a job");
        world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
        world.fill(&client, &job, 1, 30 * UNIT).expect("a fill");
        job
    };
    let (credits, vouchers) = {
        let (state, owner) = (stage.world().state(), client.pubkey());
        let of = |mint: &Address, program: &Address| address::token_account(&owner, mint, program);
        let vouchers = [0, 1].map(|resource| of(&state.pool.voucher_mints[resource], &address::TOKEN_PROGRAM));
        (of(&state.market.credit_mint, &state.market.credit_token_program), vouchers)
    };
    let take = |account: &Address| {
        let kept = stage.world().vm.svm.get_account(account).expect("an account");
        stage.world().vm.svm.set_account(*account, Default::default()).expect("closed");
        kept
    };
    let (no_credits, no_vouchers) = (take(&credits), take(&vouchers[1]));
    let assign_by = stage.world().job(&job).job.assign_by;
    pass(&stage, assign_by - now(&stage) - 1);
    assert_eq!(keep_on(&stage, &key, Some(&job)), []);
    pass(&stage, 1);
    // the program pays the credits with the first call, so nothing is paid without an account of them
    assert_eq!(keep_on(&stage, &key, Some(&job)), [Crank::CloseJob]);
    stage.world().vm.svm.set_account(credits, no_credits).expect("opened");
    let first = stage.world().vm.balance(&vouchers[0]);
    assert_eq!(keep_on(&stage, &key, Some(&job)), [Crank::ClaimJob]);
    assert_eq!(stage.world().vm.balance(&vouchers[0]) - first, 20 * UNIT);
    let account = stage.world().job(&job).job;
    assert_eq!((account.client_claim, account.lines[0].claim, account.lines[1].claim), (0, 0, 30 * UNIT));
    stage.world().vm.svm.set_account(vouchers[1], no_vouchers).expect("opened");
    let second = stage.world().vm.balance(&vouchers[1]);
    assert_eq!(keep_on(&stage, &key, Some(&job)), [Crank::ClaimJob]);
    assert_eq!(stage.world().vm.balance(&vouchers[1]) - second, 30 * UNIT);
    assert!(!exists(&stage, &job) && !exists(&stage, &address::escrow(&job)));
}

#[test]
fn what_the_market_owes_is_burned_and_paid() {
    let stage = Stage::new("collected");
    let (key, trader) = (keeper(&stage), stage.world().trader());
    // fees of the stage's own trades may be due
    keep_on(&stage, &key, None);
    assert_eq!(keep(&stage, &key, None), []);
    let due = |stage: &Stage| {
        let pool = stage.world().state().pool;
        pool.burn_due + pool.treasury_due
    };
    assert!(due(&stage) < CREDIT);
    let dust = vec![Leg::unlimited(0, LegKind::BuyExactOut, UNIT / 100)];
    stage.world().swap(&trader, dust).expect("a trade");
    assert!((1..CREDIT).contains(&due(&stage)));
    assert_eq!(keep(&stage, &key, None), []);
    stage.world().swap(&trader, vec![Leg::unlimited(0, LegKind::BuyExactOut, 500 * UNIT)]).expect("a trade");
    assert!(due(&stage) >= CREDIT);
    let job = stage.job(3);
    assert_eq!(keep(&stage, &key, Some(&job)), []);
    assert_eq!(keep(&stage, &key, None), [Crank::CollectFees]);
    assert_eq!(due(&stage), 0);

    // a committee that says nothing
    work(&stage);
    work(&stage);
    stage.draw(&job);
    let until = stage.world().assignment(&job, 0).until;
    pass(&stage, until - now(&stage) - 1);
    assert_eq!(keep(&stage, &key, None), []);
    pass(&stage, 1);
    assert_eq!(keep(&stage, &key, None), [Crank::Tally]);
    assert!(stage.world().verifier_set().burn_due >= CREDIT);
    assert_eq!(keep(&stage, &key, None), [Crank::BurnSlashed]);
    assert_eq!(stage.world().verifier_set().burn_due, 0);
}

/// A keeper to whose every crank something happens first.
struct Slow<F>(Chain<common::Shared>, F);

impl<F: FnMut(&Key, Crank)> Upkeep for Slow<F> {
    type Error = Error<Failure>;
    fn now(&self) -> Result<i64, Self::Error> {
        self.0.now()
    }
    fn kept(&self, job: Option<&Key>) -> Result<Vec<(Key, Kept)>, Self::Error> {
        self.0.kept(job)
    }
    fn crank(&mut self, account: &Key, crank: Crank) -> Result<(), Self::Error> {
        (self.1)(account, crank);
        self.0.crank(account, crank)
    }
}

#[test]
fn who_comes_second_is_not_troubled() {
    let stage = Stage::new("second");
    let (key, other) = (keeper(&stage), stage.creator());
    let job = stage.job(3);
    work(&stage);
    work(&stage);
    stage.world().pass_to_draw(&job, 0);
    let look = Keeper { job: Some(job.to_bytes()) };
    let mut cranks = vec![];
    for _ in 0..600 {
        let mut first = stage.chain(other.insecure_clone());
        let mut second = Slow(stage.chain(key.insecure_clone()), |account: &Key, crank| {
            first.crank(account, crank).expect("the first to come");
            cranks.push(crank);
        });
        assert!(look.round(&mut second).unwrap().is_empty());
        for number in 0..VERIFIERS {
            let (agent, mut chain) = stage.verifier(number);
            agent.round(&mut chain, &mut stage.keys(&format!("verifier {number}"))).unwrap();
        }
        if !exists(&stage, &job) {
            break;
        }
        pass(&stage, 60);
    }
    assert_eq!(cranks.first(), Some(&Crank::Draw));
    assert!(cranks.contains(&Crank::ClaimJob) && cranks.contains(&Crank::CloseRound), "{cranks:?}");
}

/// What is refused and still due is trouble, and told; it holds up nothing else.
#[test]
fn real_troubles_are_told() {
    let stage = Stage::new("trouble");
    let poor = Keypair::new();
    let (one, two) = (stage.job(3), stage.job(3));
    let start_by = stage.world().job(&two).job.start_by;
    pass(&stage, start_by - now(&stage));
    let round = Keeper { job: None }.round(&mut stage.chain(poor)).unwrap();
    let troubled: Vec<Address> = round.iter().map(|(account, _)| Address::from(*account)).collect();
    for job in [one, two] {
        assert!(troubled.contains(&address::assignment(&job, 0)));
    }
    assert!(round.iter().all(|(_, done)| matches!(done, Err(RunError::Ledger(Error::Node(_))))));
    let nowhere = Chain { market: stage.worker, ..stage.chain(Keypair::new()) };
    assert!(nowhere.kept(None).is_err());
}

#[test]
fn waits_are_told_in_words() {
    let stage = Stage::new("waits");
    let job = stage.job(3);
    let why = |stage: &Stage| stage.chain(Keypair::new()).waits(Some(&job.to_bytes())).unwrap().remove(0).1;
    assert!(why(&stage).contains("waits for its worker to start"), "{}", why(&stage));
    work(&stage);
    assert!(why(&stage).contains("is running"), "{}", why(&stage));
    assert_eq!(machine_part(&stage.world().assignment(&job, 0)).phase, Phase::Running);
    assert!(stage.chain(Keypair::new()).waits(Some(&[9; 32])).unwrap().is_empty());
}
