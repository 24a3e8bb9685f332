//! Searches for profit by workers and against them, on the built program, with fees at zero (fees hide rounding) and at their defaults.
//! The numbers are those of the families in the design's list of attacks. Each test prints the best it found and its budget.

mod common;

use common::*;
use hmm_client::{HmmError, LegKind, address, marks::marks, terms, worker};
use hmm_math::{Ppm, margin};
use hmm_vm::{
    World, WorldConfig,
    world::{CREDIT, Resource, UNIT, resource},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

const DAY: i64 = 86_400;
const AMPLE: u64 = 1 << 50;

fn free(config: WorldConfig) -> WorldConfig {
    WorldConfig { market_fee: 0, risk_fee: 0, ..config }
}

/// A resource without floors.
fn bare(name: &'static str, psi_scale: u32, psi: u64, theta: u64) -> Resource {
    Resource { name, weight: 1_000_000, psi_scale, theta_scale: 1, min_psi: 0, min_theta: 0, psi, theta }
}

/// Pools worth attacking: ordinary, λ = 0, and so small that every rounding shows.
fn targets() -> Vec<(&'static str, WorldConfig)> {
    let two = |a: Resource, b: Resource, lambda: u32| WorldConfig { resources: vec![a, b], lambda, ..WorldConfig::default() };
    vec![
        ("ordinary", two(resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40), 50_000)),
        ("λ = 0", two(bare("a", 1, 1_000_000, 1_000_000), bare("b", 7, 3_000_000, 777_777), 0)),
        ("tiny", two(bare("a", 3, 60, 1_900), bare("b", 1, 900, 1_100), 50_000)),
    ]
}

/// What an attacker with a worker of its own can do.
#[derive(Clone, Debug)]
enum Act {
    Supply(u8, u64),
    Mint(u8, u64),
    Trade(u8, u8, u64),
    Retire(u8, u64),
    Liquidate(u8, u64),
    Notify,
    Unbond(u64),
    Withdraw,
    Claim,
    Wait(i64),
}

/// The attacker, its worker without a bond, and a pool with marks of its own whose provider is passive.
struct Arena {
    world: World,
    saved: Saved,
    attacker: Keypair,
    credits: u64,
    /// Ψ at the beginning, where the price is right.
    psi: [u64; 8],
    /// Whether others trade.
    market: bool,
    transactions: u64,
    done: u64,
}

impl Arena {
    fn new(config: WorldConfig) -> Self {
        let mut world = World::active(config);
        let attacker = world.labourer();
        world.register(&attacker, 0);
        // whatever the pool holds is deep enough
        edit_market(&mut world, |market| market.supply.mark_depth = 1);
        let later = now(&world) + 2 * 3_600;
        at(&mut world, later);
        let creator = world.creator();
        world.swap(&creator, vec![leg(0, LegKind::BuyExactOut, 1), leg(1, LegKind::BuyExactOut, 1)]).expect("a trade");
        let who = attacker.pubkey();
        edit_worker(&mut world, &who, |w| (w.key_expiry, w.capacity) = (later + 300 * DAY, [AMPLE; 8]));
        let credits = world.vm.balance(&credits_of(&world, &who));
        let saved = Saved::take(&world, &[who, creator.pubkey()]);
        let psi = world.state().pool.psi;
        Self { world, saved, attacker, credits, psi, market: true, transactions: 0, done: 0 }
    }

    fn reset(&mut self) {
        self.saved.restore(&mut self.world);
        self.done = 0;
    }

    fn vouchers(&self, resource: u8) -> u64 {
        self.world.vm.balance(&vouchers_of(&self.world, &self.attacker.pubkey(), resource))
    }

    /// Deposits what the margin lacks for `units` more, and not a credit beyond: an attacker risks as little as it can.
    fn bond_for(&mut self, resource: u8, units: u64) {
        let (state, who) = (self.world.state(), self.attacker.pubkey());
        let worker = self.world.worker(&who);
        let mut owed = 0;
        for i in 0..state.pool.resource_count {
            let Some(marks) = marks(&state, &self.world.observations(), i) else { return };
            let units = worker.outstanding[usize::from(i)].saturating_add(if i == resource { units } else { 0 });
            owed += margin::value_ceil(units, marks.hi.max(marks.spot));
        }
        let required = margin::required_ceil(owed, Ppm(1_500_000)).expect("a requirement");
        let cover = worker.bond + worker.held.iter().sum::<u64>();
        if required > cover {
            let deposit = worker::deposit_bond(&state, &who, who, required - cover);
            let attacker = self.attacker.insecure_clone();
            let _ = self.world.vm.send(&[deposit], &[&attacker]);
        }
    }

