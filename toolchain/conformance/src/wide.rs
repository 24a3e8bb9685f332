//! 256-bit arithmetic (`ruint`), and products of 512 bits.
//!
//! A case: `a` and `b`, four words each, least significant first.

use crate::{Out, SCRATCH};
use ruint::aliases::{U256, U512};

fn put(value: U256, out: &mut Out) {
    out.put(*value.as_limbs());
}

#[inline(never)]
fn arithmetic(a: U256, b: U256, out: &mut Out) {
    put(a.wrapping_add(b), out);
    put(a.wrapping_sub(b), out);
    put(a.wrapping_mul(b), out);
    put(a.wrapping_neg(), out);
    out.put((a.overflowing_add(b).1, a.overflowing_sub(b).1));
    out.put((a.checked_mul(b).is_some(), a.checked_add(b).is_some()));
    put(a.saturating_mul(b), out);
}

#[inline(never)]
fn product(a: U256, b: U256, out: &mut Out) {
    let product: U512 = a.widening_mul(b);
    out.put(*product.as_limbs());
}

#[inline(never)]
fn division(a: U256, b: U256, out: &mut Out) {
    if b.is_zero() {
        out.put(a.checked_div(b).is_some());
        return;
    }
    let (quotient, rest) = a.div_rem(b);
    put(quotient, out);
    put(rest, out);
    put(a.div_ceil(b), out);
    // shorter divisors take other paths
    for bits in [64, 65, 128, 129, 192] {
        let b: U256 = b & (U256::MAX >> (256 - bits));
        if !b.is_zero() {
            put(a / b, out);
            put(a % b, out);
        }
    }
}

#[inline(never)]
fn shifts(a: U256, b: U256, out: &mut Out) {
    let by = (b.as_limbs()[0] % 260) as usize;
    put(a << by, out);
    put(a >> by, out);
    out.put((a.checked_shl(by).is_some(), a.overflowing_shr(by).1));
    put(a.rotate_left(by % 256), out);
    for by in [0, 1, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256] {
        put(a << by, out);
        put(a >> by, out);
    }
}

#[inline(never)]
fn comparison(a: U256, b: U256, out: &mut Out) {
    out.put(a.cmp(&b));
    out.put([a < b, a <= b, a == b, a >= b, a > b]);
    put(a & b, out);
    put(a | b, out);
    put(a ^ !b, out);
    out.put([a.leading_zeros(), a.trailing_zeros(), a.count_ones(), a.bit_len()]);
    out.put((u64::try_from(a).ok(), u128::try_from(a).ok()));
}

/// The suite.
pub fn suite(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let &[a0, a1, a2, a3, b0, b1, b2, b3] = case else { unreachable!() };
    let (a, b) = (U256::from_limbs([a0, a1, a2, a3]), U256::from_limbs([b0, b1, b2, b3]));
    arithmetic(a, b, out);
    product(a, b, out);
    division(a, b, out);
    shifts(a, b, out);
    comparison(a, b, out);
}
