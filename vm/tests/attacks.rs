//! Searches for profit, against the built program, with fees at zero (fees hide rounding) and at their defaults.
//! The numbers are those of the families in the design's list of attacks. Each test prints the best it found and its budget.

mod common;

use common::*;
use hmm_client::{Amounts, LegKind};
use hmm_math::{Curve, Windows};
use hmm_vm::{
    World, WorldConfig,
    world::{CREDIT, Resource, resource},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

const MAX: u64 = u64::MAX;

fn free(config: WorldConfig) -> WorldConfig {
    WorldConfig { market_fee: 0, risk_fee: 0, ..config }
}

/// A resource without floors.
fn bare(name: &'static str, weight: u32, psi_scale: u32, psi: u64, theta: u64) -> Resource {
    Resource { name, weight, psi_scale, theta_scale: 1, min_psi: 0, min_theta: 0, psi, theta }
}

/// Pools worth attacking: ordinary, tiny, strongly curved, λ = 0, lopsided, of very different resources.
fn targets() -> Vec<(&'static str, WorldConfig)> {
    let two = |a: Resource, b: Resource, lambda: u32| WorldConfig { resources: vec![a, b], lambda, ..WorldConfig::default() };
    vec![
        ("ordinary", two(resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40), 50_000)),
        ("λ = 0", two(bare("a", 1_000_000, 1, 1_000_000, 1_000_000), bare("b", 1, 7, 3_000_000, 777_777), 0)),
        ("tiny", two(bare("a", 1_000_000, 3, 60, 1_900), bare("b", 900_000, 1, 900, 1_100), 50_000)),
        ("tiny, λ near w", two(bare("a", 1_000_000, 1, 50, 2_000), bare("b", 1_000_000, 1, 1_000, 1_300), 999_999)),
        ("lopsided", two(bare("a", 1_000, 1, 5, 1 << 40), bare("b", 1_000, 1, 1 << 40, 5_000), 900)),
        ("coarse", two(bare("a", 10, 4_000_000_000, 1_000, 900_000), bare("b", 10, 1, 90_000, 1_000), 9)),
    ]
}

/// What an attacker can do.
#[derive(Clone, Debug)]
enum Act {
    Trade(Vec<(u8, u8, u64)>),
    Add(u64),
    Remove(u64),
    Wait(u64),
}

/// An attacker with credits and vouchers against a pool whose other provider is passive.
struct Arena {
    world: World,
    saved: Saved,
    attacker: Keypair,
    credits: u64,
    vouchers: Vec<u64>,
    transactions: u64,
    /// Trades, deposits and withdrawals of the present plan that went through.
    done: u64,
}

impl Arena {
    fn new(config: WorldConfig) -> Self {
        let mut world = World::active(config);
        let attacker = world.trader();
        for (i, r) in (0u8..).zip(world.config.resources.clone()) {
            world.issue(i, r.psi.saturating_mul(4), &attacker);
        }
        Self::on(world, attacker)
    }

    fn on(world: World, attacker: Keypair) -> Self {
        let who = attacker.pubkey();
        let people = [who, world.creator().pubkey()];
        let vouchers = (0..world.config.resources.len()).map(|i| world.vm.balance(&vouchers_of(&world, &who, i as u8))).collect();
        let credits = world.vm.balance(&credits_of(&world, &who));
        Self { saved: Saved::take(&world, &people), world, attacker, credits, vouchers, transactions: 0, done: 0 }
    }

    fn reset(&mut self) {
        self.saved.restore(&mut self.world);
    }

    fn balance(&self, i: usize) -> u64 {
        self.world.vm.balance(&vouchers_of(&self.world, &self.attacker.pubkey(), i as u8))
    }

    fn shares(&self) -> u64 {
        self.world.vm.balance(&shares_of(&self.world, &self.attacker.pubkey()))
    }

    fn act(&mut self, act: &Act) {
        let (attacker, pool) = (self.attacker.insecure_clone(), self.world.state().pool);
        let count = self.vouchers.len();
        self.transactions += 1;
        // a refused act is no act
        match act {
            Act::Trade(legs) => {
                let legs = legs.iter().map(|(i, kind, amount)| leg(*i, KINDS[usize::from(*kind)], *amount));
                self.done += u64::from(self.world.swap(&attacker, legs.collect()).is_ok());
            }
            Act::Add(part) => {
                let most = (0..count).map(|i| Amounts { units: pool.psi[i] / part + 1, credits: pool.theta[i] / part + 1 });
                self.done += u64::from(self.world.add_liquidity(&attacker, most.collect(), 0, MAX).is_ok());
            }
            Act::Remove(part) => {
                let shares = self.shares() / part;
                if shares > 0 {
                    let _ = self.world.remove_liquidity(&attacker, shares);
                }
            }
            Act::Wait(slots) => self.world.vm.warp(*slots),
        }
    }

