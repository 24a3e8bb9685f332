use anchor_lang::prelude::*;
use hmm_job::{Actor, Phase, committee};

use super::apply;
use crate::{
    books::Event,
    events::{Challenged, emit_by_cpi},
    expect,
    state::{Assignment, Job, Market},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Challenge {
    pub challenger: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut)]
    pub challenger_credits: UncheckedAccount,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Disputes a verdict, or joins the dispute, with a bond.
///
/// Specification (protocol.md, *Jobs* 6):
/// 1. Anybody may, while the verdict can be challenged; joining is possible until the draw, for four at most.
/// 2. The bond is max(least bond, V/2), rounded up, the same for everybody.
/// 3. The slot whose hash draws the second committee is named by the first challenge, about when joining ends.
pub fn handler(ctx: &mut Context<Challenge>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let challenger = *accounts.challenger.address();
    let first = accounts.assignment.phase() == Phase::Window;
    let flows = apply(&mut accounts.job, &mut accounts.assignment, Actor::Anyone, clock.unix_timestamp, Event::Challenge)?;
    let (assignment, terms) = (&mut accounts.assignment, &accounts.job.terms);
    assignment.name_challenger(&challenger);
    if first {
        let wait = assignment.until.saturating_sub(clock.unix_timestamp).saturating_sub(terms.draw_delay.into());
        assignment.draw_slot = committee::draw_slot(clock.slot, terms.draw_slots, wait.max(0).unsigned_abs());
    }
    let event = Challenged {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        assignment: *accounts.assignment.address(),
        challenger,
        bond: flows.wallet_to_escrow,
        challengers: accounts.assignment.challenger_count,
        until: accounts.assignment.until,
    };
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (from, to) = (accounts.challenger_credits.account(), accounts.escrow.account());
    credits.transfer(from, to, accounts.challenger.account(), flows.wallet_to_escrow, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
