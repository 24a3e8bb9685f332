//! Two sysvars of which only one entry is read, from the account's bytes: deserializing 20 KB would cost more than the instruction.

use anchor_lang::{
    pinocchio::sysvars::instructions::{INSTRUCTIONS_ID, Instructions},
    prelude::*,
};
use hmm_attest::{Hash, Key, ed25519};

use crate::errors::{HmmError, OrRefuseProof, SUBJECT_CALL};

/// `SysvarS1otHashes111111111111111111111111111`.
pub const SLOT_HASHES: Address = Address::from_str_const("SysvarS1otHashes111111111111111111111111111");
/// A slot, u64, and its hash.
const ENTRY: usize = 40;

fn require_address(account: &AccountView, expected: &Address) -> Result<()> {
    if anchor_lang::address_eq(account.address(), expected) {
        return Ok(());
    }
    Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, expected, account.address()))
}

/// The hash of the first slot from `target` on that was not skipped, among those the runtime remembers. Errors: `WrongAccount` for another
/// account; `NoSlotHash` (expected: the target; found: the newest slot) if there is none yet.
pub fn slot_hash(account: &AccountView, target: u64) -> Result<Hash> {
    require_address(account, &SLOT_HASHES)?;
    let data = account.try_borrow()?;
    // The number of entries, then the entries: the newest first.
    let (count, entries) = data.split_first_chunk::<8>().ok_or(ProgramError::InvalidAccountData)?;
    let (entries, _) = entries.as_chunks::<ENTRY>();
    let count = usize::try_from(u64::from_le_bytes(*count)).unwrap_or(usize::MAX);
    let entries = entries.get(..count.min(entries.len())).unwrap_or_default();
    let slot = |entry: &[u8; ENTRY]| entry.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let after = entries.partition_point(|entry| slot(entry) >= target);
    let hash = after.checked_sub(1).and_then(|last| entries.get(last)).and_then(|entry| entry.last_chunk::<32>());
    hash.copied().ok_or_else(|| HmmError::NoSlotHash.refuse(target, entries.first().map_or(0, slot)))
}

/// Errors unless the instruction right before the present one is the ed25519 program's, over exactly `message` by exactly `key`: then the
/// runtime has checked the signature. `WrongAccount` for another sysvar; `Ed25519Program` if this is the first instruction; those of
/// [`ed25519::check`].
#[inline(never)]
pub fn require_signed(account: &AccountView, key: &Key, message: &Hash) -> Result<()> {
    require_address(account, &INSTRUCTIONS_ID)?;
    let instructions = Instructions::try_from(account)?;
    let before = instructions.get_instruction_relative(-1).map_err(|_| HmmError::Ed25519Program.refuse(32, 0))?;
    ed25519::check(before.get_program_id().as_array(), before.num_account_metas(), before.get_instruction_data(), key, message).or_refuse()
}
