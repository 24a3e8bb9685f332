use anchor_lang::prelude::*;

use crate::{
    constants::CLIENT_SEED,
    events::{ClientRegistered, emit_by_cpi},
    state::{CLIENT_VERSION, Client, Market},
};

#[event_cpi]
#[derive(Accounts)]
pub struct RegisterClient {
    #[account(mut)]
    pub owner: Signer,
    pub market: Account<Market>,
    #[account(init, payer = owner, seeds = [CLIENT_SEED, market.address().as_ref(), owner.address().as_ref()], bump)]
    pub client: Account<Client>,
    pub system_program: Program<System>,
}

/// Creates the account that counts a client's jobs in one market.
///
/// Specification (protocol.md, *Accounts*):
/// 1. Anybody, once in each market. It is never closed, so no job's id ever returns.
pub fn handler(ctx: &mut Context<RegisterClient>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (owner, market) = (*accounts.owner.address(), *accounts.market.address());
    let client = &mut accounts.client;
    client.version = CLIENT_VERSION;
    client.bump = ctx.bumps.client;
    client.owner = owner;
    client.market = market;
    let event = ClientRegistered { client: *client.address(), owner, market };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
