//! The one call to the token metadata program, which keeps the names of classic mints.

use alloc::vec::Vec;

use anchor_lang::{pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed};

use crate::{constants::METADATA_PROGRAM, token::Seeds};

/// `CreateMetadataAccountV3`.
const CREATE: u8 = 33;

/// Longest name the metadata program takes.
pub const NAME_BYTES: usize = 32;

/// The accounts of the call. The mint's authority becomes the metadata's.
pub struct MetadataAccounts<'a> {
    pub metadata: &'a AccountView,
    pub mint: &'a AccountView,
    pub authority: &'a AccountView,
    pub payer: &'a AccountView,
    pub system_program: &'a AccountView,
}

/// Creates immutable metadata with a name (at most [`NAME_BYTES`]), a symbol (at most 10), and nothing else.
pub fn create_metadata(accounts: &MetadataAccounts, name: &[u8], symbol: &[u8], seeds: Seeds) {
    let mut data = Vec::with_capacity(64);
    data.push(CREATE);
    for text in [name, symbol, b""] {
        data.extend_from_slice(&u32::try_from(text.len()).unwrap_or_default().to_le_bytes());
        data.extend_from_slice(text);
    }
    // No seller's fee; no creators, no collection, no uses; not mutable; no collection details.
    data.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0]);
    unchecked_invoke_signed_fixed(
        &METADATA_PROGRAM,
        &data,
        &[
            InstructionAccount::writable(accounts.metadata.address()),
            InstructionAccount::readonly(accounts.mint.address()),
            InstructionAccount::readonly_signer(accounts.authority.address()),
            InstructionAccount::writable_signer(accounts.payer.address()),
            InstructionAccount::readonly_signer(accounts.authority.address()),
            InstructionAccount::readonly(accounts.system_program.address()),
        ],
        &[
            CpiHandle::readonly(accounts.metadata),
            CpiHandle::readonly(accounts.mint),
            CpiHandle::readonly(accounts.authority),
            CpiHandle::readonly(accounts.payer),
            CpiHandle::readonly(accounts.authority),
            CpiHandle::readonly(accounts.system_program),
        ],
        seeds,
    );
}
