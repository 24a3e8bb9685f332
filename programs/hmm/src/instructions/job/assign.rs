use alloc::vec::Vec;

use anchor_lang::prelude::*;

use crate::{
    bench::mark,
    books::{self, Asked},
    constants::ASSIGNMENT_SEED,
    errors::HmmError,
    events::{JobAssigned, emit_by_cpi},
    expect, marks,
    state::{ASSIGNMENT_VERSION, Assignment, Job, Market, Observations, Pool, Worker, add},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Assign {
    #[account(mut)]
    pub caller: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(init, payer = caller, seeds = [ASSIGNMENT_SEED, job.address().as_ref(), [job.assigned]], bump)]
    pub assignment: Account<Assignment>,
    #[account(mut)]
    pub worker: Account<Worker>,
    #[account(expect::address = worker.pool)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    pub system_program: Program<System>,
}

/// Names a worker for some of a job's vouchers. It reserves; no obligation moves.
///
/// Specification (protocol.md, *Jobs* 2):
/// 1. The client or its router, until `assign_by`, at most eight times.
/// 2. The worker owes the units and no other assignment waits for them; it is of the lines' pool, not banned, of the quality asked
///    for, its enclave key valid until the end of submitting, its capacity enough for all it has reserved.
/// 3. Part of its free bond is reserved: what is left, with what it holds, stands for all it owes at γ and the larger mean price.
/// 4. The fees of verification and of the reservation are set aside out of the job's credits.
pub fn handler(ctx: &mut Context<Assign>, units: Vec<u64>) -> Result<()> {
    mark("accounts");
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    accounts.worker.require_fit(&accounts.job)?;
    let asked = accounts.ask(&units, &clock)?;
    let actor = accounts.job.actor(accounts.caller.address());
    books::assign(&mut accounts.job, &mut accounts.assignment, &mut accounts.worker, actor, clock.unix_timestamp, &asked)?;

    let assignment = &mut accounts.assignment;
    assignment.version = ASSIGNMENT_VERSION;
    assignment.bump = ctx.bumps.assignment;
    assignment.newcomer = (accounts.worker.jobs < accounts.job.terms.newcomer.into()).into();
    assignment.job = *accounts.job.address();
    assignment.worker = *accounts.worker.address();
    assignment.rent_payer = *accounts.caller.address();
    accounts.job.open_assignments = accounts.job.open_assignments.saturating_add(1);

    let event = JobAssigned {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        index: assignment.index,
        assignment: *assignment.address(),
        worker: assignment.worker,
        by: *accounts.caller.address(),
        raw_units: assignment.raw_units.iter().take(units.len()).copied().collect(),
        units,
        bond: assignment.bond,
        fee: assignment.fee,
        fees: assignment.fees,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

impl Assign {
    /// Sets the units aside with the worker, and values them.
    #[inline(never)]
    fn ask(&mut self, units: &[u64], clock: &Clock) -> Result<Asked> {
        if units.len() != usize::from(self.job.line_count) {
            return Err(HmmError::AmountCount.refuse(self.job.line_count.into(), units.len() as u64));
        }
        let mut marks = marks::NONE;
        marks::all(&self.worker, &self.pool, &mut self.observations, &self.market, clock, &mut marks)?;
        let mut asked = Asked { free: self.worker.free_bond(marks::owed_at(&self.worker, &marks), self.job.gamma)?, ..Asked::default() };
        let places = asked.units.iter_mut().zip(&mut self.assignment.raw_units);
        for (line, (&units, (asked_units, raw))) in (0u8..).zip(units.iter().zip(places)) {
            if units == 0 {
                continue;
            }
            *raw = self.worker.reserve(&self.job, line, units, clock.unix_timestamp)?;
            *asked_units = units;
            asked.value = add(asked.value, self.job.value_ceil(usize::from(line), units, &marks))?;
        }
        Ok(asked)
    }
}
