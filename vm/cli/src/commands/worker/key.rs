use clap::Args;
use hmm_client::{
    address,
    generated::accounts::{ENCLAVE_KEY_DISCRIMINATOR, EnclaveKey},
};
use solana_address::Address;

use super::WorkerArg;
use crate::{
    act::Act,
    error::{Error, Result},
    leaves::LeavesArg,
    refusal::Asked,
    view::show,
};

#[derive(Args)]
pub struct KeyArgs {
    #[command(flatten)]
    worker: WorkerArg,
    #[command(flatten)]
    leaves: LeavesArg,
    /// Which key of the worker [default: the last one in the file]
    #[arg(long, value_name = "ADDRESS")]
    key: Option<Address>,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &KeyArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let (state, worker, _) = args.worker.find(&actor.session, || Ok(me))?;
    let tree = args.leaves.tree(&state)?;
    let own = (0u32..).zip(tree.leaves()).filter(|(_, leaf)| leaf.worker == worker && args.key.is_none_or(|key| key == leaf.key));
    let (index, leaf) = own.last().ok_or_else(|| Error::usage(format!("the file has no such key of the worker {worker}")))?;
    if actor.session.find(&address::enclave_key(&worker, &leaf.key), &ENCLAVE_KEY_DISCRIMINATOR, EnclaveKey::from_bytes)?.is_some() {
        return Err(Error::usage(format!("the enclave key {} is registered already", leaf.key)));
    }
    let register = tree.register(me, index).map_err(|refusal| Error::failed(refusal.reason.message()))?;
    show(&actor.send(&state, &Asked::resources(&state), &[], register)?, json)
}
