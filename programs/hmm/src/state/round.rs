use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use hmm_job::{MAX_SCORE, committee};

use crate::errors::{HmmError, OrRefuseJob, SUBJECT_CALL};

/// Layout of this account.
pub const ROUND_VERSION: u8 = 1;
/// Seats of the largest committee.
pub const MAX_ROUND_SEATS: usize = 16;

/// One committee at work: who was drawn, what they committed to and revealed.
///
/// PDA `["round", assignment, number]`; a number is used once. It stays until its assignment is done: a later committee must not have the
/// same members. Source: protocol.md, *Jobs* 5, 6; docs/decisions/verification.md.
#[account]
pub struct Round {
    pub version: u8,
    pub bump: u8,
    /// Its number among the rounds of its assignment.
    pub number: u8,
    /// Seats in use; entries from here on are zero.
    pub seat_count: u8,
    /// Seats that have committed.
    pub committed: u8,
    /// Seats that have revealed.
    pub revealed: u8,
    /// The votes are counted, or a proof of fraud has made them needless.
    pub counted: PodBool,
    pub _reserved: [u8; 1],
    /// Commit and reveal together, seconds.
    pub length: u32,
    pub _padding: [u8; 4],
    /// The end of revealing, unix time.
    pub until: i64,
    pub job: Address,
    pub assignment: Address,
    pub market: Address,
    /// Who paid the rent, and gets it back.
    pub rent_payer: Address,
    pub seats: [Seat; 16],
}

/// One seat; all zero while it is not in use.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct Seat {
    pub verifier: Address,
    /// The digest of the vote, until it is revealed.
    pub commitment: [u8; 32],
    /// Information gain, fixed point.
    pub delta_i: i64,
    /// Utility gain, fixed point.
    pub delta_u: i64,
    /// Of 10,000.
    pub score: u16,
    /// The verifier's place in the set.
    pub index: u8,
    /// 0 drawn, 1 committed, 2 revealed.
    pub stage: u8,
    pub _reserved: [u8; 4],
}

/// Drawn, nothing said.
pub const STAGE_DRAWN: u8 = 0;
/// Bound to a vote that nobody knows.
pub const STAGE_COMMITTED: u8 = 1;
/// The vote is known, and counts.
pub const STAGE_REVEALED: u8 = 2;

/// What a committee says of the work: medians of what was revealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Medians {
    pub score: u16,
    pub delta_i: i64,
    pub delta_u: i64,
}

impl Round {
    /// The seats in use.
    pub fn seats(&self) -> &[Seat] {
        self.seats.get(..usize::from(self.seat_count)).unwrap_or_default()
    }

    /// Errors: `RoundCounted`.
    pub fn require_uncounted(&self) -> Result<()> {
        if self.counted.into() {
            return Err(HmmError::RoundCounted.refuse(0, 1));
        }
        Ok(())
    }

    /// The seat, if it is the verifier's. Errors: `NotSeated` (expected: who has the seat; found: `verifier`).
    fn seat_of(&mut self, seat: u8, verifier: &Address) -> Result<&mut Seat> {
        match self.seats.get_mut(usize::from(seat)) {
            Some(taken) if taken.verifier == *verifier && seat < self.seat_count => Ok(taken),
            other => {
                let expected = other.map(|seat| seat.verifier).unwrap_or_default();
                Err(HmmError::NotSeated.refuse_account(SUBJECT_CALL, &expected, verifier))
            }
        }
    }

    /// Binds a seat to a vote, once, in the first part of the round.
    ///
    /// # Errors
    /// `RoundCounted`; `JobLate`; `NotSeated`; `AlreadyCommitted`.
    pub fn commit(&mut self, seat: u8, verifier: &Address, commitment: [u8; 32], now: i64) -> Result<()> {
        self.require_uncounted()?;
        committee::require_commit(self.until, self.length, now).or_refuse()?;
        let taken = self.seat_of(seat, verifier)?;
        if taken.stage != STAGE_DRAWN {
            return Err(HmmError::AlreadyCommitted.refuse(STAGE_DRAWN.into(), taken.stage.into()));
        }
        (taken.commitment, taken.stage) = (commitment, STAGE_COMMITTED);
        self.committed = self.committed.saturating_add(1);
        Ok(())
    }

    /// Opens a seat's vote, once, in the second part of the round, which begins early when all have committed. `digest` is that of the
    /// vote as revealed.
    ///
    /// # Errors
    /// `RoundCounted`; `JobEarly`, `JobLate`; `NotSeated`; `NotCommitted`; `OtherVote`; `JobAmount`.
    pub fn reveal(&mut self, seat: u8, verifier: &Address, vote: Medians, digest: &[u8; 32], now: i64) -> Result<()> {
        self.require_uncounted()?;
        let all = self.committed == self.seat_count;
        committee::require_reveal(self.until, self.length, all, now).or_refuse()?;
        let taken = self.seat_of(seat, verifier)?;
        if taken.stage != STAGE_COMMITTED {
            return Err(HmmError::NotCommitted.refuse(STAGE_COMMITTED.into(), taken.stage.into()));
        }
        if taken.commitment != *digest {
            let agree = taken.commitment.iter().zip(digest).take_while(|(expected, found)| expected == found).count();
            return Err(HmmError::OtherVote.refuse(32, agree as u64));
        }
        if vote.score > MAX_SCORE {
            return Err(HmmError::JobAmount.refuse(MAX_SCORE.into(), vote.score.into()));
        }
        (taken.score, taken.delta_i, taken.delta_u, taken.stage) = (vote.score, vote.delta_i, vote.delta_u, STAGE_REVEALED);
        self.revealed = self.revealed.saturating_add(1);
        Ok(())
    }

    /// The medians of what was revealed; zero of nothing.
    #[inline(never)]
    pub fn medians(&self) -> Medians {
        let (mut scores, mut delta_i, mut delta_u) = ([0u16; MAX_ROUND_SEATS], [0i64; MAX_ROUND_SEATS], [0i64; MAX_ROUND_SEATS]);
        let mut count = 0usize;
        for ((seat, score), (i, u)) in
            self.seats().iter().filter(|seat| seat.stage == STAGE_REVEALED).zip(&mut scores).zip(delta_i.iter_mut().zip(&mut delta_u))
        {
            (*score, *i, *u) = (seat.score, seat.delta_i, seat.delta_u);
            count = count.saturating_add(1);
        }
        Medians { score: lower(&scores, count), delta_i: lower(&delta_i, count), delta_u: lower(&delta_u, count) }
    }
}

fn lower<T: Ord + Copy + Default>(values: &[T], count: usize) -> T {
    values.get(..count).and_then(committee::median).unwrap_or_default()
}
