use anchor_lang::prelude::*;
use hmm_job::{Actor, JobEvent};

use crate::{
    books,
    events::{JobToppedUp, emit_by_cpi},
    expect,
    state::{Job, Market},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct TopUp {
    pub payer: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut)]
    pub payer_credits: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Adds credits to a job.
///
/// Specification (protocol.md, *Jobs* 1):
/// 1. Anybody may, until the job is closed; what is left goes to the client.
pub fn handler(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let flows = books::apply_job(&mut accounts.job, Actor::Anyone, now, JobEvent::TopUp { amount })?;
    let event = JobToppedUp {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        by: *accounts.payer.address(),
        amount,
        credits: accounts.job.credits,
    };
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (from, to) = (accounts.payer_credits.account(), accounts.escrow.account());
    credits.transfer(from, to, accounts.payer.account(), flows.wallet_to_escrow, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
