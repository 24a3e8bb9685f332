use anchor_lang::prelude::*;
use anchor_spl::{
    token,
    token_interface::{TokenAccount, TokenInterface},
};

use crate::{
    constants::{BONUS_SEED, REGISTRY_SEED, STAKE_SEED, VERIFIERS_SEED},
    events::{VerifierSetCreated, emit_by_cpi},
    expect,
    state::{Market, REGISTRY_VERSION, Registry, VERIFIER_SET_VERSION, VerifierSet},
};

#[event_cpi]
#[derive(Accounts)]
pub struct CreateVerifierSet {
    pub market: Account<Market>,
    #[account(mut, expect::signer = market.authority)]
    pub authority: Signer,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(init, payer = authority, seeds = [VERIFIERS_SEED, market.address().as_ref()], bump)]
    pub verifier_set: Account<VerifierSet>,
    #[account(
        init, payer = authority, seeds = [STAKE_SEED, verifier_set.address().as_ref()], bump,
        token::mint = credit_mint, token::authority = verifier_set, token::token_program = credit_token_program
    )]
    pub stake_vault: InterfaceAccount<TokenAccount>,
    #[account(
        init, payer = authority, seeds = [BONUS_SEED, market.address().as_ref()], bump,
        token::mint = credit_mint, token::authority = verifier_set, token::token_program = credit_token_program
    )]
    pub bonus_vault: InterfaceAccount<TokenAccount>,
    #[account(init, payer = authority, seeds = [REGISTRY_SEED, market.address().as_ref()], bump)]
    pub registry: Account<Registry>,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: Interface<'static, TokenInterface>,
    pub system_program: Program<System>,
}

/// Creates the verifier set of a market, with its vault, the vault for bonuses and the registry of enclave keys.
///
/// Specification (protocol.md, *Accounts*):
/// 1. Only the authority; once for a market.
/// 2. Nobody is a verifier, no root is in force.
pub fn handler(ctx: &mut Context<CreateVerifierSet>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (market, set_address) = (*accounts.market.address(), *accounts.verifier_set.address());

    let set = &mut accounts.verifier_set;
    set.version = VERIFIER_SET_VERSION;
    set.bump = ctx.bumps.verifier_set;
    set.market = market;
    set.vault = *accounts.stake_vault.address();
    set.bonus_vault = *accounts.bonus_vault.address();
    let sequence = set.next_sequence();

    let registry = &mut accounts.registry;
    registry.version = REGISTRY_VERSION;
    registry.bump = ctx.bumps.registry;
    registry.market = market;
    registry.verifier_set = set_address;

    let event = VerifierSetCreated { sequence, verifier_set: set_address, market, registry: *accounts.registry.address() };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
