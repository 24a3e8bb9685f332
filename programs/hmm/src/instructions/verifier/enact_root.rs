use anchor_lang::prelude::*;

use crate::{
    events::{RootEnacted, emit_by_cpi},
    expect,
    state::{Registry, RootProposal, VerifierSet},
};

#[event_cpi]
#[derive(Accounts)]
pub struct EnactRoot {
    #[account(mut, expect::address = proposal.registry)]
    pub registry: Account<Registry>,
    #[account(expect::address = registry.verifier_set)]
    pub verifier_set: Account<VerifierSet>,
    #[account(mut, close = rent_payer)]
    pub proposal: Account<RootProposal>,
    #[account(mut, expect::address = proposal.rent_payer)]
    pub rent_payer: UncheckedAccount,
}

/// Puts a root in force that enough verifiers voted for, and closes its proposal.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. Anybody may, within the time for voting.
/// 2. Those who voted have at least two thirds of the stake in effect, both counted now: stake that left since counts on neither side.
/// 3. Leaves of the root before are proven no more; keys registered under it stay valid until their expiry.
pub fn handler(ctx: &mut Context<EnactRoot>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let proposal = &accounts.proposal;
    proposal.require_open(&accounts.registry, now)?;
    let (stake_for, stake) = proposal.require_quorum(&accounts.verifier_set, now)?;

    let registry = &mut accounts.registry;
    (registry.number, registry.root, registry.depth) = (proposal.number, proposal.root, proposal.depth);
    let event =
        RootEnacted { registry: proposal.registry, number: proposal.number, root: proposal.root, depth: proposal.depth, stake_for, stake };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
