//! The end of an assignment: who gets what.

use crate::assignment::{Assignment, Verdict};
use crate::error::{Reason, Refusal, Result, add, mul, sub};
use crate::job::{Job, Outcome};
use crate::moves::{Effects, Place};
use crate::terms::{FINDER, SLASH_FAILED, SLASH_FRAUD, SLASH_LATE, part_ceil, part_floor};

impl<const R: usize> Job<R> {
    /// Pays out by the final verdict (Jobs 7).
    pub(crate) fn settle(&mut self, a: &mut Assignment<R>, out: &mut Effects) -> Result<()> {
        let i = a.index;
        let verdict = a.verdict.ok_or(Refusal { reason: Reason::Phase, expected: 0, found: 0 })?;
        let passed = verdict == Verdict::Pass;
        // Who brought the verdict about: whoever disputed the opposite and had its way.
        let appellant_won = a.appealed && a.ruled.is_some_and(|v| (v == Verdict::Pass) != passed);
        let challengers_won = a.challengers > 0 && a.tentative.is_some_and(|v| (v == Verdict::Pass) != passed);
        let outcome = match verdict {
            Verdict::Pass => {
                out.bonus = self.bonus_floor(a)?;
                self.pay_worker(a, out)?;
                Outcome::Passed
            }
            Verdict::NoQuorum if a.receipt => {
                self.pay_worker(a, out)?;
                Outcome::BasePay
            }
            Verdict::NoQuorum => {
                self.make_whole(a, out)?;
                self.pay_worker(a, out)?;
                Outcome::Refunded
            }
            Verdict::Fail => {
                let finder = if appellant_won {
                    Some(Place::AppellantClaim(i))
                } else if challengers_won {
                    Some(Place::ChallengerClaim(i))
                } else {
                    None
                };
                self.punish(a, SLASH_FAILED, finder, out)?;
                Outcome::Failed
            }
            Verdict::Fraud => {
                self.punish(a, SLASH_FRAUD, Some(Place::FinderClaim(i)), out)?;
                out.ban = true;
                Outcome::Fraud
            }
        };
        let party = if passed { Place::WorkerClaim(i) } else { Place::Job };
        if a.challengers > 0 {
            let bonds = mul(a.challenge_bond, a.challengers.into())?;
            // A round without quorum has no loser; if it was the appeal's, the ruling on the challenge still counts.
            if challengers_won || (a.void && !a.appealed) {
                out.credits(Place::ChallengeBonds(i), Place::ChallengerClaim(i), bonds)?;
            } else {
                let winner = if appellant_won { Place::AppellantClaim(i) } else { party };
                self.forfeit(Place::ChallengeBonds(i), bonds, a.challenge_fees, winner, out)?;
            }
        }
        if a.appealed {
            if appellant_won || a.void {
                out.credits(Place::AppealBond(i), Place::AppellantClaim(i), a.challenge_bond)?;
            } else {
                let winner = if challengers_won { Place::ChallengerClaim(i) } else { party };
                self.forfeit(Place::AppealBond(i), a.challenge_bond, a.appeal_fees, winner, out)?;
            }
        }
        (a.challengers, a.appealed) = (0, false);
        self.finish(a, outcome, out)
    }

    /// Nothing was submitted (Jobs 7): the caller is the finder.
    pub(crate) fn finish_late(&mut self, a: &mut Assignment<R>, out: &mut Effects) -> Result<()> {
        self.punish(a, SLASH_LATE, Some(Place::FinderClaim(a.index)), out)?;
        self.finish(a, Outcome::Late, out)
    }

    /// The rest of the fees goes back to the job; the outcome is written down.
    pub(crate) fn finish(&mut self, a: &mut Assignment<R>, outcome: Outcome, out: &mut Effects) -> Result<()> {
        self.credit(Place::FeeBudget(a.index), a.fees, out)?;
        a.fees = 0;
        a.outcome = Some(outcome);
        a.phase = crate::assignment::Phase::Done;
        self.accepted |= matches!(outcome, Outcome::Passed | Outcome::BasePay);
        self.worst = self.worst.max(Some(outcome));
        Ok(())
    }

    /// Payment and reserved bond, or what is left of them, to the worker.
    fn pay_worker(&self, a: &mut Assignment<R>, out: &mut Effects) -> Result<()> {
        out.credits(Place::Payment(a.index), Place::WorkerClaim(a.index), a.payment)?;
        out.credits(Place::Bond(a.index), Place::WorkerClaim(a.index), a.bond)?;
        (a.payment, a.bond) = (0, 0);
        Ok(())
    }

    /// The client's full cost: payment first, then reserved bond.
    fn make_whole(&mut self, a: &mut Assignment<R>, out: &mut Effects) -> Result<()> {
        let first = a.cost.min(a.payment);
        let then = sub(a.cost, first)?;
        self.credit(Place::Payment(a.index), first, out)?;
        self.credit(Place::Bond(a.index), then, out)?;
        a.payment = sub(a.payment, first)?;
        a.bond = sub(a.bond, then)?;
        Ok(())
    }

    /// Client first; the rest of the payment burns; `rate` of the rest of the bond is slashed, a part of it the finder's; what is
    /// left of the bond is free again.
    fn punish(&mut self, a: &mut Assignment<R>, rate: u32, finder: Option<Place>, out: &mut Effects) -> Result<()> {
        self.make_whole(a, out)?;
        let bond = Place::Bond(a.index);
        out.credits(Place::Payment(a.index), Place::Burned, a.payment)?;
        let slash = part_ceil(a.bond, rate)?;
        let found = if finder.is_some() { part_floor(slash, FINDER)? } else { 0 };
        out.credits(bond, finder.unwrap_or(Place::Burned), found)?;
        out.credits(bond, Place::Burned, sub(slash, found)?)?;
        out.credits(bond, Place::Free(a.index), sub(a.bond, slash)?)?;
        (a.payment, a.bond) = (0, 0);
        Ok(())
    }

    /// A lost bond pays for its committee, then half of it goes to the winner; the other half, with the odd credit, burns.
    fn forfeit(&mut self, bond: Place, amount: u64, fees: u64, winner: Place, out: &mut Effects) -> Result<()> {
        let fees = fees.min(amount);
        self.credit(bond, fees, out)?;
        let rest = sub(amount, fees)?;
        let half = rest / 2;
        if winner == Place::Job {
            self.credit(bond, half, out)?;
        } else {
            out.credits(bond, winner, half)?;
        }
        out.credits(bond, Place::Burned, sub(rest, half)?)
    }

    /// Credits to the job's escrow, for the client.
    fn credit(&mut self, from: Place, amount: u64, out: &mut Effects) -> Result<()> {
        self.credits = add(self.credits, amount)?;
        out.credits(from, Place::Job, amount)
    }

    /// min(ρ·V, θ·burned) for a committee's score at the threshold or above, rounded down (Rewards). Unsampled jobs have no score.
    fn bonus_floor(&self, a: &Assignment<R>) -> Result<u64> {
        if a.score < self.terms.bonus_score {
            return Ok(0);
        }
        Ok(part_floor(a.value(), self.terms.bonus)?.min(part_floor(a.burned, self.terms.bonus_cap)?))
    }
}
