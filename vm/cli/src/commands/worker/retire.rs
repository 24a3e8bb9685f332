use clap::Args;
use hmm_client::worker;

use super::own;
use crate::{act::Act, amount::VOUCHER_DECIMALS, error::Result, legs::named_amount, refusal::Asked, session::Need, view::show};

#[derive(Args)]
pub struct RetireArgs {
    /// So many of the signer's vouchers: gpu=10
    #[arg(value_name = "RESOURCE=UNITS", allow_hyphen_values = true)]
    what: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &RetireArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    own(&actor.session, &state, &actor.me())?;
    let (resource, units) = named_amount(&state, &args.what, VOUCHER_DECIMALS)?;
    let retire = worker::retire(&state, actor.me(), resource, units);
    show(&actor.send(&state, &Asked::resources(&state), &[Need::vouchers(&state, resource, units)], retire)?, json)
}
