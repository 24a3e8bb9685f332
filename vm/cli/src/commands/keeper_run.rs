use std::collections::BTreeMap;

use clap::Args;
use hmm_agents::{chain::Chain, run::Keeper};
use hmm_client::generated::accounts::{JOB_DISCRIMINATOR, Job, MARKET_DISCRIMINATOR};
use solana_address::Address;

use crate::{
    agent::{AgentNode, Keys, Line, Rounds, lines_of},
    backend::Backend,
    error::{Error, Result},
    place::{NetworkFees, Place},
};

#[derive(Args)]
pub struct KeeperRunArgs {
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
    /// Look after this job alone
    #[arg(long, value_name = "ADDRESS")]
    job: Option<Address>,
    /// Tell, too, what every job waits for, whenever that changes
    #[arg(long)]
    watch: bool,
}

pub fn run(args: &KeeperRunArgs, json: bool) -> Result<()> {
    let (_, signer) = args.keys.open_as("keeper")?;
    let backend = args.place.open_to_send(&args.fees)?.backend;
    require(args, backend.as_ref())?;
    let agent = Keeper { job: args.job.map(|job| job.to_bytes()) };
    let mut chain = Chain { node: AgentNode(backend), market: args.market, signer };
    let mut known = BTreeMap::new();
    args.rounds.run(json, || {
        let done = agent.round(&mut chain).map_err(|error| Error::failed(error.to_string()))?;
        let mut told = lines_of("account", done);
        if args.watch {
            let waits = chain.waits(agent.job.as_ref()).map_err(|error| Error::failed(error.to_string()))?;
            let waits: BTreeMap<_, _> = waits.into_iter().collect();
            let new = waits.iter().filter(|(job, why)| known.get(*job) != Some(*why));
            told.extend(new.map(|(job, why)| Line::waits(&Address::from(*job), why)));
            known = waits;
        }
        Ok(told)
    })
}

/// The market is one. The job is one of it, or over: then there is nothing to do, which is no mistake.
fn require(args: &KeeperRunArgs, backend: &dyn Backend) -> Result<()> {
    let ours = |address: Address| -> Result<Option<Vec<u8>>> {
        let account = backend.accounts(&[address])?.pop().flatten();
        Ok(account.filter(|account| account.owner == hmm_client::HMM_ID).map(|account| account.data))
    };
    if !ours(args.market)?.is_some_and(|data| data.starts_with(&MARKET_DISCRIMINATOR)) {
        return Err(Error::usage(format!("{} is not a market", args.market)));
    }
    if let Some(job) = args.job
        && let Some(data) = ours(job)?
    {
        let account = Some(data).filter(|data| data.starts_with(&JOB_DISCRIMINATOR)).and_then(|data| Job::from_bytes(&data).ok());
        if account.is_none_or(|account| account.market != args.market) {
            return Err(Error::usage(format!("{job} is not a job of {}", args.market)));
        }
    }
    Ok(())
}
