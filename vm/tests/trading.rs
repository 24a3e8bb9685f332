//! What trading keeps, on random states and long random sequences: quotes are swaps, κ never falls, the books balance, donations
//! count for nothing, fees drip and none is lost.

mod common;

use common::{Tally, *};
use hmm_client::{Amounts, HmmEvent, Leg, LegKind, Quote, address, generated::instructions::*, swap};
use hmm_math::{Curve, PPB, Ppm, Reserve};
use hmm_vm::{World, WorldConfig, world::resource};
use solana_keypair::Keypair;
use solana_signer::Signer;

const MAX: u64 = u64::MAX;

/// Five plain resources; [`stage`] and the tests put in what they need.
fn plain() -> WorldConfig {
    let resources = ["a", "b", "c", "d", "e"].map(|name| hmm_vm::world::Resource { min_psi: 0, min_theta: 0, ..resource(name, 10, 1) });
    WorldConfig { resources: resources.to_vec(), ..WorldConfig::default() }
}

/// A valid curve: weights, λ and scales of every size.
fn random_curve(rng: &mut Rng, lambda: u32) -> Curve {
    let weight = rng.log(u64::from(lambda) + 1, 1_000_000) as u32;
    let scale = |rng: &mut Rng| if rng.one_in(3) { 1 } else { rng.log(1, u32::MAX.into()) as u32 };
    Curve { weight, lambda, psi_scale: scale(rng), theta_scale: scale(rng) }
}

/// A reserve somewhere in the middle of its windows, with floors.
fn random_reserve(rng: &mut Rng, lambda: u32, slot: u64, risk_window: u32) -> Reserve {
    let curve = random_curve(rng, lambda);
    // Θ of five resources fits one vault
    let (psi, theta) = (rng.log(1, MAX / 2), rng.log(1, MAX / 16));
    let mut r = reserve(curve, psi, theta);
    if rng.one_in(3) {
        (r.min_psi.0, r.min_theta.0) = (rng.log(1, psi), rng.log(1, theta));
    }
    let window = slot / u64::from(risk_window);
    r.windows.window = window - rng.range(0, 3).min(window);
    if !rng.one_in(3) {
        (r.windows.move_cur, r.windows.move_prev) = (rng.log(1, PPB) - 1, rng.log(1, PPB) - 1);
        (r.windows.pending_cur, r.windows.pending_prev) = (rng.log(1, MAX / 64) - 1, rng.log(1, MAX / 64) - 1);
        r.windows.dripped = r.windows.pending_prev.min(rng.log(1, MAX / 64) - 1);
    }
    r
}

/// A leg of any kind and size, now and then at an end of u64, of a resource that is not there, or named twice.
fn random_leg(rng: &mut Rng, resource: u8, r: &Reserve) -> Leg {
    let kind = *rng.pick(&KINDS);
    let (psi, theta) = (r.psi.0.max(2), r.theta.0.max(2));
    let fraction = |rng: &mut Rng, of: u64| match rng.range(0, 7) {
        0 => rng.log(1, MAX),
        1 => rng.log(1, of.max(1)),
        _ => rng.range(of / 1_000, of),
    };
    let amount = match (kind, rng.range(0, 19)) {
        (_, 0) => *rng.pick(&[0, 1, 2, MAX, MAX - 1, psi, psi - 1, theta, theta - 1]),
        (LegKind::BuyExactOut | LegKind::SellExactIn, _) => fraction(rng, psi / 4),
        _ => fraction(rng, theta / 4),
    };
    Leg::unlimited(resource, kind, amount.max(u64::from(!rng.one_in(50))))
}

