//! The instrumented build: the log tells what is left of the compute budget at the end of each phase of an instruction.
//! Without the feature `bench` nothing of this remains. `make bench` reads that log; no released program has it.

/// Evaluates an expression as a phase of that name.
macro_rules! phase {
    ($name:literal, $work:expr) => {{
        $crate::bench::mark("framework");
        let result = $work;
        $crate::bench::mark($name);
        result
    }};
}

pub(crate) use phase;

/// Ends a phase: logs the compute units left, then the name of what they were used for.
#[inline(always)]
pub fn mark(name: &str) {
    #[cfg(all(feature = "bench", target_os = "solana"))]
    {
        unsafe extern "C" {
            fn sol_log_compute_units_();
            fn sol_log_(message: *const u8, length: u64);
        }
        // SAFETY: the first takes nothing; the second reads `length` bytes at `message`, which are those of a str.
        unsafe {
            sol_log_compute_units_();
            sol_log_(name.as_ptr(), name.len() as u64);
        }
    }
    let _ = name;
}

/// Solves the curve once in each direction, for the record: what an exact solve alone costs.
#[inline(always)]
pub fn solve(reserve: &hmm_math::Reserve) {
    #[cfg(all(feature = "bench", target_os = "solana"))]
    {
        use core::hint::black_box;
        let _ = black_box(phase!("solve", reserve.curve.solve_theta(black_box(reserve.kappa), reserve.psi)));
        let _ = black_box(phase!("solve", reserve.curve.solve_psi(black_box(reserve.kappa), reserve.theta)));
    }
    let _ = reserve;
}