    fn act(&mut self, act: &Act) {
        let (attacker, who) = (self.attacker.insecure_clone(), self.attacker.pubkey());
        let state = self.world.state();
        self.transactions += 1;
        // a refused act is no act
        let ix = match *act {
            Act::Supply(i, units) => {
                self.bond_for(i, units);
                worker::supply(&state, who, i, 2 * units, 0)
            }
            Act::Mint(i, units) => {
                self.bond_for(i, units);
                worker::mint_vouchers(&state, who, i, 2 * units, &who)
            }
            Act::Trade(i, kind, amount) => {
                self.done += u64::from(self.world.swap(&attacker, vec![leg(i, KINDS[usize::from(kind)], amount)]).is_ok());
                return;
            }
            Act::Retire(i, units) => worker::retire(&state, who, i, units.min(self.vouchers(i))),
            Act::Liquidate(i, units) => worker::liquidate(&state, &who, who, i, units.min(self.vouchers(i))),
            Act::Notify => worker::notify(&state, &who),
            Act::Unbond(part) => worker::unbond(&state, who, self.world.worker(&who).bond / part),
            Act::Withdraw => worker::withdraw_bond(&state, &who),
            Act::Claim => worker::claim(&state, &who),
            Act::Wait(seconds) => {
                let (soon, later) = (now(&self.world) + seconds.min(600), now(&self.world) + seconds);
                at(&mut self.world, soon);
                if soon < later && self.market {
                    self.others_trade();
                }
                at(&mut self.world, later);
                return;
            }
        };
        self.done += u64::from(self.world.vm.send(&[ix], &[&attacker]).is_ok());
    }

    /// Others know what a unit is worth: they take the other side of what moved the price, and bring it back.
    fn others_trade(&mut self) {
        let creator = self.world.creator();
        for i in 0..2 {
            let (place, had) = (usize::from(i), self.psi[usize::from(i)]);
            for _ in 0..64 {
                let psi = self.world.state().pool.psi[place];
                let (kind, mut piece) = if psi > had { (LegKind::BuyExactOut, psi - had) } else { (LegKind::SellExactIn, had - psi) };
                while piece > 0 && self.world.swap(&creator, vec![leg(i, kind, piece)]).is_err() {
                    piece /= 2;
                }
                if piece == 0 {
                    break;
                }
            }
        }
    }

    /// Everything out: vouchers retired as far as they are owed, the rest sold, bond withdrawn. What is still owed is left to others.
    fn settle(&mut self) -> i128 {
        let (attacker, who) = (self.attacker.insecure_clone(), self.attacker.pubkey());
        for i in 0..2 {
            self.act(&Act::Retire(i, self.world.worker(&who).outstanding[usize::from(i)]));
            let mut units = self.vouchers(i);
            while units > 0 && self.world.swap(&attacker, vec![leg(i, LegKind::SellExactIn, units)]).is_err() {
                units /= 2;
            }
        }
        // the most of the bond that may leave, by bisection
        let (mut least, mut most) = (0, self.world.worker(&who).bond);
        while least < most {
            let middle = most - (most - least) / 2;
            let unbond = worker::unbond(&self.world.state(), who, middle);
            if self.world.vm.simulate(&[unbond], &[&attacker]).is_ok() { least = middle } else { most = middle - 1 }
        }
        if least > 0 {
            let unbond = worker::unbond(&self.world.state(), who, least);
            self.world.vm.send(&[unbond], &[&attacker]).expect("as simulated");
        }
        self.act(&Act::Wait(8 * DAY));
        self.act(&Act::Withdraw);
        self.act(&Act::Claim);
        check_books(&self.world, 0);
        i128::from(self.world.vm.balance(&credits_of(&self.world, &who))) - i128::from(self.credits)
    }
}

