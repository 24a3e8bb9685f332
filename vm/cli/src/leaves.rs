//! Files of enclave keys: what verifiers vouch for, one leaf a key.

use std::{fs, path::PathBuf};

use clap::Args;
use hmm_client::{KeyLeaf, KeyTree, PoolState};
use serde::Deserialize;
use solana_address::Address;

use crate::{
    amount::{self, VOUCHER_DECIMALS},
    error::{Error, Result},
    words,
};

/// How such a file looks, for --help.
pub const LEAVES: &str = "\
The file of leaves is JSON, and the same for everybody who votes for its root or registers a key of it:
  [{ \"worker\": ADDRESS, \"measurement\": 64 HEX DIGITS, \"key\": ADDRESS, \"capacity\": [\"1000\", \"4000\"], \"expiry\": UNIX TIME }, …]
Capacity is in whole units an hour, in the order of the resources of the worker's pool; those left out are zero.";

#[derive(Args)]
pub struct LeavesArg {
    /// The file of leaves
    #[arg(long, value_name = "FILE")]
    leaves: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leaf {
    worker: String,
    measurement: String,
    key: String,
    capacity: Vec<String>,
    expiry: i64,
}

impl LeavesArg {
    /// The tree of all leaves in the market of `state`.
    pub fn tree(&self, state: &PoolState) -> Result<KeyTree> {
        let path = self.leaves.display();
        let bad = |error: String| Error::usage(format!("{path}: {error}"));
        let text = fs::read_to_string(&self.leaves).map_err(|error| bad(error.to_string()))?;
        let leaves: Vec<Leaf> = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if leaves.is_empty() {
            return Err(bad("there is no leaf".to_owned()));
        }
        let leaves = leaves.iter().map(Leaf::read).collect::<Result<Vec<_>, String>>().map_err(bad)?;
        let tree = KeyTree::new(state.pool.market, state.market.genesis_hash, leaves);
        tree.map_err(|refusal| bad(format!("{}: expected {}, found {}", refusal.reason.message(), refusal.expected, refusal.found)))
    }
}

impl Leaf {
    fn read(&self) -> Result<KeyLeaf, String> {
        let address = |text: &String| text.parse::<Address>().map_err(|error| format!("{text:?}: {error}"));
        if self.capacity.len() > 8 {
            return Err(format!("{} capacities, and a pool has 8 resources at most", self.capacity.len()));
        }
        let mut capacity = [0; 8];
        for (raw, text) in capacity.iter_mut().zip(&self.capacity) {
            *raw = if text == "0" { 0 } else { amount::parse(text, VOUCHER_DECIMALS)? };
        }
        let measurement = words::root(&self.measurement)?;
        Ok(KeyLeaf { worker: address(&self.worker)?, measurement, key: address(&self.key)?, capacity, expiry: self.expiry })
    }
}
