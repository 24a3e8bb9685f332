//! Logarithms, the price ring, and what moving a mean costs. The vectors come from the Python oracle.
mod common;
use common::{DEFAULT_FEES, Rng};
use hmm_math::log::*;
use hmm_math::ring::*;
use hmm_math::{Curve, Kind, Price, Psi, Reserve, Theta};
use ruint::aliases::U256 as Big;
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
    let nonsense = Ring { first: i64::MIN, last: i64::MAX, log: i64::MAX, sum: i64::MIN, minutes: [i64::MAX; 32], hours: [7; 25] };
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
