//! The few operations on wide integers that the crate needs.
//!
//! The target has 64-bit registers, a 64-bit multiplication without high half and a 64-bit division, one compute unit each; the compiler's
//! 128-bit multiplication and division are calls. So products are put together here from 32-bit halves, division and root estimate one
//! 64-bit digit at a time from the hardware's. All arithmetic wraps; every comment says why it cannot.
#![allow(clippy::cast_possible_truncation)] // taking numbers apart into limbs and halves is what this file is for

use core::cmp::Ordering;

/// An unsigned integer of 256 bits: four 64-bit limbs, least significant first.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct U256([u64; 4]);

const HALF: u64 = 0xffff_ffff;

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

    /// `self + other` modulo 2²⁵⁶.
    #[inline(always)]
    pub const fn wrapping_add(self, other: U256) -> U256 {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (r0, carry) = add_carry(a0, b0, 0);
        let (r1, carry) = add_carry(a1, b1, carry);
        let (r2, carry) = add_carry(a2, b2, carry);
        U256([r0, r1, r2, a3.wrapping_add(b3).wrapping_add(carry)])
    }

    /// `self − other`, or `None` if it is negative.
    #[inline(always)]
    pub const fn checked_sub(self, other: U256) -> Option<U256> {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (r0, borrow) = sub_borrow(a0, b0, 0);
        let (r1, borrow) = sub_borrow(a1, b1, borrow);
        let (r2, borrow) = sub_borrow(a2, b2, borrow);
        let (r3, borrow) = sub_borrow(a3, b3, borrow);
        if borrow == 0 { Some(U256([r0, r1, r2, r3])) } else { None }
    }

    /// `self · m` modulo 2²⁵⁶.
    #[inline(always)]
    pub const fn wrapping_mul_32(self, m: u32) -> U256 {
        let [a0, a1, a2, a3] = self.0;
        let (r0, carry) = mul_carry(a0, m, 0);
        let (r1, carry) = mul_carry(a1, m, carry);
        let (r2, carry) = mul_carry(a2, m, carry);
        U256([r0, r1, r2, a3.wrapping_mul(m as u64).wrapping_add(carry)])
    }
}

impl Ord for U256 {
    #[inline(always)]
    fn cmp(&self, other: &U256) -> Ordering {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        if a3 != b3 {
            a3.cmp(&b3)
        } else if a2 != b2 {
            a2.cmp(&b2)
        } else if a1 != b1 {
            a1.cmp(&b1)
        } else {
            a0.cmp(&b0)
        }
    }
}

impl PartialOrd for U256 {
    #[inline(always)]
    fn partial_cmp(&self, other: &U256) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The low and the high limb.
#[inline(always)]
pub const fn limbs(a: u128) -> (u64, u64) {
    (a as u64, (a >> 64) as u64)
}

/// From the low and the high limb.
#[inline(always)]
pub const fn from_limbs(low: u64, high: u64) -> u128 {
    (high as u128) << 64 | low as u128
}

/// `a + b + carry` and the carry out (0 or 1).
#[inline(always)]
const fn add_carry(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, one) = a.overflowing_add(b);
    let (sum, two) = sum.overflowing_add(carry);
    (sum, one as u64 | two as u64)
}

/// `a − b − borrow` and the borrow out (0 or 1).
#[inline(always)]
const fn sub_borrow(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (rest, one) = a.overflowing_sub(b);
    let (rest, two) = rest.overflowing_sub(borrow);
    (rest, one as u64 | two as u64)
}

/// `a · m + carry` for carry < 2³²: the low limb, and what is above it (< 2³²).
#[inline(always)]
const fn mul_carry(a: u64, m: u32, carry: u64) -> (u64, u64) {
    let m = m as u64;
    // (2³² − 1)² + 2³² − 1 < 2⁶⁴, twice
    let low = (a & HALF).wrapping_mul(m).wrapping_add(carry);
    let high = (a >> 32).wrapping_mul(m).wrapping_add(low >> 32);
    (high << 32 | low & HALF, high >> 32)
}

