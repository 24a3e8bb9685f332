//! What an assignment asks of its worker before it starts, and the obligations that a start ends.

use anchor_lang::prelude::*;
use hmm_job::{Code, Phase};
use hmm_math::{margin, ring::Marks};

use super::{Assignment, Job, MAX_LINES, Released, Worker, add, epoch};
use crate::{
    constants::LEAST_QUALITY,
    errors::{HmmError, OrRefuse},
};

impl Worker {
    /// What `who` may do as the worker.
    pub fn is_operated_by(&self, who: &Address) -> bool {
        anchor_lang::address_eq(who, &self.owner) || anchor_lang::address_eq(who, &self.operator)
    }

    /// Sets units of one line of a job aside; gives the raw units that deliver them at the worker's quality. Errors about `line`:
    /// `WrongAccount` for a line of another pool; `QualityTooLow`; `MoreThanOutstanding` (expected: what no assignment waits for yet);
    /// `AboveCapacity` (expected: what it can deliver until the job's end; found: all that is set aside).
    pub fn reserve(&mut self, job: &Job, line: u8, units: u64, now: i64) -> Result<u64> {
        let Some(of) = job.lines().get(usize::from(line)) else {
            return Err(HmmError::UnknownLine.about(line, job.line_count.into(), line.into()).into());
        };
        if !anchor_lang::address_eq(&of.pool, &self.pool) {
            return Err(HmmError::WrongAccount.refuse_account(line, &of.pool, &self.pool));
        }
        let quality = self.quality(of.resource, epoch(now));
        let least = job.min_quality.max(LEAST_QUALITY);
        if quality.0 < least {
            return Err(HmmError::QualityTooLow.about(line, least.into(), quality.0.into()).into());
        }
        let i = usize::from(of.resource);
        let (Some(outstanding), Some(capacity), Some(in_reserve)) =
            (self.outstanding.get(i), self.capacity.get(i), self.in_reserve.get_mut(i))
        else {
            return Err(HmmError::UnknownResource.about(line, self.outstanding.len() as u64, of.resource.into()).into());
        };
        let free = outstanding.saturating_sub(*in_reserve);
        if units > free {
            return Err(HmmError::MoreThanOutstanding.about(line, free, units).into());
        }
        *in_reserve = add(*in_reserve, units)?;
        let most = margin::deliverable_floor(*capacity, job.submit_by.saturating_sub(now).max(0).unsigned_abs(), quality);
        if *in_reserve > most {
            return Err(HmmError::AboveCapacity.about(line, most, *in_reserve).into());
        }
        margin::raw_ceil(units, quality).or_refuse(line)
    }

    /// Errors unless the worker may be named for a job: `WorkerBanned`; `KeyLapsed` (expected: valid until the end of submitting).
    pub fn require_fit(&self, job: &Job) -> Result<()> {
        self.require_unbanned()?;
        if self.key_expiry < job.submit_by {
            return Err(HmmError::KeyLapsed.refuse(job.submit_by.unsigned_abs(), self.key_expiry.unsigned_abs()));
        }
        Ok(())
    }

    /// Ends the reservation of everything that `assignment` waits for.
    pub fn unreserve(&mut self, job: &Job, assignment: &Assignment) -> Result<()> {
        for (line, lot) in job.lines().iter().zip(&assignment.lots) {
            let units = lot.units()?;
            if let Some(in_reserve) = self.in_reserve.get_mut(usize::from(line.resource)) {
                *in_reserve = in_reserve.checked_sub(units).ok_or_else(|| HmmError::Overflow.refuse(*in_reserve, units))?;
            }
        }
        Ok(())
    }
}

impl Job {
    /// Value of units of a line at mark_lo, rounded up.
    pub fn value_ceil(&self, line: usize, units: u64, marks: &[Marks; 8]) -> u64 {
        let resource = self.lines.get(line).map(|line| usize::from(line.resource)).unwrap_or_default();
        marks.get(resource).map_or(0, |marks| margin::value_ceil(units, marks.lo))
    }
}

impl Assignment {
    /// Errors `JobPhase` (expected: the phase; found: the assignment's), before anything is done that the machine would refuse.
    pub fn require_phase(&self, phase: Phase) -> Result<()> {
        if self.phase != phase.code() {
            return Err(HmmError::JobPhase.refuse(phase.code().into(), self.phase.into()));
        }
        Ok(())
    }

    /// What the start of one line released.
    pub fn released(&self, line: usize) -> Released {
        let at = |array: &[u64; MAX_LINES]| array.get(line).copied().unwrap_or_default();
        Released { held: at(&self.shares), burned: at(&self.burned_shares) }
    }
}
