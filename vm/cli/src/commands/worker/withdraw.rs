use clap::Args;
use hmm_client::worker;

use super::WorkerArg;
use crate::{act::Act, error::Result, refusal::Asked, session::Need, view::show};

/// Anybody may send it: it pays to the worker's owner.
#[derive(Args)]
pub struct WithdrawArgs {
    #[command(flatten)]
    worker: WorkerArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &WithdrawArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let (state, _, worker) = args.worker.find(&actor.session, || Ok(me))?;
    let withdraw = worker::withdraw_bond(&state, &worker.owner);
    show(&actor.push(&state, &Asked::resources(&state), &worker.owner, &[Need::credits(&state, 0)], withdraw)?, json)
}