/// `a · b`
#[inline(always)]
pub const fn mul_64(a: u64, b: u64) -> u128 {
    let (a1, a0, b1, b0) = (a >> 32, a & HALF, b >> 32, b & HALF);
    // at most (2³² − 1)² + 2³² − 1 < 2⁶⁴
    let s = a1.wrapping_mul(b0).wrapping_add(a0.wrapping_mul(b0) >> 32);
    let t = a0.wrapping_mul(b1);
    // ⌊(s + t)/2³²⌋ without the 65th bit. (The usual two half sums would do as well, but the compiler knows them, makes one 128-bit
    // product of them, and calls a function for it.)
    let middle = (s >> 1).wrapping_add(t >> 1).wrapping_add(s & t & 1) >> 31;
    from_limbs(a.wrapping_mul(b), a1.wrapping_mul(b1).wrapping_add(middle))
}

/// `a · m`, less than 2⁹⁶
#[inline(always)]
pub const fn mul_64_32(a: u64, m: u32) -> u128 {
    let m = m as u64;
    let high = (a >> 32).wrapping_mul(m).wrapping_add((a & HALF).wrapping_mul(m) >> 32);
    from_limbs(a.wrapping_mul(m), high >> 32)
}

/// `a · m` modulo 2¹²⁸
#[inline(always)]
pub const fn wrapping_mul_128_32(a: u128, m: u32) -> u128 {
    let (a0, a1) = limbs(a);
    let (low, high) = limbs(mul_64_32(a0, m));
    from_limbs(low, a1.wrapping_mul(m as u64).wrapping_add(high))
}

/// `a · b` for `a` < 2⁹⁶
#[inline(always)]
pub const fn mul_96_128(a: u128, b: u128) -> U256 {
    let ((a0, a1), (b0, b1)) = (limbs(a), limbs(b));
    let (r0, p1) = limbs(mul_64(a0, b0));
    let (q1, q2) = limbs(mul_64(a0, b1));
    let (s1, s2) = limbs(mul_64_32(b0, a1 as u32));
    let (t2, t3) = limbs(mul_64_32(b1, a1 as u32));
    let (r1, c) = add_carry(p1, q1, 0);
    let (r1, d) = add_carry(r1, s1, 0);
    // s2 < 2³²: with two carries it does not wrap
    let (r2, e) = add_carry(q2, t2, 0);
    let (r2, f) = add_carry(r2, s2.wrapping_add(c).wrapping_add(d), 0);
    U256([r0, r1, r2, t3.wrapping_add(e).wrapping_add(f)])
}

/// `a²` for `a` < 2⁹⁶
#[inline(always)]
pub const fn square_96(a: u128) -> U256 {
    let (a0, a1) = limbs(a);
    let (r0, p1) = limbs(mul_64(a0, a0));
    // 2·a1 < 2³³: doubled after the product
    let (q1, q2) = limbs(mul_64_32(a0, a1 as u32));
    let (r1, carry) = add_carry(p1, q1 << 1, 0);
    let r2 = a1.wrapping_mul(a1);
    let (r2, more) = add_carry(r2, (q2 << 1 | q1 >> 63).wrapping_add(carry), 0);
    U256([r0, r1, r2, more])
}

/// The leading zeros of a limb that is not 0, rounded down to a multiple of 2.
#[inline(always)]
const fn leading_zero_pairs(mut a: u64) -> u32 {
    let mut zeros = 0;
    if a >> 32 == 0 {
        zeros += 32;
        a <<= 32;
    }
    if a >> 48 == 0 {
        zeros += 16;
        a <<= 16;
    }
    if a >> 56 == 0 {
        zeros += 8;
        a <<= 8;
    }
    if a >> 60 == 0 {
        zeros += 4;
        a <<= 4;
    }
    if a >> 62 == 0 {
        zeros += 2;
    }
    zeros
}

/// The leading zeros of a limb that is not 0.
#[inline(always)]
const fn leading_zeros(a: u64) -> u32 {
    let pairs = leading_zero_pairs(a);
    pairs + (a << pairs >> 63 == 0) as u32
}

/// The high limb of `high:low << shift`, for shift < 64.
#[inline(always)]
const fn shift_in(high: u64, low: u64, shift: u32) -> u64 {
    high << (shift & 63) | low >> 1 >> (63 - (shift & 63))
}

