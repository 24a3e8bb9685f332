//! All operations of the integer types of 8 to 128 bits, signed and unsigned.
//!
//! A case: `a` (two words), `b` (two words), an amount to shift by. Narrower types take the low bits.

use crate::{Out, SCRATCH};

macro_rules! int {
    ($name:ident, $t:ty) => {
        mod $name {
            use super::*;

            #[inline(never)]
            pub fn arithmetic(a: $t, b: $t, out: &mut Out) {
                out.put(a.wrapping_add(b));
                out.put(a.wrapping_sub(b));
                out.put(a.wrapping_mul(b));
                out.put(a.wrapping_neg());
                out.put(a.overflowing_add(b));
                out.put(a.overflowing_sub(b));
                out.put(a.overflowing_mul(b));
                out.put(a.overflowing_neg());
            }

            #[inline(never)]
            pub fn checked(a: $t, b: $t, s: u32, out: &mut Out) {
                out.put(a.checked_add(b));
                out.put(a.checked_sub(b));
                out.put(a.checked_mul(b));
                out.put(a.checked_neg());
                out.put(a.saturating_add(b));
                out.put(a.saturating_sub(b));
                out.put(a.saturating_mul(b));
                out.put(a.checked_pow(s & 7));
                out.put(a.wrapping_pow(s & 31));
                out.put(a.abs_diff(b));
                out.put(a.checked_isqrt_any());
                out.put(a.checked_ilog2());
                out.put(a.checked_ilog10());
            }

            #[inline(never)]
            pub fn division(a: $t, b: $t, out: &mut Out) {
                out.put(a.checked_div(b));
                out.put(a.checked_rem(b));
                out.put(a.checked_div_euclid(b));
                out.put(a.checked_rem_euclid(b));
                if b != 0 {
                    out.put(a.wrapping_div(b));
                    out.put(a.wrapping_rem(b));
                    out.put(a.overflowing_div(b));
                    out.put(a.wrapping_div_euclid(b));
                    out.put(a.wrapping_rem_euclid(b));
                    // by constants: multiplication by the inverse
                    out.put([a / 3, a / 7, a / 10, a / 16, a / 100, a % 10, a % 64, a % 127]);
                }
            }

            #[inline(never)]
            pub fn shifts(a: $t, s: u32, out: &mut Out) {
                out.put(a.wrapping_shl(s));
                out.put(a.wrapping_shr(s));
                out.put(a.checked_shl(s));
                out.put(a.checked_shr(s));
                out.put(a.rotate_left(s));
                out.put(a.rotate_right(s));
            }

            #[inline(never)]
            pub fn bits(a: $t, b: $t, out: &mut Out) {
                out.put([a & b, a | b, a ^ b, !a]);
                out.put([a < b, a <= b, a == b, a != b, a >= b, a > b]);
                out.put(a.cmp(&b));
                out.put([a.min(b), a.max(b), a.clamp(b.min(5), b.max(5))]);
                out.put([a.leading_zeros(), a.leading_ones(), a.trailing_zeros(), a.trailing_ones(), a.count_ones(), a.count_zeros()]);
                out.put([a.swap_bytes(), a.reverse_bits(), a.to_be(), <$t>::from_be_bytes(a.to_le_bytes())]);
            }

            #[inline(never)]
            pub fn casts(a: $t, out: &mut Out) {
                out.put((a as u8, a as i8));
                out.put((a as u16, a as i16));
                out.put((a as u32, a as i32));
                out.put((a as u64, a as i64));
                out.put((a as u128, a as i128));
                out.put((a as i8 as i128, a as u8 as u128));
                out.put((a as i16 as i64, a as i32 as i64));
                out.put((u8::try_from(a).ok(), i8::try_from(a).ok()));
                out.put((u32::try_from(a).ok(), i32::try_from(a).ok()));
                out.put((u64::try_from(a).ok(), i64::try_from(a).ok()));
                out.put((u128::try_from(a).ok(), i128::try_from(a).ok()));
            }

            pub fn all(a: $t, b: $t, s: u32, out: &mut Out) {
                arithmetic(a, b, out);
                checked(a, b, s, out);
                division(a, b, out);
                shifts(a, s, out);
                bits(a, b, out);
                casts(a, out);
            }

            /// By every amount, and two more than the type has bits.
            pub fn all_shifts(a: $t, out: &mut Out) {
                for s in 0..<$t>::BITS + 2 {
                    shifts(a, s, out);
                }
            }
        }
    };
}

