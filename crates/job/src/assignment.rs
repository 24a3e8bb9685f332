//! One worker's part of a job: its phases and events, up to the verdict.

use crate::code::Code;
use crate::error::{OVERFLOW, Reason, Result, add, before, ensure, from, later, mul, refuse, sub};
use crate::job::{Actor, Job, Outcome, voucher};
use crate::lot::Lot;
use crate::moves::{Effects, Place};
use crate::terms::{FINDER, MAX_SCORE, PPM, SLASH_NO_SHOW, part_ceil, part_floor, ratio_ceil, ratio_floor};

/// Challengers of one assignment, the first included; each brings the whole bond.
pub const MAX_CHALLENGERS: u8 = 4;

/// Where an assignment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Named; nothing signed.
    Reserved,
    /// The worker has signed its start (and, of a gang, waits for the others).
    Running,
    /// Attested; the draw is to come.
    Submitted,
    /// A committee is to be drawn again (no seats) or votes.
    Verifying,
    /// A verdict stands and may be challenged.
    Window,
    /// Challenged: joiners, then the draw, then votes of the second committee.
    Disputed,
    /// The second committee has ruled; one appeal may come.
    Ruled,
    /// Appealed: the draw, then votes of the last committee.
    Appealed,
    /// The verdict is final.
    Final,
    /// Everything is paid out.
    Done,
}

impl Phase {
    /// How many there are.
    pub const COUNT: usize = 10;
}

/// What is thought of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Good.
    Pass,
    /// Bad.
    Fail,
    /// Proven fraud, or an invalid attestation.
    Fraud,
    /// Nobody decided, twice.
    NoQuorum,
}

impl Code for Phase {
    const ALL: &[Self] = &[
        Self::Reserved,
        Self::Running,
        Self::Submitted,
        Self::Verifying,
        Self::Window,
        Self::Disputed,
        Self::Ruled,
        Self::Appealed,
        Self::Final,
        Self::Done,
    ];

    fn code(self) -> u8 {
        self as u8
    }
}

impl Code for Verdict {
    const ALL: &[Self] = &[Self::Pass, Self::Fail, Self::Fraud, Self::NoQuorum];

    fn code(self) -> u8 {
        self as u8
    }
}

