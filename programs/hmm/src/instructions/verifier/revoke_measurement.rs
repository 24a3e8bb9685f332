use anchor_lang::prelude::*;

use crate::{
    events::{MeasurementRevoked, emit_by_cpi},
    expect,
    state::{Market, Measurement},
};

#[event_cpi]
#[derive(Accounts)]
pub struct RevokeMeasurement {
    #[account(expect::address = approval.market)]
    pub market: Account<Market>,
    pub signer: Signer,
    #[account(mut)]
    pub approval: Account<Measurement>,
}

/// Takes the approval of a measurement back, for ever.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. The guardian or the authority; once.
/// 2. Keys of it are not registered any more, and what they sign is no receipt any more.
pub fn handler(ctx: &mut Context<RevokeMeasurement>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.market.require_guardian(accounts.signer.address())?;
    accounts.approval.require_approved()?;
    accounts.approval.revoked = true.into();
    let event = MeasurementRevoked { market: *accounts.market.address(), measurement: accounts.approval.measurement };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
