//! The quality of a worker in one resource: a decayed, value-weighted Beta posterior.
//!
//! An outcome r ∈ [0, 1] of weight w adds w·r to α and w·κ_f·(1 − r) to β; both fall back to the prior (1, 1) with a half-life
//! of 30 epochs. With μ and σ the mean and the standard deviation of Beta(α, β), q = μ − 1.28·σ, not below 0, and
//! 0.5 while the evidence α + β − 2 is below 5.
//!
//! Numbers are in units of 2⁻³², and every rounding is against the worker: α down, β up, σ up, q down. So of outcomes
//! that never stop decaying up to 44 units (about 10⁻⁸ of an outcome) stay in β.
//!
//! # Bounds
//! [`Posterior::record`] refuses evidence of 2³⁰ or more. So A = 2³²·α and B stay below 2⁶³, A·B below 2¹²⁶, A·B/(α + β + 1) below
//! 2⁶³ and its root's radicand below 2⁹⁵; σ is less than 2⁻²⁹ of itself too large, and q at most one part per million below
//! the exact value rounded down.
//!
//! # Compute units
//! On the virtual machine (LiteSVM 0.16, single cases): [`Posterior::record`] with a decay 260, [`Posterior::quality_floor`] 800,
//! [`weight_floor`] 140.

use crate::error::{OVERFLOW, Reason, Result};
use crate::fee::PPM;
use crate::units::Ppm;
use crate::wide;

/// 1 as a weight or as evidence.
pub const ONE: u64 = 1 << 32;
/// The score of a perfect outcome, r = 1.
pub const MAX_SCORE: u16 = 10_000;
/// κ_f of a proven fault; otherwise it is 1.
pub const FAULT_FACTOR: u64 = 8;
/// Epochs in which evidence halves.
pub const HALF_LIFE: u64 = 30;
/// Evidence below which [`Posterior::quality_floor`] is [`UNKNOWN`].
pub const ENOUGH: u64 = 5 * ONE;
/// The quality of a worker that has not shown enough: one half.
pub const UNKNOWN: Ppm = Ppm(500_000);
/// Evidence that is not reached.
pub const EVIDENCE_LIMIT: u64 = ONE << 30;

/// 2^(−j/30) in units of 2⁻⁶⁴, rounded down, for j = 1 to 29.
const DECAY: [u64; 29] = [
    0xfa27_27db_62ae_bb76,
    0xf470_7fd5_a7c9_eb72,
    0xeedb_4008_bd58_906d,
    0xe966_a51f_62a1_684c,
    0xe411_f03a_7609_4a35,
    0xdedc_66d6_df09_010a,
    0xd9c5_52b4_10a9_f78c,
    0xd4cc_01bb_210d_e176,
    0xcfef_c5e6_7299_eb8f,
    0xcb2f_f529_eb71_e415,
    0xc68b_e95b_b803_400d,
    0xc203_001d_9572_e35c,
    0xbd94_9ac6_a0d3_23c3,
    0xb940_1e4d_a819_a497,
    0xb504_f333_f9de_6484,
    0xb0e2_8570_b0fe_aa97,
    0xacd8_445c_794f_6e55,
    0xa8e5_a29d_ca9b_622b,
    0xa50a_1615_9738_f266,
    0xa145_17cc_6b94_5711,
    0x9d96_23df_fc19_470d,
    0x99fc_b971_1ef6_f06f,
    0x9678_5a92_2f47_976e,
    0x9308_8c35_d733_a4b5,
    0x8fac_d61e_3eb5_feb5,
    0x8c64_c2cc_9cb5_4a8b,
    0x892f_df71_2833_2131,
    0x860d_bbdb_675f_67a9,
    0x82fd_ea6a_da6a_cd9f,
];

/// What is known about a worker in one resource. `Default` is the prior.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Posterior {
    /// α − 1 in units of 2⁻³², at `epoch`.
    pub good: u64,
    /// β − 1 in units of 2⁻³², at `epoch`.
    pub bad: u64,
    /// The epoch to which both are decayed.
    pub epoch: u64,
}

/// The weight of an outcome: min(value, cap)/reference · level, in units of 2⁻³², rounded down. `level` is the share that the proof
/// level counts. `ZeroAmount` if the reference is zero, `Overflow` if the weight is 2³² or more.
pub fn weight_floor(value: u64, cap: u64, reference: u64, level: Ppm) -> Result<u64> {
    let counted = value.min(cap);
    if reference == 0 {
        return Err(Reason::ZeroAmount.refuse(1, 0));
    }
    // 64 + 32 bits and 32 for the unit
    let scaled = wide::mul_64_32(counted, level.0) << 32;
    u64::try_from(scaled.checked_div(wide::mul_64_32(reference, 1_000_000)).ok_or(OVERFLOW)?).map_err(|_| OVERFLOW)
}

