use clap::Args;

use crate::{
    act::Act,
    amount,
    error::{Error, Result},
    job::JobArg,
    session::Need,
    view::show,
};

/// Anybody may pay.
#[derive(Args)]
pub struct TopUpArgs {
    #[command(flatten)]
    job: JobArg,
    #[arg(value_name = "CREDITS", allow_hyphen_values = true)]
    credits: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &TopUpArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    let state = found.state()?;
    let credits = amount::parse(&args.credits, state.market.credit_decimals).map_err(Error::Usage)?;
    let top_up = found.job.top_up(me, credits);
    show(&actor.send(state, &found.asked(), &[Need::credits(state, credits)], top_up)?, json)
}