/// The three limbs below the leading zero limbs, most significant first, and the number of bits below the second of them.
#[inline(always)]
const fn top(a: U256) -> (u64, u64, u64, i32) {
    let [a0, a1, a2, a3] = a.0;
    if a3 != 0 {
        (a3, a2, a1, 128)
    } else if a2 != 0 {
        (a2, a1, a0, 64)
    } else if a1 != 0 {
        (a1, a0, 0, 0)
    } else {
        (a0, 0, 0, -64)
    }
}

/// The leading 127 bits: `a = (m + δ)·2ᵉ` with 2¹²⁶ ≤ m < 2¹²⁷, 0 ≤ δ < 1. `a` is not 0.
#[inline(always)]
pub const fn leading_127(a: U256) -> (u128, i32) {
    let (high, middle, low, below) = top(a);
    let shift = leading_zeros(high);
    let (high, middle) = (shift_in(high, middle, shift), shift_in(middle, low, shift));
    (from_limbs(high << 63 | middle >> 1, high >> 1), below - shift as i32 + 1)
}

/// The leading 64 bits: `a = (m + δ)·2ᵉ` with 2⁶³ ≤ m < 2⁶⁴, 0 ≤ δ < 1. `a` is not 0.
#[inline(always)]
pub const fn leading_64(a: U256) -> (u64, i32) {
    let (high, middle, _, below) = top(a);
    let shift = leading_zeros(high);
    (shift_in(high, middle, shift), below + 64 - shift as i32)
}

/// The root of the leading bits: `√a = (r + δ)·2ᵉ` with 2⁶³ ≤ r < 2⁶⁴, −1 ≤ δ ≤ 1. `a` is not 0.
#[inline(always)]
pub const fn leading_root(a: U256) -> (u64, i32) {
    let (high, middle, low, below) = top(a);
    // an even shift: 2¹²⁶ ≤ high:middle < 2¹²⁸
    let shift = leading_zero_pairs(high);
    let (high, middle) = (shift_in(high, middle, shift), shift_in(middle, low, shift));
    let root = root_64(high);
    // Karatsuba's digit without its correction: root·2³² + q is at most q²/2⁶⁴ ≤ 1 too large and less than 1 too small. The rest is at most
    // 2·root < 2³³, so the numerator fits, and q ≤ 2³²; 2³² itself would be 1 too large anyway.
    let rest = high.wrapping_sub(root.wrapping_mul(root));
    let q = (rest << 31 | middle >> 33) / root;
    (root << 32 | if q > HALF { HALF } else { q }, (below - shift as i32) >> 1)
}

/// `⌊√a⌋` for `a` ≥ 2⁶²
#[inline(always)]
const fn root_64(a: u64) -> u64 {
    // The tangent at (9/16)·2⁶⁴: above the root, by 8.4 % at most; each step of Newton's squares and halves the error, and stays
    // above or at the floor: 8.4 % → 0.33 % → 5·10⁻⁶ → 1.3·10⁻¹¹, which is less than one unit.
    let mut root = ((a >> 31) / 3).wrapping_add(0x6000_0001);
    root = root.wrapping_add(a / root) >> 1;
    root = root.wrapping_add(a / root) >> 1;
    root = root.wrapping_add(a / root) >> 1;
    if a / root < root { root.wrapping_sub(1) } else { root }
}

/// `⌊high:low / d⌋` for `d` ≥ 2⁶³ and `high` < `d`
#[inline(always)]
pub const fn div_128_64(high: u64, low: u64, d: u64) -> u64 {
    let (d1, d0) = (d >> 32, d & HALF);
    let (l1, l0) = (low >> 32, low & HALF);
    let q1 = digit(high, l1, d1, d0);
    let rest = (high << 32 | l1).wrapping_sub(q1.wrapping_mul(d));
    let q0 = digit(rest, l0, d1, d0);
    q1 << 32 | q0
}

/// One 32-bit digit of a quotient: `⌊(rest·2³² + next) / d1:d0⌋` for d1 ≥ 2³¹ and rest < d1:d0 (Knuth's algorithm D).
#[inline(always)]
const fn digit(rest: u64, next: u64, d1: u64, d0: u64) -> u64 {
    let mut q = rest / d1;
    let mut r = rest.wrapping_sub(q.wrapping_mul(d1));
    // q is at most 2 too large
    if q > HALF || q.wrapping_mul(d0) > (r << 32 | next) {
        q = q.wrapping_sub(1);
        r = r.wrapping_add(d1);
        if r <= HALF && (q > HALF || q.wrapping_mul(d0) > (r << 32 | next)) {
            q = q.wrapping_sub(1);
        }
    }
    q
}

