use clap::Args;
use solana_address::Address;

use crate::{
    act::Act,
    amount::VOUCHER_DECIMALS,
    error::{Error, Result},
    job::{JobArg, worker_at},
    legs::named_amount,
    view::show,
};

#[derive(Args)]
pub struct AssignArgs {
    #[command(flatten)]
    job: JobArg,
    /// The worker
    #[arg(long, value_name = "ADDRESS")]
    worker: Address,
    /// For so many units: --units gpu=30,vram=120 [default: all that the job holds of the worker's pool]
    #[arg(long, value_name = "RESOURCE=UNITS", value_delimiter = ',', allow_hyphen_values = true)]
    units: Vec<String>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &AssignArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    let pool = worker_at(&actor.session, &args.worker)?.pool;
    let state = found.pool(&pool)?;
    let named = args.units.iter().map(|text| named_amount(state, text, VOUCHER_DECIMALS)).collect::<Result<Vec<_>>>()?;
    let mut units = Vec::new();
    for line in found.job.job.lines.iter().take(usize::from(found.job.job.line_count)) {
        let wanted = named.iter().find(|(resource, _)| line.pool == pool && *resource == line.resource);
        units.push(match wanted {
            Some((_, units)) => *units,
            None if named.is_empty() && line.pool == pool => line.lot.bought + line.lot.wallet,
            None => 0,
        });
    }
    if units.iter().filter(|units| **units != 0).count() < named.len() {
        return Err(Error::usage(format!("the job has lines for {} only, each named once", found.names().join(", "))));
    }
    let assign = found.job.assign(state, args.worker, me, units);
    show(&actor.send(state, &found.asked(), &[], assign)?, json)
}
