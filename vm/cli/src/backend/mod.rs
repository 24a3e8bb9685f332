//! A network or the embedded VM: what a command needs of either.

mod embedded;
pub mod rpc;
mod snapshot;

use hmm_client::HmmEvent;
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

pub use self::{embedded::Embedded, rpc::Rpc};
use crate::error::{Error, Result};

/// A transaction that went through.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Base58; none on the embedded VM.
    pub signature: Option<String>,
    pub compute_units: u64,
    pub events: Vec<HmmEvent>,
    pub return_data: Vec<u8>,
}

/// A transaction that a program or the runtime refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The custom error code, if it was a program with one.
    pub code: Option<u32>,
    pub error: String,
    pub logs: Vec<String>,
}

/// A transaction did not go through: for a reason in it, or in between.
#[derive(Debug)]
pub enum NotSent {
    Refused(Refused),
    Error(Error),
}

impl From<Error> for NotSent {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

pub trait Backend {
    /// The accounts at these addresses at one moment; `None` where there is none.
    fn accounts(&self, addresses: &[Address]) -> Result<Vec<Option<Account>>>;

    /// Every pool of the program.
    fn pools(&self) -> Result<Vec<Address>>;

    /// The program's accounts whose data has these bytes at these places.
    fn program_accounts(&self, matches: &[(usize, &[u8])]) -> Result<Vec<(Address, Account)>>;

    /// What sending would do, without a signature.
    fn simulate(&self, instructions: &[Instruction], payer: &Address) -> Result<Sent, NotSent>;

    /// Sends one transaction and waits until it is confirmed.
    fn send(&mut self, instructions: &[Instruction], signer: &Keypair) -> Result<Sent, NotSent>;

    /// Lets slots pass, where time can be told to.
    fn advance(&mut self, slots: u64) -> Result<()>;
}
