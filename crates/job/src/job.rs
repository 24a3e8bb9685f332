//! The job: its escrow, its vouchers, and how many assignments are in which phase.

use crate::assignment::{Assignment, Phase};
use crate::code::Code;
use crate::error::{OVERFLOW, Reason, Result, add, before, ensure, from, refuse, sub};
use crate::lot::Lot;
use crate::moves::{Asset, Effects, Place};
use crate::terms::{Terms, part_ceil};

/// Assignments of a job, ever: an index is not used twice.
pub const MAX_ASSIGNMENTS: u8 = 8;

/// Who sends an event. `Anyone` is what every sender also is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The job's client.
    Client,
    /// The router that the client named.
    Router,
    /// The assignment's worker.
    Worker,
    /// Anybody.
    Anyone,
}

/// What the world sees of a job: derived from its counters, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// No vouchers yet.
    Open,
    /// Vouchers, no live assignment.
    Filled,
    /// The least advanced live assignment is reserved.
    Assigned,
    /// … is running.
    Running,
    /// … waits for its draw.
    Submitted,
    /// … is before its committee.
    Verifying,
    /// … is in its challenge window, disputed, ruled or appealed.
    Challenge,
    /// Closed; work was accepted and nobody was at fault.
    Settled,
    /// Closed by the client, or expired unused.
    Cancelled,
    /// Closed; nothing was accepted and vouchers or cost went back.
    Refunded,
    /// Closed; a worker was slashed for what it ran.
    Slashed,
}

/// How an assignment, and by the worst of them a job, ended: the typed close reason. In rising order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The client closed a job that had come to nothing.
    Cancelled,
    /// Anybody closed it after the end of assigning.
    Expired,
    /// The worker declined before its start; vouchers back.
    Declined,
    /// Client or router released it before its start, or the gang was never sealed; vouchers back.
    Released,
    /// Verified, or unsampled and unchallenged.
    Passed,
    /// No quorum twice, with a valid receipt: payment, no bonus.
    BasePay,
    /// The gang did not assemble; this member had started. Everything as before.
    Unwound,
    /// The worker did not start; vouchers back, part of the reservation bond slashed.
    NoShow,
    /// No quorum twice, without a receipt: the client's cost back, no slash.
    Refunded,
    /// Nothing submitted in time.
    Late,
    /// Failed verification.
    Failed,
    /// Fraud was proven.
    Fraud,
}

impl Code for Outcome {
    const ALL: &[Self] = &[
        Self::Cancelled,
        Self::Expired,
        Self::Declined,
        Self::Released,
        Self::Passed,
        Self::BasePay,
        Self::Unwound,
        Self::NoShow,
        Self::Refunded,
        Self::Late,
        Self::Failed,
        Self::Fraud,
    ];

    fn code(self) -> u8 {
        self as u8
    }
}

/// A job. `R` is its number of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Job<const R: usize> {
    /// The terms, copied in.
    pub terms: Terms,
    /// Credits in escrow that are not set aside for an assignment.
    pub credits: u64,
    /// Vouchers that are not assigned.
    pub lots: [Lot; R],
    /// Assignments made.
    pub assigned: u8,
    /// Of a gang: all have started.
    pub launched: bool,
    /// Of a gang that missed `start_by`: whether all vouchers were assigned then (set by the first crank).
    pub sealed: Option<bool>,
    /// Work was accepted.
    pub accepted: bool,
    /// The worst outcome so far.
    pub worst: Option<Outcome>,
    /// Why it closed.
    pub closed: Option<Outcome>,
    /// Assignments by phase.
    pub counts: [u8; Phase::COUNT],
}

/// An event of the job as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobEvent {
    /// Anybody adds credits, until the job closes.
    TopUp {
        /// Credits.
        amount: u64,
    },
    /// Client or router swap credits for vouchers (Jobs 2); the swap itself is the pool's.
    Fill {
        /// Index of the resource.
        resource: usize,
        /// Units bought.
        units: u64,
        /// Credits paid, fees included.
        paid: u64,
        /// Fees burned by this swap, at most `paid`.
        burned: u64,
    },
    /// The client brings vouchers from its wallet (Jobs 2).
    Deposit {
        /// Index of the resource.
        resource: usize,
        /// Units.
        units: u64,
    },
    /// The client ends a job without live assignments.
    Cancel,
    /// Anybody ends it after the end of assigning.
    Close,
}

