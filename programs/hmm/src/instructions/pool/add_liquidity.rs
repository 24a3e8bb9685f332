use alloc::vec::Vec;

use anchor_lang::prelude::*;
use hmm_math::liquidity;

use super::{PoolSeeds, require_all_backed, require_deadline, require_pairs, voucher_accounts};
use crate::{
    bench::mark,
    errors::{HmmError, SUBJECT_CALL},
    events::{Amounts, LiquidityAdded, emit_by_cpi},
    expect,
    state::{Market, Observations, Pool, add},
    token::Credits,
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct AddLiquidity {
    pub provider: Signer,
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut)]
    pub provider_credits: UncheckedAccount,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(mut, expect::address = pool.lp_mint)]
    pub lp_mint: UncheckedAccount,
    #[account(mut)]
    pub provider_shares: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Deposits units and credits of every resource in proportion to the reserves, for LP shares.
///
/// Remaining accounts: for each resource, in order, its voucher mint and the provider's account of it, both writable.
///
/// Specification (HIP-004 *addLiquidity*; invariant.md, *Liquidity*):
/// 1. The first deposit is the creator's, moves `most` exactly, fixes the prices and activates the pool; part of its shares stays
///    locked for ever and belongs to nobody.
/// 2. A later one mints as many shares as `most` allows, but no more than `max_shares`, and pays `ceil(shares·reserve/supply)` of
///    each side: prices do not move, nobody gains.
/// 3. The prices before it are recorded; of the first deposit, those it makes.
/// 4. Refused when that would be fewer than `min_shares`, after `deadline`, while paused, or once a series of the pool is over.
pub fn handler(ctx: &mut Context<AddLiquidity>, most: Vec<Amounts>, min_shares: u64, max_shares: u64, deadline: i64) -> Result<()> {
    let remaining = ctx.remaining_accounts()?;
    mark("accounts");
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    require_deadline(deadline, clock.unix_timestamp)?;
    accounts.market.require_unpaused(clock.unix_timestamp)?;
    accounts.pool.require_amounts(&most)?;
    require_pairs(&remaining, most.len())?;
    accounts.pool.require_all_series(clock.unix_timestamp)?;

    let first = !accounts.pool.is_active();
    if first && accounts.pool.creator != *accounts.provider.address() {
        return Err(HmmError::Unauthorized.refuse_account(SUBJECT_CALL, &accounts.pool.creator, accounts.provider.address()));
    }
    if first {
        accounts.observations.close_series(&accounts.pool, accounts.market.supply.close_lead);
    }
    accounts.pool.rotate_all(clock.slot, accounts.market.risk_window)?;
    let mark_depth = accounts.market.supply.mark_depth;
    accounts.observations.observe_all(&accounts.pool, clock.unix_timestamp, mark_depth);
    let locked = if first { liquidity::MINIMUM_SHARES } else { 0 };
    let shares =
        if first { accounts.pool.first_shares(&most)?.saturating_sub(locked) } else { accounts.pool.allowed_shares(&most, max_shares)? };
    if shares < min_shares || shares > max_shares || shares == 0 {
        let bound = if shares > max_shares { max_shares } else { min_shares.max(1) };
        return Err(HmmError::SharesOutsideLimits.refuse(bound, shares));
    }

    let mut credits = 0u64;
    let mut amounts = Vec::with_capacity(most.len());
    for (index, most) in (0u8..).zip(&most) {
        let paid = if first {
            accounts.pool.deposit_first(index, most)?;
            *most
        } else {
            accounts.pool.deposit(index, shares)?
        };
        credits = add(credits, paid.credits)?;
        amounts.push(paid);
    }
    accounts.pool.shares = add(add(accounts.pool.shares, shares)?, locked)?;
    if first {
        accounts.observations.observe_all(&accounts.pool, clock.unix_timestamp, mark_depth);
    }

    accounts.move_tokens(&amounts, credits, shares, &remaining)?;

    accounts.observations.last_slot = clock.slot;
    let event = LiquidityAdded {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        provider: *accounts.provider.address(),
        shares,
        supply: accounts.pool.shares,
        amounts,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}

impl AddLiquidity {
    /// Burns the vouchers, takes the credits, mints the shares, and checks what the mints say against the pool.
    #[inline(never)]
    fn move_tokens(&self, amounts: &[Amounts], credits: u64, shares: u64, remaining: &[AccountView]) -> Result<()> {
        let signer = PoolSeeds::of(&self.pool);
        let seeds = signer.seeds();
        let seeds: [&[&[u8]]; 1] = [&seeds];
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), amounts.len().saturating_add(2));
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        let provider = self.provider.account();
        for (index, paid) in (0u8..).zip(amounts) {
            let vouchers = voucher_accounts(&self.pool, remaining, index, index)?;
            calls.burn(vouchers.user, vouchers.mint, provider, paid.units)?;
        }
        let token = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        calls.transfer(&token, self.provider_credits.account(), self.credit_vault.account(), provider, credits)?;
        calls.mint_to(self.lp_mint.account(), self.provider_shares.account(), self.pool.account(), shares)?;
        calls.finish()?;
        require_all_backed(&self.pool, remaining)
    }
}
