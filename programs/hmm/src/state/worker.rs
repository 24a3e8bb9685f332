use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use hmm_math::{Ppm, margin, quality::Posterior};

use super::{Pool, SupplyTerms, add};
use crate::{
    constants::{DAY_SECONDS, LAPSED_SECONDS, NOTICE_SECONDS},
    errors::{HmmError, OrRefuse},
};

/// Layout of this account.
pub const WORKER_VERSION: u8 = 1;

/// A bonded worker of one pool: what it owes, what it stands for it with, what it may take out.
///
/// PDA `["worker", pool, owner]`; never returns once used. Arrays are indexed by the pool's resources. Amounts are raw credits or raw
/// units. Its vault, PDA `["bond", worker]`, holds `bond + unbonding + Σ held + reserved + payments + claimable`, and
/// whatever was donated, which counts for nothing. Source: protocol.md, *Accounts*, *Supply*.
#[account]
pub struct Worker {
    pub version: u8,
    pub bump: u8,
    /// Proven fraud: supplies nothing any more, and may be liquidated.
    pub banned: PodBool,
    pub _padding: [u8; 5],
    /// Free bond.
    pub bond: u64,
    /// Bond on its way out: slashable, counts for nothing.
    pub unbonding: u64,
    /// When the unbonding is over, unix time.
    pub unbond_at: i64,
    /// Bonds of its assignments.
    pub reserved: u64,
    /// Payments of its running assignments.
    pub payments: u64,
    /// What it may take out.
    pub claimable: u64,
    /// Notice of a liquidation, unix time; 0 if there is none.
    pub notice_at: i64,
    /// When its current enclave key ceases to be valid, unix time; 0 without one.
    pub key_expiry: i64,
    /// Assignments settled.
    pub jobs: u64,
    /// Vouchers it owes.
    pub outstanding: [u64; 8],
    /// Proceeds of what it owes, released by delivery.
    pub held: [u64; 8],
    /// Fees burned when what it owes was sold.
    pub burned: [u64; 8],
    /// Of what it owes, units in assignments that have not started.
    pub in_reserve: [u64; 8],
    /// Raw units an hour that its current enclave key attests.
    pub capacity: [u64; 8],
    pub quality: [Quality; 8],
    /// Whose jobs counted how much in this epoch.
    pub counterparties: [Counterparty; 8],
    /// The epoch of `counterparties`.
    pub epoch: u64,
    pub owner: Address,
    /// The key that may start, attest and decline besides the owner; zero if there is none.
    pub operator: Address,
    pub market: Address,
    pub pool: Address,
    pub vault: Address,
    /// Its current enclave key; zero without one.
    pub key: Address,
    /// Where clients find it: text, padded with zeros.
    pub profile: [u8; 64],
}

/// The posterior of hmm-math, as it is stored.
#[repr(C)]
#[derive(Clone, Copy, Default, Pod, Zeroable, IdlType)]
pub struct Quality {
    /// α − 1 in units of 2⁻³².
    pub good: u64,
    /// β − 1 in units of 2⁻³².
    pub bad: u64,
    /// The epoch to which both are decayed.
    pub epoch: u64,
}

impl From<Quality> for Posterior {
    fn from(q: Quality) -> Self {
        Self { good: q.good, bad: q.bad, epoch: q.epoch }
    }
}

impl From<Posterior> for Quality {
    fn from(p: Posterior) -> Self {
        Self { good: p.good, bad: p.bad, epoch: p.epoch }
    }
}

/// How much one client's jobs counted.
#[repr(C)]
#[derive(Clone, Copy, Default, Pod, Zeroable, IdlType)]
pub struct Counterparty {
    /// First eight bytes of the client's address.
    pub client: u64,
    /// Weight in units of 2⁻³².
    pub weight: u64,
}

/// What ended obligations leave behind: their share of what was held for them, and of the fees burned when they were sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Released {
    pub held: u64,
    pub burned: u64,
}

/// Why a worker may be liquidated. The numbers are those of the events.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was proven to cheat: all it owes is ended.
    Banned = 0,
    /// It has been unable to attest for a day: all it owes is ended.
    KeyLapsed = 1,
    /// Its margin is below the maintenance: enough is ended to restore γ.
    Margin = 2,
}

