//! What the market asks of workers, jobs and verifiers. Rates are parts per million, times seconds, amounts raw credits.
//! Source: protocol.md, *Supply*, *Jobs*, *Quality*, *Defaults*.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use crate::errors::{HmmError, OrRefuseJob};

/// What is asked of workers.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct SupplyTerms {
    /// Least Θ of a resource whose own price may be its mark.
    pub mark_depth: u64,
    /// γ: what a worker must have for each credit of what it owes, when it takes on more.
    pub gamma: u32,
    /// What it must have lest it be liquidated.
    pub maintenance: u32,
    /// What a liquidator receives for each credit of what it ends.
    pub premium: u32,
    /// From the notice to a liquidation.
    pub notice: u32,
    /// From asking for bond to having it.
    pub unbonding: u32,
    /// Supply ends this long before a series does.
    pub close_lead: u32,
}

/// What jobs run under. A job keeps the terms of its opening.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct JobTerms {
    /// Fee for a reservation, to the worker that keeps it.
    pub reservation_fee: u64,
    /// Fee of one verifier's seat.
    pub seat_fee: u64,
    /// The value above which the larger committee is drawn.
    pub high_value: u64,
    /// Least bond of a challenger.
    pub min_bond: u64,
    /// The most value that one outcome counts with in a worker's quality.
    pub quality_cap: u64,
    /// The value that counts as one outcome.
    pub quality_reference: u64,
    /// Reservation bond, part of the value assigned.
    pub reservation: u32,
    /// Least time between the end of assigning and that of starting.
    pub notice: u32,
    /// From a submission, a challenge or an appeal to the draw of a committee.
    pub draw_delay: u32,
    /// The same in slots, for the hash that draws.
    pub draw_slots: u32,
    /// Commit and reveal together.
    pub round: u32,
    /// To challenge a verdict.
    pub challenge: u32,
    /// To appeal a ruling.
    pub appeal: u32,
    /// ρ.
    pub bonus: u32,
    /// θ: bonus per burned fee, less than one.
    pub bonus_cap: u32,
    /// m of the sampling.
    pub sample_margin: u32,
    /// α_min of the sampling.
    pub sample_min: u32,
    /// Longest time from a job's opening to the end of submitting.
    pub longest: u32,
    /// Least score that passes, of 10,000.
    pub pass_score: u16,
    /// Least score that earns the bonus.
    pub bonus_score: u16,
    /// A worker's first jobs are always verified; so many.
    pub newcomer: u16,
    /// Seats of a committee up to `high_value`.
    pub seats: u8,
    /// Seats of a committee above it.
    pub seats_high: u8,
}

/// What is asked of verifiers.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct VerifierTerms {
    /// Least stake.
    pub min_stake: u64,
    /// What a seat loses that did not reveal.
    pub non_reveal_slash: u64,
    /// From staking to being drawn.
    pub activation: u32,
    /// From asking for stake to having it.
    pub unstaking: u32,
}

/// The largest committee with which the second one of twice the size still fits a round.
pub const MAX_SEATS: u8 = 8;

impl SupplyTerms {
    /// Errors `TermsOutOfRange` unless 1 < maintenance < γ, 1 ≤ premium < maintenance, and no time is zero.
    pub fn validate(&self, longest_job: u32) -> Result<()> {
        let one = hmm_job::PPM;
        for (holds, expected, found) in [
            (self.maintenance > one, one, self.maintenance),
            (self.gamma > self.maintenance, self.maintenance, self.gamma),
            (self.premium >= one, one, self.premium),
            (self.premium < self.maintenance, self.maintenance, self.premium),
            (self.notice > 0, 1, self.notice),
            (self.close_lead > 0, 1, self.close_lead),
            // A bond must not leave before the last job it stands for is judged.
            (self.unbonding > longest_job, longest_job, self.unbonding),
        ] {
            if !holds {
                return Err(HmmError::TermsOutOfRange.refuse(expected.into(), found.into()));
            }
        }
        Ok(())
    }
}

impl JobTerms {
    /// The terms of one job. γ is the supply's; the times are the client's.
    pub fn of_job(&self, gamma: u32, gang: bool, assign_by: i64, start_by: i64, submit_by: i64) -> hmm_job::Terms {
        hmm_job::Terms {
            gang,
            assign_by,
            start_by,
            submit_by,
            notice: self.notice,
            draw_delay: self.draw_delay,
            round: self.round,
            challenge: self.challenge,
            appeal: self.appeal,
            gamma,
            reservation: self.reservation,
            reservation_fee: self.reservation_fee,
            seat_fee: self.seat_fee,
            seats: self.seats,
            seats_high: self.seats_high,
            high_value: self.high_value,
            min_bond: self.min_bond,
            pass_score: self.pass_score,
            bonus_score: self.bonus_score,
            bonus: self.bonus,
            bonus_cap: self.bonus_cap,
            sample_margin: self.sample_margin,
            sample_min: self.sample_min,
        }
    }

    /// Errors as `hmm_job::Terms::validate` on the shortest job that these terms allow; `TermsOutOfRange` for what the job does not
    /// know: seats that a round cannot hold, no slot before a draw, quality without a reference.
    pub fn validate(&self, gamma: u32) -> Result<()> {
        let start_by = 1i64.saturating_add(self.notice.into());
        self.of_job(gamma, false, 1, start_by, start_by.saturating_add(1)).validate(0).or_refuse()?;
        for (holds, expected, found) in [
            (self.seats_high <= MAX_SEATS, MAX_SEATS.into(), self.seats_high.into()),
            (self.draw_slots > 0, 1, self.draw_slots.into()),
            (self.longest > self.notice, self.notice.into(), self.longest.into()),
            (self.quality_reference > 0, 1, self.quality_reference),
            // An outcome's weight stays far from the posterior's limit.
            (
                self.quality_cap.checked_div(self.quality_reference).is_none_or(|weight| weight < 1 << 10),
                self.quality_reference,
                self.quality_cap,
            ),
        ] {
            if !holds {
                return Err(HmmError::TermsOutOfRange.refuse(expected, found));
            }
        }
        Ok(())
    }
}

impl VerifierTerms {
    /// Errors `TermsOutOfRange` unless there is a least stake that covers a missed reveal, no time is zero, and stake that is asked back
    /// stays until the draws that still counted it are over.
    pub fn validate(&self) -> Result<()> {
        for (holds, expected, found) in [
            (self.min_stake > 0, 1, self.min_stake),
            (self.non_reveal_slash <= self.min_stake, self.min_stake, self.non_reveal_slash),
            (self.activation > 0, 1, self.activation.into()),
            (self.unstaking / 2 >= self.activation, u64::from(self.activation).saturating_mul(2), self.unstaking.into()),
        ] {
            if !holds {
                return Err(HmmError::TermsOutOfRange.refuse(expected, found));
            }
        }
        Ok(())
    }
}
