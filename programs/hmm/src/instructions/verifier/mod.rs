//! Verifiers: their stakes, and the registry of enclave keys that they vote on.

pub mod approve_measurement;
pub mod burn_slashed;
pub mod close_key;
pub mod close_root;
pub mod create_verifier_set;
pub mod enact_root;
pub mod propose_root;
pub mod register_key;
pub mod revoke_measurement;
pub mod stake;
pub mod unstake;
pub mod vote_root;
pub mod withdraw_stake;

use anchor_lang::prelude::*;

use crate::{constants::VERIFIERS_SEED, state::VerifierSet};

/// What a verifier set signs with: the seeds of its address.
pub struct SetSeeds {
    market: Address,
    bump: [u8; 1],
}

impl SetSeeds {
    #[inline(always)]
    pub fn of(set: &VerifierSet) -> Self {
        Self { market: set.market, bump: [set.bump] }
    }

    #[inline(always)]
    pub fn seeds(&self) -> [&[u8]; 3] {
        [VERIFIERS_SEED, self.market.as_ref(), &self.bump]
    }
}
