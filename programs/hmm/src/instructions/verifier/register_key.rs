// The derived code names the arguments of `instruction` in a place where it does not use them.
#![allow(unused_variables)]

use alloc::vec::Vec;

use anchor_lang::prelude::*;
use hmm_attest::digest::{Domain, EnclaveLeaf};

use crate::{
    constants::KEY_SEED,
    errors::{HmmError, OrRefuseProof, SUBJECT_CALL},
    events::{KeyRegistered, emit_by_cpi},
    expect,
    state::{ENCLAVE_KEY_VERSION, EnclaveKey, Market, Measurement, Registry, Worker, require_usable_key},
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(key: Address)]
pub struct RegisterKey {
    /// The worker's owner or operator.
    #[account(mut)]
    pub signer: Signer,
    #[account(expect::address = worker.market)]
    pub market: Account<Market>,
    pub registry: Account<Registry>,
    #[account(mut)]
    pub worker: Account<Worker>,
    pub approval: Account<Measurement>,
    #[account(init, payer = signer, seeds = [KEY_SEED, worker.address().as_ref(), key], bump)]
    pub enclave_key: Account<EnclaveKey>,
    pub system_program: Program<System>,
}

/// Registers an enclave key of a worker by its leaf under the root in force: what the verifiers found in its enclave.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. The worker's owner or operator.
/// 2. The leaf is this worker's, at its place under the registry's root; its measurement is approved.
/// 3. It has not expired, expires within 366 days, and attests some capacity.
/// 4. It becomes the worker's current key: its capacity and expiry bound what the worker may sell. Keys registered before stay valid for
///    attesting until their own expiry. A key is registered once.
pub fn handler(
    ctx: &mut Context<RegisterKey>,
    key: Address,
    capacity: [u64; 8],
    expiry: i64,
    index: u32,
    proof: Vec<[u8; 32]>,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.require_role()?;
    accounts.require_one_market()?;
    accounts.approval.require_approved()?;
    require_usable_key(&capacity, expiry, Clock::get()?.unix_timestamp)?;
    let (worker_address, measurement) = (*accounts.worker.address(), accounts.approval.measurement);
    let leaf = EnclaveLeaf { worker: worker_address.to_bytes(), measurement, key: key.to_bytes(), capacity, expiry };
    accounts.registry.require_leaf(index, &leaf.digest(&accounts.domain()), &proof).or_refuse()?;

    let enclave_key = &mut accounts.enclave_key;
    enclave_key.version = ENCLAVE_KEY_VERSION;
    enclave_key.bump = ctx.bumps.enclave_key;
    enclave_key.expiry = expiry;
    enclave_key.worker = worker_address;
    enclave_key.key = key;
    enclave_key.measurement = measurement;
    enclave_key.approval = *accounts.approval.address();
    enclave_key.rent_payer = *accounts.signer.address();

    let worker = &mut accounts.worker;
    (worker.key, worker.key_expiry, worker.capacity) = (key, expiry, capacity);
    let event = KeyRegistered { worker: worker_address, key, measurement, capacity, expiry, root_number: accounts.registry.number };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

impl RegisterKey {
    /// Errors `Unauthorized` unless the worker's owner or operator signed.
    fn require_role(&self) -> Result<()> {
        let (worker, signer) = (&self.worker, self.signer.address());
        if *signer != worker.owner && *signer != worker.operator {
            return Err(HmmError::Unauthorized.refuse_account(SUBJECT_CALL, &worker.owner, signer));
        }
        Ok(())
    }

    /// Errors `WrongAccount` unless registry and measurement are of the worker's market.
    fn require_one_market(&self) -> Result<()> {
        let market = self.market.address();
        for found in [&self.registry.market, &self.approval.market] {
            if found != market {
                return Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, market, found));
            }
        }
        Ok(())
    }

    fn domain(&self) -> Domain {
        Domain { program: crate::ID.to_bytes(), genesis: self.market.genesis_hash, market: self.market.address().to_bytes() }
    }
}
