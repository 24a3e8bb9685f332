//! Workers on the built program: what each instruction changes to the unit, where it begins to refuse to the unit and to the second,
//! and what a liquidation takes. Searches for profit are in `worker_attacks.rs`.

mod common;

use common::*;
use hmm_client::{
    BondChanged, HmmError, HmmEvent, Liquidated, Noticed, Retired, Supplied, VouchersMinted, WorkerPaid, WorkerRegistered, address,
    event::Expectation,
    generated::accounts::Worker,
    marks::{ResourceMarks, marks},
    terms, worker,
};
use hmm_math::{
    Kind, Ppm, margin,
    quality::{ENOUGH, Posterior},
};
use hmm_vm::{
    Failure, World, WorldConfig,
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

const MAX: u64 = u64::MAX;
const DAY: i64 = 86_400;
/// Nothing else limits a worker of this capacity.
const AMPLE: u64 = 1 << 50;

fn small() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

/// A pool with marks of its own, a worker with this bond and ample capacity, and what its owner's accounts are called.
struct Arena {
    world: World,
    owner: Keypair,
    who: Address,
    worker: Address,
    vault: Address,
}

impl Arena {
    fn new(bond: u64) -> Self {
        Self::with(small(), bond)
    }

    fn with(config: WorldConfig, bond: u64) -> Self {
        let mut world = World::active(config);
        let owner = world.labourer();
        world.register(&owner, bond);
        let end = now(&world) + 40 * 60;
        at(&mut world, end);
        let who = owner.pubkey();
        edit_worker(&mut world, &who, |w| (w.key_expiry, w.capacity) = (end + 100 * DAY, [AMPLE; 8]));
        let worker = address::worker(&world.pool, &who);
        Self { world, owner, who, worker, vault: address::bond(&worker) }
    }

    fn get(&self) -> Worker {
        self.world.worker(&self.who)
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Worker)) {
        edit_worker(&mut self.world, &self.who, edit);
    }

    fn check(&self) {
        check_books(&self.world, 0);
    }

    fn marks(&self, resource: u8) -> ResourceMarks {
        marks(&self.world.state(), &self.world.observations(), resource).expect("marks")
    }

    /// What the worker owes where it is trusted, with `more` of a resource.
    fn owed(&self, resource: u8, more: u64) -> u64 {
        let worker = self.get();
        let value = |i: u8| {
            let (marks, units) = (self.marks(i), worker.outstanding[usize::from(i)] + if i == resource { more } else { 0 });
            margin::value_ceil(units, marks.hi.max(marks.spot))
        };
        (0..self.world.state().pool.resource_count).map(value).sum()
    }

    fn supply(&self, resource: u8, raw: u64) -> solana_instruction::Instruction {
        worker::supply(&self.world.state(), self.who, resource, raw, 0)
    }

    fn mint(&self, resource: u8, raw: u64) -> solana_instruction::Instruction {
        worker::mint_vouchers(&self.world.state(), self.who, resource, raw, &self.who)
    }
}

/// Asserts why something was refused.
fn because(failure: &Failure, error: HmmError, expected: u64, found: u64) {
    assert!(failure.is(error.clone()), "expected {error:?}: {failure}\n{}", failure.logs.join("\n"));
    let what = failure.refusal.map(|refusal| refusal.what);
    assert_eq!(what, Some(Expectation::Number { expected, found }), "{error:?}");
}

fn seconds(time: i64) -> u64 {
    time.unsigned_abs()
}

#[test]
fn registration_is_exact_and_happens_once() {
    let mut world = World::active(small());
    let owner = world.labourer();
    let who = owner.pubkey();
    world.vm.svm.airdrop(&who, 1_000_000_000).expect("lamports");
    world.open_wallet(&owner);
    let (worker, operator) = (address::worker(&world.pool, &who), keypair("operator").pubkey());
    let vault = address::bond(&worker);
    let mut profile = [0; 64];
    profile[..5].copy_from_slice(b"hello");
    let register = worker::register(&world.state(), who, profile, operator);
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&register), &[&owner], &[who, worker, vault]);
    assert_eq!(receipt.events, [HmmEvent::WorkerRegistered(WorkerRegistered { worker, pool: world.pool, owner: who, operator })]);
    let found = world.worker(&who);
    let fresh = Worker {
        discriminator: found.discriminator,
        version: 1,
        bump: found.bump,
        banned: false,
        padding: [0; 5],
        bond: 0,
        unbonding: 0,
        unbond_at: 0,
        reserved: 0,
        payments: 0,
        claimable: 0,
        notice_at: 0,
        key_expiry: 0,
        jobs: 0,
        outstanding: [0; 8],
        held: [0; 8],
        burned: [0; 8],
        in_reserve: [0; 8],
        capacity: [0; 8],
        quality: found.quality.clone(),
        counterparties: found.counterparties.clone(),
        epoch: 0,
        owner: who,
        operator,
        market: world.market,
        pool: world.pool,
        vault,
        key: Address::default(),
        profile,
    };
    assert_eq!(found, fresh);
    assert!(found.quality.iter().all(|q| (q.good, q.bad, q.epoch) == (0, 0, 0)));
    assert!(found.counterparties.iter().all(|c| (c.client, c.weight) == (0, 0)));
    refused(&mut world.vm, &[register], &[&owner]);

    // the operator is the owner's to change
    let other = keypair("another operator").pubkey();
    let set = worker::set_operator(&world.state(), who, other);
    accepted(&mut world.vm, &[set], &[&owner], &[worker]);
    assert_eq!(world.worker(&who), Worker { operator: other, ..fresh });
    check_books(&world, 0);
}

