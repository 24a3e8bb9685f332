//! Base-2 logarithm and exponential of prices, in integers: a table of 128 and a polynomial each.
//!
//! Every operation is on integers and rounds down, so a result is the same everywhere. The tables are computed by the compiler:
//! the logarithms by repeated squaring, the powers by repeated square roots, both to about 60 bits.
#![allow(clippy::cast_possible_truncation)] // taking numbers apart into limbs is what this file is for

use crate::units::Price;
use crate::wide::{self, U256};

/// The fractional bits of a [`LogPrice`].
pub const FRACTION: u32 = 40;
/// 1 in a [`LogPrice`]: a price twice as high.
pub const ONE: i64 = 1 << FRACTION;
/// No logarithm of a price is larger, nor smaller than its negative: 64, since prices are Q64.64.
pub const LIMIT: i64 = 64 << FRACTION;

/// log₂ of a price in units of 2⁻⁴⁰, in −64 to 64.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LogPrice(i64);

impl LogPrice {
    /// From units of 2⁻⁴⁰. `None` outside −64 to 64.
    pub const fn new(log: i64) -> Option<LogPrice> {
        if log < -LIMIT || log > LIMIT { None } else { Some(LogPrice(log)) }
    }

    /// In units of 2⁻⁴⁰.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// log₂ of the price: within 2⁻³⁹ of it (two units), exact for a power of two. `None` of zero.
    #[inline(never)]
    pub fn of(price: Price) -> Option<LogPrice> {
        let (low, high) = wide::limbs(price.0);
        let (m, exponent) = match (high.leading_zeros(), low.leading_zeros()) {
            (64, 64) => return None,
            (64, zeros) => (low << zeros, -1 - zeros as i64),
            (0, _) => (high, 63),
            (zeros, _) => (high << zeros | low >> (64 - zeros), 63 - zeros as i64),
        };
        Self::of_leading(m, exponent)
    }

    /// log₂ of `num / den`, each less than 2²⁵⁶: within 2⁻³⁹ of it (two units), exact for a power of two if both are. `None` if one is zero or
    /// the result is outside −64 to 64.
    ///
    /// Both are cut to their leading 64 bits and so is their quotient: that is 2⁻⁶¹ at most.
    #[inline(always)]
    pub fn of_ratio(num: U256, den: U256) -> Option<LogPrice> {
        if num == U256::ZERO || den == U256::ZERO {
            return None;
        }
        let ((n, e), (d, f)) = (wide::leading_64(num), wide::leading_64(den));
        let exponent = e as i64 - f as i64;
        // n/d or 2n/d in [1, 2), in Q63; n/2 < 2⁶³ ≤ d
        let (m, exponent) =
            if n < d { (wide::div_128_64(n, 0, d), exponent - 1) } else { (wide::div_128_64(n >> 1, n << 63, d), exponent) };
        LogPrice::of_leading(m, exponent).and_then(|log| LogPrice::new(log.0))
    }

    /// log₂ of m·2^exponent for m in [1, 2), in Q63, and an exponent of −256 to 256.
    ///
    /// With c just above 1/m from the table: log₂m = −log₂c + log₂(1 + z), z = m·c − 1 < 2⁻⁶·⁹⁷, and five terms of the series leave less
    /// than 2⁻⁴³.
    #[inline(always)]
    fn of_leading(m: u64, exponent: i64) -> Option<LogPrice> {
        let (reciprocal, table) = *LOGS.get((m >> 56 & 127) as usize)?;
        // Q62: 2⁴⁸·2¹⁵ < 2⁶³ + 2⁵⁶, and at least 2⁶² less the bits of m that were dropped
        let z = (m >> 16).wrapping_mul(reciprocal).saturating_sub(1 << 62);
        // Q36 coefficients 1/(k·ln 2) times a Q35 below 2²⁸·⁰³: below 2⁶⁴
        let t = z >> 27;
        let p = A4.wrapping_sub(t.wrapping_mul(A5) >> 35);
        let p = A3.wrapping_sub(t.wrapping_mul(p) >> 35);
        let p = A2.wrapping_sub(t.wrapping_mul(p) >> 35);
        let p = A1.wrapping_sub(t.wrapping_mul(p) >> 35);
        let series = (wide::mul_64(z, p) >> 36) as u64;
        // both Q62, together at most a little over 1
        let fraction = table.wrapping_add(series) >> (62 - FRACTION);
        Some(LogPrice((exponent << FRACTION).wrapping_add(fraction as i64)))
    }

