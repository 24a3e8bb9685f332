//! The price rings and the marks they give, on the built program: what a trade records, what a push of the price costs in time, when
//! marks begin, and that a record never stands in the way of a withdrawal.

mod common;

use common::*;
use hmm_client::{
    Amounts, LegKind,
    marks::{self, ResourceMarks, ring},
};
use hmm_math::{
    Curve, Price,
    ring::{BASIS_POINT_PER_SECOND, DAY, HALF_HOUR, Ring},
};
use hmm_vm::{
    World, WorldConfig,
    world::{CREDIT, UNIT, resource},
};

/// Two resources; no fees, so that prices stay where a test puts them.
fn free() -> WorldConfig {
    WorldConfig {
        resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)],
        market_fee: 0,
        risk_fee: 0,
        ..WorldConfig::default()
    }
}

/// Sets the time, and as much later a slot.
fn at(world: &mut World, unix_timestamp: i64) {
    let mut clock = world.vm.clock();
    clock.slot = clock.slot.saturating_add_signed((unix_timestamp - clock.unix_timestamp).saturating_mul(5) / 2);
    clock.unix_timestamp = unix_timestamp;
    world.vm.svm.set_sysvar(&clock);
}

fn now(world: &World) -> i64 {
    world.vm.clock().unix_timestamp
}

fn stored(world: &World, resource: usize) -> Ring {
    ring(&world.observations().rings[resource])
}

/// The smallest trade there is.
fn dust(world: &mut World, resource: u8) {
    let creator = world.creator();
    world.swap(&creator, vec![leg(resource, LegKind::BuyExactOut, 1)]).expect("a trade");
}

fn trade(world: &mut World, kind: LegKind, amount: u64) {
    let creator = world.creator();
    world.swap(&creator, vec![leg(0, kind, amount)]).expect("a trade");
}

/// A world whose first resource has a day of history, and the second it was last observed in.
fn settled(config: WorldConfig) -> World {
    let mut world = World::active(config);
    for _ in 0..24 {
        let next = now(&world) + 3_600;
        at(&mut world, next);
        dust(&mut world, 0);
    }
    world
}

fn read(world: &World, resource: u8) -> Option<ResourceMarks> {
    marks::marks(&world.state(), &world.observations(), resource)
}

/// Whether the program itself says that a resource has marks of its own: then it takes no bootstrap mark.
fn has_own_marks(world: &World, resource: u8) -> bool {
    let mut world = world.clone();
    let (authority, set) = (world.authority(), world.set_bootstrap_mark_ix(resource, 1));
    match world.vm.send(&[set], &[&authority]) {
        Ok(_) => false,
        Err(failure) => {
            assert!(failure.is(hmm_client::HmmError::MarkMature), "{failure}");
            true
        }
    }
}

/// Every trade, deposit and withdrawal records the rotated prices before it, to the bit, of the resources it touches and of no other.
#[test]
fn what_moves_a_pool_records_the_prices_before_it() {
    let mut rng = Rng::new("what_moves_a_pool_records_the_prices_before_it", 0x6d61_726b);
    let mut world = World::active(WorldConfig::default());
    let (creator, start) = (world.creator(), now(&world));
    let mut rings: Vec<Ring> = (0..8).map(|i| stored(&world, i)).collect();
    let (mut recorded, mut skipped) = (0, 0);
    for (i, ring) in rings.iter().enumerate() {
        assert_eq!((ring.first, ring.last, ring.sum), if i < 5 { (start, start, 0) } else { (0, 0, 0) });
    }
    for _ in 0..1_500 {
        let next = now(&world) + *rng.pick(&[0, 0, 1, 1, 7, 59, 61, 600, 5_000, 90_000, -30]);
        at(&mut world, next);
        edit_market(&mut world, |market| market.supply.mark_depth = [0, 9_000 * CREDIT, u64::MAX][(rng.next() % 3) as usize]);
        let (state, resource) = (world.state(), rng.range(0, 4) as u8);
        let i = usize::from(resource);
        let touched = match rng.range(0, 9) {
            0 => {
                let most = (0..5).map(|i| Amounts { units: state.pool.psi[i] / 50, credits: state.pool.theta[i] / 50 + 1 }).collect();
                world.add_liquidity(&creator, most, 1, u64::MAX).is_ok().then_some(0..5)
            }
            1 => world.remove_liquidity(&creator, state.pool.shares / 60).is_ok().then_some(0..5),
            _ => {
                let kind = *rng.pick(&KINDS);
                let reserve =
                    if matches!(kind, LegKind::BuyExactIn | LegKind::SellExactOut) { state.pool.theta[i] } else { state.pool.psi[i] };
                let amount = rng.log(1, reserve / 10);
                world.swap(&creator, vec![leg(resource, kind, amount)]).is_ok().then_some(resource..resource + 1)
            }
        };
        for index in touched.into_iter().flatten() {
            let mut reserve = state.reserve(index).expect("a resource");
            reserve.rotate(state.slot, state.market.risk_window).expect("a rotation");
            let (ring, price) = (&mut rings[usize::from(index)], reserve.log_price().expect("a price"));
            let before = ring.last;
            ring.follow(state.unix_timestamp, price, reserve.theta.0 >= state.market.supply.mark_depth);
            if ring.last == before { skipped += 1 } else { recorded += 1 }
        }
        for (i, ring) in rings.iter().enumerate() {
            assert_eq!(*ring, stored(&world, i), "resource {i}");
        }
    }
    println!("{recorded} prices recorded, {skipped} passed over");
    assert!(recorded > 500 && skipped > 100);
}

