use clap::Args;

use crate::{
    act::Act,
    error::Result,
    job::{AssignmentArg, worker_at},
    view::show,
};

#[derive(Args)]
pub struct StartArgs {
    #[command(flatten)]
    what: AssignmentArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &StartArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let assignment = found.assignment(args.what.index)?;
    let worker = worker_at(&actor.session, &assignment.worker)?;
    let state = found.pool(&worker.pool)?;
    let start = found.job.start(state, assignment, &worker, me);
    show(&actor.send(state, &found.asked(), &[], start)?, json)
}
