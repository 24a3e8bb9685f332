use anchor_lang::prelude::*;
use hmm_attest::merkle;

use super::{VerifierSet, add};
use crate::{
    constants::{MAX_KEY_SECONDS, ROOT_VOTE_SECONDS},
    errors::HmmError,
};

/// Layout of [`Registry`].
pub const REGISTRY_VERSION: u8 = 1;
/// Layout of [`RootProposal`].
pub const ROOT_PROPOSAL_VERSION: u8 = 1;
/// Layout of [`Measurement`].
pub const MEASUREMENT_VERSION: u8 = 1;
/// Layout of [`EnclaveKey`].
pub const ENCLAVE_KEY_VERSION: u8 = 1;

/// The enclave keys that the verifiers of one market have checked: the root of a Merkle tree of `EnclaveLeaf` of hmm-attest.
///
/// PDA `["registry", market]`; never closed. Source: protocol.md, *Jobs* 4; docs/decisions/registry.md.
#[account]
pub struct Registry {
    pub version: u8,
    pub bump: u8,
    /// Depth of the tree under the root in force.
    pub depth: u8,
    pub _reserved: [u8; 5],
    /// Number of the root in force, 0 before the first.
    pub number: u64,
    /// The root in force.
    pub root: [u8; 32],
    pub market: Address,
    pub verifier_set: Address,
}

impl Registry {
    /// The number of the next root. Errors: `Overflow`.
    pub fn next(&self) -> Result<u64> {
        add(self.number, 1)
    }

    /// Errors as `merkle::verify`: the digest of a leaf is at its place under the root in force.
    pub fn require_leaf(&self, index: u32, digest: &[u8; 32], proof: &[[u8; 32]]) -> hmm_attest::Result<()> {
        merkle::verify(&self.root, self.depth, index, digest, proof)
    }
}

/// A root that verifiers may vote for, and who did. Who votes does not bind its stake: stakes are counted when the root is enacted.
///
/// PDA `["root", registry, number, depth, root]`. Its rent goes back to its payer. Source: protocol.md, *Jobs* 4.
#[account]
pub struct RootProposal {
    pub version: u8,
    pub bump: u8,
    pub depth: u8,
    pub _reserved: [u8; 5],
    /// Number that the root would have.
    pub number: u64,
    /// The end of voting, unix time.
    pub until: i64,
    pub root: [u8; 32],
    pub registry: Address,
    /// Who paid the rent, and gets it back.
    pub rent_payer: Address,
    /// The owner that voted from each place of the verifier set; zero where nobody did.
    pub voters: [Address; 120],
}

impl RootProposal {
    /// Opens it for votes.
    pub fn open(&mut self, number: u64, depth: u8, root: [u8; 32], now: i64) -> Result<()> {
        if depth > merkle::MAX_DEPTH {
            return Err(HmmError::MerkleDepth.refuse(merkle::MAX_DEPTH.into(), depth.into()));
        }
        self.version = ROOT_PROPOSAL_VERSION;
        (self.number, self.depth, self.root) = (number, depth, root);
        self.until = now.saturating_add(ROOT_VOTE_SECONDS);
        Ok(())
    }

