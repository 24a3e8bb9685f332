use anchor_lang::prelude::*;

use crate::{
    events::{RootVoted, emit_by_cpi},
    expect,
    state::{Registry, RootProposal, VerifierSet},
};

#[event_cpi]
#[derive(Accounts)]
pub struct VoteRoot {
    pub verifier: Signer,
    #[account(expect::address = proposal.registry)]
    pub registry: Account<Registry>,
    #[account(expect::address = registry.verifier_set)]
    pub verifier_set: Account<VerifierSet>,
    #[account(mut)]
    pub proposal: Account<RootProposal>,
}

/// Votes for a proposed root. Several verifiers vote in one transaction, each by an instruction of its own.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. Only a verifier with stake in effect, once for a proposal.
/// 2. Only for the next root, and only within a day of its proposal.
pub fn handler(ctx: &mut Context<VoteRoot>, index: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let verifier = *accounts.verifier.address();
    let now = Clock::get()?.unix_timestamp;
    let proposal = &mut accounts.proposal;
    proposal.require_open(&accounts.registry, now)?;
    proposal.vote(&accounts.verifier_set, index, &verifier, now)?;

    let event = RootVoted { registry: proposal.registry, number: proposal.number, root: proposal.root, depth: proposal.depth, verifier };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