/// On 10,000 random states: the program's quote, the client's, and what a swap does are the same to the unit; where one refuses, all
/// refuse, for the same reason.
#[test]
fn quote_is_swap() {
    const STATES: u64 = 10_000;
    let mut rng = Rng::new("quote_is_swap", 0x5eed_0001);
    let mut world = World::active(plain());
    let (trader, mut tally) = (world.trader(), Tally::new());
    let who = trader.pubkey();
    for state in 0..STATES {
        if state % 500 == 0 {
            let batched = (state / 500) % 2 == 0;
            edit_market(&mut world, |market| market.batch_token_calls = batched);
        }
        // a market
        let risk_window = rng.log(1, u32::MAX.into()) as u32;
        let free = rng.one_in(4);
        edit_market(&mut world, |market| {
            market.risk_window = risk_window;
            market.max_fee = rng.log(1, 500_000) as u32;
            market.market_fee = if free { 0 } else { rng.range(0, market.max_fee.into()) as u32 };
            market.risk_fee = if free { 0 } else { rng.log(1, 1_000_000) as u32 - 1 };
            (market.burn_share, market.lp_share) = (rng.range(0, 1_000_000) as u32, rng.range(0, 1_000_000) as u32);
            if rng.one_in(2) && !free {
                (market.market_fee, market.risk_fee, market.max_fee) = (3_000, 100_000, 500_000);
            }
        });
        // a pool on it
        let slot = world.vm.clock().slot;
        let lambda = if rng.one_in(3) { 0 } else { rng.log(1, 999_999) as u32 };
        let reserves: Vec<_> = (0..5).map(|_| random_reserve(&mut rng, lambda, slot, risk_window)).collect();
        stage(&mut world, lambda, &reserves);
        if rng.one_in(2) {
            world.vm.warp(rng.log(1, 1_000));
        }
        // a trade
        let mut order = [0u8, 1, 2, 3, 4];
        for i in (1..5).rev() {
            order.swap(i, rng.range(0, i as u64) as usize);
        }
        let count = rng.range(1, 5) as usize;
        let mut legs: Vec<_> = order[..count].iter().map(|i| random_leg(&mut rng, *i, &reserves[usize::from(*i)])).collect();
        if rng.one_in(100) {
            legs[count - 1].resource = *rng.pick(&[0, 5, 8, 31, 32, 255]);
        }

        let (before, client) = (world.state(), hmm_client::quote(&world.state(), &legs));
        let quote = hmm_client::generated::instructions::Quote { market: world.market, pool: world.pool };
        let asked = world.vm.simulate(&[quote.instruction(QuoteInstructionArgs { legs: legs.clone() })], &[&trader]);
        let asked = asked.unwrap_or_else(|failure| panic!("state {state}: {failure}"));
        let chain: Quote = borsh::from_slice(&asked.return_data).expect("a quote");
        assert_eq!(chain, client, "state {state}: {legs:?}");

        if let Some(refusal) = &chain.refusal {
            let name = refusal_name(refusal.code);
            *tally.entry(name).or_default() += 1;
            let failure = world.swap(&trader, legs).expect_err("what a quote refuses");
            let said = failure.refusal.unwrap_or_else(|| panic!("state {state}: no reason: {failure}"));
            let what = hmm_client::event::Expectation::Number { expected: refusal.expected, found: refusal.found };
            assert_eq!((said.code, said.subject, said.what), (refusal.code, refusal.subject, what), "state {state}");
            continue;
        }
        // with limits exactly at the quote
        for (leg, quoted) in legs.iter_mut().zip(&chain.legs) {
            leg.limit = if matches!(leg.kind, LegKind::BuyExactIn | LegKind::SellExactOut) { quoted.units } else { quoted.credits };
        }
        let wallet = |world: &World, i: u8| world.vm.balance(&vouchers_of(world, &who, i));
        let credits = world.vm.balance(&credits_of(&world, &who));
        let vouchers: Vec<_> = (0..5).map(|i| wallet(&world, i)).collect();
        let ix = swap::swap(&before, who, legs.clone(), chain.net, before.unix_timestamp);
        let result = world.vm.send(&[ix], &[&trader]);
        let affordable = i128::from(chain.net) <= i128::from(credits)
            && legs.iter().zip(&chain.legs).all(|(leg, q)| leg.kind.is_buy() || q.units <= vouchers[usize::from(leg.resource)]);
        let receipt = match result {
            Ok(receipt) => receipt,
            // the token program has the last word on what the trader has
            Err(failure) if !affordable && failure.code() == Some(1) => {
                *tally.entry("not affordable".into()).or_default() += 1;
                continue;
            }
            Err(failure) => panic!("state {state}: quoted, then refused: {failure}"),
        };
        *tally.entry("traded".into()).or_default() += 1;
        let [HmmEvent::Swapped(event)] = &receipt.events[..] else { panic!("one event") };
        assert_eq!(event.net, chain.net);
        assert_eq!(i128::from(credits) - i128::from(world.vm.balance(&credits_of(&world, &who))), chain.net.into());
        for ((leg, quoted), done) in legs.iter().zip(&chain.legs).zip(&event.legs) {
            assert_eq!(
                (done.units, done.credits, done.fee, done.burned, done.to_lps),
                (quoted.units, quoted.credits, quoted.fee, quoted.burn, quoted.to_lps)
            );
            let (had, has) = (vouchers[usize::from(leg.resource)], wallet(&world, leg.resource));
            assert_eq!(has, if leg.kind.is_buy() { had + quoted.units } else { had - quoted.units });
        }
        let (old, new) = (kappas(&before), kappas(&world.state()));
        assert!(old.iter().zip(&new).all(|(old, new)| old <= new), "state {state}: κ fell");
        check_books(&world, 0);
    }
    println!("{tally:?}");
    assert!(tally["traded"] > STATES / 3, "too few trades to mean anything: {tally:?}");
}

