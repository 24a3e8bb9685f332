use anchor_lang::prelude::*;
use hmm_job::{Actor, Phase};

use super::{close_assignment, ended};
use crate::{
    books::{self, Event},
    events::emit_by_cpi,
    expect,
    payout::SignerSeeds,
    state::{Assignment, Job, Market, Worker},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Unassign {
    pub caller: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut, expect::address = assignment.worker)]
    pub worker: Account<Worker>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = worker.vault)]
    pub worker_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut, unsafe(dup), expect::address = assignment.rent_payer)]
    pub rent_payer: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Ends a reservation before its start; the vouchers go back to the job.
///
/// Specification (protocol.md, *Jobs* 2):
/// 1. The worker's owner or operator declines: the reservation's fee goes back to the job. The client or its router release it:
///    the fee is the worker's. Both until `start_by`.
/// 2. The whole bond is free again; fees of verification go back to the job; the assignment's account is closed.
pub fn handler(ctx: &mut Context<Unassign>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let caller = accounts.caller.address();
    let (actor, event) =
        if accounts.worker.is_operated_by(caller) { (Actor::Worker, Event::Decline) } else { (accounts.job.actor(caller), Event::Release) };
    accounts.assignment.require_phase(Phase::Reserved)?;
    accounts.worker.unreserve(&accounts.job, &accounts.assignment)?;
    let flows = books::apply(&mut accounts.job, &mut accounts.assignment, &mut accounts.worker, actor, now, event)?.flows;

    let signer = SignerSeeds::of_job(&accounts.job);
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    if flows.escrow_to_worker != 0 {
        let (from, to) = (accounts.escrow.account(), accounts.worker_vault.account());
        credits.transfer(from, to, accounts.job.account(), flows.escrow_to_worker, &[&signer.seeds()]);
    }
    let event = ended(&mut accounts.job, &accounts.assignment, &flows);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    close_assignment(&mut accounts.job, &mut accounts.assignment, accounts.rent_payer.account())
}
