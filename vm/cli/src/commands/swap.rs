use clap::Args;
use hmm_client::{Leg, LegKind, Limited, PoolState, swap};
use serde::Serialize;
use solana_signer::Signer;

use super::quote::QuoteView;
use crate::{
    amount::VOUCHER_DECIMALS,
    error::{Error, Result},
    legs::{TradeArgs, named_amount},
    limits::LimitArgs,
    money::Net,
    place::{NetworkFees, Place, Wallet},
    receipt::Receipt,
    refusal::{Asked, Refusal},
    session::Need,
    view::{View, show},
};

pub const EXAMPLES: &str = "\
Examples:
  hmm swap --embedded --state market.json --buy gpu=100,vram=512
  hmm swap --embedded --state market.json --sell gpu=40 --buy cpu=500
  hmm swap --url http://127.0.0.1:8899 --spend gpu=250 --slippage-bps 10 --deadline 30
  hmm swap --embedded --buy gpu=100 --limit gpu=250        (pay at most 250 credits, or be refused)";

#[derive(Args)]
pub struct SwapArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    wallet: Wallet,
    #[command(flatten)]
    trade: TradeArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// The worst result of one leg instead of the slippage's: credits where its units are fixed, units where its credits are
    #[arg(long, value_name = "RESOURCE=AMOUNT", value_delimiter = ',', help_heading = "Limits", allow_hyphen_values = true)]
    limit: Vec<String>,
    #[command(flatten)]
    fees: NetworkFees,
}

pub fn run(args: &SwapArgs, json: bool) -> Result<()> {
    let signer = args.wallet.keypair(&args.place)?;
    let mut session = args.place.open_to_send(&args.fees)?;
    let state = session.state()?;
    let legs = args.trade.legs(&state)?;
    let asked = Asked::legs(&state, &legs);
    let quote = hmm_client::quote(&state, &legs);
    let Some(mut order) = Limited::new(&legs, &quote, args.limits.slippage_bps) else {
        let refused = quote.refusal.ok_or_else(|| Error::failed("a quote of other legs"))?;
        return Err(Error::from(Refusal::of_quote(&refused, &asked)));
    };
    limit_legs(&state, &mut order.legs, &args.limit)?;

    let paid = u64::try_from(quote.net).unwrap_or_default();
    let mut needs = vec![Need::credits(&state, paid)];
    needs.extend(
        legs.iter().zip(&quote.legs).map(|(leg, q)| Need::vouchers(&state, leg.resource, if leg.kind.is_buy() { 0 } else { q.units })),
    );
    let deadline = args.limits.deadline.unix(state.unix_timestamp)?;
    let swap = swap::swap(&state, signer.pubkey(), order.legs, order.net_limit, deadline);
    let sent = session.send(&signer, &asked, &needs, swap)?;

    let decimals = state.market.credit_decimals;
    let quoted = QuoteView::new(&state, &legs, &quote, false);
    let net_limit = Net { raw: order.net_limit, decimals };
    show(&SwapView { receipt: Receipt::new(&state, sent), net_limit, quoted }, json)
}

/// Limits of single legs, by the name of their resource.
fn limit_legs(state: &PoolState, legs: &mut [Leg], limits: &[String]) -> Result<()> {
    for text in limits {
        let name = text.split('=').next().unwrap_or_default();
        let index = state.resource_index(name);
        let Some(leg) = legs.iter_mut().find(|leg| Some(leg.resource) == index) else {
            return Err(Error::usage(format!("--limit {text}: the trade has no leg of {name:?}")));
        };
        let of_credits = matches!(leg.kind, LegKind::BuyExactOut | LegKind::SellExactIn);
        let decimals = if of_credits { state.market.credit_decimals } else { VOUCHER_DECIMALS };
        leg.limit = named_amount(state, text, decimals)?.1;
    }
    Ok(())
}

#[derive(Serialize)]
struct SwapView {
    #[serde(flatten)]
    receipt: Receipt,
    net_limit: Net,
    quoted: QuoteView,
}

impl View for SwapView {
    fn text(&self) -> String {
        let limit = self.net_limit.limit();
        let text = format!("quoted: {}, to {limit}\n{}", self.quoted.net, self.quoted.table());
        text + "\n" + &self.receipt.text()
    }
}