    /// Gives back all shares and evens out the vouchers; the gain in credits, or `None` if that was not possible.
    fn settle(&mut self) -> Option<i128> {
        let attacker = self.attacker.insecure_clone();
        if self.shares() > 0 {
            self.world.remove_liquidity(&attacker, self.shares()).ok()?;
        }
        for i in 0..self.vouchers.len() {
            for wait in 0.. {
                let (has, had) = (self.balance(i), self.vouchers[i]);
                let kind = match has.cmp(&had) {
                    std::cmp::Ordering::Equal => break,
                    std::cmp::Ordering::Greater => LegKind::SellExactIn,
                    std::cmp::Ordering::Less => LegKind::BuyExactOut,
                };
                let mut amount = has.abs_diff(had);
                // the fee may refuse a large move: piecewise, with time in between
                self.transactions += 1;
                while self.world.swap(&attacker, vec![leg(i as u8, kind, amount)]).is_err() {
                    self.transactions += 1;
                    amount /= 2;
                    if amount == 0 {
                        break;
                    }
                }
                if amount == 0 && kind == LegKind::SellExactIn {
                    break; // worth less than a credit: left with the attacker, valued at nothing
                }
                if wait > 40 || amount == 0 {
                    return None;
                }
                if has.abs_diff(had) != amount {
                    self.world.vm.warp(400);
                }
            }
        }
        let credits = self.world.vm.balance(&credits_of(&self.world, &self.attacker.pubkey()));
        Some(i128::from(credits) - i128::from(self.credits))
    }

    /// The gain of a plan; `None` if it did nothing, or the attacker could not get back to the vouchers of the start.
    fn value(&mut self, plan: &[Act]) -> Option<i128> {
        self.reset();
        self.done = 0;
        for act in plan {
            self.act(act);
        }
        if self.done == 0 { None } else { self.settle() }
    }
}

fn random_act(rng: &mut Rng, arena: &Arena, liquidity: bool) -> Act {
    let pool = arena.world.state().pool;
    let count = arena.vouchers.len() as u64;
    match rng.range(0, if liquidity { 9 } else { 6 }) {
        0 => Act::Wait(rng.log(1, 400)),
        7 | 8 => Act::Add(rng.log(1, 1_000)),
        9 => Act::Remove(rng.log(1, 8)),
        _ => {
            let both = rng.one_in(2);
            let first = rng.range(0, count - 1);
            let legs = (0..count).filter(|k| both || *k == 0).map(|k| {
                let i = (first + k) % count;
                let kind = rng.range(0, 3) as u8;
                let of = if kind == 1 || kind == 2 { pool.psi[i as usize] } else { pool.theta[i as usize] };
                let amount = if rng.one_in(3) { rng.range(1, 12) } else { rng.log(1, of.max(1)) };
                (i as u8, kind, amount)
            });
            Act::Trade(legs.collect())
        }
    }
}

/// Random plans, then changes to the best ones.
fn search(rng: &mut Rng, arena: &mut Arena, budget: u64, liquidity: bool) -> (i128, Vec<Act>) {
    let mut best: Vec<(i128, Vec<Act>)> = Vec::new();
    for round in 0..budget {
        let mut plan = match best.is_empty() || round < budget / 2 {
            true => {
                arena.reset();
                (0..rng.range(1, 7)).map(|_| random_act(rng, arena, liquidity)).collect()
            }
            false => rng.pick(&best).1.clone(),
        };
        if round >= budget / 2 && !plan.is_empty() {
            let at = rng.range(0, plan.len() as u64 - 1) as usize;
            match rng.range(0, 3) {
                0 => plan[at] = random_act(rng, arena, liquidity),
                1 => plan.insert(at, random_act(rng, arena, liquidity)),
                2 if plan.len() > 1 => drop(plan.remove(at)),
                _ => {
                    if let Act::Trade(legs) = &mut plan[at] {
                        let by = rng.range(0, 4);
                        legs[0].2 = (legs[0].2 + by).saturating_sub(2).max(1);
                    }
                }
            }
        }
        if let Some(gain) = arena.value(&plan) {
            best.push((gain, plan));
            best.sort_by_key(|(gain, _)| -gain);
            best.truncate(12);
        }
    }
    best.into_iter().next().expect("a plan")
}

