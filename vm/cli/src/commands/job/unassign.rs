use clap::Args;

use crate::{
    act::Act,
    error::Result,
    job::{AssignmentArg, worker_at},
    view::show,
};

#[derive(Args)]
pub struct UnassignArgs {
    #[command(flatten)]
    what: AssignmentArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &UnassignArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let assignment = found.assignment(args.what.index)?;
    let worker = worker_at(&actor.session, &assignment.worker)?;
    let unassign = found.job.unassign(assignment, &worker, me);
    show(&actor.send(found.state()?, &found.asked(), &[], unassign)?, json)
}