/// One worker's part of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assignment<const R: usize> {
    /// Its index in the job.
    pub index: u8,
    /// Where it is.
    pub phase: Phase,
    /// Its vouchers; after the start, what they were.
    pub lots: [Lot; R],
    /// The reservation's fee, until it is paid or returned.
    pub fee: u64,
    /// What is left for verifiers.
    pub fees: u64,
    /// The reservation bond; from the start, the reserved bond.
    pub bond: u64,
    /// The worker's share of held, from the start.
    pub payment: u64,
    /// What the client is made whole for, from the start.
    pub cost: u64,
    /// Fees burned by its own fill and by its units' supply.
    pub burned: u64,
    /// The attestation carries a valid enclave receipt.
    pub receipt: bool,
    /// End of the window of this phase: of challenging or appealing, before a draw, or of the votes.
    pub until: i64,
    /// Seats of the running round, 0 before its draw.
    pub seats: u8,
    /// The regular committee has failed to come to a quorum once.
    pub again: bool,
    /// Median score of the last committee that decided, 0 without one.
    pub score: u16,
    /// The verdict that a challenge disputes.
    pub tentative: Option<Verdict>,
    /// The verdict of the second committee.
    pub ruled: Option<Verdict>,
    /// The verdict so far.
    pub verdict: Option<Verdict>,
    /// Challengers.
    pub challengers: u8,
    /// There is an appeal.
    pub appealed: bool,
    /// The last dispute found no quorum: its bonds go back.
    pub void: bool,
    /// Bond of each challenger, and of the appellant.
    pub challenge_bond: u64,
    /// Fees that the second committee has earned.
    pub challenge_fees: u64,
    /// Fees that the last committee has earned.
    pub appeal_fees: u64,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// An event of one assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event<const R: usize> {
    /// The worker starts (Jobs 3).
    Start {
        /// Its share of held per resource, as `extinguish` returns it.
        held: [u64; R],
        /// Value of its units at mark_lo per resource, rounded up.
        value: [u64; R],
        /// Fees burned when these units were supplied.
        burned: u64,
        /// Bond that may leave without taking the worker below γ, after the extinguishing.
        free: u64,
    },
    /// The worker declines.
    Decline,
    /// Client or router take the assignment back.
    Release,
    /// Anybody: the worker has not started.
    NoShow,
    /// Anybody: the gang has not assembled.
    Unwind,
    /// The worker attests (Jobs 4), once.
    Submit {
        /// With a valid enclave receipt.
        receipt: bool,
    },
    /// Anybody: nothing was submitted.
    Lapse,
    /// Anybody: the draw of a committee, with what the slot hash gave (Jobs 5, 6).
    Draw {
        /// Verifiers that may be drawn.
        eligible: u8,
        /// Uniform in 0..2⁶⁴, unknown at submission.
        random: u64,
        /// One of the worker's first five.
        newcomer: bool,
    },
    /// Anybody: the votes are counted (Jobs 5, 6).
    Tally {
        /// Seats that revealed.
        revealed: u8,
        /// Their median score.
        score: u16,
    },
    /// Anybody disputes the verdict, or joins the dispute (Jobs 6).
    Challenge,
    /// Anybody proves fraud in a dispute (Jobs 4, `prove_leaf`).
    ProveFraud {
        /// Seats that have revealed by now.
        revealed: u8,
    },
    /// Anybody appeals the ruling, once (Jobs 6).
    Appeal,
    /// Anybody pays everything out (Jobs 7).
    Settle,
}

impl<const R: usize> Assignment<R> {
    pub(crate) const fn new(index: u8, lots: [Lot; R], fee: u64, fees: u64, bond: u64) -> Self {
        Self {
            index,
            phase: Phase::Reserved,
            lots,
            fee,
            fees,
            bond,
            payment: 0,
            cost: 0,
            burned: 0,
            receipt: false,
            until: 0,
            seats: 0,
            again: false,
            score: 0,
            tentative: None,
            ruled: None,
            verdict: None,
            challengers: 0,
            appealed: false,
            void: false,
            challenge_bond: 0,
            challenge_fees: 0,
            appeal_fees: 0,
            outcome: None,
        }
    }

    /// V = max(payment, cost) (Jobs 5).
    pub fn value(&self) -> u64 {
        self.payment.max(self.cost)
    }
}

