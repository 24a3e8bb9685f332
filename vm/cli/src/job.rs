//! Jobs as commands name and find them.

use std::str::FromStr;

use clap::Args;
use hmm_client::{
    PoolState, address,
    generated::accounts::{Assignment, JOB_DISCRIMINATOR, Job, MARKET_DISCRIMINATOR, Market, WORKER_DISCRIMINATOR, Worker},
    jobs::{JobState, decode_assignment},
    rounds::Trial,
};
use solana_address::Address;

use crate::{
    error::{Error, Result},
    legs,
    refusal::Asked,
    session::Session,
};

#[derive(Args)]
pub struct JobArg {
    /// The job: its address, or the number of a job of the signer's
    #[arg(value_name = "JOB")]
    job: JobName,
}

/// A job and one of its assignments.
#[derive(Args)]
pub struct AssignmentArg {
    #[command(flatten)]
    pub job: JobArg,
    /// The number of the assignment
    #[arg(value_name = "ASSIGNMENT", default_value_t = 0)]
    pub index: u8,
}

#[derive(Clone, Copy)]
enum JobName {
    At(Address),
    Number(u64),
}

impl FromStr for JobName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().map(Self::Number);
        let name = number.or_else(|| text.parse().ok().map(Self::At));
        name.ok_or_else(|| format!("{text:?} is neither an address nor a number"))
    }
}

/// A job with all that is around it.
pub struct Found {
    pub job: JobState,
    /// Those whose accounts are still there.
    pub assignments: Vec<Assignment>,
    /// The pools of its lines, each once.
    pub pools: Vec<PoolState>,
}

impl JobArg {
    pub fn find(&self, session: &Session, me: impl FnOnce() -> Result<Address>) -> Result<Found> {
        let job = match self.job {
            JobName::At(address) => address,
            JobName::Number(id) => address::job(&address::client(&session.state()?.pool.market, &me()?), id),
        };
        Found::read(session, job)
    }
}

impl Found {
    pub fn read(session: &Session, address: Address) -> Result<Self> {
        let job = session.find(&address, &JOB_DISCRIMINATOR, Job::from_bytes)?;
        let job = job.ok_or_else(|| Error::usage(format!("there is no job at {address}")))?;
        let market = session.find(&job.market, &MARKET_DISCRIMINATOR, Market::from_bytes)?;
        let market = market.ok_or_else(|| Error::failed(format!("{} is no market", job.market)))?;
        let places: Vec<Address> = (0..job.assigned).map(|index| address::assignment(&address, index)).collect();
        let accounts = session.backend.accounts(&places)?;
        let assignments = accounts.iter().flatten().filter_map(|account| decode_assignment(&account.data).ok()).collect();
        let mut pools: Vec<PoolState> = Vec::new();
        for line in job.lines.iter().take(usize::from(job.line_count)) {
            if pools.iter().all(|pool| pool.address != line.pool) {
                pools.push(session.state_of(line.pool)?);
            }
        }
        Ok(Self { job: JobState { address, job, market }, assignments, pools })
    }

    /// The pool of its first line: of the market, the clock and the names in receipts.
    pub fn state(&self) -> Result<&PoolState> {
        self.pools.first().ok_or_else(|| Error::failed("a job without lines"))
    }

    pub fn pool(&self, address: &Address) -> Result<&PoolState> {
        let pool = self.pools.iter().find(|pool| pool.address == *address);
        pool.ok_or_else(|| Error::usage(format!("the job wants nothing of the pool {address}")))
    }

    /// The resource of each line.
    pub fn names(&self) -> Vec<String> {
        let lines = self.job.job.lines.iter().take(usize::from(self.job.job.line_count));
        let name = |pool, resource| self.pools.iter().find(|state| state.address == pool).map(|state| legs::name(state, resource));
        lines.map(|line| name(line.pool, line.resource).unwrap_or_default()).collect()
    }

    /// For refusals about lines.
    pub fn asked(&self) -> Asked {
        Asked::lines(self.names(), self.job.market.credit_decimals)
    }

    pub fn assignment(&self, index: u8) -> Result<&Assignment> {
        let found = self.assignments.iter().find(|assignment| assignment.index == index);
        found.ok_or_else(|| {
            let there: Vec<String> = self.assignments.iter().map(|assignment| assignment.index.to_string()).collect();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            Error::usage(format!("the job has no assignment {index} now; there are {there}"))
        })
    }

    pub fn trial(&self, index: u8) -> Result<Trial> {
        let assignment = self.assignment(index)?.clone();
        Ok(Trial { address: address::assignment(&self.job.address, index), assignment, job: self.job.clone() })
    }
}

/// The worker at an address.
pub fn worker_at(session: &Session, address: &Address) -> Result<Worker> {
    let worker = session.find(address, &WORKER_DISCRIMINATOR, Worker::from_bytes)?;
    worker.ok_or_else(|| Error::usage(format!("{address} is not a worker")))
}
