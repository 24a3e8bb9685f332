use clap::Args;
use hmm_client::worker;
use solana_address::Address;

use crate::{
    act::Act,
    error::{Error, Result},
    refusal::Asked,
    view::show,
};

#[derive(Args)]
pub struct RegisterArgs {
    /// The hot key that may start, attest and decline
    #[arg(long, value_name = "ADDRESS")]
    operator: Option<Address>,
    /// Where clients find the worker: at most 64 bytes of text
    #[arg(long, value_name = "TEXT", default_value = "")]
    profile: String,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &RegisterArgs, json: bool) -> Result<()> {
    let mut profile = [0; 64];
    let text = args.profile.as_bytes();
    let place =
        profile.get_mut(..text.len()).ok_or_else(|| Error::usage(format!("the profile has {} bytes, at most 64 fit", text.len())))?;
    place.copy_from_slice(text);
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    let register = worker::register(&state, actor.me(), profile, args.operator.unwrap_or_default());
    show(&actor.send(&state, &Asked::resources(&state), &[], register)?, json)
}
