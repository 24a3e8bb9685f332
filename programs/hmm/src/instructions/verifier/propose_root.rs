// The derived code names the arguments of `instruction` in a place where it does not use them.
#![allow(unused_variables)]

use anchor_lang::prelude::*;

use crate::{
    constants::ROOT_SEED,
    events::{RootProposed, emit_by_cpi},
    expect,
    state::{Registry, RootProposal, VerifierSet},
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(root: [u8; 32], depth: u8)]
pub struct ProposeRoot {
    #[account(mut)]
    pub verifier: Signer,
    pub registry: Account<Registry>,
    #[account(expect::address = registry.verifier_set)]
    pub verifier_set: Account<VerifierSet>,
    #[account(
        init, payer = verifier,
        seeds = [ROOT_SEED, registry.address().as_ref(), registry.number.wrapping_add(1).to_le_bytes(), [depth], root], bump
    )]
    pub proposal: Account<RootProposal>,
    pub system_program: Program<System>,
}

/// Proposes the next root of the registry, with the proposer's vote.
///
/// Specification (protocol.md, *Jobs* 4):
/// 1. Only a verifier with stake in effect; it pays the rent, and gets it back when the proposal is closed.
/// 2. The tree is at most as deep as a proof may be long.
/// 3. Proposals stand side by side, a day each; root, depth and number are what is voted on.
pub fn handler(ctx: &mut Context<ProposeRoot>, root: [u8; 32], depth: u8, index: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let verifier = *accounts.verifier.address();
    let registry = *accounts.registry.address();
    let now = Clock::get()?.unix_timestamp;
    let number = accounts.registry.next()?;

    let proposal = &mut accounts.proposal;
    proposal.bump = ctx.bumps.proposal;
    proposal.registry = registry;
    proposal.rent_payer = verifier;
    proposal.open(number, depth, root, now)?;
    proposal.vote(&accounts.verifier_set, index, &verifier, now)?;

    let event = RootProposed { registry, number, root, depth, verifier, until: proposal.until };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}
