use anchor_lang::prelude::*;
use anchor_spl::{
    mint, token,
    token::Mint,
    token_interface::{TokenAccount, TokenInterface},
};

use crate::{
    constants::{LP_SEED, OBSERVATIONS_SEED, POOL_SEED, VAULT_SEED},
    expect,
    state::{Market, OBSERVATIONS_VERSION, Observations, POOL_VERSION, Pool, require_name},
};

/// The SLA class of a pool, and its curvature.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct PoolConfig {
    /// λ over the same denominator as the weights; below each of them.
    pub lambda: u32,
    pub max_latency_ms: u32,
    pub privacy_tier: u8,
    /// ASCII, padded with zeros.
    pub region: [u8; 16],
}

#[derive(Accounts)]
pub struct CreatePool {
    #[account(mut)]
    pub creator: Signer,
    #[account(mut)]
    pub market: Account<Market>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(init, payer = creator, seeds = [POOL_SEED, market.address().as_ref(), market.pool_count.to_le_bytes()], bump)]
    pub pool: Account<Pool>,
    #[account(init, payer = creator, seeds = [OBSERVATIONS_SEED, pool.address().as_ref()], bump)]
    pub observations: Account<Observations>,
    #[account(
        init, payer = creator, seeds = [VAULT_SEED, pool.address().as_ref()], bump,
        token::mint = credit_mint, token::authority = pool, token::token_program = credit_token_program
    )]
    pub credit_vault: InterfaceAccount<TokenAccount>,
    #[account(
        init, payer = creator, seeds = [LP_SEED, pool.address().as_ref()], bump,
        mint::decimals = market.credit_decimals, mint::authority = pool
    )]
    pub lp_mint: Account<Mint>,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: Interface<'static, TokenInterface>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

/// Creates an empty pool.
///
/// Specification (protocol.md, *Trading*):
/// 1. Anybody may; the creator alone may then add resources, make the first deposit, or close the pool before it.
/// 2. The pool's id is the market's count of pools: an id never returns, even after the pool was closed.
pub fn handler(ctx: &mut Context<CreatePool>, config: PoolConfig) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require_name(&config.region)?;

    let pool_address = *accounts.pool.address();
    accounts.observations.version = OBSERVATIONS_VERSION;
    accounts.observations.bump = ctx.bumps.observations;
    accounts.observations.pool = pool_address;

    let pool = &mut accounts.pool;
    pool.version = POOL_VERSION;
    pool.bump = ctx.bumps.pool;
    pool.id = accounts.market.next_pool_id()?;
    pool.lambda = config.lambda;
    pool.max_latency_ms = config.max_latency_ms;
    pool.privacy_tier = config.privacy_tier;
    pool.region = config.region;
    pool.market = *accounts.market.address();
    pool.creator = *accounts.creator.address();
    pool.credit_vault = *accounts.credit_vault.address();
    pool.lp_mint = *accounts.lp_mint.address();
    pool.observations = *accounts.observations.address();
    pool.invariant()
}
