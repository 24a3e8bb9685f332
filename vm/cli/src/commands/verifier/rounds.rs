use clap::Args;
use hmm_client::{
    generated::accounts::{ROUND_DISCRIMINATOR, Round},
    rounds,
};
use serde::Serialize;
use solana_address::Address;

use crate::{
    act::Look,
    error::Result,
    table::Table,
    view::{View, show},
    words::at,
};

#[derive(Args)]
pub struct RoundsArgs {
    /// Whose [default: the signer]
    #[arg(long, value_name = "ADDRESS")]
    verifier: Option<Address>,
    #[command(flatten)]
    look: Look,
}

pub fn run(args: &RoundsArgs, json: bool) -> Result<()> {
    let session = args.look.open()?;
    let state = session.state()?;
    let me = args.verifier.map_or_else(|| args.look.me(), Ok)?;
    let now = state.unix_timestamp;
    let zero = Round::from_bytes(&[0; Round::LEN]);
    let set = |sample: &mut Round, mark: Address| sample.market = mark;
    let mut seats = Vec::new();
    for (address, data) in session.search(&ROUND_DISCRIMINATOR, zero, set, &state.pool.market)? {
        let round = rounds::decode_round(&data)?;
        let Some(seat) = rounds::seat(&round, &me) else { continue };
        let stage = round.seats.get(usize::from(seat)).map_or(0, |seat| seat.stage);
        let middle = round.until - i64::from(round.length) / 2;
        let all_committed = round.committed == round.seat_count;
        let (next, until) = match stage {
            _ if round.counted || now >= round.until => ("nothing", None),
            0 if now < middle => ("commit", Some(middle)),
            1 if all_committed || now >= middle => ("reveal", Some(round.until)),
            1 => ("wait until all have committed, then reveal", Some(round.until)),
            _ => ("nothing", None),
        };
        seats.push(SeatView {
            round: address.to_string(),
            assignment: round.assignment.to_string(),
            number: round.number,
            seat,
            stage: ["drawn", "committed", "revealed"].get(usize::from(stage)).copied().unwrap_or("revealed"),
            committed: round.committed,
            revealed: round.revealed,
            seats: round.seat_count,
            counted: round.counted,
            until: round.until,
            next,
            next_until: until,
        });
    }
    seats.sort_by(|a, b| (a.until, &a.round).cmp(&(b.until, &b.round)));
    show(&RoundsView { verifier: me.to_string(), unix_timestamp: now, rounds: seats }, json)
}

#[derive(Serialize)]
struct RoundsView {
    verifier: String,
    unix_timestamp: i64,
    rounds: Vec<SeatView>,
}

#[derive(Serialize)]
struct SeatView {
    round: String,
    assignment: String,
    number: u8,
    seat: u8,
    stage: &'static str,
    committed: u8,
    revealed: u8,
    seats: u8,
    /// Its votes are counted.
    counted: bool,
    until: i64,
    /// What the verifier has to do.
    next: &'static str,
    next_until: Option<i64>,
}

impl View for RoundsView {
    fn text(&self) -> String {
        if self.rounds.is_empty() {
            return "no seat\n".to_owned();
        }
        let mut table = Table::new(["assignment", "round", "seat", "stage", "committed", "revealed", "next"]);
        for r in &self.rounds {
            let next =
                r.next_until.map_or_else(|| r.next.to_owned(), |until| format!("{} until {}", r.next, at(until, self.unix_timestamp)));
            table.row([
                r.assignment.clone(),
                r.number.to_string(),
                r.seat.to_string(),
                r.stage.to_owned(),
                format!("{} of {}", r.committed, r.seats),
                format!("{} of {}", r.revealed, r.seats),
                next,
            ]);
        }
        table.to_string()
    }
}
