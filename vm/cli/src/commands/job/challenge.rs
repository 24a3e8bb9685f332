use clap::Args;

use crate::{act::Act, error::Result, job::AssignmentArg, session::Need, view::show};

#[derive(Args)]
pub struct ChallengeArgs {
    #[command(flatten)]
    what: AssignmentArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &ChallengeArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let trial = found.trial(args.what.index)?;
    let state = found.state()?;
    show(&actor.send(state, &found.asked(), &[Need::credits(state, 0)], trial.challenge(me))?, json)
}
