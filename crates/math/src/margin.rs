//! What a worker owes, what it must stand for it with, and what ends an obligation. Source: protocol.md, *Supply*.
//!
//! Obligations are units of vouchers, valued at a mark in Q64.64; what stands for them is credits; ratios (γ, the maintenance, the
//! premium) are parts per million, at least 1. Every rounding is against whoever is being trusted: values, requirements and deliveries up,
//! what may leave, what is minted and what is paid out down.
//!
//! # Saturation
//! Values saturate at 2⁶⁴ − 1 instead of failing, so that no price can keep a worker from being liquidated. Nothing is
//! taken for covered because of it: no amount of credits is r·(2⁶⁴ − 1) for a ratio r > 1.
//!
//! # Bounds
//! Products of an amount and a ratio are below 2⁶⁴·2³², those of a value and an amount below 2¹²⁸, those of a capacity and
//! seconds below 2¹²⁸; products of units and a price are taken apart at 2⁶⁴ and checked.

use crate::error::{OVERFLOW, Reason, Result};
use crate::fee::PPM;
use crate::units::{Ppm, Price};
use crate::wide;

/// Seconds of an hour: capacity is raw units an hour.
pub const HOUR: u64 = 3_600;

/// ⌈units · price⌉ in credits, at most 2⁶⁴ − 1.
pub fn value_ceil(units: u64, price: Price) -> u64 {
    let (whole, rest) = parts(units, price);
    u64::try_from(whole.saturating_add((rest != 0) as u128)).unwrap_or(u64::MAX)
}

/// ⌊units · price⌋ in credits, at most 2⁶⁴ − 1.
pub fn value_floor(units: u64, price: Price) -> u64 {
    u64::try_from(parts(units, price).0).unwrap_or(u64::MAX)
}

/// ⌈value / price⌉ in units, at most 2⁶⁴ − 1: the fewest whose [`value_floor`] is at least `value`. A price of 0 gives 2⁶⁴ − 1.
pub fn units_ceil(value: u64, price: Price) -> u64 {
    let scaled = wide::from_limbs(0, value);
    match scaled.checked_div(price.0) {
        None => u64::MAX,
        Some(units) => u64::try_from(units.wrapping_add((units.wrapping_mul(price.0) != scaled) as u128)).unwrap_or(u64::MAX),
    }
}

/// The whole credits of units · price and the part of one, in units of 2⁻⁶⁴. The whole saturates at 2¹²⁸ − 1.
fn parts(units: u64, price: Price) -> (u128, u64) {
    let (low, high) = wide::limbs(price.0);
    let (rest, carry) = wide::limbs(wide::mul_64(units, low));
    (wide::mul_64(units, high).saturating_add(carry as u128), rest)
}

/// ⌈ratio · owed⌉: what must stand for `owed`. `Overflow` if it does not fit; no amount of credits is enough then.
pub fn required_ceil(owed: u64, ratio: Ppm) -> Result<u64> {
    let scaled = wide::mul_64_32(owed, ratio.0);
    u64::try_from(quotient_ceil(scaled, PPM)).map_err(|_| OVERFLOW)
}

/// Whether `cover` credits stand for `owed` at `ratio`: cover ≥ ratio · owed, exactly.
pub fn covers(cover: u64, owed: u64, ratio: Ppm) -> bool {
    wide::mul_64_32(cover, PPM_32) >= wide::mul_64_32(owed, ratio.0)
}

/// The most that may leave `cover` with the rest standing for `owed` at `ratio`; 0 where nothing may.
pub fn free_floor(cover: u64, owed: u64, ratio: Ppm) -> u64 {
    required_ceil(owed, ratio).map_or(0, |required| cover.saturating_sub(required))
}

/// ⌊q · raw⌋: the vouchers that `raw` units of capacity are worth. A quality above 1 counts as 1.
pub fn minted_floor(raw: u64, quality: Ppm) -> u64 {
    wide::scale_floor(raw, part_of(quality), PPM)
}

