use clap::Args;
use hmm_client::{PoolState, series, state};
use serde::Serialize;

use crate::{
    error::Result,
    money::{Amount, Price, Rate},
    number,
    place::Place,
    refusal::of_math,
    table::{Table, pairs},
    view::{View, show},
};

#[derive(Args)]
pub struct PoolShowArgs {
    #[command(flatten)]
    place: Place,
}

pub fn run(args: &PoolShowArgs, json: bool) -> Result<()> {
    show(&PoolView::new(&args.place.open()?.state()?)?, json)
}

/// A pool as a trade in the present slot finds it: with the fees that have dripped into Θ by now.
#[derive(Serialize)]
struct PoolView {
    pool: String,
    market: String,
    creator: String,
    slot: u64,
    active: bool,
    region: String,
    max_latency_ms: u32,
    privacy_tier: u8,
    /// λ over the denominator of the weights.
    lambda: u32,
    /// All shares, the locked minimum included.
    shares: Amount,
    burn_due: Amount,
    treasury_due: Amount,
    resources: Vec<ResourceView>,
}

#[derive(Serialize)]
struct ResourceView {
    name: String,
    voucher_mint: String,
    psi: Amount,
    theta: Amount,
    /// Null before the first deposit.
    price: Option<Price>,
    kappa: String,
    /// LP fees that are not in Θ yet.
    pending: Amount,
    /// Moves in the risk window: what the risk fee looks back at.
    recent_move: Rate,
    /// Vouchers that workers owe.
    issued: Amount,
    /// Vouchers that are numbers of jobs.
    in_jobs: Amount,
    /// What liquidations and ended series fell short of.
    bad_debt: Amount,
    /// When the series ends, unix time. Null without an end.
    delivery_end: Option<i64>,
    /// Of a series that was stopped.
    stop_price: Option<Price>,
    /// What its vouchers are redeemed from.
    fund: Amount,
    min_psi: Amount,
    min_theta: Amount,
    weight: u32,
    psi_scale: u32,
    theta_scale: u32,
    #[serde(skip)]
    kappa_short: String,
}

impl PoolView {
    fn new(at: &PoolState) -> Result<Self> {
        let (pool, decimals) = (&at.pool, at.market.credit_decimals);
        let credits = |raw| Amount { raw, decimals };
        let mut resources = Vec::new();
        for (index, name) in (0u8..).zip(at.resource_names()) {
            let Some(mut r) = at.reserve(index) else { break };
            r.rotate(at.slot, at.market.risk_window).map_err(of_math)?;
            let i = usize::from(index);
            let of = |array: &[u64; 8]| array.get(i).copied().unwrap_or_default();
            let stopped = series::stop_price(pool, index);
            let price = if pool.shares == 0 { None } else { Some(r.price_floor().map_err(of_math)?) };
            resources.push(ResourceView {
                name,
                voucher_mint: pool.voucher_mints.get(i).copied().unwrap_or_default().to_string(),
                psi: Amount::units(r.psi.0),
                theta: credits(r.theta.0),
                price: price.map(|price| Price { raw: price.0, credit_decimals: decimals }),
                kappa: number::decimal(r.kappa.0),
                pending: credits(r.windows.pending_cur + r.windows.pending_prev - r.windows.dripped),
                recent_move: Rate::ppb(r.windows.recent_move_ceil(at.slot, at.market.risk_window).0),
                issued: Amount::units(of(&pool.issued)),
                in_jobs: Amount::units(of(&pool.in_jobs)),
                bad_debt: credits(of(&pool.bad_debt)),
                delivery_end: pool.delivery_end.get(i).copied().filter(|end| *end != 0),
                stop_price: (stopped != hmm_math::Price(0)).then_some(Price { raw: stopped.0, credit_decimals: decimals }),
                fund: credits(of(&pool.fund)),
                min_psi: Amount::units(r.min_psi.0),
                min_theta: credits(r.min_theta.0),
                weight: r.curve.weight,
                psi_scale: r.curve.psi_scale,
                theta_scale: r.curve.theta_scale,
                kappa_short: number::scientific(r.kappa.0, 6),
            });
        }
        Ok(Self {
            pool: at.address.to_string(),
            market: pool.market.to_string(),
            creator: pool.creator.to_string(),
            slot: at.slot,
            active: pool.shares != 0,
            region: state::text(&pool.region),
            max_latency_ms: pool.max_latency_ms,
            privacy_tier: pool.privacy_tier,
            lambda: pool.lambda,
            shares: credits(pool.shares),
            burn_due: credits(pool.burn_due),
            treasury_due: credits(pool.treasury_due),
            resources,
        })
    }
}

impl View for PoolView {
    fn text(&self) -> String {
        let class = format!("{}, at most {} ms, privacy tier {}", self.region, self.max_latency_ms, self.privacy_tier);
        let head = pairs([
            ("pool", self.pool.clone()),
            ("market", self.market.clone()),
            ("class", class),
            ("status", if self.active { "active" } else { "waits for its first deposit" }.to_owned()),
            ("shares", self.shares.to_string()),
            ("λ", self.lambda.to_string()),
            ("burn due", self.burn_due.to_string()),
            ("treasury due", self.treasury_due.to_string()),
            ("slot", self.slot.to_string()),
        ]);
        let mut table = Table::new(["", "Ψ", "Θ", "price", "κ", "pending", "recent move", "issued", "in jobs", "w"]);
        for r in &self.resources {
            table.row([
                r.name.clone(),
                r.psi.to_string(),
                r.theta.to_string(),
                r.price.map_or_else(|| "–".to_owned(), |price| price.to_string()),
                r.kappa_short.clone(),
                r.pending.to_string(),
                r.recent_move.to_string(),
                r.issued.to_string(),
                r.in_jobs.to_string(),
                r.weight.to_string(),
            ]);
        }
        let mut text = format!("{head}\n{table}");
        for r in &self.resources {
            if let Some(end) = r.delivery_end {
                let stopped =
                    r.stop_price.map(|price| format!(", stopped at {price}, its fund has {} credits", r.fund)).unwrap_or_default();
                text += &format!("{} ends at unix time {end}{stopped}\n", r.name);
            }
            if r.bad_debt.raw != 0 {
                text += &format!("{} has a bad debt of {} credits\n", r.name, r.bad_debt);
            }
        }
        text
    }
}