/// One act, in the sizes of the pool.
fn random_act(rng: &mut Rng, world: &World) -> Act {
    let pool = world.state().pool;
    let i = rng.range(0, 1) as u8;
    let (psi, theta) = (pool.psi[usize::from(i)], pool.theta[usize::from(i)]);
    match rng.range(0, 15) {
        0..=2 => Act::Supply(i, rng.log(1, psi)),
        3..=5 => Act::Mint(i, rng.log(1, psi)),
        6..=8 => {
            let kind = rng.range(0, 3) as u8;
            let units = matches!(KINDS[usize::from(kind)], LegKind::BuyExactOut | LegKind::SellExactIn);
            Act::Trade(i, kind, rng.log(1, if units { psi } else { theta }))
        }
        9 | 10 => Act::Retire(i, rng.log(1, psi)),
        11 => Act::Liquidate(i, rng.log(1, psi)),
        12 => Act::Notify,
        13 => Act::Unbond(rng.log(1, 100)),
        14 if rng.one_in(2) => Act::Withdraw,
        14 => Act::Claim,
        _ => Act::Wait(rng.log(1, 8 * DAY as u64) as i64),
    }
}

/// V10 (phantom capacity), V16 (slash evasion), V18 (rounding): whatever a worker that never delivers does, it does not gain, where others answer
/// within ten minutes to a price that is wrong.
#[test]
fn v10_v16_v18_no_worker_gains_without_delivering() {
    let mut rng = Rng::new("v10 v16 v18", 0x10_16_18);
    for (name, config) in targets() {
        for (fees, config) in [("no fees", free(config.clone())), ("default fees", config)] {
            let mut arena = Arena::new(config);
            let (mut best, mut plan_of_best, mut acted) = (i128::MIN, Vec::new(), 0);
            let plans = 250;
            for _ in 0..plans {
                arena.reset();
                let plan: Vec<Act> = (0..rng.range(1, 12)).map(|_| random_act(&mut rng, &arena.world)).collect();
                for act in &plan {
                    arena.act(act);
                }
                acted += arena.done;
                let gain = arena.settle();
                if gain > best && arena.done > 0 {
                    (best, plan_of_best) = (gain, plan);
                }
            }
            println!(
                "{name}, {fees}: best {best} raw credits of {plans} plans, {acted} acts that went through, {} sent",
                arena.transactions
            );
            assert!(acted > plans, "too few acts went through");
            assert!(best <= 0, "{name}, {fees}: {best} by {plan_of_best:?}");
        }
    }
}

/// V10 where nobody answers: a worker sells a part of Ψ, the price stays there for two days, and what its new mark sets free leaves with vouchers
/// minted and retired at that mark. Up to a half of Ψ that brings nothing: γ at the new price is more than what the sale brought.
#[test]
fn v10_a_price_that_nobody_answers() {
    for (fees, config) in [("no fees", free(targets().swap_remove(1).1)), ("default fees", targets().swap_remove(1).1)] {
        for percent in [10, 25, 45, 50, 75, 100, 200] {
            let mut arena = Arena::new(config.clone());
            arena.market = false;
            let (who, theta) = (arena.attacker.pubkey(), arena.world.state().pool.theta[0]);
            let units = arena.psi[0] / 100 * percent;
            arena.act(&Act::Supply(0, units));
            let sold = arena.world.worker(&who).outstanding[0];
            arena.act(&Act::Wait(2 * DAY));
            for _ in 0..8 {
                arena.act(&Act::Mint(0, 2 * units));
                arena.act(&Act::Retire(0, 2 * units));
            }
            let gain = arena.settle();
            println!("{fees}: {percent} % of Ψ sold ({sold} units): {gain} raw credits, {:.2} % of Θ", gain as f64 / theta as f64 * 100.0);
            assert!(gain <= 0 || percent > 50, "{fees}: {gain}");
        }
    }
}

