use anchor_lang::prelude::*;
use hmm_job::Actor;

use crate::{
    books::{self, Booked, Event},
    events::{AssignmentSettled, emit_by_cpi},
    expect,
    instructions::verifier::SetSeeds,
    payout::{Purse, SignerSeeds, Vaults},
    state::{Assignment, Job, Market, VerifierSet, Worker, add},
    token::{self, Credits},
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Settle {
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut, expect::address = assignment.worker)]
    pub worker: Account<Worker>,
    pub verifier_set: Account<VerifierSet>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = worker.vault)]
    pub worker_vault: UncheckedAccount,
    #[account(mut, expect::address = verifier_set.bonus_vault)]
    pub bonus_vault: UncheckedAccount,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Pays everything out by the final verdict.
///
/// Specification (protocol.md, *Jobs* 7, *Quality*, *Rewards*):
/// 1. Anybody may, once the verdict cannot be disputed any more; once. No pause halts it, nobody's account is needed.
/// 2. Who gets what is the machine's (`hmm_job`): at most one transfer between worker and escrow, one burn out of each.
/// 3. The bonus is min(what the machine says, what the market's vault for bonuses has).
/// 4. The worker's quality learns of the outcome; whatever cannot be recorded does not hold up the rest.
/// 5. Proven fraud bans the worker.
pub fn handler(ctx: &mut Context<Settle>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    accounts.verifier_set.require_market(accounts.market.address())?;
    let (job, assignment, worker) = (&mut accounts.job, &mut accounts.assignment, &mut accounts.worker);
    let booked = books::apply(job, assignment, worker, Actor::Anyone, now, Event::Settle)?;
    let bonus = match booked.bonus {
        0 => 0,
        bonus => bonus.min(token::balance(accounts.bonus_vault.account())?),
    };
    worker.claimable = add(worker.claimable, bonus)?;
    worker.jobs = worker.jobs.saturating_add(1);
    if booked.ban {
        worker.banned = true.into();
    }
    worker.record(job, assignment, now);
    let event = AssignmentSettled {
        job: *job.address(),
        sequence: job.next_sequence(),
        assignment: *assignment.address(),
        worker: *worker.address(),
        outcome: assignment.outcome.saturating_sub(1),
        score: assignment.score,
        bonus,
        to_client: booked.flows.worker_to_escrow,
        burned: add(booked.flows.worker_burn, booked.flows.escrow_burn)?,
        banned: booked.ban,
    };
    accounts.move_tokens(&booked, bonus)?;
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

impl Settle {
    #[inline(never)]
    fn move_tokens(&self, booked: &Booked, bonus: u64) -> Result<()> {
        let (of_job, of_worker, of_set) =
            (SignerSeeds::of_job(&self.job), SignerSeeds::of_worker(&self.worker), SetSeeds::of(&self.verifier_set));
        let (job, worker, set) = (of_job.seeds(), of_worker.seeds(), of_set.seeds());
        let seeds: [&[&[u8]]; 3] = [&job, &worker, &set];
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), booked.flows.count().saturating_add(1));
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        let program = self.credit_token_program.address();
        let credits = || Credits { program, mint: self.credit_mint.account(), decimals: self.market.credit_decimals };
        let vaults = Vaults {
            escrow: Some(Purse { account: self.escrow.account(), authority: self.job.account() }),
            worker: Some(Purse { account: self.worker_vault.account(), authority: self.worker.account() }),
            ..Vaults::of(credits())
        };
        booked.flows.pay(&mut calls, &vaults)?;
        if bonus != 0 {
            let (from, to) = (self.bonus_vault.account(), self.worker_vault.account());
            calls.transfer(&credits(), from, to, self.verifier_set.account(), bonus)?;
        }
        calls.finish()
    }
}