#[test]
fn bond_comes_at_once_and_leaves_with_the_delay() {
    let mut a = Arena::new(0);
    let (state, trader) = (a.world.state(), a.world.trader());
    let (mine, theirs) = (credits_of(&a.world, &a.who), credits_of(&a.world, &trader.pubkey()));
    let before = a.get();

    // anybody may add to it
    let deposit = worker::deposit_bond(&state, &a.who, trader.pubkey(), 1_000);
    let receipt = accepted(&mut a.world.vm, &[deposit], &[&trader], &[a.worker, a.vault, theirs]);
    let event = |bond, unbonding, unbond_at| [HmmEvent::BondChanged(BondChanged { worker: a.worker, bond, unbonding, unbond_at })];
    assert_eq!(receipt.events, event(1_000, 0, 0));
    assert_eq!(a.get(), Worker { bond: 1_000, ..before.clone() });
    a.check();
    let nothing = worker::deposit_bond(&state, &a.who, trader.pubkey(), 0);
    because(&refused(&mut a.world.vm, &[nothing], &[&trader]), HmmError::ZeroAmount, 1, 0);

    let delay = i64::from(terms::supply(CREDIT).unbonding);
    let first = now(&a.world);
    let unbond = |a: &Arena, credits| worker::unbond(&a.world.state(), a.who, credits);
    let ix = unbond(&a, 1_001);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::WorkerBond, 1_000, 1_001);
    let ix = unbond(&a, 0);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::ZeroAmount, 1, 0);
    let ix = unbond(&a, 300);
    let receipt = accepted(&mut a.world.vm, &[ix], &[&a.owner], &[a.worker]);
    assert_eq!(receipt.events, event(700, 300, first + delay));
    // what follows makes all of it wait
    at(&mut a.world, first + 10);
    let ix = unbond(&a, 200);
    let receipt = accepted(&mut a.world.vm, &[ix], &[&a.owner], &[a.worker]);
    assert_eq!(receipt.events, event(500, 500, first + 10 + delay));
    a.check();

    let withdraw = worker::withdraw_bond(&state, &a.who);
    at(&mut a.world, first + 9 + delay);
    let failure = refused(&mut a.world.vm, std::slice::from_ref(&withdraw), &[&trader]);
    because(&failure, HmmError::BondLocked, seconds(first + 10 + delay), seconds(first + 9 + delay));
    at(&mut a.world, first + 10 + delay);
    let mut elsewhere = withdraw.clone();
    elsewhere.accounts[3].pubkey = theirs;
    assert!(refused(&mut a.world.vm, &[elsewhere], &[&trader]).is(HmmError::NotPayee));
    let receipt = accepted(&mut a.world.vm, std::slice::from_ref(&withdraw), &[&trader], &[a.worker, a.vault, mine]);
    assert_eq!(receipt.events, [HmmEvent::WorkerPaid(WorkerPaid { worker: a.worker, to: mine, credits: 500 })]);
    assert_eq!(a.get(), Worker { bond: 500, unbond_at: first + 10 + delay, ..before });
    a.check();
    because(&refused(&mut a.world.vm, &[withdraw], &[&trader]), HmmError::NothingToClaim, 1, 0);
}

