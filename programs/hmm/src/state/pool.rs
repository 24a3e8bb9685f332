use anchor_lang::prelude::*;
use hmm_math::{Curve, Fee, Kappa, Psi, Reserve, Shares, Theta, U256, Windows, liquidity};

use crate::{
    bench::phase,
    constants::MAX_RESOURCES,
    errors::{HmmError, OrRefuse, RefusalData},
};

/// Layout of this account.
pub const POOL_VERSION: u8 = 1;

/// One pool: an SLA class with up to eight resources, each with a resource reserve Ψ and a credit reserve Θ of its own.
///
/// PDA `["pool", market, id]`. Arrays are indexed by resource. Ψ is a number, not a balance: a buy mints vouchers, a sell burns
/// them, and `voucher supply + psi + in_jobs = issued` after every instruction, per resource. The credit vault holds
/// `Σ theta + Σ undripped fees + Σ fund + burn_due + treasury_due`, and whatever was donated, which counts for nothing.
/// Source: HIP-004 *Solidity Interface* (`psi`, `theta`, `kappa`, `lambda`, `weights`); protocol.md, *Accounts*.
#[account]
pub struct Pool {
    pub version: u8,
    pub bump: u8,
    /// Resources in use; entries from here on are zero.
    pub resource_count: u8,
    /// Tier of the SLA class: 0 open, higher is more private.
    pub privacy_tier: u8,
    /// λ, the curvature, below every weight.
    pub lambda: u32,
    pub id: u64,
    /// Number of the next event.
    pub sequence: u64,
    /// All LP shares, the locked minimum included; zero until the first deposit activates the pool.
    pub shares: u64,
    /// Fees to be burned by `collect_fees`, raw credits. Not a reserve.
    pub burn_due: u64,
    /// Fees to be paid to the treasury by `collect_fees`, raw credits. Not a reserve.
    pub treasury_due: u64,
    /// Ψ, raw resource units.
    pub psi: [u64; 8],
    /// Θ, raw credits.
    pub theta: [u64; 8],
    /// K = 2H at the present reserves, little-endian limbs.
    pub kappa: [[u64; 4]; 8],
    /// What the workers owe: vouchers issued and neither delivered nor retired.
    pub issued: [u64; 8],
    /// Vouchers that jobs hold, as numbers.
    pub in_jobs: [u64; 8],
    /// What workers fell short of the mark when their obligations were ended for them, raw credits.
    pub bad_debt: [u64; 8],
    /// Unix time at which the series ends; 0 for a perpetual resource.
    pub delivery_end: [i64; 8],
    /// Price of a stopped series, Q64.64 as two limbs, the low one first; 0 while it runs.
    pub stop_price: [[u64; 2]; 8],
    /// Of a stopped series, what its vouchers are redeemed from, raw credits. Not a reserve.
    pub fund: [u64; 8],
    /// No trade takes Ψ below this.
    pub min_psi: [u64; 8],
    /// No trade takes Θ below this.
    pub min_theta: [u64; 8],
    /// ⌊slot / risk_window⌋ of the buckets below.
    pub window: [u64; 8],
    /// Moves of this window, parts per billion.
    pub move_current: [u64; 8],
    /// Moves of the window before.
    pub move_previous: [u64; 8],
    /// LP fees of this window, raw credits.
    pub pending_current: [u64; 8],
    /// LP fees of the window before, which drip into Θ during this one.
    pub pending_previous: [u64; 8],
    /// What has dripped of them so far.
    pub dripped: [u64; 8],
    /// w.
    pub weights: [u32; 8],
    /// a: Ψ enters the invariant as a·Ψ.
    pub psi_scales: [u32; 8],
    /// b: Θ enters the invariant as b·Θ.
    pub theta_scales: [u32; 8],
    /// Longest latency the SLA class promises, milliseconds.
    pub max_latency_ms: u32,
    pub _reserved: [u8; 4],
    pub market: Address,
    /// Who alone may add resources, make the first deposit, or close the pool before it.
    pub creator: Address,
    pub credit_vault: Address,
    pub lp_mint: Address,
    pub observations: Address,
    pub voucher_mints: [Address; 8],
    /// Resource names (`gpu-h100`), ASCII padded with zeros.
    pub names: [[u8; 16]; 8],
    /// Region of the SLA class (`us-west`), ASCII padded with zeros.
    pub region: [u8; 16],
}