fn refusal_name(code: u32) -> String {
    let what = hmm_client::event::Expectation::Number { expected: 0, found: 0 };
    format!("{:?}", hmm_client::HmmRefusal { code, subject: 0, what }.error().expect("a code"))
}

/// What a random sequence does and watches.
struct Walk {
    world: World,
    rng: Rng,
    donated: u64,
    tally: Tally,
    people: Vec<Keypair>,
    /// Credits anywhere: wallets, vault, treasury; falls by what is burned, and by nothing else.
    burned: u64,
    total: u64,
    /// Of the first deposit.
    shares: u64,
}

impl Walk {
    fn new(test: &str, seed: u64, config: WorldConfig) -> Self {
        let mut world = World::active(config);
        let authority = world.authority();
        world.open_vouchers(&authority);
        for (i, r) in (0u8..).zip(world.config.resources.clone()) {
            let trader = world.trader();
            world.issue(i, r.psi, &trader);
        }
        let people = vec![world.creator(), world.trader(), authority];
        let mut walk = Self { world, rng: Rng::new(test, seed), donated: 0, tally: Tally::new(), people, burned: 0, total: 0, shares: 0 };
        (walk.total, walk.shares) = (walk.credits(), walk.world.state().pool.shares);
        walk
    }

    /// Credits in wallets, vault and treasury.
    fn credits(&self) -> u64 {
        let wallets: u64 = self.people.iter().map(|who| self.world.vm.balance(&credits_of(&self.world, &who.pubkey()))).sum();
        // the authority's wallet is the treasury
        wallets + self.world.vm.balance(&address::credit_vault(&self.world.pool))
    }

