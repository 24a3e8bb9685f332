//! Verifiers: their stakes, their votes for roots, their seats.

mod enact_root;
mod propose_root;
mod rounds;
mod show;
mod stake;
mod unstake;
mod vote_root;
mod withdraw;

use clap::Subcommand;
use hmm_client::{
    PoolState, address,
    generated::accounts::{REGISTRY_DISCRIMINATOR, Registry, VERIFIER_SET_DISCRIMINATOR, VerifierSet},
    verifier,
};
use solana_address::Address;

use super::verifier_run;
use crate::{
    error::{Error, Result},
    leaves::LEAVES,
    session::Session,
};

#[derive(Subcommand)]
pub enum VerifierCommand {
    /// Stake, or add to the stake
    Stake(stake::StakeArgs),
    /// Ask stake back
    Unstake(unstake::UnstakeArgs),
    /// Pay out what was asked back and is due, and what was earned
    Withdraw(withdraw::WithdrawArgs),
    /// A verifier in numbers, or all of them
    Show(show::ShowArgs),
    /// Propose the root of a file of enclave keys, with the proposer's vote
    #[command(after_help = LEAVES)]
    ProposeRoot(propose_root::ProposeRootArgs),
    /// Vote for the root of a file of enclave keys
    #[command(after_help = LEAVES)]
    VoteRoot(vote_root::VoteRootArgs),
    /// Put a root in force that two thirds of the stake voted for
    #[command(after_help = LEAVES)]
    EnactRoot(enact_root::EnactRootArgs),
    /// The rounds in which a verifier has a seat
    Rounds(rounds::RoundsArgs),
    /// Commit and reveal in every seat: samples of the trace are done anew
    Run(verifier_run::VerifierRunArgs),
}

impl VerifierCommand {
    pub fn run(&self, json: bool) -> Result<()> {
        match self {
            Self::Stake(args) => stake::run(args, json),
            Self::Unstake(args) => unstake::run(args, json),
            Self::Withdraw(args) => withdraw::run(args, json),
            Self::Show(args) => show::run(args, json),
            Self::ProposeRoot(args) => propose_root::run(args, json),
            Self::VoteRoot(args) => vote_root::run(args, json),
            Self::EnactRoot(args) => enact_root::run(args, json),
            Self::Rounds(args) => rounds::run(args, json),
            Self::Run(args) => verifier_run::run(args, json),
        }
    }
}

/// The verifiers of the pool's market.
fn set(session: &Session, state: &PoolState) -> Result<VerifierSet> {
    let address = address::verifier_set(&state.pool.market);
    let set = session.find(&address, &VERIFIER_SET_DISCRIMINATOR, VerifierSet::from_bytes)?;
    set.ok_or_else(|| Error::usage("the market has no verifier set"))
}

fn registry(session: &Session, state: &PoolState) -> Result<Registry> {
    let address = address::registry(&state.pool.market);
    let registry = session.find(&address, &REGISTRY_DISCRIMINATOR, Registry::from_bytes)?;
    registry.ok_or_else(|| Error::usage("the market has no registry"))
}

/// The place of a verifier.
fn place(session: &Session, state: &PoolState, owner: &Address) -> Result<u8> {
    let place = verifier::place(&set(session, state)?, owner);
    place.ok_or_else(|| Error::usage(format!("{owner} is no verifier of the market: hmm verifier stake")))
}
