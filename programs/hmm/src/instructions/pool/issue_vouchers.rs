use anchor_lang::prelude::*;

use super::PoolSeeds;
use crate::{
    errors::HmmError,
    events::{VouchersIssued, emit_by_cpi},
    expect,
    state::{Market, Pool},
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct IssueVouchers {
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(expect::signer = market.issuer)]
    pub issuer: Signer,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub voucher_mint: UncheckedAccount,
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Mints vouchers against the issuer's word; bonded workers take its place.
///
/// Specification:
/// 1. Only the market's issuer, on pools of its market.
/// 2. `voucher supply + psi = issued` holds afterwards.
pub fn handler(ctx: &mut Context<IssueVouchers>, resource: u8, units: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    if units == 0 {
        return Err(HmmError::ZeroAmount.refuse(1, 0));
    }
    accounts.pool.issue(resource, units)?;
    let expected = accounts.pool.voucher_mints.get(usize::from(resource)).copied().unwrap_or_default();
    if expected != *accounts.voucher_mint.address() {
        return Err(HmmError::WrongAccount.refuse_account(3, &expected, accounts.voucher_mint.address()));
    }

    let event = VouchersIssued {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        resource,
        units,
        to: *accounts.destination.address(),
    };
    let signer = PoolSeeds::of(&accounts.pool);
    let pool = accounts.pool.account();
    token::mint_to(
        accounts.token_program.address(),
        accounts.voucher_mint.account(),
        accounts.destination.account(),
        pool,
        units,
        &[&signer.seeds()],
    );
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}
