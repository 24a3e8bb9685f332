//! Does the compiler's sBPF code compute what its x86-64 code computes?
//!
//! Every suite is one pure function from a case (a few words) to a stream of words. The same source is built as a program
//! for the VM and as a library for the host; `vm/tests/conformance.rs` runs both on the same buffer and compares. The
//! program uses no framework, no allocation, and no system call but that of SHA-256.
//!
//! The buffer, in words of 64 bits: `suite, record, count, width`, then `count` cases of `width` words, then the results:
//! one digest a case, or, where `record` is 1, the number of words that the first case put out and the words themselves.

pub mod aborts;
pub mod attest;
pub mod calls;
pub mod ints;
pub mod math;
pub mod memory;
mod out;
pub mod subword;
pub mod wide;

pub use hmm_attest;
pub use hmm_math;
pub use out::{Out, Put};
pub use ruint::aliases::U256;

/// Words before the cases.
pub const HEADER: usize = 4;
/// Bytes of memory that a suite may use as it likes: the VM's heap.
pub const SCRATCH: usize = 4096;

/// A suite: reads the case, may use the scratch memory, puts out what it computed.
pub type Suite = fn(&[u64], &mut [u8; SCRATCH], &mut Out);

/// The suites, by number.
pub const SUITES: &[(&str, Suite)] = &[
    ("nothing", |_, _, _| {}),
    ("ints", ints::suite),
    ("shifts", ints::shifts),
    ("subword", subword::suite),
    ("memory", memory::suite),
    ("arrays", memory::arrays),
    ("calls", calls::suite),
    ("depth", calls::depth),
    ("aborts", aborts::suite),
    ("u256", wide::suite),
    ("wide", math::wide),
    ("kappa", math::kappa),
    ("solve_psi", math::solve_psi),
    ("solve_theta", math::solve_theta),
    ("price", math::price),
    ("trade", math::trade),
    ("windows", math::windows),
    ("fee_ceil", math::fee_ceil),
    ("gross_up_ceil", math::gross_up_ceil),
    ("rate_ceil", math::rate_ceil),
    ("split_floor", math::split_floor),
    ("deposit_ceil", math::deposit_ceil),
    ("withdraw_floor", math::withdraw_floor),
    ("shares_for_floor", math::shares_for_floor),
    ("first_shares_floor", math::first_shares_floor),
    ("step", attest::step),
    ("refute", attest::refute),
];

/// The number of a suite.
pub fn number(name: &str) -> u64 {
    SUITES.iter().position(|suite| suite.0 == name).expect("no such suite") as u64
}

/// Runs the cases in `buffer` and writes the results behind them. A malformed buffer panics.
pub fn run(buffer: &mut [u64], scratch: &mut [u8; SCRATCH]) {
    let [suite, record, count, width] = buffer[..HEADER] else { unreachable!() };
    let (count, width) = (count as usize, width as usize);
    let suite = SUITES[suite as usize].1;
    let (cases, results) = buffer[HEADER..].split_at_mut(count * width);
    if record == 1 {
        let (used, record) = results.split_first_mut().unwrap();
        let mut out = Out::recording(record);
        suite(&cases[..width], scratch, &mut out);
        *used = out.used() as u64;
    } else {
        for (case, result) in cases.chunks_exact(width).zip(results) {
            let mut out = Out::default();
            suite(case, scratch, &mut out);
            *result = out.digest();
        }
    }
}

/// The program: runs on the data of its only account.
///
/// # Safety
/// `input` is what the VM's loader lays out (ABI v1): the number of accounts, then for the first one 8 bytes of flags,
/// two addresses, lamports, the data's length and the data.
#[cfg(target_os = "solana")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
    const HEAP: *mut [u8; SCRATCH] = 0x3_0000_0000 as *mut _;
    unsafe {
        if *input.cast::<u64>() != 1 {
            return 1;
        }
        let length = *input.add(88).cast::<u64>() as usize;
        run(core::slice::from_raw_parts_mut(input.add(96).cast(), length / 8), &mut *HEAP);
    }
    0
}
