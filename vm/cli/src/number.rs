//! Numbers that no machine word holds, and prices, for people's eyes.

use std::fmt;

use hmm_client::quote::display_price;
use hmm_math::U256;

use crate::amount::VOUCHER_DECIMALS;

/// A 256-bit integer in decimal digits.
pub fn decimal(value: U256) -> String {
    const STEP: u128 = 10_000_000_000_000_000_000;
    let mut limbs = value.to_limbs();
    let mut groups = Vec::new();
    while limbs != [0; 4] {
        let mut rest = 0u128;
        for limb in limbs.iter_mut().rev() {
            let digit = rest << 64 | u128::from(*limb);
            *limb = u64::try_from(digit / STEP).expect("the rest is below the divisor");
            rest = digit % STEP;
        }
        groups.push(rest);
    }
    let Some(first) = groups.pop() else { return "0".to_owned() };
    groups.iter().rev().fold(first.to_string(), |text, group| format!("{text}{group:019}"))
}

/// A 256-bit integer that shows itself in decimal digits.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Wide(pub U256);

impl fmt::Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0))
    }
}

/// The same with `places` decimals and a power of ten, cut off: `1.2500e33`.
pub fn scientific(value: U256, places: usize) -> String {
    let digits = decimal(value);
    if digits.len() <= places + 1 {
        return digits;
    }
    format!("{}.{}e{}", &digits[..1], &digits[1..=places], digits.len() - 1)
}

/// What `after` is more or less than `before`, with its sign, two digits.
pub fn difference(before: U256, after: U256) -> String {
    match (after.checked_sub(before), before.checked_sub(after)) {
        (Some(more), _) if more == U256::ZERO => "0".to_owned(),
        (Some(more), _) => format!("+{}", scientific(more, 1)),
        (None, less) => format!("−{}", scientific(less.unwrap_or(U256::MAX), 1)),
    }
}

/// A Q64.64 price of raw credits per raw unit as credits per whole unit.
pub fn price(raw: u128, credit_decimals: u8) -> String {
    format!("{:.9}", whole_price(raw, credit_decimals))
}

/// The same as a number.
pub fn whole_price(raw: u128, credit_decimals: u8) -> f64 {
    display_price(raw) * 10f64.powi(i32::from(VOUCHER_DECIMALS) - i32::from(credit_decimals))
}

/// A relative change in percent, with its sign: 0.0123 is `+1.230 %`.
pub fn percent(part: f64) -> String {
    let text = format!("{:.3}", (part * 100.0).abs());
    let sign = if text == "0.000" {
        ""
    } else if part < 0.0 {
        "−"
    } else {
        "+"
    };
    format!("{sign}{text} %")
}

/// Parts of `whole` in percent: 3,000 of a million is `0.3 %`.
pub fn rate(parts: u64, whole: u64) -> String {
    let text = format!("{:.6}", parts as f64 * 100.0 / whole as f64);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_wide_integers() {
        let u = |low: u128, high: u128| {
            let half = |v: u128| [v as u64, (v >> 64) as u64];
            let ([a, b], [c, d]) = (half(low), half(high));
            U256::from_limbs([a, b, c, d])
        };
        assert_eq!(decimal(u(0, 0)), "0");
        assert_eq!(decimal(u(u128::MAX, 0)), u128::MAX.to_string());
        assert_eq!(decimal(u(0, 1)), "340282366920938463463374607431768211456");
        assert_eq!(decimal(U256::MAX), "115792089237316195423570985008687907853269984665640564039457584007913129639935");
        assert_eq!(decimal(u(10_000_000_000_000_000_000, 0)), "10000000000000000000");
        assert_eq!(scientific(u(1_250_000, 0), 3), "1.250e6");
        assert_eq!(scientific(u(125, 0), 3), "125");
        assert_eq!(difference(u(1_000, 1), u(251_000, 1)), "+2.5e5");
        assert_eq!(difference(u(1_000, 1), u(999, 1)), "−1");
        assert_eq!(difference(U256::MAX, U256::MAX), "0");
    }

    #[test]
    fn shows_prices_and_rates() {
        // 2.5 credits (9 decimals) a unit (6 decimals) are 2,500 raw credits a raw unit
        assert_eq!(price(2_500 << 64, 9), "2.500000000");
        assert_eq!(percent(-0.0123), "−1.230 %");
        assert_eq!(percent(0.000_000_1), "0.000 %");
        assert_eq!(rate(3_000, 1_000_000), "0.3 %");
        assert_eq!(rate(1_000_000, 1_000_000), "100 %");
    }
}
