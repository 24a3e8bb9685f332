use anchor_lang::prelude::*;

use crate::{
    events::{Noticed, emit_by_cpi},
    expect, marks,
    marks::Side,
    state::{Market, Observations, Pool, Worker},
};

#[event_cpi]
#[derive(Accounts)]
pub struct NotifyWorker {
    #[account(expect::address = worker.market)]
    pub market: Account<Market>,
    #[account(expect::address = worker.pool)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(mut)]
    pub worker: Account<Worker>,
}

/// Gives a worker notice that it will be liquidated, or takes the notice back when there is no cause any more.
///
/// Specification (protocol.md, *Supply*):
/// 1. Anybody may, the worker too. Causes: a ban; a key that lapsed a day ago; a cover below the maintenance at the lower mark.
/// 2. A notice that stands is not renewed. One that nobody acted on lapses after a day, and the next begins anew.
pub fn handler(ctx: &mut Context<NotifyWorker>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let (terms, now) = (accounts.market.supply, clock.unix_timestamp);
    let owed = marks::owed(&accounts.worker, &accounts.pool, &mut accounts.observations, &accounts.market, &clock, Side::Punish)?;
    let cause = accounts.worker.cause(owed, &terms, now)?;
    accounts.worker.notify(cause, &terms, now);
    let event = Noticed {
        worker: *accounts.worker.address(),
        cause: cause.map_or(u8::MAX, |cause| cause as u8),
        notice_at: accounts.worker.notice_at,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
