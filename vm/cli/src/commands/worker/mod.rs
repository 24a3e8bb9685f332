//! Workers: from their registration to what they take out.

mod bond;
mod claim;
mod key;
mod liquidate;
mod list;
mod mint;
mod notify;
mod operator;
mod register;
mod retire;
mod show;
mod status;
mod supply;
mod unbond;
mod withdraw;

use clap::{Args, Subcommand};
use hmm_client::{
    PoolState, address,
    generated::accounts::{OBSERVATIONS_DISCRIMINATOR, Observations, WORKER_DISCRIMINATOR, Worker},
};
use solana_address::Address;

use super::worker_run;
use crate::{
    error::{Error, Result},
    job::worker_at,
    leaves::LEAVES,
    session::Session,
};

#[derive(Subcommand)]
pub enum WorkerCommand {
    /// Register the signer as a worker of the pool
    Register(register::RegisterArgs),
    /// Add to a worker's bond
    Bond(bond::BondArgs),
    /// Put bond on its way out
    Unbond(unbond::UnbondArgs),
    /// Take out the bond whose delay is over
    Withdraw(withdraw::WithdrawArgs),
    /// Register an enclave key of the worker; running jobs keep the one they have
    #[command(after_help = LEAVES)]
    Key(key::KeyArgs),
    /// Set the hot key that may start, attest and decline besides the owner
    Operator(operator::OperatorArgs),
    /// Sell capacity to the pool; the proceeds are held until it is delivered
    Supply(supply::SupplyArgs),
    /// Mint vouchers against the bond
    Mint(mint::MintArgs),
    /// Burn own vouchers against what the worker owes
    Retire(retire::RetireArgs),
    /// Pay out what the worker has earned
    Claim(claim::ClaimArgs),
    /// A worker in numbers
    Show(show::ShowArgs),
    /// What a worker can do, what it cannot and why, and what comes next
    Status(status::StatusArgs),
    /// The workers of the pool
    List(list::ListArgs),
    /// Give a worker notice of a liquidation, or take it back
    Notify(notify::NotifyArgs),
    /// Burn vouchers against what an unsound worker owes, for a payment
    Liquidate(liquidate::LiquidateArgs),
    /// Start what is assigned, run it, publish its trace, attest it
    Run(worker_run::WorkerRunArgs),
}

impl WorkerCommand {
    pub fn run(&self, json: bool) -> Result<()> {
        match self {
            Self::Register(args) => register::run(args, json),
            Self::Bond(args) => bond::run(args, json),
            Self::Unbond(args) => unbond::run(args, json),
            Self::Withdraw(args) => withdraw::run(args, json),
            Self::Key(args) => key::run(args, json),
            Self::Operator(args) => operator::run(args, json),
            Self::Supply(args) => supply::run(args, json),
            Self::Mint(args) => mint::run(args, json),
            Self::Retire(args) => retire::run(args, json),
            Self::Claim(args) => claim::run(args, json),
            Self::Show(args) => show::run(args, json),
            Self::Status(args) => status::run(args, json),
            Self::List(args) => list::run(args, json),
            Self::Notify(args) => notify::run(args, json),
            Self::Liquidate(args) => liquidate::run(args, json),
            Self::Run(args) => worker_run::run(args, json),
        }
    }
}

/// Whose worker.
#[derive(Args)]
pub struct WorkerArg {
    /// The worker's address [default: the signer's in the pool]
    #[arg(long, value_name = "ADDRESS")]
    worker: Option<Address>,
}

impl WorkerArg {
    /// The worker, with its pool.
    pub fn find(&self, session: &Session, me: impl FnOnce() -> Result<Address>) -> Result<(PoolState, Address, Worker)> {
        if let Some(address) = self.worker {
            let worker = worker_at(session, &address)?;
            return Ok((session.state_of(worker.pool)?, address, worker));
        }
        let (state, me) = (session.state()?, me()?);
        let worker = own(session, &state, &me)?;
        Ok((state, worker.0, worker.1))
    }
}

/// The signer's worker.
pub fn own(session: &Session, state: &PoolState, owner: &Address) -> Result<(Address, Worker)> {
    let address = address::worker(&state.address, owner);
    let worker = session.find(&address, &WORKER_DISCRIMINATOR, Worker::from_bytes)?;
    let missing = || Error::usage(format!("{owner} has no worker in the pool {}: hmm worker register", state.address));
    Ok((address, worker.ok_or_else(missing)?))
}

pub fn observations(session: &Session, state: &PoolState) -> Result<Observations> {
    let found = session.find(&state.pool.observations, &OBSERVATIONS_DISCRIMINATOR, Observations::from_bytes)?;
    found.ok_or_else(|| Error::failed(format!("the pool {} has no observations", state.address)))
}