/// ⌈units / q⌉: the raw units that deliver them. `ZeroAmount` if the quality is 0, `Overflow` if they do not fit.
pub fn raw_ceil(units: u64, quality: Ppm) -> Result<u64> {
    if quality.0 == 0 {
        return Err(Reason::ZeroAmount.refuse(1, 0));
    }
    let raw = quotient_ceil(wide::mul_64_32(units, PPM_32), part_of(quality));
    u64::try_from(raw).map_err(|_| OVERFLOW)
}

/// The most vouchers that a capacity of raw units an hour delivers in `seconds`: ⌊q · ⌊capacity · seconds / 3600⌋⌋, at most 2⁶⁴ − 1. Of that
/// many, [`raw_ceil`] is at most the delivery; of one more it is not.
pub fn deliverable_floor(capacity: u64, seconds: u64, quality: Ppm) -> u64 {
    let raw = quotient_floor(wide::mul_64(capacity, seconds), HOUR);
    minted_floor(u64::try_from(raw).unwrap_or(u64::MAX), quality)
}

/// The part of `held` that `units` of `outstanding` take with them: ⌊held · units / outstanding⌋; the last take all that is left. `Overflow` if there are
/// not so many. Expected: the outstanding. Found: the units.
pub fn share_floor(held: u64, units: u64, outstanding: u64) -> Result<u64> {
    if units > outstanding {
        return Err(Reason::Overflow.refuse(outstanding, units));
    }
    if units == outstanding {
        return Ok(held);
    }
    wide::mul_div(held, units, outstanding).map(|(share, _)| share).ok_or(OVERFLOW)
}

/// What a liquidator receives for units of `value`: the premium's ⌊premium · value⌋, but no more than their part of what there is,
/// ⌊value · cover / owed⌋. `value` is a part of `owed`; 0 if nothing is owed.
pub fn payoff_floor(value: u64, owed: u64, cover: u64, premium: Ppm) -> u64 {
    let part = wide::mul_64(value, cover).checked_div(owed as u128).unwrap_or(0);
    let asked = wide::mul_64_32(value, premium.0) / PPM as u128;
    u64::try_from(part.min(asked)).unwrap_or(u64::MAX)
}

/// The least value that has to be liquidated, at the premium, until `cover` stands for the rest at γ: ⌈(γ·owed − cover) / (γ − premium)⌉; 0 if
/// it does already, and at least `owed` where the cover is used up first. `Overflow` unless the premium is below γ.
pub fn restoring_ceil(owed: u64, cover: u64, gamma: Ppm, premium: Ppm) -> Result<u64> {
    let slack = gamma.0.checked_sub(premium.0).filter(|slack| *slack != 0);
    let slack = slack.ok_or(Reason::Overflow.refuse(gamma.0 as u64, premium.0 as u64))?;
    let missing = wide::mul_64_32(owed, gamma.0).saturating_sub(wide::mul_64_32(cover, PPM_32));
    Ok(u64::try_from(missing.div_ceil(slack as u128)).unwrap_or(u64::MAX))
}

/// a / b for b > 0: the virtual machine divides 64 bits in one unit, and 128 in two hundred.
#[inline(always)]
fn quotient_floor(a: u128, b: u64) -> u128 {
    u64::try_from(a).map_or_else(|_| a / b as u128, |a| (a / b) as u128)
}

#[inline(always)]
fn quotient_ceil(a: u128, b: u64) -> u128 {
    u64::try_from(a).map_or_else(|_| a.div_ceil(b as u128), |a| a.div_ceil(b) as u128)
}

#[allow(clippy::cast_possible_truncation)] // a million
const PPM_32: u32 = PPM as u32;

#[inline(always)]
const fn part_of(quality: Ppm) -> u64 {
    let part = quality.0 as u64;
    if part < PPM { part } else { PPM }
}
