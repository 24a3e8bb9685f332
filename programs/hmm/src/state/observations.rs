use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use core::mem::offset_of;
use hmm_math::{
    Price, Reserve,
    log::LogPrice,
    ring::{HALF_HOUR, Marks, Ring, Window},
};

use super::Pool;
use crate::{
    bench::phase,
    constants::BOOTSTRAP_SECONDS,
    errors::{HmmError, SUBJECT_CALL},
};

/// Layout of this account.
pub const OBSERVATIONS_VERSION: u8 = 1;

/// What is remembered of a pool's past, apart from the pool so that the pool stays small.
///
/// PDA `["observations", pool]`. It is in the account list of every trading instruction. Arrays are indexed by resource.
/// Source: protocol.md, *Accounts*, *Supply* (marks), *Order protection and dynamics* (TWAP).
#[account]
pub struct Observations {
    pub version: u8,
    pub bump: u8,
    pub _reserved: [u8; 6],
    /// The slot of the last instruction that traded or moved liquidity.
    pub last_slot: u64,
    pub pool: Address,
    pub rings: [PriceRing; 8],
    /// Mark of a resource whose own prices are no mark yet, Q64.64 raw credits per raw unit; 0 if none is set.
    pub bootstrap: [PodU128; 8],
    /// Unix time at which it was last set; 0 if it never was.
    pub bootstrap_at: [i64; 8],
    /// Unix time after which nothing is recorded: where supply to a series closes. 0 for a perpetual resource.
    pub until: [i64; 8],
}

/// A `Ring` of the mathematics, as it is stored. Times are unix seconds, logarithms log₂ of the price in units of 2⁻⁴⁰.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct PriceRing {
    /// The first observation, where the sum is 0; 0 if there is none.
    pub first: i64,
    /// The last observation.
    pub last: i64,
    /// The last observation that found Θ at the market's `mark_depth` or above.
    pub deep: i64,
    /// The recorded price.
    pub log: i64,
    /// The sum of the recorded logarithms of every second since the first observation. Wraps.
    pub sum: i64,
    /// The sum at each whole minute m, at m mod 32.
    pub minutes: [i64; 32],
    /// The sum at each whole hour h, at h mod 25.
    pub hours: [i64; 25],
}

macro_rules! same_place {
    ($($field:ident),+) => { $(assert!(offset_of!(PriceRing, $field) == offset_of!(Ring, $field));)+ };
}

const _: () = {
    same_place!(first, last, deep, log, sum, minutes, hours);
    assert!(size_of::<PriceRing>() == size_of::<Ring>() && align_of::<PriceRing>() == align_of::<Ring>());
};

impl PriceRing {
    #[inline(always)]
    fn ring(&self) -> &Ring {
        bytemuck::cast_ref(self)
    }

    #[inline(always)]
    fn ring_mut(&mut self) -> &mut Ring {
        bytemuck::cast_mut(self)
    }
}

impl Observations {
    /// Records the price of a resource before anything is done to it; `reserve` has been rotated. Only the first in a second has an effect. It refuses
    /// nothing, so it blocks nothing: while the clock stands, or runs back, nothing is recorded, and the time counts once it has passed.
    #[inline(always)]
    pub fn observe(&mut self, index: u8, reserve: &Reserve, now: i64, mark_depth: u64) {
        let i = usize::from(index);
        let until = self.until.get(i).copied().unwrap_or_default();
        let now = if until == 0 { now } else { now.min(until) };
        let Some(ring) = self.rings.get_mut(i).map(PriceRing::ring_mut) else { return };
        if now <= ring.last {
            return;
        }
        let deep = reserve.theta.0 >= mark_depth;
        let ended = phase!("curve", reserve.log_price().is_some_and(|price| ring.follow(now, price, deep)));
        // what was set before the pool had marks of its own is too old to stand in for them
        if ended && let Some(bootstrap) = self.bootstrap.get_mut(i) {
            *bootstrap = PodU128::from(0);
        }
    }

    /// Before the first deposit: fixes where the records of each series end, `lead` seconds before it does. From then on nobody can supply, so
    /// the price can be pushed up and held there at no risk: it counts no more.
    pub fn close_series(&mut self, pool: &Pool, lead: u32) {
        for (until, end) in self.until.iter_mut().zip(pool.delivery_end) {
            *until = if end == 0 { 0 } else { end.saturating_sub(lead.into()).max(1) };
        }
    }

    /// The same for every resource of the pool.
    #[inline(always)]
    pub fn observe_all(&mut self, pool: &Pool, now: i64, mark_depth: u64) {
        for index in pool.indices() {
            if let Some(reserve) = pool.reserve(index) {
                self.observe(index, &reserve, now, mark_depth);
            }
        }
    }