/// What a liquidation came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Liquidation {
    /// To the liquidator.
    pub paid: u64,
    /// What that falls short of the mark.
    pub shortfall: u64,
    /// What was taken from a banned worker that owes nothing any more.
    pub forfeited: u64,
}

impl Worker {
    /// Everything its vault must hold. Errors: `Overflow`.
    pub fn liabilities(&self) -> Result<u64> {
        let parts = [self.bond, self.unbonding, self.reserved, self.payments, self.claimable];
        parts.iter().chain(&self.held).try_fold(0, |sum, part| add(sum, *part))
    }

    /// What stands for what it owes: free bond and everything held. Errors: `Overflow`.
    #[inline(always)]
    pub fn cover(&self) -> Result<u64> {
        self.held.iter().try_fold(self.bond, |sum, held| add(sum, *held))
    }

    /// Errors `MarginCrossed` (expected: the least cover; found: the cover) unless bond and held stand for `owed` at `ratio`, parts per
    /// million.
    #[inline(always)]
    pub fn require_margin(&self, owed: u64, ratio: u32) -> Result<()> {
        let cover = self.cover()?;
        if !margin::covers(cover, owed, Ppm(ratio)) {
            return Err(HmmError::MarginCrossed.refuse(margin::required_ceil(owed, Ppm(ratio)).unwrap_or(u64::MAX), cover));
        }
        Ok(())
    }

    /// Bond that may leave with the rest of the cover standing for `owed` at γ. Errors: `Overflow`.
    pub fn free_bond(&self, owed: u64, gamma: u32) -> Result<u64> {
        Ok(margin::free_floor(self.cover()?, owed, Ppm(gamma)).min(self.bond))
    }

    /// Its quality in a resource at `epoch`.
    pub fn quality(&self, resource: u8, epoch: u64) -> Ppm {
        let mut posterior = Posterior::from(self.quality.get(usize::from(resource)).copied().unwrap_or_default());
        posterior.decay(epoch);
        posterior.quality_floor()
    }

    /// Ends an obligation of `units`, of which there is one way: their share of held, and of the fees burned, rounded down; the last
    /// take the remainder. Where the share goes is the caller's. Errors: `MoreThanOutstanding`.
    pub fn extinguish(&mut self, resource: u8, units: u64) -> Result<Released> {
        let i = usize::from(resource);
        let (Some(outstanding), Some(held), Some(burned)) = (self.outstanding.get_mut(i), self.held.get_mut(i), self.burned.get_mut(i))
        else {
            return Err(HmmError::MoreThanOutstanding.about(resource, 0, units).into());
        };
        let Some(left) = outstanding.checked_sub(units) else {
            return Err(HmmError::MoreThanOutstanding.about(resource, *outstanding, units).into());
        };
        let share = |of: u64| margin::share_floor(of, units, *outstanding).or_refuse(resource);
        let released = Released { held: share(*held)?, burned: share(*burned)? };
        *held = held.saturating_sub(released.held);
        *burned = burned.saturating_sub(released.burned);
        *outstanding = left;
        Ok(released)
    }

    /// Takes up to `amount` out of the free bond, then out of what unbonds; gives what there was.
    pub fn take_bond(&mut self, amount: u64) -> u64 {
        let free = amount.min(self.bond);
        let rest = amount.saturating_sub(free).min(self.unbonding);
        self.bond = self.bond.saturating_sub(free);
        self.unbonding = self.unbonding.saturating_sub(rest);
        free.saturating_add(rest)
    }

    /// Takes on an obligation of `units`, with what is held for it and the fees that its sale burned. Undoes an
    /// [`extinguish`](Self::extinguish). Errors: `Overflow`.
    pub fn reinstate(&mut self, resource: u8, units: u64, with: &Released) -> Result<()> {
        for (array, more) in [(&mut self.outstanding, units), (&mut self.held, with.held), (&mut self.burned, with.burned)] {
            let entry = array.get_mut(usize::from(resource)).ok_or_else(|| HmmError::UnknownResource.refuse(8, resource.into()))?;
            *entry = add(*entry, more)?;
        }
        Ok(())
    }

