use anchor_lang::prelude::*;
use anchor_spl::{mint, token::Mint};

use crate::{
    constants::{VOUCHER_DECIMALS, VOUCHER_SEED},
    expect,
    state::{Pool, ResourceConfig},
};

#[derive(Accounts)]
pub struct AddResource {
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::signer = pool.creator)]
    pub creator: Signer,
    #[account(
        init, payer = creator, seeds = [VOUCHER_SEED, pool.address().as_ref(), [pool.resource_count]], bump,
        mint::decimals = VOUCHER_DECIMALS, mint::authority = pool
    )]
    pub voucher_mint: Account<Mint>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

/// Appends a resource to a pool that waits for its first deposit, and creates its voucher mint.
///
/// Specification (protocol.md, *Trading*):
/// 1. Only the creator, only before the first deposit, at most eight times.
/// 2. 0 < w ≤ 1,000,000, λ < w, scales at least 1.
/// 3. A series ends in the future.
/// 4. The resource's place in the pool is fixed for ever; its price there is its only mark.
pub fn handler(ctx: &mut Context<AddResource>, config: ResourceConfig) -> Result<()> {
    let voucher_mint = *ctx.accounts.voucher_mint.address();
    let pool = &mut ctx.accounts.pool;
    pool.add_resource(&config, voucher_mint, Clock::get()?.unix_timestamp)?;
    pool.invariant()
}
