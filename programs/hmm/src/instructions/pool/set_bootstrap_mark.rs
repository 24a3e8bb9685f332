use anchor_lang::prelude::*;
use hmm_math::Price;

use crate::{
    events::{BootstrapMarkSet, emit_by_cpi},
    expect,
    state::{Market, Observations, Pool},
};

#[event_cpi]
#[derive(Accounts)]
pub struct SetBootstrapMark {
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(expect::signer = market.authority)]
    pub authority: Signer,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
}

/// Sets the mark of a resource that has none of its own yet: Q64.64 raw credits per raw unit.
///
/// Specification (protocol.md, *Supply*, marks):
/// 1. Only the authority, not of a series that is over, only while the resource has less than half an hour of history in a deep pool.
/// 2. At most once in 24 hours for each resource, and within a factor of two of the one before.
/// 3. It is only a mark: it moves no reserve, and is gone for good once the resource has had marks of its own and lost them.
pub fn handler(ctx: &mut Context<SetBootstrapMark>, resource: u8, price: u128) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    accounts.pool.require_reserve(resource)?;
    accounts.pool.require_series(resource, resource, clock.unix_timestamp)?;
    accounts.pool.rotate_all(clock.slot, accounts.market.risk_window)?;
    accounts.observations.observe_all(&accounts.pool, clock.unix_timestamp, accounts.market.supply.mark_depth);
    accounts.observations.set_bootstrap(resource, Price(price), clock.unix_timestamp)?;

    let event = BootstrapMarkSet { sequence: accounts.pool.next_sequence(), pool: *accounts.pool.address(), resource, price };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
