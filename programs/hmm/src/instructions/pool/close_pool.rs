use anchor_lang::prelude::*;

use super::PoolSeeds;
use crate::{
    errors::HmmError,
    expect,
    state::{Market, Observations, Pool},
    token,
};

#[derive(Accounts)]
pub struct ClosePool {
    #[account(mut, close = creator)]
    pub pool: Account<Pool>,
    #[account(mut, expect::signer = pool.creator)]
    pub creator: Signer,
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = pool.observations, close = creator)]
    pub observations: Account<Observations>,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(mut, expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Closes a pool that never had a deposit; its rent goes back to the creator.
///
/// Specification (protocol.md, *Trading*):
/// 1. Only the creator, only before the first deposit, only while no vouchers of the pool are owed or wait for a fund.
/// 2. A donation to the vault cannot block it: donated credits are burned.
/// 3. The pool's id never returns. (Mints of the token program cannot be closed; theirs is the only rent that stays.)
pub fn handler(ctx: &mut Context<ClosePool>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.require_forming()?;
    for (index, (issued, fund)) in (0u8..).zip(accounts.pool.issued.into_iter().zip(accounts.pool.fund)) {
        let claims = issued.max(fund);
        if claims != 0 {
            return Err(HmmError::VouchersOutstanding.about(index, 0, claims).into());
        }
    }

    let signer = PoolSeeds::of(&accounts.pool);
    let (seeds, pool) = (signer.seeds(), accounts.pool.account());
    let (program, vault) = (accounts.credit_token_program.address(), accounts.credit_vault.account());
    let donated = token::balance(vault)?;
    if donated != 0 {
        token::burn(program, vault, accounts.credit_mint.account(), pool, donated, &[&seeds]);
    }
    token::close(program, vault, accounts.creator.account(), pool, &[&seeds]);
    Ok(())
}