/// What `add_resource` says of a resource.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ResourceConfig {
    /// ASCII, padded with zeros.
    pub name: [u8; 16],
    pub weight: u32,
    pub psi_scale: u32,
    pub theta_scale: u32,
    pub min_psi: u64,
    pub min_theta: u64,
    /// Unix time at which the series ends; 0 for a perpetual resource.
    pub delivery_end: i64,
}

impl Pool {
    /// Whether the first deposit has been made.
    #[inline(always)]
    pub fn is_active(&self) -> bool {
        self.shares != 0
    }

    /// Errors `PoolStatus` unless the pool is active.
    #[inline(always)]
    pub fn require_active(&self) -> Result<()> {
        if !self.is_active() {
            return Err(HmmError::PoolStatus.refuse(1, 0));
        }
        Ok(())
    }

    /// Errors `PoolStatus` unless the pool still waits for its first deposit.
    #[inline(always)]
    pub fn require_forming(&self) -> Result<()> {
        if self.is_active() {
            return Err(HmmError::PoolStatus.refuse(0, 1));
        }
        Ok(())
    }

    /// The resources in use.
    #[inline(always)]
    pub fn indices(&self) -> core::ops::Range<u8> {
        0..self.resource_count
    }

    /// One resource in the terms of the mathematics; `None` if the pool has no such resource.
    #[inline(always)]
    pub fn reserve(&self, index: u8) -> Option<Reserve> {
        if index >= self.resource_count {
            return None;
        }
        let i = usize::from(index);
        Some(Reserve {
            curve: Curve {
                weight: *self.weights.get(i)?,
                lambda: self.lambda,
                psi_scale: *self.psi_scales.get(i)?,
                theta_scale: *self.theta_scales.get(i)?,
            },
            psi: Psi(*self.psi.get(i)?),
            theta: Theta(*self.theta.get(i)?),
            kappa: Kappa(U256::from_limbs(*self.kappa.get(i)?)),
            min_psi: Psi(*self.min_psi.get(i)?),
            min_theta: Theta(*self.min_theta.get(i)?),
            windows: self.windows(i)?,
        })
    }

    /// The windows of the resource at `i`.
    #[inline(always)]
    fn windows(&self, i: usize) -> Option<Windows> {
        Some(Windows {
            window: *self.window.get(i)?,
            move_cur: *self.move_current.get(i)?,
            move_prev: *self.move_previous.get(i)?,
            pending_cur: *self.pending_current.get(i)?,
            pending_prev: *self.pending_previous.get(i)?,
            dripped: *self.dripped.get(i)?,
        })
    }

    /// The same, as an error of the instruction. Errors: `UnknownResource`.
    #[inline(always)]
    pub fn require_reserve(&self, index: u8) -> Result<Reserve> {
        self.reserve(index).ok_or_else(|| self.unknown(index, index).into())
    }

    /// The refusal for a resource the pool does not have.
    #[cold]
    pub fn unknown(&self, subject: u8, index: u8) -> RefusalData {
        HmmError::UnknownResource.about(subject, self.resource_count.into(), index.into())
    }

    /// Errors `WrongAccount` unless `mint` is that of the resource's vouchers.
    #[inline(always)]
    pub fn require_voucher_mint(&self, index: u8, mint: &Address) -> Result<()> {
        match self.voucher_mints.get(usize::from(index)).filter(|_| index < self.resource_count) {
            Some(expected) if anchor_lang::address_eq(expected, mint) => Ok(()),
            expected => Err(HmmError::WrongAccount.refuse_account(index, &expected.copied().unwrap_or_default(), mint)),
        }
    }

    /// Writes back what a rotation, a trade or a deposit changed in a resource.
    #[inline(always)]
    pub fn store(&mut self, index: u8, reserve: &Reserve) {
        fn set<T>(array: &mut [T; 8], i: usize, value: T) {
            if let Some(entry) = array.get_mut(i) {
                *entry = value;
            }
        }
        let i = usize::from(index);
        set(&mut self.psi, i, reserve.psi.0);
        set(&mut self.theta, i, reserve.theta.0);
        set(&mut self.kappa, i, reserve.kappa.0.to_limbs());
        set(&mut self.window, i, reserve.windows.window);
        set(&mut self.move_current, i, reserve.windows.move_cur);
        set(&mut self.move_previous, i, reserve.windows.move_prev);
        set(&mut self.pending_current, i, reserve.windows.pending_cur);
        set(&mut self.pending_previous, i, reserve.windows.pending_prev);
        set(&mut self.dripped, i, reserve.windows.dripped);
    }