/// V1, V2, V4: trades of one or both resources in any order, split any way, of any kind, with pauses; then back to the vouchers of the start.
/// V5 with V1: the same with deposits and withdrawals in between.
#[test]
fn v1_v2_v4_v5_no_plan_gains() {
    const BUDGET: u64 = 1_200;
    let mut rng = Rng::new("v1_v2_v4_v5", 0xa77a_c001);
    for (name, config) in targets() {
        for (fees, config) in [("no fees", free(config.clone())), ("default fees", config)] {
            let mut arena = Arena::new(config);
            for liquidity in [false, true] {
                let (gain, plan) = search(&mut rng, &mut arena, BUDGET, liquidity);
                let what = if liquidity { "trades and liquidity" } else { "trades" };
                println!("{name}, {fees}, {what}: best {gain} raw credits, {BUDGET} plans");
                assert!(gain <= 0, "{name}, {fees}: {gain} by {plan:?}");
            }
            println!("  {} transactions", arena.transactions);
        }
    }
}

/// V2: a grind of the smallest possible trades at tiny reserves, thousands in a row. (With the wrong rounding this takes all of Θ.)
#[test]
fn v2_grinding_dust() {
    let mut rng = Rng::new("v2_grinding_dust", 0xa77a_c002);
    let mut worst = i128::MIN;
    let mut trades = 0u64;
    for (fees, percent) in [("no fees", 0), ("default fees", 1)] {
        for _ in 0..24 {
            let lambda = *rng.pick(&[0, 1, 50_000, 999_999]) as u32;
            let sides = [(); 4].map(|()| rng.range(2, 60));
            // enough for the locked shares: the second resource is large
            let config = WorldConfig {
                resources: vec![
                    bare("a", 1_000_000, rng.range(1, 9) as u32, sides[0], sides[1]),
                    bare("b", 1_000_000, 1, 5_000 + sides[2], 5_000 + sides[3]),
                ],
                lambda,
                ..WorldConfig::default()
            };
            let mut arena = Arena::new(if percent == 0 { free(config) } else { config });
            let attacker = arena.attacker.insecure_clone();
            for _ in 0..60 {
                let buy = if rng.one_in(2) {
                    leg(0, LegKind::BuyExactOut, rng.range(1, 3))
                } else {
                    leg(0, LegKind::BuyExactIn, rng.range(1, 40))
                };
                let sell = if rng.one_in(2) {
                    leg(0, LegKind::SellExactIn, rng.range(1, 3))
                } else {
                    leg(0, LegKind::SellExactOut, rng.range(1, 40))
                };
                for leg in if rng.one_in(2) { [buy, sell] } else { [sell, buy] } {
                    trades += u64::from(arena.world.swap(&attacker, vec![leg]).is_ok());
                }
            }
            if let Some(gain) = arena.settle() {
                worst = worst.max(gain);
                assert!(gain <= 0, "{fees}: {gain}");
            }
        }
    }
    println!("best of 48 grinds: {worst} raw credits, {trades} trades went through");
}

