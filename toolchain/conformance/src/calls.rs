//! Calls: many arguments, 128-bit arguments and results, aggregates by value, calls through pointers, recursion.
//!
//! A case: eight words, the arguments.

#![allow(clippy::too_many_arguments)] // that is the point

use crate::{Out, SCRATCH};
use core::hint::black_box;

#[derive(Clone, Copy)]
struct Three(u64, u64, u64);
#[derive(Clone, Copy)]
struct Four(u64, u32, u128);
#[derive(Clone, Copy)]
struct Eight([u64; 6], i8, u64);

#[inline(never)]
fn six(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
    a ^ b.rotate_left(1) ^ c.rotate_left(2) ^ d.rotate_left(3) ^ e.rotate_left(4) ^ f.rotate_left(5)
}

#[inline(never)]
fn nine_mixed(a: u8, b: i64, c: u16, d: i8, e: u128, f: bool, g: i32, h: u64, i: i16) -> i128 {
    let mut sum = a as i128 - b as i128;
    sum = sum.wrapping_mul(3).wrapping_add(c as i128).wrapping_sub(d as i128);
    sum = sum.wrapping_mul(5) ^ e as i128;
    if f {
        sum = sum.wrapping_neg();
    }
    sum.wrapping_mul(7).wrapping_add(g as i128).wrapping_sub(h as i128).wrapping_mul(9).wrapping_add(i as i128)
}

#[inline(never)]
#[rustfmt::skip]
fn sixteen(
    a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64, j: u64, k: u64, l: u64, m: u64, n: u64, o: u64, p: u64,
) -> [u64; 4] {
    let first = six(a, b, c, d, e, f);
    let second = six(g, h, i, j, k, l);
    let third = six(p, o, n, m, second, first);
    [first, second, third, a.wrapping_sub(p)]
}

#[inline(never)]
fn wide_arguments(a: u128, b: u128, c: u128, d: u128, e: u64, f: u128) -> (u128, u128) {
    (a.wrapping_mul(b) ^ c, d.wrapping_add(f).wrapping_sub(e as u128))
}

#[inline(never)]
fn by_value(a: Three, b: Four, c: Eight, d: (u128, u64)) -> Eight {
    let mut words = c.0;
    words[0] ^= a.0;
    words[1] = words[1].wrapping_add(a.1);
    words[2] = words[2].wrapping_mul(a.2);
    words[3] ^= b.0.wrapping_add(b.1 as u64);
    words[4] = words[4].wrapping_sub(b.2 as u64);
    words[5] ^= (d.0 >> 64) as u64;
    Eight(words, c.1.wrapping_neg(), d.1 ^ c.2)
}

#[inline(never)]
fn three(a: u64, b: u64) -> Three {
    Three(a.wrapping_mul(b), a ^ b, a.wrapping_sub(b))
}

#[inline(never)]
fn four(a: u64, b: u64) -> Four {
    Four(b, a as u32, a as u128 * b as u128)
}

#[inline(never)]
fn eight(a: u64, b: u64) -> Eight {
    Eight([a, b, a ^ b, a & b, a | b, !a], b as i8, a.wrapping_add(b))
}

#[inline(never)]
fn pair(a: u128, b: u128) -> (u128, u128) {
    (a.wrapping_add(b), a.wrapping_mul(b))
}

#[inline(never)]
fn maybe(a: u128, b: u64) -> Option<u128> {
    a.checked_mul(b as u128)
}

#[inline(never)]
fn result(a: u128, b: u64) -> Result<u128, (u64, u8)> {
    if b == 0 { Err((a as u64, 7)) } else { Ok(a / b as u128) }
}

#[inline(never)]
fn wide_option(a: u64, b: u64) -> Option<[u64; 4]> {
    (a > b).then_some([a, b, a - b.min(a), 1])
}

#[derive(Clone, Copy)]
enum Shape {
    Nothing,
    Small(i16),
    Big { a: u128, b: [u32; 3] },
}

#[inline(never)]
fn shape(a: u64, b: u64) -> Shape {
    match a % 3 {
        0 => Shape::Nothing,
        1 => Shape::Small(b as i16),
        _ => Shape::Big { a: a as u128 * b as u128, b: [a as u32, b as u32, (a ^ b) as u32] },
    }
}

trait Operation {
    fn apply(&self, a: u64, b: u128, c: u64, d: u64, e: u64) -> u128;
}

struct Add(u64);
struct Multiply;

impl Operation for Add {
    fn apply(&self, a: u64, b: u128, c: u64, d: u64, e: u64) -> u128 {
        b.wrapping_add(self.0 as u128 + a as u128).wrapping_sub(c as u128) ^ (d as u128) << 64 ^ e as u128
    }
}

