//! Marks: the prices that obligations are judged by, from the accounts, as the program would have them now.

use hmm_math::{
    Price,
    ring::{HALF_HOUR, Ring},
};

use crate::{
    generated::{accounts::Observations, types::PriceRing},
    state::PoolState,
};

/// The marks of a resource at one moment. Prices are Q64.64 raw credits per raw unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceMarks {
    /// The larger of the two means, or the bootstrap mark. Where somebody is trusted with the spot price in view: the larger of this and `spot`.
    pub hi: Price,
    /// The smaller of the two means, or the bootstrap mark: where somebody is punished.
    pub lo: Price,
    /// The marginal price now.
    pub spot: Price,
    /// Whether these are the resource's own, not its bootstrap mark.
    pub own: bool,
    /// Whether anybody may be punished by them: own, and the pool is deep.
    pub punish: bool,
}

/// A ring in the terms of the mathematics.
pub fn ring(stored: &PriceRing) -> Ring {
    let PriceRing { first, last, deep, log, sum, minutes, hours } = *stored;
    Ring { first, last, deep, log, sum, minutes, hours }
}

/// The ring of a resource after an observation at the state's moment; `None` if the pool has no such resource.
pub fn observed(state: &PoolState, observations: &Observations, resource: u8) -> Option<Ring> {
    let mut reserve = state.reserve(resource)?;
    reserve.rotate(state.slot, state.market.risk_window).ok()?;
    let mut ring = ring(observations.rings.get(usize::from(resource))?);
    if let Some(price) = reserve.log_price() {
        let until = *observations.until.get(usize::from(resource))?;
        let now = if until == 0 { state.unix_timestamp } else { state.unix_timestamp.min(until) };
        ring.follow(now, price, reserve.theta.0 >= state.market.supply.mark_depth);
    }
    Some(ring)
}

/// The marks of a resource; `None` if it has none (less than half an hour of history in a deep pool, and no bootstrap mark).
pub fn marks(state: &PoolState, observations: &Observations, resource: u8) -> Option<ResourceMarks> {
    let ring = observed(state, observations, resource)?;
    let mut reserve = state.reserve(resource)?;
    reserve.rotate(state.slot, state.market.risk_window).ok()?;
    let spot = reserve.price_floor().unwrap_or_default();
    if let Ok(means) = ring.marks(ring.last, Price(0)) {
        return Some(ResourceMarks { hi: means.hi, lo: means.lo, spot, own: true, punish: ring.deep == ring.last });
    }
    // a mature history that ends with this observation takes the bootstrap mark with it
    let stored = observations.rings.get(usize::from(resource))?;
    let kept = stored.last - stored.first < HALF_HOUR;
    let mark = Price(*observations.bootstrap.get(usize::from(resource))?);
    (kept && mark != Price(0)).then_some(ResourceMarks { hi: mark, lo: mark, spot, own: false, punish: false })
}