/// Minting on a stale mark: right after somebody else's trade moved the price, vouchers minted against the least bond are sold, and the bond is left.
#[test]
fn v10_minting_after_a_jump_costs_more_than_it_brings() {
    let (mut best, mut tried) = (f64::MIN, 0);
    for (fees, config) in [("no fees", free(targets().swap_remove(0).1)), ("default fees", targets().swap_remove(0).1)] {
        let mut arena = Arena::new(config);
        arena.market = false;
        for jump in [1, 5, 20, 40, 60] {
            for part in [1, 10, 100, 1_000] {
                for wait in [0, 1, 60, 600, 3_600, DAY] {
                    arena.reset();
                    let (creator, who) = (arena.world.creator(), arena.attacker.pubkey());
                    let psi = arena.world.state().pool.psi[0];
                    // in pieces, with time in between, where the fee would refuse one
                    for _ in 0..5 {
                        let _ = arena.world.swap(&creator, vec![leg(0, LegKind::BuyExactOut, psi / 500 * jump)]);
                        if fees != "no fees" {
                            arena.world.vm.warp(301);
                        }
                    }
                    arena.act(&Act::Wait(wait));
                    let units = psi / part;
                    arena.act(&Act::Mint(0, units));
                    if arena.vouchers(0) < units {
                        continue;
                    }
                    let attacker = arena.attacker.insecure_clone();
                    let mut left = units;
                    while left > 0 {
                        let mut piece = left;
                        while arena.world.swap(&attacker, vec![leg(0, LegKind::SellExactIn, piece)]).is_err() {
                            piece /= 2;
                        }
                        left -= piece;
                        arena.world.vm.warp(301);
                    }
                    let bond = arena.world.worker(&who).bond;
                    let gain = i128::from(arena.world.vm.balance(&credits_of(&arena.world, &who))) - i128::from(arena.credits);
                    tried += 1;
                    best = best.max(gain as f64 / bond as f64);
                    assert!(gain < 0, "{fees}: {gain} after a jump by {jump} fifths of a percent five times, {wait} s later");
                }
            }
        }
    }
    println!("stale mark: best {:.1} % of the bond, {tried} tries", best * 100.0);
    assert!(tried > 150);
}

/// A worker that stands at γ, to the credit, and vouchers of its own with the attacker.
fn honest_at_gamma(config: WorldConfig, history: i64) -> (World, Keypair, Keypair) {
    let mut world = World::active(config);
    let (owner, attacker) = (world.labourer(), world.trader());
    world.register(&owner, 100_000 * CREDIT);
    let who = owner.pubkey();
    let creator = world.creator();
    let start = now(&world);
    for hour in 1..=history / 3_600 {
        at(&mut world, start + hour * 3_600);
        world.swap(&creator, vec![leg(0, LegKind::BuyExactOut, 1)]).expect("a trade");
    }
    let end = now(&world) + 300 * DAY;
    edit_worker(&mut world, &who, |w| (w.key_expiry, w.capacity) = (end, [AMPLE; 8]));
    world.mint_vouchers(&owner, 0, 2 * 1_000 * UNIT).expect("vouchers");
    let marks = marks(&world.state(), &world.observations(), 0).expect("marks");
    let owed = margin::value_ceil(1_000 * UNIT, marks.hi.max(marks.spot));
    let required = margin::required_ceil(owed, Ppm(terms::supply(CREDIT).gamma)).expect("a requirement");
    let unbond = worker::unbond(&world.state(), who, world.worker(&who).bond - required);
    world.vm.send(&[unbond], &[&owner]).expect("all but the margin");
    (world, owner, attacker)
}

/// Pushes the price up by buying `percent` of the reserve, in pieces where the fee asks for them. Gives the units bought.
fn push(world: &mut World, attacker: &Keypair, percent: u64) -> u64 {
    let (psi, had) = (world.state().pool.psi[0], world.vm.balance(&vouchers_of(world, &attacker.pubkey(), 0)));
    let mut left = psi / 100 * percent;
    while left > UNIT {
        let mut piece = left;
        while piece > UNIT && world.swap(attacker, vec![leg(0, LegKind::BuyExactOut, piece)]).is_err() {
            piece /= 2;
        }
        left = left.saturating_sub(piece);
        world.vm.warp(1);
    }
    world.vm.balance(&vouchers_of(world, &attacker.pubkey(), 0)) - had
}