    /// Makes free bond held for what it owes of a resource. Errors: `WorkerBond`, `Overflow`.
    pub fn pledge(&mut self, resource: u8, credits: u64) -> Result<()> {
        self.bond = self.bond.checked_sub(credits).ok_or_else(|| HmmError::WorkerBond.about(resource, credits, self.bond))?;
        self.reinstate(resource, 0, &Released { held: credits, burned: 0 })
    }

    /// Errors `WorkerBanned`.
    pub fn require_unbanned(&self) -> Result<()> {
        if self.banned.into() {
            return Err(HmmError::WorkerBanned.refuse(0, 1));
        }
        Ok(())
    }

    /// Errors unless the worker may owe what it owes now in a resource of `pool`: `WorkerBanned`; `KeyLapsed`, `SeriesClosing` (expected:
    /// before this unix time; found: now); `AboveCapacity` (expected: the most that its capacity delivers in the time that is left;
    /// found: what it owes).
    pub fn require_capacity(&self, pool: &Pool, resource: u8, terms: &SupplyTerms, now: i64) -> Result<()> {
        self.require_unbanned()?;
        let i = usize::from(resource);
        let mut until = self.key_expiry;
        if now >= until {
            return Err(HmmError::KeyLapsed.refuse(until.unsigned_abs(), now.unsigned_abs()));
        }
        if let Some(end @ 1..) = pool.delivery_end.get(i).copied() {
            let close = end.saturating_sub(terms.close_lead.into());
            if now >= close {
                return Err(HmmError::SeriesClosing.about(resource, close.unsigned_abs(), now.unsigned_abs()).into());
            }
            until = until.min(close);
        }
        let (Some(capacity), Some(outstanding)) = (self.capacity.get(i), self.outstanding.get(i)) else {
            return Err(pool.unknown(resource, resource).into());
        };
        let most = margin::deliverable_floor(*capacity, until.abs_diff(now), self.quality(resource, epoch(now)));
        if *outstanding > most {
            return Err(HmmError::AboveCapacity.about(resource, most, *outstanding).into());
        }
        Ok(())
    }

    /// Adds to the free bond. Errors: `ZeroAmount`, `Overflow`.
    pub fn deposit(&mut self, credits: u64) -> Result<()> {
        if credits == 0 {
            return Err(HmmError::ZeroAmount.refuse(1, 0));
        }
        self.bond = add(self.bond, credits)?;
        Ok(())
    }

    /// Puts bond on its way out; what is on its way already waits for it. Errors: `WorkerBanned`, `ZeroAmount`, `WorkerBond`.
    pub fn unbond(&mut self, credits: u64, terms: &SupplyTerms, now: i64) -> Result<()> {
        self.require_unbanned()?;
        if credits == 0 {
            return Err(HmmError::ZeroAmount.refuse(1, 0));
        }
        self.bond = self.bond.checked_sub(credits).ok_or_else(|| HmmError::WorkerBond.refuse(self.bond, credits))?;
        self.unbonding = add(self.unbonding, credits)?;
        self.unbond_at = now.saturating_add(terms.unbonding.into());
        Ok(())
    }

