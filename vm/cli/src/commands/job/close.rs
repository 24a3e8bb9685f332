use clap::Args;

use crate::{act::Act, error::Result, job::JobArg, view::show};

#[derive(Args)]
pub struct CloseArgs {
    #[command(flatten)]
    job: JobArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &CloseArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    show(&actor.send(found.state()?, &found.asked(), &[], found.job.close(me))?, json)
}
