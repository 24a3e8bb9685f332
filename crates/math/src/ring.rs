//! The price history of one resource: time-weighted geometric means over half an hour and a day.
//!
//! The ring follows the marginal price by a *recorded* price, as log₂ in units of 2⁻⁴⁰. In each second the recorded price moves toward
//! the observed one by at most a stated rate, and its logarithm is added to a running sum. An observation is the price *before*
//! the trade that makes it, so it is the price that held since the observation before: [`Ring::observe`] walks all the seconds in
//! between at once, by a closed form. So it does not matter how often one observes an unchanged price: the sums are the same
//! integers. What a trade does to the price within a second has no time, hence no weight.
//!
//! The sum is kept at the last 32 whole minutes and the last 25 whole hours (which enclose 24). A mean starts at the whole minute, or
//! hour, at or before the start of its window, so it is of at least the window and at most 59 seconds, or 59 minutes 59
//! seconds, more; no value is interpolated. Sums wrap; the differences that are used are of at most 25 hours: 90,000·2⁴⁶ < 2⁶³.
//!
//! # Errors
//! [`Ring::twap`] of a constant price differs from it by less than 2⁻³⁸ of it and one unit of Q64.64: 2⁻³⁹ from each conversion at most
//! (see [`LogPrice`]), 2⁻⁴⁰ from the division.
//!
//! # What counts as history
//! Time in which the pool is shallow, or a first price that nobody could trade at, must not become a mark. [`Ring::follow`] therefore begins the
//! history of a *young* ring (less than half an hour) anew as long as the pool is shallow, or the observed price is further from the recorded
//! one than [`NEAR`]. A ring that is mature keeps its history and its recorded price, frozen, while the pool is shallow, so that nobody
//! ends or moves marks by emptying a pool for a moment; after [`DAY`] of that it begins anew too.
//!
//! # What holding the price costs an attacker time
//! Pinning the spot price at anything for k seconds moves the recorded logarithm by at most rate·k, and the mean by at most
//! rate·k(k + 1)/2 / 1800 while it lasts; when the price returns at once, the recorded one comes back as slowly, and the
//! mean of a window that holds all of it has moved by at most rate·k² / 1800.
//!
//! # Cost
//! Within a minute: one closed form. Each whole minute and hour that was crossed: one more, at most 32 + 25 after any gap. Compute units on
//! the virtual machine (LiteSVM 0.16, single cases): [`Ring::observe`] 110 within a minute, 190 after one, 420 after ten, 1,060 after an
//! hour, 1,870 after any longer gap; its [`LogPrice::of`] 180; [`Ring::marks`] 320.

use crate::log::{LogPrice, ONE};
use crate::units::Price;

/// Seconds of the short window: nothing is answered before a ring has that much history.
pub const HALF_HOUR: i64 = 1_800;
/// Seconds of the long window.
pub const DAY: i64 = 86_400;
/// A rate of one hundredth of a percent per second, log₂ in units of 2⁻⁴⁰.
pub const BASIS_POINT_PER_SECOND: u64 = 158_618_066;
/// How far from the recorded price, as log₂ in units of 2⁻⁴⁰, an observed one may be while a ring is young: 9 %.
pub const NEAR: u64 = (ONE / 8) as u64;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// The whole units before a time; a time before 1970 counts as none.
#[inline(always)]
const fn whole(time: i64, unit: i64) -> i64 {
    if time < 0 { 0 } else { (time as u64 / unit as u64) as i64 }
}

/// What is refused, with what was expected and what was found, in seconds (unix time or a duration).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Time ran backwards, or is not positive. Expected: the earliest time. Found: the time given.
    Backwards {
        /// earliest time
        expected: i64,
        /// time given
        found: i64,
    },
    /// The ring was not observed at the time asked for. Expected: that time. Found: its last observation (0: none).
    Stale {
        /// time asked for
        expected: i64,
        /// last observation
        found: i64,
    },
    /// Less history than the window. Expected: the window. Found: the history.
    Young {
        /// the window
        expected: i64,
        /// the history
        found: i64,
    },
}

/// The windows of a mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 30 minutes and up to 59 seconds
    HalfHour,
    /// 24 hours and up to 59 minutes 59 seconds
    Day,
}

/// The prices that obligations are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Where someone is trusted: the largest of spot, half an hour, a day.
    pub hi: Price,
    /// Where someone is punished: the smaller of half an hour and a day.
    pub lo: Price,
}

