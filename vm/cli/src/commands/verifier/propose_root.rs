use clap::Args;

use super::{place, registry};
use crate::{act::Act, error::Result, leaves::LeavesArg, refusal::Asked, view::show};

#[derive(Args)]
pub struct ProposeRootArgs {
    #[command(flatten)]
    leaves: LeavesArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &ProposeRootArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let place = place(&actor.session, &state, &actor.me())?;
    let number = registry(&actor.session, &state)?.number + 1;
    let propose = args.leaves.tree(&state)?.propose(actor.me(), place, number);
    show(&actor.send(&state, &Asked::resources(&state), &[], propose)?, json)
}
