//! What the program tells the world, by self-CPI: such an event is an inner instruction and cannot be truncated the way a log can.
//! Every event of a pool carries the pool's sequence number, so a listener knows what it missed.
//! Source: architecture.md, *Rules of the house*.

mod job;
mod round;

pub use job::*;
pub use round::*;

use alloc::vec::Vec;

use anchor_lang::{event::EVENT_IX_TAG_LE, pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed};

use crate::constants::EVENT_AUTHORITY_SEED;

/// One leg of a swap, after the fact. Amounts are raw.
#[derive(Clone, Copy, AnchorSerialize, IdlType)]
pub struct LegTraded {
    pub resource: u8,
    /// 0 buy exact-in, 1 buy exact-out, 2 sell exact-in, 3 sell exact-out.
    pub kind: u8,
    /// Vouchers minted (buy) or burned (sell).
    pub units: u64,
    /// Credits paid, fee included (buy), or received, fee deducted (sell).
    pub credits: u64,
    pub fee: u64,
    pub burned: u64,
    pub to_lps: u64,
    /// Reserves after the leg.
    pub psi: u64,
    pub theta: u64,
}

#[event]
pub struct Swapped {
    pub sequence: u64,
    pub pool: Address,
    pub trader: Address,
    /// Credits paid; negative: received.
    pub net: i64,
    pub legs: Vec<LegTraded>,
}

/// What a deposit or a withdrawal moved of one resource. Amounts are raw.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct Amounts {
    pub units: u64,
    pub credits: u64,
}

#[event]
pub struct LiquidityAdded {
    pub sequence: u64,
    pub pool: Address,
    pub provider: Address,
    pub shares: u64,
    pub supply: u64,
    pub amounts: Vec<Amounts>,
}

#[event]
pub struct LiquidityRemoved {
    pub sequence: u64,
    pub pool: Address,
    pub provider: Address,
    pub shares: u64,
    pub supply: u64,
    pub amounts: Vec<Amounts>,
}

#[event]
pub struct FeesCollected {
    pub sequence: u64,
    pub pool: Address,
    pub burned: u64,
    pub to_treasury: u64,
}

/// The authority gave a resource without marks of its own a mark. The price is Q64.64 raw credits per raw unit.
#[event]
pub struct BootstrapMarkSet {
    pub sequence: u64,
    pub pool: Address,
    pub resource: u8,
    pub price: u128,
}

#[event]
pub struct VerifierSetCreated {
    pub sequence: u64,
    pub verifier_set: Address,
    pub market: Address,
    pub registry: Address,
}

#[event]
pub struct Staked {
    pub sequence: u64,
    pub verifier_set: Address,
    pub verifier: Address,
    /// The verifier's place.
    pub index: u8,
    pub amount: u64,
    /// The whole stake.
    pub stake: u64,
    /// When draws and votes count it, unix time.
    pub counts_from: i64,
}

#[event]
pub struct Unstaked {
    pub sequence: u64,
    pub verifier_set: Address,
    pub verifier: Address,
    pub index: u8,
    pub amount: u64,
    /// The stake that stays.
    pub stake: u64,
    /// All that is on its way out.
    pub unbonding: u64,
    /// When it can be withdrawn, unix time.
    pub unbond_at: i64,
}

#[event]
pub struct StakeWithdrawn {
    pub sequence: u64,
    pub verifier_set: Address,
    pub verifier: Address,
    pub index: u8,
    pub unbonding: u64,
    /// Fees of seats.
    pub earned: u64,
}

#[event]
pub struct SlashBurned {
    pub sequence: u64,
    pub verifier_set: Address,
    pub amount: u64,
}

/// `number` tells the roots of a registry apart: it counts up by one with each root in force.
#[event]
pub struct RootProposed {
    pub registry: Address,
    pub number: u64,
    pub root: [u8; 32],
    pub depth: u8,
    /// Who proposed it, and voted for it.
    pub verifier: Address,
    /// The end of voting, unix time.
    pub until: i64,
}

#[event]
pub struct RootVoted {
    pub registry: Address,
    pub number: u64,
    pub root: [u8; 32],
    pub depth: u8,
    pub verifier: Address,
}

#[event]
pub struct RootEnacted {
    pub registry: Address,
    pub number: u64,
    pub root: [u8; 32],
    pub depth: u8,
    /// Stake of those who voted for it.
    pub stake_for: u64,
    /// All stake in effect.
    pub stake: u64,
}

#[event]
pub struct RootClosed {
    pub registry: Address,
    pub number: u64,
    pub root: [u8; 32],
    pub depth: u8,
}