impl<const R: usize> Job<R> {
    /// Opens a job with `budget` credits from the client (Jobs 1).
    ///
    /// # Errors
    /// `Terms`; `Amount` for an empty budget or more than 8 resources.
    pub fn open(terms: Terms, now: i64, budget: u64) -> Result<(Self, Effects)> {
        terms.validate(now)?;
        ensure(budget > 0 && R > 0 && R <= 8, Reason::Amount)?;
        let job = Self {
            terms,
            credits: budget,
            lots: [Lot::default(); R],
            assigned: 0,
            launched: false,
            sealed: None,
            accepted: false,
            worst: None,
            closed: None,
            counts: [0; Phase::COUNT],
        };
        let mut effects = Effects::NONE;
        effects.credits(Place::Client, Place::Job, budget)?;
        Ok((job, effects))
    }

    /// The state, from the counters.
    pub fn state(&self) -> State {
        match self.closed {
            Some(Outcome::Late | Outcome::Failed | Outcome::Fraud) => State::Slashed,
            _ if self.closed.is_some() && self.accepted => State::Settled,
            Some(Outcome::Cancelled | Outcome::Expired) => State::Cancelled,
            Some(_) => State::Refunded,
            None if self.count(Phase::Reserved) > 0 => State::Assigned,
            None if self.count(Phase::Running) > 0 => State::Running,
            None if self.count(Phase::Submitted) > 0 => State::Submitted,
            None if self.count(Phase::Verifying) > 0 => State::Verifying,
            None if self.live() > 0 => State::Challenge,
            None if self.assigned == 0 && self.is_sealed() => State::Open,
            None => State::Filled,
        }
    }

    /// Assignments in a phase.
    pub fn count(&self, phase: Phase) -> u8 {
        self.counts.get(phase as usize).copied().unwrap_or(0)
    }

    /// Assignments that are not done.
    pub fn live(&self) -> u8 {
        self.assigned.saturating_sub(self.count(Phase::Done))
    }

    /// No voucher waits for an assignment.
    pub fn is_sealed(&self) -> bool {
        self.lots.iter().all(|lot| lot.bought == 0 && lot.wallet == 0)
    }

    pub(crate) fn shift(&mut self, from: Option<Phase>, to: Phase) -> Result<()> {
        if let Some(count) = from.and_then(|phase| self.counts.get_mut(phase as usize)) {
            *count = count.checked_sub(1).ok_or(OVERFLOW)?;
        }
        let count = self.counts.get_mut(to as usize).ok_or(OVERFLOW)?;
        *count = count.checked_add(1).ok_or(OVERFLOW)?;
        Ok(())
    }

    /// Applies an event of the job.
    ///
    /// # Errors
    /// `Phase` once closed; `Actor`, `Early`, `Late`, `Amount`, `Budget`, `Gang`, `Live` as the event's guard says.
    pub fn apply_job(&mut self, by: Actor, now: i64, event: JobEvent) -> Result<Effects> {
        ensure(self.closed.is_none(), Reason::Phase)?;
        let mut effects = Effects::NONE;
        match event {
            JobEvent::TopUp { amount } => {
                ensure(amount > 0, Reason::Amount)?;
                self.credits = add(self.credits, amount)?;
                effects.credits(Place::Client, Place::Job, amount)?;
            }
            JobEvent::Fill { resource, units, paid, burned } => {
                ensure(matches!(by, Actor::Client | Actor::Router), Reason::Actor)?;
                self.add_lot(now, resource, Lot { bought: units, wallet: 0, paid, burned })?;
                ensure(paid > 0 && burned <= paid, Reason::Amount)?;
                self.spend(paid)?;
                effects.credits(Place::Job, Place::Pool, paid)?;
                effects.push(voucher(resource)?, Place::Pool, Place::Job, units)?;
            }
            JobEvent::Deposit { resource, units } => {
                ensure(by == Actor::Client, Reason::Actor)?;
                self.add_lot(now, resource, Lot { wallet: units, ..Lot::default() })?;
                effects.push(voucher(resource)?, Place::Client, Place::Job, units)?;
            }
            JobEvent::Cancel => {
                ensure(by == Actor::Client, Reason::Actor)?;
                self.close(Outcome::Cancelled, &mut effects)?;
            }
            JobEvent::Close => {
                from(now, self.terms.assign_by)?;
                self.close(Outcome::Expired, &mut effects)?;
            }
        }
        Ok(effects)
    }

