use clap::Args;

use crate::{
    act::Act,
    error::Result,
    job::{AssignmentArg, worker_at},
    view::show,
};

/// Anybody may.
#[derive(Args)]
pub struct SettleArgs {
    #[command(flatten)]
    what: AssignmentArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &SettleArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let trial = found.trial(args.what.index)?;
    let worker = worker_at(&actor.session, &trial.assignment.worker)?;
    show(&actor.send(found.state()?, &found.asked(), &[], trial.settle(&worker))?, json)
}
