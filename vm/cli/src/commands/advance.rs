use clap::Args;
use serde::Serialize;

use crate::{
    error::Result,
    place::Place,
    view::{View, show},
};

#[derive(Args)]
pub struct AdvanceArgs {
    #[command(flatten)]
    place: Place,
    /// Slots of 400 ms
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    slots: u64,
}

pub fn run(args: &AdvanceArgs, json: bool) -> Result<()> {
    let mut session = args.place.open()?;
    session.backend.advance(args.slots)?;
    let state = session.state()?;
    show(&Clock { slot: state.slot, unix_timestamp: state.unix_timestamp }, json)
}

#[derive(Serialize)]
struct Clock {
    slot: u64,
    unix_timestamp: i64,
}

impl View for Clock {
    fn text(&self) -> String {
        format!("slot {}, unix time {}\n", self.slot, self.unix_timestamp)
    }
}
