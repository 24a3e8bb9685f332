use clap::Args;

use crate::{act::Act, error::Result, job::AssignmentArg, view::show};

/// Anybody may.
#[derive(Args)]
pub struct TallyArgs {
    #[command(flatten)]
    what: AssignmentArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &TallyArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let trial = found.trial(args.what.index)?;
    show(&actor.send(found.state()?, &found.asked(), &[], trial.tally())?, json)
}
