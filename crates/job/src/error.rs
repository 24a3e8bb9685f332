//! Why an event was refused.

use crate::terms::small;

/// What a guard found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The sender may not send this event.
    Actor,
    /// The job or assignment is not in a phase that knows this event.
    Phase,
    /// The window has not begun.
    Early,
    /// The window is over.
    Late,
    /// An amount is zero or outside its range.
    Amount,
    /// The job's credits do not cover it.
    Budget,
    /// The job holds fewer vouchers.
    Vouchers,
    /// The worker's bond does not cover it.
    Bond,
    /// All places for assignments or challengers are taken.
    Full,
    /// The gang is not sealed, not complete, or already launched.
    Gang,
    /// Assignments are still live.
    Live,
    /// The terms contradict each other.
    Terms,
    /// A sum does not fit.
    Overflow,
}

/// An event that was refused: why, what was expected, what was found (0 where there is no number).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The bound of the guard.
    pub expected: u64,
    /// What broke it.
    pub found: u64,
}

/// The result of an event.
pub type Result<T> = core::result::Result<T, Refusal>;

pub(crate) const fn refuse<T>(reason: Reason, expected: u64, found: u64) -> Result<T> {
    Err(Refusal { reason, expected, found })
}

pub(crate) const OVERFLOW: Refusal = Refusal { reason: Reason::Overflow, expected: 0, found: 0 };

/// `Ok` if `condition`, else the refusal.
pub(crate) const fn ensure(condition: bool, reason: Reason) -> Result<()> {
    if condition { Ok(()) } else { refuse(reason, 0, 0) }
}

pub(crate) fn add(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b).ok_or(OVERFLOW)
}

pub(crate) fn sub(a: u64, b: u64) -> Result<u64> {
    a.checked_sub(b).ok_or(OVERFLOW)
}

pub(crate) fn mul(a: u64, b: u64) -> Result<u64> {
    small(a, b).or_else(|| a.checked_mul(b)).ok_or(OVERFLOW)
}

/// `now` lies before the end of a window.
pub(crate) fn before(now: i64, until: i64) -> Result<()> {
    if now < until { Ok(()) } else { refuse(Reason::Late, until.cast_unsigned(), now.cast_unsigned()) }
}

/// `now` lies at or after the begin of a window.
pub(crate) fn from(now: i64, from: i64) -> Result<()> {
    if now >= from { Ok(()) } else { refuse(Reason::Early, from.cast_unsigned(), now.cast_unsigned()) }
}

pub(crate) fn later(now: i64, by: u32) -> Result<i64> {
    now.checked_add(i64::from(by)).ok_or(OVERFLOW)
}
