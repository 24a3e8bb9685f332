//! Logarithms, the price ring, and what moving a mean costs. The vectors come from the Python oracle.
mod common;
use common::{DEFAULT_FEES, Rng};
use hmm_math::log::*;
use hmm_math::ring::*;
use hmm_math::{Curve, Kind, Price, Psi, Reserve, Theta};
use ruint::aliases::{U256 as Big, U512};
use serde_json::Value;

fn rows(section: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(include_str!("../vectors-protocol.json")).unwrap();
    document[section].as_array().unwrap().clone()
}
fn n<T: std::str::FromStr<Err: std::fmt::Debug>>(row: &Value, key: &str) -> T {
    row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}")).parse().unwrap()
}
fn log(units: i64) -> LogPrice {
    LogPrice::new(units).unwrap()
}
fn log_of(price: u128) -> i64 {
    LogPrice::of(Price(price)).unwrap().get()
}

/// log₂ of a Q64.64 price in units of 2⁻⁸⁰, by squaring a mantissa of 120 bits: within 2⁻⁷⁸ or so.
fn log_80(price: u128) -> i128 {
    let lead = price.leading_zeros();
    let mut log = 63 - lead as i128;
    let mut x = Big::from(price << lead) >> 7; // Q120 in [1, 2)
    for _ in 0..80 {
        x = (x * x) >> 120;
        log <<= 1;
        if x >> 121 != Big::ZERO {
            x >>= 1;
            log |= 1;
        }
    }
    log
}

/// How far a logarithm is from the true one, in units of 2⁻⁴⁰.
fn off(got: i64, true_80: i128) -> f64 {
    (((got as i128) << 40) - true_80) as f64 / (1u128 << 40) as f64
}

#[test]
fn logarithms_and_powers_of_the_vectors() {
    let (mut logs, mut powers) = (0, 0);
    for row in rows("log") {
        if row.get("log_80").is_some() {
            let difference = off(log_of(n(&row, "price")), n(&row, "log_80"));
            assert!(difference.abs() <= 2.0, "{difference} {row}");
            logs += 1;
        } else {
            let (got, want): (u128, u128) = (log(n(&row, "log")).price_floor().0, n(&row, "price"));
            assert!(got <= want && want - got <= (want >> 39) + 1, "{got} {row}");
            powers += 1;
        }
    }
    assert!(logs > 300 && powers > 300);
}

#[test]
fn logarithms_are_within_two_units() {
    let mut rng = Rng(31);
    let (mut least, mut most) = (0f64, 0f64);
    for i in 0..200_000u64 {
        // every part of the table, its edges too
        let mantissa = if i % 4 == 0 { ((128 + i % 128) << 56).wrapping_sub(i / 512 % 3) | 1 << 63 } else { rng.next() | 1 << 63 };
        let price = ((mantissa as u128) << 64 | rng.next() as u128) >> rng.below(128);
        let difference = off(log_of(price), log_80(price));
        (least, most) = (least.min(difference), most.max(difference));
        assert!(difference.abs() <= 2.0, "{price}: {difference}");
    }
    println!("logarithm: {least:.3} to {most:.3} units of 2^-40 off");
    for exponent in 0..128 {
        assert_eq!(log_of(1 << exponent), (exponent - 64) * ONE);
    }
    assert_eq!(LogPrice::of(Price(0)), None);
    assert_eq!((LogPrice::new(LIMIT + 1), LogPrice::new(-LIMIT - 1)), (None, None));
}