#[test]
fn supply_sells_along_the_curve_and_holds_the_proceeds() {
    let mut a = Arena::new(100 * CREDIT);
    for (resource, raw) in [(0, 20 * UNIT), (1, 999_999), (0, 20 * UNIT + 1)] {
        tick(&mut a);
        let (state, before, i) = (a.world.state(), a.get(), usize::from(resource));
        let units = raw / 2;
        let mut reserve = state.reserve(resource).expect("a resource");
        reserve.rotate(state.slot, state.market.risk_window).expect("a rotation");
        let fill = reserve.trade(Kind::SellExactIn, units, state.slot, &state.fees()).expect("a sale");
        let ix = a.supply(resource, raw);
        let pool = a.world.pool;
        let expected = [pool, state.pool.observations, a.worker, a.vault, state.pool.credit_vault];
        let receipt = accepted(&mut a.world.vm, &[ix], &[&a.owner], &expected);
        let event = Supplied {
            sequence: state.pool.sequence,
            pool,
            worker: a.worker,
            resource,
            raw_units: raw,
            units,
            held: fill.credits,
            fee: fill.fee.total,
            burned: fill.fee.burn,
            to_lps: fill.fee.lp,
            psi: reserve.psi.0,
            theta: reserve.theta.0,
        };
        assert_eq!(receipt.events, [HmmEvent::Supplied(event)]);
        println!("supply of resource {resource}: {} CU", receipt.compute_units);
        let mut after = before.clone();
        after.outstanding[i] += units;
        after.held[i] += fill.credits;
        after.burned[i] += fill.fee.burn;
        assert_eq!(a.get(), after);
        let pool = a.world.state().pool;
        assert_eq!(pool.issued[i], state.pool.issued[i] + units);
        assert_eq!((pool.psi[i], pool.theta[i]), (reserve.psi.0, reserve.theta.0));
        assert_eq!(pool.burn_due, state.pool.burn_due + fill.fee.burn);
        a.check();
    }
    // the least proceeds are the caller's to name
    let (state, raw) = (a.world.state(), 2 * UNIT);
    let mut reserve = state.reserve(0).expect("a resource");
    reserve.rotate(state.slot, state.market.risk_window).expect("a rotation");
    let fill = reserve.trade(Kind::SellExactIn, UNIT, state.slot, &state.fees()).expect("a sale");
    let ix = worker::supply(&state, a.who, 0, raw, fill.credits + 1);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::LegLimitCrossed, fill.credits + 1, fill.credits);
    let ix = worker::supply(&state, a.who, 0, raw, fill.credits);
    a.world.vm.send(&[ix], &[&a.owner]).expect("exactly the least");
    // half a voucher is none
    let ix = a.supply(0, 1);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::ZeroAmount, 1, 0);
    // only the owner's to do
    let operator = keypair("operator");
    a.edit(|w| w.operator = operator.pubkey());
    let mut ix = a.supply(0, raw);
    ix.accounts[0].pubkey = operator.pubkey();
    assert!(refused(&mut a.world.vm, &[ix], &[&operator]).is(HmmError::Unauthorized));
}

#[test]
fn quality_decides_how_many_vouchers_capacity_is_worth() {
    let mut a = Arena::new(1_000 * CREDIT);
    let today = seconds(now(&a.world)) / 86_400;
    for (good, bad, epoch) in [(0, 0, today), (100 * ENOUGH, 0, today), (20 * ENOUGH, ENOUGH, today - 7), (ENOUGH, 9 * ENOUGH, today - 3)] {
        a.edit(|w| (w.quality[0].good, w.quality[0].bad, w.quality[0].epoch) = (good, bad, epoch));
        let mut posterior = Posterior { good, bad, epoch };
        posterior.decay(today);
        let quality = posterior.quality_floor();
        let raw = 12_345_678;
        let (units, before) = (margin::minted_floor(raw, quality), a.get().outstanding[0]);
        let ix = a.supply(0, raw);
        a.world.vm.send(&[ix], &[&a.owner]).expect("a supply");
        assert_eq!(a.get().outstanding[0] - before, units);
        println!("q = {}: {raw} raw units are {units} vouchers", quality.0);
    }
    a.check();
}

