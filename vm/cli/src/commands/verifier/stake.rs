use clap::Args;
use hmm_client::verifier;

use super::set;
use crate::{
    act::Act,
    amount,
    error::{Error, Result},
    refusal::Asked,
    session::Need,
    view::show,
};

#[derive(Args)]
pub struct StakeArgs {
    #[arg(value_name = "CREDITS", allow_hyphen_values = true)]
    credits: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &StakeArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    set(&actor.session, &state)?;
    let credits = amount::parse(&args.credits, state.market.credit_decimals).map_err(Error::Usage)?;
    let stake = verifier::stake(state.pool.market, &state.market, actor.me(), credits);
    show(&actor.send(&state, &Asked::resources(&state), &[Need::credits(&state, credits)], stake)?, json)
}
