use anchor_lang::prelude::*;
use hmm_math::margin;

use crate::{
    bench::mark,
    events::{Supplied, emit_by_cpi},
    expect,
    instructions::pool::PoolSeeds,
    legs::{Leg, LegKind},
    marks,
    marks::Side,
    state::{Market, Observations, Pool, Released, Worker, epoch},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Supply {
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
    #[account(mut, expect::address = worker.vault)]
    pub worker_vault: UncheckedAccount,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Sells capacity to the pool: vouchers come into being as Ψ, their proceeds are held until they are delivered or retired.
///
/// Specification (HIP-004 *Supply*, `Ψ^eff = Σ qⱼ·Ψⱼ`; protocol.md, *Supply*):
/// 1. Only the owner of a worker that is not banned, whose key is valid, before the series closes.
/// 2. `floor(q·raw_units)` vouchers are sold along the curve, with a seller's fees; the proceeds are not below `min_proceeds`.
/// 3. The raw units behind all it owes of the resource are at most what its attested capacity delivers in the time left.
/// 4. Bond and held, the proceeds included, stand for all it owes at γ, at the higher mark before the sale.
/// 5. `voucher supply + psi + in_jobs` and `issued` grow by the same.
pub fn handler(ctx: &mut Context<Supply>, resource: u8, raw_units: u64, min_proceeds: u64) -> Result<()> {
    mark("accounts");
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let terms = accounts.market.supply;
    accounts.market.require_unpaused(clock.unix_timestamp)?;
    accounts.pool.require_active()?;

    let units = margin::minted_floor(raw_units, accounts.worker.quality(resource, epoch(clock.unix_timestamp)));
    accounts.worker.reinstate(resource, units, &Released::default())?;
    accounts.worker.require_capacity(&accounts.pool, resource, &terms, clock.unix_timestamp)?;
    let owed = marks::owed(&accounts.worker, &accounts.pool, &mut accounts.observations, &accounts.market, &clock, Side::Trust)?;

    let (fees, leg) = (accounts.market.fees(), Leg { resource, kind: LegKind::SellExactIn, amount: units, limit: min_proceeds });
    let mut reserve = leg.open(&accounts.pool, resource, &clock, &fees)?;
    let fill = leg.trade(&mut reserve, resource, clock.slot, &fees)?;
    accounts.pool.store(resource, &reserve);
    accounts.pool.accrue(&fill.fee)?;
    accounts.pool.issue(resource, units)?;
    accounts.worker.reinstate(resource, 0, &Released { held: fill.credits, burned: fill.fee.burn })?;
    accounts.worker.require_margin(owed, terms.gamma)?;

    let event = Supplied {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        worker: *accounts.worker.address(),
        resource,
        raw_units,
        units,
        held: fill.credits,
        fee: fill.fee.total,
        burned: fill.fee.burn,
        to_lps: fill.fee.lp,
        psi: reserve.psi.0,
        theta: reserve.theta.0,
    };
    let signer = PoolSeeds::of(&accounts.pool);
    let token = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (vault, to) = (accounts.credit_vault.account(), accounts.worker_vault.account());
    token.transfer(vault, to, accounts.pool.account(), fill.credits, &[&signer.seeds()]);
    accounts.observations.last_slot = clock.slot;
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