/// V5: the first depositor with the smallest deposit, a donation, an inflated share; the victim deposits afterwards. Whatever the
/// attacker gains the victim must lose: the victim's deposit comes back whole but for a unit of rounding a side.
#[test]
fn v5_first_depositor_and_donation() {
    let mut rng = Rng::new("v5_first_depositor", 0xa77a_c005);
    let mut worst = 0u128;
    for _ in 0..60 {
        let (psi, theta) = (rng.log(1_002, 1_000_000), rng.log(1_002, 1_000_000));
        let config = free(WorldConfig { resources: vec![bare("a", 1_000_000, 1, psi, theta)], lambda: 0, ..WorldConfig::default() });
        let mut world = World::active(config);
        let (creator, victim) = (world.creator(), world.trader());
        world.issue(0, 1 << 40, &creator);
        world.issue(0, 1 << 40, &victim);
        // the attacker takes almost everything out, trades, gives to the vault
        let shares = world.vm.balance(&shares_of(&world, &creator.pubkey()));
        let _ = world.remove_liquidity(&creator, shares - rng.range(0, 2).min(shares - 1));
        for _ in 0..rng.range(0, 4) {
            let pool = world.state().pool;
            let kind = *rng.pick(&KINDS);
            let _ = world.swap(&creator, vec![leg(0, kind, rng.log(1, pool.theta[0].max(pool.psi[0]) * 100))]);
        }
        let vault = world.state().pool.credit_vault;
        let gift = rng.log(1, 1 << 45);
        let balance = world.vm.balance(&vault);
        set_balance(&mut world.vm, &vault, balance + gift);

        let before = world.state().pool;
        let most = vec![Amounts { units: rng.log(1, 1 << 40), credits: rng.log(1, 1 << 40) }];
        let start = world.vm.balance(&credits_of(&world, &victim.pubkey()));
        let units = world.vm.balance(&vouchers_of(&world, &victim.pubkey(), 0));
        if world.add_liquidity(&victim, most, 0, MAX).is_err() {
            continue;
        }
        let paid = (
            units - world.vm.balance(&vouchers_of(&world, &victim.pubkey(), 0)),
            start - world.vm.balance(&credits_of(&world, &victim.pubkey())),
        );
        let got = world.vm.balance(&shares_of(&world, &victim.pubkey()));
        world.remove_liquidity(&victim, got).expect("a withdrawal");
        let lost = (
            units - world.vm.balance(&vouchers_of(&world, &victim.pubkey(), 0)),
            start - world.vm.balance(&credits_of(&world, &victim.pubkey())),
        );
        assert!(lost.0 <= 1 && lost.1 <= 1, "paid {paid:?}, lost {lost:?} in {before:?}");
        worst = worst.max(u128::from(lost.0 + lost.1));
    }
    println!("60 inflations: the victim loses at most {worst} raw units and credits together, by rounding");
}

/// V5: a deposit sandwiched: the attacker moves the price, the victim deposits in proportion to the moved reserves, the attacker moves it
/// back. What protects the victim is `most` and `min_shares`; with them at the clients' default of half a percent, and with fees, there is nothing in it.
#[test]
fn v5_sandwiched_deposit() {
    const BUDGET: u64 = 250;
    let mut rng = Rng::new("v5_sandwiched_deposit", 0xa77a_c015);
    let config = WorldConfig { resources: vec![resource("gpu", 10_000, 2_500)], max_fee: 500_000, ..WorldConfig::default() };
    for (fees, config) in [("no fees", free(config.clone())), ("default fees", config)] {
        for limited in [false, true] {
            let mut arena = Arena::new(config.clone());
            let (attacker, victim) = (arena.attacker.insecure_clone(), arena.world.creator());
            let creator_units = arena.world.config.resources[0].psi;
            arena.world.issue(0, creator_units, &victim);
            arena = Arena::on(arena.world, attacker.insecure_clone());
            let mut best = (i128::MIN, 0, 0);
            let mut went_through = 0;
            for _ in 0..BUDGET {
                arena.reset();
                let state = arena.world.state();
                let part = rng.range(1, 20);
                let most = vec![Amounts { units: state.pool.psi[0] / part, credits: state.pool.theta[0] / part }];
                let quoted = hmm_client::liquidity::quote_add(&state, &most, MAX).expect("a quote").shares;
                let min_shares = if limited { quoted / 200 * 199 } else { 0 };
                let amount = rng.log(1_000_000, state.pool.psi[0] / 2);
                let kind = if rng.one_in(2) { LegKind::BuyExactOut } else { LegKind::SellExactIn };
                if arena.world.swap(&attacker, vec![leg(0, kind, amount)]).is_err()
                    || arena.world.add_liquidity(&victim, most, min_shares, MAX).is_err()
                {
                    continue;
                }
                went_through += 1;
                if let Some(gain) = arena.settle() {
                    best = best.max((gain, amount, part));
                }
            }
            let theta = arena.world.config.resources[0].theta;
            let share = best.0 as f64 / theta as f64 * 100.0;
            println!(
                "{fees}, limits {limited}: best {} raw credits ({share:.4} % of Θ), {went_through} of {BUDGET} deposits went through",
                best.0
            );
            if limited {
                // half a percent of slippage on the largest deposit, a whole pool: its square is what can be taken
                assert!(share < 0.01, "{best:?}");
            }
            if limited && fees == "default fees" {
                assert!(best.0 <= 0, "{best:?}");
            }
        }
    }
}

