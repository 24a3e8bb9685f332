use clap::Args;
use hmm_client::{
    generated::accounts::{JOB_DISCRIMINATOR, Job},
    jobs::machine,
};
use serde::Serialize;
use solana_address::Address;

use crate::{
    act::Look,
    error::Result,
    money::Amount,
    table::Table,
    view::{View, show},
    words,
};

#[derive(Args)]
pub struct ListArgs {
    /// Whose [default: the signer]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "all")]
    client: Option<Address>,
    /// All jobs of the market
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    look: Look,
}

pub fn run(args: &ListArgs, json: bool) -> Result<()> {
    let session = args.look.open()?;
    let state = session.state()?;
    let market = state.pool.market;
    let zero = Job::from_bytes(&[0; Job::LEN]);
    let jobs = if args.all {
        session.search(&JOB_DISCRIMINATOR, zero, |sample: &mut Job, mark| sample.market = mark, &market)?
    } else {
        let client = args.client.map_or_else(|| args.look.me(), Ok)?;
        session.search(&JOB_DISCRIMINATOR, zero, |sample: &mut Job, mark| sample.owner = mark, &client)?
    };
    let mut items = Vec::new();
    for (address, data) in jobs {
        let job = Job::from_bytes(&data)?;
        if job.market != market {
            continue;
        }
        let machine = machine(&job);
        items.push(Item {
            job: address.to_string(),
            id: job.id,
            client: job.owner.to_string(),
            state: words::snake(&machine.state()),
            reason: words::outcome(job.closed),
            credits: Amount { raw: job.credits, decimals: state.market.credit_decimals },
            live: machine.live(),
            assigned: job.assigned,
            assign_by: job.assign_by,
        });
    }
    items.sort_by(|a, b| (&a.client, a.id).cmp(&(&b.client, b.id)));
    show(&ListView { jobs: items }, json)
}

#[derive(Serialize)]
struct ListView {
    jobs: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    job: String,
    id: u64,
    client: String,
    state: String,
    /// Why it was closed.
    reason: Option<String>,
    credits: Amount,
    live: u8,
    assigned: u8,
    assign_by: i64,
}

impl View for ListView {
    fn text(&self) -> String {
        let mut table = Table::new(["job", "number", "state", "credits", "live", "assigned"]);
        for job in &self.jobs {
            let reason = job.reason.as_ref().map(|reason| format!(": {}", reason.replace('_', " "))).unwrap_or_default();
            let state = job.state.replace('_', " ") + &reason;
            table.row([
                job.job.clone(),
                job.id.to_string(),
                state,
                job.credits.to_string(),
                job.live.to_string(),
                job.assigned.to_string(),
            ]);
        }
        table.to_string()
    }
}
