//! Addresses the program derives, and those of token accounts.

use solana_address::{Address, address};

use crate::HMM_ID;

/// Classic SPL Token.
pub const TOKEN_PROGRAM: Address = address!("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// Token-2022.
pub const TOKEN_2022_PROGRAM: Address = address!("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
/// The associated token account program.
pub const ASSOCIATED_TOKEN_PROGRAM: Address = address!("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
/// Metaplex's token metadata program.
pub const METADATA_PROGRAM: Address = address!("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");
/// The system program.
pub const SYSTEM_PROGRAM: Address = address!("11111111111111111111111111111111");

fn derive(seeds: &[&[u8]]) -> Address {
    Address::find_program_address(seeds, &HMM_ID).0
}

/// The market of an authority (the one that created it) and a credit mint.
pub fn market(authority: &Address, credit_mint: &Address) -> Address {
    derive(&[b"market", authority.as_ref(), credit_mint.as_ref()])
}

/// A pool of a market; ids count up from 0.
pub fn pool(market: &Address, id: u64) -> Address {
    derive(&[b"pool", market.as_ref(), &id.to_le_bytes()])
}

/// A pool's account of credits.
pub fn credit_vault(pool: &Address) -> Address {
    derive(&[b"vault", pool.as_ref()])
}

/// The mint of a pool's shares.
pub fn lp_mint(pool: &Address) -> Address {
    derive(&[b"lp", pool.as_ref()])
}

/// A pool's observations.
pub fn observations(pool: &Address) -> Address {
    derive(&[b"observations", pool.as_ref()])
}

/// The mint of a resource's vouchers.
pub fn voucher_mint(pool: &Address, resource: u8) -> Address {
    derive(&[b"voucher", pool.as_ref(), &[resource]])
}

/// The worker of an owner in a pool.
pub fn worker(pool: &Address, owner: &Address) -> Address {
    derive(&[b"worker", pool.as_ref(), owner.as_ref()])
}

/// The verifiers of a market.
pub fn verifier_set(market: &Address) -> Address {
    derive(&[b"verifiers", market.as_ref()])
}

/// The verifiers' account of credits.
pub fn stake_vault(verifier_set: &Address) -> Address {
    derive(&[b"stake", verifier_set.as_ref()])
}

/// A market's registry of enclave keys.
pub fn registry(market: &Address) -> Address {
    derive(&[b"registry", market.as_ref()])
}

/// A proposal of a root of the registry.
pub fn root_proposal(registry: &Address, number: u64, depth: u8, root: &[u8; 32]) -> Address {
    derive(&[b"root", registry.as_ref(), &number.to_le_bytes(), &[depth], root])
}

/// The approval of a measurement.
pub fn measurement(market: &Address, measurement: &[u8; 32]) -> Address {
    derive(&[b"measurement", market.as_ref(), measurement])
}

/// An enclave key of a worker.
pub fn enclave_key(worker: &Address, key: &Address) -> Address {
    derive(&[b"key", worker.as_ref(), key.as_ref()])
}

/// A worker's account of credits.
pub fn bond(worker: &Address) -> Address {
    derive(&[b"bond", worker.as_ref()])
}

/// What counts a client's jobs in one market.
pub fn client(market: &Address, owner: &Address) -> Address {
    derive(&[b"client", market.as_ref(), owner.as_ref()])
}

/// A job of a client's account; ids count up from 0.
pub fn job(client: &Address, id: u64) -> Address {
    derive(&[b"job", client.as_ref(), &id.to_le_bytes()])
}

/// A job's account of credits.
pub fn escrow(job: &Address) -> Address {
    derive(&[b"escrow", job.as_ref()])
}

/// An assignment of a job; indices count up from 0.
pub fn assignment(job: &Address, index: u8) -> Address {
    derive(&[b"assignment", job.as_ref(), &[index]])
}

/// A round of an assignment; numbers count up from 0.
pub fn round(assignment: &Address, number: u8) -> Address {
    derive(&[b"round", assignment.as_ref(), &[number]])
}

/// A market's account of credits for bonuses.
pub fn bonus_vault(market: &Address) -> Address {
    derive(&[b"bonus", market.as_ref()])
}

/// What signs the self-call that carries an event.
pub fn event_authority() -> Address {
    derive(&[b"__event_authority"])
}

/// Where the token metadata program keeps the name of a mint.
pub fn metadata(mint: &Address) -> Address {
    let seeds: &[&[u8]] = &[b"metadata", METADATA_PROGRAM.as_ref(), mint.as_ref()];
    Address::find_program_address(seeds, &METADATA_PROGRAM).0
}

/// The associated token account of an owner.
pub fn token_account(owner: &Address, mint: &Address, token_program: &Address) -> Address {
    let seeds: &[&[u8]] = &[owner.as_ref(), token_program.as_ref(), mint.as_ref()];
    Address::find_program_address(seeds, &ASSOCIATED_TOKEN_PROGRAM).0
}
