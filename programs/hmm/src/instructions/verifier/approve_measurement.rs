// The derived code names the arguments of `instruction` in a place where it does not use them.
#![allow(unused_variables)]

use anchor_lang::prelude::*;

use crate::{
    constants::MEASUREMENT_SEED,
    events::{MeasurementApproved, emit_by_cpi},
    expect,
    state::{MEASUREMENT_VERSION, Market, Measurement},
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(measurement: [u8; 32])]
pub struct ApproveMeasurement {
    pub market: Account<Market>,
    #[account(mut, expect::signer = market.authority)]
    pub authority: Signer,
    #[account(init, payer = authority, seeds = [MEASUREMENT_SEED, market.address().as_ref(), measurement], bump)]
    pub approval: Account<Measurement>,
    pub system_program: Program<System>,
}

/// Lets enclaves run what has this measurement.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. Only the authority; once for a measurement: what was revoked does not return.
pub fn handler(ctx: &mut Context<ApproveMeasurement>, measurement: [u8; 32]) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let market = *accounts.market.address();
    let approval = &mut accounts.approval;
    approval.version = MEASUREMENT_VERSION;
    approval.bump = ctx.bumps.approval;
    approval.measurement = measurement;
    approval.market = market;
    emit_by_cpi(&MeasurementApproved { market, measurement }, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