#[test]
fn minting_and_retiring_are_exact() {
    let mut a = Arena::new(100 * CREDIT);
    let (pool, observations) = (a.world.pool, address::observations(&a.world.pool));
    let (mint, mine) = (address::voucher_mint(&pool, 0), vouchers_of(&a.world, &a.who, 0));
    let (before, sequence) = (a.get(), a.world.state().pool.sequence);
    let ix = a.mint(0, 20 * UNIT);
    let receipt = accepted(&mut a.world.vm, &[ix], &[&a.owner], &[pool, observations, a.worker, mint, mine]);
    let event = VouchersMinted { sequence, pool, worker: a.worker, resource: 0, raw_units: 20 * UNIT, units: 10 * UNIT, to: mine };
    assert_eq!(receipt.events, [HmmEvent::VouchersMinted(event)]);
    println!("mint_vouchers: {} CU", receipt.compute_units);
    let mut after = before;
    after.outstanding[0] = 10 * UNIT;
    assert_eq!(a.get(), after);
    assert_eq!(a.world.vm.balance(&mine), 10 * UNIT);
    a.check();

    // some of it sold, then retired piece by piece: shares are floors of what is held, the last takes the rest
    let ix = a.supply(0, 14 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("a supply");
    let creator = a.world.creator();
    a.world.swap(&creator, vec![leg(0, hmm_client::LegKind::BuyExactOut, 7 * UNIT)]).expect("a purchase");
    let (from, to) = (vouchers_of(&a.world, &creator.pubkey(), 0), mine);
    let give = spl_token_interface::instruction::transfer(&address::TOKEN_PROGRAM, &from, &to, &creator.pubkey(), &[], 7 * UNIT);
    a.world.vm.send(&[give.expect("an instruction")], &[&creator]).expect("vouchers");
    let (held, burned) = (a.get().held[0], a.get().burned[0]);
    let mut taken = 0;
    for units in [1, 3 * UNIT, 7 * UNIT - 3, 7 * UNIT + 2] {
        tick(&mut a);
        let (before, sequence) = (a.get(), a.world.state().pool.sequence);
        let share = margin::share_floor(before.held[0], units, before.outstanding[0]).expect("a share");
        let fees = margin::share_floor(before.burned[0], units, before.outstanding[0]).expect("a share");
        let ix = worker::retire(&a.world.state(), a.who, 0, units);
        let mut expected = vec![pool, a.worker, mint, mine];
        if units < before.outstanding[0] {
            expected.push(observations); // where nothing is owed, no price is asked for
        }
        let receipt = accepted(&mut a.world.vm, &[ix], &[&a.owner], &expected);
        let event = Retired { sequence, pool, worker: a.worker, resource: 0, units, claimable: share, bonded: 0 };
        assert_eq!(receipt.events, [HmmEvent::Retired(event)]);
        println!("retire: {} CU", receipt.compute_units);
        let mut after = before;
        after.outstanding[0] -= units;
        after.held[0] -= share;
        after.burned[0] -= fees;
        after.claimable += share;
        assert_eq!(a.get(), after);
        taken += share;
        a.check();
    }
    assert_eq!((a.get().held[0], a.get().outstanding[0], taken, a.world.vm.balance(&mine)), (0, 0, held, 0));
    assert!(held > 0 && burned > 0);
    let ix = worker::retire(&a.world.state(), a.who, 0, 1);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::MoreThanOutstanding, 0, 1);
    let ix = worker::retire(&a.world.state(), a.who, 0, 0);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::ZeroAmount, 1, 0);

    // claims go to the owner, whoever asks
    let (credits, trader) = (credits_of(&a.world, &a.who), a.world.trader());
    let claim = worker::claim(&a.world.state(), &a.who);
    let receipt = accepted(&mut a.world.vm, std::slice::from_ref(&claim), &[&trader], &[a.worker, a.vault, credits]);
    assert_eq!(receipt.events, [HmmEvent::WorkerPaid(WorkerPaid { worker: a.worker, to: credits, credits: held })]);
    a.check();
    because(&refused(&mut a.world.vm, &[claim], &[&trader]), HmmError::NothingToClaim, 1, 0);
}

#[test]
fn units_that_assignments_wait_for_are_not_retired() {
    let mut a = Arena::new(100 * CREDIT);
    let ix = a.mint(0, 2 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    a.edit(|w| w.in_reserve[0] = UNIT / 4);
    let ix = worker::retire(&a.world.state(), a.who, 0, UNIT * 3 / 4 + 1);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::MoreThanOutstanding, UNIT * 3 / 4, UNIT * 3 / 4 + 1);
    let ix = worker::retire(&a.world.state(), a.who, 0, UNIT * 3 / 4);
    a.world.vm.send(&[ix], &[&a.owner]).expect("the rest");
}

#[test]
fn margin_holds_to_the_credit() {
    let gamma = Ppm(terms::supply(CREDIT).gamma);
    for (first, raw) in [(0, 20 * UNIT), (3 * UNIT, 20 * UNIT + 2), (7, 4)] {
        // minting: the bond alone
        let mut a = Arena::new(1_000 * CREDIT);
        if first > 0 {
            let ix = a.mint(1, first);
            a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
        }
        let required = margin::required_ceil(a.owed(0, raw / 2), gamma).expect("a requirement");
        let set = |a: &mut Arena, bond: u64| {
            a.edit(|w| w.bond = bond);
            let (vault, worker) = (a.vault, a.get());
            set_balance(&mut a.world.vm, &vault, liabilities(&worker));
        };
        set(&mut a, required - 1);
        let ix = a.mint(0, raw);
        because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::MarginCrossed, required, required - 1);
        set(&mut a, required);
        let ix = a.mint(0, raw);
        a.world.vm.send(&[ix], &[&a.owner]).expect("exactly enough");
        a.check();
        // and nothing of it can leave now
        let ix = worker::unbond(&a.world.state(), a.who, 1);
        because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::MarginCrossed, required, required - 1);

        // supplying: what is held counts after the sale, the mark is that before it
        let mut a = Arena::new(1_000 * CREDIT);
        let (state, owed) = (a.world.state(), a.owed(0, raw / 2));
        let mut reserve = state.reserve(0).expect("a resource");
        reserve.rotate(state.slot, state.market.risk_window).expect("a rotation");
        let fill = reserve.trade(Kind::SellExactIn, raw / 2, state.slot, &state.fees()).expect("a sale");
        let required = margin::required_ceil(owed, gamma).expect("a requirement");
        set(&mut a, required - fill.credits - 1);
        let ix = a.supply(0, raw);
        because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::MarginCrossed, required, required - 1);
        set(&mut a, required - fill.credits);
        let ix = a.supply(0, raw);
        a.world.vm.send(&[ix], &[&a.owner]).expect("exactly enough");
        a.check();
    }
}