    /// One random action; gives its name if it was done.
    fn step(&mut self, fees_change: bool) {
        let (rng, state) = (&mut self.rng, self.world.state());
        let who = self.people[rng.range(0, 2) as usize].insecure_clone();
        let count = state.pool.resource_count;
        // a pool that was left by everybody is only dust below its floors: come back to it
        let empty = state.pool.shares < self.shares / 4;
        let action = if empty && rng.one_in(2) { 12 } else { rng.range(0, 19) };
        let (name, result) = match action {
            0..=11 => {
                let n = rng.range(1, count.into()) as u8;
                let first = rng.range(0, u64::from(count) - 1) as u8;
                let legs = (0..n).map(|k| {
                    let i = (first + k) % count;
                    let r = state.reserve(i).expect("a resource");
                    let kind = *rng.pick(&KINDS);
                    let of = if matches!(kind, LegKind::BuyExactOut | LegKind::SellExactIn) { r.psi.0 } else { r.theta.0 };
                    leg(i, kind, rng.log(1, (of / 8).max(1)))
                });
                ("swap", self.world.swap(&who, legs.collect()).map(drop))
            }
            12 | 13 => {
                let part = if empty { 1 } else { rng.log(2, 1_000) };
                let most = (0..usize::from(count))
                    .map(|i| Amounts { units: state.pool.psi[i] / part + 1, credits: state.pool.theta[i] / part + 1 });
                ("add", self.world.add_liquidity(&who, most.collect(), 0, MAX).map(drop))
            }
            14 | 15 => {
                let has = self.world.vm.balance(&shares_of(&self.world, &who.pubkey()));
                let least = if rng.one_in(30) { 1 } else { 4 };
                let shares = (has / rng.range(least, 40)).max(1);
                ("remove", self.world.remove_liquidity(&who, shares).map(drop))
            }
            16 => {
                let before = state.pool.burn_due;
                let ix = collect_ix(&self.world);
                let result = self.world.vm.send(&[ix], &[&who]).map(drop);
                if result.is_ok() {
                    self.burned += before;
                }
                ("collect", result)
            }
            17 => {
                let (i, units) = (rng.range(0, u64::from(count) - 1) as u8, rng.log(1, 1_000_000_000));
                self.world.issue(i, units, &who);
                ("issue", Ok(()))
            }
            18 => {
                let (amount, vault) = (rng.log(1, 1_000_000_000), address::credit_vault(&self.world.pool));
                let from = credits_of(&self.world, &who.pubkey());
                let give = spl_token_interface::instruction::transfer(&address::TOKEN_PROGRAM, &from, &vault, &who.pubkey(), &[], amount);
                let result = self.world.vm.send(&[give.expect("an instruction")], &[&who]).map(drop);
                if result.is_ok() {
                    self.donated += amount;
                }
                ("donate", result)
            }
            _ if fees_change => {
                let (market, authority) = (self.world.market, self.world.authority());
                let set = SetRiskWindow { market, authority: authority.pubkey() };
                let set = set.instruction(SetRiskWindowInstructionArgs { risk_window: rng.log(1, 2_000) as u32 });
                ("set window", self.world.vm.send(&[set], &[&authority]).map(drop))
            }
            _ => ("wait", Ok(())),
        };
        let outcome = match result {
            Ok(()) => name.to_owned(),
            Err(failure) => {
                format!("{name} refused: {}", failure.refusal.map_or_else(|| failure.error.to_string(), |r| refusal_name(r.code)))
            }
        };
        *self.tally.entry(outcome).or_default() += 1;
        if self.rng.one_in(3) {
            let slots = self.rng.log(1, 700);
            self.world.vm.warp(slots);
        }
        let batched = !self.rng.one_in(4);
        edit_market(&mut self.world, |market| market.batch_token_calls = batched);
    }

    fn check(&self) {
        check_books(&self.world, self.donated);
        assert_eq!(self.credits() + self.burned, self.total, "credits came from nowhere, or went there");
    }
}

fn configs() -> Vec<(&'static str, WorldConfig)> {
    let base = WorldConfig::default();
    let free = WorldConfig { market_fee: 0, risk_fee: 0, ..base.clone() };
    let small = |config: &WorldConfig| WorldConfig {
        resources: [("a", 3_000u64, 9u32), ("b", 40_000, 1), ("c", 700, 90)]
            .map(|(name, psi, price)| hmm_vm::world::Resource {
                name,
                weight: 900_000,
                psi_scale: price,
                theta_scale: 1,
                min_psi: 1,
                min_theta: 1,
                psi,
                theta: psi * u64::from(price),
            })
            .to_vec(),
        ..config.clone()
    };
    vec![
        ("free", free.clone()),
        ("free, λ = 0", WorldConfig { lambda: 0, ..free.clone() }),
        ("free, tiny", small(&free)),
        ("default", base.clone()),
        ("λ near w", WorldConfig { lambda: 999_999, ..base.clone() }),
        ("tiny", small(&base)),
    ]
}

