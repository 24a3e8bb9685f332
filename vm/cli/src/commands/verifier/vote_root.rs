use clap::Args;
use hmm_client::{
    generated::accounts::{ROOT_PROPOSAL_DISCRIMINATOR, RootProposal},
    registry,
};

use super::place;
use crate::{
    act::Act,
    error::{Error, Result},
    leaves::LeavesArg,
    refusal::Asked,
    view::show,
};

#[derive(Args)]
pub struct VoteRootArgs {
    #[command(flatten)]
    leaves: LeavesArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &VoteRootArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let place = place(&actor.session, &state, &actor.me())?;
    let number = super::registry(&actor.session, &state)?.number + 1;
    let proposal = args.leaves.tree(&state)?.proposal(number);
    let found = actor.session.find(&proposal, &ROOT_PROPOSAL_DISCRIMINATOR, RootProposal::from_bytes)?;
    found
        .ok_or_else(|| Error::usage(format!("nobody has proposed the root of this file as number {number}: hmm verifier propose-root")))?;
    let vote = registry::vote(&state.pool.market, proposal, actor.me(), place);
    show(&actor.send(&state, &Asked::resources(&state), &[], vote)?, json)
}