/// V13: pinning the spot price for k seconds moves the recorded price by k basis points and the sum by what follows, however the push is
/// split, and however often the pinned price is observed.
#[test]
fn pinning_the_price_moves_the_mean_as_computed() {
    let world = settled(free());
    let before = stored(&world, 0);
    let rate = BASIS_POINT_PER_SECOND as i64;
    let percent = |log: i64| ((log as f64 / 2f64.powi(40)).exp2() - 1.0) * 100.0;
    println!("spot pinned at about four times the price\nseconds  TWAP30m");
    for k in [1, 10, 59, 60, 61, 300, 600, 1_800] {
        let mut ends = Vec::new();
        for (pieces, every) in [(1, k), (7, k), (50, 1), (3, 13)] {
            let mut world = world.clone();
            for _ in 0..pieces {
                trade(&mut world, LegKind::BuyExactOut, 5_000 * UNIT / pieces);
            }
            for second in (every..k).step_by(every as usize) {
                at(&mut world, before.last + second);
                dust(&mut world, 0);
            }
            at(&mut world, before.last + k);
            dust(&mut world, 0);
            ends.push(stored(&world, 0));
        }
        for end in &ends {
            assert_eq!(end, &ends[0], "{k} seconds");
        }
        let end = ends[0];
        assert_eq!(end.log, before.log + rate * k);
        assert_eq!(end.sum, before.sum + before.log * k + rate * (k * (k + 1) / 2));
        // the mean is over half an hour and up to 59 seconds
        let from = (before.last + k - HALF_HOUR) / 60 * 60;
        let length = before.last + k - from;
        let outside = (from - before.last).max(0);
        let moved = rate * ((k * (k + 1) - outside * (outside + 1)) / 2) / length;
        let mean = end.mean_floor(end.last, hmm_math::ring::Window::HalfHour).expect("a mean").get();
        assert!((mean - before.log - moved).abs() <= 2, "{k}: {} instead of {moved}", mean - before.log);
        println!("{k:7}  {:7.4} %", percent(mean - before.log));
        // and a push that returns within the second leaves nothing
        let mut world = world.clone();
        trade(&mut world, LegKind::BuyExactOut, 5_000 * UNIT);
        trade(&mut world, LegKind::SellExactIn, 5_000 * UNIT);
        at(&mut world, before.last + k);
        dust(&mut world, 0);
        // (but for the last smallest trade of before, a part in 10^10)
        assert!((stored(&world, 0).log - before.log).abs() <= 1_000);
    }
}