/// V6: liquidity that comes just before a trade and goes just after it gets none of its fee; who stays a part of the next window gets
/// its share of that part.
#[test]
fn v6_just_in_time_liquidity() {
    let config = WorldConfig { resources: vec![resource("gpu", 10_000, 2_500)], lambda: 0, risk_window: 150, ..WorldConfig::default() };
    let mut arena = Arena::new(config.clone());
    let (attacker, victim) = (arena.attacker.insecure_clone(), arena.world.creator());
    let psi = arena.world.config.resources[0].psi;
    let all = vec![Amounts { units: psi * 3, credits: arena.world.config.resources[0].theta * 3 }];
    // a window begins
    let mut clock = arena.world.vm.clock();
    clock.slot = 150_000;
    arena.world.vm.svm.set_sysvar(&clock);
    arena = Arena::on(arena.world, attacker.insecure_clone());

    let mut taken = Vec::new();
    for (name, enter, leave) in [
        ("in and out around the trade", 0, 0),
        ("out at the end of the window", 0, 149),
        ("in at the end of the window, out in the first slot of the next", 149, 150),
        ("a tenth of the next window", 0, 165),
        ("half of the next window", 0, 225),
        ("the last slot of the drip alone", 298, 299),
        ("the whole next window", 0, 300),
        ("in after a long silence, out at once", 10_000, 10_000),
    ] {
        arena.reset();
        let world = &mut arena.world;
        if enter == 0 {
            world.add_liquidity(&attacker, all.clone(), 0, MAX).expect("a deposit");
        }
        world.swap(&victim, vec![leg(0, LegKind::BuyExactOut, psi / 4)]).expect("the victim's trade");
        let fee = pending(&world.state().pool, 0);
        world.vm.warp(enter);
        if enter > 0 {
            world.add_liquidity(&attacker, all.clone(), 0, MAX).expect("a deposit");
        }
        let before = world.state();
        // what the reserves alone would pay, without anything that dripped since
        let shares = world.vm.balance(&shares_of(world, &attacker.pubkey()));
        let part = |held: u64| (u128::from(shares) * u128::from(held) / u128::from(before.pool.shares)) as u64;
        let without = part(before.pool.theta[0] - if enter > 0 { 0 } else { fee - pending(&before.pool, 0) });
        let wallet = world.vm.balance(&credits_of(world, &attacker.pubkey()));
        world.vm.warp(leave - enter);
        world.remove_liquidity(&attacker, shares).expect("a withdrawal");
        let got = world.vm.balance(&credits_of(world, &attacker.pubkey())) - wallet;
        let of_fee = (got - without) as f64 / fee as f64;
        println!("{name}: {:.4} of the trade's LP fee, with {:.2} of the shares", of_fee, shares as f64 / before.pool.shares as f64);
        taken.push(of_fee);
    }
    for at_once in [0, 1, 2, 7] {
        assert_eq!(taken[at_once], 0.0);
    }
    // three quarters of the shares, times the part of the window they stayed
    for (i, part) in [(3, 0.1), (4, 0.5), (5, 1.0 / 150.0), (6, 1.0)] {
        assert!(taken[i] <= 0.7501 * part && taken[i] > 0.68 * part, "{i}: {}", taken[i]);
    }
}