/// log₂ of the marginal price is that of the exact ratio, also where the price as Q64.64 has few bits.
#[test]
fn the_logarithm_of_a_reserve_is_that_of_its_price() {
    let mut rng = Rng(37);
    let (mut least, mut most) = (0f64, 0f64);
    for _ in 0..100_000 {
        let weight = rng.size(1, 1_000_000) as u32;
        let lambda = rng.below(weight.into()) as u32;
        let scale = |rng: &mut Rng| rng.size(1, u32::MAX.into()) as u32;
        let curve = Curve { weight, lambda, psi_scale: scale(&mut rng), theta_scale: scale(&mut rng) };
        let (psi, theta) = (rng.size(1, u64::MAX), rng.size(1, u64::MAX));
        let [w, l, a, b, x, y] =
            [weight as u64, lambda.into(), curve.psi_scale.into(), curve.theta_scale.into(), psi, theta].map(U512::from);
        let (x, y) = (a * x, b * y);
        let (num, den) = (a * (w * y + l * x), b * (w * x + l * y));
        // the ratio with 126 bits or more, as a price 2^shift times as high
        let shift = 126 + den.bit_len() as i32 - num.bit_len() as i32;
        let ratio = (num << shift.max(0) as usize) / (den << (-shift).max(0) as usize);
        let true_80 = log_80(ratio.to::<u128>()) + ((64 - shift as i128) << 80);
        let got = common::reserve(curve, psi, theta).log_price().unwrap().get();
        let difference = off(got, true_80);
        (least, most) = (least.min(difference), most.max(difference));
        assert!(difference.abs() <= 2.0, "{curve:?} {psi} {theta}: {difference}");
    }
    println!("logarithm of a reserve's price: {least:.3} to {most:.3} units of 2^-40 off");
    let curve = Curve { weight: 2, lambda: 0, psi_scale: 1, theta_scale: 1 };
    assert_eq!(curve.log_price(Psi(4), Theta(1)).unwrap().get(), -2 * ONE);
    assert_eq!((curve.log_price(Psi(0), Theta(1)), curve.log_price(Psi(1), Theta(0))), (None, None));
    // the widest prices there are
    let far = |curve: Curve, psi, theta| curve.log_price(Psi(psi), Theta(theta)).unwrap().get();
    assert!(LIMIT - far(curve, 1, u64::MAX) <= 2 && far(curve, u64::MAX, 1) + LIMIT <= 2);
    let scaled = Curve { weight: 2, lambda: 1, psi_scale: u32::MAX, theta_scale: 1 };
    assert!(far(scaled, u64::MAX, 1) < 33 * ONE + ONE / 100);
}

#[test]
fn powers_are_low_by_less_than_a_unit() {
    let mut rng = Rng(32);
    let mut most = 0f64;
    for i in 0..200_000i64 {
        // large prices, where the unit of Q64.64 does not count; the edges of the table too
        let units = if i % 4 == 0 { 32 * ONE + ((i / 4 % 128) << 33) - i / 512 % 2 } else { rng.below(64 * ONE as u64) as i64 };
        let difference = off(units, log_80(log(units).price_floor().0));
        most = most.max(difference);
        // in the exponent 2⁻³⁹ of the price is 2⁻³⁹/ln 2: 2.88 units
        assert!((-0.0001..=2.88).contains(&difference), "{units}: {difference}");
    }
    println!("power: at most {most:.3} units of 2^-40 too low");
    assert_eq!(log(LIMIT).price_floor().0, u128::MAX);
    assert_eq!(log(-LIMIT).price_floor().0, 1);
}

#[test]
fn the_ring_of_the_vectors() {
    let mut means = 0;
    for row in rows("ring") {
        let mut ring = Ring::default();
        for o in row["observations"].as_array().unwrap() {
            let now = n(o, "now");
            ring.observe(now, log(n(o, "log")), n(o, "rate")).unwrap();
            assert_eq!(ring.log, n::<i64>(o, "recorded"), "{o}");
            for (window, key) in [(Window::HalfHour, "half_hour"), (Window::Day, "day")] {
                let want = match o[key].get("mean") {
                    Some(_) => Ok(log(n(&o[key], "mean"))),
                    None => Err(Refusal::Young { expected: n(&o[key], "expected"), found: n(&o[key], "found") }),
                };
                means += want.is_ok() as u32;
                assert_eq!(ring.mean_floor(now, window), want, "{window:?} {o}");
            }
        }
    }
    assert!(means > 500);
}

fn observed(times: impl IntoIterator<Item = i64>, before: Ring, price: LogPrice, rate: u64) -> Ring {
    let mut ring = before;
    for now in times {
        ring.observe(now, price, rate).unwrap();
    }
    ring
}

