use clap::Args;
use hmm_client::PoolState;
use serde::Serialize;

use crate::{
    error::Result,
    money::{Amount, Rate},
    place::Place,
    table::pairs,
    view::{View, show},
    words::time_left,
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
    supply: SupplyView,
    jobs: JobsView,
    verification: VerificationView,
}

/// What is asked of workers. Times in seconds, in all three.
#[derive(Serialize)]
struct SupplyView {
    /// Of what a worker owes, what bond and held must be.
    gamma: Rate,
    /// Below which it may be liquidated.
    maintenance: Rate,
    /// Of the mark, what a liquidator is paid at most.
    premium: Rate,
    /// Credits in a pool below which it makes no marks.
    mark_depth: Amount,
    notice: u32,
    unbonding: u32,
    close_lead: u32,
}

/// What jobs run under.
#[derive(Serialize)]
struct JobsView {
    reservation_fee: Amount,
    seat_fee: Amount,
    seats: u8,
    seats_high: u8,
    high_value: Amount,
    min_bond: Amount,
    reservation: Rate,
    notice: u32,
    draw_delay: u32,
    round: u32,
    challenge: u32,
    appeal: u32,
    longest: u32,
    bonus: Rate,
    bonus_cap: Rate,
    /// Of 10,000.
    pass_score: u16,
    bonus_score: u16,
    sample_min: Rate,
}

/// What is asked of verifiers.
#[derive(Serialize)]
struct VerificationView {
    min_stake: Amount,
    non_reveal_slash: Amount,
    activation: u32,
    unstaking: u32,
}

impl MarketView {
    fn new(at: &PoolState) -> Self {
        let market = &at.market;
        let credits = |raw| Amount { raw, decimals: market.credit_decimals };
        let (supply, jobs, verification) = (&market.supply, &market.jobs, &market.verification);
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
            supply: SupplyView {
                gamma: Rate::ppm(supply.gamma),
                maintenance: Rate::ppm(supply.maintenance),
                premium: Rate::ppm(supply.premium),
                mark_depth: credits(supply.mark_depth),
                notice: supply.notice,
                unbonding: supply.unbonding,
                close_lead: supply.close_lead,
            },
            jobs: JobsView {
                reservation_fee: credits(jobs.reservation_fee),
                seat_fee: credits(jobs.seat_fee),
                seats: jobs.seats,
                seats_high: jobs.seats_high,
                high_value: credits(jobs.high_value),
                min_bond: credits(jobs.min_bond),
                reservation: Rate::ppm(jobs.reservation),
                notice: jobs.notice,
                draw_delay: jobs.draw_delay,
                round: jobs.round,
                challenge: jobs.challenge,
                appeal: jobs.appeal,
                longest: jobs.longest,
                bonus: Rate::ppm(jobs.bonus),
                bonus_cap: Rate::ppm(jobs.bonus_cap),
                pass_score: jobs.pass_score,
                bonus_score: jobs.bonus_score,
                sample_min: Rate::ppm(jobs.sample_min),
            },
            verification: VerificationView {
                min_stake: credits(verification.min_stake),
                non_reveal_slash: credits(verification.non_reveal_slash),
                activation: verification.activation,
                unstaking: verification.unstaking,
            },
        }
    }
}

impl View for MarketView {
    fn text(&self) -> String {
        let paused = if self.paused { format!("until unix time {}", self.paused_until) } else { "no".to_owned() };
        let (s, j, v) = (&self.supply, &self.jobs, &self.verification);
        let time = |seconds: u32| time_left(seconds.into());
        let worker = format!(
            "bond and held are {} of what it owes; below {} it may be liquidated, {} after notice",
            s.gamma,
            s.maintenance,
            time(s.notice)
        );
        let bonus = format!(
            "{} of 10,000 pass; from {} on there is a bonus of {} of the value, at most {} of the fees it burned",
            j.pass_score, j.bonus_score, j.bonus, j.bonus_cap
        );
        let committee = format!("{} seats, {} from a value of {} on; {} credits each", j.seats, j.seats_high, j.high_value, j.seat_fee);
        let windows = format!("{} a round, {} to challenge, {} to appeal", time(j.round), time(j.challenge), time(j.appeal));
        let stake = format!("at least {}, counts after {}, out after {}", v.min_stake, time(v.activation), time(v.unstaking));
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
            ("workers", worker),
            ("unbonding", time(s.unbonding)),
            ("marks", format!("of pools with at least {} credits", s.mark_depth)),
            ("assignments", format!("reserve at least {} of bond for {} credits", j.min_bond, j.reservation_fee)),
            ("jobs", format!("last at most {}", time(j.longest))),
            ("committees", committee),
            ("windows", windows),
            ("scores", bonus),
            ("stakes", stake),
            ("not revealing", format!("costs {} credits", v.non_reveal_slash)),
        ])
    }
}
