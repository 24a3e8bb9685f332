use anchor_lang::prelude::*;
use hmm_job::{Actor, Phase};

use crate::{
    books::{self, Booked, Event},
    errors::HmmError,
    events::{AssignmentStarted, emit_by_cpi},
    expect, marks,
    payout::SignerSeeds,
    state::{Assignment, Job, MAX_LINES, Market, Observations, Pool, Worker, add},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Start {
    pub operator: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut, expect::address = assignment.worker)]
    pub worker: Account<Worker>,
    #[account(mut, expect::address = worker.pool)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = worker.vault)]
    pub worker_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// The worker starts: its obligation for the units ends, its share of held becomes the assignment's payment.
///
/// Specification (protocol.md, *Jobs* 3):
/// 1. The worker's owner or operator, until `start_by`; of a gang only when no voucher of the job is unassigned.
/// 2. The job's vouchers end: `issued` and `in_jobs` fall by the same units, so that `voucher supply + psi + in_jobs = issued` stays.
/// 3. The reserved bond becomes (cost − payment)⁺ + (γ − 1)·payment; refused if that leaves the worker below γ at the larger mean
///    price, where nobody's trade in the same slot counts.
/// 4. The reservation's fee is the worker's.
pub fn handler(ctx: &mut Context<Start>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let actor = if accounts.worker.is_operated_by(accounts.operator.address()) { Actor::Worker } else { Actor::Anyone };
    let fee = accounts.assignment.fee;
    let flows = accounts.begin(actor, &clock)?.flows;

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
    let event = AssignmentStarted {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        index: accounts.assignment.index,
        worker: accounts.assignment.worker,
        payment: accounts.assignment.payment,
        cost: accounts.assignment.cost,
        bond: accounts.assignment.bond,
        fee,
        launched: accounts.job.launched.into(),
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}

impl Start {
    /// Ends the obligations, line by line, and books the start.
    #[inline(never)]
    fn begin(&mut self, actor: Actor, clock: &Clock) -> Result<Booked> {
        self.assignment.require_phase(Phase::Reserved)?;
        let mut marks = marks::NONE;
        marks::all(&self.worker, &self.pool, &mut self.observations, &self.market, clock, &mut marks)?;
        let (mut held, mut value, mut burned) = ([0; MAX_LINES], [0; MAX_LINES], 0u64);
        self.worker.unreserve(&self.job, &self.assignment)?;
        for (i, lot) in self.assignment.lots.into_iter().enumerate() {
            let units = lot.units()?;
            let Some(line) = self.job.lines.get(i).filter(|_| units != 0) else { continue };
            let released = self.worker.extinguish(line.resource, units)?;
            self.pool.deliver(line.resource, units)?;
            burned = add(burned, released.burned)?;
            for (array, amount) in [
                (&mut held, released.held),
                (&mut value, self.job.value_ceil(i, units, &marks)),
                (&mut self.assignment.burned_shares, released.burned),
            ] {
                *array.get_mut(i).ok_or_else(|| HmmError::Overflow.refuse(MAX_LINES as u64, i as u64))? = amount;
            }
        }
        let free = self.worker.free_bond(marks::owed_at(&self.worker, &marks), self.job.gamma)?;
        (self.assignment.shares, self.assignment.values) = (held, value);
        let event = Event::Start { held, value, burned, free };
        books::apply(&mut self.job, &mut self.assignment, &mut self.worker, actor, clock.unix_timestamp, event)
    }
}