/// V6: fees drip into Θ alone and so raise the price: who holds the part d/Ψ of the units while F drips can sell them for F·d/Ψ more. That
/// is a known limit: it pays only where F/Θ, a window's LP fees, exceeds the fees of buying and selling. How much is in it?
#[test]
fn v6_trading_around_the_drip() {
    const BUDGET: u64 = 1_500;
    let mut rng = Rng::new("v6_trading_around_the_drip", 0xa77a_c006);
    // (f_m, λ_r, F/Θ in parts per thousand, the most of F that may be found)
    for (market_fee, risk_fee, part, most) in [
        (3_000, 100_000, 5, 0.0),
        (3_000, 100_000, 20, 0.02),
        (3_000, 100_000, 50, 0.08),
        (1_000, 50_000, 5, 0.01),
        (1_000, 50_000, 20, 0.1),
    ] {
        let config = WorldConfig { resources: vec![resource("gpu", 10_000, 2_500)], market_fee, risk_fee, ..WorldConfig::default() };
        let mut arena = Arena::new(config);
        let slot = arena.world.vm.clock().slot;
        // a victim's fee is pending, all of it to come in the next window
        let mut r = arena.world.state().reserve(0).expect("a resource");
        let fee = r.theta.0 / 1_000 * part;
        r.windows = Windows { window: slot / 150, pending_cur: fee, ..Windows::default() };
        edit_pool(&mut arena.world, |pool| store(pool, 0, &r));
        let vault = arena.world.state().pool.credit_vault;
        let held = arena.world.vm.balance(&vault);
        set_balance(&mut arena.world.vm, &vault, held + fee);
        let attacker = arena.attacker.insecure_clone();
        let mut arena = Arena::on(arena.world, attacker);
        let (mut best, mut best_plan) = (i128::MIN, Vec::new());
        for round in 0..BUDGET {
            let psi = arena.world.config.resources[0].psi;
            let mut plan = Vec::new();
            if round % 2 == 0 {
                // bought before, sold after
                plan.push(Act::Trade(vec![(0, 1, rng.log(psi / 10_000, psi / 4))]));
                plan.push(Act::Wait(rng.range(100, 460)));
            } else {
                for _ in 0..rng.range(1, 5) {
                    plan.push(Act::Trade(vec![(0, if rng.one_in(2) { 1 } else { 2 }, rng.log(1_000, psi / 4))]));
                    plan.push(Act::Wait(*rng.pick(&[1, 10, 75, 150, 300, 451])));
                }
            }
            if let Some(gain) = arena.value(&plan)
                && gain > best
            {
                (best, best_plan) = (gain, plan);
            }
        }
        let share = best as f64 / fee as f64;
        println!(
            "f_m {market_fee} ppm, λ_r {risk_fee} ppm, F = {:.1} % of Θ: best {best} raw credits, {:.2} % of F, {:.4} % of Θ, {BUDGET} plans: {best_plan:?}",
            part as f64 / 10.0,
            share * 100.0,
            best as f64 / r.theta.0 as f64 * 100.0
        );
        assert!(share <= most, "{best_plan:?}");
    }
}

/// V8: cutting a trade into pieces to dodge the risk fee. Inside a window it saves nothing but the rounding of the rate, which is a
/// whole number of parts per billion. Across windows the fee forgets, as it is meant to: printed is what waiting saves.
#[test]
fn v8_splitting_to_dodge_the_risk_fee() {
    let mut rng = Rng::new("v8_splitting", 0xa77a_c008);
    let config = WorldConfig { resources: vec![resource("gpu", 10_000, 2_500)], max_fee: 500_000, ..WorldConfig::default() };
    let mut arena = Arena::new(config);
    let psi = arena.world.config.resources[0].psi;
    let mut clock = arena.world.vm.clock();
    clock.slot = 150_000;
    arena.world.vm.svm.set_sysvar(&clock);
    let attacker = arena.attacker.insecure_clone();
    let mut arena = Arena::on(arena.world, attacker.insecure_clone());
    // credits paid (buy, negative) or received (sell) for `units` in these pieces, `gap` slots apart
    let cost = |arena: &mut Arena, kind: LegKind, pieces: &[u64], gap: u64| -> Option<i128> {
        arena.reset();
        let start = arena.world.vm.balance(&credits_of(&arena.world, &attacker.pubkey()));
        for units in pieces {
            arena.world.swap(&attacker, vec![leg(0, kind, *units)]).ok()?;
            arena.world.vm.warp(gap);
        }
        Some(i128::from(arena.world.vm.balance(&credits_of(&arena.world, &attacker.pubkey()))) - i128::from(start))
    };
    for kind in [LegKind::BuyExactOut, LegKind::SellExactIn] {
        let units = psi / 10;
        let whole = cost(&mut arena, kind, &[units], 0).expect("a trade");
        let mut best = i128::MIN;
        for _ in 0..120 {
            let n = rng.range(2, 12);
            let mut left = units;
            let mut pieces = Vec::new();
            for k in 0..n {
                let piece = if k + 1 == n { left } else { rng.log(1, (left / 2).max(1)) };
                left -= piece;
                pieces.push(piece);
            }
            // all inside one window
            let gap = rng.range(0, 149 / n);
            if let Some(paid) = cost(&mut arena, kind, &pieces, gap) {
                best = best.max(paid - whole);
            }
        }
        for n in [2, 5, 20, 100] {
            best = best.max(cost(&mut arena, kind, &vec![units / n; n as usize], 0).expect("pieces") - whole);
        }
        let share = best as f64 / whole.unsigned_abs() as f64;
        println!("{kind:?} of a tenth of Ψ: whole {whole}, the best of 124 splits inside a window {best} against it ({share:.1e})");
        // the rate of the whole, and the move in it, are rounded up by less than a part per billion each
        assert!(share <= 2e-9, "{kind:?}: {share}");
        for (n, gap) in [(10, 15), (10, 75), (10, 150), (10, 300), (100, 3), (100, 300)] {
            if let Some(paid) = cost(&mut arena, kind, &vec![units / n; n as usize], gap) {
                let saved = (paid - whole) as f64 / whole.unsigned_abs() as f64 * 100.0;
                println!("  {n} pieces, {gap} slots apart: saves {saved:.3} % of the whole");
            }
        }
        // own liquidity around the trade: a deeper pool, the same move, more fee
        for part in [1, 3, 10] {
            arena.reset();
            let start = arena.world.vm.balance(&credits_of(&arena.world, &attacker.pubkey()));
            let had = arena.balance(0);
            arena.act(&Act::Add(part));
            // as much as leaves the attacker with the same units in the end
            let trade = units + units / part;
            if arena.world.swap(&attacker, vec![leg(0, kind, trade)]).is_ok() {
                arena.act(&Act::Remove(1));
                let paid = i128::from(arena.world.vm.balance(&credits_of(&arena.world, &attacker.pubkey()))) - i128::from(start);
                let moved = arena.balance(0).abs_diff(had);
                println!("  behind own liquidity of 1/{part}: {} units for {}", moved, paid);
                assert!(moved <= units + 2 && paid < whole, "own liquidity saves {}", paid - whole);
            }
        }
    }
}