/// Sells everything back, in pieces where the fee asks for them.
fn unwind(world: &mut World, attacker: &Keypair) {
    loop {
        let mut piece = world.vm.balance(&vouchers_of(world, &attacker.pubkey(), 0));
        while piece > 0 && world.swap(attacker, vec![leg(0, LegKind::SellExactIn, piece)]).is_err() {
            piece /= 2;
        }
        if piece == 0 {
            return;
        }
        world.vm.warp(301);
    }
}

/// Pushing spot for half an hour, through the hour of the notice, to liquidate an honest worker that stands at γ to the credit: the marks do not follow.
#[test]
fn v13_pushing_the_price_does_not_liquidate_an_honest_worker() {
    let mut tried = 0;
    let mut best = i128::MIN;
    for (fees, config) in [("no fees", free(targets().swap_remove(0).1)), ("default fees", targets().swap_remove(0).1)] {
        let (world, owner, attacker) = honest_at_gamma(config, 25 * 3_600);
        for percent in [10, 30, 60, 90] {
            for minutes in [1, 10, 30] {
                let (mut world, who) = (world.clone(), owner.pubkey());
                let wallet = |world: &World| i128::from(world.vm.balance(&credits_of(world, &attacker.pubkey())));
                let before = wallet(&world);
                assert!(push(&mut world, &attacker, percent) > 0);
                let mut causes = 0;
                // held up, looked at every minute, through the time of a notice given at once
                for minute in 0..=minutes + 60 {
                    world.notify(&attacker, &who).expect("a look");
                    causes += u64::from(world.worker(&who).notice_at != 0);
                    if let Err(failure) = world.liquidate(&attacker, &who, 0, UNIT) {
                        assert!(failure.is(HmmError::WorkerSound), "{failure}");
                    }
                    let next = now(&world) + 60;
                    at(&mut world, next);
                    tried += 1;
                    assert_eq!(causes, 0, "{fees}: {percent} % for {minute} minutes");
                }
                unwind(&mut world, &attacker);
                best = best.max(wallet(&world) - before);
            }
        }
    }
    println!("pushing spot: best {best} raw credits, {tried} attempts to liquidate");
    assert!(best <= 0);
}

/// For the record: how long the price of an idle pool has to be held up, against nobody, until a worker at γ gets a notice; and that answering it costs the
/// worker nothing and the attacker its fees.
#[test]
fn v13_a_worker_that_answers_its_notice_loses_nothing() {
    for (fees, config) in [("no fees", free(targets().swap_remove(0).1)), ("default fees", targets().swap_remove(0).1)] {
        let (mut world, owner, attacker) = honest_at_gamma(config, 25 * 3_600);
        let (who, before) = (owner.pubkey(), world.vm.balance(&credits_of(&world, &attacker.pubkey())));
        push(&mut world, &attacker, 90);
        let start = now(&world);
        while world.worker(&who).notice_at == 0 {
            let next = now(&world) + 600;
            at(&mut world, next);
            world.notify(&attacker, &who).expect("a look");
            assert!(now(&world) < start + 2 * DAY, "never");
        }
        let held = now(&world) - start;
        println!("{fees}: a price held up for {} minutes brings a notice", held / 60);
        assert!(held > 4 * 3_600);
        // it tops up within the hour
        let next = now(&world) + 3_599;
        at(&mut world, next);
        let lo = marks(&world.state(), &world.observations(), 0).expect("marks").lo;
        let owed = margin::value_ceil(1_000 * UNIT, lo);
        let required = margin::required_ceil(owed, Ppm(1_300_000)).expect("a requirement");
        let had = world.worker(&who);
        let deposit = worker::deposit_bond(&world.state(), &who, who, required - had.bond);
        world.vm.send(&[deposit], &[&owner]).expect("a top-up");
        let next = now(&world) + 1;
        at(&mut world, next);
        assert!(world.liquidate(&attacker, &who, 0, UNIT).expect_err("sound").is(HmmError::WorkerSound));
        unwind(&mut world, &attacker);
        let after = world.vm.balance(&credits_of(&world, &attacker.pubkey()));
        assert!(after <= before, "{fees}: the attacker gained {}", after - before);
        assert_eq!(world.worker(&who).bond, required);
        assert_eq!(world.vm.balance(&address::bond(&address::worker(&world.pool, &who))), liabilities(&world.worker(&who)));
        println!("{fees}: the attacker paid {} raw credits", before - after);
    }
}
