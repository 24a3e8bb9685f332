use clap::Args;
use hmm_client::{address, series};

use crate::{
    act::Act,
    amount::{self, VOUCHER_DECIMALS},
    error::{Error, Result},
    legs::named_amount,
    refusal::Asked,
    session::Need,
    view::show,
};

#[derive(Args)]
pub struct RedeemArgs {
    /// So many of the signer's vouchers: gpu=10
    #[arg(value_name = "RESOURCE=UNITS", allow_hyphen_values = true)]
    what: String,
    /// The least they may bring [default: what they would now]
    #[arg(long, value_name = "CREDITS", help_heading = "Limits", allow_hyphen_values = true)]
    least: Option<String>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &RedeemArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let (resource, units) = named_amount(&state, &args.what, VOUCHER_DECIMALS)?;
    let parse = |text: &String| amount::parse(text, state.market.credit_decimals).map_err(Error::Usage);
    // no less than now, unless told otherwise
    let mint = actor.session.supply(&address::voucher_mint(&state.address, resource))?;
    let now = series::redemption(&state.pool, resource, units, mint).unwrap_or_default();
    let least = args.least.as_ref().map_or(Ok(now), parse)?;
    let redeem = series::redeem(&state, actor.me(), resource, units, least);
    let needs = [Need::credits(&state, 0), Need::vouchers(&state, resource, units)];
    show(&actor.send(&state, &Asked::resources(&state), &needs, redeem)?, json)
}
