use anchor_lang::prelude::*;

/// Layout of this account.
pub const OBSERVATIONS_VERSION: u8 = 1;

/// What is remembered of a pool's past, apart from the pool so that the pool stays small.
///
/// PDA `["observations", pool]`. It is in the account list of every trading instruction. Source: protocol.md, *Accounts*.
#[account]
pub struct Observations {
    pub version: u8,
    pub bump: u8,
    pub _reserved: [u8; 6],
    /// The slot of the last instruction that traded or moved liquidity.
    pub last_slot: u64,
    pub pool: Address,
}
