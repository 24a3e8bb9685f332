use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use hmm_math::{Ppm, margin, quality::Posterior};

use crate::errors::{HmmError, OrRefuse};

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

impl Worker {
    /// Everything its vault must hold. Errors: `Overflow`.
    pub fn liabilities(&self) -> Result<u64> {
        let parts = [self.bond, self.unbonding, self.reserved, self.payments, self.claimable];
        parts.iter().chain(&self.held).try_fold(0, |sum, part| super::add(sum, *part))
    }

    /// What stands for what it owes: free bond and everything held. Errors: `Overflow`.
    #[inline(always)]
    pub fn cover(&self) -> Result<u64> {
        self.held.iter().try_fold(self.bond, |sum, held| super::add(sum, *held))
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
            *entry = super::add(*entry, more)?;
        }
        Ok(())
    }
}
