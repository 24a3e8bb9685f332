//! The end of a resource that has one.

mod redeem;
mod stop;
mod sweep;

use clap::Subcommand;

use crate::error::Result;

#[derive(Subcommand)]
pub enum SeriesCommand {
    /// Write down the last price of a series that has ended
    Stop(stop::StopArgs),
    /// Take what a worker has for what it did not deliver, into the fund of a stopped series
    Sweep(sweep::SweepArgs),
    /// Burn vouchers of a series that is over, for their part of its fund
    Redeem(redeem::RedeemArgs),
}

impl SeriesCommand {
    pub fn run(&self, json: bool) -> Result<()> {
        match self {
            Self::Stop(args) => stop::run(args, json),
            Self::Sweep(args) => sweep::run(args, json),
            Self::Redeem(args) => redeem::run(args, json),
        }
    }
}
