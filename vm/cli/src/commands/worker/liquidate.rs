use clap::Args;
use hmm_client::worker;

use super::WorkerArg;
use crate::{act::Act, amount::VOUCHER_DECIMALS, error::Result, legs::named_amount, refusal::Asked, session::Need, view::show};

#[derive(Args)]
pub struct LiquidateArgs {
    #[command(flatten)]
    worker: WorkerArg,
    /// At most so many of the signer's vouchers: gpu=10
    #[arg(value_name = "RESOURCE=UNITS", allow_hyphen_values = true)]
    what: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &LiquidateArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let (state, _, worker) = args.worker.find(&actor.session, || Ok(me))?;
    let (resource, units) = named_amount(&state, &args.what, VOUCHER_DECIMALS)?;
    let liquidate = worker::liquidate(&state, &worker.owner, me, resource, units);
    let needs = [Need::credits(&state, 0), Need::vouchers(&state, resource, 0)];
    show(&actor.send(&state, &Asked::resources(&state), &needs, liquidate)?, json)
}