    /// The marks of a resource as of its last observation: observe it first. `hi` is at least `spot`, the marginal price before the trade; where a stranger's
    /// trade in the same slot must not matter, pass 0. Without half an hour of history in a deep pool, the bootstrap mark is all there is.
    /// Errors `NoMark` (expected: seconds of history, found) if it is not set either.
    #[inline(always)]
    pub fn marks(&self, index: u8, spot: Price) -> Result<Marks> {
        let ring = self.ring(index)?;
        if let Ok(marks) = ring.marks(ring.last, spot) {
            return Ok(marks);
        }
        match self.bootstrap(index) {
            Price(0) => Err(no_mark(index, ring)),
            mark => Ok(Marks { hi: mark.max(spot), lo: mark }),
        }
    }

    /// What a series ends at, as of its last observation: the mean of the last day, of the last half hour if there is less history; of a resource
    /// without marks of its own the bootstrap mark, and where there is none the recorded price. Errors: `UnknownResource`.
    pub fn last_price(&self, index: u8) -> Result<Price> {
        let ring = self.ring(index)?;
        let mean = ring.twap(ring.last, Window::Day).or_else(|_| ring.twap(ring.last, Window::HalfHour));
        Ok(match (mean, self.bootstrap(index)) {
            (Ok(mean), _) => mean,
            (Err(_), Price(0)) => LogPrice::new(ring.log).unwrap_or_default().price_floor(),
            (Err(_), mark) => mark,
        })
    }

    /// Whether a resource has marks of its own, in a pool that is deep now.
    pub fn has_own_marks(&self, index: u8) -> bool {
        self.ring(index).is_ok_and(|ring| ring.is_mature() && ring.deep == ring.last)
    }

    /// What a resource's marks must be where somebody is punished by them: the pool's own, and of a pool that is deep now. Errors: `NoMark`;
    /// `PoolShallow` (expected: the last observation, found: the last that found the pool deep, unix times).
    pub fn require_own_marks(&self, index: u8) -> Result<()> {
        let ring = self.ring(index)?;
        if !ring.is_mature() {
            return Err(no_mark(index, ring));
        }
        if ring.deep != ring.last {
            return Err(HmmError::PoolShallow.about(index, ring.last.unsigned_abs(), ring.deep.unsigned_abs()).into());
        }
        Ok(())
    }

    /// Sets the bootstrap mark of a resource that has no marks of its own. Errors: `MarkMature` (expected: less seconds of history, found), `ZeroAmount`,
    /// `BootstrapEarly` (expected: not before this unix time, found: now), `BootstrapStep`.
    pub fn set_bootstrap(&mut self, index: u8, price: Price, now: i64) -> Result<()> {
        let ring = self.ring(index)?;
        if ring.is_mature() {
            return Err(HmmError::MarkMature.about(index, HALF_HOUR.unsigned_abs(), ring.age().unsigned_abs()).into());
        }
        let i = usize::from(index);
        let (Some(mark), Some(at)) = (self.bootstrap.get_mut(i), self.bootstrap_at.get_mut(i)) else {
            return Err(unknown(index));
        };
        if price == Price(0) {
            return Err(HmmError::ZeroAmount.about(index, 1, 0).into());
        }
        let next = at.saturating_add(BOOTSTRAP_SECONDS);
        if *at != 0 && now < next {
            return Err(HmmError::BootstrapEarly.about(index, next.unsigned_abs(), now.unsigned_abs()).into());
        }
        let before = Price(mark.get());
        let (low, high) = (before.halved_ceil(), before.doubled());
        if before != Price(0) && (price < low || price > high) {
            let bound = if price < low { low } else { high };
            return Err(HmmError::BootstrapStep.about(index, bound.q32_floor(), price.q32_floor()).into());
        }
        (*mark, *at) = (PodU128::from(price.0), now);
        Ok(())
    }

    fn bootstrap(&self, index: u8) -> Price {
        Price(self.bootstrap.get(usize::from(index)).map(PodU128::get).unwrap_or_default())
    }

    fn ring(&self, index: u8) -> Result<&Ring> {
        self.rings.get(usize::from(index)).map(PriceRing::ring).ok_or_else(|| unknown(index))
    }
}

#[cold]
fn no_mark(index: u8, ring: &Ring) -> Error {
    HmmError::NoMark.about(index, HALF_HOUR.unsigned_abs(), ring.age().unsigned_abs()).into()
}

#[cold]
fn unknown(index: u8) -> Error {
    HmmError::UnknownResource.about(SUBJECT_CALL, crate::constants::MAX_RESOURCES as u64, index.into()).into()
}
