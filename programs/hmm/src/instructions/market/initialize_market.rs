use anchor_lang::prelude::*;
use anchor_spl::{token, token_interface::TokenAccount};
use hmm_math::{FeeParams, Ppm};

use crate::{
    constants::MARKET_SEED,
    state::{JobTerms, MARKET_VERSION, Market, SupplyTerms, VerifierTerms},
    token::require_credit_mint,
};

/// What a market starts with. Rates are parts per million.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct MarketConfig {
    pub market_fee: u32,
    pub risk_fee: u32,
    pub max_fee: u32,
    pub burn_share: u32,
    pub lp_share: u32,
    pub risk_window: u32,
    pub guardian: Address,
    pub genesis_hash: [u8; 32],
    pub supply: SupplyTerms,
    pub jobs: JobTerms,
    pub verification: VerifierTerms,
}

#[derive(Accounts)]
pub struct InitializeMarket {
    #[account(mut)]
    pub authority: Signer,
    #[account(init, payer = authority, seeds = [MARKET_SEED, authority.address().as_ref(), credit_mint.address().as_ref()], bump)]
    pub market: Account<Market>,
    pub credit_mint: UncheckedAccount,
    /// The token account that will receive the treasury's part of the fees.
    #[account(token::mint = credit_mint)]
    pub treasury: InterfaceAccount<TokenAccount>,
    pub system_program: Program<System>,
}

/// Creates a market for one credit mint.
///
/// Specification (protocol.md, *Trading*):
/// 1. The credit mint is classic SPL Token, or Token-2022 with metadata extensions only; one with a freeze authority is refused.
/// 2. The market's address belongs to the signing authority: a stranger cannot create, or take the place of, another's market.
/// 3. Fee parameters and terms are inside their ranges.
pub fn handler(ctx: &mut Context<InitializeMarket>, config: MarketConfig) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let credit_mint = accounts.credit_mint.account();
    let credit_decimals = require_credit_mint(credit_mint)?;

    let market = &mut accounts.market;
    market.version = MARKET_VERSION;
    market.bump = ctx.bumps.market;
    market.credit_decimals = credit_decimals;
    market.authority = *accounts.authority.address();
    market.guardian = config.guardian;
    market.treasury = *accounts.treasury.address();
    market.credit_mint = *credit_mint.address();
    market.credit_token_program = *credit_mint.owner();
    market.genesis_hash = config.genesis_hash;
    market.set_fees(FeeParams {
        market_fee: Ppm(config.market_fee),
        risk_fee: Ppm(config.risk_fee),
        max_fee: Ppm(config.max_fee),
        burn_share: Ppm(config.burn_share),
        lp_share: Ppm(config.lp_share),
        risk_window: config.risk_window,
    })?;
    market.set_terms(config.supply, config.jobs, config.verification)
}
