use clap::Args;
use hmm_client::verifier;

use super::place;
use crate::{
    act::Act,
    amount,
    error::{Error, Result},
    refusal::Asked,
    view::show,
};

#[derive(Args)]
pub struct UnstakeArgs {
    /// All of it, or so much that the least stake stays
    #[arg(value_name = "CREDITS", allow_hyphen_values = true)]
    credits: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &UnstakeArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let place = place(&actor.session, &state, &actor.me())?;
    let credits = amount::parse(&args.credits, state.market.credit_decimals).map_err(Error::Usage)?;
    let unstake = verifier::unstake(state.pool.market, actor.me(), place, credits);
    show(&actor.send(&state, &Asked::resources(&state), &[], unstake)?, json)
}
