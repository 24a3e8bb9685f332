use alloc::vec::Vec;

use anchor_lang::prelude::*;
use hmm_math::liquidity;

use super::{PoolSeeds, require_all_backed, require_deadline, require_pairs, voucher_accounts};
use crate::{
    bench::mark,
    errors::HmmError,
    events::{Amounts, LiquidityRemoved, emit_by_cpi},
    expect,
    state::{Market, Observations, Pool, add},
    token::{self, Credits},
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct RemoveLiquidity {
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

/// Burns LP shares for their part of every reserve.
///
/// Remaining accounts: for each resource, in order, its voucher mint and the provider's account of it, both writable.
///
/// Specification (invariant.md, *Liquidity*; protocol.md, *Pause*):
/// 1. Pays `floor(shares·reserve/supply)` of each side, never less than `least`: prices do not move, nobody gains.
/// 2. Nothing blocks it: no pause, no floor, no role.
/// 3. The prices before it are recorded, if they can be.
/// 4. What the vouchers of a series that is over cannot claim of its fund is paid like the rest of Θ.
/// 5. The locked minimum stays.
pub fn handler(ctx: &mut Context<RemoveLiquidity>, shares: u64, least: Vec<Amounts>, deadline: i64) -> Result<()> {
    let remaining = ctx.remaining_accounts()?;
    mark("accounts");
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    require_deadline(deadline, clock.unix_timestamp)?;
    accounts.pool.require_active()?;
    accounts.pool.require_amounts(&least)?;
    require_pairs(&remaining, least.len())?;
    let removable = accounts.pool.shares.saturating_sub(liquidity::MINIMUM_SHARES);
    if shares == 0 || shares > removable {
        return Err(HmmError::SharesOutsideLimits.refuse(removable, shares));
    }
    accounts.pool.rotate_all(clock.slot, accounts.market.risk_window)?;
    accounts.observations.observe_all(&accounts.pool, clock.unix_timestamp, accounts.market.supply.mark_depth);
    accounts.release_funds(&remaining)?;
    let mut credits = 0u64;
    let mut amounts = Vec::with_capacity(least.len());
    for (index, least) in (0u8..).zip(&least) {
        let paid = accounts.pool.withdraw(index, shares, least)?;
        credits = add(credits, paid.credits)?;
        amounts.push(paid);
    }
    accounts.pool.shares = accounts.pool.shares.saturating_sub(shares);
    accounts.move_tokens(&amounts, credits, shares, &remaining)?;

    accounts.observations.last_slot = clock.slot;
    let event = LiquidityRemoved {
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

impl RemoveLiquidity {
    /// Holders may have burned vouchers without redeeming them.
    fn release_funds(&mut self, remaining: &[AccountView]) -> Result<()> {
        for index in self.pool.indices() {
            if self.pool.is_stopped(index) {
                let supply = token::supply(voucher_accounts(&self.pool, remaining, index, index)?.mint)?;
                self.pool.release_excess(index, supply)?;
            }
        }
        Ok(())
    }

    /// Burns the shares, mints the vouchers, pays the credits, and checks what the mints say against the pool.
    #[inline(never)]
    fn move_tokens(&self, amounts: &[Amounts], credits: u64, shares: u64, remaining: &[AccountView]) -> Result<()> {
        let signer = PoolSeeds::of(&self.pool);
        let seeds = signer.seeds();
        let seeds: [&[&[u8]]; 1] = [&seeds];
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), amounts.len().saturating_add(2));
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        let pool = self.pool.account();
        calls.burn(self.provider_shares.account(), self.lp_mint.account(), self.provider.account(), shares)?;
        for (index, paid) in (0u8..).zip(amounts) {
            let vouchers = voucher_accounts(&self.pool, remaining, index, index)?;
            if paid.units != 0 {
                calls.mint_to(vouchers.mint, vouchers.user, pool, paid.units)?;
            }
        }
        if credits != 0 {
            let token = Credits {
                program: self.credit_token_program.address(),
                mint: self.credit_mint.account(),
                decimals: self.market.credit_decimals,
            };
            calls.transfer(&token, self.credit_vault.account(), self.provider_credits.account(), pool, credits)?;
        }
        calls.finish()?;
        require_all_backed(&self.pool, remaining)
    }
}
