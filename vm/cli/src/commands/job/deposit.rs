use clap::Args;
use solana_address::Address;

use crate::{act::Act, amount::VOUCHER_DECIMALS, error::Result, job::JobArg, legs::named_amount, session::Need, view::show};

#[derive(Args)]
pub struct DepositArgs {
    #[command(flatten)]
    job: JobArg,
    /// So many of the client's vouchers: gpu=10
    #[arg(value_name = "RESOURCE=UNITS", allow_hyphen_values = true)]
    what: String,
    /// Of this pool [default: that of the job's first line]
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Address>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &DepositArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    let state = match &args.from {
        Some(pool) => found.pool(pool)?,
        None => found.state()?,
    };
    let (resource, units) = named_amount(state, &args.what, VOUCHER_DECIMALS)?;
    let deposit = found.job.deposit_vouchers(state, resource, units);
    show(&actor.send(state, &found.asked(), &[Need::vouchers(state, resource, units)], deposit)?, json)
}