    /// Takes note of the parts of a fee that leave the pool by `collect_fees`.
    #[inline(always)]
    pub fn accrue(&mut self, fee: &Fee) -> Result<()> {
        self.burn_due = add(self.burn_due, fee.burn)?;
        self.treasury_due = add(self.treasury_due, fee.treasury)?;
        Ok(())
    }

    /// Appends a resource to a pool that waits for its first deposit; gives its index.
    /// Errors: `PoolStatus`, `PoolFull`, `BadName`, and those of `Curve::validate`.
    pub fn add_resource(&mut self, config: &ResourceConfig, voucher_mint: Address, now: i64) -> Result<u8> {
        self.require_forming()?;
        require_name(&config.name)?;
        if config.delivery_end != 0 && config.delivery_end <= now {
            return Err(HmmError::SeriesOver.refuse(config.delivery_end.unsigned_abs(), now.unsigned_abs()));
        }
        let index = self.resource_count;
        let i = usize::from(index);
        let full = || HmmError::PoolFull.refuse(MAX_RESOURCES as u64, u64::from(index).saturating_add(1));
        *self.weights.get_mut(i).ok_or_else(full)? = config.weight;
        *self.psi_scales.get_mut(i).ok_or_else(full)? = config.psi_scale;
        *self.theta_scales.get_mut(i).ok_or_else(full)? = config.theta_scale;
        *self.min_psi.get_mut(i).ok_or_else(full)? = config.min_psi;
        *self.min_theta.get_mut(i).ok_or_else(full)? = config.min_theta;
        *self.delivery_end.get_mut(i).ok_or_else(full)? = config.delivery_end;
        *self.names.get_mut(i).ok_or_else(full)? = config.name;
        *self.voucher_mints.get_mut(i).ok_or_else(full)? = voucher_mint;
        self.resource_count = index.saturating_add(1);
        Ok(index)
    }

    /// Takes note of what a worker fell short of the mark. Saturates: it is there to be seen.
    pub fn book_bad_debt(&mut self, index: u8, credits: u64) {
        if let Some(debt) = self.bad_debt.get_mut(usize::from(index)) {
            *debt = debt.saturating_add(credits);
        }
    }

    /// Counts vouchers that a worker owes no more. Errors: `UnknownResource`, `Overflow`.
    pub fn extinguish(&mut self, index: u8, units: u64) -> Result<()> {
        let found = self.resource_count;
        let issued = self.issued.get_mut(usize::from(index)).filter(|_| index < found);
        let issued = issued.ok_or_else(|| Error::from(HmmError::UnknownResource.about(index, found.into(), index.into())))?;
        *issued = issued.checked_sub(units).ok_or_else(|| HmmError::Overflow.refuse(*issued, units))?;
        Ok(())
    }

    /// Counts vouchers that a worker owes from now on. Errors: `UnknownResource`, `Overflow`.
    pub fn issue(&mut self, index: u8, units: u64) -> Result<()> {
        if index >= self.resource_count {
            return Err(self.unknown(index, index).into());
        }
        if let Some(issued) = self.issued.get_mut(usize::from(index)) {
            *issued = add(*issued, units)?;
        }
        Ok(())
    }

    /// Brings every resource to `slot`, before liquidity is added or removed. Errors: `Overflow`.
    #[inline(always)]
    pub fn rotate_all(&mut self, slot: u64, risk_window: u32) -> Result<()> {
        for index in self.indices() {
            if self.windows(index.into()).is_some_and(|windows| windows.is_settled(slot, risk_window)) {
                continue;
            }
            let mut reserve = self.require_reserve(index)?;
            phase!("curve", reserve.rotate(slot, risk_window)).or_refuse(index)?;
            self.store(index, &reserve);
        }
        Ok(())
    }

    /// Errors `AmountCount` unless `amounts` has one entry for each of the pool's resources, of which there must be one.
    #[inline(always)]
    pub fn require_amounts<T>(&self, amounts: &[T]) -> Result<()> {
        if amounts.len() != usize::from(self.resource_count) || amounts.is_empty() {
            return Err(HmmError::AmountCount.refuse(self.resource_count.into(), amounts.len() as u64));
        }
        Ok(())
    }

    /// Errors `Unbacked` if more vouchers exist than were issued and are not in the pool. (Fewer can: a holder may burn its own.) Of a series
    /// that was stopped nobody owes any: its fund stands for them.
    #[inline(always)]
    pub fn require_backed(&self, index: u8, voucher_supply: u64) -> Result<()> {
        if self.is_stopped(index) {
            return Ok(());
        }
        let at = |array: &[u64; 8]| array.get(usize::from(index)).copied().unwrap_or_default();
        let (psi, in_jobs, issued) = (at(&self.psi), at(&self.in_jobs), at(&self.issued));
        match psi.checked_add(in_jobs).and_then(|held| held.checked_add(voucher_supply)) {
            Some(backed) if backed <= issued => Ok(()),
            backed => Err(HmmError::Unbacked.about(index, issued, backed.unwrap_or(u64::MAX)).into()),
        }
    }