impl Posterior {
    /// Brings the evidence to `epoch`, however many have passed. An earlier epoch changes nothing.
    pub fn decay(&mut self, epoch: u64) {
        let elapsed = epoch.saturating_sub(self.epoch);
        if elapsed == 0 {
            return;
        }
        let (halvings, rest) = (elapsed / HALF_LIFE, elapsed % HALF_LIFE);
        self.good = faded(self.good, halvings, rest, false);
        self.bad = faded(self.bad, halvings, rest, true);
        self.epoch = epoch;
    }

    /// Adds an outcome at `epoch`: `score` of [`MAX_SCORE`], `weight` in units of 2⁻³², `fault` a proven one. `Overflow` if the score is above
    /// the maximum or the evidence would reach [`EVIDENCE_LIMIT`]; then nothing changes.
    pub fn record(&mut self, epoch: u64, score: u16, weight: u64, fault: bool) -> Result<()> {
        let Some(missed) = MAX_SCORE.checked_sub(score) else {
            return Err(Reason::Overflow.refuse(MAX_SCORE as u64, score as u64));
        };
        let mut next = *self;
        next.decay(epoch);
        let factor = if fault { FAULT_FACTOR } else { 1 };
        let bad = weight.checked_mul(factor).ok_or(OVERFLOW)?;
        next.good = next.good.checked_add(wide::scale_floor(weight, score as u64, MAX_SCORE as u64)).ok_or(OVERFLOW)?;
        next.bad = next.bad.checked_add(wide::scale_ceil(bad, missed as u64, MAX_SCORE as u64)).ok_or(OVERFLOW)?;
        match next.good.checked_add(next.bad) {
            Some(evidence) if evidence < EVIDENCE_LIMIT => {
                *self = next;
                Ok(())
            }
            evidence => Err(Reason::Overflow.refuse(EVIDENCE_LIMIT - 1, evidence.unwrap_or(u64::MAX))),
        }
    }

    /// α + β − 2 in units of 2⁻³², at the posterior's epoch.
    pub const fn evidence(&self) -> u64 {
        self.good.saturating_add(self.bad)
    }

    /// q at the posterior's epoch (see [`Posterior::decay`]), rounded down.
    pub fn quality_floor(&self) -> Ppm {
        if self.evidence() < ENOUGH {
            return UNKNOWN;
        }
        // bytes that `record` did not write are taken as the limit
        let a = self.good.min(EVIDENCE_LIMIT).wrapping_add(ONE);
        let b = self.bad.min(EVIDENCE_LIMIT).wrapping_add(ONE);
        let sum = a.wrapping_add(b);
        // (σ·(α + β))² = αβ/(α + β + 1)
        let square = wide::mul_64(a, b).div_ceil(sum.wrapping_add(ONE) as u128) << 32;
        let floor = square.isqrt();
        let deviation = floor.wrapping_add((floor.wrapping_mul(floor) != square) as u128);
        // 100·(α − 1.28·σ·(α + β)): below 2⁷¹, and 10⁴ times that below 2⁸⁵
        let margin = (a as u128).wrapping_mul(100).saturating_sub(deviation.wrapping_mul(128));
        let quality = margin.wrapping_mul(10_000) / sum as u128;
        Ppm(u32::try_from(quality.min(PPM as u128)).unwrap_or(0))
    }
}

/// `value · 2^(−halvings − rest/30)` for rest < 30, rounded down; or up, if `up`: each of three roundings is.
fn faded(value: u64, halvings: u64, rest: u64, up: bool) -> u64 {
    if value == 0 {
        return 0;
    }
    let halvings = halvings.min(63);
    let whole = value >> halvings;
    let whole = whole.wrapping_add((up && whole << halvings != value) as u64);
    match rest.checked_sub(1).and_then(|j| DECAY.get(usize::try_from(j).ok()?)) {
        None => whole,
        Some(factor) => {
            let (low, high) = wide::limbs(wide::mul_64(whole, factor.wrapping_add(up as u64)));
            high.wrapping_add((up && low != 0) as u64)
        }
    }
}

const _: () = assert!(size_of::<Posterior>() == 24);