/// Long random sequences of every instruction: after each the books balance; κ of no resource ever falls but by a withdrawal, and
/// then by no more than its share, squared.
#[test]
fn random_sequences() {
    const STEPS: u64 = 1_500;
    for (seed, (name, config)) in (0x5eed_0100..).zip(configs()) {
        let mut walk = Walk::new(&format!("random_sequences, {name}"), seed, config);
        for step in 0..STEPS {
            let (shares, before) = (walk.world.state().pool.shares, kappas(&walk.world.state()));
            walk.step(true);
            walk.check();
            let state = walk.world.state();
            let after = kappas(&state);
            for (i, (old, new)) in before.iter().zip(&after).enumerate() {
                if state.pool.shares >= shares {
                    assert!(new >= old, "{name}, step {step}: κ of {i} fell");
                } else {
                    // κ per squared share never falls: K′·S² ≥ K·S′²
                    assert!(
                        product(new, shares) >= product(old, state.pool.shares),
                        "{name}, step {step}: a withdrawal took too much of {i}"
                    );
                }
            }
        }
        println!("  {:?}", walk.tally);
        assert!(walk.tally["swap"] > STEPS / 5, "{name}: {:?}", walk.tally);
    }
}

/// κ·s², as limbs from the highest: 214 + 128 bits.
fn product(kappa: &hmm_math::U256, shares: u64) -> [u64; 6] {
    let mut limbs = [0u64; 6];
    limbs[..4].copy_from_slice(&kappa.to_limbs());
    for _ in 0..2 {
        let mut carry = 0u128;
        for limb in &mut limbs {
            let sum = u128::from(*limb) * u128::from(shares) + carry;
            (*limb, carry) = (sum as u64, sum >> 64);
        }
        assert_eq!(carry, 0);
    }
    limbs.reverse();
    limbs
}

/// Two equal worlds, one with gifts to the vault: every trade, deposit and withdrawal is the same in both.
#[test]
fn donations_change_nothing() {
    let mut rng = Rng::new("donations_change_nothing", 0x5eed_0200);
    let mut poor = World::active(WorldConfig::default());
    let mut rich = poor.clone();
    let (creator, trader, mut donated) = (poor.creator(), poor.trader(), 0);
    for _ in 0..300 {
        let (amount, vault) = (rng.log(1, 1 << 50), address::credit_vault(&rich.pool));
        let balance = rich.vm.balance(&vault);
        set_balance(&mut rich.vm, &vault, balance + amount);
        donated += amount;
        let state = poor.state();
        let i = rng.range(0, 4) as u8;
        let act = |world: &mut World, choice: u64, size: u64| match choice {
            0 => world.add_liquidity(
                &creator,
                (0..5).map(|i| Amounts { units: state.pool.psi[i] / size + 1, credits: state.pool.theta[i] / size + 1 }).collect(),
                0,
                MAX,
            ),
            1 => world.remove_liquidity(&creator, state.pool.shares / size / 4),
            _ => world.swap(&trader, vec![leg(i, LegKind::BuyExactOut, state.pool.psi[usize::from(i)] / size)]),
        };
        let (choice, size) = (rng.range(0, 4), rng.range(50, 1_000));
        let outcomes =
            [&mut poor, &mut rich].map(|world| act(world, choice, size).map(|receipt| receipt.events).map_err(|failure| failure.refusal));
        assert_eq!(outcomes[0], outcomes[1]);
        assert_eq!(poor.state().pool, rich.state().pool);
        check_books(&rich, donated);
        check_books(&poor, 0);
        let slots = rng.log(1, 300);
        poor.vm.warp(slots);
        rich.vm.warp(slots);
    }
}

/// Touches one resource with a trade too small to matter, to make it rotate.
fn touch(world: &mut World) {
    let creator = world.creator();
    world.swap(&creator, vec![leg(0, LegKind::BuyExactOut, 1)]).expect("a trade");
}

