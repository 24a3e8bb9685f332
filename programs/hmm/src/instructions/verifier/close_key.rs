use anchor_lang::prelude::*;

use crate::{
    events::{KeyClosed, emit_by_cpi},
    expect,
    state::EnclaveKey,
};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseKey {
    #[account(mut, close = rent_payer)]
    pub enclave_key: Account<EnclaveKey>,
    #[account(mut, expect::address = enclave_key.rent_payer)]
    pub rent_payer: UncheckedAccount,
}

/// Closes an enclave key that has expired; its rent goes back to its payer.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. Anybody may, from the expiry on. The same leaf registers no key again: it has expired too.
pub fn handler(ctx: &mut Context<CloseKey>) -> Result<()> {
    let accounts = &ctx.accounts;
    let enclave_key = &accounts.enclave_key;
    enclave_key.require_expired(Clock::get()?.unix_timestamp)?;
    let event = KeyClosed { worker: enclave_key.worker, key: enclave_key.key };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
