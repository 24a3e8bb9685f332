use clap::Args;
use hmm_client::address;

use crate::{
    act::Act,
    error::Result,
    job::{AssignmentArg, worker_at},
    session::Need,
    view::show,
};

/// Anybody may, and has the finder's part.
#[derive(Args)]
pub struct ExpireArgs {
    #[command(flatten)]
    what: AssignmentArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &ExpireArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let assignment = found.assignment(args.what.index)?;
    let worker = worker_at(&actor.session, &assignment.worker)?;
    let state = found.state()?;
    let finder = address::token_account(&me, &state.market.credit_mint, &state.market.credit_token_program);
    let expire = found.job.expire(assignment, &worker, finder);
    show(&actor.send(state, &found.asked(), &[Need::credits(state, 0)], expire)?, json)
}
