//! Loads and stores of less than a word, at every alignment, and their sign or zero extension.
//!
//! A case: eight words that fill the memory.

use crate::{Out, SCRATCH};
use core::hint::black_box;

macro_rules! loads_and_stores {
    ($bytes:ident, $value:ident, $out:ident, $($t:ty)*) => {$(
        for offset in 0..9 {
            // SAFETY: the last byte read or written is 9 + 16 at most, of 64.
            unsafe {
                let place = $bytes.as_mut_ptr().add(offset);
                let read = place.cast::<$t>().read_unaligned();
                $out.put((read as i128, read as u128));
                $out.put(read as i64);
                // change the value in memory and leave its neighbours alone
                place.cast::<$t>().write_unaligned(read.wrapping_mul(3).wrapping_add($value as $t));
            }
            $out.put($bytes.as_slice());
        }
    )*};
}

#[inline(never)]
fn unaligned(bytes: &mut [u8; 64], value: u64, out: &mut Out) {
    loads_and_stores!(bytes, value, out, u8 i8 u16 i16 u32 i32 u64 i64);
}

#[inline(never)]
fn unaligned_128(bytes: &mut [u8; 64], value: u64, out: &mut Out) {
    loads_and_stores!(bytes, value, out, u128 i128);
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Plain {
    a: u8,
    b: i16,
    c: i8,
    d: u32,
    e: i32,
    f: bool,
    g: u64,
    h: i128,
    i: u16,
}

#[repr(C, packed)]
#[derive(Clone, Copy)]
struct Packed {
    a: u8,
    b: i16,
    c: i8,
    d: u32,
    e: i32,
    f: bool,
    g: u64,
    h: i128,
    i: u16,
}

macro_rules! fields {
    ($name:ident, $t:ident) => {
        #[inline(never)]
        fn $name(s: &mut $t, w: &[u64], out: &mut Out) {
            s.a = s.a.wrapping_add(w[0] as u8);
            s.b = s.b.wrapping_sub(w[1] as i16);
            s.c = (s.c ^ w[2] as i8) >> 1;
            s.d = s.d.wrapping_mul(w[3] as u32);
            s.e = s.e.wrapping_mul(w[4] as i32) >> 3;
            s.f = (s.g as i64) < w[5] as i64;
            s.g = s.g.rotate_left(w[6] as u32);
            s.h = s.h.wrapping_add(w[7] as i64 as i128);
            s.i = s.i.wrapping_add(s.a as u16).wrapping_sub(s.c as u16);
            out.put(([s.a as i64, s.b as i64, s.c as i64, s.d as i64, s.e as i64, s.f as i64, s.g as i64, s.i as i64], s.h));
        }
    };
}
fields!(plain, Plain);
fields!(packed, Packed);

macro_rules! build {
    ($t:ident, $w:ident) => {
        black_box($t {
            a: $w[7] as u8,
            b: $w[6] as i16,
            c: $w[5] as i8,
            d: $w[4] as u32,
            e: $w[3] as i32,
            f: $w[2] & 1 == 1,
            g: $w[1],
            h: ($w[0] as i128) << 60,
            i: $w[0] as u16,
        })
    };
}

#[inline(never)]
fn indexed(w: &[u64], out: &mut Out) {
    let mut narrow = black_box([0x80u8 as i8; 7]);
    let mut half = black_box([0x8000u16 as i16; 7]);
    let mut word = black_box([i32::MIN; 7]);
    for (step, value) in w.iter().enumerate() {
        let at = (*value % 7) as usize;
        narrow[at] = narrow[(at + step) % 7].wrapping_add(*value as i8);
        half[at] = half[(at + step) % 7].wrapping_sub(*value as i16);
        word[at] = word[(at + step) % 7].wrapping_mul(*value as i32);
    }
    for at in 0..7 {
        out.put([narrow[at] as i64, half[at] as i64, word[at] as i64]);
    }
}

/// A sum of sign-extended bytes, of comparisons and of narrow switches.
#[inline(never)]
fn narrow_control_flow(bytes: &[u8; 64], out: &mut Out) {
    let (mut sum, mut states) = (0i64, 0u64);
    for byte in bytes {
        sum += *byte as i8 as i64;
        states = states.wrapping_mul(31).wrapping_add(match *byte {
            0 => 3,
            1..=9 => 500,
            10 | 20 | 30 | 40 | 50 | 60 => 7,
            0x7f => u64::MAX,
            0x80 => 1 << 40,
            0x81..=0xfe => *byte as i8 as u64,
            _ => 9,
        });
    }
    out.put((sum, states));
}

/// The suite.
pub fn suite(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let mut bytes = [0; 64];
    for (place, word) in bytes.chunks_exact_mut(8).zip(case) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    narrow_control_flow(&bytes, out);
    unaligned(&mut bytes, case[0], out);
    unaligned_128(&mut bytes, case[1], out);
    plain(&mut build!(Plain, case), case, out);
    packed(&mut build!(Packed, case), case, out);
    indexed(case, out);
}