/// `a · m` with all its bits, less than 2¹⁶⁰
#[inline(always)]
pub const fn mul_128_32(a: u128, m: u32) -> U256 {
    let (a0, a1) = limbs(a);
    let (r0, carry) = mul_carry(a0, m, 0);
    let (r1, carry) = mul_carry(a1, m, carry);
    U256([r0, r1, carry, 0])
}

/// `⌊a · 2⁶⁴ / b⌋`, or `None` if it does not fit 128 bits or `b` is 0. `a` and `b` are less than 2¹⁹².
#[inline(always)]
pub fn ratio_q64_floor(a: U256, b: U256) -> Option<u128> {
    let ([a0, a1, a2, _], [b0, b1, b2, _]) = (a.0, b.0);
    if a2 | b2 == 0 { short_ratio_q64_floor(a0, a1, b0, b1) } else { long_ratio_q64_floor(a, b) }
}

/// The same for two limbs each: all but the largest reserves.
#[inline(always)]
const fn short_ratio_q64_floor(a0: u64, a1: u64, b0: u64, b1: u64) -> Option<u128> {
    // b to the top of two limbs, a as far to the left
    let (v1, v0, u2, u1, u0) = if b1 != 0 { (b1, b0, 0, a1, a0) } else { (b0, 0, a1, a0, 0) };
    if v1 == 0 {
        return None;
    }
    let shift = leading_zeros(v1);
    if shift_in(0, u2, shift) != 0 {
        return None;
    }
    let v = from_limbs(v0 << shift, shift_in(v1, v0, shift));
    let [u0, u1, u2] = [u0 << shift, shift_in(u1, u0, shift), shift_in(u2, u1, shift)];
    if from_limbs(u1, u2) >= v {
        return None;
    }
    let (whole, rest) = div_192_128(u0, from_limbs(u1, u2), v);
    let (part, _) = div_192_128(0, rest, v);
    Some(from_limbs(part, whole))
}

/// `⌊u:low / v⌋` and the rest, for v ≥ 2¹²⁷ and u < v (Knuth's algorithm D, one digit).
#[inline(always)]
const fn div_192_128(low: u64, u: u128, v: u128) -> (u64, u128) {
    let ((u1, u2), (v0, v1)) = (limbs(u), limbs(v));
    let (mut q, left, above) = first_digit(u2, u1, v1);
    let product = mul_64(q, v0);
    let mut rest = from_limbs(low, left);
    if !above && rest < product {
        q = q.wrapping_sub(1);
        let (more, above) = rest.overflowing_add(v);
        rest = more;
        if !above && rest < product {
            q = q.wrapping_sub(1);
            rest = rest.wrapping_add(v);
        }
    }
    (q, rest.wrapping_sub(product))
}

/// The digit of a quotient by the first limb of the divisor alone, at most 2 too large as v ≥ 2⁶³, and what it leaves (and whether that is 2⁶⁴ more).
/// u1 ≤ v.
#[inline(always)]
const fn first_digit(u1: u64, u0: u64, v: u64) -> (u64, u64, bool) {
    if u1 < v {
        let q = div_128_64(u1, u0, v);
        (q, u0.wrapping_sub(q.wrapping_mul(v)), false)
    } else {
        // v:u0 − (2⁶⁴ − 1)·v = u0 + v
        let (left, above) = u0.overflowing_add(v);
        (u64::MAX, left, above)
    }
}

