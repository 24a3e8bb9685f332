use clap::Args;
use hmm_client::{Leg, LegKind, Limited, PoolState, quote};
use serde::Serialize;

use super::super::quote::QuoteView;
use crate::{
    act::Act,
    amount::VOUCHER_DECIMALS,
    error::{Error, Result},
    job::{Found, JobArg},
    legs::named_amount,
    money::Net,
    receipt::Receipt,
    refusal::{Asked, Refusal},
    view::{View, show},
};
use solana_address::Address;

#[derive(Args)]
pub struct FillArgs {
    #[command(flatten)]
    job: JobArg,
    /// Buy exactly so many units: --buy gpu=30 [default: all that the job still wants of the pool]
    #[arg(long, value_name = "RESOURCE=UNITS", value_delimiter = ',', help_heading = "Trade", allow_hyphen_values = true)]
    buy: Vec<String>,
    /// Buy for exactly so many credits, fee included: --spend gpu=100
    #[arg(long, value_name = "RESOURCE=CREDITS", value_delimiter = ',', help_heading = "Trade", allow_hyphen_values = true)]
    spend: Vec<String>,
    /// Of this pool [default: that of the job's first line]
    #[arg(long, value_name = "ADDRESS", help_heading = "Trade")]
    from: Option<Address>,
    /// How much worse than quoted each result may be, in hundredths of a percent; the job's own prices stand besides
    #[arg(long, value_name = "BPS", default_value_t = hmm_client::DEFAULT_SLIPPAGE_BPS, value_parser = clap::value_parser!(u16).range(0..=10_000), help_heading = "Limits")]
    slippage_bps: u16,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &FillArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    let state = match &args.from {
        Some(pool) => found.pool(pool)?,
        None => found.state()?,
    };
    let legs = legs(args, &found, state)?;
    let asked = Asked::legs(state, &legs);
    let quoted = quote(state, &legs);
    let Some(limited) = Limited::new(&legs, &quoted, args.slippage_bps) else {
        let refused = quoted.refusal.ok_or_else(|| Error::failed("a quote of other legs"))?;
        return Err(Error::from(Refusal::of_quote(&refused, &asked)));
    };
    let net_limit = Net { raw: limited.net_limit, decimals: state.market.credit_decimals };
    let fill = found.job.fill(state, me, limited.legs);
    let receipt = actor.send(state, &asked, &[], fill)?;
    show(&FillView { receipt, net_limit, quoted: QuoteView::new(state, &legs, &quoted, false) }, json)
}

fn legs(args: &FillArgs, found: &Found, state: &PoolState) -> Result<Vec<Leg>> {
    let mut legs = Vec::new();
    for text in &args.buy {
        let (resource, units) = named_amount(state, text, VOUCHER_DECIMALS)?;
        legs.push(Leg::unlimited(resource, LegKind::BuyExactOut, units));
    }
    for text in &args.spend {
        let (resource, credits) = named_amount(state, text, state.market.credit_decimals)?;
        legs.push(Leg::unlimited(resource, LegKind::BuyExactIn, credits));
    }
    if legs.is_empty() {
        let lines = found.job.job.lines.iter().take(usize::from(found.job.job.line_count)).filter(|line| line.pool == state.address);
        let missing = lines.map(|line| (line.resource, line.wanted.saturating_sub(line.filled))).filter(|(_, units)| *units != 0);
        legs.extend(missing.map(|(resource, units)| Leg::unlimited(resource, LegKind::BuyExactOut, units)));
    }
    legs.sort_by_key(|leg| leg.resource);
    if legs.is_empty() { Err(Error::usage("the job wants nothing more of this pool")) } else { Ok(legs) }
}

#[derive(Serialize)]
struct FillView {
    #[serde(flatten)]
    receipt: Receipt,
    net_limit: Net,
    quoted: QuoteView,
}

impl View for FillView {
    fn text(&self) -> String {
        format!("quoted, to {}\n{}\n{}", self.net_limit.limit(), self.quoted.table(), self.receipt.text())
    }
}