    /// Counts vouchers that became numbers of a job. Errors: `UnknownResource`, `Overflow`.
    pub fn enter_job(&mut self, index: u8, units: u64) -> Result<()> {
        let Some(in_jobs) = self.in_jobs.get_mut(usize::from(index)) else {
            return Err(self.unknown(index, index).into());
        };
        *in_jobs = add(*in_jobs, units)?;
        Ok(())
    }

    /// The same backwards: they became vouchers again, or were delivered. Errors: `UnknownResource`, `Overflow`.
    pub fn leave_job(&mut self, index: u8, units: u64) -> Result<()> {
        let Some(in_jobs) = self.in_jobs.get_mut(usize::from(index)) else {
            return Err(self.unknown(index, index).into());
        };
        *in_jobs = in_jobs.checked_sub(units).ok_or_else(|| HmmError::Overflow.refuse(*in_jobs, units))?;
        Ok(())
    }

    /// Ends vouchers of a job by their delivery: nobody owes them any more. Errors: `UnknownResource`, `Overflow`.
    pub fn deliver(&mut self, index: u8, units: u64) -> Result<()> {
        self.leave_job(index, units)?;
        self.extinguish(index, units)
    }

    /// Undoes a [`deliver`](Self::deliver).
    pub fn undeliver(&mut self, index: u8, units: u64) -> Result<()> {
        self.issue(index, units)?;
        self.enter_job(index, units)
    }

    /// Empties the counters of fees that leave the pool: (to burn, to the treasury).
    pub fn take_due(&mut self) -> (u64, u64) {
        (core::mem::take(&mut self.burn_due), core::mem::take(&mut self.treasury_due))
    }

    /// The number of the event about to be emitted.
    #[inline(always)]
    pub fn next_sequence(&mut self) -> u64 {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        sequence
    }

    /// What must hold of a pool at the end of every instruction that changed it: every curve is valid (0 < w ≤ 10⁶, λ < w, scales
    /// at least 1), and an active pool has its locked shares and something on both sides of every resource.
    /// That κ did not fall is asserted by the trade itself, on the integers.
    pub fn invariant(&self) -> Result<()> {
        let curves = self.weights.iter().zip(&self.psi_scales).zip(&self.theta_scales);
        let reserves = self.psi.iter().zip(&self.theta);
        let active = self.is_active();
        for (index, (((weight, psi_scale), theta_scale), (psi, theta))) in self.indices().zip(curves.zip(reserves)) {
            Curve { weight: *weight, lambda: self.lambda, psi_scale: *psi_scale, theta_scale: *theta_scale }.validate().or_refuse(index)?;
            // Of a stopped series the units are over, and the credits may all be withdrawn but those of the locked shares.
            if active && !self.is_stopped(index) && (*psi == 0 || *theta == 0) {
                return Err(HmmError::CurveDrained.about(index, 1, 0).into());
            }
        }
        if active && self.shares < liquidity::MINIMUM_SHARES {
            return Err(HmmError::TooFewShares.refuse(liquidity::MINIMUM_SHARES, self.shares));
        }
        Ok(())
    }

    /// All LP shares in the terms of the mathematics.
    #[inline(always)]
    pub fn supply(&self) -> Shares {
        Shares(self.shares)
    }
}

/// Checked addition of two amounts. Errors: `Overflow`.
#[inline(always)]
pub fn add(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b).ok_or_else(|| HmmError::Overflow.refuse(u64::MAX.saturating_sub(a), b))
}

/// A name without its padding.
pub fn trim_name(name: &[u8; 16]) -> &[u8] {
    let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    name.get(..length).unwrap_or(name)
}

/// Errors `BadName` unless `name` is 1 to 16 printable ASCII bytes followed by zeros only.
pub fn require_name(name: &[u8; 16]) -> Result<()> {
    let text = trim_name(name);
    let padding = name.get(text.len()..).unwrap_or_default();
    let odd = text.iter().find(|byte| !byte.is_ascii_graphic()).or_else(|| padding.iter().find(|byte| **byte != 0));
    match odd {
        None if !text.is_empty() => Ok(()),
        byte => Err(HmmError::BadName.refuse(16, byte.copied().unwrap_or_default().into())),
    }
}
