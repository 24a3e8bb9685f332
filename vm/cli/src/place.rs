//! Where a command acts, and as whom.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hmm_vm::{verify::verifier_key, world};
use solana_address::Address;
use solana_keypair::{Keypair, read_keypair_file};

use crate::{
    backend::{Backend, Embedded, Rpc, rpc::Fees},
    error::{Error, Result},
    session::Session,
};

#[derive(Args)]
#[command(next_help_heading = "Where")]
pub struct Place {
    /// JSON-RPC address of a network [default: the environment's SOLANA_RPC_URL]
    #[arg(long, value_name = "RPC", conflicts_with = "embedded")]
    url: Option<String>,
    /// An embedded VM instead of a network. It begins with the market of the demo: gpu, vram, cpu, net and disk; nobody
    /// verifies there yet, and the measurement 4d4d…4d is approved
    #[arg(long)]
    embedded: bool,
    /// Keeps the embedded VM's accounts and clock in a file from one command to the next
    #[arg(long, value_name = "FILE", requires = "embedded")]
    state: Option<PathBuf>,
    /// The pool [default: the only one there is]
    #[arg(long, value_name = "ADDRESS")]
    pool: Option<Address>,
}

#[derive(Args)]
#[command(next_help_heading = "Who")]
pub struct Wallet {
    /// The signer's key, on a network [default: ~/.config/solana/id.json]
    #[arg(long, value_name = "FILE", conflicts_with = "embedded")]
    keypair: Option<PathBuf>,
    /// The signer, on the embedded VM [default: trader]
    #[arg(long = "as", value_name = "NAME", requires = "embedded")]
    person: Option<Person>,
}

#[derive(Args)]
#[command(next_help_heading = "Fees of the network")]
pub struct NetworkFees {
    /// Microlamports paid for each compute unit on top of the base fee
    #[arg(long, value_name = "MICROLAMPORTS", default_value_t = 0, conflicts_with = "embedded")]
    priority_fee: u64,
    /// Compute units asked for [default: with a priority fee, what a simulation used and a tenth more]
    #[arg(long, value_name = "UNITS", conflicts_with = "embedded", value_parser = clap::value_parser!(u32).range(1..=1_400_000))]
    compute_units: Option<u32>,
}

/// Who is there on the embedded VM.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Person {
    /// Has credits.
    #[default]
    Trader,
    /// Created the pool: has shares, credits and vouchers.
    Creator,
    /// The market's authority, whose account of credits is the treasury.
    Authority,
    /// Has credits, as all the following, and is to work.
    Worker,
    /// Another one.
    Worker2,
    /// Wants work done.
    Client,
    /// Allocates a client's jobs.
    Router,
    /// Is to judge work.
    Verifier1,
    Verifier2,
    Verifier3,
    Verifier4,
    Verifier5,
}

impl Person {
    /// The key, the same in every run.
    pub fn keypair(self) -> Keypair {
        let name = match self {
            Self::Trader => "trader",
            Self::Creator => "creator",
            Self::Authority => "authority",
            Self::Worker => "worker",
            Self::Worker2 => "worker 2",
            Self::Client => "client",
            Self::Router => "router",
            Self::Verifier1 => return verifier_key(1),
            Self::Verifier2 => return verifier_key(2),
            Self::Verifier3 => return verifier_key(3),
            Self::Verifier4 => return verifier_key(4),
            Self::Verifier5 => return verifier_key(5),
        };
        world::keypair(name)
    }

    /// Those whom the world of the tests does not have.
    pub fn settlers() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied().filter(|person| !matches!(person, Self::Trader | Self::Creator | Self::Authority))
    }
}

impl Place {
    /// Opens it to look.
    pub fn open(&self) -> Result<Session> {
        self.open_with(Fees::default())
    }

    /// Opens it to send transactions.
    pub fn open_to_send(&self, fees: &NetworkFees) -> Result<Session> {
        self.open_with(Fees { microlamports: fees.priority_fee, compute_units: fees.compute_units })
    }

    fn open_with(&self, fees: Fees) -> Result<Session> {
        let backend: Box<dyn Backend> = if self.embedded {
            Box::new(Embedded::open(self.state.clone())?)
        } else {
            let url = self.url.clone().or_else(|| std::env::var("SOLANA_RPC_URL").ok());
            let url = url.ok_or_else(|| Error::usage("where? Give --url RPC for a network, or --embedded"))?;
            Box::new(Rpc::new(url, fees))
        };
        Ok(Session::new(backend, self.pool))
    }
}

impl Wallet {
    pub fn keypair(&self, place: &Place) -> Result<Keypair> {
        if place.embedded {
            return Ok(self.person.unwrap_or_default().keypair());
        }
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/solana/id.json"));
        let path = self.keypair.clone().or_else(home).ok_or_else(|| Error::usage("whose? Give --keypair FILE"))?;
        read_keypair_file(&path).map_err(|error| Error::usage(format!("{}: not a keypair: {error}", path.display())))
    }
}