/// Half an hour, half-open: at 29:59 there is no mark, at 30:00 there is.
#[test]
fn marks_begin_after_half_an_hour_to_the_second() {
    let world = World::active(free());
    let start = now(&world);
    for (seconds, own) in [(0, false), (1, false), (1_799, false), (1_800, true), (1_801, true), (100_000, true)] {
        for observe in [false, true] {
            let mut world = world.clone();
            at(&mut world, start + seconds);
            if observe {
                dust(&mut world, 1);
            }
            assert_eq!(has_own_marks(&world, 1), own, "{seconds} s");
            assert_eq!(read(&world, 1).is_some_and(|marks| marks.own && marks.punish), own);
        }
    }
    let mut world = world;
    at(&mut world, start + 1_800);
    let found = read(&world, 0).expect("marks");
    // a price that never moved is its own mark
    let near = |a: Price, b: Price| a.0.abs_diff(b.0) <= b.0 >> 38;
    assert!(near(found.hi, found.spot) && near(found.lo, found.spot));

    // until then the bootstrap mark, which a bootstrapped resource may not be punished by
    let mut world = World::active(free());
    let (authority, set) = (world.authority(), world.set_bootstrap_mark_ix(0, 7 << 64));
    assert_eq!(read(&world, 0), None);
    world.vm.send(&[set], &[&authority]).expect("a mark");
    let mark = Price(7 << 64);
    let expected = ResourceMarks { hi: mark, lo: mark, spot: found.spot, own: false, punish: false };
    assert_eq!(read(&world, 0), Some(expected));
    assert_eq!(read(&world, 1), None);
}

/// A first deposit at a price of the creator's choice, put right before anybody can trade at it, is no mark half an hour later.
#[test]
fn a_first_price_of_the_creators_choice_is_no_mark() {
    let mut world = World::active(free());
    // the push of the price stands for a first deposit that is off by as much
    at(&mut world, 1_800_000_100);
    let honest = world.state().reserve(0).expect("a resource").price_floor().expect("a price");
    let mut world = World::forming(free());
    let creator = world.creator();
    let most = vec![Amounts { units: 10_000 * UNIT, credits: 250 * CREDIT }, Amounts { units: 80_000 * UNIT, credits: 3_200 * CREDIT }];
    world.add_liquidity(&creator, most, 1, u64::MAX).expect("the first deposit");
    let start = now(&world);
    trade(&mut world, LegKind::BuyExactOut, 9_000 * UNIT);
    let spot = world.state().reserve(0).expect("a resource").price_floor().expect("a price");
    assert!(spot.0 > 50 * (honest.0 / 100), "{spot:?} is not put right");
    for seconds in [1, 1_799, 1_800, 3_000] {
        let mut world = world.clone();
        at(&mut world, start + seconds);
        assert!(!has_own_marks(&world, 0), "{seconds} s");
        dust(&mut world, 0);
        assert_eq!(stored(&world, 0).first, start + seconds);
        // half an hour after somebody looked
        at(&mut world, start + seconds + HALF_HOUR);
        let found = read(&world, 0).expect("marks");
        assert!(found.own && found.lo.0.abs_diff(found.spot.0) < found.spot.0 >> 20);
    }
}

