use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use hmm_math::quality::Posterior;

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
    pub _reserved: [u8; 5],
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

/// A `hmm_math::quality::Posterior`, as it is stored.
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

impl Worker {
    /// Everything its vault must hold. Errors: `Overflow`.
    pub fn liabilities(&self) -> Result<u64> {
        let parts = [self.bond, self.unbonding, self.reserved, self.payments, self.claimable];
        parts.iter().chain(&self.held).try_fold(0, |sum, part| super::add(sum, *part))
    }
}