/// The same for three limbs each.
#[inline(never)]
fn long_ratio_q64_floor(a: U256, b: U256) -> Option<u128> {
    let ([a0, a1, a2, _], [b0, b1, b2, _]) = (a.0, b.0);
    // b to the top of three limbs, a as far to the left; what leaves a's four limbs makes the quotient 2⁶⁴ or more
    let (v2, v1, v0, u3, u2, u1, u0) = if b2 != 0 {
        (b2, b1, b0, 0, a2, a1, a0)
    } else if b1 != 0 {
        (b1, b0, 0, a2, a1, a0, 0)
    } else if b0 != 0 && a2 == 0 {
        (b0, 0, 0, a1, a0, 0, 0)
    } else {
        return None;
    };
    let shift = leading_zeros(v2);
    if shift_in(0, u3, shift) != 0 {
        return None;
    }
    let v = [v0 << shift, shift_in(v1, v0, shift), shift_in(v2, v1, shift)];
    let [u0, u1, u2, u3] = [u0 << shift, shift_in(u1, u0, shift), shift_in(u2, u1, shift), shift_in(u3, u2, shift)];
    if U256([u1, u2, u3, 0]) >= U256([v[0], v[1], v[2], 0]) {
        return None;
    }
    let (whole, [r0, r1, r2]) = div_256_192([u0, u1, u2, u3], v);
    let (part, _) = div_256_192([0, r0, r1, r2], v);
    Some(from_limbs(part, whole))
}

/// `⌊u / v⌋` and the rest, for v ≥ 2¹⁹¹ and u < v·2⁶⁴ (Knuth's algorithm D, one digit).
#[inline(always)]
fn div_256_192(u: [u64; 4], v: [u64; 3]) -> (u64, [u64; 3]) {
    let ([u0, u1, u2, u3], [v0, v1, v2]) = (u, v);
    let (mut q, left, above) = first_digit(u3, u2, v2);
    let (p1, p2) = limbs(mul_64(q, v1));
    let (p0, carry) = limbs(mul_64(q, v0));
    let (p1, carry) = add_carry(p1, carry, 0);
    let product = U256([p0, p1, p2.wrapping_add(carry), 0]);
    let mut rest = U256([u0, u1, left, above as u64]);
    loop {
        if let Some(U256([r0, r1, r2, _])) = rest.checked_sub(product) {
            return (q, [r0, r1, r2]);
        }
        q = q.wrapping_sub(1);
        rest = rest.wrapping_add(U256([v0, v1, v2, 0]));
    }
}

/// `⌊value · part / whole⌋` for part ≤ whole < 2³², whole not 0; at most `value`. The quotient and the rest of value/whole are scaled apart,
/// so no product exceeds 64 bits.
#[inline(always)]
pub const fn scale_floor(value: u64, part: u64, whole: u64) -> u64 {
    let (q, r) = (value / whole, value % whole);
    q.wrapping_mul(part).wrapping_add(r.wrapping_mul(part) / whole)
}

/// `⌈value · part / whole⌉`, likewise.
#[inline(always)]
pub const fn scale_ceil(value: u64, part: u64, whole: u64) -> u64 {
    let (q, r) = (value / whole, value % whole);
    q.wrapping_mul(part).wrapping_add(r.wrapping_mul(part).div_ceil(whole))
}

/// `⌊a · b / c⌋` and the rest, or `None` if the quotient does not fit (or `c` is 0).
#[inline(never)]
pub const fn mul_div(a: u64, b: u64, c: u64) -> Option<(u64, u64)> {
    let (low, high) = limbs(mul_64(a, b));
    if high >= c {
        return None;
    }
    if high == 0 {
        return Some((low / c, low % c));
    }
    let shift = leading_zeros(c);
    let quotient = div_128_64(shift_in(high, low, shift), low << shift, c << shift);
    // the rest is less than c: its low limb is all of it
    Some((quotient, low.wrapping_sub(quotient.wrapping_mul(c))))
}

/// `⌊q · 2ᵉ / a⌋`, saturating, for q ≥ 2⁶² and `a` not 0 (q·2³⁴/a is more than a limb then). The bit below 2⁻³² is lost.
#[inline(always)]
pub const fn scaled_quotient(q: u64, e: i32, a: u32) -> u64 {
    let a = a as u64;
    // q·2³²/a, in 64 and 32 bits
    let (high, rest) = (q / a, q % a);
    let low = (rest << 32) / a;
    let right = 32 - e;
    if right >= 96 {
        0
    } else if right >= 32 {
        high >> (right - 32)
    } else if right >= 0 && high >> (32 + right) == 0 {
        high << (32 - right) | low >> right
    } else if right == -1 && high >> 31 == 0 {
        high << 33 | low << 1
    } else {
        u64::MAX
    }
}