#[test]
fn observing_an_unchanged_price_more_often_changes_nothing() {
    let mut rng = Rng(33);
    for _ in 0..2_000 {
        let start = 1 + rng.size(0, 1 << 31) as i64;
        let from = log(rng.below(128 << FRACTION) as i64 - LIMIT);
        let to = log(rng.below(128 << FRACTION) as i64 - LIMIT);
        let rate = rng.size(0, u64::MAX);
        let before = observed([start, start + rng.below(5_000) as i64], Ring::default(), from, rate);
        let length = rng.size(0, 400_000_000) as i64; // up to 12 years
        let end = before.last + length;
        let mut times: Vec<i64> = (0..rng.below(40)).map(|_| before.last + rng.below(length as u64 + 1) as i64).collect();
        // and close together at the end
        times.extend((0..rng.below(40)).map(|_| end - (rng.size(0, 100_000) as i64).min(length)));
        times.push(end);
        times.sort();
        assert_eq!(observed([end], before, to, rate), observed(times, before, to, rate));
    }
}

#[test]
fn the_mean_of_a_constant_price_is_the_price() {
    let mut rng = Rng(34);
    for _ in 0..20_000 {
        let price = (rng.next() as u128) << 64 >> rng.below(120) | 1;
        let (start, length) = (1 + rng.size(0, 1 << 32) as i64, 86_400 + rng.size(0, 1 << 30) as i64);
        let logarithm = LogPrice::of(Price(price)).unwrap();
        let rate = rng.size(0, u64::MAX);
        let ring = observed([start, start + rng.below(length as u64) as i64, start + length], Ring::default(), logarithm, rate);
        for window in [Window::HalfHour, Window::Day] {
            let got = ring.twap(start + length, window).unwrap().0;
            assert!(got.abs_diff(price) <= (price >> 38) + 1, "{price} {got}");
        }
    }
}

#[test]
fn refusals() {
    let one = log(0);
    let mut ring = Ring::default();
    assert_eq!(ring.observe(0, one, 1), Err(Refusal::Backwards { expected: 1, found: 0 }));
    assert_eq!(ring.observe(-5, one, 1), Err(Refusal::Backwards { expected: 1, found: -5 }));
    assert_eq!(ring.twap(0, Window::HalfHour), Err(Refusal::Stale { expected: 0, found: 0 }));
    assert_eq!(ring, Ring::default());
    ring.observe(1_000, one, 1).unwrap();
    let before = ring;
    assert_eq!(ring.observe(999, one, 1), Err(Refusal::Backwards { expected: 1_000, found: 999 }));
    assert_eq!(ring, before);
    assert_eq!(ring.marks(1_001, Price(1)), Err(Refusal::Stale { expected: 1_001, found: 1_000 }));
    // of the observations in one second the first counts
    ring.observe(1_000, log(ONE), u64::MAX).unwrap();
    assert_eq!(ring, before);
    ring.observe(2_799, one, 1).unwrap();
    assert_eq!(ring.marks(2_799, Price(1)), Err(Refusal::Young { expected: 1_800, found: 1_799 }));
    ring.observe(2_800, one, 1).unwrap();
    assert_eq!(ring.marks(2_800, Price(1)), Ok(Marks { hi: Price(1 << 64), lo: Price(1 << 64) }));
    assert_eq!(ring.twap(2_800, Window::Day), Err(Refusal::Young { expected: 86_400, found: 1_800 }));
    // bytes that are no ring: some price, no panic
    let nonsense = Ring { first: i64::MIN, last: i64::MAX, deep: 0, log: i64::MAX, sum: i64::MIN, minutes: [i64::MAX; 32], hours: [7; 25] };
    let mut walked = nonsense;
    let _ = (nonsense.twap(i64::MAX, Window::Day), nonsense.marks(i64::MAX, Price(5)), walked.observe(i64::MAX, one, 3));
    let mut late = Ring { last: 1, ..nonsense };
    late.observe(i64::MAX, one, 3).unwrap();
}

