use anchor_lang::prelude::*;

use super::bond_changed;
use crate::{
    events::emit_by_cpi,
    expect,
    state::{Market, Worker},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct DepositBond {
    pub payer: Signer,
    #[account(expect::address = worker.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub worker: Account<Worker>,
    #[account(mut, expect::address = worker.vault)]
    pub vault: UncheckedAccount,
    #[account(mut)]
    pub payer_credits: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Adds to a worker's free bond.
///
/// Specification (protocol.md, *Supply*): anybody may; from then on it is the worker's.
pub fn handler(ctx: &mut Context<DepositBond>, credits: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.worker.deposit(credits)?;
    let event = bond_changed(*accounts.worker.address(), &accounts.worker);
    let mint = accounts.credit_mint.account();
    let token = Credits { program: accounts.credit_token_program.address(), mint, decimals: accounts.market.credit_decimals };
    token.transfer(accounts.payer_credits.account(), accounts.vault.account(), accounts.payer.account(), credits, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
