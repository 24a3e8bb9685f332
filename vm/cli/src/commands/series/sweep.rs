use clap::Args;
use hmm_client::series;
use solana_address::Address;

use crate::{act::Act, error::Result, job::worker_at, legs::named, refusal::Asked, view::show};

#[derive(Args)]
pub struct SweepArgs {
    #[arg(value_name = "RESOURCE")]
    resource: String,
    /// The worker that owes units of it
    #[arg(long, value_name = "ADDRESS")]
    worker: Address,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &SweepArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let worker = worker_at(&actor.session, &args.worker)?;
    let state = actor.session.state_of(worker.pool)?;
    let sweep = series::sweep(&state, &worker.owner, named(&state, &args.resource)?);
    show(&actor.send(&state, &Asked::resources(&state), &[], sweep)?, json)
}
