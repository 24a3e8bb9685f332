use anchor_lang::prelude::*;

use super::PoolSeeds;
use crate::{
    errors::HmmError,
    events::{FeesCollected, emit_by_cpi},
    expect,
    state::{Market, Pool},
    token::{self, Credits},
};

#[event_cpi]
#[derive(Accounts)]
pub struct CollectFees {
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut, expect::address = market.treasury)]
    pub treasury: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Burns what the fees owe to the burn, and pays the treasury its part.
///
/// Specification (protocol.md, *Trading*; HIP-004 *Fee Burns*):
/// 1. Anybody may; both counters go to zero and nothing else of the pool changes.
/// 2. Refused when there is nothing to collect.
pub fn handler(ctx: &mut Context<CollectFees>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (burned, to_treasury) = accounts.pool.take_due();
    if burned == 0 && to_treasury == 0 {
        return Err(HmmError::NothingToCollect.refuse(1, 0));
    }
    let event = FeesCollected { sequence: accounts.pool.next_sequence(), pool: *accounts.pool.address(), burned, to_treasury };

    let signer = PoolSeeds::of(&accounts.pool);
    let (seeds, pool) = (signer.seeds(), accounts.pool.account());
    let (program, vault, mint) = (accounts.credit_token_program.address(), accounts.credit_vault.account(), accounts.credit_mint.account());
    if burned != 0 {
        token::burn(program, vault, mint, pool, burned, &[&seeds]);
    }
    if to_treasury != 0 {
        let credits = Credits { program, mint, decimals: accounts.market.credit_decimals };
        credits.transfer(vault, accounts.treasury.account(), pool, to_treasury, &[&seeds]);
    }
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