impl Operation for Multiply {
    fn apply(&self, a: u64, b: u128, c: u64, d: u64, e: u64) -> u128 {
        b.wrapping_mul(a as u128) ^ (c as u128 * d as u128) ^ e as u128
    }
}

/// Tables in the program's data: pointers that the loader relocates.
static FUNCTIONS: [fn(u64, u64) -> u64; 4] = [u64::wrapping_add, u64::wrapping_mul, |a, b| a ^ b.rotate_left(9), |a, b| a.min(b)];
static NAMES: [&str; 5] = ["gpu", "vram", "cpu", "net", "disk"];
static POWERS: [u128; 5] = [1, 10_u128.pow(9), 10_u128.pow(18), 10_u128.pow(27), u128::MAX];

/// The suite.
pub fn suite(case: &[u64], scratch: &mut [u8; SCRATCH], out: &mut Out) {
    let &[a, b, c, d, e, f, g, h] = case else { unreachable!() };
    let wide = |high: u64, low: u64| (high as u128) << 64 | low as u128;

    out.put(six(a, b, c, d, e, f));
    out.put(nine_mixed(a as u8, b as i64, c as u16, d as i8, wide(e, f), g & 1 == 1, h as i32, a, b as i16));
    out.put(sixteen(a, b, c, d, e, f, g, h, !a, !b, !c, !d, !e, !f, !g, !h));
    out.put(wide_arguments(wide(a, b), wide(c, d), wide(e, f), wide(g, h), a, wide(h, a)));

    let returned = by_value(three(a, b), four(c, d), eight(e, f), (wide(g, h), a));
    out.put((returned.0, (returned.1, returned.2)));
    let Four(x, y, z) = four(h, g);
    out.put((x, (y, z)));
    out.put(pair(wide(a, c), wide(e, g)));
    out.put(maybe(wide(a >> (b & 63), c), d >> (e & 63)));
    match result(wide(a, b), c & d & e) {
        Ok(value) => out.put(value),
        Err((value, code)) => out.put((value, code)),
    }
    out.put(wide_option(e, f));
    match shape(a, b) {
        Shape::Nothing => out.put(0u8),
        Shape::Small(value) => out.put(value),
        Shape::Big { a, b } => out.put((a, b)),
    }

    pointers(case, out);
    sorted(case, out);
    text(case, scratch, out);
}

#[inline(never)]
fn pointers(case: &[u64], out: &mut Out) {
    let (add, multiply) = (Add(case[7]), Multiply);
    for (step, word) in case.iter().enumerate() {
        out.put(FUNCTIONS[(*word % 4) as usize](case[step / 2], *word));
        out.put(NAMES[(*word % 5) as usize].as_bytes());
        out.put(POWERS[(*word % 5) as usize].wrapping_mul(*word as u128));
        let operation: &dyn Operation = black_box(if word & 16 == 0 { &add } else { &multiply });
        out.put(operation.apply(case[0], *word as u128 * 3, case[1], case[2], case[3]));
    }
    let mut sum = 0u64;
    let mut closure = |x: u64, y: u64| {
        sum = sum.wrapping_add(x.rotate_left(3)) ^ y;
        sum
    };
    let dynamic: &mut dyn FnMut(u64, u64) -> u64 = black_box(&mut closure);
    for word in case {
        out.put(dynamic(*word, case[0]));
    }
}

#[inline(never)]
fn sorted(case: &[u64], out: &mut Out) {
    let mut words = [0; 24];
    for (step, place) in words.iter_mut().enumerate() {
        *place = case[step % 8].rotate_left(step as u32 * 5) as i64;
    }
    words.sort_unstable();
    out.put(words);
    out.put(words.binary_search(&(case[0] as i64)).is_ok());
    out.put(words.iter().map(|word| *word as i128).sum::<i128>());
}

/// The standard library's formatting: dynamic calls, string slices, division by ten.
#[inline(never)]
fn text(case: &[u64], scratch: &mut [u8], out: &mut Out) {
    use std::io::Write;
    let room = scratch.len();
    let mut rest = &mut scratch[..];
    let number = (case[0] as u128) << 64 | case[1] as u128;
    let _ = write!(rest, "{} {:#x} {} {:>12} {:?}", number, case[2], case[3] as i64, case[4] as i16, Some(case[5] as u8));
    let used = room - rest.len();
    out.put(used);
    out.put(&scratch[..used]);
}

/// Not a tail call, and its frame is large.
#[inline(never)]
fn descend(depth: u64, seed: u64) -> u64 {
    let mut frame = black_box([seed; 128]);
    if depth == 0 {
        return seed;
    }
    frame[(depth % 128) as usize] = descend(depth - 1, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ depth);
    black_box(&frame).iter().fold(depth, |sum, word| sum.rotate_left(7) ^ word)
}

/// As many nested calls as the first word says.
pub fn depth(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    out.put(descend(case[0], case[1]));
}
