//! What a deposit and a withdrawal do to a pool. Source: invariant.md, *Liquidity*.

use anchor_lang::prelude::*;
use hmm_math::{Psi, Reserve, Shares, Theta, liquidity};

use super::{Pool, add};
use crate::{
    bench::phase,
    errors::{HmmError, OrRefuse, SUBJECT_CALL},
    events::Amounts,
};

impl Pool {
    /// Shares that a first deposit of exactly `amounts` creates, the locked minimum included. Both sides of each resource must keep
    /// its floors. Errors: `BelowMinPsi`, `BelowMinTheta`, `TooFewShares`, `Overflow`.
    pub fn first_shares(&self, amounts: &[Amounts]) -> Result<u64> {
        for (index, amounts) in self.indices().zip(amounts) {
            let reserve = self.require_reserve(index)?;
            let (min_psi, min_theta) = (reserve.min_psi.0.max(1), reserve.min_theta.0.max(1));
            if amounts.units < min_psi {
                return Err(HmmError::BelowMinPsi.about(index, min_psi, amounts.units).into());
            }
            if amounts.credits < min_theta {
                return Err(HmmError::BelowMinTheta.about(index, min_theta, amounts.credits).into());
            }
        }
        let sides = self.indices().filter_map(|index| self.reserve(index)).zip(amounts);
        let sides = sides.map(|(reserve, amounts)| (reserve.curve, Psi(amounts.units), Theta(amounts.credits)));
        Ok(phase!("curve", liquidity::first_shares_floor(sides)).or_refuse(SUBJECT_CALL)?.0)
    }

    /// The most shares that `most` pays for, at most `max_shares`.
    pub fn allowed_shares(&self, most: &[Amounts], max_shares: u64) -> Result<u64> {
        let mut allowed = max_shares;
        for (index, amounts) in self.indices().zip(most) {
            let reserve = self.require_reserve(index)?;
            for (max_in, held) in [(amounts.units, reserve.psi.0), (amounts.credits, reserve.theta.0)] {
                allowed = allowed.min(phase!("curve", liquidity::shares_for_floor(max_in, held, self.supply())).or_refuse(index)?.0);
            }
        }
        Ok(allowed)
    }

    /// Adds what `shares` cost, rounded up, to the reserves of one resource; gives that cost.
    pub fn deposit(&mut self, index: u8, shares: u64) -> Result<Amounts> {
        let reserve = self.require_reserve(index)?;
        let cost = |held: u64| phase!("curve", liquidity::deposit_ceil(Shares(shares), held, self.supply())).or_refuse(index);
        let paid = Amounts { units: cost(reserve.psi.0)?, credits: cost(reserve.theta.0)? };
        self.grow(index, reserve, &paid)?;
        Ok(paid)
    }

    /// Makes `paid` the reserves of one resource of a pool that has none.
    pub fn deposit_first(&mut self, index: u8, paid: &Amounts) -> Result<()> {
        let reserve = self.require_reserve(index)?;
        self.grow(index, reserve, paid)
    }

    #[inline(always)]
    fn grow(&mut self, index: u8, mut reserve: Reserve, paid: &Amounts) -> Result<()> {
        reserve.psi.0 = add(reserve.psi.0, paid.units)?;
        reserve.theta.0 = add(reserve.theta.0, paid.credits)?;
        phase!("curve", reserve.recompute_kappa());
        self.store(index, &reserve);
        Ok(())
    }

    /// Takes the part of `shares`, rounded down, out of the reserves of one resource. Errors `AmountOutsideLimits` if a side gives less
    /// than `least`.
    pub fn withdraw(&mut self, index: u8, shares: u64, least: &Amounts) -> Result<Amounts> {
        let mut reserve = self.require_reserve(index)?;
        let part = |held: u64| phase!("curve", liquidity::withdraw_floor(Shares(shares), held, self.supply())).or_refuse(index);
        let paid = Amounts { units: part(reserve.psi.0)?, credits: part(reserve.theta.0)? };
        for (bound, found) in [(least.units, paid.units), (least.credits, paid.credits)] {
            if found < bound {
                return Err(HmmError::AmountOutsideLimits.about(index, bound, found).into());
            }
        }
        // A part is below the whole as long as the locked shares exist, so neither side can underflow or reach zero.
        reserve.psi.0 = reserve.psi.0.saturating_sub(paid.units);
        reserve.theta.0 = reserve.theta.0.saturating_sub(paid.credits);
        phase!("curve", reserve.recompute_kappa());
        self.store(index, &reserve);
        Ok(paid)
    }
}
