use clap::Args;
use hmm_client::{
    generated::accounts::{ROOT_PROPOSAL_DISCRIMINATOR, RootProposal},
    registry,
};

use crate::{
    act::Act,
    error::{Error, Result},
    leaves::LeavesArg,
    refusal::Asked,
    view::show,
};

/// Anybody may send it.
#[derive(Args)]
pub struct EnactRootArgs {
    #[command(flatten)]
    leaves: LeavesArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &EnactRootArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let number = super::registry(&actor.session, &state)?.number + 1;
    let proposal = args.leaves.tree(&state)?.proposal(number);
    let found = actor.session.find(&proposal, &ROOT_PROPOSAL_DISCRIMINATOR, RootProposal::from_bytes)?;
    let missing = || Error::usage(format!("nobody has proposed the root of this file as number {number}: hmm verifier propose-root"));
    let enact = registry::enact(&state.pool.market, proposal, found.ok_or_else(missing)?.rent_payer);
    show(&actor.send(&state, &Asked::resources(&state), &[], enact)?, json)
}