#[test]
fn bond_on_its_way_out_counts_for_nothing() {
    let mut a = Arena::new(1_000 * CREDIT);
    let raw = 20 * UNIT;
    let required = margin::required_ceil(a.owed(0, raw / 2), Ppm(terms::supply(CREDIT).gamma)).expect("a requirement");
    let ix = worker::unbond(&a.world.state(), a.who, 1_000 * CREDIT - required + 1);
    a.world.vm.send(&[ix], &[&a.owner]).expect("nothing is owed");
    let ix = a.mint(0, raw);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::MarginCrossed, required, required - 1);
    let top_up = worker::deposit_bond(&a.world.state(), &a.who, a.who, 1);
    a.world.vm.send(&[top_up], &[&a.owner]).expect("a bond");
    let ix = a.mint(0, raw);
    a.world.vm.send(&[ix], &[&a.owner]).expect("exactly enough");
}

#[test]
fn capacity_and_time_hold_to_the_unit_and_the_second() {
    let mut a = Arena::new(1_000 * CREDIT);
    let start = now(&a.world);
    let half = Ppm(500_000);
    // 7,201 raw units an hour for exactly three hours: 21,603 raw, 10,801 vouchers
    a.edit(|w| (w.capacity[0], w.key_expiry) = (7_201, start + 3 * 3_600));
    let most = margin::deliverable_floor(7_201, 3 * 3_600, half);
    assert_eq!(most, 10_801);
    let ix = a.mint(0, 2 * (most + 1));
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::AboveCapacity, most, most + 1);
    let ix = a.mint(0, 2 * most - 200);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    let ix = a.supply(0, 202);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::AboveCapacity, most, most + 1);
    let ix = a.supply(0, 200);
    a.world.clone().vm.send(&[ix], &[&a.owner]).expect("exactly as much");
    // a minute later the last of them would be late
    at(&mut a.world, start + 60);
    let most = margin::deliverable_floor(7_201, 3 * 3_600 - 60, half);
    let ix = a.supply(0, 200);
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::AboveCapacity, most, 10_801);

    // the key is valid up to its expiry
    a.edit(|w| w.capacity[0] = AMPLE);
    at(&mut a.world, start + 3 * 3_600 - 1);
    let ix = a.mint(0, 2);
    a.world.vm.send(&[ix], &[&a.owner]).expect("the last second");
    at(&mut a.world, start + 3 * 3_600);
    for ix in [a.mint(0, 2), a.supply(0, 2)] {
        let failure = refused(&mut a.world.vm, &[ix], &[&a.owner]);
        because(&failure, HmmError::KeyLapsed, seconds(start + 3 * 3_600), seconds(start + 3 * 3_600));
    }

    // a series closes before it ends, and what is supplied must be delivered before that
    let lead = i64::from(terms::supply(CREDIT).close_lead);
    let close = start + 4 * 3_600;
    edit_pool(&mut a.world, |pool| pool.delivery_end[0] = close + lead);
    a.edit(|w| (w.key_expiry, w.capacity[0]) = (start + 100 * DAY, 3_600_000));
    at(&mut a.world, close - 100);
    let (most, owes) = (50_000, a.get().outstanding[0]);
    let ix = a.mint(0, 2 * (most - owes + 1));
    because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::AboveCapacity, most, most + 1);
    let ix = a.mint(0, 2 * (most - owes));
    a.world.clone().vm.send(&[ix], &[&a.owner]).expect("exactly as much");
    at(&mut a.world, close);
    for ix in [a.mint(0, 2), a.supply(0, 2)] {
        because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::SeriesClosing, seconds(close), seconds(close));
    }
    // the other resource goes on
    let ix = a.supply(1, 200);
    a.world.vm.send(&[ix], &[&a.owner]).expect("a perpetual resource");
}

#[test]
fn without_a_mark_nobody_is_trusted_and_nobody_punished() {
    let mut world = World::active(small());
    let owner = world.labourer();
    world.register(&owner, 1_000 * CREDIT);
    let (who, end) = (owner.pubkey(), now(&world) + DAY);
    edit_worker(&mut world, &who, |w| (w.key_expiry, w.capacity) = (end, [AMPLE; 8]));
    for ix in [worker::supply(&world.state(), who, 0, 2 * UNIT, 0), worker::mint_vouchers(&world.state(), who, 0, 2 * UNIT, &who)] {
        assert!(refused(&mut world.vm, &[ix], &[&owner]).is(HmmError::NoMark));
    }
    // the authority's mark stands in, and the spot price if that is higher
    let authority = world.authority();
    let price = world.state().reserve(0).expect("a resource").price_floor().expect("a price").0;
    let set = world.set_bootstrap_mark_ix(0, price / 2);
    world.vm.send(&[set], &[&authority]).expect("a mark");
    world.mint_vouchers(&owner, 0, 20 * UNIT).expect("vouchers");
    let required = margin::required_ceil(margin::value_ceil(10 * UNIT, hmm_math::Price(price)), Ppm(1_500_000)).expect("a requirement");
    let ix = worker::unbond(&world.state(), who, 1_000 * CREDIT - required + 1);
    because(&refused(&mut world.vm, &[ix], &[&owner]), HmmError::MarginCrossed, required, required - 1);
    // however little it has, it is not liquidated by a mark that is not the resource's own
    edit_worker(&mut world, &who, |w| w.bond = 0);
    let trader = world.trader();
    world.notify(&trader, &who).expect("a look");
    assert_eq!(world.worker(&who).notice_at, 0);
    let creator = world.creator();
    assert!(world.liquidate(&creator, &who, 0, UNIT).expect_err("no marks").is(HmmError::NoMark));
    // retiring is never blocked: without a mark the share stays as bond
    let mut blind = world.clone();
    edit_worker(&mut blind, &who, |w| (w.outstanding[1], w.held[0]) = (5, 1_000));
    blind.retire(&owner, 0, 5 * UNIT).expect("its own vouchers");
    assert_eq!((blind.worker(&who).claimable, blind.worker(&who).bond), (0, 500));
}