/// The LP fees of window n enter Θ linearly in window n + 1, floored on the slots elapsed, and are complete at its end.
#[test]
fn fees_drip_over_the_next_window() {
    let mut world = World::active(WorldConfig { risk_window: 100, lambda: 0, ..WorldConfig::default() });
    let trader = world.trader();
    let mut clock = world.vm.clock();
    clock.slot = 1_000_000; // a window begins
    world.vm.svm.set_sysvar(&clock);
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 300_000_000)]).expect("a trade");
    let fee = pending(&world.state().pool, 0);
    assert!(fee > 1_000_000);
    let dripped = |world: &World| fee - pending_of(world, fee);
    // within the window, nothing
    for slot in [0, 1, 50, 99] {
        let mut world = world.clone();
        world.vm.warp(slot);
        touch(&mut world);
        assert_eq!(dripped(&world), 0, "after {slot} slots");
    }
    // in the next, in proportion, no matter how often it is looked at
    let mut often = world.clone();
    for slot in 100..200 {
        let mut once = world.clone();
        once.vm.warp(slot);
        touch(&mut once);
        let mut clock = often.vm.clock();
        clock.slot = 1_000_000 + slot;
        often.vm.svm.set_sysvar(&clock);
        touch(&mut often);
        let expected = (u128::from(fee) * u128::from(slot - 100) / 100) as u64;
        assert_eq!((dripped(&once), dripped(&often)), (expected, expected), "after {slot} slots");
        check_books(&once, 0);
    }
    // after it, all of it, however long nobody looked
    for slot in [200, 201, 299, 300, 301, 1_000_000] {
        let mut world = world.clone();
        let theta = world.state().pool.theta[0];
        world.vm.warp(slot);
        touch(&mut world);
        assert_eq!(dripped(&world), fee, "after {slot} slots");
        assert!(world.state().pool.theta[0] > theta + fee);
        check_books(&world, 0);
    }
}

/// What of the first trade's fee is still pending; the touches' own fees are tiny and counted apart.
fn pending_of(world: &World, fee: u64) -> u64 {
    let pool = world.state().pool;
    if pool.pending_current[0] >= fee {
        // still in its own window
        return fee;
    }
    if pool.pending_previous[0] >= fee { fee - pool.dripped[0].min(fee) } else { 0 }
}

/// The risk window may change at any time, to anything: what was pending stays the LPs', to the credit.
#[test]
fn changing_the_window_loses_nothing() {
    let mut rng = Rng::new("changing_the_window_loses_nothing", 0x5eed_0300);
    let mut world = World::active(WorldConfig::default());
    let (market, authority, creator, trader) = (world.market, world.authority(), world.creator(), world.trader());
    let all = |world: &World| {
        let pool = world.state().pool;
        (0..5).map(|i| u128::from(pool.theta[i]) + u128::from(pending(&pool, i))).sum::<u128>()
    };
    for _ in 0..400 {
        if rng.one_in(3) {
            let i = rng.range(0, 4) as u8;
            let units = world.state().pool.psi[usize::from(i)] / rng.range(20, 400);
            // a trade may be refused for its fee; what matters is what is pending afterwards
            let _ = world.swap(
                if rng.one_in(2) { &trader } else { &creator },
                vec![leg(i, *rng.pick(&[LegKind::BuyExactOut, LegKind::SellExactIn]), units)],
            );
        }
        let before = all(&world);
        let set = SetRiskWindow { market, authority: authority.pubkey() };
        let set =
            set.instruction(SetRiskWindowInstructionArgs { risk_window: *rng.pick(&[1, 2, 7, 150, 151, 10_000, 1_000_001, u32::MAX]) });
        world.vm.send(&[set], &[&authority]).expect("a window");
        world.vm.warp(rng.log(1, 400));
        // rotates everything, and takes nothing: one share's worth in and out rounds to the pool
        let before_shares = world.state().pool.shares;
        world.remove_liquidity(&creator, 1).expect("a withdrawal");
        assert_eq!(world.state().pool.shares, before_shares - 1);
        assert!(all(&world) <= before && before - all(&world) <= 5 * 2, "{before} {}", all(&world));
        check_books(&world, 0);
    }
    // at rest nothing is pending any more
    world.vm.warp(100);
    let set = SetRiskWindow { market, authority: authority.pubkey() }.instruction(SetRiskWindowInstructionArgs { risk_window: 1 });
    world.vm.send(&[set], &[&authority]).expect("a window");
    world.vm.warp(3);
    world.remove_liquidity(&creator, 1).expect("a withdrawal");
    assert_eq!((0..5).map(|i| pending(&world.state().pool, i)).sum::<u64>(), 0);
}

