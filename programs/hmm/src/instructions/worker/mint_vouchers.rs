use anchor_lang::prelude::*;
use hmm_math::margin;

use crate::{
    errors::HmmError,
    events::{VouchersMinted, emit_by_cpi},
    expect,
    instructions::pool::PoolSeeds,
    marks,
    marks::Side,
    state::{Market, Observations, Pool, Released, Worker, epoch},
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct MintVouchers {
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
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Mints vouchers against a worker's bond, to provide liquidity with.
///
/// Specification (protocol.md, *Supply*):
/// 1. As `supply`, except that nothing is sold: the bond alone stands for what is minted.
/// 2. Of a series their value at the higher mark is held at once, out of the bond, as if the worker had sold them to itself: who sells them to
///    the pool before the end and never delivers must not get off with what they are worth after that.
/// 3. Also before the pool's first deposit, which needs vouchers.
pub fn handler(ctx: &mut Context<MintVouchers>, resource: u8, raw_units: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let terms = accounts.market.supply;
    accounts.market.require_unpaused(clock.unix_timestamp)?;
    accounts.pool.require_voucher_mint(resource, accounts.voucher_mint.address())?;

    let units = margin::minted_floor(raw_units, accounts.worker.quality(resource, epoch(clock.unix_timestamp)));
    if units == 0 {
        return Err(HmmError::ZeroAmount.refuse(1, 0));
    }
    accounts.worker.reinstate(resource, units, &Released::default())?;
    accounts.worker.require_capacity(&accounts.pool, resource, &terms, clock.unix_timestamp)?;
    let owed = marks::owed(&accounts.worker, &accounts.pool, &mut accounts.observations, &accounts.market, &clock, Side::Trust)?;
    accounts.worker.require_margin(owed, terms.gamma)?;
    if accounts.pool.is_series(resource) {
        let (pool, observations, market) = (&accounts.pool, &mut accounts.observations, &accounts.market);
        let mark = marks::mark(resource, pool, observations, market, &clock, Side::Trust)?;
        accounts.worker.pledge(resource, margin::value_ceil(units, mark))?;
    }
    accounts.pool.issue(resource, units)?;

    let event = VouchersMinted {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        worker: *accounts.worker.address(),
        resource,
        raw_units,
        units,
        to: *accounts.destination.address(),
    };
    let signer = PoolSeeds::of(&accounts.pool);
    let (mint, to) = (accounts.voucher_mint.account(), accounts.destination.account());
    token::mint_to(accounts.token_program.address(), mint, to, accounts.pool.account(), units, &[&signer.seeds()]);
    accounts.pool.require_backed(resource, token::supply(mint)?)?;
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
