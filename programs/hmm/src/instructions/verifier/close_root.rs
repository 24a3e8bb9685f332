use anchor_lang::prelude::*;

use crate::{
    events::{RootClosed, emit_by_cpi},
    expect,
    state::{Registry, RootProposal},
};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRoot {
    #[account(expect::address = proposal.registry)]
    pub registry: Account<Registry>,
    #[account(mut, close = rent_payer)]
    pub proposal: Account<RootProposal>,
    #[account(mut, expect::address = proposal.rent_payer)]
    pub rent_payer: UncheckedAccount,
}

/// Closes a proposal that cannot become the next root any more; its rent goes back to its payer.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. Anybody may, once the time for voting is over or another root has its number.
pub fn handler(ctx: &mut Context<CloseRoot>) -> Result<()> {
    let accounts = &ctx.accounts;
    let proposal = &accounts.proposal;
    proposal.require_over(&accounts.registry, Clock::get()?.unix_timestamp)?;
    let event = RootClosed { registry: proposal.registry, number: proposal.number, root: proposal.root, depth: proposal.depth };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