#[test]
fn marks_are_the_extremes() {
    // a day at 1, an hour at 4 with no bound on the move, spot 2
    let day = observed((0..=24).map(|h| 3_600 * (100 + h)), Ring::default(), log(0), u64::MAX);
    let now = day.last + 3_600;
    let ring = observed([day.last + 1_800, now], day, log(2 * ONE), u64::MAX);
    let marks = ring.marks(now, Price(2 << 64)).unwrap();
    assert_eq!(marks.hi, Price(4 << 64));
    assert_eq!(marks.lo, ring.twap(now, Window::Day).unwrap());
    // 1 of 24 hours at 4
    let mean = marks.lo.0 as f64 / 2f64.powi(64);
    assert!((mean - 4f64.powf(1.0 / 24.0)).abs() < 1e-9);
    assert_eq!(ring.marks(now, Price(9 << 64)).unwrap().hi, Price(9 << 64));
}

/// A ring that followed price 1 in a deep pool for a day.
fn settled() -> Ring {
    let mut ring = Ring::default();
    for hour in 0..=24 {
        assert!(!ring.follow(1_700_006_400 + 3_600 * hour, log(0), true));
    }
    ring
}

#[test]
fn following_skips_where_no_time_passed() {
    let mut ring = settled();
    let before = ring;
    for (now, price) in [(ring.last, ONE), (ring.last - 1, ONE), (0, 0), (-1, 0), (i64::MIN, 0)] {
        assert!(!ring.follow(now, log(price), true));
        assert_eq!(ring, before);
    }
    let mut none = Ring::default();
    assert!(!none.follow(0, log(0), true) && !none.follow(-7, log(0), true));
    assert_eq!(none, Ring::default());
}

#[test]
fn a_first_price_nobody_could_trade_at_is_no_history() {
    // the first deposit at a thousand times the price, which is put right in the same second
    let mut ring = Ring::default();
    ring.follow(1_000, log(10 * ONE), true);
    ring.follow(1_000, log(0), true);
    assert_eq!((ring.first, ring.log), (1_000, 10 * ONE));
    // whenever anybody looks next, the price that held begins the history
    for later in [1_001, 2_799, 2_800, 50_000] {
        let mut ring = ring;
        assert!(!ring.follow(later, log(0), true));
        assert_eq!((ring.first, ring.log, ring.is_mature()), (later, 0, false));
    }
    // what is within 9 % of the recorded price stays
    let mut ring = Ring::default();
    ring.follow(1_000, log(0), true);
    ring.follow(1_001, log((NEAR + BASIS_POINT_PER_SECOND) as i64), true);
    assert_eq!(ring.first, 1_000);
    ring.follow(1_002, log((NEAR + 2 * BASIS_POINT_PER_SECOND) as i64 + 1), true);
    assert_eq!(ring.first, 1_002);
    // and what is mature stays wherever the price goes
    let mut ring = settled();
    let first = ring.first;
    ring.follow(ring.last + 1, log(-10 * ONE), true);
    assert_eq!((ring.first, ring.log), (first, -(BASIS_POINT_PER_SECOND as i64)));
}

#[test]
fn shallow_time_counts_for_nothing() {
    // young: the history begins with the last shallow moment
    let mut ring = Ring::default();
    for second in 0..=2_000 {
        ring.follow(1_000 + second, log(0), second != 500);
    }
    assert_eq!((ring.first, ring.is_mature()), (1_500, false));
    ring.follow(3_299, log(0), true);
    assert!(!ring.is_mature());
    ring.follow(3_300, log(0), true);
    assert!(ring.is_mature());

    // mature: the recorded price stands still, whatever is done to the shallow pool
    let mut ring = settled();
    let (first, last) = (ring.first, ring.last);
    for hour in 1..=24 {
        assert!(!ring.follow(last + 3_600 * hour, log(10 * ONE), false));
        assert_eq!((ring.first, ring.deep, ring.log), (first, last, 0));
    }
    let marks = ring.marks(ring.last, Price(0)).unwrap();
    assert_eq!((marks.hi, marks.lo), (Price(1 << 64), Price(1 << 64)));
    let mut back = ring;
    assert!(!back.follow(last + DAY + 1, log(0), true));
    assert_eq!((back.first, back.deep), (first, last + DAY + 1));
    // for a day, and not a second longer
    assert!(ring.follow(last + DAY + 1, log(10 * ONE), false));
    assert_eq!((ring.first, ring.log, ring.is_mature()), (last + DAY + 1, 10 * ONE, false));
}

