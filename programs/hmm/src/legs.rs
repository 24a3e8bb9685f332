//! A trade is a list of legs, one per resource. What `quote` shows is what `swap` does: both come here.
//! Source: invariant.md, *Many resources*; protocol.md, *Trading*.

use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Fill, Kind, Reserve};

use crate::{
    bench::{self, phase},
    constants::MAX_RESOURCES,
    errors::{HmmError, RefusalData, SUBJECT_CALL, from_math},
    state::Pool,
};

/// What a leg fixes, and on which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum LegKind {
    /// Pay exactly `amount` credits, fee included, for at least `limit` units.
    BuyExactIn,
    /// Get exactly `amount` units for at most `limit` credits, fee included.
    BuyExactOut,
    /// Give exactly `amount` units for at least `limit` credits, fee deducted.
    SellExactIn,
    /// Get exactly `amount` credits, fee deducted, for at most `limit` units.
    SellExactOut,
}

impl LegKind {
    /// In the terms of the mathematics.
    pub const fn kind(self) -> Kind {
        match self {
            Self::BuyExactIn => Kind::BuyExactIn,
            Self::BuyExactOut => Kind::BuyExactOut,
            Self::SellExactIn => Kind::SellExactIn,
            Self::SellExactOut => Kind::SellExactOut,
        }
    }

    /// Whether units come out of the pool.
    pub const fn is_buy(self) -> bool {
        matches!(self, Self::BuyExactIn | Self::BuyExactOut)
    }
}

/// One part of a trade. Amounts are raw: units of the resource's voucher, credits of the credit mint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct Leg {
    /// The resource's index in the pool.
    pub resource: u8,
    pub kind: LegKind,
    pub amount: u64,
    /// The worst result accepted on the other side.
    pub limit: u64,
}

impl Leg {
    /// The leg's resource, which must not be a series that is over, rotated to the clock's slot. `place` is the leg's number, for refusals.
    #[inline(always)]
    pub fn open(&self, pool: &Pool, place: u8, clock: &Clock, fees: &FeeParams) -> core::result::Result<Reserve, RefusalData> {
        let mut reserve = pool.reserve(self.resource).ok_or_else(|| pool.unknown(place, self.resource))?;
        pool.require_series(place, self.resource, clock.unix_timestamp)?;
        phase!("curve", reserve.rotate(clock.slot, fees.risk_window)).map_err(|refusal| from_math(place, refusal))?;
        Ok(reserve)
    }

    /// Trades the leg on its opened resource and holds the result against the limit.
    #[inline(never)]
    pub fn trade(&self, reserve: &mut Reserve, place: u8, slot: u64, fees: &FeeParams) -> core::result::Result<Fill, RefusalData> {
        let fill =
            phase!("curve", reserve.trade(self.kind.kind(), self.amount, slot, fees)).map_err(|refusal| from_math(place, refusal))?;
        bench::solve(reserve);
        let (result, holds) = match self.kind {
            LegKind::BuyExactIn => (fill.units, fill.units >= self.limit),
            LegKind::BuyExactOut => (fill.credits, fill.credits <= self.limit),
            LegKind::SellExactIn => (fill.credits, fill.credits >= self.limit),
            LegKind::SellExactOut => (fill.units, fill.units <= self.limit),
        };
        if !holds {
            return Err(HmmError::LegLimitCrossed.about(place, self.limit, result));
        }
        Ok(fill)
    }

    /// The credits of `fill` as the trader's payment: positive for a buy, negative for a sell.
    #[inline(always)]
    pub fn payment(&self, fill: &Fill) -> i128 {
        let credits = i128::from(fill.credits);
        if self.kind.is_buy() { credits } else { credits.saturating_neg() }
    }
}

/// Refuses a list that is empty, too long, or names a resource twice.
#[inline(always)]
pub fn require_legs(legs: &[Leg]) -> core::result::Result<(), RefusalData> {
    if legs.is_empty() || legs.len() > MAX_RESOURCES {
        return Err(HmmError::LegCount.about(SUBJECT_CALL, MAX_RESOURCES as u64, legs.len() as u64));
    }
    let mut seen = [0u64; 4];
    for (place, leg) in (0u8..).zip(legs) {
        let bit = 1u64.wrapping_shl(leg.resource.into());
        if let Some(word) = seen.get_mut(usize::from(leg.resource >> 6)) {
            if *word & bit != 0 {
                return Err(HmmError::DuplicateResource.about(place, 1, leg.resource.into()));
            }
            *word |= bit;
        }
    }
    Ok(())
}
