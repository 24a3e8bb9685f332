use anchor_lang::prelude::*;
use hmm_math::{Ppm, Price, margin};

use crate::{
    errors::{HmmError, OrRefuse, SUBJECT_CALL},
    events::{Liquidated, emit_by_cpi},
    expect, marks,
    marks::Side,
    payout::SignerSeeds,
    state::{Cause, Market, Observations, Pool, SupplyTerms, Worker},
    token::{self, Credits},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Liquidate {
    pub liquidator: Signer,
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
    #[account(mut)]
    pub voucher_mint: UncheckedAccount,
    #[account(mut)]
    pub liquidator_vouchers: UncheckedAccount,
    #[account(mut)]
    pub liquidator_credits: UncheckedAccount,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Burns the caller's vouchers against what an unsound worker owes, for a payment out of what it has.
///
/// Specification (protocol.md, *Supply*):
/// 1. Anybody may, after the notice ran out and before it lapses, while its cause lasts; not of a series that is over. Nothing is sold to or bought from the pool.
/// 2. Pays n·min(premium·mark_lo, (bond + held)/owed), n's share of held first, then bond, then bond on its way out.
/// 3. Below the maintenance it stops where γ is restored: fewer units than asked for are burned then. Of a banned or lapsed worker
///    all it owes is ended.
/// 4. What is left of the share of held becomes bond. What a banned worker has when it owes nothing any more is burned.
/// 5. What the payment falls short of the mark is booked as the resource's bad debt.
pub fn handler(ctx: &mut Context<Liquidate>, resource: u8, units: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let terms = accounts.market.supply;
    accounts.pool.require_voucher_mint(resource, accounts.voucher_mint.address())?;
    accounts.pool.require_series(resource, resource, clock.unix_timestamp)?;
    let (pool, observations, market) = (&accounts.pool, &mut accounts.observations, &accounts.market);
    let mark = marks::mark(resource, pool, observations, market, &clock, Side::Punish)?;
    let owed = marks::owed(&accounts.worker, pool, observations, market, &clock, Side::Punish)?;
    let Some(cause) = accounts.worker.cause(owed, &terms, clock.unix_timestamp)? else {
        let least = margin::required_ceil(owed, Ppm(terms.maintenance)).or_refuse(SUBJECT_CALL)?;
        return Err(HmmError::WorkerSound.refuse(least, accounts.worker.cover()?));
    };
    accounts.worker.require_noticed(&terms, clock.unix_timestamp)?;

    let units = units.min(most(&accounts.worker, resource, cause, owed, mark, &terms)?);
    if units == 0 {
        return Err(HmmError::ZeroAmount.refuse(1, 0));
    }
    let value = margin::value_floor(units, mark);
    let done = accounts.worker.liquidate(resource, units, value, owed, &terms)?;
    accounts.pool.extinguish(resource, units)?;
    accounts.pool.book_bad_debt(resource, done.shortfall);

    let event = Liquidated {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        worker: *accounts.worker.address(),
        liquidator: *accounts.liquidator.address(),
        cause: cause as u8,
        resource,
        units,
        paid: done.paid,
        shortfall: done.shortfall,
        burned: done.forfeited,
    };
    accounts.move_tokens(units, done.paid, done.forfeited)?;
    accounts.pool.require_backed(resource, token::supply(accounts.voucher_mint.account())?)?;
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}

/// The most units that may be liquidated: what restores γ, or all, if the worker cannot or must not deliver.
fn most(worker: &Worker, resource: u8, cause: Cause, owed: u64, mark: Price, terms: &SupplyTerms) -> Result<u64> {
    let outstanding = worker.outstanding.get(usize::from(resource)).copied().unwrap_or_default();
    if cause != Cause::Margin {
        return Ok(outstanding);
    }
    let value = margin::restoring_ceil(owed, worker.cover()?, Ppm(terms.gamma), Ppm(terms.premium)).or_refuse(resource)?;
    Ok(outstanding.min(margin::units_ceil(value, mark)))
}

impl Liquidate {
    /// Burns the vouchers, pays the liquidator, burns what is forfeited.
    #[inline(never)]
    fn move_tokens(&self, units: u64, paid: u64, forfeited: u64) -> Result<()> {
        let (vouchers, mint) = (self.liquidator_vouchers.account(), self.voucher_mint.account());
        token::burn(self.token_program.address(), vouchers, mint, self.liquidator.account(), units, &[]);
        let signer = SignerSeeds::of_worker(&self.worker);
        let (seeds, worker, vault) = (signer.seeds(), self.worker.account(), self.worker_vault.account());
        let (program, mint) = (self.credit_token_program.address(), self.credit_mint.account());
        if paid != 0 {
            let credits = Credits { program, mint, decimals: self.market.credit_decimals };
            credits.transfer(vault, self.liquidator_credits.account(), worker, paid, &[&seeds]);
        }
        if forfeited != 0 {
            token::burn(program, vault, mint, worker, forfeited, &[&seeds]);
        }
        Ok(())
    }
}
