use alloc::{vec, vec::Vec};

use anchor_lang::{AccountClose, AnchorAccount, prelude::*};

use crate::{
    errors::HmmError,
    events::{JobClaimed, emit_by_cpi},
    expect,
    instructions::pool::PoolSeeds,
    payout::{SignerSeeds, require_owned_by},
    state::{Job, MAX_LINES, Market, Pool},
    token::{self, Credits, Seeds},
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct ClaimJob {
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut)]
    pub owner_credits: UncheckedAccount,
    #[account(mut, expect::address = job.rent_payer)]
    pub rent_payer: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Vouchers of one line on their way to the client's wallet.
struct Part<'a> {
    line: usize,
    units: u64,
    pool: &'a AccountView,
    mint: &'a AccountView,
    to: &'a AccountView,
    signer: PoolSeeds,
}

/// Pays a closed job out to its client; when nothing is left in it for anybody, closes escrow and job.
///
/// Remaining accounts: for each line that is claimed its pool, its voucher mint and the client's account of it, all writable. Lines
/// can be claimed one by one; the credits are paid with the first call.
///
/// Specification (protocol.md, *Jobs* 7):
/// 1. Anybody may; credits and vouchers go to token accounts that are the client's, the rent to whoever paid it.
/// 2. `voucher supply + psi + in_jobs` stays what it was.
/// 3. What was donated to the escrow cannot block it: it is burned.
pub fn handler(ctx: &mut Context<ClaimJob>) -> Result<()> {
    let remaining = ctx.remaining_accounts()?;
    let accounts = &mut ctx.accounts;
    let parts = accounts.take(&remaining)?;
    let credits = core::mem::take(&mut accounts.job.client_claim);
    let done = accounts.job.is_spent();
    if credits == 0 && parts.is_empty() && !done {
        return Err(HmmError::NothingToClaim.refuse(1, 0));
    }
    accounts.pay(&parts, credits, done)?;

    let mut units = vec![0; usize::from(accounts.job.line_count)];
    for part in &parts {
        if let Some(units) = units.get_mut(part.line) {
            *units = part.units;
        }
    }
    let event = JobClaimed { job: *accounts.job.address(), sequence: accounts.job.next_sequence(), credits, units, done };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    if done {
        accounts.job.close(*accounts.rent_payer.account())?;
    }
    Ok(())
}

impl ClaimJob {
    /// Books the vouchers of the lines whose accounts are given.
    #[inline(never)]
    fn take<'a>(&mut self, remaining: &'a [AccountView]) -> Result<Vec<Part<'a>>> {
        let lines = remaining.len() / 3;
        if lines.saturating_mul(3) != remaining.len() || lines > MAX_LINES {
            return Err(HmmError::AccountCount.refuse(lines.saturating_mul(3) as u64, remaining.len() as u64));
        }
        let owner = self.job.owner;
        let mut parts = Vec::with_capacity(lines);
        for (place, accounts) in (0u8..).zip(remaining.chunks_exact(3)) {
            let [pool_view, mint, to] = accounts else { continue };
            // SAFETY: none of the declared accounts is a pool, and the one of the pass before was dropped.
            let mut pool = unsafe { Account::<Pool>::load_mut(*pool_view) }?;
            let is_it = |line: &&mut crate::state::Line| {
                let mint_of_line = pool.voucher_mints.get(usize::from(line.resource));
                line.claim != 0
                    && anchor_lang::address_eq(&line.pool, pool_view.address())
                    && mint_of_line.is_some_and(|expected| anchor_lang::address_eq(expected, mint.address()))
            };
            let mut lines = self.job.lines.iter_mut().enumerate();
            let Some((index, line)) = lines.find(|(_, line)| is_it(line)) else {
                return Err(HmmError::NothingToClaim.about(place, 1, 0).into());
            };
            require_owned_by(to, mint.address(), &owner)?;
            let units = core::mem::take(&mut line.claim);
            pool.leave_job(line.resource, units)?;
            parts.push(Part { line: index, units, pool: pool_view, mint, to, signer: PoolSeeds::of(&pool) });
        }
        Ok(parts)
    }

    /// Mints, pays, and closes the escrow.
    #[inline(never)]
    fn pay(&self, parts: &[Part], amount: u64, done: bool) -> Result<()> {
        let job_signer = SignerSeeds::of_job(&self.job);
        let job_seeds = job_signer.seeds();
        let pool_seeds: Vec<[&[u8]; 4]> = parts.iter().map(|part| part.signer.seeds()).collect();
        let mut seeds: Vec<&[&[u8]]> = Vec::with_capacity(parts.len().saturating_add(1));
        seeds.push(&job_seeds);
        seeds.extend(pool_seeds.iter().map(|seeds| seeds.as_slice()));

        let (escrow, job) = (self.escrow.account(), self.job.account());
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), parts.len().saturating_add(2));
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        for part in parts {
            calls.mint_to(part.mint, part.to, part.pool, part.units)?;
        }
        let credits = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        if amount != 0 {
            require_owned_by(self.owner_credits.account(), credits.mint.address(), &self.job.owner)?;
            calls.transfer(&credits, escrow, self.owner_credits.account(), job, amount)?;
        }
        let donated = token::balance(escrow)?.saturating_sub(amount);
        if done && donated != 0 {
            calls.burn_credits(&credits, escrow, job, donated)?;
        }
        calls.finish()?;
        if done {
            let seeds: Seeds = &[&job_seeds];
            token::close(credits.program, escrow, self.rent_payer.account(), job, seeds);
        }
        for part in parts {
            let pool = Account::<Pool>::load(*part.pool)?;
            let resource = self.job.lines.get(part.line).map(|line| line.resource).unwrap_or_default();
            pool.require_backed(resource, token::supply(part.mint)?)?;
        }
        Ok(())
    }
}
