use anchor_lang::prelude::*;
use hmm_job::{Actor, JobEvent};

use crate::{
    books,
    events::{JobClosed, emit_by_cpi},
    state::Job,
};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseJob {
    pub caller: Signer,
    #[account(mut)]
    pub job: Account<Job>,
}

/// Ends a job; what is left of it becomes the client's to take out.
///
/// Specification (protocol.md, *Jobs* 3):
/// 1. The client whenever no assignment is live; anybody from `assign_by` on. No pause halts it.
/// 2. The reason is the worst outcome of its assignments; without any, that the client cancelled it or that it expired.
/// 3. Vouchers go back as vouchers, never as credits.
pub fn handler(ctx: &mut Context<CloseJob>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let event = match accounts.job.actor(accounts.caller.address()) {
        Actor::Client => (Actor::Client, JobEvent::Cancel),
        _ => (Actor::Anyone, JobEvent::Close),
    };
    books::apply_job(&mut accounts.job, event.0, now, event.1)?;
    let state = accounts.job.machine().state();
    let event = JobClosed {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        by: *accounts.caller.address(),
        reason: accounts.job.closed.saturating_sub(1),
        state: state as u8,
        credits: accounts.job.client_claim,
        units: accounts.job.lines().iter().map(|line| line.claim).collect(),
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
