use anchor_lang::prelude::*;
use hmm_job::{Actor, Phase};

use super::{close_assignment, ended};
use crate::{
    books::{self, Booked, Event, Flows},
    events::emit_by_cpi,
    expect,
    payout::{Purse, SignerSeeds, Vaults},
    state::{Assignment, Job, Market, Pool, Worker},
    token::Credits,
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Expire {
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
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = worker.vault)]
    pub worker_vault: UncheckedAccount,
    /// Where the caller wants the finder's part.
    #[account(mut)]
    pub finder_credits: UncheckedAccount,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut, expect::address = assignment.rent_payer)]
    pub rent_payer: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Ends an assignment that missed its time.
///
/// Specification (protocol.md, *Jobs* 2, 3, 7):
/// 1. Anybody may, from the very second of the deadline, whether or not the market is paused.
/// 2. Not started by `start_by`: vouchers and fee back to the job, a part of the reservation bond slashed. Of a gang that was never
///    sealed nobody could start: no slash, and the fee is the worker's.
/// 3. Started, but the gang was not complete by `start_by`: the start is undone, number by number.
/// 4. Nothing submitted by `submit_by`: the client gets its full cost, the rest of the payment burns, the bond is slashed.
/// 5. The caller has the finder's part of a slash at once; the rest of it burns; the assignment's account is closed.
pub fn handler(ctx: &mut Context<Expire>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let flows = accounts.end(now)?.flows;
    accounts.pay(&flows)?;
    let event = ended(&mut accounts.job, &accounts.assignment, &flows);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    close_assignment(&mut accounts.job, &mut accounts.assignment, accounts.rent_payer.account())?;
    accounts.pool.invariant()
}

impl Expire {
    #[inline(never)]
    fn end(&mut self, now: i64) -> Result<Booked> {
        let event = match self.assignment.phase() {
            Phase::Reserved => Event::NoShow,
            Phase::Running if bool::from(self.job.gang) && !bool::from(self.job.launched) => Event::Unwind,
            _ => Event::Lapse,
        };
        match event {
            Event::NoShow => self.worker.unreserve(&self.job, &self.assignment)?,
            Event::Unwind => self.undo_start()?,
            _ => (),
        }
        let booked = books::apply(&mut self.job, &mut self.assignment, &mut self.worker, Actor::Anyone, now, event)?;
        self.worker.record(&self.job, &self.assignment, now);
        Ok(booked)
    }

    /// The exact inverse of what a start did to obligations and vouchers.
    fn undo_start(&mut self) -> Result<()> {
        for (i, (line, lot)) in self.job.lines.iter().zip(self.assignment.lots).enumerate() {
            let units = lot.units()?;
            if units != 0 {
                self.worker.reinstate(line.resource, units, &self.assignment.released(i))?;
                self.pool.undeliver(line.resource, units)?;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn pay(&self, flows: &Flows) -> Result<()> {
        let signers = (SignerSeeds::of_job(&self.job), SignerSeeds::of_worker(&self.worker));
        let (job_seeds, worker_seeds) = (signers.0.seeds(), signers.1.seeds());
        let seeds: [&[&[u8]]; 2] = [&job_seeds, &worker_seeds];
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), flows.count());
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        let credits = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        let vaults = Vaults {
            escrow: Some(Purse { account: self.escrow.account(), authority: self.job.account() }),
            worker: Some(Purse { account: self.worker_vault.account(), authority: self.worker.account() }),
            finder: Some(self.finder_credits.account()),
            ..Vaults::of(credits)
        };
        flows.pay(&mut calls, &vaults)?;
        calls.finish()
    }
}