/// Pins the spot price at 2¹⁰ times itself for k seconds, every second or only at the end, then lets it return.
#[test]
fn pinning_moves_the_mean_by_no_more_than_the_bound() {
    let rate = BASIS_POINT_PER_SECOND;
    println!("spot pinned at 1024 times the price, rate 1 bp/s\nseconds  TWAP30m at the end  its largest later");
    for k in [1, 10, 60, 300, 500, 600, 720, 900, 1_800] {
        let day = observed((0..=24).map(|h| 1_700_006_400 + 3_600 * h), Ring::default(), log(0), rate);
        let start = day.last;
        let ring = observed([start + k], day, log(10 * ONE), rate);
        assert_eq!(ring, observed(start + 1..=start + k, day, log(10 * ONE), rate));
        let moved = |ring: &Ring, at| ring.mean_floor(at, Window::HalfHour).unwrap().get();
        let at_end = moved(&ring, start + k);
        let bound = rate as i128 * (k * (k + 1) / 2) as i128 / 1_800;
        assert!(at_end > 0 && at_end as i128 <= bound, "{at_end} above {bound}");
        let (mut back, mut largest) = (ring, at_end);
        for now in start + k + 1..=start + k + 4_000 {
            back.observe(now, log(0), rate).unwrap();
            largest = largest.max(moved(&back, now));
        }
        assert!(largest as i128 <= rate as i128 * (k * k) as i128 / 1_800);
        assert_eq!(back.log, 0);
        let percent = |l: i64| ((l as f64 / ONE as f64).exp2() - 1.0) * 100.0;
        println!("{k:7}  {:16.4} %  {:15.4} %", percent(at_end), percent(largest));
        // a mean is not moved by 1 % in less than ten minutes of pinning
        assert!(k >= 598 || percent(at_end) < 1.0);
    }
}

/// The fees of pushing a pool's price and back, which an attacker pays even if nobody trades against the push.
#[test]
fn moving_the_mean_costs_at_least_the_fees_of_the_push() {
    let curve = Curve { weight: 1_000_000, lambda: 50_000, psi_scale: 1, theta_scale: 1 };
    let (psi, theta) = (Psi(1_000_000_000_000), Theta(1_000_000_000_000));
    let start = Reserve { curve, psi, theta, kappa: curve.kappa(psi, theta), ..common::reserve(curve, psi.0, theta.0) };
    let before = log_of(start.price_floor().unwrap().0);
    println!("pushed for  spot must be up by  lost to fees, of the credits in the pool");
    for k in [600u64, 1_000] {
        // the recorded price climbs all the time only if spot is at least rate·k above it
        let goal = before + (BASIS_POINT_PER_SECOND * k) as i64;
        let (mut pushed, mut paid, mut units) = (start, 0, 0);
        while log_of(pushed.price_floor().unwrap().0) < goal {
            let fill = pushed.trade(Kind::BuyExactOut, psi.0 / 1_000, 0, &DEFAULT_FEES).unwrap();
            (paid, units) = (paid + fill.credits, units + fill.units);
        }
        // in another window: no risk fee of before
        let slot = 100 * DEFAULT_FEES.risk_window as u64;
        pushed.rotate(slot, DEFAULT_FEES.risk_window).unwrap();
        let mut received = 0;
        while units > 0 {
            let piece = units.min(psi.0 / 1_000);
            received += pushed.trade(Kind::SellExactIn, piece, slot, &DEFAULT_FEES).unwrap().credits;
            units -= piece;
        }
        let lost = (paid - received) as f64 / theta.0 as f64;
        println!("{k:8} s  {:15.2} %  {:10.4} %", ((goal - before) as f64 / ONE as f64).exp2().mul_add(100.0, -100.0), lost * 100.0);
        assert!(lost > 0.0);
    }
}
