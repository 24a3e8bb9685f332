use anchor_lang::prelude::*;

use crate::{
    errors::HmmError,
    events::{SeriesRedeemed, emit_by_cpi},
    expect,
    instructions::pool::PoolSeeds,
    state::{Market, Pool},
    token::{self, Credits},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Redeem {
    pub holder: Signer,
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub voucher_mint: UncheckedAccount,
    #[account(mut)]
    pub holder_vouchers: UncheckedAccount,
    #[account(mut)]
    pub holder_credits: UncheckedAccount,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Burns vouchers of a series that is over, for their part of its fund.
///
/// Specification (protocol.md, *Supply*, `delivery_end`):
/// 1. Any holder, once nobody owes units of the series any more; a pause does not matter.
/// 2. Pays `⌊units · min(fund / vouchers, price at the stop)⌋`, at least `min_credits`.
/// 3. What the last voucher leaves in the fund becomes Θ.
pub fn handler(ctx: &mut Context<Redeem>, resource: u8, units: u64, min_credits: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.require_voucher_mint(resource, accounts.voucher_mint.address())?;
    let supply = token::supply(accounts.voucher_mint.account())?;
    let paid = accounts.pool.redeem(resource, units, supply)?;
    if paid < min_credits {
        return Err(HmmError::AmountOutsideLimits.about(resource, min_credits, paid).into());
    }
    accounts.pool.release_excess(resource, supply.saturating_sub(units))?;

    let event = SeriesRedeemed {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        resource,
        holder: *accounts.holder.address(),
        units,
        credits: paid,
    };
    let program = accounts.token_program.address();
    let (from, mint) = (accounts.holder_vouchers.account(), accounts.voucher_mint.account());
    token::burn(program, from, mint, accounts.holder.account(), units, &[]);
    if paid != 0 {
        let signer = PoolSeeds::of(&accounts.pool);
        let credits = Credits {
            program: accounts.credit_token_program.address(),
            mint: accounts.credit_mint.account(),
            decimals: accounts.market.credit_decimals,
        };
        let (vault, wallet) = (accounts.credit_vault.account(), accounts.holder_credits.account());
        credits.transfer(vault, wallet, accounts.pool.account(), paid, &[&signer.seeds()]);
    }
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
