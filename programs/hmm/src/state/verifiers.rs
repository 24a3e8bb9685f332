use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use super::{VerifierTerms, add};
use crate::errors::{HmmError, SUBJECT_CALL};

/// Layout of this account.
pub const VERIFIER_SET_VERSION: u8 = 1;
/// Places of a set. With its head it fits an account that the program can create in one call (10,240 bytes).
pub const MAX_VERIFIERS: usize = 120;

/// The verifiers of one market and their stakes.
///
/// PDA `["verifiers", market]`; never closed. Its vault, PDA `["stake", set]`, holds [`VerifierSet::liabilities`], and whatever was
/// donated, which counts for nothing. Amounts are raw credits. A verifier is told by its place *and* its owner: places return.
/// Source: protocol.md, *Jobs* 5; docs/decisions/registry.md.
#[account]
pub struct VerifierSet {
    pub version: u8,
    pub bump: u8,
    pub _reserved: [u8; 6],
    /// Slashed and not burned yet.
    pub burn_due: u64,
    /// Number of the next event.
    pub sequence: u64,
    pub market: Address,
    pub vault: Address,
    /// The market's vault for bonuses, PDA `["bonus", market]`; the set signs for it.
    pub bonus_vault: Address,
    pub verifiers: [Verifier; 120],
}

/// One verifier; all zero while the place is free.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct Verifier {
    pub owner: Address,
    /// What it has staked and not asked back.
    pub stake: u64,
    /// What was drawn by until `changes_at`; from then on it is `stake`.
    pub counted: u64,
    /// When the last change of the stake takes effect, unix time.
    pub changes_at: i64,
    /// Stake asked back: slashable.
    pub unbonding: u64,
    /// When the unbonding is over, unix time.
    pub unbond_at: i64,
    /// Fees of seats.
    pub earned: u64,
}

impl Verifier {
    /// The stake that a draw counts at the time `at`. A change takes effect `activation` seconds after it was asked for, and the next one
    /// is accepted `activation` seconds after that, so the answer is the same at any moment for every `at` of the last `activation`
    /// seconds: nobody changes the weights of a draw whose hash is known.
    #[inline(always)]
    pub fn weight(&self, at: i64) -> u64 {
        if at < self.changes_at { self.counted } else { self.stake }
    }

    /// The stake that a vote counts now: what is in effect and not on its way out.
    #[inline(always)]
    pub fn power(&self, now: i64) -> u64 {
        self.weight(now).min(self.stake)
    }

