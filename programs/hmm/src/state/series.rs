//! A series: a resource that ends. Source: protocol.md, *Supply* (`delivery_end`).
//!
//! `close_lead` before `delivery_end` nobody can supply any more, and the price ceases to be recorded. From `delivery_end` on nothing of it
//! trades. Then, by anybody: `stop_series` writes down its last price, the mean of the day before supply closed, and ends the pool's own units;
//! `sweep_series`, once for each worker, moves what it still holds for undelivered units into the series' fund, at least their value at
//! that price as far as its bond goes; and once nobody owes any more, `redeem` pays each voucher its part of the fund, at most that price. What the vouchers cannot claim is Θ, for the providers.

use anchor_lang::prelude::*;
use hmm_math::{Price, margin, series};

use super::{Pool, Worker, add};
use crate::errors::{HmmError, OrRefuse, RefusalData};

/// What a sweep moved, raw credits.
pub struct Swept {
    /// Units that the worker no longer owes.
    pub units: u64,
    /// From the worker's vault to the pool's.
    pub credits: u64,
    /// Of the units' value, what neither held nor bond covered.
    pub shortfall: u64,
}

impl Pool {
    /// Whether a resource ends.
    pub fn is_series(&self, index: u8) -> bool {
        self.series_end(index) != 0
    }

    fn series_end(&self, index: u8) -> i64 {
        self.delivery_end.get(usize::from(index)).copied().unwrap_or_default()
    }

    /// Errors `SeriesOver` if the resource is a series that has ended by `now`. `subject` is what the refusal is about.
    #[inline(always)]
    pub fn require_series(&self, subject: u8, index: u8, now: i64) -> core::result::Result<(), RefusalData> {
        let end = self.series_end(index);
        if end != 0 && now >= end {
            return Err(HmmError::SeriesOver.about(subject, end.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }

    /// The same for every resource of the pool: one series that has ended takes no deposits, so the pool takes none.
    pub fn require_all_series(&self, now: i64) -> Result<()> {
        for index in self.indices() {
            self.require_series(index, index, now)?;
        }
        Ok(())
    }

    /// The price at which a series was stopped; zero while it is not.
    pub fn stop_price(&self, index: u8) -> Price {
        let [low, high] = self.stop_price.get(usize::from(index)).copied().unwrap_or_default();
        Price(u128::from(high) << 64 | u128::from(low))
    }

    /// Whether a series was stopped.
    #[inline(always)]
    pub fn is_stopped(&self, index: u8) -> bool {
        self.stop_price(index).0 != 0
    }

    /// Ends a series at `price`: the pool's own units end, its credits stay the providers'.
    /// Errors: `UnknownResource`, `SeriesRuns` before its end, `SeriesOver` if it was stopped before.
    pub fn stop(&mut self, index: u8, now: i64, price: Price) -> Result<()> {
        let mut reserve = self.require_reserve(index)?;
        let end = self.series_end(index);
        if end == 0 || now < end {
            return Err(HmmError::SeriesRuns.about(index, end.unsigned_abs(), now.unsigned_abs()).into());
        }
        if self.is_stopped(index) {
            return Err(HmmError::SeriesOver.about(index, 0, 1).into());
        }
        // Zero stands for a series that runs.
        let price = price.0.max(1);
        if let Some(stored) = self.stop_price.get_mut(usize::from(index)) {
            #[allow(clippy::cast_possible_truncation)] // the low limb
            let low = price as u64;
            *stored = [low, (price >> 64) as u64];
        }
        reserve.psi.0 = 0;
        reserve.recompute_kappa();
        self.store(index, &reserve);
        Ok(())
    }

    /// Takes what `worker` has for the units of a stopped series that it did not deliver: all it holds for them, and out of its bond what is
    /// missing to their value at the stop: who sells below that price and never delivers gives others cheap vouchers at nobody's cost but the
    /// providers'. Errors: `SeriesRuns` unless the series was stopped, `NothingToCollect`, `Overflow`.
    pub fn sweep(&mut self, index: u8, worker: &mut Worker) -> Result<Swept> {
        self.require_stopped(index)?;
        let units = worker.outstanding.get(usize::from(index)).copied().unwrap_or_default();
        if units == 0 {
            return Err(HmmError::NothingToCollect.about(index, 1, 0).into());
        }
        let released = worker.extinguish(index, units)?;
        let value = margin::value_ceil(units, self.stop_price(index));
        let bond = worker.take_bond(value.saturating_sub(released.held));
        let credits = add(released.held, bond)?;
        let shortfall = value.saturating_sub(credits);
        self.extinguish(index, units)?;
        self.book_bad_debt(index, shortfall);
        if let Some(fund) = self.fund.get_mut(usize::from(index)) {
            *fund = add(*fund, credits)?;
        }
        Ok(Swept { units, credits, shortfall })
    }

    /// Once nobody owes units of a stopped series: what its vouchers cannot claim becomes Θ. `vouchers` is the supply of the mint.
    pub fn release_excess(&mut self, index: u8, vouchers: u64) -> Result<()> {
        if !self.is_stopped(index) || self.issued_of(index) != 0 {
            return Ok(());
        }
        let vouchers = add(vouchers, self.in_jobs_of(index))?;
        let fund = self.fund_of(index);
        let kept = series::claim_ceil(fund, vouchers, self.stop_price(index));
        let mut reserve = self.require_reserve(index)?;
        reserve.theta.0 = add(reserve.theta.0, fund.saturating_sub(kept))?;
        reserve.recompute_kappa();
        self.store(index, &reserve);
        if let Some(stored) = self.fund.get_mut(usize::from(index)) {
            *stored = kept;
        }
        Ok(())
    }

    /// What `units` vouchers of a stopped series are paid, out of the fund. `vouchers` is the supply of the mint before they are burned.
    /// Errors: `SeriesRuns` unless it was stopped and nobody owes units any more.
    pub fn redeem(&mut self, index: u8, units: u64, vouchers: u64) -> Result<u64> {
        self.require_stopped(index)?;
        let owed = self.issued_of(index);
        if owed != 0 {
            return Err(HmmError::SeriesRuns.about(index, 0, owed).into());
        }
        let all = add(vouchers, self.in_jobs_of(index))?;
        let fund = self.fund_of(index);
        let paid = series::redeem_floor(units, fund, all, self.stop_price(index)).or_refuse(index)?;
        if let Some(stored) = self.fund.get_mut(usize::from(index)) {
            *stored = fund.saturating_sub(paid);
        }
        Ok(paid)
    }

    fn require_stopped(&self, index: u8) -> Result<()> {
        if self.is_stopped(index) {
            return Ok(());
        }
        Err(HmmError::SeriesRuns.about(index, self.series_end(index).unsigned_abs(), 0).into())
    }

    fn issued_of(&self, index: u8) -> u64 {
        self.issued.get(usize::from(index)).copied().unwrap_or_default()
    }

    fn in_jobs_of(&self, index: u8) -> u64 {
        self.in_jobs.get(usize::from(index)).copied().unwrap_or_default()
    }

    fn fund_of(&self, index: u8) -> u64 {
        self.fund.get(usize::from(index)).copied().unwrap_or_default()
    }
}
