//! Jobs on the built program, before they are judged: every transition with its numbers, every side exit, every second of every
//! window, and long random lives against the machine on the host.

mod common;

use common::*;
use hmm_client::{
    HmmError, HmmEvent, JobClaimed, JobClosed, JobOpened, Leg, LegKind, address,
    event::Expectation,
    generated::{accounts::Assignment, instructions::OpenJobInstructionArgs},
    jobs::{self, Party},
    marks::marks,
};
use hmm_job::{Actor, Event, JobEvent, Outcome, Phase, State};
use hmm_math::margin;
use hmm_vm::{
    Failure, Receipt, World, WorldConfig,
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

const DAY: i64 = 86_400;
/// Nothing else limits a worker of this capacity.
const AMPLE: u64 = 1 << 50;
/// Of the default terms: the fee of a reservation, and what is set aside for verifiers: six times five seats.
const FEE: u64 = CREDIT / 100;
const FEES: u64 = 30 * CREDIT / 20;

fn small() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

/// A pool with marks of its own, a worker that owes 200 units of each resource, a client, a stranger.
struct Yard {
    world: World,
    client: Keypair,
    router: Keypair,
    worker: Keypair,
    stranger: Keypair,
    jobs: Vec<Address>,
}

impl Yard {
    fn new() -> Self {
        let mut world = World::active(small());
        let later = now(&world) + 40 * 60;
        at(&mut world, later);
        let (client, worker, stranger) = (world.client(), world.labourer(), world.trader());
        world.register_client(&client);
        let router = keypair("router");
        world.vm.svm.airdrop(&router.pubkey(), 1_000 * CREDIT).expect("lamports");
        let mut yard = Self { world, client, router, worker, stranger, jobs: vec![] };
        let worker = yard.world.labourer();
        yard.hire(&worker, 5_000 * CREDIT);
        yard
    }

    /// One more worker, with a bond, that has sold 200 units of each resource.
    fn hire(&mut self, owner: &Keypair, bond: u64) {
        self.world.register(owner, bond);
        let expiry = now(&self.world) + 100 * DAY;
        edit_worker(&mut self.world, &owner.pubkey(), |w| (w.key_expiry, w.capacity) = (expiry, [AMPLE; 8]));
        for resource in 0..2 {
            self.world.supply(owner, resource, 400 * UNIT).expect("a supply");
        }
    }

    fn spec(&self) -> OpenJobInstructionArgs {
        let lines = vec![self.world.line(0, 50 * UNIT, 3 * CREDIT), self.world.line(1, 60 * UNIT, CREDIT)];
        OpenJobInstructionArgs { router: self.router.pubkey(), ..self.world.spec(lines, 500 * CREDIT) }
    }

    /// Opens a job for both resources.
    fn open(&mut self, edit: impl FnOnce(&mut OpenJobInstructionArgs)) -> Address {
        let mut spec = self.spec();
        edit(&mut spec);
        let job = self.world.open_job(&self.client.insecure_clone(), spec).expect("a job");
        self.jobs.push(job);
        job
    }

    fn who(&self) -> Address {
        self.worker.pubkey()
    }

    /// A job whose first line is filled and assigned with these units.
    fn assigned(&mut self, units: u64, gang: bool) -> Address {
        let job = self.open(|spec| spec.gang = gang);
        let (client, who) = (self.client.insecure_clone(), self.who());
        self.world.fill(&client, &job, 0, units).expect("a fill");
        self.world.assign(&client, &job, &who, vec![units, 0]).expect("an assignment");
        job
    }

    /// The second before a time: it is refused for being early; then it is that time.
    fn only_from(&mut self, time: i64, what: impl Fn(&mut Self) -> Result<Receipt, Failure>) {
        at(&mut self.world, time - 1);
        because(&what(self).expect_err("early"), HmmError::JobEarly, seconds(time), seconds(time - 1));
        at(&mut self.world, time);
    }

    /// What holds after every instruction, with all jobs of this yard.
    fn check(&self) {
        check_books(&self.world, 0);
        let mut in_jobs = [0; 8];
        let mut reserved: Vec<(Address, [u64; 8])> = vec![];
        for address in &self.jobs {
            if self.world.vm.data(address).is_empty() {
                assert_eq!(self.world.vm.balance(&address::escrow(address)), 0, "the escrow of a closed job");
                continue;
            }
            let (job, assignments) = (self.world.job(address).job, self.world.assignments(address));
            let set_aside: u64 = assignments.iter().map(|a| a.fee + a.fees).sum();
            assert_eq!(job.set_aside, set_aside, "what is set aside");
            assert_eq!(self.world.vm.balance(&job.escrow), job.credits + job.set_aside + job.client_claim, "the escrow");
            assert_eq!(usize::from(job.open_assignments), assignments.len());
            for (i, line) in job.lines.iter().take(usize::from(job.line_count)).enumerate() {
                let waiting = assignments.iter().filter(|a| a.phase == Phase::Reserved as u8);
                let units: u64 = waiting.clone().map(|a| a.lots[i].bought + a.lots[i].wallet).sum();
                for a in waiting {
                    let mut per = [0; 8];
                    per[usize::from(line.resource)] = a.lots[i].bought + a.lots[i].wallet;
                    reserved.push((a.worker, per));
                }
                if line.pool == self.world.pool {
                    in_jobs[usize::from(line.resource)] += line.lot.bought + line.lot.wallet + line.claim + units;
                }
            }
        }
        assert_eq!(self.world.state().pool.in_jobs, in_jobs, "what jobs hold");
        for (address, worker) in workers(&self.world) {
            let mut per = [0; 8];
            for (_, units) in reserved.iter().filter(|(of, _)| *of == address) {
                for (sum, units) in per.iter_mut().zip(units) {
                    *sum += units;
                }
            }
            assert_eq!(worker.in_reserve, per, "what assignments wait for");
        }
    }
}

fn because(failure: &Failure, error: HmmError, expected: u64, found: u64) {
    assert!(failure.is(error.clone()), "expected {error:?}: {failure}\n{}", failure.logs.join("\n"));
    let what = failure.refusal.map(|refusal| refusal.what);
    assert_eq!(what, Some(Expectation::Number { expected, found }), "{error:?}");
}

fn seconds(time: i64) -> u64 {
    time.unsigned_abs()
}

fn ended(receipt: &Receipt) -> (Outcome, u64, u64, u64, u64) {
    let [HmmEvent::AssignmentEnded(e)] = receipt.events.as_slice() else { panic!("{:?}", receipt.events) };
    let outcome = jobs::outcome(e.outcome + 1).expect("an outcome");
    (outcome, e.to_job, e.to_worker, e.to_finder, e.burned)
}

#[test]
fn opening_copies_the_terms_and_locks_the_budget() {
    let mut yard = Yard::new();
    let (client, spec) = (yard.client.insecure_clone(), yard.spec());
    let who = client.pubkey();
    let account = address::client(&yard.world.market, &who);
    let (job, wallet) = (address::job(&account, 0), credits_of(&yard.world, &who));
    let before = yard.world.vm.svm.get_balance(&who).expect("lamports");
    let open = jobs::open(yard.world.market, &market(&yard.world), who, 0, spec.clone());
    let receipt = accepted(&mut yard.world.vm, &[open], &[&client], &[who, account, job, address::escrow(&job), wallet]);
    let lines = spec.lines.clone();
    let opened = JobOpened {
        job,
        sequence: 0,
        market: yard.world.market,
        client: account,
        owner: who,
        router: yard.router.pubkey(),
        id: 0,
        budget: spec.budget,
        gang: false,
        proof_level: 1,
        assign_by: spec.assign_by,
        start_by: spec.start_by,
        submit_by: spec.submit_by,
        lines,
    };
    assert_eq!(receipt.events, [HmmEvent::JobOpened(opened)]);
    yard.jobs.push(job);
    let state = yard.world.job(&job);
    assert_eq!((state.job.terms.clone(), state.job.gamma), (state.market.jobs.clone(), state.market.supply.gamma));
    assert_eq!((state.job.credits, state.job.set_aside, state.job.owner, state.job.rent_payer), (spec.budget, 0, who, who));
    assert_eq!(jobs::machine(&state.job), hmm_job::Job::open(jobs::machine(&state.job).terms, now(&yard.world), spec.budget).unwrap().0);
    let rent = [&job, &address::escrow(&job)].map(|a| yard.world.vm.svm.get_balance(a).expect("rent"));
    assert_eq!(yard.world.vm.svm.get_balance(&who), Some(before - rent[0] - rent[1]));
    yard.check();
    // a later change of the market does not reach it; the next job has the next id
    edit_market(&mut yard.world, |market| market.jobs.seat_fee += 1);
    assert_ne!(yard.world.job(&job).job.terms, market(&yard.world).jobs);
    let next = yard.open(|_| ());
    assert_eq!((next, yard.world.client_jobs(&account)), (address::job(&account, 1), 2));
    let stranger = yard.stranger.insecure_clone();
    yard.world.vm.send(&[yard.world.job(&job).top_up(stranger.pubkey(), 7)], &[&stranger]).expect("a gift");
    assert_eq!(yard.world.job(&job).job.credits, spec.budget + 7);
    yard.check();
}

#[test]
fn a_fill_is_a_swap_of_the_job() {
    let mut yard = Yard::new();
    let (job, client, router) = (yard.open(|_| ()), yard.client.insecure_clone(), yard.router.insecure_clone());
    let legs =
        vec![Leg { resource: 1, kind: LegKind::BuyExactIn, amount: CREDIT, limit: 0 }, Leg::unlimited(0, LegKind::BuyExactOut, 20 * UNIT)];
    yard.world.vm.warp(5);
    let state = yard.world.state();
    let quote = hmm_client::quote(&state, &legs);
    let [vault, observations] = [state.pool.credit_vault, state.pool.observations];
    let fill = yard.world.job(&job).fill(&state, router.pubkey(), legs);
    let receipt = accepted(&mut yard.world.vm, &[fill], &[&router], &[job, yard.world.pool, observations, address::escrow(&job), vault]);
    let [HmmEvent::JobFilled(event)] = receipt.events.as_slice() else { panic!("{:?}", receipt.events) };
    let paid: u64 = quote.legs.iter().map(|leg| leg.credits).sum();
    assert_eq!((event.paid, event.credits, event.by), (paid, 500 * CREDIT - paid, router.pubkey()));
    let found = yard.world.job(&job).job;
    for (line, (quoted, leg)) in [1, 0].into_iter().zip(quote.legs.iter().zip(&event.legs)) {
        assert_eq!((leg.units, leg.credits, leg.fee), (quoted.units, quoted.credits, quoted.fee));
        let lot = &found.lines[line].lot;
        assert_eq!((lot.bought, lot.wallet, lot.paid, lot.burned), (leg.units, 0, leg.credits, leg.burned));
        assert_eq!(found.lines[line].filled, leg.units);
    }
    assert_eq!(found.credits, 500 * CREDIT - paid);
    yard.check();

    // no more than the line wants in all, to the unit
    let most = 60 * UNIT - found.lines[1].filled;
    because(&yard.world.fill(&client, &job, 1, most + 1).expect_err("full"), HmmError::LineFull, 60 * UNIT, 60 * UNIT + 1);
    yard.world.fill(&client, &job, 1, most).expect("the rest");
    yard.check();
    // not dearer than the line allows, to the credit
    let cost =
        |yard: &Yard, units| hmm_client::quote(&yard.world.state(), &[Leg::unlimited(0, LegKind::BuyExactOut, units)]).legs[0].credits;
    let exact = cost(&yard, UNIT);
    for (max_price, fits) in [(exact - 1, false), (exact, true)] {
        let lines = vec![yard.world.line(0, 50 * UNIT, max_price)];
        let job = yard.open(|spec| spec.lines = lines);
        let exact = cost(&yard, UNIT);
        let result = yard.world.fill(&client, &job, 0, UNIT);
        assert_eq!(result.is_ok(), fits);
        if let Err(failure) = result {
            because(&failure, HmmError::PriceAboveLine, exact - 1, exact);
        }
    }
    yard.check();
    // nobody else; not from the very second
    let stranger = yard.stranger.insecure_clone();
    because(&yard.world.fill(&stranger, &job, 0, UNIT).expect_err("a stranger"), HmmError::JobActor, 0, 0);
    let end = found.assign_by;
    at(&mut yard.world, end - 1);
    yard.world.fill(&client, &job, 0, UNIT).expect("the last second");
    at(&mut yard.world, end);
    because(&yard.world.fill(&client, &job, 0, UNIT).expect_err("late"), HmmError::JobLate, seconds(end), seconds(end));
    yard.check();
}

#[test]
fn wallet_vouchers_are_numbers_of_the_job_and_cost_what_the_mark_says() {
    let mut yard = Yard::new();
    let (job, client, who) = (yard.open(|_| ()), yard.client.insecure_clone(), yard.who());
    yard.world.swap(&client, vec![Leg::unlimited(0, LegKind::BuyExactOut, 30 * UNIT)]).expect("a trade");
    let [mint, account] = [address::voucher_mint(&yard.world.pool, 0), vouchers_of(&yard.world, &client.pubkey(), 0)];
    let deposit = yard.world.job(&job).deposit_vouchers(&yard.world.state(), 0, 30 * UNIT);
    let receipt = accepted(&mut yard.world.vm, &[deposit], &[&client], &[job, yard.world.pool, mint, account]);
    assert!(matches!(receipt.events.as_slice(), [HmmEvent::VouchersDeposited(e)] if e.units == 30 * UNIT && e.resource == 0));
    assert_eq!(yard.world.vm.balance(&account), 0);
    yard.world.fill(&client, &job, 0, 10 * UNIT).expect("a fill");
    yard.check();
    let paid = yard.world.job(&job).job.lines[0].lot.paid;
    yard.world.assign(&client, &job, &who, vec![25 * UNIT, 0]).expect("an assignment");
    let a = yard.world.assignment(&job, 0);
    assert_eq!((a.lots[0].bought, a.lots[0].wallet, a.lots[0].paid), (10 * UNIT, 15 * UNIT, paid), "bought ones first");
    yard.check();
    let lo = marks(&yard.world.state(), &yard.world.observations(), 0).expect("marks").lo;
    let (before, worker) = (yard.world.worker(&who), yard.worker.insecure_clone());
    yard.world.start(&worker, &job, 0).expect("a start");
    let a = yard.world.assignment(&job, 0);
    let share = margin::share_floor(before.held[0], 25 * UNIT, before.outstanding[0]).expect("a share");
    let value = margin::value_ceil(25 * UNIT, lo);
    let wallet = (u128::from(value) * 15).div_ceil(25).min(u128::from(share) * 15 / 25) as u64;
    let most = (u128::from(value) * 1_500_000).div_ceil(1_000_000) as u64;
    assert_eq!((a.payment, a.cost, a.values[0], a.shares[0]), (share, (paid + wallet).min(most), value, share));
    yard.check();
}

#[test]
fn an_assignment_reserves_and_moves_no_obligation() {
    let mut yard = Yard::new();
    let (job, client, who) = (yard.open(|_| ()), yard.client.insecure_clone(), yard.who());
    yard.world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    yard.world.vm.warp(5);
    let (before, state) = (yard.world.worker(&who), yard.world.state());
    let worker = address::worker(&yard.world.pool, &who);
    let assignment = address::assignment(&job, 0);
    let assign = yard.world.job(&job).assign(&state, worker, yard.router.pubkey(), vec![20 * UNIT, 0]);
    let router = yard.router.insecure_clone();
    let changes = [router.pubkey(), job, assignment, worker, state.pool.observations];
    let receipt = accepted(&mut yard.world.vm, &[assign], &[&router], &changes);
    let value = margin::value_ceil(20 * UNIT, marks(&yard.world.state(), &yard.world.observations(), 0).expect("marks").lo);
    let bond = value.div_ceil(10);
    let [HmmEvent::JobAssigned(event)] = receipt.events.as_slice() else { panic!("{:?}", receipt.events) };
    assert_eq!((event.bond, event.fee, event.fees, event.worker), (bond, FEE, FEES, worker));
    assert_eq!((event.units.clone(), event.raw_units.clone()), (vec![20 * UNIT, 0], vec![40 * UNIT, 0]), "at a quality of a half");
    let (a, after) = (yard.world.assignment(&job, 0), yard.world.worker(&who));
    assert_eq!((a.rent_payer, a.worker, a.job, a.newcomer, a.raw_units[0]), (router.pubkey(), worker, job, true, 40 * UNIT));
    assert_eq!((after.bond, after.reserved, after.in_reserve[0]), (before.bond - bond, bond, 20 * UNIT));
    assert_eq!((after.outstanding, after.held), (before.outstanding, before.held));
    yard.check();
}

#[test]
fn what_a_worker_must_be_to_the_unit_and_the_second() {
    let mut yard = Yard::new();
    let (job, client, who) = (yard.open(|_| ()), yard.client.insecure_clone(), yard.who());
    yard.world.fill(&client, &job, 0, 30 * UNIT).expect("a fill");
    let end = yard.world.job(&job).job.submit_by;
    let assign = |yard: &mut Yard, units: u64| yard.world.clone().assign(&client, &job, &who, vec![units, 0]);
    let attempt = |yard: &mut Yard, edit: &dyn Fn(&mut hmm_client::generated::accounts::Worker), units: u64| {
        let saved = yard.world.worker(&who);
        edit_worker(&mut yard.world, &who, edit);
        let result = assign(yard, units);
        edit_worker(&mut yard.world, &who, |w| *w = saved);
        result
    };
    let failed = |result: Result<Receipt, Failure>| result.expect_err("must be refused");
    because(&failed(attempt(&mut yard, &|w| w.banned = true, UNIT)), HmmError::WorkerBanned, 0, 1);
    because(&failed(attempt(&mut yard, &|w| w.key_expiry = end - 1, UNIT)), HmmError::KeyLapsed, seconds(end), seconds(end - 1));
    attempt(&mut yard, &|w| w.key_expiry = end, UNIT).expect("valid until the end");
    // what is owed and not reserved yet
    because(&failed(attempt(&mut yard, &|w| w.outstanding[0] = UNIT - 1, UNIT)), HmmError::MoreThanOutstanding, UNIT - 1, UNIT);
    because(
        &failed(attempt(&mut yard, &|w| w.in_reserve[0] = w.outstanding[0] - UNIT + 1, UNIT)),
        HmmError::MoreThanOutstanding,
        UNIT - 1,
        UNIT,
    );
    // capacity: 7,800 seconds until the end, two raw units for one
    let left = (end - now(&yard.world)).unsigned_abs();
    let enough = (2 * UNIT * 3_600).div_ceil(left);
    attempt(&mut yard, &|w| w.capacity[0] = enough, UNIT).expect("capacity");
    let most = margin::deliverable_floor(enough - 1, left, hmm_math::Ppm(500_000));
    because(&failed(attempt(&mut yard, &|w| w.capacity[0] = enough - 1, UNIT)), HmmError::AboveCapacity, most, UNIT);
    // quality: the job's least, and below it the protocol's
    let one = 1u64 << 32;
    let epoch = seconds(now(&yard.world)) / 86_400;
    let bad = |w: &mut hmm_client::generated::accounts::Worker| (w.quality[0].bad, w.quality[0].epoch) = (20 * one, epoch);
    let failure = failed(attempt(&mut yard, &bad, UNIT));
    assert!(failure.is(HmmError::QualityTooLow), "{failure}");
    let careless = yard.open(|spec| spec.min_quality = 0);
    yard.world.fill(&client, &careless, 0, UNIT).expect("a fill");
    edit_worker(&mut yard.world, &who, bad);
    let failure = yard.world.clone().assign(&client, &careless, &who, vec![UNIT, 0]).expect_err("below 0.30");
    assert!(matches!(failure.refusal.map(|r| r.what), Some(Expectation::Number { expected: 300_000, .. })), "{failure}");
    edit_worker(&mut yard.world, &who, |w| w.quality[0].bad = 0);
    // free bond, to the credit
    let value = margin::value_ceil(UNIT, marks(&yard.world.state(), &yard.world.observations(), 0).expect("marks").lo).div_ceil(10);
    let owed: u64 = (0..2)
        .map(|i| {
            margin::value_ceil(
                yard.world.worker(&who).outstanding[usize::from(i)],
                marks(&yard.world.state(), &yard.world.observations(), i).expect("marks").hi,
            )
        })
        .sum();
    let held: u64 = yard.world.worker(&who).held.iter().sum();
    let least = (owed * 3).div_ceil(2) - held + value;
    attempt(&mut yard, &|w| w.bond = least, UNIT).expect("enough");
    because(&failed(attempt(&mut yard, &|w| w.bond = least - 1, UNIT)), HmmError::WorkerBond, value - 1, value);
    // who and when
    let stranger = yard.stranger.insecure_clone();
    because(&yard.world.assign(&stranger, &job, &who, vec![UNIT, 0]).expect_err("a stranger"), HmmError::JobActor, 0, 0);
    because(&failed(assign(&mut yard, 30 * UNIT + 1)), HmmError::JobVouchers, 30 * UNIT, 30 * UNIT + 1);
    because(&yard.world.assign(&client, &job, &who, vec![UNIT]).expect_err("one line"), HmmError::AmountCount, 2, 1);
    let assign_by = yard.world.job(&job).job.assign_by;
    at(&mut yard.world, assign_by - 1);
    assign(&mut yard, UNIT).expect("the last second");
    at(&mut yard.world, assign_by);
    because(&failed(assign(&mut yard, UNIT)), HmmError::JobLate, seconds(assign_by), seconds(assign_by));
}

#[test]
fn a_declined_or_released_reservation_leaves_no_trace_but_its_fee() {
    for declined in [true, false] {
        let mut yard = Yard::new();
        let job = yard.open(|_| ());
        let (client, router, who) = (yard.client.insecure_clone(), yard.router.insecure_clone(), yard.who());
        yard.world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
        let (old, lamports) = (yard.world.worker(&who), yard.world.vm.svm.get_balance(&router.pubkey()));
        let was = yard.world.job(&job).job;
        yard.world.assign(&router, &job, &who, vec![20 * UNIT, 0]).expect("an assignment");
        let by = if declined { yard.worker.insecure_clone() } else { client.insecure_clone() };
        let stranger = yard.stranger.insecure_clone();
        because(&yard.world.unassign(&stranger, &job, 0).expect_err("a stranger"), HmmError::JobActor, 0, 0);
        let start_by = was.start_by;
        at(&mut yard.world, start_by);
        because(&yard.world.clone().unassign(&by, &job, 0).expect_err("late"), HmmError::JobLate, seconds(start_by), seconds(start_by));
        at(&mut yard.world, start_by - 1);
        let receipt = yard.world.unassign(&by, &job, 0).expect("the last second");
        let fee = if declined { 0 } else { FEE };
        let outcome = if declined { Outcome::Declined } else { Outcome::Released };
        assert_eq!(ended(&receipt), (outcome, 0, fee, 0, 0));
        let (new, is) = (yard.world.worker(&who), yard.world.job(&job).job);
        assert_eq!((new.bond, new.reserved, new.in_reserve, new.claimable), (old.bond, 0, [0; 8], old.claimable + fee));
        assert_eq!((is.credits, is.lines[0].lot.clone(), is.set_aside), (was.credits - fee, was.lines[0].lot.clone(), 0));
        assert_eq!((is.assigned, is.open_assignments, jobs::outcome(is.worst)), (1, 0, Some(outcome)));
        assert!(yard.world.vm.data(&address::assignment(&job, 0)).is_empty());
        // everything but the fees of its own transactions came back to the router: it paid one
        assert_eq!(yard.world.vm.svm.get_balance(&router.pubkey()), lamports.map(|l| l - 5_000), "the rent");
        yard.check();
    }
}

#[test]
fn a_start_ends_the_obligation_and_fixes_the_pay() {
    let mut yard = Yard::new();
    let job = yard.assigned(20 * UNIT, false);
    let who = yard.who();
    let (before, pool, paid) = (yard.world.worker(&who), yard.world.state().pool, yard.world.assignment(&job, 0).lots[0].paid);
    let (stranger, worker) = (yard.stranger.insecure_clone(), yard.worker.insecure_clone());
    because(&yard.world.start(&stranger, &job, 0).expect_err("a stranger"), HmmError::JobActor, 0, 0);
    let start_by = yard.world.job(&job).job.start_by;
    at(&mut yard.world, start_by);
    because(&yard.world.clone().start(&worker, &job, 0).expect_err("late"), HmmError::JobLate, seconds(start_by), seconds(start_by));
    at(&mut yard.world, start_by - 1);
    let value = margin::value_ceil(20 * UNIT, marks(&yard.world.state(), &yard.world.observations(), 0).expect("marks").lo);
    let assignment = yard.world.assignment(&job, 0);
    let start = yard.world.job(&job).start(&yard.world.state(), &assignment, &before, who);
    let changes =
        [job, address::assignment(&job, 0), assignment.worker, yard.world.pool, pool.observations, address::escrow(&job), before.vault];
    let receipt = accepted(&mut yard.world.vm, &[start], &[&worker], &changes);
    let (a, after) = (yard.world.assignment(&job, 0), yard.world.worker(&who));
    let share = margin::share_floor(before.held[0], 20 * UNIT, before.outstanding[0]).expect("a share");
    let cost = paid.min((u128::from(value) * 1_500_000).div_ceil(1_000_000) as u64);
    let bond = cost.saturating_sub(share) + share.div_ceil(2);
    let [HmmEvent::AssignmentStarted(event)] = receipt.events.as_slice() else { panic!("{:?}", receipt.events) };
    assert_eq!((event.payment, event.cost, event.bond, event.fee, event.launched), (share, cost, bond, FEE, false));
    assert_eq!((a.payment, a.cost, a.bond, a.fee, a.fees), (share, cost, bond, 0, FEES));
    assert_eq!((after.outstanding[0], after.held[0]), (before.outstanding[0] - 20 * UNIT, before.held[0] - share));
    assert_eq!((after.payments, after.reserved, after.claimable), (share, bond, FEE));
    assert_eq!(after.bond, before.bond + before.reserved - bond);
    let now_pool = yard.world.state().pool;
    assert_eq!((now_pool.issued[0], now_pool.in_jobs[0]), (pool.issued[0] - 20 * UNIT, pool.in_jobs[0] - 20 * UNIT));
    yard.check();
    because(&yard.world.start(&worker, &job, 0).expect_err("twice"), HmmError::JobPhase, 0, 1);
}

#[test]
fn an_operator_may_start_and_nobodys_trade_hinders_it() {
    let mut yard = Yard::new();
    let (operator, who) = (keypair("operator"), yard.who());
    yard.world.vm.svm.airdrop(&operator.pubkey(), CREDIT).expect("lamports");
    edit_worker(&mut yard.world, &who, |w| w.operator = operator.pubkey());
    let job = yard.assigned(20 * UNIT, false);
    // somebody doubles the price in the very slot
    let trader = yard.stranger.insecure_clone();
    yard.world.swap(&trader, vec![Leg::unlimited(0, LegKind::BuyExactOut, 2_500 * UNIT)]).expect("a trade");
    let least = yard.world.clone();
    yard.world.start(&operator, &job, 0).expect("a start");
    yard.check();
    assert!(least.assignment(&job, 0).phase == 0);
}

#[test]
fn who_does_not_come_loses_a_part_of_the_reservation() {
    let mut yard = Yard::new();
    let job = yard.assigned(20 * UNIT, false);
    let (who, finder) = (yard.who(), yard.stranger.insecure_clone());
    let (before, was, a) = (yard.world.worker(&who), yard.world.job(&job).job, yard.world.assignment(&job, 0));
    let (supply, wallet) = (yard.world.vm.supply(&yard.world.credit_mint), credits_of(&yard.world, &finder.pubkey()));
    let had = yard.world.vm.balance(&wallet);
    yard.only_from(was.start_by, |yard| yard.world.expire(&yard.stranger.insecure_clone(), &job, 0));
    let receipt = yard.world.expire(&finder, &job, 0).expect("a no-show");
    let slash = a.bond.div_ceil(10);
    let found = slash / 5;
    assert_eq!(ended(&receipt), (Outcome::NoShow, 0, 0, found, slash - found));
    let (after, is) = (yard.world.worker(&who), yard.world.job(&job).job);
    assert_eq!((after.bond, after.reserved, after.in_reserve), (before.bond + a.bond - slash, 0, [0; 8]));
    assert_eq!((after.outstanding, after.held), (before.outstanding, before.held));
    assert_eq!((is.credits, is.lines[0].lot.bought), (was.credits + FEE + FEES, 20 * UNIT), "vouchers, never credits");
    assert_eq!(yard.world.vm.balance(&wallet), had + found);
    assert_eq!(yard.world.vm.supply(&yard.world.credit_mint), supply - (slash - found));
    yard.check();
}

#[test]
fn who_does_not_submit_makes_the_client_whole() {
    let mut yard = Yard::new();
    let job = yard.assigned(20 * UNIT, false);
    let (worker, finder, who) = (yard.worker.insecure_clone(), yard.stranger.insecure_clone(), yard.who());
    yard.world.start(&worker, &job, 0).expect("a start");
    let (before, was, a) = (yard.world.worker(&who), yard.world.job(&job).job, yard.world.assignment(&job, 0));
    let supply = yard.world.vm.supply(&yard.world.credit_mint);
    yard.only_from(was.submit_by, |yard| yard.world.expire(&yard.stranger.insecure_clone(), &job, 0));
    let receipt = yard.world.expire(&finder, &job, 0).expect("a lapse");
    let from_bond = a.cost.saturating_sub(a.payment);
    let surplus = a.payment.saturating_sub(a.cost);
    let slash = (a.bond - from_bond).div_ceil(4);
    let found = slash / 5;
    assert_eq!(ended(&receipt), (Outcome::Late, a.cost, 0, found, surplus + slash - found));
    let (after, is) = (yard.world.worker(&who), yard.world.job(&job).job);
    assert_eq!((after.bond, after.reserved, after.payments), (before.bond + a.bond - from_bond - slash, 0, 0));
    assert_eq!(is.credits, was.credits + a.cost + FEES);
    assert_eq!(yard.world.vm.supply(&yard.world.credit_mint), supply - (surplus + slash - found));
    yard.check();
    let client = yard.client.insecure_clone();
    yard.world.close_job(&client, &job).expect("closed");
    let is = yard.world.job(&job).job;
    assert_eq!((jobs::outcome(is.closed), jobs::machine(&is).state()), (Some(Outcome::Late), State::Slashed));
    yard.world.claim_job(&finder, &job).expect("paid");
    assert!(yard.world.vm.data(&job).is_empty());
    yard.check();
}

/// A gang of two: both named, the first started.
fn gang(yard: &mut Yard) -> (Address, Keypair) {
    let second = keypair("second worker");
    yard.hire(&second, 5_000 * CREDIT);
    let job = yard.open(|spec| spec.gang = true);
    let (client, who, first) = (yard.client.insecure_clone(), yard.who(), yard.worker.insecure_clone());
    yard.world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    yard.world.fill(&client, &job, 1, 10 * UNIT).expect("a fill");
    yard.world.assign(&client, &job, &who, vec![12 * UNIT, 10 * UNIT]).expect("an assignment");
    let failure = yard.world.start(&first, &job, 0).expect_err("not all are known");
    assert!(failure.is(HmmError::JobGang), "{failure}");
    yard.world.assign(&client, &job, &second.pubkey(), vec![8 * UNIT, 0]).expect("an assignment");
    (job, second)
}

#[test]
fn a_gang_launches_with_its_last_start() {
    let mut yard = Yard::new();
    let (job, second) = gang(&mut yard);
    let first = yard.worker.insecure_clone();
    yard.world.start(&first, &job, 0).expect("a start");
    assert!(!yard.world.job(&job).job.launched);
    let receipt = yard.world.start(&second, &job, 1).expect("a start");
    assert!(matches!(receipt.events.as_slice(), [HmmEvent::AssignmentStarted(e)] if e.launched));
    yard.check();
    let job_state = yard.world.job(&job).job;
    at(&mut yard.world, job_state.start_by);
    let failure = yard.world.expire(&first, &job, 0).expect_err("it runs");
    because(&failure, HmmError::JobEarly, seconds(job_state.submit_by), seconds(job_state.start_by));
}

#[test]
fn a_gang_that_does_not_assemble_is_undone_number_by_number() {
    let mut yard = Yard::new();
    let (job, second) = gang(&mut yard);
    let (first, who) = (yard.worker.insecure_clone(), yard.who());
    let (bond, pool) = (yard.world.assignment(&job, 0).bond, yard.world.state().pool);
    let before = yard.world.worker(&who);
    yard.world.start(&first, &job, 0).expect("a start");
    yard.check();
    let was = yard.world.job(&job).job;
    yard.only_from(was.start_by, |yard| yard.world.expire(&yard.stranger.insecure_clone(), &job, 0));
    let finder = yard.stranger.insecure_clone();
    let receipt = yard.world.expire(&finder, &job, 0).expect("undone");
    assert_eq!(ended(&receipt), (Outcome::Unwound, 0, 0, 0, 0));
    let after = yard.world.worker(&who);
    assert_eq!((after.outstanding, after.held, after.burned), (before.outstanding, before.held, before.burned));
    assert_eq!((after.bond, after.reserved, after.payments, after.claimable), (before.bond + bond, 0, 0, FEE));
    assert_eq!((yard.world.state().pool.issued, yard.world.state().pool.in_jobs), (pool.issued, pool.in_jobs));
    yard.check();
    // the absent pays
    let receipt = yard.world.expire(&finder, &job, 1).expect("a no-show");
    assert_eq!(ended(&receipt).0, Outcome::NoShow);
    assert!(yard.world.worker(&second.pubkey()).bond < 5_000 * CREDIT);
    let is = yard.world.job(&job).job;
    assert_eq!((is.lines[0].lot.bought, is.lines[1].lot.bought, is.sealed), (20 * UNIT, 10 * UNIT, 2));
    yard.check();
}

#[test]
fn a_gang_that_was_never_sealed_costs_its_members_nothing() {
    let mut yard = Yard::new();
    let job = yard.open(|spec| spec.gang = true);
    let (client, who, finder) = (yard.client.insecure_clone(), yard.who(), yard.stranger.insecure_clone());
    yard.world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    let before = yard.world.worker(&who);
    yard.world.assign(&client, &job, &who, vec![12 * UNIT, 0]).expect("an assignment");
    let start_by = yard.world.job(&job).job.start_by;
    at(&mut yard.world, start_by);
    let receipt = yard.world.expire(&finder, &job, 0).expect("released");
    assert_eq!(ended(&receipt), (Outcome::Released, 0, FEE, 0, 0));
    assert_eq!((yard.world.worker(&who).bond, yard.world.worker(&who).claimable), (before.bond, FEE));
    yard.check();
}

#[test]
fn a_closed_job_is_paid_out_in_any_order_and_leaves_nothing() {
    let mut yard = Yard::new();
    let job = yard.open(|_| ());
    let (client, stranger) = (yard.client.insecure_clone(), yard.stranger.insecure_clone());
    yard.world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    yard.world.fill(&client, &job, 1, 10 * UNIT).expect("a fill");
    let was = yard.world.job(&job).job;
    let failure = yard.world.claim_job(&stranger, &job).expect_err("it is open");
    because(&failure, HmmError::NothingToClaim, 1, 0);
    yard.only_from(was.assign_by, |yard| yard.world.close_job(&yard.stranger.insecure_clone(), &job));
    let receipt = yard.world.close_job(&stranger, &job).expect("expired");
    let closed = JobClosed {
        job,
        sequence: 3,
        by: stranger.pubkey(),
        reason: Outcome::Expired as u8,
        state: State::Cancelled as u8,
        credits: was.credits,
        units: vec![20 * UNIT, 10 * UNIT],
    };
    assert_eq!(receipt.events, [HmmEvent::JobClosed(closed)]);
    because(&yard.world.close_job(&client, &job).expect_err("twice"), HmmError::JobPhase, 0, 0);
    yard.check();

    // somebody donates, somebody else pushes the payments, one line at a time
    let (escrow, creator) = (address::escrow(&job), yard.world.creator());
    let from = credits_of(&yard.world, &creator.pubkey());
    let donation = spl_token_interface::instruction::transfer(&address::TOKEN_PROGRAM, &from, &escrow, &creator.pubkey(), &[], 77);
    yard.world.vm.send(&[donation.expect("an instruction")], &[&creator]).expect("a donation");
    let wallets = [
        credits_of(&yard.world, &client.pubkey()),
        vouchers_of(&yard.world, &client.pubkey(), 0),
        vouchers_of(&yard.world, &client.pubkey(), 1),
    ];
    let had = wallets.map(|account| yard.world.vm.balance(&account));
    let supply = yard.world.vm.supply(&yard.world.credit_mint);
    let (state, pool) = (yard.world.job(&job), yard.world.state());
    let mut second = state.clone();
    second.job.lines[0].claim = 0;
    let claim = second.claim(&[&pool]);
    let mint = address::voucher_mint(&yard.world.pool, 1);
    let receipt = accepted(&mut yard.world.vm, &[claim], &[&stranger], &[job, escrow, wallets[0], yard.world.pool, mint, wallets[2]]);
    let claimed = JobClaimed { job, sequence: 4, credits: was.credits, units: vec![0, 10 * UNIT], done: false };
    assert_eq!(receipt.events, [HmmEvent::JobClaimed(claimed)]);
    // to nobody else's account
    let mut claim = yard.world.job(&job).claim(&[&pool]);
    let place = claim.accounts.len() - 1;
    claim.accounts[place].pubkey = vouchers_of(&yard.world, &stranger.pubkey(), 0);
    assert!(refused(&mut yard.world.vm, &[claim], &[&stranger]).is(HmmError::NotPayee));
    let lamports = yard.world.vm.svm.get_balance(&client.pubkey()).expect("lamports");
    let rent = [&job, &escrow].map(|a| yard.world.vm.svm.get_balance(a).expect("rent"));
    let receipt = yard.world.claim_job(&stranger, &job).expect("the rest");
    let claimed = JobClaimed { job, sequence: 5, credits: 0, units: vec![20 * UNIT, 0], done: true };
    assert_eq!(receipt.events, [HmmEvent::JobClaimed(claimed)]);
    let gained = [was.credits, 20 * UNIT, 10 * UNIT];
    for ((account, had), gained) in wallets.iter().zip(had).zip(gained) {
        assert_eq!(yard.world.vm.balance(account), had + gained);
    }
    assert_eq!(yard.world.vm.supply(&yard.world.credit_mint), supply - 77, "the donation burned");
    assert_eq!(yard.world.vm.svm.get_balance(&client.pubkey()), Some(lamports + rent[0] + rent[1]), "the rent");
    assert!(yard.world.vm.data(&job).is_empty() && yard.world.vm.data(&escrow).is_empty());
    yard.check();
    // its id never returns
    let again = jobs::open(yard.world.market, &market(&yard.world), client.pubkey(), 0, yard.spec());
    refused(&mut yard.world.vm, &[again], &[&client]);
}

#[test]
fn a_job_of_several_pools_is_claimed_at_once() {
    let mut yard = Yard::new();
    let (client, first) = (yard.client.insecure_clone(), yard.world.pool);
    another_pool(&mut yard.world, 1, true);
    let second = yard.world.pool;
    yard.world.open_vouchers(&client);
    let lines =
        vec![yard.world.line(0, 5 * UNIT, 3 * CREDIT), hmm_client::LineSpec { pool: first, ..yard.world.line(0, 5 * UNIT, 3 * CREDIT) }];
    let job = yard.open(|spec| spec.lines = lines);
    yard.world.fill(&client, &job, 0, 5 * UNIT).expect("a fill");
    yard.world.pool = first;
    yard.world.fill(&client, &job, 0, 3 * UNIT).expect("a fill");
    // a worker of the first pool cannot take a line of the second
    let who = yard.who();
    let failure = yard.world.assign(&client, &job, &who, vec![UNIT, 0]).expect_err("another pool");
    assert!(failure.is(HmmError::WrongAccount), "{failure}");
    yard.world.close_job(&client, &job).expect("cancelled");
    let accounts =
        [first, second].map(|pool| address::token_account(&client.pubkey(), &address::voucher_mint(&pool, 0), &address::TOKEN_PROGRAM));
    yard.world.claim_job(&client, &job).expect("paid");
    assert_eq!(accounts.map(|account| yard.world.vm.balance(&account)), [3 * UNIT, 5 * UNIT]);
    assert!(yard.world.vm.data(&job).is_empty());
    for pool in [first, second] {
        yard.world.pool = pool;
        check_books(&yard.world, 0);
        assert_eq!(yard.world.state().pool.in_jobs, [0; 8]);
    }
}

#[test]
fn pools_that_do_not_fit_are_refused() {
    let mut yard = Yard::new();
    let client = yard.client.insecure_clone();
    let mut unfit = |edit: &dyn Fn(&mut OpenJobInstructionArgs), subject: u8| {
        let job = yard.open(edit);
        let failure = yard.world.fill(&client, &job, 0, UNIT).expect_err("unfit");
        assert!(failure.is(HmmError::PoolUnfit), "{failure}");
        assert_eq!(failure.refusal.map(|r| r.subject), Some(subject));
    };
    unfit(&|spec| spec.max_latency_ms = 49, 0);
    unfit(&|spec| spec.privacy_tier = 1, 1);
    unfit(&|spec| spec.regions = vec![hmm_client::state::name("eu-north").unwrap()], 2);
    let job = yard.open(|spec| spec.regions = ["eu-north", "us-west"].map(|r| hmm_client::state::name(r).unwrap()).to_vec());
    yard.world.fill(&client, &job, 0, UNIT).expect("fits");
    let end = yard.world.job(&job).job.submit_by;
    edit_pool(&mut yard.world, |pool| pool.delivery_end[0] = end - 1);
    let failure = yard.world.fill(&client, &job, 0, UNIT).expect_err("ends too early");
    assert_eq!(
        failure.refusal.map(|r| (r.subject, r.what)),
        Some((3, Expectation::Number { expected: seconds(end), found: seconds(end - 1) }))
    );
    edit_pool(&mut yard.world, |pool| pool.delivery_end[0] = end);
    yard.world.fill(&client, &job, 0, UNIT).expect("fits");
    yard.check();
}

#[test]
fn a_pause_halts_what_begins_and_nothing_that_ends() {
    let mut yard = Yard::new();
    let job = yard.assigned(20 * UNIT, false);
    let (client, worker, stranger) = (yard.client.insecure_clone(), yard.worker.insecure_clone(), yard.stranger.insecure_clone());
    edit_market(&mut yard.world, |market| market.paused_until = i64::MAX);
    assert!(yard.world.fill(&client, &job, 0, UNIT).expect_err("paused").is(HmmError::Paused));
    let spec = yard.spec();
    assert!(yard.world.open_job(&client, spec).expect_err("paused").is(HmmError::Paused));
    yard.world.start(&worker, &job, 0).expect("a start");
    let end = yard.world.job(&job).job.submit_by;
    at(&mut yard.world, end);
    yard.world.expire(&stranger, &job, 0).expect("a lapse");
    yard.world.close_job(&stranger, &job).expect("closed");
    yard.world.claim_job(&stranger, &job).expect("paid");
    yard.check();
}

#[test]
fn a_status_names_the_step_that_anybody_can_take() {
    let mut yard = Yard::new();
    let status = |yard: &Yard, job: &Address| jobs::status(&yard.world.job(job).job, &yard.world.assignments(job), now(&yard.world));
    let job = yard.open(|_| ());
    let (client, who, worker) = (yard.client.insecure_clone(), yard.who(), yard.worker.insecure_clone());
    let terms = yard.world.job(&job).job;
    let is = status(&yard, &job);
    assert_eq!((is.state, is.default.map(|s| (s.name, s.from))), (State::Open, Some(("close_job", terms.assign_by))));
    yard.world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    assert_eq!(status(&yard, &job).state, State::Filled);
    yard.world.assign(&client, &job, &who, vec![20 * UNIT, 0]).expect("an assignment");
    let is = status(&yard, &job);
    assert_eq!((is.state, is.default.map(|s| (s.name, s.from))), (State::Assigned, Some(("expire", terms.start_by))));
    assert!(is.steps.iter().any(|s| s.name == "start" && s.who == Party::Worker && s.until == Some(terms.start_by)));
    yard.world.start(&worker, &job, 0).expect("a start");
    let is = status(&yard, &job);
    assert_eq!((is.state, is.default.map(|s| (s.name, s.from))), (State::Running, Some(("expire", terms.submit_by))));
    assert!(is.why.contains("running"), "{}", is.why);
    // and that step is possible from that second on
    at(&mut yard.world, terms.submit_by);
    let stranger = yard.stranger.insecure_clone();
    yard.world.expire(&stranger, &job, 0).expect("a lapse");
    assert_eq!(status(&yard, &job).default.map(|s| s.name), Some("close_job"));
    yard.world.close_job(&stranger, &job).expect("closed");
    let is = status(&yard, &job);
    assert_eq!((is.state, is.default.map(|s| s.name)), (State::Slashed, Some("claim_job")));
}

/// The most bytes of a transaction.
const PACKET: usize = 1_232;

#[test]
fn registering_and_opening_fit_one_transaction_and_so_do_filling_and_assigning() {
    let mut yard = Yard::new();
    let (owner, pool) = (keypair("another client"), yard.world.pool);
    yard.world.vm.svm.airdrop(&owner.pubkey(), 1_000 * CREDIT).expect("lamports");
    yard.world.open_wallet(&owner);
    let who = owner.pubkey();
    let lines = (0..5).map(|resource| hmm_client::LineSpec { pool, resource, wanted: 9 * UNIT, max_price: 5 * CREDIT }).collect();
    let spec = OpenJobInstructionArgs { lines, ..yard.spec() };
    let open = jobs::open(yard.world.market, &market(&yard.world), who, 0, spec);
    let both = [jobs::register(yard.world.market, who), open];
    let size = |world: &World, ixs: &[solana_instruction::Instruction]| {
        let message = solana_message::Message::new_with_blockhash(ixs, Some(&who), &world.vm.svm.latest_blockhash());
        message.serialize().len() + 1 + 64 * usize::from(message.header.num_required_signatures)
    };
    let bytes = size(&yard.world, &both);
    assert!(bytes <= PACKET, "{bytes} bytes");
    yard.world.vm.send(&both, &[&owner]).expect("a client with a job");
    let job = address::job(&address::client(&yard.world.market, &who), 0);
    yard.jobs.push(job);
    let (state, worker) = (yard.world.job(&job), address::worker(&pool, &yard.who()));
    let legs = (0..2).map(|resource| Leg::unlimited(resource, LegKind::BuyExactOut, 9 * UNIT)).collect();
    let fill = state.fill(&yard.world.state(), who, legs);
    let both = [fill, state.assign(&yard.world.state(), worker, who, vec![9 * UNIT, 9 * UNIT, 0, 0, 0])];
    let second = size(&yard.world, &both);
    assert!(second <= PACKET, "{second} bytes");
    yard.world.vm.send(&both, &[&owner]).expect("filled and assigned");
    assert_eq!(yard.world.assignment(&job, 0).lots[1].bought, 9 * UNIT);
    yard.check();
    println!("register and open (5 lines) {bytes} bytes, fill (2 legs) and assign {second} bytes");
}

/// The machine on the host beside the accounts of the VM.
struct Twin {
    machine: jobs::Machine,
    parts: Vec<jobs::MachinePart>,
    address: Address,
}

impl Twin {
    /// The same event on both; they must agree whether it is possible, and in every number afterwards.
    fn step(&mut self, yard: &mut Yard, on_vm: Result<Receipt, Failure>, on_host: impl FnOnce(&mut Self) -> hmm_job::Result<()>) -> bool {
        let (machine, parts) = (self.machine, self.parts.clone());
        let host = on_host(self);
        match (&on_vm, &host) {
            (Ok(_), Ok(())) => {}
            (Err(failure), Err(refusal)) => {
                let what = failure.refusal.map(|r| r.what);
                assert_eq!(what, Some(Expectation::Number { expected: refusal.expected, found: refusal.found }), "{failure}: {refusal:?}");
                (self.machine, self.parts) = (machine, parts);
            }
            (vm, host) => panic!("the VM says {:?}, the machine {host:?}", vm.as_ref().map_err(ToString::to_string)),
        }
        let job = yard.world.job(&self.address).job;
        assert_eq!(jobs::machine(&job), self.machine);
        for part in &self.parts {
            match yard.world.vm.data(&address::assignment(&self.address, part.index)) {
                data if data.is_empty() => assert_eq!(part.phase, Phase::Done),
                data => assert_eq!(jobs::machine_part(&Assignment::from_bytes(&data).expect("an assignment")), *part),
            }
        }
        yard.check();
        on_vm.is_ok()
    }
}

/// What the marks say of a worker: its obligations at hi, and value_ceil at lo of units of a resource.
fn free_of(yard: &Yard, worker: &hmm_client::generated::accounts::Worker, outstanding: &[u64; 8]) -> (u64, [hmm_math::Price; 2]) {
    let (state, observations) = (yard.world.state(), yard.world.observations());
    let marks = [0, 1].map(|i| marks(&state, &observations, i).expect("marks"));
    let owed: u64 = outstanding.iter().zip(&marks).map(|(units, marks)| margin::value_ceil(*units, marks.hi)).sum();
    let cover = worker.bond + worker.held.iter().sum::<u64>();
    (margin::free_floor(cover, owed, hmm_math::Ppm(1_500_000)).min(worker.bond), marks.map(|marks| marks.lo))
}

#[test]
fn random_lives_agree_with_the_machine() {
    let lives: u64 = std::env::var("HMM_LIVES").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let (mut steps, mut refusals, mut outcomes) = (0u64, 0u64, Tally::new());
    for seed in 0..lives {
        let mut random = Rng::new("jobs", seed);
        let mut yard = Yard::new();
        if random.one_in(3) {
            let authority = yard.world.authority();
            let off = yard.world.set_batch_token_calls_ix(false);
            yard.world.vm.send(&[off], &[&authority]).expect("a call for every movement");
        }
        let second = keypair("second worker");
        yard.hire(&second, 2_000 * CREDIT);
        let people = [yard.worker.insecure_clone(), second];
        let gang = random.one_in(2);
        let address = yard.open(|spec| (spec.gang, spec.budget) = (gang, 60 * CREDIT));
        let machine = jobs::machine(&yard.world.job(&address).job);
        let mut twin = Twin { machine, parts: vec![], address };
        let (client, stranger) = (yard.client.insecure_clone(), yard.stranger.insecure_clone());
        yard.world.swap(&client, vec![Leg::unlimited(0, LegKind::BuyExactOut, 20 * UNIT)]).expect("vouchers");
        for _ in 0..40 {
            let t = &machine.terms;
            let time = now(&yard.world);
            if random.one_in(12) {
                let next = [t.assign_by, t.start_by, t.submit_by].into_iter().find(|at| *at > time).unwrap_or(time);
                let later = *random.pick(&[time + 1, time + 200, next - 1, next]);
                at(&mut yard.world, later.max(time));
            }
            let now = now(&yard.world);
            let index = random.range(0, twin.parts.len().max(1) as u64 - 1) as usize;
            let live = twin.parts.get(index).is_some_and(|part| part.phase != Phase::Done);
            let went = match random.range(0, 9) {
                0..=2 => {
                    let (resource, units) = (random.range(0, 1) as u8, random.log(1, 12 * UNIT));
                    let job = yard.world.job(&address).job;
                    if job.lines[usize::from(resource)].filled + units > job.lines[usize::from(resource)].wanted {
                        continue;
                    }
                    let by = if random.one_in(8) { stranger.insecure_clone() } else { client.insecure_clone() };
                    let quote = hmm_client::quote(&yard.world.state(), &[Leg::unlimited(resource, LegKind::BuyExactOut, units)]);
                    let vm = yard.world.fill(&by, &address, resource, units);
                    if vm.as_ref().is_err_and(|failure| failure.is(HmmError::PriceAboveLine)) {
                        continue;
                    }
                    let paid = quote.legs[0].credits;
                    let burned = match vm.as_ref().map(|r| r.events.clone()).as_deref() {
                        Ok([HmmEvent::JobFilled(event)]) => event.legs[0].burned,
                        _ => 0,
                    };
                    let actor = if by.pubkey() == client.pubkey() { Actor::Client } else { Actor::Anyone };
                    let event = JobEvent::Fill { resource: resource.into(), units, paid, burned };
                    twin.step(&mut yard, vm, |twin| twin.machine.apply_job(actor, now, event).map(drop))
                }
                3 => {
                    let units = random.log(1, 3 * UNIT);
                    let job = yard.world.job(&address).job;
                    if job.lines[0].filled + units > job.lines[0].wanted
                        || yard.world.vm.balance(&vouchers_of(&yard.world, &client.pubkey(), 0)) < units
                    {
                        continue;
                    }
                    let vm = yard.world.deposit_vouchers(&client, &address, 0, units);
                    let event = JobEvent::Deposit { resource: 0, units };
                    twin.step(&mut yard, vm, |twin| twin.machine.apply_job(Actor::Client, now, event).map(drop))
                }
                4 | 5 => {
                    let person = random.pick(&people).insecure_clone();
                    let worker = yard.world.worker(&person.pubkey());
                    // often all that is left, so that gangs are sealed
                    let lots = twin.machine.lots.map(|lot| lot.bought + lot.wallet);
                    let whole = random.one_in(2);
                    let mut units = [0u64; 8];
                    for (units, lot) in units.iter_mut().zip(lots).take(2) {
                        *units = if whole { lot } else { random.range(0, lot) };
                    }
                    if (0..2).any(|i| units[i] + worker.in_reserve[i] > worker.outstanding[i]) || twin.machine.assigned == 8 {
                        continue;
                    }
                    let (free, lo) = free_of(&yard, &worker, &worker.outstanding);
                    let value = (0..2).map(|i| margin::value_ceil(units[i], lo[i])).sum();
                    let vm = yard.world.assign(&client, &address, &person.pubkey(), units[..2].to_vec());
                    if vm.as_ref().is_err_and(|failure| failure.is(HmmError::AboveCapacity)) {
                        continue; // no time is left to deliver in
                    }
                    twin.step(&mut yard, vm, |twin| {
                        let (part, _) = twin.machine.assign(Actor::Client, now, &units, value, free)?;
                        twin.parts.push(part);
                        Ok(())
                    })
                }
                6 if live => {
                    let declined = random.one_in(2);
                    let owner = yard.world.worker_at(&yard.world.assignment(&address, index as u8).worker).owner;
                    let worker = people.iter().find(|p| p.pubkey() == owner).expect("a worker");
                    if twin.parts[index].phase != Phase::Reserved {
                        continue;
                    }
                    let by = if declined { worker } else { &client };
                    let vm = yard.world.unassign(by, &address, index as u8);
                    let (actor, event) = if declined { (Actor::Worker, Event::Decline) } else { (Actor::Client, Event::Release) };
                    twin.step(&mut yard, vm, |twin| twin.machine.apply(&mut twin.parts[index], actor, now, event).map(drop))
                }
                7 if live && twin.parts[index].phase == Phase::Reserved => {
                    let a = yard.world.assignment(&address, index as u8);
                    let before = yard.world.worker_at(&a.worker);
                    let person = people.iter().find(|p| p.pubkey() == before.owner).expect("a worker").insecure_clone();
                    let (mut held, mut value, mut burned, mut after) = ([0; 8], [0; 8], 0, before.clone());
                    for (i, (lot, held)) in a.lots.iter().zip(&mut held).enumerate().take(2) {
                        let units = lot.bought + lot.wallet;
                        if units > 0 {
                            *held = margin::share_floor(before.held[i], units, before.outstanding[i]).expect("a share");
                            burned += margin::share_floor(before.burned[i], units, before.outstanding[i]).expect("a share");
                            after.outstanding[i] -= units;
                            after.held[i] -= *held;
                        }
                    }
                    let (free, lo) = free_of(&yard, &after, &after.outstanding);
                    for (i, value) in value.iter_mut().enumerate().take(2) {
                        *value = margin::value_ceil(a.lots[i].bought + a.lots[i].wallet, lo[i]);
                    }
                    let vm = yard.world.start(&person, &address, index as u8);
                    let event = Event::Start { held, value, burned, free };
                    twin.step(&mut yard, vm, |twin| twin.machine.apply(&mut twin.parts[index], Actor::Worker, now, event).map(drop))
                }
                8 if live => {
                    let vm = yard.world.expire(&stranger, &address, index as u8);
                    let machine = &twin.machine;
                    let event = match twin.parts[index].phase {
                        Phase::Reserved => Event::NoShow,
                        Phase::Running if machine.terms.gang && !machine.launched => Event::Unwind,
                        _ => Event::Lapse,
                    };
                    twin.step(&mut yard, vm, |twin| twin.machine.apply(&mut twin.parts[index], Actor::Anyone, now, event).map(drop))
                }
                9 if random.one_in(3) => {
                    let by_client = random.one_in(2);
                    let by = if by_client { client.insecure_clone() } else { stranger.insecure_clone() };
                    let vm = yard.world.close_job(&by, &address);
                    let (actor, event) = if by_client { (Actor::Client, JobEvent::Cancel) } else { (Actor::Anyone, JobEvent::Close) };
                    twin.step(&mut yard, vm, |twin| twin.machine.apply_job(actor, now, event).map(drop))
                }
                _ => continue,
            };
            steps += 1;
            refusals += u64::from(!went);
            if twin.machine.closed.is_some() {
                break;
            }
        }
        // whoever is silent now: anybody ends it
        let end = machine.terms.submit_by;
        at(&mut yard.world, end);
        for index in 0..twin.parts.len() {
            if twin.parts[index].phase != Phase::Done {
                yard.world.expire(&stranger, &address, index as u8).expect("anybody");
            }
        }
        if twin.machine.closed.is_none() {
            yard.world.close_job(&stranger, &address).expect("anybody");
        }
        *outcomes.entry(format!("{:?}", jobs::outcome(yard.world.job(&address).job.closed).expect("closed"))).or_default() += 1;
        yard.check();
        yard.world.claim_job(&stranger, &address).expect("anybody");
        assert!(yard.world.vm.data(&address).is_empty());
        yard.check();
    }
    println!("{lives} lives, {steps} steps, {refusals} refused by both; ended {outcomes:?}");
    assert!(steps > lives * 5 && refusals > 0);
}
