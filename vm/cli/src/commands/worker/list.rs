use clap::Args;
use hmm_client::generated::accounts::{WORKER_DISCRIMINATOR, Worker};
use serde::Serialize;
use solana_address::Address;

use super::observations;
use crate::{
    error::Result,
    money::{Amount, Rate},
    place::Place,
    standing::Standing,
    table::Table,
    view::{View, show},
};

#[derive(Args)]
pub struct ListArgs {
    #[command(flatten)]
    place: Place,
}

pub fn run(args: &ListArgs, json: bool) -> Result<()> {
    let session = args.place.open()?;
    let state = session.state()?;
    let observations = observations(&session, &state)?;
    let zero = Worker::from_bytes(&[0; Worker::LEN]);
    let set = |sample: &mut Worker, mark: Address| sample.pool = mark;
    let mut workers = Vec::new();
    for (address, data) in session.search(&WORKER_DISCRIMINATOR, zero, set, &state.address)? {
        let worker = Worker::from_bytes(&data)?;
        let standing = Standing::new(&state, &observations, &worker);
        let resource = |(i, resource): (usize, String)| Resource {
            resource,
            outstanding: Amount::units(worker.outstanding.get(i).copied().unwrap_or_default()),
            quality: Rate::ppm(standing.quality(i).0),
        };
        let resources = state.resource_names().into_iter().enumerate().map(resource).filter(|r| r.outstanding.raw != 0).collect();
        workers.push(Item {
            worker: address.to_string(),
            banned: worker.banned,
            key_valid: state.unix_timestamp < worker.key_expiry,
            free_bond: standing.free_bond().map(|raw| standing.credits(raw)),
            jobs: worker.jobs,
            resources,
        });
    }
    workers.sort_by(|a, b| a.worker.cmp(&b.worker));
    show(&ListView { workers }, json)
}

#[derive(Serialize)]
struct ListView {
    workers: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    worker: String,
    banned: bool,
    key_valid: bool,
    free_bond: Option<Amount>,
    jobs: u64,
    /// Those it owes something of: what it can be assigned.
    resources: Vec<Resource>,
}

#[derive(Serialize)]
struct Resource {
    resource: String,
    outstanding: Amount,
    quality: Rate,
}

impl View for ListView {
    fn text(&self) -> String {
        let mut table = Table::new(["worker", "free bond", "jobs", "owes"]);
        for w in &self.workers {
            let owes: Vec<String> = w.resources.iter().map(|r| format!("{} {} at {}", r.outstanding, r.resource, r.quality)).collect();
            let state = match (w.banned, w.key_valid) {
                (true, _) => " (banned)",
                (false, false) => " (no key)",
                (false, true) => "",
            };
            let free = w.free_bond.map_or_else(|| "no mark".to_owned(), |free| free.to_string());
            table.row([w.worker.clone() + state, free, w.jobs.to_string(), owes.join(", ")]);
        }
        table.to_string()
    }
}