/// V18: dust. Fees round up on each trade, their parts add up to the whole, and collecting often loses nothing.
#[test]
fn v18_dust_of_fee_parts() {
    let mut rng = Rng::new("v18_dust", 0xa77a_c018);
    let mut arena =
        Arena::new(WorldConfig { resources: vec![bare("a", 1_000_000, 1, 1 << 40, 1 << 40)], lambda: 0, ..WorldConfig::default() });
    let attacker = arena.attacker.insecure_clone();
    let stranger = hmm_vm::world::keypair("stranger");
    arena.world.vm.svm.airdrop(&stranger.pubkey(), CREDIT).expect("lamports");
    let (mut fees, mut volume, mut collected, mut refused_to) = (0u64, 0u64, (0u64, 0u64), 0);
    let supply = arena.world.vm.supply(&arena.world.credit_mint);
    let treasury = arena.world.vm.balance(&arena.world.treasury);
    for _ in 0..1_500 {
        let kind = *rng.pick(&KINDS);
        let Ok(receipt) = arena.world.swap(&attacker, vec![leg(0, kind, rng.range(1, 2_000))]) else { continue };
        let [hmm_client::HmmEvent::Swapped(event)] = &receipt.events[..] else { panic!("one event") };
        let done = &event.legs[0];
        assert!(done.fee >= 1, "a trade without a fee");
        fees += done.fee;
        volume += if kind.is_buy() { done.credits } else { done.credits + done.fee };
        if rng.one_in(5) {
            // a stranger collects whatever there is
            let due = (arena.world.state().pool.burn_due, arena.world.state().pool.treasury_due);
            let ix = collect_ix(&arena.world);
            match arena.world.vm.send(&[ix], &[&stranger]) {
                Ok(_) => collected = (collected.0 + due.0, collected.1 + due.1),
                Err(failure) => {
                    assert!(failure.is(hmm_client::HmmError::NothingToCollect) && due == (0, 0));
                    refused_to += 1;
                }
            }
        }
        check_books(&arena.world, 0);
        let pool = arena.world.state().pool;
        assert_eq!(
            fees,
            collected.0 + collected.1 + pool.burn_due + pool.treasury_due + pool.pending_current[0],
            "the parts are the whole"
        );
    }
    assert_eq!(arena.world.vm.supply(&arena.world.credit_mint), supply - collected.0);
    assert_eq!(arena.world.vm.balance(&arena.world.treasury), treasury + collected.1);
    let pool = arena.world.state().pool;
    let burned = collected.0 + pool.burn_due;
    println!(
        "fees {fees} on {volume} credits of dust ({:.2} %, f_m is 0.30 %); burned {burned} ({:.1} % of them, ζ is 25 %: floors favour the LPs); {refused_to} empty collections",
        fees as f64 / volume as f64 * 100.0,
        burned as f64 / fees as f64 * 100.0
    );
    assert!(u128::from(fees) * 1_000 >= u128::from(volume) * 3, "dust dodges the fee");
}

