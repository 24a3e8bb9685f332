//! Obligations and what stands for them: exhaustive for small numbers, at random against wide integers.
mod common;
use common::Rng;
use hmm_math::margin::*;
use hmm_math::{Ppm, Price, Reason};
use ruint::Uint;

type Wide = Uint<512, 8>;
const ONE: u128 = 1 << 64;

fn wide(n: impl TryInto<u128, Error: std::fmt::Debug>) -> Wide {
    Wide::from(n.try_into().unwrap())
}
fn floor(n: Wide, d: Wide) -> u64 {
    (n / d).try_into().unwrap_or(u64::MAX)
}
fn ceil(n: Wide, d: Wide) -> u64 {
    ((n + d - wide(1u8)) / d).try_into().unwrap_or(u64::MAX)
}

#[test]
fn values_are_those_of_wide_integers() {
    let mut rng = Rng(31);
    for _ in 0..200_000 {
        let (units, price) = (rng.size(1, u64::MAX), u128::from(rng.size(1, u64::MAX)) << 64 | u128::from(rng.size(1, u64::MAX)));
        let exact = wide(units) * wide(price);
        assert_eq!(value_ceil(units, Price(price)), ceil(exact, wide(ONE)));
        assert_eq!(value_floor(units, Price(price)), floor(exact, wide(ONE)));
        if price > 0 {
            assert_eq!(units_ceil(units, Price(price)), ceil(wide(units) * wide(ONE), wide(price)));
        }
    }
    assert_eq!(units_ceil(0, Price(0)), u64::MAX);
    assert_eq!((value_ceil(u64::MAX, Price(u128::MAX)), value_floor(u64::MAX, Price(u128::MAX))), (u64::MAX, u64::MAX));
}

#[test]
fn the_fewest_units_of_a_value() {
    for price in 1..200u128 {
        let price = Price(price * (ONE >> 4));
        for value in 0..200 {
            let units = units_ceil(value, price);
            assert!(value_floor(units, price) >= value && (units == 0 || value_floor(units - 1, price) < value));
        }
    }
}

#[test]
fn margins_are_exact_at_the_boundary() {
    for ratio in [1, 499_999, 1_000_000, 1_000_001, 1_200_000, 1_500_000, u32::MAX].map(Ppm) {
        for owed in 0..300 {
            let required = required_ceil(owed, ratio).unwrap();
            assert!(covers(required, owed, ratio) && (required == 0 || !covers(required - 1, owed, ratio)));
            for cover in 0..300 {
                let free = free_floor(cover, owed, ratio);
                assert!(free <= cover && (free == 0 || covers(cover - free, owed, ratio)));
                assert!(!covers(cover, owed, ratio) || free == cover || !covers(cover - free - 1, owed, ratio));
            }
        }
    }
    // What saturated is not covered by anything.
    assert!(!covers(u64::MAX, u64::MAX, Ppm(1_000_001)));
    assert_eq!(required_ceil(u64::MAX, Ppm(1_000_001)).unwrap_err().reason, Reason::Overflow);
    assert_eq!(free_floor(u64::MAX, u64::MAX, Ppm(1_000_001)), 0);
}

#[test]
fn delivery_is_exact_at_the_boundary() {
    for quality in [1, 300_000, 333_333, 500_000, 999_999, 1_000_000].map(Ppm) {
        for (capacity, seconds) in [(0, 1), (1, 3_599), (1, 3_600), (7, 9_999), (1_000, 1), (u64::MAX, u64::MAX), (u64::MAX, 3_600)] {
            let raw = u64::try_from(u128::from(capacity) * u128::from(seconds) / 3_600).unwrap_or(u64::MAX);
            let most = deliverable_floor(capacity, seconds, quality);
            assert_eq!(most, minted_floor(raw, quality));
            assert!(raw_ceil(most, quality).unwrap() <= raw);
            if let Some(Ok(more)) = most.checked_add(1).map(|units| raw_ceil(units, quality)) {
                assert!(more > raw || raw == u64::MAX);
            }
        }
        for raw in 0..5_000 {
            let units = minted_floor(raw, quality);
            assert_eq!(units, raw * u64::from(quality.0) / 1_000_000);
            assert!(raw_ceil(units, quality).unwrap() <= raw);
        }
    }
    assert_eq!(minted_floor(u64::MAX, Ppm(u32::MAX)), u64::MAX);
    assert_eq!(raw_ceil(1, Ppm(0)).unwrap_err().reason, Reason::ZeroAmount);
    assert_eq!(raw_ceil(u64::MAX, Ppm(999_999)).unwrap_err().reason, Reason::Overflow);
}

/// Whatever the order and sizes, the shares of all units add up to what was held, and no order gets more out early.
#[test]
fn shares_add_up() {
    for held in 0..60 {
        for outstanding in 1..24 {
            for first in 0..=outstanding {
                let share = share_floor(held, first, outstanding).unwrap();
                assert!(share * outstanding <= held * first);
                let rest = share_floor(held - share, outstanding - first, outstanding - first).unwrap();
                assert_eq!(share + rest, held);
            }
            assert_eq!(share_floor(held, outstanding + 1, outstanding).unwrap_err().reason, Reason::Overflow);
        }
    }
    assert_eq!(share_floor(5, 0, 0), Ok(5));
    let mut rng = Rng(32);
    for _ in 0..100_000 {
        let (held, outstanding) = (rng.size(1, u64::MAX), rng.size(1, u64::MAX));
        let units = rng.below(outstanding);
        assert_eq!(share_floor(held, units, outstanding), Ok(floor(wide(held) * wide(units), wide(outstanding))));
    }
}

#[test]
fn a_liquidation_pays_no_more_than_there_is_and_stops_at_gamma() {
    let (gamma, premium) = (Ppm(1_500_000), Ppm(1_050_000));
    for owed in 1..120u64 {
        for cover in 0..200 {
            for value in 0..=owed {
                let paid = payoff_floor(value, owed, cover, premium);
                assert!(paid <= cover && paid * owed <= value * cover && paid * 1_000_000 <= value * 1_050_000);
                // One credit more breaks one of the two bounds.
                assert!((paid + 1) * owed > value * cover || (paid + 1) * 1_000_000 > value * 1_050_000);
            }
            let least = restoring_ceil(owed, cover, gamma, premium).unwrap();
            assert_eq!(least == 0, covers(cover, owed, gamma));
            if least < owed {
                assert!(covers(cover - payoff_floor(least, owed, cover, premium), owed - least, gamma));
                // Less does not restore γ, apart from what the payment's rounding leaves.
                assert!(
                    least == 0 || {
                        let (left, paid) = (owed - (least - 1), (least - 1) * 1_050_000);
                        u128::from(cover) * 1_000_000 - u128::from(paid) < u128::from(left) * 1_500_000
                    }
                );
            }
        }
    }
    assert_eq!(restoring_ceil(1, 0, premium, premium).unwrap_err().reason, Reason::Overflow);
    assert_eq!(payoff_floor(0, 0, 7, premium), 0);
    assert_eq!(payoff_floor(u64::MAX, u64::MAX, u64::MAX, premium), u64::MAX);
    assert_eq!(restoring_ceil(u64::MAX, 0, gamma, premium), Ok(u64::MAX));
}