    /// Errors `StakeChanging` (expected: not before this unix time) while the last change may still matter to a draw.
    fn require_settled(&self, now: i64, activation: u32) -> Result<()> {
        let settled = self.changes_at.saturating_add(activation.into());
        if now < settled {
            return Err(HmmError::StakeChanging.refuse(settled.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }

    /// The stake becomes `stake`, in effect `activation` seconds from now.
    fn change(&mut self, stake: u64, now: i64, activation: u32) {
        self.counted = self.stake;
        self.stake = stake;
        self.changes_at = now.saturating_add(activation.into());
    }

    fn is_empty(&self) -> bool {
        self.stake == 0 && self.unbonding == 0 && self.earned == 0
    }
}

impl VerifierSet {
    /// Errors `WrongAccount` (expected: `market`) unless the set is this market's.
    pub fn require_market(&self, market: &Address) -> Result<()> {
        if anchor_lang::address_eq(&self.market, market) {
            return Ok(());
        }
        Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, market, &self.market))
    }

    /// Puts stake into the place of `owner`, or into a free one; gives the place.
    ///
    /// # Errors
    /// `ZeroAmount`; `VerifierSetFull`; `StakeChanging`; `StakeTooSmall` if the whole would be less than the least stake; `Overflow`.
    pub fn stake(&mut self, owner: &Address, amount: u64, now: i64, terms: &VerifierTerms) -> Result<u8> {
        if amount == 0 {
            return Err(HmmError::ZeroAmount.refuse(1, 0));
        }
        let place = |wanted: &Address| (0u8..).zip(&self.verifiers).find(|(_, v)| v.owner == *wanted).map(|(index, _)| index);
        let index = place(owner).or_else(|| place(&Address::default()));
        let Some((index, verifier)) = index.and_then(|index| Some((index, self.verifiers.get_mut(usize::from(index))?))) else {
            return Err(HmmError::VerifierSetFull.refuse(MAX_VERIFIERS as u64, MAX_VERIFIERS as u64));
        };
        verifier.require_settled(now, terms.activation)?;
        let stake = add(verifier.stake, amount)?;
        if stake < terms.min_stake {
            return Err(HmmError::StakeTooSmall.refuse(terms.min_stake, stake));
        }
        verifier.owner = *owner;
        verifier.change(stake, now, terms.activation);
        Ok(index)
    }

    /// Asks `amount` of the stake back: all of it, or so much that the least stake stays. Asking again before the first amount was taken out
    /// starts the time for both.
    ///
    /// # Errors
    /// `ZeroAmount`; `NotVerifier`; `StakeChanging`; `StakeTooSmall`; `Overflow`.
    pub fn unstake(&mut self, index: u8, owner: &Address, amount: u64, now: i64, terms: &VerifierTerms) -> Result<()> {
        if amount == 0 {
            return Err(HmmError::ZeroAmount.refuse(1, 0));
        }
        let verifier = self.require_mut(index, owner)?;
        verifier.require_settled(now, terms.activation)?;
        let Some(stake) = verifier.stake.checked_sub(amount) else {
            return Err(HmmError::StakeTooSmall.refuse(amount, verifier.stake));
        };
        if stake != 0 && stake < terms.min_stake {
            return Err(HmmError::StakeTooSmall.refuse(terms.min_stake, stake));
        }
        verifier.unbonding = add(verifier.unbonding, amount)?;
        verifier.unbond_at = now.saturating_add(terms.unstaking.into());
        verifier.change(stake, now, terms.activation);
        Ok(())
    }

    /// Takes out what was earned, and the unbonding once it is over: (unbonding, earned). A place that is empty then is free.
    ///
    /// # Errors
    /// `NotVerifier` for a free place; `NothingToCollect`.
    pub fn withdraw(&mut self, index: u8, owner: &Address, now: i64) -> Result<(u64, u64)> {
        let verifier = self.require_mut(index, owner)?;
        let unbonding = if now >= verifier.unbond_at { core::mem::take(&mut verifier.unbonding) } else { 0 };
        let earned = core::mem::take(&mut verifier.earned);
        if unbonding == 0 && earned == 0 {
            return Err(HmmError::NothingToCollect.refuse(verifier.unbond_at.unsigned_abs(), now.unsigned_abs()));
        }
        if verifier.is_empty() {
            *verifier = Verifier::zeroed();
        }
        Ok((unbonding, earned))
    }

    /// Books a seat's fee that reached the vault. Of a verifier that has left since, it is burned. Errors: `Overflow`.
    pub fn earn(&mut self, index: u8, owner: &Address, amount: u64) -> Result<()> {
        match self.verifiers.get_mut(usize::from(index)).filter(|v| v.owner == *owner) {
            Some(verifier) => verifier.earned = add(verifier.earned, amount)?,
            None => self.burn_due = add(self.burn_due, amount)?,
        }
        Ok(())
    }

    /// Slashes at most `amount`, from the stake first, then from what is on its way out; gives how much. Of a verifier that has left
    /// since, nothing. Errors: `Overflow`.
    pub fn slash(&mut self, index: u8, owner: &Address, amount: u64) -> Result<u64> {
        let Some(verifier) = self.verifiers.get_mut(usize::from(index)).filter(|v| v.owner == *owner) else { return Ok(0) };
        let staked = amount.min(verifier.stake);
        let unbonding = amount.saturating_sub(staked).min(verifier.unbonding);
        verifier.stake = verifier.stake.saturating_sub(staked);
        verifier.unbonding = verifier.unbonding.saturating_sub(unbonding);
        verifier.counted = verifier.counted.min(add(verifier.stake, verifier.unbonding)?);
        if verifier.is_empty() {
            *verifier = Verifier::zeroed();
        }
        let taken = add(staked, unbonding)?;
        self.burn_due = add(self.burn_due, taken)?;
        Ok(taken)
    }

    /// The verifiers that a draw counts at the time `at` (of the last `activation` seconds, see [`Verifier::weight`]): place, verifier,
    /// weight.
    pub fn eligible(&self, at: i64) -> impl Iterator<Item = (u8, &Verifier, u64)> {
        (0u8..)
            .zip(&self.verifiers)
            .map(move |(index, verifier)| (index, verifier, verifier.weight(at)))
            .filter(|(_, _, weight)| *weight != 0)
    }

    /// The verifier at a place. Errors: `NotVerifier` (expected: who is there; found: `owner`).
    pub fn require(&self, index: u8, owner: &Address) -> Result<&Verifier> {
        match self.verifiers.get(usize::from(index)) {
            Some(verifier) if verifier.owner == *owner && *owner != Address::default() => Ok(verifier),
            verifier => Err(not_verifier(verifier, owner)),
        }
    }

    fn require_mut(&mut self, index: u8, owner: &Address) -> Result<&mut Verifier> {
        match self.verifiers.get_mut(usize::from(index)) {
            Some(verifier) if verifier.owner == *owner && *owner != Address::default() => Ok(verifier),
            verifier => Err(not_verifier(verifier.as_deref(), owner)),
        }
    }

    /// Everything the vault must hold. Errors: `Overflow`.
    pub fn liabilities(&self) -> Result<u64> {
        let parts = self.verifiers.iter().flat_map(|v| [v.stake, v.unbonding, v.earned]);
        parts.chain([self.burn_due]).try_fold(0, add)
    }

    /// The number of the event about to be emitted.
    pub fn next_sequence(&mut self) -> u64 {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        sequence
    }
}

#[cold]
fn not_verifier(verifier: Option<&Verifier>, owner: &Address) -> Error {
    HmmError::NotVerifier.refuse_account(SUBJECT_CALL, &verifier.map(|v| v.owner).unwrap_or_default(), owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Address = Address::new_from_array([1; 32]);
    const OTHER: Address = Address::new_from_array([2; 32]);
    const TERMS: VerifierTerms = VerifierTerms { min_stake: 100, non_reveal_slash: 10, activation: 60, unstaking: 600 };

    fn set() -> VerifierSet {
        let mut set = VerifierSet::zeroed();
        assert_eq!(set.stake(&OWNER, 100, 1_000, &TERMS).ok(), Some(0));
        set
    }

    #[test]
    fn a_slash_takes_stake_then_unbonding_and_never_more() {
        for amount in [0, 1, 99, 100, 101, u64::MAX] {
            // all of it staked; all of it asked back
            for asked in [0, 100] {
                let mut set = set();
                if asked != 0 {
                    assert!(set.unstake(0, &OWNER, asked, 1_120, &TERMS).is_ok());
                }
                assert_eq!(set.slash(0, &OWNER, amount).ok(), Some(amount.min(100)));
                assert_eq!((set.burn_due, set.liabilities().ok()), (amount.min(100), Some(100)));
                let weight: u64 = set.eligible(1_120).map(|(_, _, weight)| weight).sum();
                assert_eq!(weight, 100 - amount.min(100), "nobody is drawn by what was slashed");
                assert_eq!(set.require(0, &OWNER).is_ok(), amount < 100, "an empty place is free");
            }
        }
        let mut set = set();
        assert!(set.stake(&OWNER, 100, 1_120, &TERMS).is_ok());
        assert_eq!(set.slash(0, &OWNER, 150).ok(), Some(150));
        assert_eq!([1_120, 1_179, 1_180].map(|at| set.eligible(at).map(|(_, _, weight)| weight).sum::<u64>()), [50; 3]);
    }

    #[test]
    fn who_left_earns_nothing_and_loses_nothing() {
        let mut set = set();
        for (index, owner) in [(0, OTHER), (1, OWNER), (120, OWNER), (255, OWNER)] {
            assert_eq!(set.slash(index, &owner, 10).ok(), Some(0));
            let due = set.burn_due;
            assert!(set.earn(index, &owner, 3).is_ok());
            assert_eq!(set.burn_due, due + 3, "the fee burns");
        }
        assert!(set.earn(0, &OWNER, 7).is_ok());
        assert_eq!((set.verifiers[0].stake, set.verifiers[0].earned, set.liabilities().ok()), (100, 7, Some(119)));
        assert_eq!(set.withdraw(0, &OWNER, 1_000).ok(), Some((0, 7)));
        // slashed to nothing with a fee due: the place is free once the fee is paid
        assert!(set.earn(0, &OWNER, 7).is_ok());
        assert_eq!(set.slash(0, &OWNER, 100).ok(), Some(100));
        assert!(set.require(0, &OWNER).is_ok());
        assert_eq!(set.withdraw(0, &OWNER, 1_000).ok(), Some((0, 7)));
        assert!(set.require(0, &OWNER).is_err());
    }
}