impl<const R: usize> Job<R> {
    /// Applies an event of one of this job's assignments.
    ///
    /// # Errors
    /// `Phase` if the assignment's phase does not know the event; `Actor`, `Early`, `Late`, `Gang`, `Bond`, `Amount`, `Full` as its
    /// guard says.
    pub fn apply(&mut self, a: &mut Assignment<R>, by: Actor, now: i64, event: Event<R>) -> Result<Effects> {
        let mut effects = Effects::NONE;
        let out = &mut effects;
        let phase = a.phase;
        match (phase, event) {
            (Phase::Reserved, Event::Start { held, value, burned, free }) => {
                ensure(by == Actor::Worker, Reason::Actor)?;
                before(now, self.terms.start_by)?;
                self.start(a, &held, &value, burned, free, out)?;
            }
            (Phase::Reserved, Event::Decline) => {
                ensure(by == Actor::Worker, Reason::Actor)?;
                before(now, self.terms.start_by)?;
                self.unreserve(a, Place::Job, Outcome::Declined, out)?;
            }
            (Phase::Reserved, Event::Release) => {
                ensure(matches!(by, Actor::Client | Actor::Router), Reason::Actor)?;
                before(now, self.terms.start_by)?;
                self.unreserve(a, Place::WorkerClaim(a.index), Outcome::Released, out)?;
            }
            (Phase::Reserved, Event::NoShow) => {
                from(now, self.terms.start_by)?;
                // A member of a gang that was never sealed could not start: no fault.
                if self.terms.gang && !self.seal() {
                    self.unreserve(a, Place::WorkerClaim(a.index), Outcome::Released, out)?;
                } else {
                    let slash = part_ceil(a.bond, SLASH_NO_SHOW)?;
                    let finder = part_floor(slash, FINDER)?;
                    out.credits(Place::Bond(a.index), Place::FinderClaim(a.index), finder)?;
                    out.credits(Place::Bond(a.index), Place::Burned, sub(slash, finder)?)?;
                    a.bond = sub(a.bond, slash)?;
                    self.unreserve(a, Place::Job, Outcome::NoShow, out)?;
                }
            }
            (Phase::Running, Event::Unwind) => {
                from(now, self.terms.start_by)?;
                ensure(self.terms.gang && !self.launched, Reason::Gang)?;
                self.seal();
                self.unwind(a, out)?;
            }
            (Phase::Running, Event::Submit { receipt }) => {
                ensure(by == Actor::Worker, Reason::Actor)?;
                before(now, self.terms.submit_by)?;
                ensure(!self.terms.gang || self.launched, Reason::Gang)?;
                a.receipt = receipt;
                a.until = later(now, self.terms.draw_delay)?;
                a.phase = Phase::Submitted;
            }
            (Phase::Running, Event::Lapse) => {
                from(now, self.terms.submit_by)?;
                ensure(!self.terms.gang || self.launched, Reason::Gang)?;
                self.finish_late(a, out)?;
            }
            (Phase::Submitted | Phase::Verifying | Phase::Disputed | Phase::Appealed, Event::Draw { .. }) => {
                ensure(a.seats == 0, Reason::Phase)?;
                from(now, a.until)?;
                self.draw(a, now, event)?;
            }
            (Phase::Verifying | Phase::Disputed | Phase::Appealed, Event::Tally { revealed, score }) => {
                ensure(a.seats > 0, Reason::Phase)?;
                ensure(revealed <= a.seats && score <= MAX_SCORE, Reason::Amount)?;
                if revealed < a.seats {
                    from(now, a.until)?;
                }
                self.pay_seats(a, revealed, out)?;
                self.tally(a, now, revealed, score)?;
            }
            (Phase::Window, Event::Challenge) => {
                before(now, a.until)?;
                a.tentative = a.verdict;
                a.challenge_bond = self.terms.challenge_bond(a.value());
                a.until = a.until.max(later(now, self.terms.draw_delay)?);
                a.phase = Phase::Disputed;
                join(a, out)?;
            }
            (Phase::Disputed, Event::Challenge) => {
                ensure(a.seats == 0, Reason::Phase)?;
                before(now, a.until)?;
                join(a, out)?;
            }
            (Phase::Disputed | Phase::Appealed, Event::ProveFraud { revealed }) => {
                ensure(revealed <= a.seats, Reason::Amount)?;
                self.pay_seats(a, revealed, out)?;
                a.verdict = Some(Verdict::Fraud);
                (a.score, a.phase) = (0, Phase::Final);
            }
            (Phase::Ruled, Event::Appeal) => {
                before(now, a.until)?;
                a.appealed = true;
                a.until = later(now, self.terms.draw_delay)?;
                a.phase = Phase::Appealed;
                out.credits(Place::Appellant(a.index), Place::AppealBond(a.index), a.challenge_bond)?;
            }
            (Phase::Window | Phase::Ruled, Event::Settle) => {
                from(now, a.until)?;
                self.settle(a, out)?;
            }
            (Phase::Final, Event::Settle) => self.settle(a, out)?,
            _ => return refuse(Reason::Phase, 0, phase as u64),
        }
        if a.phase != phase {
            self.shift(Some(phase), a.phase)?;
        }
        // The last start launches the gang.
        if phase == Phase::Reserved && a.phase == Phase::Running {
            self.launched = self.terms.gang && self.count(Phase::Reserved) == 0;
        }
        Ok(effects)
    }

