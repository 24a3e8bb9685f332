use clap::Args;
use hmm_client::worker;

use super::WorkerArg;
use crate::{
    act::Act,
    amount,
    error::{Error, Result},
    refusal::Asked,
    session::Need,
    view::show,
};

#[derive(Args)]
pub struct BondArgs {
    #[command(flatten)]
    worker: WorkerArg,
    /// From the signer's wallet, whoever the worker is
    #[arg(value_name = "CREDITS", allow_hyphen_values = true)]
    credits: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &BondArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let (state, _, worker) = args.worker.find(&actor.session, || Ok(me))?;
    let credits = amount::parse(&args.credits, state.market.credit_decimals).map_err(Error::Usage)?;
    let deposit = worker::deposit_bond(&state, &worker.owner, me, credits);
    show(&actor.send(&state, &Asked::resources(&state), &[Need::credits(&state, credits)], deposit)?, json)
}
