use anchor_lang::prelude::*;
use hmm_job::{Actor, committee};

use super::apply;
use crate::{
    books::Event,
    events::{Appealed, emit_by_cpi},
    expect,
    state::{Assignment, Job, Market},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Appeal {
    pub appellant: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut)]
    pub appellant_credits: UncheckedAccount,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Appeals against the ruling of the second committee, with a bond.
///
/// Specification (protocol.md, *Jobs* 6):
/// 1. Anybody may, while the ruling can be appealed against; once.
/// 2. The bond is a challenger's.
pub fn handler(ctx: &mut Context<Appeal>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    let appellant = *accounts.appellant.address();
    let flows = apply(&mut accounts.job, &mut accounts.assignment, Actor::Anyone, clock.unix_timestamp, Event::Appeal)?;
    accounts.assignment.appellant = appellant;
    accounts.assignment.draw_slot = committee::draw_slot(clock.slot, accounts.job.terms.draw_slots, 0);
    let event = Appealed {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        assignment: *accounts.assignment.address(),
        appellant,
        bond: flows.wallet_to_escrow,
        until: accounts.assignment.until,
    };
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (from, to) = (accounts.appellant_credits.account(), accounts.escrow.account());
    credits.transfer(from, to, accounts.appellant.account(), flows.wallet_to_escrow, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
