use clap::Args;
use hmm_client::{Leg, LegKind, Limited, quote, worker};
use hmm_math::margin;
use serde::Serialize;

use super::{super::quote::QuoteView, observations, own};
use crate::{
    act::Act,
    amount::{self, VOUCHER_DECIMALS},
    error::{Error, Result},
    legs::named_amount,
    money::{Amount, Rate},
    receipt::Receipt,
    refusal::{Asked, Refusal},
    standing::Standing,
    view::{View, show},
};

#[derive(Args)]
pub struct SupplyArgs {
    /// What is offered: so many units of capacity, of which its quality is sold as vouchers: gpu=100
    #[arg(value_name = "RESOURCE=UNITS", allow_hyphen_values = true)]
    what: String,
    /// How much less than quoted it may bring, in hundredths of a percent
    #[arg(long, value_name = "BPS", default_value_t = hmm_client::DEFAULT_SLIPPAGE_BPS, value_parser = clap::value_parser!(u16).range(0..=10_000), help_heading = "Limits")]
    slippage_bps: u16,
    /// The least it may bring, instead
    #[arg(long, value_name = "CREDITS", conflicts_with = "slippage_bps", help_heading = "Limits", allow_hyphen_values = true)]
    least: Option<String>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &SupplyArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let (_, worker) = own(&actor.session, &state, &actor.me())?;
    let (resource, raw) = named_amount(&state, &args.what, VOUCHER_DECIMALS)?;
    let standing = Standing::new(&state, &observations(&actor.session, &state)?, &worker);
    let quality = standing.quality(resource.into());
    let units = margin::minted_floor(raw, quality);
    let legs = [Leg::unlimited(resource, LegKind::SellExactIn, units)];
    let asked = Asked::resources(&state);
    let quoted = quote(&state, &legs);
    let Some(limited) = Limited::new(&legs, &quoted, args.slippage_bps) else {
        let refused = quoted.refusal.ok_or_else(|| Error::failed("a quote of other legs"))?;
        return Err(Error::from(Refusal::of_quote(&refused, &Asked::legs(&state, &legs))));
    };
    let least = match &args.least {
        Some(text) => amount::parse(text, state.market.credit_decimals).map_err(Error::Usage)?,
        None => limited.legs.first().map_or(0, |leg| leg.limit),
    };
    let supply = worker::supply(&state, actor.me(), resource, raw, least);
    let receipt = actor.send(&state, &asked, &[], supply)?;
    let quoted = QuoteView::new(&state, &legs, &quoted, false);
    show(&SupplyView { receipt, quality: Rate::ppm(quality.0), least: standing.credits(least), quoted }, json)
}

#[derive(Serialize)]
struct SupplyView {
    #[serde(flatten)]
    receipt: Receipt,
    quality: Rate,
    /// What it had to bring.
    least: Amount,
    quoted: QuoteView,
}

impl View for SupplyView {
    fn text(&self) -> String {
        let Self { receipt, quality, least, quoted } = self;
        format!("quoted at a quality of {quality}, to hold at least {least} credits\n{}\n{}", quoted.table(), receipt.text())
    }
}
