use clap::Args;
use hmm_client::worker;

use super::own;
use crate::{
    act::Act,
    amount,
    error::{Error, Result},
    refusal::Asked,
    view::show,
};

#[derive(Args)]
pub struct UnbondArgs {
    /// So much; what stays must stand for what the worker owes
    #[arg(value_name = "CREDITS", allow_hyphen_values = true)]
    credits: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &UnbondArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    own(&actor.session, &state, &actor.me())?;
    let credits = amount::parse(&args.credits, state.market.credit_decimals).map_err(Error::Usage)?;
    let unbond = worker::unbond(&state, actor.me(), credits);
    show(&actor.send(&state, &Asked::resources(&state), &[], unbond)?, json)
}
