//! The few operations on wide integers that the crate needs.

use core::cmp::Ordering;

/// An unsigned integer of 256 bits: four 64-bit limbs, least significant first.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct U256([u64; 4]);

impl U256 {
    /// 0
    pub const ZERO: U256 = U256([0; 4]);
    /// 2²⁵⁶ − 1
    pub const MAX: U256 = U256([u64::MAX; 4]);

    /// From limbs, least significant first.
    #[inline(always)]
    pub const fn from_limbs(limbs: [u64; 4]) -> U256 {
        U256(limbs)
    }

    /// The limbs, least significant first.
    #[inline(always)]
    pub const fn to_limbs(self) -> [u64; 4] {
        self.0
    }

    /// The value, or `u64::MAX` if it is larger.
    pub const fn saturating_u64(self) -> u64 {
        let [low, b, c, d] = self.0;
        if (b | c | d) == 0 { low } else { u64::MAX }
    }
}

impl Ord for U256 {
    #[inline(always)]
    fn cmp(&self, other: &U256) -> Ordering {
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = other.0;
        (a3, a2, a1, a0).cmp(&(b3, b2, b1, b0))
    }
}

impl PartialOrd for U256 {
    #[inline(always)]
    fn partial_cmp(&self, other: &U256) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `a · b`, both at most 128 bits.
pub fn mul_128x128(a: u128, b: u128) -> U256 {
    let (a1, a0) = ((a >> 64) as u64 as u128, a as u64 as u128);
    let (b1, b0) = ((b >> 64) as u64 as u128, b as u64 as u128);
    let (p00, p01, p10, p11) = (a0 * b0, a0 * b1, a1 * b0, a1 * b1);
    let mid = (p00 >> 64) + (p01 as u64 as u128) + (p10 as u64 as u128);
    let high = p11.wrapping_add(p01 >> 64).wrapping_add(p10 >> 64).wrapping_add(mid >> 64);
    U256([p00 as u64, mid as u64, high as u64, (high >> 64) as u64])
}

/// `a + b`, which the caller knows to fit.
pub fn wrapping_add(a: U256, b: U256) -> U256 {
    let mut out = [0; 4];
    let mut carry = 0u128;
    for ((o, x), y) in out.iter_mut().zip(a.0).zip(b.0) {
        carry += x as u128 + y as u128;
        *o = carry as u64;
        carry >>= 64;
    }
    U256(out)
}
/// `a − b`, which the caller knows not to be negative.
pub fn wrapping_sub(a: U256, b: U256) -> U256 {
    let mut out = [0; 4];
    let mut borrow = false;
    for ((o, x), y) in out.iter_mut().zip(a.0).zip(b.0) {
        let (d, b1) = x.overflowing_sub(y);
        let (d, b2) = d.overflowing_sub(borrow as u64);
        *o = d;
        borrow = b1 | b2;
    }
    U256(out)
}
/// `⌊a / b⌋`, or `None` if it does not fit 128 bits or `b` is zero. Needs `b` < 2²⁵⁵.
pub fn div_floor_128(a: U256, b: U256) -> Option<u128> {
    if b == U256::ZERO {
        return None;
    }
    let mut quotient = U256::ZERO;
    let mut rest = U256::ZERO;
    for bit in (0..256).rev() {
        let limb = a.0.get(bit / 64).copied().unwrap_or(0);
        rest = wrapping_add(wrapping_add(rest, rest), U256([(limb >> (bit % 64)) & 1, 0, 0, 0]));
        quotient = wrapping_add(quotient, quotient);
        if rest >= b {
            rest = wrapping_sub(rest, b);
            quotient = wrapping_add(quotient, U256([1, 0, 0, 0]));
        }
    }
    let [q0, q1, q2, q3] = quotient.0;
    if (q2 | q3) != 0 { None } else { Some((q1 as u128) << 64 | q0 as u128) }
}
/// `⌊√a⌋`
pub fn isqrt(a: U256) -> u128 {
    let mut root = 0u128;
    for bit in (0..128).rev() {
        let next = root | 1 << bit;
        if mul_128x128(next, next) <= a {
            root = next;
        }
    }
    root
}
