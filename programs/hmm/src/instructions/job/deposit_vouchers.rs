use anchor_lang::prelude::*;
use hmm_job::JobEvent;

use crate::{
    books,
    errors::HmmError,
    events::{VouchersDeposited, emit_by_cpi},
    expect,
    state::{Job, Pool},
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct DepositVouchers {
    #[account(expect::signer = job.owner)]
    pub owner: Signer,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub voucher_mint: UncheckedAccount,
    #[account(mut)]
    pub owner_vouchers: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Brings vouchers from the client's wallet into its job: burns them there, counts them here.
///
/// Specification (protocol.md, *Jobs* 2):
/// 1. Only the client, until `assign_by`; of a pool with the SLA the job asks for, no more than a line wants in all.
/// 2. `voucher supply + psi + in_jobs` stays what it was.
pub fn handler(ctx: &mut Context<DepositVouchers>, resource: u8, units: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    accounts.job.require_pool(&accounts.pool)?;
    accounts.job.require_series(&accounts.pool, resource)?;
    let pool_address = *accounts.pool.address();
    let line = accounts.job.line_of(0, &pool_address, resource)?;
    let expected = accounts.pool.voucher_mints.get(usize::from(resource)).copied().unwrap_or_default();
    if expected != *accounts.voucher_mint.address() {
        return Err(HmmError::WrongAccount.refuse_account(3, &expected, accounts.voucher_mint.address()));
    }
    accounts.job.take_in(line, 0, units)?;
    let actor = accounts.job.actor(accounts.owner.address());
    books::apply_job(&mut accounts.job, actor, now, JobEvent::Deposit { resource: line, units })?;
    accounts.pool.enter_job(resource, units)?;

    let event = VouchersDeposited {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        pool: pool_address,
        pool_sequence: accounts.pool.next_sequence(),
        resource,
        units,
    };
    let (vouchers, mint) = (accounts.owner_vouchers.account(), accounts.voucher_mint.account());
    token::burn(accounts.token_program.address(), vouchers, mint, accounts.owner.account(), units, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.require_backed(resource, token::supply(mint)?)?;
    accounts.pool.invariant()
}