/// The ring: 496 bytes, eight-byte fields only, every bit pattern valid. All zero (`Default`) is a ring without observations.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "pod", derive(bytemuck::Pod, bytemuck::Zeroable))]
pub struct Ring {
    /// Unix time of the first observation; where the sum is 0.
    pub first: i64,
    /// Unix time of the last observation; 0 if there is none.
    pub last: i64,
    /// Unix time of the last observation that found the pool deep enough; kept by [`Ring::follow`].
    pub deep: i64,
    /// The recorded price at `last`: log₂ in units of 2⁻⁴⁰.
    pub log: i64,
    /// The sum of the recorded logarithms of every second after `first`, up to `last`. Wraps.
    pub sum: i64,
    /// The sum at each whole minute m, at m mod 32.
    pub minutes: [i64; 32],
    /// The sum at each whole hour h, at h mod 25.
    pub hours: [i64; 25],
}

/// The recorded price between two observations.
struct Path {
    log: i64,
    sum: i64,
    target: i64,
    rate: u64,
    /// Full steps of the rate that fit between the two. Divided once: the backend hoists a division out of a loop together with the trap
    /// of a zero that was checked inside.
    steps: u64,
}

impl Path {
    #[inline(always)]
    fn new(ring: &Ring, target: i64, rate: u64) -> Path {
        let steps = target.abs_diff(ring.log).checked_div(rate).unwrap_or(u64::MAX);
        Path { log: ring.log, sum: ring.sum, target, rate, steps }
    }

    /// The recorded logarithm and the sum after some seconds: full steps of the rate first, then the target.
    #[inline(always)]
    fn after(&self, seconds: i64) -> (i64, i64) {
        let seconds = seconds as u64;
        let steps = self.steps.min(seconds);
        // modulo 2⁶⁴, like the sum; `moved` is at most the distance, and the even factor is halved
        let (half, whole) = if steps & 1 == 0 { (steps >> 1, steps.wrapping_add(1)) } else { ((steps >> 1).wrapping_add(1), steps) };
        let triangle = self.rate.wrapping_mul(half).wrapping_mul(whole) as i64;
        let moved = self.rate.wrapping_mul(steps) as i64;
        let (moved, triangle) = if self.target < self.log { (moved.wrapping_neg(), triangle.wrapping_neg()) } else { (moved, triangle) };
        let rest = seconds.wrapping_sub(steps) as i64;
        let log = if rest == 0 { self.log.wrapping_add(moved) } else { self.target };
        let sum = self.sum.wrapping_add(self.log.wrapping_mul(steps as i64)).wrapping_add(triangle);
        (log, sum.wrapping_add(self.target.wrapping_mul(rest)))
    }

    /// Writes the sum at every whole `unit` of seconds after `last` up to `now`, of the newest that fit.
    #[inline(always)]
    fn mark(&self, sums: &mut [i64], unit: i64, last: i64, now: i64) {
        let newest = whole(now, unit);
        let mut index = whole(last, unit).max(newest.wrapping_sub(sums.len() as i64));
        while index < newest {
            index = index.wrapping_add(1);
            let place = index as u64 % sums.len() as u64;
            #[allow(clippy::cast_possible_truncation)] // below the length
            if let Some(sum) = sums.get_mut(place as usize) {
                (_, *sum) = self.after(index.wrapping_mul(unit).wrapping_sub(last));
            }
        }
    }
}

impl Ring {
    /// Records the marginal price before a trade at unix time `now`: it held since the last observation. `rate` bounds the move of the
    /// recorded price per second, log₂ in units of 2⁻⁴⁰; 0 freezes it. Of observations in one second the first counts. The very
    /// first observation is taken as it is. `Backwards` if `now` is before the last observation.
    #[inline(never)]
    pub fn observe(&mut self, now: i64, price: LogPrice, rate: u64) -> Result<(), Refusal> {
        if now <= 0 || now < self.last {
            return Err(Refusal::Backwards { expected: self.last.max(1), found: now });
        }
        if self.last == 0 {
            self.begin(now, price);
            return Ok(());
        }
        let last = self.last;
        let path = Path::new(self, price.get(), rate);
        if whole(now, MINUTE) != whole(last, MINUTE) {
            path.mark(&mut self.minutes, MINUTE, last, now);
            path.mark(&mut self.hours, HOUR, last, now);
        }
        (self.log, self.sum) = path.after(now.wrapping_sub(last));
        self.last = now;
        Ok(())
    }

