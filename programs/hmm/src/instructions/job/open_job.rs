use anchor_lang::prelude::*;
use anchor_spl::{
    token,
    token_interface::{TokenAccount, TokenInterface},
};

use crate::{
    constants::{ESCROW_SEED, JOB_SEED},
    errors::{HmmError, OrRefuseJob},
    events::{JobOpened, emit_by_cpi},
    expect,
    state::{Client, JOB_VERSION, Job, JobSpec, MAX_LINES, Market},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenJob {
    #[account(mut, expect::signer = client.owner)]
    pub owner: Signer,
    #[account(expect::address = client.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub client: Account<Client>,
    #[account(init, payer = owner, seeds = [JOB_SEED, client.address().as_ref(), client.jobs.to_le_bytes()], bump)]
    pub job: Account<Job>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(
        init, payer = owner, seeds = [ESCROW_SEED, job.address().as_ref()], bump,
        token::mint = credit_mint, token::authority = job, token::token_program = credit_token_program
    )]
    pub escrow: InterfaceAccount<TokenAccount>,
    #[account(mut)]
    pub owner_credits: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: Interface<'static, TokenInterface>,
    pub system_program: Program<System>,
}

/// Opens a job: locks credits in an escrow of its own, and copies the terms it will run under.
///
/// Specification (protocol.md, *Jobs* 1):
/// 1. Only a registered client, not while the market is paused; its id never returns.
/// 2. No later change of the market's parameters reaches the job.
/// 3. `escrow = credits`.
pub fn handler(ctx: &mut Context<OpenJob>, spec: &JobSpec, budget: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    accounts.market.require_unpaused(now)?;
    spec.validate()?;
    let longest = now.saturating_add(accounts.market.jobs.longest.into());
    if spec.submit_by > longest {
        return Err(HmmError::JobTooLong.refuse(longest.unsigned_abs(), spec.submit_by.unsigned_abs()));
    }

    let id = accounts.client.next_job_id()?;
    let job_address = *accounts.job.address();
    let job = &mut accounts.job;
    job.version = JOB_VERSION;
    job.bump = ctx.bumps.job;
    job.id = id;
    job.market = *accounts.market.address();
    job.client = *accounts.client.address();
    job.owner = *accounts.owner.address();
    job.escrow = *accounts.escrow.address();
    job.rent_payer = *accounts.owner.address();
    job.gamma = accounts.market.supply.gamma;
    job.terms = accounts.market.jobs;
    spec.store(job);
    open(job, now, budget)?;

    let event = JobOpened {
        job: job_address,
        sequence: job.next_sequence(),
        market: job.market,
        client: job.client,
        owner: job.owner,
        router: job.router,
        id,
        budget,
        gang: spec.gang,
        proof_level: spec.proof_level,
        assign_by: spec.assign_by,
        start_by: spec.start_by,
        submit_by: spec.submit_by,
        lines: spec.lines.clone(),
    };
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    credits.transfer(accounts.owner_credits.account(), accounts.escrow.account(), accounts.owner.account(), budget, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

/// Lets the machine judge terms and budget.
#[inline(never)]
fn open(job: &mut Job, now: i64, budget: u64) -> Result<()> {
    let (machine, _) = hmm_job::Job::<MAX_LINES>::open(job.machine().terms, now, budget).or_refuse()?;
    job.store(&machine);
    Ok(())
}
