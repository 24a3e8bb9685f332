//! The quality of workers against exact fractions. The vectors come from the Python oracle.
mod common;
use common::Rng;
use hmm_math::quality::*;
use hmm_math::{Ppm, Reason};
use ruint::Uint;
use serde_json::Value;

fn rows() -> Vec<Value> {
    let document: Value = serde_json::from_str(include_str!("../vectors-protocol.json")).unwrap();
    document["quality"].as_array().unwrap().clone()
}
fn n(row: &Value, key: &str) -> u64 {
    row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}")).parse().unwrap()
}
fn after(outcomes: impl IntoIterator<Item = (u64, u16, bool)>) -> Posterior {
    let mut p = Posterior::default();
    for (epoch, score, fault) in outcomes {
        p.record(epoch, score, ONE, fault).unwrap();
    }
    p
}

#[test]
fn vectors() {
    let (mut known, mut recorded) = (0, 0);
    for row in rows() {
        if row.get("score").is_some() {
            let mut p = Posterior::default();
            p.record(7, n(&row, "score") as u16, n(&row, "weight"), n(&row, "fault") == 1).unwrap();
            assert_eq!(p, Posterior { good: n(&row, "good"), bad: n(&row, "bad"), epoch: 7 }, "{row}");
            recorded += 1;
            continue;
        }
        let mut p = Posterior { good: n(&row, "good"), bad: n(&row, "bad"), epoch: 11 };
        let (got, exact) = (p.quality_floor().0 as u64, n(&row, "quality"));
        assert!(got <= exact && exact - got <= 1, "{got} {row}");
        known += (got != 500_000) as u32;
        p.decay(11 + n(&row, "epochs"));
        // against the worker: down by two units at most, up by three above the floor
        let (good, bad) = (n(&row, "good_floor"), n(&row, "bad_floor"));
        assert!(p.good <= good && good - p.good <= 2, "{p:?} {row}");
        assert!(p.bad >= bad && p.bad - bad <= 3, "{p:?} {row}");
        if n(&row, "epochs") == 0 {
            assert_eq!((p.good, p.bad), (good, bad));
        }
    }
    assert!(known > 100 && recorded == 200);
}

/// The j-th factor of the decay is the 30th root of 2^(−j), rounded down.
#[test]
fn the_decay_of_one_epoch_after_the_other() {
    type Wide = Uint<2048, 32>;
    for j in 1..30usize {
        let mut p = Posterior { good: u64::MAX >> 1, bad: 0, epoch: 0 };
        p.decay(j as u64);
        let bound = Wide::from(u64::MAX >> 1).pow(Wide::from(30)) >> j;
        assert!(Wide::from(p.good).pow(Wide::from(30)) <= bound && Wide::from(p.good + 2).pow(Wide::from(30)) > bound, "{j}");
    }
    // a half-life halves, and a step at a time comes to the same, less what is rounded each time
    let start = Posterior { good: 100 * ONE, bad: 100 * ONE, epoch: 5 };
    let (mut once, mut steps) = (start, start);
    for epoch in 6..=5 + 3_000 {
        steps.decay(epoch);
        once = start;
        once.decay(epoch);
        assert!(steps.good <= once.good && once.good - steps.good <= 44);
        assert!(steps.bad >= once.bad && steps.bad - once.bad <= 44);
        if epoch == 35 {
            assert_eq!((once.good, once.bad), (50 * ONE, 50 * ONE));
        }
    }
    assert!(steps.good == 0 && steps.bad <= 44 && once.bad == 1);
    steps.decay(u64::MAX);
    assert_eq!((steps.good, steps.bad, steps.epoch), (0, 1, u64::MAX));
    // an earlier epoch changes nothing
    let kept = steps;
    steps.decay(3);
    assert_eq!(steps, kept);
}

