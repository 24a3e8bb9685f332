//! Prices by which obligations are judged, and what a worker owes at them. Whatever asks for a mark records the price first, so
//! a mark is never older than the question. Source: protocol.md, *Supply* (marks).

use anchor_lang::prelude::*;
use hmm_math::{Price, Reserve, margin, ring::Marks};

use crate::{
    bench::phase,
    errors::OrRefuse,
    state::{Market, Observations, Pool, Worker},
};

/// What a mark is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Somebody is trusted: the largest of spot and the means.
    Trust,
    /// Somebody is trusted whom a stranger's trade in the same slot must not hinder: the larger mean.
    Reserve,
    /// What is given is valued: the smaller mean.
    Value,
    /// Somebody is punished: the smaller mean, the resource's own.
    Punish,
}

/// Brings a resource to the present and records its price; gives it, unchanged otherwise. Errors: `UnknownResource`, and those of `rotate`.
fn record(index: u8, pool: &Pool, observations: &mut Observations, market: &Market, clock: &Clock) -> Result<Reserve> {
    let mut reserve = pool.require_reserve(index)?;
    phase!("curve", reserve.rotate(clock.slot, market.risk_window)).or_refuse(index)?;
    observations.observe(index, &reserve, clock.unix_timestamp, market.supply.mark_depth);
    Ok(reserve)
}

fn judge(index: u8, reserve: &Reserve, pool: &Pool, observations: &Observations, side: Side) -> Result<Price> {
    let spot = match side {
        Side::Trust if pool.is_active() => phase!("curve", reserve.price_floor()).or_refuse(index)?,
        _ => Price(0),
    };
    let marks = observations.marks(index, spot)?;
    Ok(match side {
        Side::Trust | Side::Reserve => marks.hi,
        Side::Value | Side::Punish => marks.lo,
    })
}

/// The mark of a resource, Q64.64 raw credits per raw unit. Errors: `UnknownResource`, `NoMark`, `PoolShallow`, and those of `rotate`.
pub fn mark(index: u8, pool: &Pool, observations: &mut Observations, market: &Market, clock: &Clock, side: Side) -> Result<Price> {
    let reserve = record(index, pool, observations, market, clock)?;
    if side == Side::Punish {
        observations.require_own_marks(index)?;
    }
    judge(index, &reserve, pool, observations, side)
}

/// What a worker owes in all resources, raw credits: each valued by itself, up where it is trusted, down otherwise. A
/// resource without marks of its own counts nothing where somebody is punished: it must not shield the others. Saturates. Errors: as [`mark`].
pub fn owed(worker: &Worker, pool: &Pool, observations: &mut Observations, market: &Market, clock: &Clock, side: Side) -> Result<u64> {
    let mut owed = 0u64;
    for (index, outstanding) in pool.indices().zip(worker.outstanding) {
        if outstanding == 0 {
            continue;
        }
        let reserve = record(index, pool, observations, market, clock)?;
        if side == Side::Punish && !observations.has_own_marks(index) {
            continue;
        }
        let mark = judge(index, &reserve, pool, observations, side)?;
        owed = owed.saturating_add(match side {
            Side::Trust | Side::Reserve => margin::value_ceil(outstanding, mark),
            Side::Value | Side::Punish => margin::value_floor(outstanding, mark),
        });
    }
    Ok(owed)
}

/// Of no resource.
pub const NONE: [Marks; 8] = [Marks { hi: Price(0), lo: Price(0) }; 8];

/// Puts the marks of every resource that a worker owes something of into `all`, without the spot price: what it is valued by where a
/// stranger's trade in the same slot must not matter. Errors: as [`mark`].
#[inline(never)]
pub fn all(
    worker: &Worker,
    pool: &Pool,
    observations: &mut Observations,
    market: &Market,
    clock: &Clock,
    all: &mut [Marks; 8],
) -> Result<()> {
    for (index, (outstanding, marks)) in pool.indices().zip(worker.outstanding.iter().zip(all)) {
        if *outstanding != 0 {
            record(index, pool, observations, market, clock)?;
            *marks = observations.marks(index, Price(0))?;
        }
    }
    Ok(())
}

/// What a worker owes in all resources at these marks, rounded up. Saturates.
pub fn owed_at(worker: &Worker, marks: &[Marks; 8]) -> u64 {
    let values = worker.outstanding.iter().zip(marks).filter(|(units, _)| **units != 0);
    values.fold(0, |sum, (units, marks)| sum.saturating_add(margin::value_ceil(*units, marks.hi)))
}
