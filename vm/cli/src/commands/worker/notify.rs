use clap::Args;
use hmm_client::worker;

use super::WorkerArg;
use crate::{act::Act, error::Result, refusal::Asked, view::show};

#[derive(Args)]
pub struct NotifyArgs {
    #[command(flatten)]
    worker: WorkerArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &NotifyArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let (state, _, worker) = args.worker.find(&actor.session, || Ok(me))?;
    let notify = worker::notify(&state, &worker.owner);
    show(&actor.send(&state, &Asked::resources(&state), &[], notify)?, json)
}