    /// Client or router name a worker for `units` (Jobs 2): vouchers, the fees of verification and the reservation's fee are set
    /// aside, and the worker's reservation bond leaves its free bond. No obligation moves. `value` is the units' value at mark_lo,
    /// rounded up; `free` the bond that may leave without taking the worker below γ. SLA, quality, key and capacity are the
    /// caller's to check.
    ///
    /// # Errors
    /// `Phase`, `Actor`, `Late`, `Gang`, `Full`, `Amount`, `Vouchers`, `Budget`, `Bond`.
    pub fn assign(&mut self, by: Actor, now: i64, units: &[u64; R], value: u64, free: u64) -> Result<(Assignment<R>, Effects)> {
        ensure(self.closed.is_none(), Reason::Phase)?;
        ensure(matches!(by, Actor::Client | Actor::Router), Reason::Actor)?;
        before(now, self.terms.assign_by)?;
        ensure(!self.launched, Reason::Gang)?;
        ensure(self.assigned < MAX_ASSIGNMENTS, Reason::Full)?;
        ensure(units.iter().any(|&n| n > 0), Reason::Amount)?;
        let (index, mut effects) = (self.assigned, Effects::NONE);
        let mut lots = [Lot::default(); R];
        for (i, ((lot, whole), &n)) in lots.iter_mut().zip(&mut self.lots).zip(units).enumerate() {
            if n == 0 {
                continue;
            }
            *lot = whole.take(n)?;
            effects.push(voucher(i)?, Place::Job, Place::Lots(index), n)?;
        }
        let (fee, fees) = (self.terms.reservation_fee, self.terms.fee_budget()?);
        self.spend(add(fee, fees)?)?;
        effects.credits(Place::Job, Place::ReservationFee(index), fee)?;
        effects.credits(Place::Job, Place::FeeBudget(index), fees)?;
        let bond = part_ceil(value, self.terms.reservation)?;
        if bond > free {
            return refuse(Reason::Bond, free, bond);
        }
        effects.credits(Place::Free(index), Place::Bond(index), bond)?;
        self.assigned = self.assigned.checked_add(1).ok_or(OVERFLOW)?;
        self.shift(None, Phase::Reserved)?;
        Ok((Assignment::new(index, lots, fee, fees, bond), effects))
    }

    fn spend(&mut self, amount: u64) -> Result<()> {
        if amount > self.credits {
            return refuse(Reason::Budget, self.credits, amount);
        }
        self.credits = sub(self.credits, amount)?;
        Ok(())
    }

    fn add_lot(&mut self, now: i64, resource: usize, lot: Lot) -> Result<()> {
        before(now, self.terms.assign_by)?;
        ensure(!self.launched, Reason::Gang)?;
        ensure(lot.units()? > 0, Reason::Amount)?;
        match self.lots.get_mut(resource) {
            Some(whole) => whole.put(lot),
            None => refuse(Reason::Amount, R as u64, resource as u64),
        }
    }

    /// Everything that is left goes to the client.
    fn close(&mut self, unused: Outcome, effects: &mut Effects) -> Result<()> {
        if self.live() > 0 {
            return refuse(Reason::Live, 0, self.live().into());
        }
        self.closed = Some(self.worst.unwrap_or(unused));
        effects.credits(Place::Job, Place::ClientClaim, self.credits)?;
        self.credits = 0;
        for (i, lot) in self.lots.iter_mut().enumerate() {
            effects.push(voucher(i)?, Place::Job, Place::ClientClaim, lot.units()?)?;
            *lot = Lot::default();
        }
        Ok(())
    }
}

pub(crate) fn voucher(resource: usize) -> Result<Asset> {
    u8::try_from(resource).map(Asset::Voucher).map_err(|_| OVERFLOW)
}
