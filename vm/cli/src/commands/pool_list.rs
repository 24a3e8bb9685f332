use clap::Args;
use serde::Serialize;
use solana_address::Address;

use crate::{
    error::Result,
    place::Place,
    view::{View, show},
};

#[derive(Args)]
pub struct PoolListArgs {
    #[command(flatten)]
    place: Place,
}

pub fn run(args: &PoolListArgs, json: bool) -> Result<()> {
    let mut pools: Vec<String> = args.place.open()?.backend.pools()?.iter().map(Address::to_string).collect();
    pools.sort();
    show(&Pools { pools }, json)
}

#[derive(Serialize)]
struct Pools {
    pools: Vec<String>,
}

impl View for Pools {
    fn text(&self) -> String {
        self.pools.iter().map(|pool| format!("{pool}\n")).collect()
    }
}
