//! What vouchers of a series that is over claim of its fund: exhaustive where it is small.

use hmm_math::{Price, Reason, series};

const ONE: u128 = 1 << 64;

/// Prices that divide nothing evenly: zero, the least one, fractions, whole ones, more than any fund.
const PRICES: [u128; 8] = [0, 1, ONE / 3, ONE - 1, ONE, ONE * 7 / 3, 5 * ONE, u128::MAX];

/// Redeems `units`, as the program does: pays, then releases what the rest cannot claim. (paid, released)
fn redeem(fund: &mut u64, vouchers: &mut u64, units: u64, price: Price) -> (u64, u64) {
    let paid = series::redeem_floor(units, *fund, *vouchers, price).expect("a redemption");
    *vouchers -= units;
    let left = *fund - paid;
    *fund = series::claim_ceil(left, *vouchers, price);
    (paid, left - *fund)
}

/// Every order and division of up to seven vouchers, every fund up to forty: nothing is created, each voucher is paid no less than before,
/// none above the price.
#[test]
fn nobody_is_worse_off_for_coming_later() {
    let mut sequences = 0u64;
    for price in PRICES.map(Price) {
        for vouchers in 1..=7u64 {
            // each bit says whether a redemption ends after this voucher
            for cuts in 0..1u32 << (vouchers - 1) {
                for fund in 0..=40u64 {
                    sequences += 1;
                    let (mut left, mut rest) = (fund, vouchers);
                    let (mut paid, mut released, mut units) = (0, 0, 0);
                    for i in 0..vouchers {
                        units += 1;
                        if i + 1 < vouchers && cuts >> i & 1 == 0 {
                            continue;
                        }
                        let (fund_before, rest_before) = (left, rest);
                        let fair = (u128::from(units) * u128::from(fund_before) / u128::from(rest_before))
                            .min(hmm_math::margin::value_floor(units, price).into());
                        let (p, r) = redeem(&mut left, &mut rest, units, price);
                        assert_eq!(u128::from(p), fair);
                        paid += p;
                        released += r;
                        // what is left for each, up to the price, did not fall: min(left/rest, price) ≥ min(before/rest_before, price)
                        if rest > 0 {
                            let claim = |fund: u64, n: u64| hmm_math::margin::value_ceil(n, price).min(fund);
                            let (before, after) = (claim(fund_before, rest_before), claim(left, rest));
                            assert!(
                                u128::from(after) * u128::from(rest_before) >= u128::from(before) * u128::from(rest)
                                    || after >= hmm_math::margin::value_floor(rest, price),
                                "{fund} {vouchers} {cuts:b} {price:?}"
                            );
                        }
                        units = 0;
                    }
                    assert_eq!(rest, 0);
                    assert_eq!(paid + released + left, fund, "nothing created, nothing lost");
                    assert_eq!(left, 0, "the last voucher leaves nothing");
                    assert!(paid <= hmm_math::margin::value_floor(vouchers, price));
                }
            }
        }
    }
    println!("{sequences} sequences of redemptions");
}

/// Redeeming in parts never pays more than at once.
#[test]
fn parts_pay_no_more_than_the_whole() {
    for price in PRICES.map(Price) {
        for vouchers in 1..=12u64 {
            for fund in 0..=60u64 {
                for units in 1..=vouchers {
                    let whole = series::redeem_floor(units, fund, vouchers, price).expect("a redemption");
                    for first in 1..units {
                        let (mut left, mut rest) = (fund, vouchers);
                        let parts = redeem(&mut left, &mut rest, first, price).0 + redeem(&mut left, &mut rest, units - first, price).0;
                        assert!(parts <= whole, "{units} of {vouchers} for {fund} at {price:?}: {parts} > {whole}");
                    }
                }
            }
        }
    }
}

#[test]
fn at_the_edges() {
    let most = u64::MAX;
    assert_eq!(series::redeem_floor(most, most, most, Price(u128::MAX)), Ok(most));
    assert_eq!(series::redeem_floor(most, most, most, Price(ONE)), Ok(most));
    assert_eq!(series::redeem_floor(most - 1, most, most, Price(ONE * 2)), Ok(most - 1));
    assert_eq!(series::redeem_floor(1, most, most, Price(ONE - 1)), Ok(0));
    assert_eq!(series::redeem_floor(5, 0, 5, Price(ONE)), Ok(0));
    assert_eq!(series::redeem_floor(5, 100, 5, Price(0)), Ok(0));
    assert_eq!(series::redeem_floor(6, 100, 5, Price(ONE)), Err(Reason::SharesAboveSupply.refuse(5, 6)));
    assert_eq!(series::redeem_floor(0, 100, 5, Price(ONE)), Err(Reason::ZeroAmount.refuse(1, 0)));
    assert_eq!(series::redeem_floor(0, 0, 0, Price(ONE)), Err(Reason::ZeroAmount.refuse(1, 0)));
    assert_eq!(series::claim_ceil(most, most, Price(u128::MAX)), most);
    assert_eq!(series::claim_ceil(100, 0, Price(ONE)), 0);
    assert_eq!(series::claim_ceil(100, 3, Price(ONE / 2)), 2);
    assert_eq!(series::claim_ceil(1, 3, Price(ONE / 2)), 1);
    assert_eq!(series::claim_ceil(100, 3, Price(1)), 1);
}

/// At every order of magnitude, against 128-bit integers.
#[test]
fn parts_of_a_fund_at_full_width() {
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state ^ state >> 29) >> (state >> 58)
    };
    for _ in 0..200_000 {
        let (fund, vouchers) = (next(), next().max(1));
        let units = (next() % vouchers).max(1);
        let part = u128::from(fund) * u128::from(units) / u128::from(vouchers);
        assert_eq!(series::redeem_floor(units, fund, vouchers, Price(u128::MAX)).map(u128::from), Ok(part), "{fund} {units} {vouchers}");
    }
}
