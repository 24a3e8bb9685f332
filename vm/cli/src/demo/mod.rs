//! The demo: a market from nothing to its first withdrawal, on the embedded VM, with everything checked that must hold.

mod acts;
mod books;
mod check;
mod print;
mod stage;
mod step;
mod story;

use std::{fs, io, path::PathBuf};

use clap::Args;
use hmm_client::address;
use hmm_vm::{Vm, World, WorldConfig, vm::program_path, world::keypair};
use serde::Serialize;
use solana_keypair::Keypair;
use solana_signer::Signer;

use self::{
    stage::Stage,
    step::{Step, Summary},
};
use crate::error::{Error, Result};

#[derive(Args)]
pub struct DemoArgs {
    /// Where the summary is written [default: target/demo/summary.json of the checkout]
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    steps: Vec<Summary<'a>>,
}

/// Plays the demo, tells it, and ends with one line of JSON. `Error::Told` if anything does not hold.
pub fn run(args: &DemoArgs, json: bool) -> Result<()> {
    let mut stage = Stage::new(world()?);
    let played = story::play(&mut stage);
    let ok = played.is_ok() && stage.steps.iter().all(Step::ok);
    if !json {
        print::print(&stage.steps);
    }
    let report = Report { ok, steps: stage.steps.iter().map(Step::summary).collect() };
    let line = serde_json::to_string(&report).map_err(io::Error::from)?;
    let path = args.summary.clone().unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/demo/summary.json"));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, format!("{line}\n"))?;
    println!("{line}");
    if ok { Ok(()) } else { Err(Error::Told("the demo: a step failed or a check does not hold".to_owned())) }
}

/// A VM with the program and people who can pay for transactions; nothing else yet.
fn world() -> Result<World> {
    let (config, path) = (WorldConfig::default(), program_path());
    if !path.is_file() {
        return Err(Error::failed(format!("{} is missing: build the program first (make build)", path.display())));
    }
    let mut vm = Vm::new(config.flavour);
    let mut clock = vm.clock();
    (clock.slot, clock.unix_timestamp) = (1_000_000, 1_800_000_000);
    vm.svm.set_sysvar(&clock);
    for (_, key) in people() {
        vm.svm.airdrop(&key.pubkey(), 1_000_000_000_000).map_err(|failed| Error::failed(format!("no lamports: {}", failed.err)))?;
    }
    let (authority, credit_mint) = (keypair("authority").pubkey(), keypair("credit mint").pubkey());
    let market = address::market(&authority, &credit_mint);
    Ok(World {
        market,
        pool: address::pool(&market, 0),
        treasury: address::token_account(&authority, &credit_mint, &address::TOKEN_PROGRAM),
        vm,
        config,
        credit_mint,
    })
}

/// Who holds what. The authority's account of credits is the treasury.
fn people() -> [(&'static str, Keypair); 4] {
    [("treasury", "authority"), ("creator", "creator"), ("provider", "provider"), ("trader", "trader")].map(|(role, name)| (role, keypair(name)))
}
