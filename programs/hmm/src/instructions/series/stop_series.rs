use anchor_lang::prelude::*;

use crate::{
    errors::OrRefuse,
    events::{SeriesStopped, emit_by_cpi},
    expect,
    state::{Market, Observations, Pool},
};

#[event_cpi]
#[derive(Accounts)]
pub struct StopSeries {
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
}

/// Writes down the last price of a series that is over, and ends the units of the pool itself.
///
/// Specification (protocol.md, *Supply*, `delivery_end`):
/// 1. Anybody may, from `delivery_end` on, once; a pause does not matter.
/// 2. The price is the mean of the last day in which workers could supply. Whoever holds the price up against them pays for it; after
///    that nobody could answer, and nothing is recorded. When the series is stopped does not matter.
/// 3. The pool's Ψ of the series ends; its Θ stays, for withdrawal only.
pub fn handler(ctx: &mut Context<StopSeries>, resource: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let mut reserve = accounts.pool.require_reserve(resource)?;
    if accounts.pool.is_active() && !accounts.pool.is_stopped(resource) {
        reserve.rotate(clock.slot, accounts.market.risk_window).or_refuse(resource)?;
        accounts.pool.store(resource, &reserve);
        accounts.observations.observe(resource, &reserve, clock.unix_timestamp, accounts.market.supply.mark_depth);
    }
    let price = accounts.observations.last_price(resource)?;
    accounts.pool.stop(resource, clock.unix_timestamp, price)?;
    let event = SeriesStopped {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        resource,
        price: accounts.pool.stop_price(resource).0,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
