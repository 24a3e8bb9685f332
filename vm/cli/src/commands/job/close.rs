use clap::Args;

use crate::{act::Act, error::Result, job::JobArg, view::show};

#[derive(Args)]
pub struct CloseArgs {
    #[command(flatten)]
    act: Act,
    #[command(flatten)]
    job: JobArg,
}

pub fn run(args: &CloseArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    show(&actor.send(found.state()?, &found.asked(), &[], found.job.close(me))?, json)
}