    /// Takes out the bond whose delay is over. Errors: `WorkerBanned`, `NothingToClaim`, `BondLocked`.
    pub fn withdraw(&mut self, now: i64) -> Result<u64> {
        self.require_unbanned()?;
        if self.unbonding == 0 {
            return Err(HmmError::NothingToClaim.refuse(1, 0));
        }
        if now < self.unbond_at {
            return Err(HmmError::BondLocked.refuse(self.unbond_at.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(core::mem::take(&mut self.unbonding))
    }

    /// Takes out what it has earned. Errors: `NothingToClaim`.
    pub fn claim(&mut self) -> Result<u64> {
        match core::mem::take(&mut self.claimable) {
            0 => Err(HmmError::NothingToClaim.refuse(1, 0)),
            credits => Ok(credits),
        }
    }

    /// Ends `units` that its owner burned: their share of held, which it gives, becomes bond; see [`release`](Self::release). Errors: `ZeroAmount`, `MoreThanOutstanding`, also for units that assignments wait for.
    pub fn retire(&mut self, resource: u8, units: u64) -> Result<u64> {
        if units == 0 {
            return Err(HmmError::ZeroAmount.refuse(1, 0));
        }
        let at = |array: &[u64; 8]| array.get(usize::from(resource)).copied().unwrap_or_default();
        let free = at(&self.outstanding).saturating_sub(at(&self.in_reserve));
        if units > free {
            return Err(HmmError::MoreThanOutstanding.about(resource, free, units).into());
        }
        let released = self.extinguish(resource, units)?;
        self.bond = add(self.bond, released.held)?;
        Ok(released.held)
    }

    /// Makes bond claimable, at most `credits`, as far as the rest stands for `owed` at γ. Gives what became claimable.
    pub fn release(&mut self, credits: u64, owed: u64, gamma: u32) -> Result<u64> {
        let free = credits.min(self.free_bond(owed, gamma)?);
        self.bond = self.bond.saturating_sub(free);
        self.claimable = add(self.claimable, free)?;
        Ok(free)
    }

    /// Why it may be liquidated, if it may; `owed` is valued where somebody is punished.
    pub fn cause(&self, owed: u64, terms: &SupplyTerms, now: i64) -> Result<Option<Cause>> {
        if self.outstanding == [0; 8] {
            return Ok(None);
        }
        if self.banned.into() {
            return Ok(Some(Cause::Banned));
        }
        if now >= self.key_expiry.saturating_add(LAPSED_SECONDS) {
            return Ok(Some(Cause::KeyLapsed));
        }
        Ok((!margin::covers(self.cover()?, owed, Ppm(terms.maintenance))).then_some(Cause::Margin))
    }

    /// Gives notice, or takes it back: a notice that stands stays, one that has lapsed begins anew, none is left without a cause.
    pub fn notify(&mut self, cause: Option<Cause>, terms: &SupplyTerms, now: i64) {
        if cause.is_none() {
            self.notice_at = 0;
        } else if self.notice_at == 0 || now >= self.notice_end(terms) {
            self.notice_at = now;
        }
    }

    /// Errors `NoNotice` (expected: from this unix time, 0 if there is no notice; found: now) unless a notice has run out and not lapsed.
    pub fn require_noticed(&self, terms: &SupplyTerms, now: i64) -> Result<()> {
        let from = self.notice_at.saturating_add(terms.notice.into());
        if self.notice_at == 0 || now < from || now >= self.notice_end(terms) {
            let expected = if self.notice_at == 0 { 0 } else { from };
            return Err(HmmError::NoNotice.refuse(expected.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }

    fn notice_end(&self, terms: &SupplyTerms) -> i64 {
        self.notice_at.saturating_add(terms.notice.into()).saturating_add(NOTICE_SECONDS)
    }

    /// Ends `units`, worth `value` of all that is `owed`, against a payment out of their share of held, the free bond and then the bond on its
    /// way out. What is left of the share becomes bond; of a banned worker that owes nothing any more, all bond is forfeited.
    pub fn liquidate(&mut self, resource: u8, units: u64, value: u64, owed: u64, terms: &SupplyTerms) -> Result<Liquidation> {
        let asked = margin::payoff_floor(value, owed, add(self.cover()?, self.unbonding)?, Ppm(terms.premium));
        let released = self.extinguish(resource, units)?;
        self.bond = add(self.bond, released.held)?;
        let paid = self.take_bond(asked);
        let mut forfeited = 0;
        if self.banned.into() && self.outstanding == [0; 8] {
            forfeited = add(core::mem::take(&mut self.bond), core::mem::take(&mut self.unbonding))?;
        }
        Ok(Liquidation { paid, shortfall: value.saturating_sub(paid), forfeited })
    }
}

/// The epoch of a unix time, for quality.
pub fn epoch(now: i64) -> u64 {
    now.max(0).unsigned_abs().checked_div(DAY_SECONDS.unsigned_abs()).unwrap_or_default()
}