    /// An observation as the program makes it: at [`BASIS_POINT_PER_SECOND`], with the rules of *What counts as history*; `deep` is whether the
    /// pool was deep enough. Where no time has passed, or the clock stands behind the last observation, nothing is changed: the time
    /// counts when it has passed. True if it ended a mature history.
    #[inline(never)]
    pub fn follow(&mut self, now: i64, price: LogPrice, deep: bool) -> bool {
        let mature = self.is_mature();
        let held = if mature && !deep { LogPrice::new(self.log).unwrap_or(price) } else { price };
        if now <= self.last || self.observe(now, held, BASIS_POINT_PER_SECOND).is_err() {
            return false;
        }
        if deep {
            self.deep = now;
        }
        let counts = if mature { now.wrapping_sub(self.deep) <= DAY } else { deep && self.log.abs_diff(price.get()) <= NEAR };
        if !counts {
            self.begin(now, price);
        }
        mature && !counts
    }

    /// Begins a history with this price. What `minutes` and `hours` hold of another is from before `first` and never read.
    #[inline(always)]
    fn begin(&mut self, now: i64, price: LogPrice) {
        (self.first, self.last, self.deep, self.log, self.sum) = (now, now, now, price.get(), 0);
    }

    /// Whether there is half an hour of history, so that [`Ring::marks`] answers.
    pub const fn is_mature(&self) -> bool {
        self.age() >= HALF_HOUR
    }

    /// Seconds of history.
    pub const fn age(&self) -> i64 {
        self.last.wrapping_sub(self.first)
    }

    /// The geometric mean of the recorded price over the window that ends `now`, rounded down. `Stale` unless the ring was
    /// observed `now`; `Young` before it has as much history as the window.
    pub fn twap(&self, now: i64, window: Window) -> Result<Price, Refusal> {
        self.mean_floor(now, window).map(LogPrice::price_floor)
    }

    /// log₂ of [`Ring::twap`], rounded down.
    pub fn mean_floor(&self, now: i64, window: Window) -> Result<LogPrice, Refusal> {
        if self.last != now || now == 0 {
            return Err(Refusal::Stale { expected: now, found: self.last });
        }
        let (length, unit, sums): (i64, i64, &[i64]) = match window {
            Window::HalfHour => (HALF_HOUR, MINUTE, &self.minutes),
            Window::Day => (DAY, HOUR, &self.hours),
        };
        if self.age() < length {
            return Err(Refusal::Young { expected: length, found: self.age() });
        }
        let index = whole(now.wrapping_sub(length), unit);
        #[allow(clippy::cast_possible_truncation)] // below the length
        let place = (index as u64 % sums.len() as u64) as usize;
        match sums.get(place) {
            Some(sum) if index.wrapping_mul(unit) > self.first => Ok(self.mean_since(index.wrapping_mul(unit), *sum)),
            _ => Ok(self.mean_since(self.first, 0)),
        }
    }

    /// The marks `now`, given the marginal price before the trade. Until there is a day of history the mean over all of it stands for
    /// the mean of a day. `Stale` unless the ring was observed `now`; `Young` before half an hour of history.
    #[inline(never)]
    pub fn marks(&self, now: i64, spot: Price) -> Result<Marks, Refusal> {
        let short = self.mean_floor(now, Window::HalfHour)?;
        let long = match self.mean_floor(now, Window::Day) {
            Err(Refusal::Young { .. }) => self.mean_since(self.first, 0),
            other => other?,
        };
        let low = short.min(long).price_floor();
        let high = if short == long { low } else { short.max(long).price_floor() };
        Ok(Marks { hi: spot.max(high), lo: low })
    }

    /// The mean logarithm from `start`, where the sum was `sum`, to the last observation; of the recorded price if that is no time.
    fn mean_since(&self, start: i64, sum: i64) -> LogPrice {
        let (sum, seconds) = (self.sum.wrapping_sub(sum), self.last.wrapping_sub(start) as u64);
        // of a negative sum the quotient is rounded up in size: sbpf has no signed division
        let size = sum.unsigned_abs();
        let mean = match (size.checked_div(seconds), sum < 0) {
            (None, _) => self.log,
            (Some(mean), false) => mean as i64,
            (Some(mean), true) => (mean.wrapping_add((mean.wrapping_mul(seconds) != size) as u64) as i64).wrapping_neg(),
        };
        // a mean of logarithms in range is in range; bytes that are no ring give some price
        LogPrice::new(mean).unwrap_or_default()
    }
}

const _: () = assert!(size_of::<Ring>() == 496 && align_of::<Ring>() == 8);
