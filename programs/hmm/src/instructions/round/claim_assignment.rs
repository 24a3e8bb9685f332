use anchor_lang::prelude::*;

use crate::{
    errors::HmmError,
    events::{AssignmentClaimed, emit_by_cpi},
    expect,
    instructions::job::close_assignment,
    payout::SignerSeeds,
    state::{Assignment, Job, Market, add},
    token::Credits,
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct ClaimAssignment {
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(mut, expect::address = assignment.rent_payer)]
    pub rent_payer: UncheckedAccount,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Pays challengers, the appellant and whoever proved a fraud what is theirs, and closes an assignment in which nothing is left.
///
/// Remaining accounts: a token account of each payee, writable. None, to close only.
///
/// Specification (protocol.md, *Jobs* 6, 7):
/// 1. Anybody may. Whose a token account is says who is paid; one of somebody to whom nothing is due is refused.
/// 2. Payees do not depend on each other: one whose account is gone holds up nobody's pay.
/// 3. An assignment that is done and owes nobody anything is closed; its rent goes back to its payer.
/// 4. Refused when there is nothing to do.
pub fn handler(ctx: &mut Context<ClaimAssignment>) -> Result<()> {
    let payees = ctx.remaining_accounts()?;
    let accounts = &mut ctx.accounts;
    let paid = accounts.pay(&payees)?;
    accounts.job.set_aside = accounts.job.set_aside.checked_sub(paid).ok_or_else(|| HmmError::Overflow.refuse(paid, 0))?;
    let closed = accounts.assignment.is_spent();
    if paid == 0 && !closed {
        return Err(HmmError::NothingToCollect.refuse(1, 0));
    }
    let event = AssignmentClaimed {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        assignment: *accounts.assignment.address(),
        paid,
        closed,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    if closed {
        close_assignment(&mut accounts.job, &mut accounts.assignment, accounts.rent_payer.account())?;
    }
    Ok(())
}

impl ClaimAssignment {
    /// Pays every account what is its owner's; gives the sum. Errors: `WrongAccount` for another mint, `NotPayee`; `Overflow`.
    #[inline(never)]
    fn pay(&mut self, payees: &[AccountView]) -> Result<u64> {
        let signer = SignerSeeds::of_job(&self.job);
        let seeds = signer.seeds();
        let seeds: [&[&[u8]]; 1] = [&seeds];
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), payees.len());
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        let (program, mint) = (self.credit_token_program.address(), self.credit_mint.account());
        let credits = Credits { program, mint, decimals: self.market.credit_decimals };
        let mut paid = 0;
        for (place, account) in (0u8..).zip(payees) {
            let payee = crate::payout::owner_of(account, mint.address())?;
            let due = self.assignment.take_claims(&payee);
            if due == 0 {
                return Err(HmmError::NotPayee.refuse_account(place, &Address::default(), &payee));
            }
            calls.transfer(&credits, self.escrow.account(), account, self.job.account(), due)?;
            paid = add(paid, due)?;
        }
        calls.finish()?;
        Ok(paid)
    }
}
