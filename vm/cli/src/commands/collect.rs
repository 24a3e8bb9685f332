use clap::Args;

use crate::{
    calls,
    error::Result,
    place::{NetworkFees, Place, Wallet},
    receipt::Receipt,
    refusal::Asked,
    view::show,
};

#[derive(Args)]
pub struct CollectArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    wallet: Wallet,
    #[command(flatten)]
    fees: NetworkFees,
}

pub fn run(args: &CollectArgs, json: bool) -> Result<()> {
    let signer = args.wallet.keypair(&args.place)?;
    let mut session = args.place.open_to_send(&args.fees)?;
    let state = session.state()?;
    let sent = session.send(&signer, &Asked::resources(&state), &[], calls::collect_fees(&state))?;
    show(&Receipt::new(&state, sent), json)
}
