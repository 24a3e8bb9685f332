//! Tokens: the checks on mints, and the instructions of a token program the program calls. `token_calls` makes several at once.
//!
//! Token slots of hot instructions are unchecked accounts: a typed one would hold its data borrowed through the call. What each
//! caller may rely on instead: the token program is one of the two real ones (checked here or by its type); it verifies itself
//! that a token account has the mint it is used with and that the authority may move it; vaults and mints are compared with the
//! addresses stored in the pool.

use anchor_lang::{
    pinocchio::instruction::InstructionAccount,
    prelude::*,
    programs::{Token, Token2022},
    unchecked_invoke_signed_fixed,
};
use anchor_spl::token_2022::spl_token_2022::{
    extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions},
    state::Mint as MintState,
};

use crate::errors::{HmmError, SUBJECT_CALL};

/// Extensions a credit mint may have: none of them touches a balance.
const ALLOWED_EXTENSIONS: [ExtensionType; 2] = [ExtensionType::MetadataPointer, ExtensionType::TokenMetadata];

/// Wrapped SOL of the classic token program and of Token-2022.
const NATIVE_MINTS: [Address; 2] = [
    Address::from_str_const("So11111111111111111111111111111111111111112"),
    Address::from_str_const("9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXejP"),
];

/// Where `initialize_market` has the credit mint, for refusals.
const CREDIT_MINT_PLACE: u8 = 2;

/// Seeds of whoever signs for the program; empty when a user's signature is used.
pub type Seeds<'a> = &'a [&'a [&'a [u8]]];

/// Errors unless `mint` can be a credit mint: classic SPL Token, or Token-2022 with metadata extensions only, no freeze
/// authority, not wrapped SOL. Gives its decimals.
pub fn require_credit_mint(mint: &AccountView) -> Result<u8> {
    let owner = *mint.owner();
    if owner != Token::id() && owner != Token2022::id() {
        return Err(HmmError::CreditMintProgram.refuse_account(SUBJECT_CALL, &Token::id(), &owner));
    }
    // Wrapped SOL cannot be burned: its fees could never be collected.
    if NATIVE_MINTS.contains(mint.address()) {
        return Err(HmmError::CreditMintNative.refuse_account(CREDIT_MINT_PLACE, &Address::default(), mint.address()));
    }
    let data = mint.try_borrow()?;
    let state = StateWithExtensions::<MintState>::unpack(&data)?;
    if state.base.freeze_authority.is_some() {
        return Err(HmmError::CreditMintFreezable.refuse(0, 1));
    }
    // An extension this library does not know cannot be on the list either.
    let unknown = |_| HmmError::CreditMintExtension.refuse(ExtensionType::MetadataPointer as u64, u64::MAX);
    for extension in state.get_extension_types().map_err(unknown)? {
        if !ALLOWED_EXTENSIONS.contains(&extension) {
            return Err(HmmError::CreditMintExtension.refuse(ExtensionType::MetadataPointer as u64, extension as u64));
        }
    }
    Ok(state.base.decimals)
}

/// Supply of a mint of either token program, raw.
#[inline(always)]
pub fn supply(mint: &AccountView) -> Result<u64> {
    read_u64(mint, 36)
}

/// Balance of a token account of either token program, raw.
#[inline(always)]
pub fn balance(account: &AccountView) -> Result<u64> {
    read_u64(account, 64)
}

#[inline(always)]
fn read_u64(account: &AccountView, offset: usize) -> Result<u64> {
    let data = account.try_borrow()?;
    let bytes = data.get(offset..).and_then(|tail| tail.first_chunk::<8>()).ok_or(ProgramError::InvalidAccountData)?;
    Ok(u64::from_le_bytes(*bytes))
}

/// A token amount and the instruction that moves it: the tag of the token program, then the amount.
#[inline(always)]
fn instruction_data(tag: u8, amount: u64) -> [u8; 9] {
    let [a, b, c, d, e, f, g, h] = amount.to_le_bytes();
    [tag, a, b, c, d, e, f, g, h]
}

/// The credit token in one instruction: its program, its mint, its decimals.
pub struct Credits<'a> {
    pub program: &'a Address,
    pub mint: &'a AccountView,
    pub decimals: u8,
}

impl Credits<'_> {
    /// `TransferChecked`: moves `amount` from `from` to `to`.
    #[inline(never)]
    pub fn transfer(&self, from: &AccountView, to: &AccountView, authority: &AccountView, amount: u64, seeds: Seeds) {
        let [t, a, b, c, d, e, f, g, h] = instruction_data(12, amount);
        unchecked_invoke_signed_fixed(
            self.program,
            &[t, a, b, c, d, e, f, g, h, self.decimals],
            &[
                InstructionAccount::writable(from.address()),
                InstructionAccount::readonly(self.mint.address()),
                InstructionAccount::writable(to.address()),
                InstructionAccount::readonly_signer(authority.address()),
            ],
            &[CpiHandle::readonly(from), CpiHandle::readonly(self.mint), CpiHandle::readonly(to), CpiHandle::readonly(authority)],
            seeds,
        );
    }
}

/// `MintTo`: creates `amount` of `mint` in `to`.
#[inline(never)]
pub fn mint_to(program: &Address, mint: &AccountView, to: &AccountView, authority: &AccountView, amount: u64, seeds: Seeds) {
    unchecked_invoke_signed_fixed(
        program,
        &instruction_data(7, amount),
        &[
            InstructionAccount::writable(mint.address()),
            InstructionAccount::writable(to.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[CpiHandle::readonly(mint), CpiHandle::readonly(to), CpiHandle::readonly(authority)],
        seeds,
    );
}

/// `Burn`: destroys `amount` of `mint` in `from`.
#[inline(never)]
pub fn burn(program: &Address, from: &AccountView, mint: &AccountView, authority: &AccountView, amount: u64, seeds: Seeds) {
    unchecked_invoke_signed_fixed(
        program,
        &instruction_data(8, amount),
        &[
            InstructionAccount::writable(from.address()),
            InstructionAccount::writable(mint.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[CpiHandle::readonly(from), CpiHandle::readonly(mint), CpiHandle::readonly(authority)],
        seeds,
    );
}

/// `CloseAccount`: closes an empty token account, its lamports to `destination`.
#[inline(never)]
pub fn close(program: &Address, account: &AccountView, destination: &AccountView, authority: &AccountView, seeds: Seeds) {
    unchecked_invoke_signed_fixed(
        program,
        &[9],
        &[
            InstructionAccount::writable(account.address()),
            InstructionAccount::writable(destination.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[CpiHandle::readonly(account), CpiHandle::readonly(destination), CpiHandle::readonly(authority)],
        seeds,
    );
}
