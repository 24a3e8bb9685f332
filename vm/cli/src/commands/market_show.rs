use clap::Args;
use hmm_client::PoolState;
use serde::Serialize;

use crate::{
    error::Result,
    money::Rate,
    place::Place,
    table::pairs,
    view::{View, show},
};

#[derive(Args)]
pub struct MarketShowArgs {
    #[command(flatten)]
    place: Place,
}

pub fn run(args: &MarketShowArgs, json: bool) -> Result<()> {
    show(&MarketView::new(&args.place.open()?.state()?), json)
}

#[derive(Serialize)]
struct MarketView {
    market: String,
    credit_mint: String,
    credit_decimals: u8,
    credit_token_program: String,
    authority: String,
    guardian: String,
    treasury: String,
    market_fee: Rate,
    risk_fee: Rate,
    max_fee: Rate,
    /// Of the whole fee.
    burn_share: Rate,
    /// Of what the burn leaves of the market fee.
    lp_share: Rate,
    /// Slots.
    risk_window: u32,
    paused: bool,
    paused_until: i64,
    pools: u64,
}

impl MarketView {
    fn new(at: &PoolState) -> Self {
        let market = &at.market;
        Self {
            market: at.pool.market.to_string(),
            credit_mint: market.credit_mint.to_string(),
            credit_decimals: market.credit_decimals,
            credit_token_program: market.credit_token_program.to_string(),
            authority: market.authority.to_string(),
            guardian: market.guardian.to_string(),
            treasury: market.treasury.to_string(),
            market_fee: Rate::ppm(market.market_fee),
            risk_fee: Rate::ppm(market.risk_fee),
            max_fee: Rate::ppm(market.max_fee),
            burn_share: Rate::ppm(market.burn_share),
            lp_share: Rate::ppm(market.lp_share),
            risk_window: market.risk_window,
            paused: at.unix_timestamp < market.paused_until,
            paused_until: market.paused_until,
            pools: market.pool_count,
        }
    }
}

impl View for MarketView {
    fn text(&self) -> String {
        let paused = if self.paused { format!("until unix time {}", self.paused_until) } else { "no".to_owned() };
        pairs([
            ("market", self.market.clone()),
            ("credit mint", format!("{}, {} decimals", self.credit_mint, self.credit_decimals)),
            ("token program", self.credit_token_program.clone()),
            ("authority", self.authority.clone()),
            ("guardian", self.guardian.clone()),
            ("treasury", self.treasury.clone()),
            ("market fee", self.market_fee.to_string()),
            ("risk fee", format!("{} of the move", self.risk_fee)),
            ("highest fee", self.max_fee.to_string()),
            ("burned", format!("{} of every fee", self.burn_share)),
            ("to LPs", format!("{} of the rest of the market fee, all of the risk fee", self.lp_share)),
            ("risk window", format!("{} slots", self.risk_window)),
            ("paused", paused),
            ("pools", self.pools.to_string()),
        ])
    }
}
