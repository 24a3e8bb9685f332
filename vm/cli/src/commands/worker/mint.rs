use clap::Args;
use hmm_client::worker;
use solana_address::Address;

use super::own;
use crate::{act::Act, amount::VOUCHER_DECIMALS, error::Result, legs::named_amount, refusal::Asked, session::Need, view::show};

#[derive(Args)]
pub struct MintArgs {
    /// What is offered: so many units of capacity, of which its quality is minted: gpu=100
    #[arg(value_name = "RESOURCE=UNITS", allow_hyphen_values = true)]
    what: String,
    /// To whose wallet [default: the signer's]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Address>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &MintArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    own(&actor.session, &state, &actor.me())?;
    let (resource, raw) = named_amount(&state, &args.what, VOUCHER_DECIMALS)?;
    let to = args.to.unwrap_or_else(|| actor.me());
    let mint = worker::mint_vouchers(&state, actor.me(), resource, raw, &to);
    show(&actor.push(&state, &Asked::resources(&state), &to, &[Need::vouchers(&state, resource, 0)], mint)?, json)
}
