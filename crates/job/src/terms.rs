//! What a job runs under: copied in at opening, so that no later change of a parameter reaches it.

use crate::error::{OVERFLOW, Reason, Result, ensure, later, mul};

/// One, in parts per million.
pub const PPM: u32 = 1_000_000;
/// The best score of a committee.
pub const MAX_SCORE: u16 = 10_000;
/// Slash of a reservation bond for not starting (Jobs 7).
pub const SLASH_NO_SHOW: u32 = 100_000;
/// Slash for not submitting in time (Jobs 7).
pub const SLASH_LATE: u32 = 250_000;
/// Slash for failing verification (Jobs 7).
pub const SLASH_FAILED: u32 = 500_000;
/// Slash for proven fraud or an invalid attestation (Jobs 7).
pub const SLASH_FRAUD: u32 = 1_000_000;
/// The finder's part of a slash (Jobs 7, Defaults).
pub const FINDER: u32 = 200_000;
/// Seats whose fee an assignment sets aside, in multiples of the larger committee: two rounds of k, a challenge and an appeal of 2k.
pub const FEE_SEATS: u64 = 6;

/// The terms of one job. Times are unix seconds, rates parts per million, amounts credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    /// All assignments start, or none does.
    pub gang: bool,
    /// End of filling and assigning.
    pub assign_by: i64,
    /// End of starting.
    pub start_by: i64,
    /// End of submitting.
    pub submit_by: i64,
    /// Least time between the end of assigning and that of starting: a worker's time to start or decline.
    pub notice: u32,
    /// Seconds from a submission, a challenge or an appeal to the draw of a committee.
    pub draw_delay: u32,
    /// Seconds of commit and reveal together.
    pub round: u32,
    /// Seconds to challenge a verdict.
    pub challenge: u32,
    /// Seconds to appeal a ruling.
    pub appeal: u32,
    /// γ, at least 1.
    pub gamma: u32,
    /// Reservation bond, part of the value assigned.
    pub reservation: u32,
    /// Fee for a reservation, to the worker that keeps it.
    pub reservation_fee: u64,
    /// Fee of one verifier's seat.
    pub seat_fee: u64,
    /// Seats of a committee up to `high_value`.
    pub seats: u8,
    /// Seats of a committee above it.
    pub seats_high: u8,
    /// The value above which the larger committee is drawn.
    pub high_value: u64,
    /// Least bond of a challenger.
    pub min_bond: u64,
    /// Least score that passes.
    pub pass_score: u16,
    /// Least score that earns the bonus.
    pub bonus_score: u16,
    /// ρ.
    pub bonus: u32,
    /// θ: bonus per burned fee, less than 1.
    pub bonus_cap: u32,
    /// m of the sampling, at least 1.25.
    pub sample_margin: u32,
    /// α_min of the sampling.
    pub sample_min: u32,
}

impl Terms {
    /// Refuses terms that contradict themselves, at `now`.
    ///
    /// # Errors
    /// `Terms`; `Overflow`.
    pub fn validate(&self, now: i64) -> Result<()> {
        ensure(now < self.assign_by, Reason::Terms)?;
        ensure(self.notice > 0 && later(self.assign_by, self.notice)? <= self.start_by, Reason::Terms)?;
        ensure(self.start_by < self.submit_by, Reason::Terms)?;
        ensure(self.draw_delay > 0 && self.round > 0 && self.challenge > 0 && self.appeal > 0, Reason::Terms)?;
        ensure(self.gamma >= PPM && self.reservation <= PPM && self.reservation > 0, Reason::Terms)?;
        // 2k fits a byte; a committee has a majority.
        ensure(self.seats >= 3 && self.seats_high >= self.seats && self.seats_high <= 60, Reason::Terms)?;
        ensure(self.pass_score > 0 && self.pass_score <= MAX_SCORE && self.bonus_score >= self.pass_score, Reason::Terms)?;
        ensure(self.bonus <= PPM / 10 && self.bonus_cap < PPM, Reason::Terms)?;
        ensure(self.sample_margin >= 1_250_000 && self.sample_min > 0 && self.sample_min <= PPM, Reason::Terms)?;
        // A lost bond pays for the committee that it called.
        ensure(self.min_bond > 0 && self.min_bond >= mul(mul(2, self.seats_high.into())?, self.seat_fee)?, Reason::Terms)
    }