/// Depth that is only there for a moment makes no mark, and depth that is missing for a moment ends none.
#[test]
fn depth_counts_over_time() {
    // a pool that was shallow for an hour; somebody deepens it and asks at once
    let mut world = World::active(free());
    let (creator, start) = (world.creator(), now(&world));
    let theta = world.state().pool.theta[0];
    edit_market(&mut world, |market| market.supply.mark_depth = theta + theta / 2);
    at(&mut world, start + 3_600);
    let state = world.state();
    let most: Vec<_> = (0..2).map(|i| Amounts { units: state.pool.psi[i], credits: state.pool.theta[i] }).collect();
    world.add_liquidity(&creator, most, 1, u64::MAX).expect("a deposit");
    assert!(!has_own_marks(&world, 0));
    assert_eq!(stored(&world, 0).first, start + 3_600);
    at(&mut world, start + 3_600 + HALF_HOUR - 1);
    assert!(!has_own_marks(&world, 0));
    at(&mut world, start + 3_600 + HALF_HOUR);
    assert!(has_own_marks(&world, 0));

    // deep for a day, then drained: the marks stand still for a day, though nobody may be punished by them
    let mut world = settled(free());
    let (authority, before, last) = (world.authority(), read(&world, 0).expect("marks"), now(&world));
    let state = world.state();
    let theta = state.pool.theta[0];
    world.remove_liquidity(&world.creator(), state.pool.shares / 2).expect("a withdrawal");
    edit_market(&mut world, |market| market.supply.mark_depth = theta);
    at(&mut world, last + 60);
    trade(&mut world, LegKind::BuyExactOut, 2_000 * UNIT);
    let found = read(&world, 0).expect("marks");
    assert!(found.own && !found.punish);
    at(&mut world, last + DAY);
    let found = read(&world, 0).expect("marks");
    assert!(found.own && !found.punish && has_own_marks(&world, 0));
    assert!(found.hi.0.abs_diff(before.hi.0) <= before.hi.0 >> 26 && found.lo.0.abs_diff(before.lo.0) <= before.lo.0 >> 26);
    assert!(found.spot.0 > found.hi.0 + found.hi.0 / 4);
    // after that the resource has none, and no bootstrap mark of before either
    let mut forgotten = world.clone();
    let address = forgotten.state().pool.observations;
    let mut observations = forgotten.observations();
    observations.bootstrap[0] = 1 << 64;
    set_data(&mut forgotten.vm, &address, borsh::to_vec(&observations).expect("bytes"));
    at(&mut forgotten, last + DAY + 1);
    assert_eq!(read(&forgotten, 0), None);
    dust(&mut forgotten, 0);
    assert_eq!((forgotten.observations().bootstrap[0], stored(&forgotten, 0).first), (0, last + DAY + 1));
    let set = forgotten.set_bootstrap_mark_ix(0, 3_000 << 64);
    forgotten.vm.send(&[set], &[&authority]).expect("a mark");
    assert_eq!(forgotten.observations().bootstrap[0], 3_000 << 64);
}

/// A withdrawal, and a trade, with a clock that stands or runs back, at any price, and on bytes that are no ring.
#[test]
fn nothing_that_is_recorded_blocks_a_withdrawal() {
    let world = settled(free());
    let last = now(&world);
    let ring_before = stored(&world, 0);
    for time in [last, last, last - 1, last - 100_000, 1, 0, -1, i64::MIN, i64::MAX, last + 1] {
        let mut world = world.clone();
        let mut clock = world.vm.clock();
        clock.unix_timestamp = time;
        world.vm.svm.set_sysvar(&clock);
        let (creator, shares) = (world.creator(), world.state().pool.shares / 3);
        world.remove_liquidity(&creator, shares).unwrap_or_else(|failure| panic!("{time}: {failure}"));
        if time >= 0 {
            dust(&mut world, 0); // before 1970 every market is paused
        }
        let ring = stored(&world, 0);
        if time <= last { assert_eq!(ring, ring_before) } else { assert_eq!(ring.last, time) }
    }
    // any price that two reserves can have
    let mut world = World::active(free());
    let curves = [(1, 1), (u32::MAX, 1), (1, u32::MAX)];
    for (psi, theta) in [(2_000, u64::MAX / 4), (u64::MAX / 4, 2_000), (1, 1), (1 << 40, 1)] {
        for (psi_scale, theta_scale) in curves {
            let curve = Curve { weight: 1_000_000, lambda: 50_000, psi_scale, theta_scale };
            stage(&mut world, 50_000, &[reserve(curve, psi, theta), reserve(curve, theta, psi)]);
            let time = now(&world) + 100;
            at(&mut world, time);
            let creator = world.creator();
            world.remove_liquidity(&creator, 1_000).unwrap_or_else(|failure| panic!("{psi}/{theta}: {failure}"));
            let price = reserve(curve, psi, theta).log_price().expect("a price");
            assert_eq!(stored(&world, 0).last, time);
            assert!(stored(&world, 0).log.abs_diff(price.get()) <= 64 << 41);
        }
    }
    // bytes that are no ring
    for byte in [0xff, 0x7f, 0x80, 0x01] {
        let mut world = settled(free());
        let address = world.state().pool.observations;
        let mut data = world.vm.data(&address);
        data[56..56 + 8 * 496].fill(byte);
        set_data(&mut world.vm, &address, data);
        let (creator, shares) = (world.creator(), world.state().pool.shares / 3);
        world.remove_liquidity(&creator, shares).unwrap_or_else(|failure| panic!("{byte}: {failure}"));
    }
}
