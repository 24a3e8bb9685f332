use clap::Args;
use hmm_agents::{chain::Chain, run::Worker, shelf::Shelf};
use hmm_client::generated::accounts::{WORKER_DISCRIMINATOR, Worker as Account};
use solana_address::Address;

use crate::{
    agent::{AgentNode, Keys, Rounds, lines},
    error::{Error, Result},
    place::{NetworkFees, Place},
};

#[derive(Args)]
pub struct WorkerRunArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    fees: NetworkFees,
    #[command(flatten)]
    rounds: Rounds,
    /// The worker
    #[arg(long, value_name = "ADDRESS")]
    worker: Address,
    /// The folder in which traces are published
    #[arg(long, value_name = "FOLDER")]
    traces: String,
    /// Decline what is not started yet
    #[arg(long)]
    decline: bool,
}

pub fn run(args: &WorkerRunArgs, json: bool) -> Result<()> {
    let (mut store, signer) = args.keys.open_as("operator")?;
    let backend = args.place.open_to_send(&args.fees)?.backend;
    let account = backend.accounts(&[args.worker])?.pop().flatten();
    let account = account.filter(|account| account.owner == hmm_client::HMM_ID && account.data.starts_with(&WORKER_DISCRIMINATOR));
    let account = account.and_then(|account| Account::from_bytes(&account.data).ok());
    let market = account.ok_or_else(|| Error::usage(format!("{} is not a worker", args.worker)))?.market;
    let agent = Worker { worker: args.worker.to_bytes(), shelf: Shelf::new(&args.traces) };
    let mut chain = Chain { node: AgentNode(backend), market, signer };
    args.rounds.run(json, || match agent.round(&mut chain, &mut store, |_| !args.decline) {
        Ok(round) => Ok(lines(round)),
        Err(error) => Err(Error::failed(error.to_string())),
    })
}
