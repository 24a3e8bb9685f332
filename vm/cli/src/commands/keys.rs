use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use solana_keypair::read_keypair_file;
use solana_signer::Signer;

use crate::{
    agent::Keys,
    error::{Error, Result},
    table::pairs,
    view::{View, show},
};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// A new file of keys, encrypted with the passphrase
    Create(CreateArgs),
    /// A new key, or one from a file: `operator` of a worker, `enclave/NUMBER` of its enclave, `verifier`, `keeper`
    Add(AddArgs),
    /// The keys of a file
    List(ListArgs),
}

#[derive(Args)]
pub struct CreateArgs {
    #[command(flatten)]
    keys: Keys,
}

#[derive(Args)]
pub struct AddArgs {
    #[command(flatten)]
    keys: Keys,
    name: String,
    /// Takes the key of this keypair file
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

#[derive(Args)]
pub struct ListArgs {
    #[command(flatten)]
    keys: Keys,
}

pub fn run(command: &KeysCommand, json: bool) -> Result<()> {
    match command {
        KeysCommand::Create(args) => {
            args.keys.create()?;
            show(&KeysView { keys: vec![] }, json)
        }
        KeysCommand::Add(args) => add(args, json),
        KeysCommand::List(args) => {
            let mut store = args.keys.open()?;
            // votes are secrets of another kind
            let names: Vec<String> = store.names().filter(|name| !name.starts_with("vote/")).map(str::to_owned).collect();
            let key = |name: String| Ok(Key { address: store.keypair(&name)?.pubkey().to_string(), name });
            show(&KeysView { keys: names.into_iter().map(key).collect::<Result<_>>()? }, json)
        }
    }
}

fn add(args: &AddArgs, json: bool) -> Result<()> {
    let AddArgs { keys, name, from } = args;
    let mut store = keys.open()?;
    if store.get(name).is_some() {
        return Err(Error::usage(format!("there is a key named {name} already")));
    }
    if let Some(path) = from {
        let keypair = read_keypair_file(path).map_err(|error| Error::usage(format!("{}: not a keypair: {error}", path.display())))?;
        store.put(name, keypair.secret_bytes())?;
    }
    let address = store.keypair(name)?.pubkey().to_string();
    show(&KeysView { keys: vec![Key { name: name.clone(), address }] }, json)
}

#[derive(Serialize)]
struct KeysView {
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    name: String,
    address: String,
}

impl View for KeysView {
    fn text(&self) -> String {
        pairs(self.keys.iter().map(|key| (key.name.as_str(), key.address.clone())))
    }
}
