use clap::Args;
use hmm_client::series;

use crate::{act::Act, error::Result, legs::named, refusal::Asked, view::show};

#[derive(Args)]
pub struct StopArgs {
    #[arg(value_name = "RESOURCE")]
    resource: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &StopArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let stop = series::stop(&state, named(&state, &args.resource)?);
    show(&actor.send(&state, &Asked::resources(&state), &[], stop)?, json)
}
