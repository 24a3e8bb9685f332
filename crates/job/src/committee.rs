//! Committees: who is drawn, when its members commit and reveal, and how their votes count (Jobs 5, 6).
//!
//! # The draw
//! k seats by stake without replacement. Every verifier of weight w (its stake) has a word u of its own, uniform in 0..2⁶⁴ and not known
//! before the draw; its *key* is −log₂(u/2⁶⁴)/w, and the k smallest keys have the seats, in their order. So the first seat is a verifier's
//! with the probability that its weight is of all weights, and each further one likewise among those who are left: the same
//! distribution as drawing one seat after the other.
//!
//! **Why keys and not one point after the other along the row of stakes:** a word belongs to a place and no other place's weight touches its
//! key. Who leaves, is slashed or becomes a party to the dispute once the hash is known gives up its own seat to the next key, and
//! moves nobody else's. A draw cannot be ground by shifting the row.
//!
//! # Bias
//! The logarithm is within 2⁻³⁹ of the exact one, the quotient within 2⁻⁶⁴. Two verifiers come out in another order than the exact one with
//! a probability below 2⁻³⁷, any two of 120 below 2⁻²⁴. Equal keys go to the lower place.

use hmm_math::{
    Price,
    log::{LIMIT, LogPrice},
};

use crate::error::{Result, before, from};

/// The largest committee: the second one of twice eight seats.
pub const MAX_COMMITTEE: usize = 16;
/// Slots whose hashes the runtime remembers, skipped ones not counted.
pub const HISTORY: u64 = 512;

/// The key of a verifier of this weight with this word: the smaller, the earlier a seat. `None` without weight. In units of 2⁻¹⁰⁴.
pub fn key(weight: u64, word: u64) -> Option<u128> {
    // A price of u raw units is u/2⁶⁴; the word 0 has no logarithm and counts as 1.
    let log = LogPrice::of(Price(word.into())).map_or(LIMIT, LogPrice::get);
    (u128::from(log.unsigned_abs()) << 64).checked_div(weight.into())
}

/// Fills `seats` with the places of the smallest keys, the smallest first, and gives how many it filled: all, unless fewer entries have
/// weight. An entry is a place, its weight (0 for whoever may not be drawn) and its word. At most [`MAX_COMMITTEE`] are drawn.
pub fn draw(entries: impl Iterator<Item = (u8, u64, u64)>, seats: &mut [u8]) -> u8 {
    let mut best = [(u128::MAX, 0u8); MAX_COMMITTEE];
    let (mut count, most) = (0usize, seats.len().min(MAX_COMMITTEE));
    for (place, weight, word) in entries {
        let Some(key) = key(weight, word) else { continue };
        // Entries come in the order of their places: an equal key stays behind.
        let at = best.iter().take(count).take_while(|(other, _)| *other <= key).count();
        if at >= most {
            continue;
        }
        count = count.saturating_add(1).min(most);
        if let Some(tail) = best.get_mut(at..count) {
            tail.rotate_right(1);
            if let Some(first) = tail.first_mut() {
                *first = (key, place);
            }
        }
    }
    for (seat, (_, place)) in seats.iter_mut().zip(best).take(count) {
        *seat = place;
    }
    u8::try_from(count).unwrap_or(u8::MAX)
}

/// The slot from which on the oldest known hash draws: `draw_slot + 512·n` with the largest n that leaves it in the past, so that a hash that
/// was forgotten before anybody drew is followed by another. `None` while `draw_slot` is not past.
pub fn target_slot(draw_slot: u64, slot: u64) -> Option<u64> {
    let passed = slot.checked_sub(1)?.checked_sub(draw_slot)?;
    draw_slot.checked_add(passed.checked_sub(passed.checked_rem(HISTORY)?)?)
}

/// The slot whose hash draws, when the draw is to come `delay` slots from `slot`, but not before `wait` seconds have passed: two and a half
/// slots a second. An estimate: a hash that comes early tells who will vote, it does not change it.
pub fn draw_slot(slot: u64, delay: u32, wait: u64) -> u64 {
    slot.saturating_add(delay.into()).saturating_add(wait.saturating_mul(5) / 2)
}

/// Where commitments end and revealing begins, in a round of `round` seconds that ends at `until`.
pub fn middle(until: i64, round: u32) -> i64 {
    until.saturating_sub(i64::from(round / 2))
}

/// Refuses a commitment outside the first part of the round.
///
/// # Errors
/// `Late`.
pub fn require_commit(until: i64, round: u32, now: i64) -> Result<()> {
    before(now, middle(until, round))
}

/// Refuses a reveal outside the second part of the round, which begins early when all have committed.
///
/// # Errors
/// `Early`, `Late`.
pub fn require_reveal(until: i64, round: u32, all_committed: bool, now: i64) -> Result<()> {
    if !all_committed {
        from(now, middle(until, round))?;
    }
    before(now, until)
}

/// At least two thirds of the seats have revealed.
pub fn is_quorum(revealed: u8, seats: u8) -> bool {
    u16::from(revealed).saturating_mul(3) >= u16::from(seats).saturating_mul(2)
}

/// The median; of an even number the lower of the two in the middle, so that work passes only if more than half of the votes say so.
/// `None` of nothing.
pub fn median<T: Ord + Copy>(values: &[T]) -> Option<T> {
    let middle = values.len().checked_sub(1)? / 2;
    let below = |v: &T| values.iter().filter(|other| *other < v).count();
    let upto = |v: &T| values.iter().filter(|other| *other <= v).count();
    values.iter().find(|v| below(v) <= middle && upto(v) > middle).copied()
}
