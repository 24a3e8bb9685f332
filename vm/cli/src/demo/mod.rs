//! The demo: a market from nothing to its first withdrawal, on the embedded VM, with everything checked that must hold.

mod acts;
mod books;
mod check;
mod print;
mod settlement;
mod stage;
mod step;
mod story;

use std::{fs, io, path::PathBuf};

use clap::Args;
use hmm_client::address;
use hmm_vm::{Vm, World, WorldConfig, vm::program_path, world::keypair};
use serde::Serialize;
use solana_address::Address;
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
fn people() -> [(&'static str, Keypair); 14] {
    [
        ("treasury", "authority"),
        ("creator", "creator"),
        ("provider", "provider"),
        ("trader", "trader"),
        ("supplier", "supplier"),
        ("worker", "worker"),
        ("no-show", "no-show"),
        ("client", "client"),
        ("router", "router"),
        ("verifier", "verifier 0"),
        ("verifier 1", "verifier 1"),
        ("verifier 2", "verifier 2"),
        ("verifier 3", "verifier 3"),
        ("verifier 4", "verifier 4"),
    ]
    .map(|(role, name)| (role, keypair(name)))
}

/// The one job of the demo.
fn job(world: &World) -> Address {
    address::job(&address::client(&world.market, &keypair("client").pubkey()), 0)
}

#[cfg(test)]
mod tests {
    use hmm_client::Leg;
    use hmm_math::U256;

    use super::*;
    use crate::calls;

    /// Changes bytes of an account behind the program's back.
    fn tamper(stage: &mut Stage, address: Address, offset: usize) {
        let mut account = stage.world.vm.svm.get_account(&address).expect("an account");
        account.data[offset] ^= 1;
        stage.world.vm.svm.set_account(address, account).expect("an account");
    }

    fn played() -> Stage {
        let mut stage = Stage::new(world().expect("a built program"));
        assert!(story::play(&mut stage).is_ok());
        assert!(stage.steps.iter().all(Step::ok));
        stage
    }

    /// One more step, which by itself is in order.
    fn one_more(stage: &mut Stage) -> bool {
        let (trader, state) = (stage.world.trader(), stage.world.state());
        let quote = calls::quote(&state, &[Leg::unlimited(0, hmm_client::LegKind::BuyExactOut, 1_000_000)]);
        assert!(stage.play("quote", "one more", &[quote], &[&trader]).is_ok());
        stage.last().ok()
    }

    #[test]
    fn the_books_notice_every_raw_unit() {
        const BALANCE: usize = 64;
        const SUPPLY: usize = 36;
        let whole = played();
        let mut untouched = Stage::new(whole.world.clone());
        assert!(!one_more(&mut untouched), "a stage that saw nothing minted cannot find the supply in order");

        let pool = whole.world.state().pool;
        let trader = address::token_account(&keypair("trader").pubkey(), &whole.world.credit_mint, &address::TOKEN_PROGRAM);
        for (what, account, offset) in [
            ("the vault's balance", pool.credit_vault, BALANCE),
            ("a wallet's balance", trader, BALANCE),
            ("a bond's balance", address::bond(&address::worker(&whole.world.pool, &keypair("worker").pubkey())), BALANCE),
            ("the stakes' balance", address::stake_vault(&address::verifier_set(&whole.world.market)), BALANCE),
            ("the supply of credits", whole.world.credit_mint, SUPPLY),
            ("the supply of a voucher", pool.voucher_mints[4], SUPPLY),
            ("the supply of shares", pool.lp_mint, SUPPLY),
        ] {
            let mut stage = played();
            assert!(one_more(&mut stage), "{what}: untouched");
            tamper(&mut stage, account, offset);
            assert!(!one_more(&mut stage), "{what}");
        }
    }

    #[test]
    fn the_books_notice_a_kappa_that_falls() {
        let mut stage = played();
        let kappa = stage.world.state().pool.kappa[2];
        let bytes: Vec<u8> = U256::from_limbs(kappa).to_limbs().iter().flat_map(|limb| limb.to_le_bytes()).collect();
        let data = stage.world.vm.data(&stage.world.pool);
        let at = data.windows(bytes.len()).position(|window| window == bytes).expect("kappa is in the account");
        let pool = stage.world.pool;
        tamper(&mut stage, pool, at);
        assert!(!one_more(&mut stage));
        let failed: Vec<&str> = stage.last().checks.0.iter().filter(|check| !check.ok).map(|check| check.name.as_str()).collect();
        assert_eq!(failed, ["kappa = K(psi, theta)"]);
    }

    #[test]
    fn a_transaction_that_fails_ends_the_story() {
        let mut stage = played();
        let (trader, state) = (stage.world.trader(), stage.world.state());
        assert!(stage.play("collect_fees", "what is due", &[calls::collect_fees(&state)], &[&trader]).is_ok());
        assert!(stage.play("collect_fees", "nothing is due", &[calls::collect_fees(&state)], &[&trader]).is_err());
        assert!(!stage.last().ok());
        assert!(stage.last().error.as_ref().is_some_and(|error| error.contains("nothing to collect")));
    }

    #[test]
    fn a_transaction_that_should_have_failed_ends_the_story() {
        let mut stage = played();
        let (trader, state) = (stage.world.trader(), stage.world.state());
        let legs = [Leg::unlimited(0, hmm_client::LegKind::BuyExactOut, 1_000_000)];
        let swap = hmm_client::swap::swap(&state, trader.pubkey(), legs.to_vec(), i64::MAX, 0);
        let asked = crate::refusal::Asked::legs(&state, &legs);
        assert!(stage.refuse("swap", "goes through", &asked, swap, &trader).is_err());
        assert!(!stage.last().ok());
    }
}
