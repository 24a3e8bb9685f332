use clap::Args;
use hmm_client::{Leg, LegQuote, PoolState, Quote, quote::price_impact};
use serde::Serialize;

use crate::{
    calls,
    error::{Error, Result},
    legs::{self, TradeArgs},
    money::{Amount, Net, Price, Rate, Relative},
    place::Place,
    refusal::{Asked, Refusal},
    table::Table,
    view::{View, show},
};

#[derive(Args)]
pub struct QuoteArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    trade: TradeArgs,
    /// Ask the program too, by simulation, and fail unless it says the same
    #[arg(long)]
    on_chain: bool,
}

pub fn run(args: &QuoteArgs, json: bool) -> Result<()> {
    let session = args.place.open()?;
    let state = session.state()?;
    let legs = args.trade.legs(&state)?;
    let asked = Asked::legs(&state, &legs);
    let mut quote = hmm_client::quote(&state, &legs);
    if args.on_chain {
        let sent = session.simulate(&asked, &state.pool.creator, calls::quote(&state, &legs))?;
        let on_chain = calls::decode_quote(&sent.return_data)?;
        // On a network the program quotes in a later slot than the accounts were read in; then its word counts.
        let later = session.state()?.slot != state.slot;
        if on_chain != quote && !later {
            return Err(Error::failed(format!("the program quotes {on_chain:?}, and this client {quote:?}")));
        }
        quote = on_chain;
    }
    let view = QuoteView::new(&state, &legs, &quote, args.on_chain);
    match &quote.refusal {
        None => show(&view, json),
        Some(refusal) => {
            if !json && !view.legs.is_empty() {
                print!("{}", view.table());
            }
            Err(Error::from(Refusal::of_quote(refusal, &asked)))
        }
    }
}

/// A quote, leg by leg.
#[derive(Serialize)]
pub struct QuoteView {
    pool: String,
    slot: u64,
    /// Whether the numbers are the program's own answer.
    on_chain: bool,
    /// Credits paid; negative: received.
    pub net: Net,
    legs: Vec<LegView>,
}

#[derive(Serialize)]
struct LegView {
    resource: String,
    kind: &'static str,
    units: Amount,
    /// Paid with the fee in them (buy), or received with the fee taken off (sell).
    credits: Amount,
    fee: Amount,
    burn: Amount,
    to_lps: Amount,
    to_treasury: Amount,
    fee_rate: Rate,
    price_before: Price,
    price_after: Price,
    /// How much worse than the price before the average is, without the fee.
    price_impact: Relative,
    #[serde(skip)]
    verb: &'static str,
}

impl QuoteView {
    pub fn new(state: &PoolState, asked: &[Leg], quote: &Quote, on_chain: bool) -> Self {
        let credit_decimals = state.market.credit_decimals;
        let view = |(leg, q): (&Leg, &LegQuote)| {
            let credits = |raw| Amount { raw, decimals: credit_decimals };
            let price = |raw| Price { raw, credit_decimals };
            LegView {
                resource: legs::name(state, leg.resource),
                kind: legs::kind_name(leg.kind),
                units: Amount::units(q.units),
                credits: credits(q.credits),
                fee: credits(q.fee),
                burn: credits(q.burn),
                to_lps: credits(q.to_lps),
                to_treasury: credits(q.to_treasury),
                fee_rate: Rate::ppb(q.fee_rate),
                price_before: price(q.price_before),
                price_after: price(q.price_after),
                price_impact: Relative(price_impact(leg.kind, q)),
                verb: legs::verb(leg.kind),
            }
        };
        Self {
            pool: state.address.to_string(),
            slot: state.slot,
            on_chain,
            net: Net { raw: quote.net, decimals: credit_decimals },
            legs: asked.iter().zip(&quote.legs).map(view).collect(),
        }
    }

    pub fn table(&self) -> String {
        let header = ["", "units", "credits", "fee", "rate", "burned", "to LPs", "treasury", "price before", "price after", "impact"];
        let mut table = Table::new(header);
        for leg in &self.legs {
            table.row([
                format!("{} {}", leg.verb, leg.resource),
                leg.units.to_string(),
                leg.credits.to_string(),
                leg.fee.to_string(),
                leg.fee_rate.to_string(),
                leg.burn.to_string(),
                leg.to_lps.to_string(),
                leg.to_treasury.to_string(),
                leg.price_before.to_string(),
                leg.price_after.to_string(),
                leg.price_impact.to_string(),
            ]);
        }
        table.to_string()
    }
}

impl View for QuoteView {
    fn text(&self) -> String {
        format!("{}{}\n", self.table(), self.net)
    }
}