    /// 2 to this power, as a price: at most 2⁻³⁹ of it too low and one unit of Q64.64, never too high; `u128::MAX` for 64.
    #[inline(never)]
    pub fn price_floor(self) -> Price {
        if self.0 >= LIMIT {
            return Price(u128::MAX);
        }
        let (exponent, fraction) = (self.0 >> FRACTION, (self.0 & (ONE - 1)) as u64);
        let power = match POWERS.get((fraction >> 33) as usize) {
            Some(power) => *power,
            None => return Price(0), // never: the fraction has 40 bits
        };
        // g < 2⁻⁷ in Q40; Q34 coefficients ln 2ᵏ/k! times a Q38 below 2³¹: below 2⁶³
        let g = fraction & ((1 << 33) - 1);
        let h = g >> 2;
        let p = B3.wrapping_add(h.wrapping_mul(B4) >> 38);
        let p = B2.wrapping_add(h.wrapping_mul(p) >> 38);
        let p = B1.wrapping_add(h.wrapping_mul(p) >> 38);
        let more = (wide::mul_64(g, p) >> 11) as u64; // 2ᵍ − 1 in Q63
        let mantissa = power.wrapping_add((wide::mul_64(power, more) >> 63) as u64); // below 2: every step rounded down
        let mantissa = mantissa as u128;
        Price(if exponent >= -1 { mantissa << (exponent + 1) } else { mantissa >> (-1 - exponent) })
    }
}

// 1/(k·ln 2) in Q36, rounded down
const A1: u64 = 0x17_1547_652b;
const A2: u64 = 0xb_8aa3_b295;
const A3: u64 = 0x7_b1c2_770e;
const A4: u64 = 0x5_c551_d94a;
const A5: u64 = 0x4_9ddb_143b;

// (ln 2)ᵏ/k! in Q34, rounded down
const B1: u64 = 0x2_c5c8_5fdf;
const B2: u64 = 0xf5fd_effc;
const B3: u64 = 0x38d6_11ae;
const B4: u64 = 0x9d9_55b7;

/// For each i: c = ⌈2¹⁵·128/(128 + i)⌉, so that m·c ≥ 1 for every m of the i-th part of [1, 2), and −log₂(c/2¹⁵) in Q62.
static LOGS: [(u64, u64); 128] = logs();
/// 2^(i/128) in Q63.
static POWERS: [u64; 128] = powers();

#[allow(clippy::indexing_slicing)] // evaluated by the compiler
const fn logs() -> [(u64, u64); 128] {
    let mut table = [(0, 0); 128];
    let mut i = 0;
    while i < 128 {
        let c = (1u64 << 22).div_ceil(128 + i as u64);
        let mut x = (1u128 << 77) / c as u128; // Q62 in [1, 2): c is above 2¹⁴ for every i
        let (mut log, mut bit) = (0, 0);
        while bit < 62 {
            x = (x * x) >> 62;
            log <<= 1;
            if x >> 63 != 0 {
                x >>= 1;
                log |= 1;
            }
            bit += 1;
        }
        table[i] = (c, log);
        i += 1;
    }
    table
}

#[allow(clippy::indexing_slicing)] // evaluated by the compiler
const fn powers() -> [u64; 128] {
    let mut table = [1 << 63; 128];
    let (mut root, mut step) = (1u128 << 64, 64); // 2 in Q63
    while step > 0 {
        root = (root << 63).isqrt();
        let mut i = 0;
        while i < 128 {
            if i & step != 0 {
                table[i] = ((table[i] as u128 * root) >> 63) as u64;
            }
            i += 1;
        }
        step >>= 1;
    }
    table
}