#[test]
fn what_is_released_stays_as_long_as_the_rest_needs_it() {
    let mut a = Arena::new(1_000 * CREDIT);
    let ix = a.mint(1, 2_000 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    let ix = a.mint(0, 20 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    // as if the second had been sold dear, and the bond were short since
    let owed_after = margin::value_ceil(1_000 * UNIT, a.marks(1).hi.max(a.marks(1).spot));
    let required = margin::required_ceil(owed_after, Ppm(1_500_000)).expect("a requirement");
    let held = 100 * CREDIT;
    let bond = required - held / 4;
    a.edit(|w| (w.bond, w.held[0]) = (bond, held));
    set_balance(&mut a.world.vm, &a.vault.clone(), bond + held);
    a.world.retire(&a.owner.insecure_clone(), 0, 10 * UNIT).expect("its own vouchers");
    let worker = a.get();
    assert_eq!((worker.bond, worker.claimable, worker.held[0]), (required, held - held / 4, 0));
    a.check();
}

/// A worker that owes ten units against exactly this cover, all of it bond.
fn strained(cover: impl Fn(&Arena) -> u64) -> Arena {
    let mut a = Arena::new(1_000 * CREDIT);
    let ix = a.mint(0, 20 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    let bond = cover(&a);
    a.edit(|w| w.bond = bond);
    set_balance(&mut a.world.vm, &a.vault.clone(), bond);
    a
}

/// What it owes where it is punished.
fn owed_lo(a: &Arena) -> u64 {
    margin::value_floor(a.get().outstanding[0], a.marks(0).lo)
}

/// The next second, in which a price is recorded anew.
fn tick(a: &mut Arena) {
    let next = now(&a.world) + 1;
    at(&mut a.world, next);
}

fn notice_passes(a: &mut Arena) {
    let trader = a.world.trader();
    let who = a.who;
    a.world.notify(&trader, &who).expect("a notice");
    assert_eq!(a.get().notice_at, now(&a.world));
    let end = now(&a.world) + 3_600;
    at(&mut a.world, end);
}

#[test]
fn a_notice_stands_runs_out_and_lapses_to_the_second() {
    let maintenance = Ppm(terms::supply(CREDIT).maintenance);
    let required = |a: &Arena| margin::required_ceil(owed_lo(a), maintenance).expect("a requirement");
    // exactly at the maintenance there is no cause
    let mut a = strained(required);
    let (trader, who, worker) = (a.world.trader(), a.who, a.worker);
    let receipt = a.world.notify(&trader, &who).expect("a look");
    assert_eq!(receipt.events, [HmmEvent::Noticed(Noticed { worker, cause: 255, notice_at: 0 })]);
    let (creator, needed) = (a.world.creator(), required(&a));
    let liquidate = |a: &Arena, units| worker::liquidate(&a.world.state(), &a.who, a.world.creator().pubkey(), 0, units);
    let ix = liquidate(&a, UNIT);
    because(&refused(&mut a.world.vm, &[ix], &[&creator]), HmmError::WorkerSound, needed, needed);

    // one credit less, and there is; but not before the notice has run out
    let mut a = strained(|a| required(a) - 1);
    tick(&mut a);
    let ix = liquidate(&a, UNIT);
    let time = now(&a.world);
    because(&refused(&mut a.world.vm, &[ix], &[&creator]), HmmError::NoNotice, 0, seconds(time));
    let ix = worker::notify(&a.world.state(), &who);
    let observations = address::observations(&a.world.pool);
    let receipt = accepted(&mut a.world.vm, &[ix], &[&trader], &[worker, observations]);
    assert_eq!(receipt.events, [HmmEvent::Noticed(Noticed { worker, cause: 2, notice_at: time })]);
    at(&mut a.world, time + 1_800);
    a.world.notify(&trader, &who).expect("a second look");
    assert_eq!(a.get().notice_at, time, "a notice that stands is not renewed");
    at(&mut a.world, time + 3_599);
    let ix = liquidate(&a, UNIT);
    because(&refused(&mut a.world.vm, &[ix], &[&creator]), HmmError::NoNotice, seconds(time + 3_600), seconds(time + 3_599));
    at(&mut a.world, time + 3_600);
    let ix = liquidate(&a, UNIT);
    a.world.clone().vm.send(&[ix], &[&creator]).expect("the notice has run out");
    // topped up, it is sound, and says so
    let mut saved = a.world.clone();
    let top_up = worker::deposit_bond(&saved.state(), &who, who, required(&a) - a.get().bond);
    saved.vm.send(&[top_up], &[&a.owner]).expect("a top-up");
    let needed = required(&a);
    because(&saved.liquidate(&creator, &who, 0, UNIT).expect_err("sound"), HmmError::WorkerSound, needed, needed);
    saved.notify(&a.owner, &who).expect("a look");
    assert_eq!(saved.worker(&who).notice_at, 0);
    // unused for a day it lapses, and begins anew
    at(&mut a.world, time + 3_600 + DAY - 1);
    let ix = liquidate(&a, UNIT);
    a.world.clone().vm.send(&[ix], &[&creator]).expect("the last second");
    a.world.clone().notify(&trader, &who).expect("a look");
    at(&mut a.world, time + 3_600 + DAY);
    let ix = liquidate(&a, UNIT);
    because(&refused(&mut a.world.vm, &[ix], &[&creator]), HmmError::NoNotice, seconds(time + 3_600), seconds(time + 3_600 + DAY));
    a.world.notify(&trader, &who).expect("a new notice");
    assert_eq!(a.get().notice_at, time + 3_600 + DAY);
}

#[test]
fn a_liquidation_pays_the_premium_and_stops_at_gamma() {
    let terms = terms::supply(CREDIT);
    let (gamma, premium) = (Ppm(terms.gamma), Ppm(terms.premium));
    for (part, held_part) in
        [(1_199_999, 0), (1_150_000, 700_000), (1_060_000, 1_000_000), (1_050_000, 300_000), (900_000, 500_000), (1, 0)]
    {
        let cover = |a: &Arena| margin::value_floor(part, hmm_math::Price((u128::from(owed_lo(a)) << 64) / 1_000_000));
        let mut a = strained(cover);
        // some of the cover is held, some on its way out
        let all = a.get().bond;
        let held = all / 1_000_000 * held_part;
        a.edit(|w| (w.bond, w.held[0], w.unbonding) = (all - held, held, 77));
        set_balance(&mut a.world.vm, &a.vault.clone(), all + 77);
        notice_passes(&mut a);
        let (creator, pool) = (a.world.creator(), a.world.pool);
        let (marks, owed, before) = (a.marks(0), owed_lo(&a), a.get());
        let restoring = margin::units_ceil(margin::restoring_ceil(owed, all, gamma, premium).expect("a value"), marks.lo);
        let units = restoring.min(10 * UNIT);
        let value = margin::value_floor(units, marks.lo);
        let share = margin::share_floor(held, units, 10 * UNIT).expect("a share");
        let paid = margin::payoff_floor(value, owed, all + 77, premium).min(all - held + share + 77);
        let state = a.world.state();
        let [vouchers, credits] = [vouchers_of(&a.world, &creator.pubkey(), 0), credits_of(&a.world, &creator.pubkey())];
        let ix = worker::liquidate(&state, &a.who, creator.pubkey(), 0, MAX);
        let mut expected = vec![pool, state.pool.observations, a.worker, state.pool.voucher_mints[0], vouchers];
        if paid > 0 {
            expected.extend([a.vault, credits]);
        }
        let receipt = accepted(&mut a.world.vm, &[ix], &[&creator], &expected);
        let shortfall = value.saturating_sub(paid);
        let event = Liquidated {
            sequence: state.pool.sequence,
            pool,
            worker: a.worker,
            liquidator: creator.pubkey(),
            cause: 2,
            resource: 0,
            units,
            paid,
            shortfall,
            burned: 0,
        };
        assert_eq!(receipt.events, [HmmEvent::Liquidated(event)]);
        println!("liquidate at {part} ppm: {} CU, {units} units for {paid}, short of {shortfall}", receipt.compute_units);
        let mut after = before.clone();
        after.outstanding[0] -= units;
        after.held[0] -= share;
        let pot = before.bond + share;
        (after.bond, after.unbonding) = (pot - paid.min(pot), 77 - paid.saturating_sub(pot));
        assert_eq!(a.get(), after);
        assert_eq!(a.world.state().pool.bad_debt[0], shortfall);
        a.check();
        // γ is restored, or nothing is owed; one unit less would not have restored it
        let left = a.get();
        assert!(left.outstanding[0] == 0 || margin::covers(left.bond + left.held[0], owed_lo(&a), gamma));
        if left.outstanding[0] > 0 {
            let least = worker::liquidate(&a.world.state(), &a.who, creator.pubkey(), 0, 1);
            assert!(refused(&mut a.world.vm, &[least], &[&creator]).is(HmmError::WorkerSound));
        }
    }
}

#[test]
fn a_lapsed_worker_is_wound_up_and_a_banned_one_forfeits() {
    // its key lapsed a day ago: all it owes may be ended, and what is left stays its own
    let mut a = Arena::new(1_000 * CREDIT);
    let ix = a.mint(0, 20 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    let (trader, creator, who) = (a.world.trader(), a.world.creator(), a.who);
    let expiry = now(&a.world) + 100;
    a.edit(|w| w.key_expiry = expiry);
    at(&mut a.world, expiry + DAY - 1);
    a.world.notify(&trader, &who).expect("a look");
    assert_eq!(a.get().notice_at, 0);
    at(&mut a.world, expiry + DAY);
    notice_passes(&mut a);
    let value = margin::value_floor(10 * UNIT, a.marks(0).lo);
    let receipt = a.world.liquidate(&creator, &who, 0, MAX).expect("a liquidation");
    let [HmmEvent::Liquidated(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    let paid = margin::payoff_floor(value, value, 1_000 * CREDIT, Ppm(1_050_000));
    assert_eq!((event.cause, event.units, event.paid, event.shortfall, event.burned), (1, 10 * UNIT, paid, 0, 0));
    a.check();
    let ix = worker::unbond(&a.world.state(), who, 1_000 * CREDIT - paid);
    a.world.vm.send(&[ix], &[&a.owner]).expect("the rest is its own");

    // banned: nothing more, nothing out, and what is left when all is ended is burned
    let mut a = Arena::new(1_000 * CREDIT);
    let ix = a.supply(0, 20 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("a supply");
    let ix = worker::unbond(&a.world.state(), who, 100 * CREDIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("an unbonding");
    a.edit(|w| (w.banned, w.claimable) = (true, 5));
    let owes = liabilities(&a.get());
    set_balance(&mut a.world.vm, &a.vault.clone(), owes);
    let week = now(&a.world) + 8 * DAY;
    for ix in [a.mint(0, 2), a.supply(0, 2), worker::unbond(&a.world.state(), who, 1)] {
        because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::WorkerBanned, 0, 1);
    }
    at(&mut a.world, week);
    let withdraw = worker::withdraw_bond(&a.world.state(), &who);
    because(&refused(&mut a.world.vm, &[withdraw], &[&a.owner]), HmmError::WorkerBanned, 0, 1);
    notice_passes(&mut a);
    let (before, value, half) = (a.get(), margin::value_floor(10 * UNIT, a.marks(0).lo), margin::value_floor(4 * UNIT, a.marks(0).lo));
    a.world.liquidate(&creator, &who, 0, 4 * UNIT).expect("a liquidation");
    a.check();
    let first = margin::payoff_floor(half, value, before.bond + before.held[0] + before.unbonding, Ppm(1_050_000));
    let supply = a.world.vm.supply(&a.world.credit_mint);
    let receipt = a.world.liquidate(&creator, &who, 0, MAX).expect("the rest");
    let [HmmEvent::Liquidated(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    let had = before.bond + before.held[0] + before.unbonding;
    assert_eq!((event.cause, event.units), (0, 6 * UNIT));
    assert_eq!(event.paid + event.burned + first, had);
    assert_eq!(supply - a.world.vm.supply(&a.world.credit_mint), event.burned);
    let left = a.get();
    assert_eq!((left.bond, left.unbonding, left.held[0], left.claimable), (0, 0, 0, 5));
    a.check();
    // what it had earned before stays claimable
    let claim = worker::claim(&a.world.state(), &who);
    a.world.vm.send(&[claim], &[&trader]).expect("a claim");
    a.check();
}

#[test]
fn a_pause_halts_supply_and_nothing_else() {
    let mut a = Arena::new(1_000 * CREDIT);
    let ix = a.mint(0, 20 * UNIT);
    a.world.vm.send(&[ix], &[&a.owner]).expect("vouchers");
    let (authority, market, until) = (a.world.authority(), a.world.market, now(&a.world) + 1_800);
    let pause = hmm_client::generated::instructions::Pause { market, signer: authority.pubkey() }.instruction();
    a.world.vm.send(&[pause], &[&authority]).expect("a pause");
    for ix in [a.mint(0, 2), a.supply(0, 2)] {
        because(&refused(&mut a.world.vm, &[ix], &[&a.owner]), HmmError::Paused, seconds(until), seconds(until - 1_800));
    }
    let state = a.world.state();
    for ix in [
        worker::deposit_bond(&state, &a.who, a.who, 1),
        worker::unbond(&state, a.who, 1),
        worker::retire(&state, a.who, 0, 10 * UNIT),
        worker::notify(&state, &a.who),
        worker::set_operator(&state, a.who, a.who),
    ] {
        a.world.vm.send(&[ix], &[&a.owner]).expect("not halted");
    }
    a.check();
}
