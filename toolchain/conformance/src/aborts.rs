//! What must stop the program: both sides abort, or both return the same.
//!
//! A case: which operation, then `a` (two words) and `b` (two words).

use crate::{Out, SCRATCH};
use core::hint::black_box;

macro_rules! overflows {
    ($($name:ident $t:ty),*) => {
        $(
            #[inline(never)]
            fn $name(operation: u64, a: $t, b: $t, out: &mut Out) {
                match operation {
                    0 => out.put(a + b),
                    1 => out.put(a - b),
                    2 => out.put(a * b),
                    3 => out.put(a / b),
                    4 => out.put(a % b),
                    5 => out.put(a << (b as u32)),
                    6 => out.put(a >> (b as u32)),
                    7 => out.put(a.pow(b as u32 & 63)),
                    8 => out.put(a.div_euclid(b)),
                    9 => out.put(a.ilog2()),
                    10 => out.put(a.isqrt()),
                    _ => {
                        let mut sum = a;
                        sum += b;
                        sum -= 1;
                        out.put([a, b].iter().sum::<$t>());
                        out.put(sum);
                    }
                }
            }
        )*

        /// Operations of one type.
        pub const OPERATIONS: u64 = 12;
        /// The types' names, and how many bits they have.
        pub const TYPES: &[(&str, u32)] = &[$((stringify!($t), <$t>::BITS)),*];

        fn arithmetic(which: u64, operation: u64, a: u128, b: u128, out: &mut Out) {
            let mut number = 0;
            $(
                if which == number {
                    return $name(operation, a as $t, b as $t, out);
                }
                number += 1;
            )*
            let _ = number;
            unreachable!();
        }
    };
}
overflows!(u8_ u8, u16_ u16, u32_ u32, u64_ u64, u128_ u128, i8_ i8, i16_ i16, i32_ i32, i64_ i64, i128_ i128);

/// Operations that are not arithmetic. Each aborts if the word is at least 8, and not otherwise.
pub const OTHERS: u64 = 12;

#[inline(never)]
fn other(operation: u64, word: u64, out: &mut Out) {
    let table = black_box([3u64, 1, 4, 1, 5, 9, 2, 6]);
    let word = word as usize;
    match operation {
        0 => out.put(table[word]),
        1 => out.put(table[word.min(7)..=(word & 8 ^ 7)].iter().sum::<u64>() / (8 - word.min(8)) as u64),
        2 => out.put(table.get(word).copied().unwrap()),
        3 => out.put(u8::try_from(word << 5).unwrap()),
        4 => out.put(table.get(word).copied().ok_or(word).expect("in the table")),
        5 => assert!(word < 8, "{word} is too large"),
        6 => {
            let mut copy = [0; 8];
            copy.copy_from_slice(&table[..(8 + word / 8).min(8) - word / 8]);
            out.put(copy);
        }
        7 => {
            let cell = std::cell::RefCell::new(word);
            let first = cell.borrow_mut();
            let second = if word < 8 { None } else { Some(cell.borrow_mut()) };
            out.put((*first, second.map(|value| *value)));
        }
        8 => out.put((i64::MIN + (word < 8) as i64).abs()),
        9 => out.put(-(i32::MIN + (word < 8) as i32)),
        10 => out.put(table.iter().step_by((word < 8) as usize).count()),
        _ => {
            if word >= 8 {
                panic!("a message that costs nothing");
            }
            out.put(word);
        }
    }
}

/// The first word: `type · OPERATIONS + operation`, and behind all types the others.
pub fn suite(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let &[number, a_low, a_high, b_low, b_high, ..] = case else { unreachable!() };
    let wide = |high: u64, low: u64| (high as u128) << 64 | low as u128;
    match number.checked_sub(OPERATIONS * TYPES.len() as u64) {
        None => arithmetic(number / OPERATIONS, number % OPERATIONS, wide(a_high, a_low), wide(b_high, b_low), out),
        Some(operation) => other(operation, a_low, out),
    }
}