    /// Whether the gang was sealed at `start_by`. The first crank after it writes this down, before vouchers come back.
    fn seal(&mut self) -> bool {
        *self.sealed.get_or_insert(self.lots.iter().all(|lot| lot.bought == 0 && lot.wallet == 0))
    }

    fn start(&self, a: &mut Assignment<R>, held: &[u64; R], value: &[u64; R], burned: u64, free: u64, out: &mut Effects) -> Result<()> {
        // The members of a gang are known before the first starts.
        ensure(!self.terms.gang || self.is_sealed(), Reason::Gang)?;
        let i = a.index;
        a.burned = burned;
        for (r, ((lot, &share), &mark)) in a.lots.iter().zip(held).zip(value).enumerate() {
            let units = lot.units()?;
            if units == 0 {
                ensure(share == 0, Reason::Amount)?;
                continue;
            }
            // Bought vouchers cost what was paid; wallet vouchers min(mark, payment); both at most γ·mark.
            let wallet = ratio_ceil(mark, lot.wallet, units)?.min(ratio_floor(share, lot.wallet, units)?);
            let cost = add(lot.paid, wallet)?.min(part_ceil(mark, self.terms.gamma)?);
            a.cost = add(a.cost, cost)?;
            a.payment = add(a.payment, share)?;
            a.burned = add(a.burned, lot.burned)?;
            out.push(voucher(r)?, Place::Lots(i), Place::Delivered(i), units)?;
        }
        let margin = self.terms.gamma.checked_sub(PPM).ok_or(OVERFLOW)?;
        let bond = add(a.cost.saturating_sub(a.payment), part_ceil(a.payment, margin)?)?;
        let more = bond.saturating_sub(a.bond);
        if more > free {
            return refuse(Reason::Bond, free, more);
        }
        out.credits(Place::Free(i), Place::Bond(i), more)?;
        out.credits(Place::Bond(i), Place::Free(i), a.bond.saturating_sub(bond))?;
        out.credits(Place::Held(i), Place::Payment(i), a.payment)?;
        out.credits(Place::ReservationFee(i), Place::WorkerClaim(i), a.fee)?;
        (a.bond, a.fee, a.phase) = (bond, 0, Phase::Running);
        Ok(())
    }

    /// Ends a reservation: vouchers to the job, never credits for them; what is left of the bond to the worker.
    fn unreserve(&mut self, a: &mut Assignment<R>, fee_to: Place, outcome: Outcome, out: &mut Effects) -> Result<()> {
        self.return_lots(a, Place::Lots(a.index), out)?;
        if fee_to == Place::Job {
            self.credits = add(self.credits, a.fee)?;
        }
        out.credits(Place::ReservationFee(a.index), fee_to, a.fee)?;
        out.credits(Place::Bond(a.index), Place::Free(a.index), a.bond)?;
        (a.fee, a.bond) = (0, 0);
        self.finish(a, outcome, out)
    }

    /// Undoes a start, number by number; the worker owes the units again.
    fn unwind(&mut self, a: &mut Assignment<R>, out: &mut Effects) -> Result<()> {
        self.return_lots(a, Place::Delivered(a.index), out)?;
        out.credits(Place::Payment(a.index), Place::Held(a.index), a.payment)?;
        out.credits(Place::Bond(a.index), Place::Free(a.index), a.bond)?;
        (a.payment, a.cost, a.bond) = (0, 0, 0);
        self.finish(a, Outcome::Unwound, out)
    }