/// V3, from outside: no instruction makes a pool whose λ reaches a weight, or whose curve is none.
#[test]
fn v3_no_curve_that_is_none() {
    let mut rng = Rng::new("v3_curves", 0xa77a_c003);
    let mut accepted = 0;
    for _ in 0..40 {
        let lambda = *rng.pick(&[0, 1, 50_000, 999_999, 1_000_000, u32::MAX]);
        let mut world = World::market_only(WorldConfig { lambda, ..free(WorldConfig::default()) });
        let creator = world.creator();
        world.pool = hmm_client::address::pool(&world.market, 0);
        let create = world.create_pool_ix(0);
        world.vm.send(&[create], &[&creator]).expect("an empty pool takes any λ: it is held against each weight");
        for place in 0..8 {
            let weight = *rng.pick(&[0, 1, 2, lambda, lambda.saturating_add(1), 1_000_000, 1_000_001, u32::MAX]);
            let (psi_scale, theta_scale) = (*rng.pick(&[0, 1, u32::MAX]), *rng.pick(&[0, 1, u32::MAX]));
            world.config.resources = vec![Resource { weight, psi_scale, theta_scale, ..resource("x", 1, 1) }];
            let mut ix = world.add_resource_ix(0);
            let next = world.state().pool.resource_count;
            ix.accounts[2].pubkey = hmm_client::address::voucher_mint(&world.pool, next);
            let valid = Curve { weight, lambda, psi_scale, theta_scale }.validate().is_ok();
            assert_eq!(valid, weight > lambda && weight <= 1_000_000 && psi_scale > 0 && theta_scale > 0);
            assert_eq!(world.vm.send(&[ix], &[&creator]).is_ok(), valid, "λ {lambda}, w {weight}, place {place}");
            accepted += u64::from(valid);
        }
    }
    assert!(accepted > 20);
}

/// Liveness: trading back and forth fills the risk buckets until the fee of every trade would exceed the maximum. It costs a part of Θ, goes
/// to the LPs, blocks nobody's withdrawal, and is over after two windows.
#[test]
fn filling_the_risk_bucket() {
    let config = WorldConfig { resources: vec![resource("gpu", 10_000, 2_500)], ..WorldConfig::default() };
    let psi = config.resources[0].psi;
    let mut least = f64::MAX;
    for pieces in [5, 25, 100] {
        let mut arena = Arena::new(config.clone());
        let mut clock = arena.world.vm.clock();
        clock.slot = 150_000;
        arena.world.vm.svm.set_sysvar(&clock);
        let (attacker, other) = (arena.attacker.insecure_clone(), arena.world.creator());
        let trade = |world: &World, units: u64| {
            let refusal = hmm_client::quote(&world.state(), &[leg(0, LegKind::BuyExactOut, units)]).refusal;
            refusal.is_some_and(|refusal| refusal.code == hmm_client::HmmError::FeeAboveMax as u32)
        };
        let mut buy = true;
        while !trade(&arena.world, psi / 100) {
            let kind = if buy { LegKind::BuyExactOut } else { LegKind::SellExactIn };
            buy = !buy;
            if arena.world.swap(&attacker, vec![leg(0, kind, psi / pieces)]).is_err() {
                // the last ones must be smaller
                arena.world.swap(&attacker, vec![leg(0, kind, psi / 200)]).expect("a small trade");
            }
        }
        // everybody else: no trade, but the way out is open
        assert!(arena.world.swap(&other, vec![leg(0, LegKind::BuyExactOut, psi / 100)]).is_err());
        arena.world.remove_liquidity(&other, 1_000_000).expect("a withdrawal");
        let mut slots = 0;
        while trade(&arena.world, psi / 100) {
            arena.world.vm.warp(1);
            slots += 1;
        }
        let cost = arena.settle().expect("even again");
        let share = -cost as f64 / arena.world.config.resources[0].theta as f64 * 100.0;
        println!("pieces of 1/{pieces}: costs {share:.3} % of Θ, then no trade of 1 % for {slots} slots");
        least = least.min(share);
        assert!(slots <= 300);
    }
    assert!(least > 1.0, "cheap: {least} % of Θ");
}
