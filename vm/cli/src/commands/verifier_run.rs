use clap::Args;
use hmm_agents::{chain::Chain, run::Verifier, shelf::Shelf};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    agent::{AgentNode, Keys, Rounds, lines},
    error::{Error, Result},
    place::{NetworkFees, Place},
};

#[derive(Args)]
pub struct VerifierRunArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    fees: NetworkFees,
    #[command(flatten)]
    rounds: Rounds,
    /// The market
    #[arg(long, value_name = "ADDRESS")]
    market: Address,
    /// Where traces are published: a folder, or what comes before the name of a file: https://worker.example/traces/
    #[arg(long, value_name = "PLACE")]
    traces: String,
    /// Links of a trace that are looked at between its ends
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    samples: u32,
    /// Look at what others have judged, too; dispute and prove frauds, with bonds from the signer's account of credits
    #[arg(long)]
    watch: bool,
}

pub fn run(args: &VerifierRunArgs, json: bool) -> Result<()> {
    let (mut store, signer) = args.keys.open_as("verifier")?;
    let backend = args.place.open_to_send(&args.fees)?.backend;
    let agent = Verifier { verifier: signer.pubkey().to_bytes(), shelf: Shelf::new(&args.traces), samples: args.samples };
    let mut chain = Chain { node: AgentNode(backend), market: args.market, signer };
    args.rounds.run(json, || {
        let failed = |error: hmm_agents::run::Error<_>| Error::failed(error.to_string());
        let mut done = lines(agent.round(&mut chain, &mut store).map_err(failed)?);
        if args.watch {
            done.extend(lines(agent.watch(&mut chain).map_err(failed)?));
        }
        Ok(done)
    })
}