    fn return_lots(&mut self, a: &mut Assignment<R>, place: Place, out: &mut Effects) -> Result<()> {
        for (i, (whole, lot)) in self.lots.iter_mut().zip(&mut a.lots).enumerate() {
            out.push(voucher(i)?, place, Place::Job, lot.units()?)?;
            whole.put(core::mem::take(lot))?;
        }
        Ok(())
    }

    fn draw(&self, a: &mut Assignment<R>, now: i64, event: Event<R>) -> Result<()> {
        let Event::Draw { eligible, random, newcomer } = event else { return Ok(()) };
        let k = self.terms.committee(a.value());
        if a.phase == Phase::Submitted {
            let rate = self.terms.sampling_ceil(a.value(), a.bond)?;
            if !newcomer && ratio_floor(random, PPM.into(), u64::MAX)? >= rate.into() {
                return self.stand(a, now, Verdict::Pass);
            }
            a.phase = Phase::Verifying;
        }
        if eligible < k {
            return self.no_quorum(a, now);
        }
        a.seats = if a.phase == Phase::Verifying { k } else { eligible.min(k.saturating_mul(2)) };
        a.until = later(now, self.terms.round)?;
        Ok(())
    }

    fn tally(&self, a: &mut Assignment<R>, now: i64, revealed: u8, score: u16) -> Result<()> {
        let quorum = crate::committee::is_quorum(revealed, a.seats);
        a.seats = 0;
        if !quorum {
            return self.no_quorum(a, now);
        }
        a.score = score;
        let verdict = if score >= self.terms.pass_score { Verdict::Pass } else { Verdict::Fail };
        match a.phase {
            Phase::Disputed => {
                (a.verdict, a.ruled, a.phase) = (Some(verdict), Some(verdict), Phase::Ruled);
                a.until = later(now, self.terms.appeal)?;
            }
            Phase::Appealed => (a.verdict, a.phase) = (Some(verdict), Phase::Final),
            _ => self.stand(a, now, verdict)?,
        }
        Ok(())
    }

    /// A first verdict stands, open to challenges.
    fn stand(&self, a: &mut Assignment<R>, now: i64, verdict: Verdict) -> Result<()> {
        (a.verdict, a.phase) = (Some(verdict), Phase::Window);
        a.until = later(now, self.terms.challenge)?;
        Ok(())
    }

    /// The regular committee gets a second try, then the default; a dispute without quorum leaves the verdict as it stood.
    fn no_quorum(&self, a: &mut Assignment<R>, now: i64) -> Result<()> {
        match a.phase {
            Phase::Disputed | Phase::Appealed => (a.void, a.phase) = (true, Phase::Final),
            _ if a.again => (a.verdict, a.phase) = (Some(Verdict::NoQuorum), Phase::Final),
            _ => (a.again, a.until) = (true, later(now, self.terms.draw_delay)?),
        }
        Ok(())
    }

    /// A fee for each seat that revealed.
    fn pay_seats(&self, a: &mut Assignment<R>, revealed: u8, out: &mut Effects) -> Result<()> {
        let fees = mul(self.terms.seat_fee, revealed.into())?;
        a.fees = sub(a.fees, fees)?;
        match a.phase {
            Phase::Disputed => a.challenge_fees = add(a.challenge_fees, fees)?,
            Phase::Appealed => a.appeal_fees = add(a.appeal_fees, fees)?,
            _ => {}
        }
        out.credits(Place::FeeBudget(a.index), Place::VerifierClaim(a.index), fees)
    }
}

fn join<const R: usize>(a: &mut Assignment<R>, out: &mut Effects) -> Result<()> {
    if a.challengers >= MAX_CHALLENGERS {
        return refuse(Reason::Full, MAX_CHALLENGERS.into(), a.challengers.into());
    }
    a.challengers = a.challengers.checked_add(1).ok_or(OVERFLOW)?;
    out.credits(Place::Challengers(a.index), Place::ChallengeBonds(a.index), a.challenge_bond)
}