#[event]
pub struct MeasurementApproved {
    pub market: Address,
    pub measurement: [u8; 32],
}

#[event]
pub struct MeasurementRevoked {
    pub market: Address,
    pub measurement: [u8; 32],
}

#[event]
pub struct KeyRegistered {
    pub worker: Address,
    pub key: Address,
    pub measurement: [u8; 32],
    /// Raw units an hour, per resource of the worker's pool.
    pub capacity: [u64; 8],
    /// Unix time.
    pub expiry: i64,
    /// Number of the root that it was proven under.
    pub root_number: u64,
}

#[event]
pub struct KeyClosed {
    pub worker: Address,
    pub key: Address,
}

#[event]
pub struct SeriesStopped {
    pub sequence: u64,
    pub pool: Address,
    pub resource: u8,
    /// Q64.64 raw credits per raw unit.
    pub price: u128,
}

#[event]
pub struct SeriesSwept {
    pub sequence: u64,
    pub pool: Address,
    pub resource: u8,
    pub worker: Address,
    /// What the worker no longer owes.
    pub units: u64,
    /// What went into the fund.
    pub credits: u64,
    /// What neither held nor bond covered.
    pub shortfall: u64,
}

#[event]
pub struct SeriesRedeemed {
    pub sequence: u64,
    pub pool: Address,
    pub resource: u8,
    pub holder: Address,
    pub units: u64,
    pub credits: u64,
}

#[event]
pub struct WorkerRegistered {
    pub worker: Address,
    pub pool: Address,
    pub owner: Address,
    pub operator: Address,
}

/// A worker's bond after a change of it.
#[event]
pub struct BondChanged {
    pub worker: Address,
    pub bond: u64,
    pub unbonding: u64,
    pub unbond_at: i64,
}

/// What left a worker's vault for its owner.
#[event]
pub struct WorkerPaid {
    pub worker: Address,
    pub to: Address,
    pub credits: u64,
}

/// A worker sold vouchers that came into being with the sale, straight into Ψ.
#[event]
pub struct Supplied {
    pub sequence: u64,
    pub pool: Address,
    pub worker: Address,
    pub resource: u8,
    pub raw_units: u64,
    /// Vouchers: the raw units at the worker's quality.
    pub units: u64,
    /// Credits held for the worker.
    pub held: u64,
    pub fee: u64,
    pub burned: u64,
    pub to_lps: u64,
    /// Reserves after the sale.
    pub psi: u64,
    pub theta: u64,
}

/// A worker took vouchers against its bond.
#[event]
pub struct VouchersMinted {
    pub sequence: u64,
    pub pool: Address,
    pub worker: Address,
    pub resource: u8,
    pub raw_units: u64,
    pub units: u64,
    pub to: Address,
}

/// A worker burned vouchers that it owed.
#[event]
pub struct Retired {
    pub sequence: u64,
    pub pool: Address,
    pub worker: Address,
    pub resource: u8,
    pub units: u64,
    /// Their share of held that the worker may take out.
    pub claimable: u64,
    /// The part of it that became bond, because what it still owes needs it.
    pub bonded: u64,
}

/// There is cause to liquidate a worker, or there is none any more.
#[event]
pub struct Noticed {
    pub worker: Address,
    /// 0 banned, 1 its key has lapsed, 2 its margin; 255 none.
    pub cause: u8,
    /// Unix time of the notice; 0 if there is none.
    pub notice_at: i64,
}

/// Somebody burned vouchers that a worker owed, and was paid for them from what it had.
#[event]
pub struct Liquidated {
    pub sequence: u64,
    pub pool: Address,
    pub worker: Address,
    pub liquidator: Address,
    pub cause: u8,
    pub resource: u8,
    pub units: u64,
    pub paid: u64,
    /// What that fell short of the mark.
    pub shortfall: u64,
    /// What was burned with the last obligation of a banned worker.
    pub burned: u64,
}

/// Emits `event` through the program itself, signed by the event authority.
#[inline(never)]
pub fn emit_by_cpi(event: &impl Event, authority: &UncheckedAccount, bump: u8) {
    let payload = event.data();
    let mut data = Vec::with_capacity(EVENT_IX_TAG_LE.len().saturating_add(payload.len()));
    data.extend_from_slice(EVENT_IX_TAG_LE);
    data.extend_from_slice(&payload);
    unchecked_invoke_signed_fixed(
        &crate::ID,
        &data,
        &[InstructionAccount::readonly_signer(authority.address())],
        &[CpiHandle::readonly(authority.account())],
        &[&[EVENT_AUTHORITY_SEED, &[bump]]],
    );
}
