//! The numbers that an event moves.

use crate::error::{OVERFLOW, Result};

/// What is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asset {
    /// Credits.
    Credits,
    /// Vouchers of the job's resource with this index.
    Voucher(u8),
}

/// Where an amount lies. A number is the index of an assignment. Places that end in `Claim`, `Free`, `Held`, `Burned` and the
/// outside ones (`Client`, `Pool`, `Challengers`, `Appellant`) outlive the job; all the others are empty when it has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The client's wallet.
    Client,
    /// What the client may pull out of a closed job.
    ClientClaim,
    /// A pool's vault (credits), or the pool's mint (vouchers).
    Pool,
    /// The job's token account (credits), the job's unassigned lots (vouchers).
    Job,
    /// An assignment's lots, before its start.
    Lots(u8),
    /// Vouchers ended by a start: burned, unless a gang unwinds.
    Delivered(u8),
    /// The fee of a reservation.
    ReservationFee(u8),
    /// Set aside for verifiers.
    FeeBudget(u8),
    /// The worker's free bond.
    Free(u8),
    /// The worker's held proceeds.
    Held(u8),
    /// The bond reserved for this assignment.
    Bond(u8),
    /// The payment of this assignment.
    Payment(u8),
    /// Bonds of its challengers.
    ChallengeBonds(u8),
    /// Bond of its appellant.
    AppealBond(u8),
    /// Wallets of its challengers.
    Challengers(u8),
    /// The wallet of its appellant.
    Appellant(u8),
    /// What its worker may pull out.
    WorkerClaim(u8),
    /// What the verifiers of its rounds may pull out, a seat fee for each reveal.
    VerifierClaim(u8),
    /// What its challengers may pull out, in equal parts (the remainder of the division stays with the first).
    ChallengerClaim(u8),
    /// What its appellant may pull out.
    AppellantClaim(u8),
    /// What the caller of a crank or the prover of fraud may pull out.
    FinderClaim(u8),
    /// Burned.
    Burned,
}

/// One number to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Move {
    /// What.
    pub asset: Asset,
    /// Out of.
    pub from: Place,
    /// Into.
    pub to: Place,
    /// How much, never 0.
    pub amount: u64,
}

/// All that an event does outside the job and the assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effects {
    moves: [Option<Move>; Self::MOVES],
    count: usize,
    /// Bonus to accrue for the worker, from the reward pot: not a part of what the job holds.
    pub bonus: u64,
    /// The worker is banned.
    pub ban: bool,
}

impl Effects {
    /// The most moves of one event: eight resources and the longest settlement fit.
    pub const MOVES: usize = 24;

    pub(crate) const NONE: Self = Self { moves: [None; Self::MOVES], count: 0, bonus: 0, ban: false };

    /// The moves, in order.
    pub fn moves(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().take(self.count).flatten()
    }

    pub(crate) fn push(&mut self, asset: Asset, from: Place, to: Place, amount: u64) -> Result<()> {
        if amount > 0 {
            *self.moves.get_mut(self.count).ok_or(OVERFLOW)? = Some(Move { asset, from, to, amount });
            self.count = self.count.saturating_add(1);
        }
        Ok(())
    }

    pub(crate) fn credits(&mut self, from: Place, to: Place, amount: u64) -> Result<()> {
        self.push(Asset::Credits, from, to, amount)
    }
}
