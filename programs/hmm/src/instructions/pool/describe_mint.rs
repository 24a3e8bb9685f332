use alloc::vec::Vec;

use anchor_lang::prelude::*;

use super::PoolSeeds;
use crate::{
    constants::{LP_SUBJECT, METADATA_PROGRAM},
    errors::HmmError,
    metadata::{MetadataAccounts, NAME_BYTES, create_metadata},
    state::{Pool, trim_name},
};

#[derive(Accounts)]
pub struct DescribeMint {
    #[account(mut)]
    pub payer: Signer,
    pub pool: Account<Pool>,
    pub mint: UncheckedAccount,
    /// The metadata program derives and checks this address itself.
    #[account(mut)]
    pub metadata: UncheckedAccount,
    #[account(address = METADATA_PROGRAM @ HmmError::WrongAccount)]
    pub metadata_program: UncheckedAccount,
    pub system_program: Program<System>,
}

/// Gives a voucher mint, or with 255 the LP mint, its name and symbol, for wallets to show.
///
/// Specification (HIP-004 names resources; classic mints carry no name of their own):
/// 1. Anybody may, and pays the rent; the text comes from the pool, not from the caller.
/// 2. The metadata cannot be changed afterwards.
pub fn handler(ctx: &mut Context<DescribeMint>, resource: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let pool = &accounts.pool;
    let region = trim_name(&pool.region);
    let (expected, mut name, symbol) = if resource == LP_SUBJECT {
        (pool.lp_mint, [b"HMM LP ", region].concat(), Vec::from(b"HMM-LP"))
    } else {
        pool.require_reserve(resource)?;
        let at = usize::from(resource);
        let resource_name = pool.names.get(at).map(trim_name).unwrap_or_default();
        let symbol = resource_name.get(..10).unwrap_or(resource_name).to_ascii_uppercase();
        (pool.voucher_mints.get(at).copied().unwrap_or_default(), [resource_name, b" ", region].concat(), symbol)
    };
    if expected != *accounts.mint.address() {
        return Err(HmmError::WrongAccount.refuse_account(resource, &expected, accounts.mint.address()));
    }
    // A name and a region of 16 bytes each, and the space between, are one too many.
    name.truncate(NAME_BYTES);
    create_metadata(
        &MetadataAccounts {
            metadata: accounts.metadata.account(),
            mint: accounts.mint.account(),
            authority: pool.account(),
            payer: accounts.payer.account(),
            system_program: accounts.system_program.account(),
        },
        &name,
        &symbol,
        &[&PoolSeeds::of(pool).seeds()],
    );
    Ok(())
}
