//! Agents on a network or the embedded VM: their keys, their node, their rounds.

use std::{path::PathBuf, thread::sleep, time::Duration};

use clap::Args;
use hmm_agents::{
    Keystore, PassphraseSource,
    chain::Node,
    keystore,
    run::{Deed, Round},
    turn::Crank,
};
use serde_json::{Value, json};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::{
    backend::{Backend, NotSent, Refused},
    error::{Error, Result},
    refusal::{Asked, Refusal},
};

#[derive(Args)]
#[command(next_help_heading = "Keys")]
pub struct Keys {
    /// The file of the agent's keys, encrypted
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// Where its passphrase is: file:PATH or env:NAME
    #[arg(long, value_name = "SOURCE", value_parser = |text: &str| text.parse::<PassphraseSource>())]
    passphrase: PassphraseSource,
}

impl Keys {
    pub fn create(&self) -> Result<Keystore> {
        Ok(Keystore::create(&self.keys, &self.passphrase.read()?, keystore::Cost::default())?)
    }

    pub fn open(&self) -> Result<Keystore> {
        Ok(Keystore::open(&self.keys, &self.passphrase.read()?)?)
    }

    /// The keystore, and the key of this name that is in it already: a new one would have no role.
    pub fn open_as(&self, name: &str) -> Result<(Keystore, Keypair)> {
        let mut store = self.open()?;
        if store.get(name).is_none() {
            return Err(Error::usage(format!("{} has no key named {name}: hmm keys add {name}", self.keys.display())));
        }
        let keypair = store.keypair(name)?;
        Ok((store, keypair))
    }
}

impl From<keystore::Error> for Error {
    fn from(error: keystore::Error) -> Self {
        match error {
            keystore::Error::WrongPassphrase | keystore::Error::Exists { .. } | keystore::Error::NoPassphrase { .. } => {
                Self::usage(error.to_string())
            }
            _ => Self::failed(error.to_string()),
        }
    }
}

#[derive(Args)]
#[command(next_help_heading = "Rounds")]
pub struct Rounds {
    /// Look once, do what there is to do, and end
    #[arg(long)]
    once: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    every: u64,
}

/// What an agent did or could not do.
pub struct Line {
    /// What kind of account it is about.
    kind: &'static str,
    address: String,
    done: Result<Value, String>,
}

impl Rounds {
    /// Runs rounds and tells of each thing done, on a line. A round that fails is told, and tried again; one that is the only one is the
    /// command's failure, too.
    pub fn run(&self, json: bool, mut round: impl FnMut() -> Result<Vec<Line>>) -> Result<()> {
        loop {
            let lines = round();
            let mut trouble = None;
            match lines {
                Ok(lines) => {
                    for line in lines {
                        line.tell(json);
                        trouble = trouble.or(line.done.err().map(Error::Told));
                    }
                }
                Err(error) if self.once => return Err(error),
                Err(error) => error.tell(json),
            }
            if self.once {
                return trouble.map_or(Ok(()), Err);
            }
            sleep(Duration::from_secs(self.every));
        }
    }
}

impl Line {
    /// What a job waits for.
    pub fn waits(job: &Address, why: &str) -> Self {
        Self { kind: "job", address: job.to_string(), done: Ok(json!({ "waits": why })) }
    }

    fn tell(&self, json: bool) {
        let Self { kind, address, done } = self;
        match (done, json) {
            (Ok(deed), true) => println!("{}", json!({ "ok": true, *kind: address, "deed": deed })),
            (Ok(deed), false) => {
                let text = deed.as_str().or_else(|| deed["waits"].as_str());
                println!("{address} {}", text.map_or_else(|| deed.to_string(), str::to_owned));
            }
            (Err(error), true) => println!("{}", json!({ "ok": false, *kind: address, "error": error })),
            (Err(error), false) => eprintln!("{address} {error}"),
        }
    }
}

/// A round's lines, about assignments.
pub fn lines<E: std::error::Error>(round: Round<E>) -> Vec<Line> {
    lines_of("assignment", round)
}

/// A round's lines, about accounts of a kind.
pub fn lines_of<E: std::error::Error>(kind: &'static str, round: Round<E>) -> Vec<Line> {
    let line = |(address, done): (_, Result<Deed, _>)| Line {
        kind,
        address: Address::from(address).to_string(),
        done: done.map(|deed| told(&deed)).map_err(|error: hmm_agents::run::Error<E>| error.to_string()),
    };
    round.into_iter().map(line).collect()
}

fn told(deed: &Deed) -> Value {
    match deed {
        Deed::Started => json!("started"),
        Deed::Declined => json!("declined"),
        Deed::Submitted => json!("submitted"),
        Deed::DrewAndCommitted => json!("drawn and committed"),
        Deed::Committed => json!("committed"),
        Deed::Revealed(vote) => json!({ "revealed": { "score": vote.score, "delta_i": vote.delta_i, "delta_u": vote.delta_u } }),
        Deed::Challenged => json!("challenged"),
        Deed::Appealed => json!("appealed"),
        Deed::Proved(link) => json!({ "proved": { "link": link } }),
        Deed::Cranked(crank) => json!(match crank {
            Crank::Draw => "drawn",
            Crank::Tally => "counted",
            Crank::Expire => "expired",
            Crank::Settle => "settled",
            Crank::ClaimAssignment => "assignment paid out",
            Crank::CloseRound => "round closed",
            Crank::CloseJob => "job closed",
            Crank::ClaimJob => "job paid out",
            Crank::BurnSlashed => "slashes burned",
            Crank::CollectFees => "fees collected",
        }),
    }
}

/// A backend as agents need it.
pub struct AgentNode(pub Box<dyn Backend>);

impl Node for AgentNode {
    type Error = Error;

    fn account(&self, address: &Address) -> Result<Option<Vec<u8>>> {
        Ok(self.0.accounts(&[*address])?.pop().flatten().map(|account| account.data))
    }

    fn accounts(&self, matches: &[(usize, &[u8])]) -> Result<Vec<(Address, Vec<u8>)>> {
        Ok(self.0.program_accounts(matches)?.into_iter().map(|(address, account)| (address, account.data)).collect())
    }

    fn send(&mut self, instructions: &[Instruction], signer: &Keypair) -> Result<()> {
        self.0.send(instructions, signer).map(drop).map_err(|error| match error {
            NotSent::Refused(Refused { code, error, logs }) => Error::from(Refusal::of(code, &error, &logs, &Asked::nothing())),
            NotSent::Error(error) => error,
        })
    }
}
