use anchor_lang::prelude::*;

use crate::{
    events::{Retired, emit_by_cpi},
    expect, marks,
    marks::Side,
    state::{Market, Observations, Pool, Worker},
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Retire {
    #[account(expect::signer = worker.owner)]
    pub owner: Signer,
    #[account(expect::address = worker.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = worker.pool)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(mut)]
    pub worker: Account<Worker>,
    #[account(mut)]
    pub voucher_mint: UncheckedAccount,
    #[account(mut)]
    pub owner_vouchers: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Burns vouchers of the worker's owner against what the worker owes.
///
/// Specification (protocol.md, *Supply*):
/// 1. Only the owner; at any time, paused, banned or lapsed; of a series until its end: then what is held is its fund.
/// 2. Not the units that assignments wait for.
/// 3. Their share of held may be taken out as far as the rest stands for the rest at γ, at the higher mark; what does not becomes bond.
///    Without a mark all of it becomes bond: retiring is never blocked.
/// 4. `voucher supply` and `issued` shrink by the same.
pub fn handler(ctx: &mut Context<Retire>, resource: u8, units: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    accounts.pool.require_voucher_mint(resource, accounts.voucher_mint.address())?;
    accounts.pool.require_series(resource, resource, clock.unix_timestamp)?;
    let share = accounts.worker.retire(resource, units)?;
    accounts.pool.extinguish(resource, units)?;
    let owed = marks::owed(&accounts.worker, &accounts.pool, &mut accounts.observations, &accounts.market, &clock, Side::Trust);
    let claimable = accounts.worker.release(share, owed.unwrap_or(u64::MAX), accounts.market.supply.gamma)?;

    let event = Retired {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        worker: *accounts.worker.address(),
        resource,
        units,
        claimable,
        bonded: share.saturating_sub(claimable),
    };
    let (from, mint) = (accounts.owner_vouchers.account(), accounts.voucher_mint.account());
    token::burn(accounts.token_program.address(), from, mint, accounts.owner.account(), units, &[]);
    accounts.pool.require_backed(resource, token::supply(mint)?)?;
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
