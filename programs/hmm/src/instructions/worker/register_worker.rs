use anchor_lang::prelude::*;
use anchor_spl::{
    token,
    token_interface::{TokenAccount, TokenInterface},
};

use crate::{
    constants::{BOND_SEED, WORKER_SEED},
    events::{WorkerRegistered, emit_by_cpi},
    expect,
    state::{Market, Pool, WORKER_VERSION, Worker},
};

#[event_cpi]
#[derive(Accounts)]
pub struct RegisterWorker {
    #[account(mut)]
    pub owner: Signer,
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    pub pool: Account<Pool>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(init, payer = owner, seeds = [WORKER_SEED, pool.address().as_ref(), owner.address().as_ref()], bump)]
    pub worker: Account<Worker>,
    #[account(
        init, payer = owner, seeds = [BOND_SEED, worker.address().as_ref()], bump,
        token::mint = credit_mint, token::authority = worker, token::token_program = credit_token_program
    )]
    pub vault: InterfaceAccount<TokenAccount>,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: Interface<'static, TokenInterface>,
    pub system_program: Program<System>,
}

/// Registers a worker of a pool, without a bond or a key.
///
/// Specification (protocol.md, *Supply*):
/// 1. Anybody may, once per pool: the address is that of pool and owner.
/// 2. It is never closed. What a worker did, its quality and its ban, must not end with an account that could be opened anew.
pub fn handler(ctx: &mut Context<RegisterWorker>, profile: [u8; 64], operator: Address) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let worker = &mut accounts.worker;
    worker.version = WORKER_VERSION;
    worker.bump = ctx.bumps.worker;
    worker.owner = *accounts.owner.address();
    worker.operator = operator;
    worker.market = *accounts.market.address();
    worker.pool = *accounts.pool.address();
    worker.vault = *accounts.vault.address();
    worker.profile = profile;
    let event =
        WorkerRegistered { worker: *accounts.worker.address(), pool: *accounts.pool.address(), owner: *accounts.owner.address(), operator };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