/// A deposit taken out at once never gains; nobody's remaining share loses.
#[test]
fn round_trips_of_liquidity_never_gain() {
    for (seed, (name, config)) in (0x5eed_0400..).zip(configs()) {
        let mut rng = Rng::new(&format!("round_trips_of_liquidity, {name}"), seed);
        let mut world = World::active(config);
        let trader = world.trader();
        let count = world.config.resources.len();
        for (i, r) in (0u8..).zip(world.config.resources.clone()) {
            world.issue(i, r.psi, &trader);
        }
        for round in 0..150 {
            let state = world.state();
            let part = rng.log(1, 100_000);
            let most: Vec<_> = (0..count)
                .map(|i| Amounts {
                    units: state.pool.psi[i] / part + rng.range(0, 1),
                    credits: state.pool.theta[i] / part + rng.range(0, 1),
                })
                .collect();
            let wallet = |world: &World| {
                let who = trader.pubkey();
                let vouchers = (0..count).map(|i| world.vm.balance(&vouchers_of(world, &who, i as u8)));
                vouchers.chain([world.vm.balance(&credits_of(world, &who))]).collect::<Vec<_>>()
            };
            let before = wallet(&world);
            if world.add_liquidity(&trader, most, 0, MAX).is_err() {
                continue;
            }
            let shares = world.vm.balance(&shares_of(&world, &trader.pubkey()));
            // in one piece or in many
            let mut left = shares;
            while left > 0 {
                let piece = if rng.one_in(2) { left } else { rng.log(1, left) };
                world.remove_liquidity(&trader, piece).expect("a withdrawal");
                left -= piece;
                if left > 0 && rng.one_in(8) {
                    world.remove_liquidity(&trader, left).expect("a withdrawal");
                    left = 0;
                }
            }
            let after = wallet(&world);
            assert!(before.iter().zip(&after).all(|(before, after)| after <= before), "{name}, round {round}: {before:?} {after:?}");
            check_books(&world, 0);
        }
    }
}

/// Everything the mathematics counts as an upper bound of the fee stays below the market's maximum, and what is charged is split whole.
#[test]
fn fees_are_inside_their_bounds() {
    let mut rng = Rng::new("fees_are_inside_their_bounds", 0x5eed_0500);
    let mut walk = Walk::new("fees", 0x5eed_0501, WorldConfig::default());
    let trader = walk.world.trader();
    for _ in 0..500 {
        let state = walk.world.state();
        let i = rng.range(0, 4) as u8;
        let kind = *rng.pick(&KINDS);
        let of = if matches!(kind, LegKind::BuyExactOut | LegKind::SellExactIn) {
            state.pool.psi[usize::from(i)]
        } else {
            state.pool.theta[usize::from(i)]
        };
        if let Ok(receipt) = walk.world.swap(&trader, vec![leg(i, kind, rng.log(1, of / 4))]) {
            let [HmmEvent::Swapped(event)] = &receipt.events[..] else { panic!("one event") };
            let done = &event.legs[0];
            let gross = if kind.is_buy() { done.credits } else { done.credits + done.fee };
            // at least f_m, rounded up; at most the maximum, rounded up
            assert!(u128::from(done.fee) * 1_000_000 >= u128::from(gross) * 3_000);
            assert!(u128::from(done.fee) <= (u128::from(gross) * 100_000).div_ceil(1_000_000) + 1);
            assert_eq!(done.burned, (u128::from(done.fee) * u128::from(Ppm(250_000).0) / 1_000_000) as u64);
            assert!(done.burned + done.to_lps <= done.fee);
        }
        walk.world.vm.warp(rng.log(1, 100));
        walk.check();
    }
}