/// `checked_isqrt`, which the standard library has for signed integers only.
trait Isqrt: Sized {
    fn checked_isqrt_any(self) -> Option<Self>;
}

macro_rules! unsigned {
    ($($name:ident $t:ty),*) => {$(
        int!($name, $t);
        impl Isqrt for $t {
            fn checked_isqrt_any(self) -> Option<Self> {
                Some(self.isqrt())
            }
        }
    )*

    #[inline(never)]
    fn unsigned_only(a: u128, b: u128, out: &mut Out) {
        $(
            let (x, y) = (a as $t, b as $t);
            out.put((x.is_power_of_two(), x.checked_next_power_of_two()));
            out.put(x.checked_next_multiple_of(y));
            if y != 0 {
                out.put(x.div_ceil(y));
            }
        )*
    }};
}

macro_rules! signed {
    ($($name:ident $t:ty),*) => {$(
        int!($name, $t);
        impl Isqrt for $t {
            fn checked_isqrt_any(self) -> Option<Self> {
                self.checked_isqrt()
            }
        }
    )*

    #[inline(never)]
    fn signed_only(a: u128, b: u128, out: &mut Out) {
        $(
            let (x, y) = (a as $t, b as $t);
            out.put((x.wrapping_abs(), x.checked_abs()));
            out.put((x.unsigned_abs(), x.signum()));
            out.put((x.is_negative(), x.saturating_neg()));
            out.put(x.checked_add_unsigned(y.unsigned_abs()));
        )*
    }};
}

unsigned!(u8_ u8, u16_ u16, u32_ u32, u64_ u64, u128_ u128);
signed!(i8_ i8, i16_ i16, i32_ i32, i64_ i64, i128_ i128);

/// Products and quotients of mixed width.
#[inline(never)]
fn mixed(a: u128, b: u128, out: &mut Out) {
    let (x, y, z) = (a as u64, b as u64, (b >> 64) as u64);
    out.put(x as u128 * y as u128);
    out.put(x as i64 as i128 * y as i64 as i128);
    out.put((x as u128 * y as u128).wrapping_add(z as u128 * z as u128));
    if y != 0 {
        out.put((a / y as u128, a % y as u128));
        out.put((a as i128).wrapping_div(y as i64 as i128));
        out.put((a as i128).wrapping_rem(y as i64 as i128));
    }
    out.put(x.carrying_add_by_hand(y, z & 1 == 1));
}

trait CarryingAdd {
    fn carrying_add_by_hand(self, other: u64, carry: bool) -> (u64, bool);
}

impl CarryingAdd for u64 {
    #[inline(always)]
    fn carrying_add_by_hand(self, other: u64, carry: bool) -> (u64, bool) {
        let (sum, first) = self.overflowing_add(other);
        let (sum, second) = sum.overflowing_add(carry as u64);
        (sum, first | second)
    }
}

fn operands(case: &[u64]) -> (u128, u128, u32) {
    let wide = |low: usize| case[low] as u128 | (case[low + 1] as u128) << 64;
    (wide(0), wide(2), case[4] as u32)
}

/// Every operation of every type.
pub fn suite(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let (a, b, s) = operands(case);
    u8_::all(a as u8, b as u8, s, out);
    u16_::all(a as u16, b as u16, s, out);
    u32_::all(a as u32, b as u32, s, out);
    u64_::all(a as u64, b as u64, s, out);
    u128_::all(a, b, s, out);
    i8_::all(a as i8, b as i8, s, out);
    i16_::all(a as i16, b as i16, s, out);
    i32_::all(a as i32, b as i32, s, out);
    i64_::all(a as i64, b as i64, s, out);
    i128_::all(a as i128, b as i128, s, out);
    unsigned_only(a, b, out);
    signed_only(a, b, out);
    mixed(a, b, out);
}

/// `a` of every type, shifted by every amount.
pub fn shifts(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let (a, ..) = operands(case);
    u8_::all_shifts(a as u8, out);
    u16_::all_shifts(a as u16, out);
    u32_::all_shifts(a as u32, out);
    u64_::all_shifts(a as u64, out);
    u128_::all_shifts(a, out);
    i8_::all_shifts(a as i8, out);
    i16_::all_shifts(a as i16, out);
    i32_::all_shifts(a as i32, out);
    i64_::all_shifts(a as i64, out);
    i128_::all_shifts(a as i128, out);
}
