use anchor_lang::prelude::*;

use crate::{
    errors::HmmError,
    events::{BonusFunded, emit_by_cpi},
    expect,
    state::{Market, VerifierSet},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct FundBonus {
    pub funder: Signer,
    #[account(expect::address = verifier_set.market)]
    pub market: Account<Market>,
    pub verifier_set: Account<VerifierSet>,
    #[account(mut)]
    pub funder_credits: UncheckedAccount,
    #[account(mut, expect::address = verifier_set.bonus_vault)]
    pub bonus_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Gives credits to the vault from which bonuses are paid.
///
/// Specification (protocol.md, *Rewards*):
/// 1. Anybody may; nobody gets it back.
pub fn handler(ctx: &mut Context<FundBonus>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    if amount == 0 {
        return Err(HmmError::ZeroAmount.refuse(1, 0));
    }
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    credits.transfer(accounts.funder_credits.account(), accounts.bonus_vault.account(), accounts.funder.account(), amount, &[]);
    let event = BonusFunded { market: *accounts.market.address(), funder: *accounts.funder.address(), amount };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
