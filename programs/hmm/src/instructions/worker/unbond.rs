use anchor_lang::prelude::*;

use super::bond_changed;
use crate::{
    events::emit_by_cpi,
    expect, marks,
    marks::Side,
    state::{Market, Observations, Pool, Worker},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Unbond {
    #[account(expect::signer = worker.owner)]
    pub owner: Signer,
    #[account(expect::address = worker.market)]
    pub market: Account<Market>,
    #[account(expect::address = worker.pool)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(mut)]
    pub worker: Account<Worker>,
}

/// Puts free bond on its way out.
///
/// Specification (protocol.md, *Supply*):
/// 1. Only the owner; a banned worker's bond stays.
/// 2. What is left, with what is held, stands for what the worker owes at γ, at the higher mark.
/// 3. From now on it counts for nothing, and can still be taken by a liquidation. What was on its way already waits for it.
pub fn handler(ctx: &mut Context<Unbond>, credits: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let terms = accounts.market.supply;
    accounts.worker.unbond(credits, &terms, clock.unix_timestamp)?;
    let owed = marks::owed(&accounts.worker, &accounts.pool, &mut accounts.observations, &accounts.market, &clock, Side::Trust)?;
    accounts.worker.require_margin(owed, terms.gamma)?;
    let event = bond_changed(*accounts.worker.address(), &accounts.worker);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
