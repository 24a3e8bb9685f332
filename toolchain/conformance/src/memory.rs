//! memcpy, memmove, memset and memcmp.
//!
//! A case: size, alignment of the source, alignment of the destination, distance of the overlapping move, what to fill the
//! memory with. Sizes are taken modulo 65, or modulo 1025 where the word is 2³² or more.

use crate::{Out, SCRATCH};

fn fill(bytes: &mut [u8], mut seed: u64) {
    for byte in bytes {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        *byte = (seed >> 56) as u8;
    }
}

fn size(word: u64) -> usize {
    (if word < 1 << 32 { word % 65 } else { word % 1025 }) as usize
}

#[inline(never)]
fn copy(from: &[u8], to: &mut [u8]) {
    to.copy_from_slice(from);
}

#[inline(never)]
fn set(to: &mut [u8], byte: u8) {
    to.fill(byte);
}

#[inline(never)]
fn shift(bytes: &mut [u8], from: usize, to: usize, size: usize) {
    bytes.copy_within(from..from + size, to);
}

#[inline(never)]
fn compare(a: &[u8], b: &[u8], out: &mut Out) {
    out.put(a.cmp(b));
    out.put(b.cmp(a));
    out.put(a == b);
}

/// Sizes known at run time only.
pub fn suite(case: &[u64], scratch: &mut [u8; SCRATCH], out: &mut Out) {
    let size = size(case[0]);
    let (source, target, distance) = ((case[1] % 8) as usize, (case[2] % 8) as usize, (case[3] % 80) as usize);
    let (low, high) = scratch.split_at_mut(SCRATCH / 2);

    // between two regions, and what stands around the destination stays
    let extent = (size + 24) & !7;
    fill(&mut low[..extent], case[4]);
    fill(&mut high[..extent], !case[4]);
    copy(&low[source..source + size], &mut high[target..target + size]);
    out.put(&high[..extent]);

    // comparison of equals, then with one difference at every eighth place and at the end
    compare(&low[source..source + size], &high[target..target + size], out);
    for place in (source % 3..size).step_by(8).chain(size.checked_sub(1)) {
        high[target + place] ^= 1 << (place % 8);
        compare(&low[source..source + size], &high[target..target + size], out);
        high[target + place] ^= 1 << (place % 8);
    }
    compare(&low[source..source + size], &high[target..target + size / 2], out);

    // overlapping, both ways
    let extent = (size + distance + 24) & !7;
    fill(&mut low[..extent], case[4] ^ 1);
    shift(low, source, source + distance, size);
    out.put(&low[..extent]);
    shift(low, target + distance, target, size);
    out.put(&low[..extent]);

    set(&mut high[target..target + size], case[4] as u8);
    out.put(&high[..(size + 24) & !7]);
    set(&mut high[source..source + size], 0);
    out.put(&high[..(size + 24) & !7]);

    if size <= 64 {
        on_the_stack(&scratch[..128], size, source, target, distance % 64, out);
    }
}

/// The same in the frame of a function.
#[inline(never)]
fn on_the_stack(bytes: &[u8], size: usize, source: usize, target: usize, distance: usize, out: &mut Out) {
    let (mut a, mut b) = ([0; 144], [0xa5; 144]);
    a[..128].copy_from_slice(bytes);
    copy(&a[source..source + size], &mut b[target..target + size]);
    compare(&a[source..source + size], &b[target..target + size], out);
    shift(&mut a, source, source + distance, size);
    shift(&mut b, target + distance, target, size);
    set(&mut b[source + 72..source + 72 + size.min(64)], 0x5a);
    out.put(a.as_slice());
    out.put(b.as_slice());
}

#[inline(never)]
fn array<const N: usize>(bytes: &mut [u8], source: usize, target: usize, out: &mut Out) {
    // SAFETY: both ends are at most 64 + 64 + 8 + 64 of the SCRATCH bytes.
    unsafe {
        let from = bytes.as_ptr().add(source).cast::<[u8; N]>();
        let to = bytes.as_mut_ptr().add(128 + target).cast::<[u8; N]>();
        to.write_unaligned(from.read_unaligned());
        out.put(to.read_unaligned() == from.read_unaligned());
        bytes[128 + target] ^= 1;
        out.put(to.read_unaligned().cmp(&from.read_unaligned()));
        bytes.as_mut_ptr().add(64 + source).cast::<[u8; N]>().write_unaligned([0x3c; N]);
        // may overlap: through a value
        bytes.as_mut_ptr().add(64 + target).cast::<[u8; N]>().write_unaligned(bytes.as_ptr().add(60).cast::<[u8; N]>().read_unaligned());
    }
    out.put(&bytes[..224]);
}

/// Sizes that the compiler knows, all of 0 to 64: copies it may unroll.
pub fn arrays(case: &[u64], scratch: &mut [u8; SCRATCH], out: &mut Out) {
    let (source, target) = ((case[1] % 8) as usize, (case[2] % 8) as usize);
    fill(&mut scratch[..224], case[4]);
    macro_rules! by_size {
        ($($n:literal)*) => {
            match case[0] % 65 {
                $($n => array::<$n>(scratch, source, target, out),)*
                _ => unreachable!(),
            }
        };
    }
    by_size!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64);
}