    /// The committee fees that an assignment sets aside: every round that it can come to, at the larger size.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn fee_budget(&self) -> Result<u64> {
        mul(FEE_SEATS.saturating_mul(self.seats_high.into()), self.seat_fee)
    }

    /// k for the value at stake (Jobs 5).
    pub fn committee(&self, value: u64) -> u8 {
        if value > self.high_value { self.seats_high } else { self.seats }
    }

    /// A challenger's bond: max(minimum, V/2), rounded up (Jobs 6).
    pub fn challenge_bond(&self, value: u64) -> u64 {
        self.min_bond.max(value.div_ceil(2))
    }

    /// The probability of verification in ppm, rounded up: clamp(m·V/(V + slash_fail·R), α_min, 1) (Jobs 5).
    ///
    /// # Errors
    /// `Overflow`, never for amounts of 64 bits: m·V < 2⁹⁶.
    pub fn sampling_ceil(&self, value: u64, reserved: u64) -> Result<u32> {
        let top = u128::from(self.sample_margin).checked_mul(value.into()).ok_or(OVERFLOW)?;
        let bottom = u128::from(value).checked_add(part_floor(reserved, SLASH_FAILED)?.into()).ok_or(OVERFLOW)?;
        // Without value and bond, every job is verified.
        let rate = if bottom == 0 { PPM.into() } else { top.div_ceil(bottom) };
        Ok(u32::try_from(rate).unwrap_or(PPM).clamp(self.sample_min, PPM))
    }
}

/// `amount · rate / 10⁶`, rounded down.
///
/// # Errors
/// `Overflow` if the part exceeds 64 bits (rates above one).
pub fn part_floor(amount: u64, rate: u32) -> Result<u64> {
    ratio_floor(amount, rate.into(), PPM.into())
}

/// `amount · rate / 10⁶`, rounded up.
///
/// # Errors
/// `Overflow` if the part exceeds 64 bits (rates above one).
pub fn part_ceil(amount: u64, rate: u32) -> Result<u64> {
    ratio_ceil(amount, rate.into(), PPM.into())
}

/// The most credits that may be paid for `units`, at `max_price` credits for a whole unit of 10^`decimals`, rounded down; saturates.
pub fn most_paid_floor(units: u64, max_price: u64, decimals: u8) -> u64 {
    let whole = 10u64.saturating_pow(decimals.into()).max(1);
    ratio_floor(units, max_price, whole).unwrap_or(u64::MAX)
}

/// `a · b`, if one of them has 32 bits and it fits: the virtual machine has no wider multiplication, so the compiler's own check is a
/// whole product of 128 bits.
pub(crate) fn small(a: u64, b: u64) -> Option<u64> {
    const HALF: u64 = 1 << 32;
    let (a, b) = if b < HALF { (a, b) } else { (b, a) };
    let high = (a >> 32).wrapping_mul(b);
    if b >= HALF || high >= HALF {
        return None;
    }
    (high << 32).checked_add((a % HALF).wrapping_mul(b))
}

/// `a · b / c`, rounded down.
pub(crate) fn ratio_floor(a: u64, b: u64, c: u64) -> Result<u64> {
    if let Some(product) = small(a, b) {
        return product.checked_div(c).ok_or(OVERFLOW);
    }
    let product = u128::from(a).checked_mul(b.into()).ok_or(OVERFLOW)?;
    u64::try_from(product.checked_div(c.into()).ok_or(OVERFLOW)?).map_err(|_| OVERFLOW)
}

/// `a · b / c`, rounded up.
pub(crate) fn ratio_ceil(a: u64, b: u64, c: u64) -> Result<u64> {
    if c == 0 {
        return Err(OVERFLOW);
    }
    if let Some(product) = small(a, b) {
        return Ok(product.div_ceil(c));
    }
    let product = u128::from(a).checked_mul(b.into()).ok_or(OVERFLOW)?;
    u64::try_from(product.div_ceil(c.into())).map_err(|_| OVERFLOW)
}
