use clap::Args;
use hmm_client::verifier;
use solana_address::Address;

use super::place;
use crate::{act::Act, error::Result, refusal::Asked, session::Need, view::show};

#[derive(Args)]
pub struct WithdrawArgs {
    /// Whose; it is paid to it [default: the signer]
    #[arg(long, value_name = "ADDRESS")]
    verifier: Option<Address>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &WithdrawArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let whose = args.verifier.unwrap_or_else(|| actor.me());
    let place = place(&actor.session, &state, &whose)?;
    let withdraw = verifier::withdraw(state.pool.market, &state.market, whose, place);
    show(&actor.push(&state, &Asked::resources(&state), &whose, &[Need::credits(&state, 0)], withdraw)?, json)
}
