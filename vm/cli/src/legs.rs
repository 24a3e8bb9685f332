//! Legs as people write them.

use clap::Args;
use hmm_client::{Leg, LegKind, PoolState};

use crate::{
    amount::{self, VOUCHER_DECIMALS},
    error::{Error, Result},
};

/// Most legs of one trade.
const MOST_LEGS: usize = 8;

/// How amounts are written, for --help.
pub const AMOUNTS: &str = "\
Amounts are whole units, with up to 6 decimals for resources and as many as the credit mint has for credits. RESOURCE=AMOUNT can
stand several times, with commas between or with the option again; each resource once, at most 8 in one trade.";

#[derive(Args)]
#[command(next_help_heading = "Trade")]
pub struct TradeArgs {
    /// Buy exactly so many units: --buy gpu=100,vram=512
    #[arg(long, value_name = "RESOURCE=UNITS", value_delimiter = ',', allow_hyphen_values = true)]
    buy: Vec<String>,
    /// Buy for exactly so many credits, fee included: --spend gpu=250
    #[arg(long, value_name = "RESOURCE=CREDITS", value_delimiter = ',', allow_hyphen_values = true)]
    spend: Vec<String>,
    /// Sell exactly so many units: --sell cpu=50
    #[arg(long, value_name = "RESOURCE=UNITS", value_delimiter = ',', allow_hyphen_values = true)]
    sell: Vec<String>,
    /// Sell for exactly so many credits, after the fee: --raise cpu=20
    #[arg(long, value_name = "RESOURCE=CREDITS", value_delimiter = ',', allow_hyphen_values = true)]
    raise: Vec<String>,
}

impl TradeArgs {
    /// The legs, in the order of the pool's resources, without limits.
    pub fn legs(&self, state: &PoolState) -> Result<Vec<Leg>> {
        let of = |kind, texts: &[String]| texts.iter().map(move |text| (kind, text.clone())).collect::<Vec<_>>();
        let asked: Vec<(LegKind, String)> = [
            of(LegKind::BuyExactOut, &self.buy),
            of(LegKind::BuyExactIn, &self.spend),
            of(LegKind::SellExactIn, &self.sell),
            of(LegKind::SellExactOut, &self.raise),
        ]
        .concat();
        match asked.len() {
            0 => return Err(Error::usage("trade what? Give --buy, --spend, --sell or --raise")),
            1..=MOST_LEGS => {}
            many => return Err(Error::usage(format!("{many} legs, and {MOST_LEGS} is the most one trade can have"))),
        }
        let mut legs = Vec::with_capacity(asked.len());
        for (kind, text) in asked {
            let decimals =
                if matches!(kind, LegKind::BuyExactOut | LegKind::SellExactIn) { VOUCHER_DECIMALS } else { state.market.credit_decimals };
            let (resource, amount) = named_amount(state, &text, decimals)?;
            legs.push(Leg::unlimited(resource, kind, amount));
        }
        legs.sort_by_key(|leg| leg.resource);
        match legs.iter().zip(legs.iter().skip(1)).find(|(leg, next)| leg.resource == next.resource) {
            Some((leg, _)) => {
                Err(Error::usage(format!("{} is named twice: one trade has one leg for each resource", name(state, leg.resource))))
            }
            None => Ok(legs),
        }
    }
}

/// `gpu=100`: the resource's place in the pool and the raw amount.
pub fn named_amount(state: &PoolState, text: &str, decimals: u8) -> Result<(u8, u64)> {
    let (name, amount) = text.split_once('=').ok_or_else(|| Error::usage(format!("{text:?} is not RESOURCE=AMOUNT, like gpu=100")))?;
    let resource = named(state, name)?;
    let amount = amount::parse(amount, decimals).map_err(|reason| Error::usage(format!("{name}: {reason}")))?;
    Ok((resource, amount))
}

/// A resource's place in the pool.
pub fn named(state: &PoolState, name: &str) -> Result<u8> {
    let unknown = || Error::usage(format!("the pool has no resource {name:?}; it has {}", state.resource_names().join(", ")));
    state.resource_index(name).ok_or_else(unknown)
}

pub fn name(state: &PoolState, resource: u8) -> String {
    state.resource_names().get(usize::from(resource)).cloned().unwrap_or_default()
}

/// As JSON has it.
pub fn kind_name(kind: LegKind) -> &'static str {
    match kind {
        LegKind::BuyExactIn => "buy_exact_in",
        LegKind::BuyExactOut => "buy_exact_out",
        LegKind::SellExactIn => "sell_exact_in",
        LegKind::SellExactOut => "sell_exact_out",
    }
}

pub fn verb(kind: LegKind) -> &'static str {
    if kind.is_buy() { "buy" } else { "sell" }
}