    /// Errors `RootOutdated` unless it is for the next root, `RootVoteOver` once the time is over.
    pub fn require_open(&self, registry: &Registry, now: i64) -> Result<()> {
        let next = registry.next()?;
        if self.number != next {
            return Err(HmmError::RootOutdated.refuse(next, self.number));
        }
        if now >= self.until {
            return Err(HmmError::RootVoteOver.refuse(self.until.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }

    /// Errors `RootVoteOpen` (expected: not before this unix time) while it can still become the next root.
    pub fn require_over(&self, registry: &Registry, now: i64) -> Result<()> {
        if self.number == registry.next()? && now < self.until {
            return Err(HmmError::RootVoteOpen.refuse(self.until.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }

    /// Notes the vote of the verifier at `index`. Errors: `NotVerifier`; `NoVotingPower` (expected: not before this unix time; found:
    /// now) without stake in effect; `RootVoted`.
    pub fn vote(&mut self, set: &VerifierSet, index: u8, owner: &Address, now: i64) -> Result<()> {
        let verifier = set.require(index, owner)?;
        if verifier.power(now) == 0 {
            return Err(HmmError::NoVotingPower.refuse(verifier.changes_at.unsigned_abs(), now.unsigned_abs()));
        }
        match self.voters.get_mut(usize::from(index)) {
            // An owner that left its place to another one has taken its vote along.
            Some(voter) if *voter != *owner => *voter = *owner,
            _ => return Err(HmmError::RootVoted.refuse(0, index.into())),
        }
        Ok(())
    }

    /// The stake that is for the root now, and all there is: each verifier with what is in effect now, so that no stake counts twice,
    /// wherever it has gone since its owner voted. Errors: `Overflow`.
    pub fn tally(&self, set: &VerifierSet, now: i64) -> Result<(u64, u64)> {
        let (mut for_it, mut all) = (0, 0);
        for (verifier, voter) in set.verifiers.iter().zip(&self.voters) {
            let power = verifier.power(now);
            all = add(all, power)?;
            if power != 0 && verifier.owner == *voter {
                for_it = add(for_it, power)?;
            }
        }
        Ok((for_it, all))
    }

    /// Errors `RootQuorum` (expected: the least stake; found: what is for it) unless at least two thirds of the stake, and any at all,
    /// are for the root. Gives [`Self::tally`].
    pub fn require_quorum(&self, set: &VerifierSet, now: i64) -> Result<(u64, u64)> {
        let (for_it, all) = self.tally(set, now)?;
        if for_it == 0 || u128::from(for_it).saturating_mul(3) < u128::from(all).saturating_mul(2) {
            // ⌈2·all/3⌉ = all − ⌊all/3⌋
            return Err(HmmError::RootQuorum.refuse(all.saturating_sub(all / 3).max(1), for_it));
        }
        Ok((for_it, all))
    }
}

/// What the authority lets an enclave run.
///
/// PDA `["measurement", market, measurement]`; never closed, so that what was revoked never returns.
/// Source: protocol.md, *Jobs* 4.
#[account]
pub struct Measurement {
    pub version: u8,
    pub bump: u8,
    pub revoked: PodBool,
    pub _reserved: [u8; 5],
    /// A hardware measurement of another length is hashed to 32 bytes.
    pub measurement: [u8; 32],
    pub market: Address,
}

impl Measurement {
    /// Errors: `MeasurementRevoked`.
    pub fn require_approved(&self) -> Result<()> {
        if self.revoked.into() {
            return Err(HmmError::MeasurementRevoked.refuse(0, 1));
        }
        Ok(())
    }
}

/// A key that the verifiers found in a worker's enclave. It may attest until its expiry, also when the worker has registered
/// another one since.
///
/// PDA `["key", worker, key]`. Its rent goes back to its payer. Source: protocol.md, *Jobs* 4.
#[account]
pub struct EnclaveKey {
    pub version: u8,
    pub bump: u8,
    pub _reserved: [u8; 6],
    /// When it ceases to be valid, unix time.
    pub expiry: i64,
    pub worker: Address,
    /// The enclave's ed25519 key.
    pub key: Address,
    /// What the enclave runs.
    pub measurement: [u8; 32],
    /// The account of its [`Measurement`].
    pub approval: Address,
    /// Who paid the rent, and gets it back.
    pub rent_payer: Address,
}

impl EnclaveKey {
    /// Errors `KeyLapsed` (expected: before this unix time; found: now) from its expiry on.
    pub fn require_live(&self, now: i64) -> Result<()> {
        require_unexpired(self.expiry, now)
    }

    /// Errors `KeyLive` (expected: not before this unix time; found: now) before its expiry.
    pub fn require_expired(&self, now: i64) -> Result<()> {
        if now < self.expiry {
            return Err(HmmError::KeyLive.refuse(self.expiry.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }
}

/// Errors `KeyLapsed` from `expiry` on.
fn require_unexpired(expiry: i64, now: i64) -> Result<()> {
    if now >= expiry {
        return Err(HmmError::KeyLapsed.refuse(expiry.unsigned_abs(), now.unsigned_abs()));
    }
    Ok(())
}

/// Whether a leaf can become a key now. Errors: `KeyLapsed`; `KeyExpiryTooLate` (expected: not after this unix time); `KeyWithoutCapacity`.
pub fn require_usable_key(capacity: &[u64; 8], expiry: i64, now: i64) -> Result<()> {
    require_unexpired(expiry, now)?;
    let last = now.saturating_add(MAX_KEY_SECONDS);
    if expiry > last {
        return Err(HmmError::KeyExpiryTooLate.refuse(last.unsigned_abs(), expiry.unsigned_abs()));
    }
    if capacity.iter().all(|units| *units == 0) {
        return Err(HmmError::KeyWithoutCapacity.refuse(1, 0));
    }
    Ok(())
}
