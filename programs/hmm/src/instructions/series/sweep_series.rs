use anchor_lang::prelude::*;

use crate::{
    errors::{HmmError, SUBJECT_CALL},
    events::{SeriesSwept, emit_by_cpi},
    expect,
    payout::SignerSeeds,
    state::{Market, Pool, Worker},
    token::{self, Credits},
};

#[event_cpi]
#[derive(Accounts)]
pub struct SweepSeries {
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub worker: Account<Worker>,
    #[account(mut, expect::address = worker.vault)]
    pub worker_vault: UncheckedAccount,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    pub voucher_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Takes what a worker holds for the units of a stopped series that it did not deliver, into the series' fund.
///
/// Specification (protocol.md, *Supply*, `delivery_end`):
/// 1. Anybody may, for each worker of the pool, once the series was stopped; a pause does not matter.
/// 2. All that is held for the units goes: of sold ones the proceeds, of minted ones what they were worth then. If that is less than their
///    value at the stop, the bond pays the difference as far as it goes; the shortfall is booked as bad debt.
/// 3. When nobody owes units any more, what the vouchers cannot claim of the fund becomes Θ.
pub fn handler(ctx: &mut Context<SweepSeries>, resource: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    if accounts.worker.pool != *accounts.pool.address() {
        return Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, accounts.pool.address(), &accounts.worker.pool));
    }
    accounts.pool.require_voucher_mint(resource, accounts.voucher_mint.address())?;
    let swept = accounts.pool.sweep(resource, &mut accounts.worker)?;
    accounts.pool.release_excess(resource, token::supply(accounts.voucher_mint.account())?)?;

    let event = SeriesSwept {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        resource,
        worker: *accounts.worker.address(),
        units: swept.units,
        credits: swept.credits,
        shortfall: swept.shortfall,
    };
    if swept.credits != 0 {
        let signer = SignerSeeds::of_worker(&accounts.worker);
        let credits = Credits {
            program: accounts.credit_token_program.address(),
            mint: accounts.credit_mint.account(),
            decimals: accounts.market.credit_decimals,
        };
        let (from, to) = (accounts.worker_vault.account(), accounts.credit_vault.account());
        credits.transfer(from, to, accounts.worker.account(), swept.credits, &[&signer.seeds()]);
    }
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