#[test]
fn better_outcomes_never_make_it_worse() {
    let mut rng = Rng(41);
    for _ in 0..100_000 {
        let before = Posterior { good: rng.size(0, 200 * ONE), bad: rng.size(0, 200 * ONE), epoch: 0 };
        let (epoch, weight, fault) = (rng.size(0, 100), rng.size(1, 50 * ONE), rng.below(4) == 0);
        let (low, high) = (rng.below(10_001) as u16, rng.below(10_001) as u16);
        let (low, high) = (low.min(high), low.max(high));
        let (mut worse, mut better) = (before, before);
        worse.record(epoch, low, weight, fault).unwrap();
        better.record(epoch, high, weight, fault).unwrap();
        // the weight of a fault grows as its score falls: compare where both are known
        if !fault || (worse.evidence() < ENOUGH) == (better.evidence() < ENOUGH) {
            let (w, b) = (worse.quality_floor().0, better.quality_floor().0);
            // at the very threshold a rounded unit decides, and the quality itself is rounded
            let edge = worse.evidence().abs_diff(ENOUGH) <= 2 || better.evidence().abs_diff(ENOUGH) <= 2;
            assert!(w <= b + 1 || edge, "{before:?} {low} {high} {weight} {fault}: {w} {b}");
        }
        // a fault is never better than a failure with the same score
        if !fault && worse.evidence() >= ENOUGH {
            let mut faulty = before;
            faulty.record(epoch, low, weight, true).unwrap();
            assert!(faulty.quality_floor().0 <= worse.quality_floor().0 + 1);
        }
    }
}

#[test]
fn lives_of_workers() {
    assert_eq!(Posterior::default().quality_floor(), UNKNOWN);
    assert_eq!(after((0..4).map(|_| (1, 0, false))).quality_floor(), UNKNOWN);
    let failures = after((0..50).map(|i| (i, 0, false)));
    let proven = after((0..50).map(|i| (i, 0, true)));
    let good = after((0..50).map(|i| (i, 10_000, false)));
    println!(
        "after five successes {}, fifty {}; five failures {}, fifty {}, fifty proven {}; one proven {} (parts per million)",
        after((0..5).map(|_| (0, 10_000, false))).quality_floor().0,
        good.quality_floor().0,
        after((0..5).map(|_| (0, 0, false))).quality_floor().0,
        failures.quality_floor().0,
        proven.quality_floor().0,
        after([(0, 0, true)]).quality_floor().0,
    );
    assert!(failures.quality_floor() < Ppm(50_000) && proven.quality_floor() < Ppm(50_000));
    assert!(good.quality_floor() > Ppm(900_000));
    assert!(after([(0, 0, true)]).quality_floor() < Ppm(50_000));
    // and everybody returns to the prior
    for mut p in [failures, proven, good] {
        p.decay(50 + 400);
        assert_eq!(p.quality_floor(), UNKNOWN);
        p.decay(50 + 4_000);
        assert!(p.evidence() <= 1);
    }
}

#[test]
fn weights() {
    assert_eq!(weight_floor(10, 100, 20, Ppm(1_000_000)), Ok(ONE / 2));
    assert_eq!(weight_floor(1_000, 100, 20, Ppm(500_000)), Ok(5 * ONE / 2));
    assert_eq!(weight_floor(1, 1, 3, Ppm(1_000_000)), Ok(ONE / 3));
    assert_eq!(weight_floor(1, 1, 0, Ppm(1)).unwrap_err().reason, Reason::ZeroAmount);
    assert_eq!(weight_floor(u64::MAX, u64::MAX, 1, Ppm(u32::MAX)).unwrap_err().reason, Reason::Overflow);
    assert_eq!(weight_floor(u64::MAX, u64::MAX, u64::MAX, Ppm(1_000_000)), Ok(ONE));
}

#[test]
fn refusals_change_nothing() {
    let start = Posterior { good: EVIDENCE_LIMIT - 2, bad: 1, epoch: 4 };
    for (score, weight, fault) in
        [(10_000, 1, false), (10_001, 1, false), (0, u64::MAX, true), (0, u64::MAX, false), (9_999, u64::MAX / 8, true)]
    {
        let mut p = start;
        assert_eq!(p.record(4, score, weight, fault).unwrap_err().reason, Reason::Overflow);
        assert_eq!(p, start);
    }
    let mut p = start;
    p.record(34, 10_000, 1, false).unwrap();
    assert_eq!(p.good, EVIDENCE_LIMIT / 2);
    for good in [0, u64::MAX] {
        for bad in [0, u64::MAX] {
            let q = Posterior { good, bad, epoch: 0 }.quality_floor();
            assert!(q <= Ppm(1_000_000));
        }
    }
}
