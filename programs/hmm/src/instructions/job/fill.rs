use alloc::vec::Vec;

use anchor_lang::prelude::*;
use hmm_job::JobEvent;

use crate::{
    bench::mark,
    books,
    errors::HmmError,
    events::{JobFilled, LegTraded, emit_by_cpi},
    expect,
    legs::{Leg, require_legs},
    payout::SignerSeeds,
    state::{Job, Market, Observations, Pool, add},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Fill {
    pub caller: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Buys what a job needs of one pool, with the job's credits: the vouchers become numbers of the job.
///
/// Specification (protocol.md, *Jobs* 2, *Trading*):
/// 1. The client or its router, until `assign_by`, not while the market is paused.
/// 2. The pool is of the SLA that the job asks for; each leg buys for a line of the job, no more than it wants in all, no dearer
///    than it allows, within the leg's own limit.
/// 3. Every leg prices as `swap` does; the job pays what Θ, the LPs' pending fees, the burn and the treasury gain, in one transfer.
/// 4. `voucher supply + psi + in_jobs` stays what it was.
pub fn handler(ctx: &mut Context<Fill>, legs: Vec<Leg>) -> Result<()> {
    mark("accounts");
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    accounts.market.require_unpaused(clock.unix_timestamp)?;
    accounts.pool.require_active()?;
    accounts.job.require_pool(&accounts.pool)?;
    require_legs(&legs)?;

    let (fees, mark_depth) = (accounts.market.fees(), accounts.market.supply.mark_depth);
    let actor = accounts.job.actor(accounts.caller.address());
    let pool_address = *accounts.pool.address();
    let mut paid = 0u64;
    let mut traded = Vec::with_capacity(legs.len());
    for (place, leg) in (0u8..).zip(&legs) {
        if !leg.kind.is_buy() {
            return Err(HmmError::JobOnlyBuys.about(place, 1, leg.kind as u64).into());
        }
        let line = accounts.job.line_of(place, &pool_address, leg.resource)?;
        accounts.job.require_series(&accounts.pool, leg.resource)?;
        let mut reserve = leg.open(&accounts.pool, place, &clock, &fees)?;
        accounts.observations.observe(leg.resource, &reserve, clock.unix_timestamp, mark_depth);
        let fill = leg.trade(&mut reserve, place, clock.slot, &fees)?;
        accounts.pool.store(leg.resource, &reserve);
        accounts.pool.accrue(&fill.fee)?;
        accounts.pool.enter_job(leg.resource, fill.units)?;
        accounts.job.take_in(line, place, fill.units)?;
        accounts.job.require_price(line, place, fill.units, fill.credits)?;
        let event = JobEvent::Fill { resource: line, units: fill.units, paid: fill.credits, burned: fill.fee.burn };
        paid = add(paid, books::apply_job(&mut accounts.job, actor, clock.unix_timestamp, event)?.escrow_to_pool)?;
        traded.push(LegTraded {
            resource: leg.resource,
            kind: leg.kind as u8,
            units: fill.units,
            credits: fill.credits,
            fee: fill.fee.total,
            burned: fill.fee.burn,
            to_lps: fill.fee.lp,
            psi: reserve.psi.0,
            theta: reserve.theta.0,
        });
    }

    accounts.observations.last_slot = clock.slot;
    let event = JobFilled {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        pool: pool_address,
        pool_sequence: accounts.pool.next_sequence(),
        by: *accounts.caller.address(),
        paid,
        credits: accounts.job.credits,
        legs: traded,
    };
    let signer = SignerSeeds::of_job(&accounts.job);
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (escrow, vault) = (accounts.escrow.account(), accounts.credit_vault.account());
    credits.transfer(escrow, vault, accounts.job.account(), paid, &[&signer.seeds()]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
