//! Every account of every instruction, replaced by every other account there is: refused, or on the list of what does no harm.
//!
//! The instructions and their account lists come from the IDL, so an instruction without a case here fails. `substitution.txt`
//! pins who refuses what: after a change that was meant, run with `HMM_UPDATE=1` and read the difference.

mod common;
#[path = "substitution/jobs.rs"]
mod jobs;
#[path = "substitution/registry.rs"]
mod registry;
#[path = "substitution/rounds.rs"]
mod rounds;
#[path = "substitution/series.rs"]
mod series;
#[path = "substitution/workers.rs"]
mod workers;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::PathBuf,
};

use common::*;
use hmm_client::{Amounts, HMM_ID, LegKind, address, generated::instructions::*, liquidity, swap, terms};
use hmm_vm::{
    Failure, Vm, World, WorldConfig,
    world::{CREDIT, UNIT, keypair, resource},
};
use serde_json::Value;
use solana_account::Account;
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

/// An instruction that succeeds, in the common world.
struct Case {
    name: &'static str,
    /// What has to stand before it.
    before: Vec<Instruction>,
    instruction: Instruction,
}

/// Everything at once: two active pools and a forming one of one market, an active pool of a rival's market, and their people.
struct Stage {
    world: World,
    cases: Vec<Case>,
    /// Every account there is, by name.
    zoo: Vec<(String, Address)>,
    keys: Vec<Keypair>,
    /// The same account in the second pool (of the same market) and in the rival's.
    twins: [BTreeMap<Address, Address>; 2],
}

const PEOPLE: [&str; 4] = ["creator", "trader", "authority", "rival"];

/// The accounts of a pool, by name.
fn pool_accounts(world: &World) -> Vec<(&'static str, Address)> {
    let pool = world.pool;
    let [creator, trader] = [world.creator().pubkey(), world.trader().pubkey()];
    let mut accounts = vec![
        ("pool", pool),
        ("market", world.market),
        ("credit mint", world.credit_mint),
        ("treasury", world.treasury),
        ("observations", address::observations(&pool)),
        ("vault", address::credit_vault(&pool)),
        ("lp mint", address::lp_mint(&pool)),
        ("voucher 0", address::voucher_mint(&pool, 0)),
        ("voucher 1", address::voucher_mint(&pool, 1)),
        ("next voucher", address::voucher_mint(&pool, 2)),
        ("lp metadata", address::metadata(&address::lp_mint(&pool))),
        ("creator's credits", credits_of(world, &creator)),
        ("creator's shares", shares_of(world, &creator)),
        ("creator's voucher 0", vouchers_of(world, &creator, 0)),
        ("creator's voucher 1", vouchers_of(world, &creator, 1)),
        ("trader's credits", credits_of(world, &trader)),
        ("trader's shares", shares_of(world, &trader)),
        ("trader's voucher 0", vouchers_of(world, &trader, 0)),
        ("trader's voucher 1", vouchers_of(world, &trader, 1)),
    ];
    accounts.extend(registry::accounts(world));
    accounts.extend(jobs::accounts(world));
    accounts.extend(rounds::accounts(world));
    accounts.extend(workers::accounts(world));
    accounts
}

impl Stage {
    fn new() -> Self {
        let config =
            WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() };
        let mut world = World::active(config);
        let first = world.pool;
        let fake = keypair("fake program").pubkey();
        for id in [fake, address::METADATA_PROGRAM] {
            world.vm.svm.add_program(id, &always_succeeds()).expect("a program");
        }
        world.vm.svm.airdrop(&keypair("rival").pubkey(), 1_000 * CREDIT).expect("lamports");

        another_pool(&mut world, 1, true);
        let second = pool_accounts(&world);
        another_pool(&mut world, 2, false);
        edit_pool(&mut world, |pool| pool.delivery_end[0] = 1);
        let forming = pool_accounts(&world);
        another_pool(&mut world, 3, true);
        series::build(&mut world);
        let mut over = pool_accounts(&world);
        over.extend(series::accounts(&world));
        let (home, home_mint, home_treasury) = (world.market, world.credit_mint, world.treasury);
        rivals_market(&mut world);
        another_pool(&mut world, 0, true);
        let rival = keypair("rival").pubkey();
        edit_market(&mut world, |market| market.guardian = rival);
        edit_pool(&mut world, |pool| pool.creator = rival);
        registry::build(&mut world, &keypair("rival"));
        jobs::build(&mut world);
        rounds::build(&mut world);
        workers::build(&mut world);
        let rivals = pool_accounts(&world);
        (world.market, world.credit_mint, world.treasury, world.pool) = (home, home_mint, home_treasury, first);
        let own = pool_accounts(&world);
        let authority = world.authority();
        registry::build(&mut world, &authority);
        jobs::build(&mut world);
        rounds::build(&mut world);
        workers::build(&mut world);

        // something to collect, and somebody proposed
        let creator = world.creator();
        world.swap(&creator, vec![leg(0, LegKind::BuyExactOut, UNIT)]).expect("a trade");
        edit_market(&mut world, |market| market.pending_authority = keypair("trader").pubkey());
        world.vm.svm.airdrop(&payer().pubkey(), 10_000 * CREDIT).expect("lamports");

        let mut zoo: Vec<(String, Address)> = Vec::new();
        for (whose, accounts) in [("", &own), ("second ", &second), ("forming ", &forming), ("over ", &over), ("rival ", &rivals)] {
            zoo.extend(accounts.iter().map(|(name, address)| (format!("{whose}{name}"), *address)));
        }
        zoo.extend(PEOPLE.iter().map(|name| (name.to_string(), keypair(name).pubkey())));
        zoo.extend(
            [
                ("system program", address::SYSTEM_PROGRAM),
                ("token program", address::TOKEN_PROGRAM),
                ("token-2022 program", address::TOKEN_2022_PROGRAM),
                ("ata program", address::ASSOCIATED_TOKEN_PROGRAM),
                ("hmm program", HMM_ID),
                ("metadata program", address::METADATA_PROGRAM),
                ("fake program", fake),
                ("clock", Address::from_str_const("SysvarC1ock11111111111111111111111111111111")),
                ("rent", Address::from_str_const("SysvarRent111111111111111111111111111111111")),
                ("instructions", Address::from_str_const("Sysvar1nstructions1111111111111111111111111")),
                ("event authority", address::event_authority()),
                ("empty", keypair("nobody").pubkey()),
                ("payer", payer().pubkey()),
            ]
            .map(|(name, address)| (name.to_owned(), address)),
        );
        let mut seen = BTreeSet::new();
        zoo.retain(|(_, address)| seen.insert(*address));
        let twins = [&second, &rivals].map(|there| own.iter().zip(there).map(|((_, here), (_, there))| (*here, *there)).collect());
        let cases = cases(&world, &forming, &over);
        let keys = PEOPLE.iter().map(|name| keypair(name)).chain([payer()]).collect();
        Self { world, cases, zoo, keys, twins }
    }
}

/// A market of another authority, with another credit mint; the world's market afterwards.
fn rivals_market(world: &mut World) {
    let (rival, mint) = (keypair("rival"), keypair("rival mint").pubkey());
    let account = world.vm.svm.get_account(&world.credit_mint).expect("a mint");
    world.vm.svm.set_account(mint, account).expect("a mint");
    world.credit_mint = mint;
    for name in ["creator", "trader", "rival", "authority"] {
        world.open_wallet(&keypair(name));
    }
    world.market = address::market(&rival.pubkey(), &mint);
    world.treasury = address::token_account(&rival.pubkey(), &mint, &address::TOKEN_PROGRAM);
    let mut initialize = world.initialize_market_ix();
    initialize.accounts[0].pubkey = rival.pubkey();
    world.vm.send(&[initialize], &[&rival]).expect("the rival's market");
}

/// One case for each instruction of the program.
fn cases(world: &World, forming: &[(&'static str, Address)], over: &[(&'static str, Address)]) -> Vec<Case> {
    let (state, market, pool, credit_mint) = (world.state(), world.market, world.pool, world.credit_mint);
    let [authority, creator] = [world.authority().pubkey(), world.creator().pubkey()];
    let least = vec![Amounts { units: 0, credits: 0 }; 2];
    let most = vec![Amounts { units: UNIT, credits: 10 * CREDIT }; 2];
    let legs = vec![leg(0, LegKind::BuyExactOut, UNIT), leg(1, LegKind::SellExactIn, UNIT)];
    let waiting = |name: &str| forming.iter().find(|(n, _)| *n == name).expect("an account").1;
    let mut forming_world = world.clone();
    forming_world.pool = waiting("pool");
    let mut over_world = world.clone();
    over_world.pool = over.iter().find(|(name, _)| *name == "pool").expect("an account").1;
    let mut add_resource = forming_world.add_resource_ix(0);
    add_resource.accounts[2].pubkey = waiting("next voucher");
    // another authority's market for the same credits
    let trader = world.trader().pubkey();
    let mut initialize = world.initialize_market_ix();
    (initialize.accounts[0].pubkey, initialize.accounts[1].pubkey) = (trader, address::market(&trader, &credit_mint));
    let trader_credits = credits_of(world, &trader);
    let describe = DescribeMint {
        payer: trader,
        pool,
        mint: address::lp_mint(&pool),
        metadata: address::metadata(&address::lp_mint(&pool)),
        metadata_program: address::METADATA_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    };
    let batch = SetBatchTokenCalls { market, authority, classic_mint: credit_mint, token_program: address::TOKEN_PROGRAM };
    let supply = SetSupplyTermsInstructionArgs { terms: terms::supply(1) };
    let job_terms = SetJobTermsInstructionArgs { terms: terms::jobs(100) };
    let verification = SetVerifierTermsInstructionArgs { terms: terms::verification(1) };
    [
        ("initialize_market", initialize),
        ("set_market_fee", SetMarketFee { market, authority }.instruction(SetMarketFeeInstructionArgs { market_fee: 1 })),
        ("set_risk_fee", SetRiskFee { market, authority }.instruction(SetRiskFeeInstructionArgs { risk_fee: 1 })),
        ("set_max_fee", SetMaxFee { market, authority }.instruction(SetMaxFeeInstructionArgs { max_fee: 500_000 })),
        ("set_burn_share", SetBurnShare { market, authority }.instruction(SetBurnShareInstructionArgs { burn_share: 1 })),
        ("set_lp_share", SetLpShare { market, authority }.instruction(SetLpShareInstructionArgs { lp_share: 1 })),
        ("set_risk_window", SetRiskWindow { market, authority }.instruction(SetRiskWindowInstructionArgs { risk_window: 1 })),
        ("set_batch_token_calls", batch.instruction(SetBatchTokenCallsInstructionArgs { batched: false })),
        ("set_treasury", SetTreasury { market, authority, credit_mint, treasury: trader_credits }.instruction()),
        ("set_guardian", SetGuardian { market, authority }.instruction(SetGuardianInstructionArgs { guardian: creator })),
        ("propose_authority", ProposeAuthority { market, authority }.instruction(ProposeAuthorityInstructionArgs { proposed: creator })),
        ("accept_authority", AcceptAuthority { market, pending_authority: trader }.instruction()),
        ("pause", Pause { market, signer: authority }.instruction()),
        ("unpause", Unpause { market, signer: authority }.instruction()),
        ("create_pool", world.create_pool_ix(4)),
        ("add_resource", add_resource),
        ("describe_mint", describe.instruction(DescribeMintInstructionArgs { resource: 255 })),
        ("close_pool", close_ix(&forming_world)),
        ("quote", Quote { market, pool }.instruction(QuoteInstructionArgs { legs: legs.clone() })),
        ("swap", swap::swap(&state, creator, legs, i64::MAX, 0)),
        ("add_liquidity", liquidity::add(&state, creator, most, 1, u64::MAX, 0)),
        ("remove_liquidity", liquidity::remove(&state, creator, 1_000_000_000, least, 0)),
        ("collect_fees", collect_ix(world)),
        ("set_bootstrap_mark", world.set_bootstrap_mark_ix(0, 1 << 64)),
        ("set_supply_terms", SetSupplyTerms { market, authority }.instruction(supply)),
        ("set_job_terms", SetJobTerms { market, authority }.instruction(job_terms)),
        ("set_verifier_terms", SetVerifierTerms { market, authority }.instruction(verification)),
    ]
    .into_iter()
    .chain(registry::cases(world))
    .chain(jobs::cases(world))
    .chain(rounds::cases(world))
    .chain(series::cases(&over_world, &forming_world))
    .chain(workers::cases(world))
    .map(|(name, instruction)| Case { name, before: rounds::before(world, name), instruction })
    .collect()
}

/// What may stand in another account's place: (instruction, place, whose name starts with, why). An empty name matches all.
const HARMLESS: &[(&str, &str, &str, &str)] = &[
    ("initialize_market", "treasury", "", "any account of the credits: the authority's choice"),
    ("set_treasury", "treasury", "", "any account of the credits: the authority's choice"),
    ("create_pool", "creator", "", "anybody may create a pool, and pays for it"),
    ("describe_mint", "payer", "", "anybody may describe a mint, and pays for it"),
    ("describe_mint", "pool+mint", "", "a mint of another pool, described by that pool"),
    ("describe_mint", "metadata", "", "the metadata program derives the address itself; here it is a program that does nothing"),
    ("set_batch_token_calls", "classic_mint", "", "any mint of the classic token program answers the question"),
    ("quote", "pool", "", "another pool of the market"),
    ("quote", "market+pool", "rival", "another pool with its market"),
    ("set_bootstrap_mark", "pool+observations", "second", "another pool of the market: the authority's choice"),
    ("swap", "user 0", "", "a buyer may have the vouchers sent to any account of theirs"),
    ("add_liquidity", "provider_shares", "", "a provider may have the shares sent to anybody"),
    ("remove_liquidity", "provider_credits", "", "a provider may have the credits sent to any account of them"),
    ("remove_liquidity", "user 0", "", "a provider may have the vouchers sent to any account of theirs"),
    ("remove_liquidity", "user 1", "", "a provider may have the vouchers sent to any account of theirs"),
    // A mint keeps its owner for ever; these states do not exist. Where the mint's owner matters it is checked once, when the market is made.
    ("swap", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("add_liquidity", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("remove_liquidity", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("close_pool", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("set_treasury", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("describe_mint", "mint", "own bytes", "the owner of a mint never changes"),
];

/// Instructions that read a list of remaining accounts, and count it; the others ignore what follows their own accounts.
const COUNTING: [&str; 5] = ["swap", "add_liquidity", "remove_liquidity", "draw", "claim_assignment"];

fn harmless(instruction: &str, place: &str, name: &str) -> Option<&'static str> {
    if place == "end" && !COUNTING.contains(&instruction) {
        return Some("nothing reads it");
    }
    let matches = |entry: &&(&str, &str, &str, &str)| entry.0 == instruction && entry.1 == place && name.starts_with(entry.2);
    HARMLESS
        .iter()
        .chain(registry::HARMLESS)
        .chain(jobs::HARMLESS)
        .chain(rounds::HARMLESS)
        .chain(series::HARMLESS)
        .chain(workers::HARMLESS)
        .find(matches)
        .map(|entry| entry.3)
}

/// The instructions of the IDL: the names of their accounts.
fn idl() -> BTreeMap<String, Vec<(String, bool, bool)>> {
    let path =
        std::env::var_os("HMM_IDL").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/idl/hmm.json"), PathBuf::from);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; run `make build` first", path.display()));
    let idl: Value = serde_json::from_str(&text).expect("JSON");
    let flag = |account: &Value, name: &str| account.get(name).and_then(Value::as_bool).unwrap_or(false);
    let account = |a: &Value| (a["name"].as_str().expect("a name").to_owned(), flag(a, "writable"), flag(a, "signer"));
    let instruction = |i: &Value| {
        (i["name"].as_str().expect("a name").to_owned(), i["accounts"].as_array().expect("accounts").iter().map(account).collect())
    };
    idl["instructions"].as_array().expect("instructions").iter().map(instruction).collect()
}

/// Names of an instruction's accounts, the remaining ones too.
fn places(idl: &BTreeMap<String, Vec<(String, bool, bool)>>, case: &Case) -> Vec<String> {
    let fixed = &idl[case.name];
    let extra =
        (0..case.instruction.accounts.len() - fixed.len()).map(|i| format!("{} {}", if i % 2 == 0 { "mint" } else { "user" }, i / 2));
    fixed.iter().map(|(name, ..)| name.clone()).chain(extra).collect()
}

fn error_name(failure: &Failure) -> String {
    match &failure.error {
        TransactionError::InstructionError(_, error) => match failure.code().filter(|code| *code >= 6_000) {
            Some(_) if failure.refusal.is_some() => format!("{:?}*", failure.refusal.and_then(|r| r.error()).expect("a code")),
            Some(code) => format!("{:?}", refusal_of(code).expect("a code")),
            None => format!("{error:?}"),
        },
        other => format!("{other:?}"),
    }
}

fn refusal_of(code: u32) -> Option<hmm_client::HmmError> {
    let what = hmm_client::event::Expectation::Number { expected: 0, found: 0 };
    hmm_client::HmmRefusal { code, subject: 0, what }.error()
}

/// Sends, behind what has to stand before it, and gives the failure, after making sure nothing changed; `None` if it went through (then the VM is as before, too).
fn attempt(vm: &mut Vm, before: &[Instruction], ix: &Instruction, keys: &[Keypair]) -> Option<Failure> {
    let payer = payer();
    let mut signers: Vec<&Keypair> = vec![&payer];
    for meta in ix.accounts.iter().filter(|meta| meta.is_signer && meta.pubkey != payer.pubkey()) {
        let key = keys.iter().find(|key| key.pubkey() == meta.pubkey)?;
        if signers.iter().all(|known| known.pubkey() != key.pubkey()) {
            signers.push(key);
        }
    }
    let mut addresses: Vec<Address> = ix.accounts.iter().map(|meta| meta.pubkey).filter(|address| *address != payer.pubkey()).collect();
    addresses.extend(ALSO_WRITTEN.iter().map(|name| keypair(name).pubkey()));
    let look = |vm: &Vm| addresses.iter().map(|address| vm.svm.accounts_db().inner.get(address).cloned()).collect::<Vec<_>>();
    let looked = look(vm);
    match vm.send(&[before, std::slice::from_ref(ix)].concat(), &signers) {
        Ok(_) => {
            for (address, account) in addresses.iter().zip(looked) {
                vm.svm.set_account(*address, account.unwrap_or_default().into()).expect("an account");
            }
            None
        }
        Err(failure) => {
            assert!(look(vm) == looked, "a refusal changed something");
            Some(failure)
        }
    }
}

/// Signers whose lamports an instruction may move.
const ALSO_WRITTEN: [&str; 2] = ["creator", "rival"];

/// What came of all attempts.
#[derive(Default)]
struct Report {
    attempts: u64,
    /// Errors by instruction and place.
    refusals: BTreeMap<(String, String), BTreeSet<String>>,
    accepted: BTreeSet<(String, String, String)>,
}

impl Report {
    fn record(&mut self, case: &Case, place: &str, with: &str, outcome: Option<Failure>) {
        self.attempts += 1;
        match outcome {
            Some(failure) => drop(self.refusals.entry((case.name.into(), place.into())).or_default().insert(error_name(&failure))),
            None => drop(self.accepted.insert((case.name.into(), place.into(), with.into()))),
        }
    }
}

#[test]
fn every_account_of_every_instruction() {
    pin(&substitute(true));
}

/// The same where each token call is made on its own. (As one batch, p-token refuses what the runtime refuses otherwise.)
#[test]
fn every_account_without_batched_token_calls() {
    substitute(false);
}

fn substitute(batched: bool) -> Report {
    let mut stage = Stage::new();
    edit_market(&mut stage.world, |market| market.batch_token_calls = batched);
    let idl = idl();
    let covered: BTreeSet<&str> = stage.cases.iter().map(|case| case.name).collect();
    assert_eq!(covered, idl.keys().map(String::as_str).collect(), "an instruction without a case");

    let mut report = Report::default();
    let mut vm = stage.world.vm.clone();
    for case in &stage.cases {
        let original = &case.instruction;
        assert!(attempt(&mut vm, &case.before, original, &stage.keys).is_none(), "{} itself must succeed", case.name);
        for (i, place) in places(&idl, case).iter().enumerate() {
            let here = &original.accounts[i];
            let with = |meta: AccountMeta| {
                let mut ix = original.clone();
                ix.accounts[i] = meta;
                ix
            };
            // every other account, signing where a signature is asked for and can be had
            for (name, address) in stage.zoo.iter().filter(|(_, address)| *address != here.pubkey) {
                let can_sign = stage.keys.iter().any(|key| key.pubkey() == *address);
                let meta = AccountMeta { pubkey: *address, is_signer: here.is_signer && can_sign, is_writable: here.is_writable };
                report.record(case, place, name, attempt(&mut vm, &case.before, &with(meta), &stage.keys));
            }
            // the same bytes under other owners
            let account = vm.svm.get_account(&here.pubkey).unwrap_or_default();
            let fake = keypair("fake program").pubkey();
            for (name, owner) in [("bytes under the fake program", fake), ("bytes under the system program", address::SYSTEM_PROGRAM)] {
                let twin = keypair("twin").pubkey();
                let forged = Account { owner, executable: false, ..account.clone() };
                vm.svm.set_account(twin, Account { lamports: CREDIT, ..forged.clone() }).expect("an account");
                let meta = AccountMeta { pubkey: twin, is_signer: false, is_writable: here.is_writable };
                report.record(case, place, name, attempt(&mut vm, &case.before, &with(meta), &stage.keys));
                // in place: the right address, its bytes under another owner
                if !account.data.is_empty() && !account.executable {
                    vm.svm.set_account(here.pubkey, forged).expect("an account");
                    report.record(case, place, &format!("own {name}"), attempt(&mut vm, &case.before, original, &stage.keys));
                    vm.svm.set_account(here.pubkey, account.clone()).expect("an account");
                }
            }
            // the right one without its signature, without its write lock
            if here.is_signer {
                report.record(
                    case,
                    place,
                    "not signing",
                    attempt(&mut vm, &case.before, &with(AccountMeta { is_signer: false, ..here.clone() }), &stage.keys),
                );
            }
            if here.is_writable {
                report.record(
                    case,
                    place,
                    "not writable",
                    attempt(&mut vm, &case.before, &with(AccountMeta { is_writable: false, ..here.clone() }), &stage.keys),
                );
            }
            // one account fewer
            let mut ix = original.clone();
            ix.accounts.remove(i);
            report.record(case, place, "omitted", attempt(&mut vm, &case.before, &ix, &stage.keys));
        }
        // pairs from a second world, singly covered above: another pool of the market, the rival's
        for (whose, twins) in ["second", "rival"].iter().zip(&stage.twins) {
            let twin = |i: usize| twins.get(&original.accounts[i].pubkey).filter(|twin| **twin != original.accounts[i].pubkey);
            let has: Vec<usize> = (0..original.accounts.len()).filter(|i| twin(*i).is_some()).collect();
            let names = places(&idl, case);
            for (n, a) in has.iter().enumerate() {
                for b in &has[n + 1..] {
                    let mut ix = original.clone();
                    for i in [a, b] {
                        ix.accounts[*i].pubkey = *twin(*i).expect("a twin");
                    }
                    let place = format!("{}+{}", names[*a], names[*b]);
                    report.record(case, &place, whose, attempt(&mut vm, &case.before, &ix, &stage.keys));
                }
            }
        }
        // two accounts exchanged; one more at the end
        for a in 0..original.accounts.len() {
            for b in a + 1..original.accounts.len() {
                if original.accounts[a].pubkey != original.accounts[b].pubkey {
                    let mut ix = original.clone();
                    ix.accounts.swap(a, b);
                    report.record(case, "order", &format!("{a}-{b}"), attempt(&mut vm, &case.before, &ix, &stage.keys));
                }
            }
        }
        let mut ix = original.clone();
        ix.accounts.push(AccountMeta::new_readonly(keypair("nobody").pubkey(), false));
        report.record(case, "end", "one more", attempt(&mut vm, &case.before, &ix, &stage.keys));
    }
    println!("{} attempts, {} went through", report.attempts, report.accepted.len());

    let unexplained: Vec<_> = report.accepted.iter().filter(|(case, place, name)| harmless(case, place, name).is_none()).collect();
    assert!(unexplained.is_empty(), "went through:\n{}", unexplained.iter().map(|entry| format!("{entry:?}\n")).collect::<String>());
    let all = HARMLESS.iter().chain(registry::HARMLESS).chain(jobs::HARMLESS).chain(rounds::HARMLESS);
    for entry in all.chain(series::HARMLESS).chain(workers::HARMLESS) {
        let used = |(case, place, name): &(String, String, String)| case == entry.0 && place == entry.1 && name.starts_with(entry.2);
        assert!(report.accepted.iter().any(used), "no longer accepted, so no longer to be excused: {entry:?}");
    }
    report
}

/// Compares who refused what with the committed list.
fn pin(report: &Report) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/substitution.txt");
    let mut text = String::from(
        "# Who refuses a wrong account: errors of the program (with * they say what was expected and found), of the framework, of token programs.\n",
    );
    for ((case, place), errors) in report.refusals.iter().filter(|((_, place), _)| !place.contains('+') && place != "order") {
        let errors: Vec<_> = errors.iter().map(String::as_str).collect();
        writeln!(text, "{case}.{place}: {}", errors.join(", ")).expect("text");
    }
    if std::env::var_os("HMM_UPDATE").is_some() {
        std::fs::write(&path, &text).expect("a file");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (found, expected)) in text.lines().zip(committed.lines()).enumerate() {
        assert_eq!(found, expected, "line {} of substitution.txt; if meant, run with HMM_UPDATE=1", line + 1);
    }
    assert_eq!(text.lines().count(), committed.lines().count(), "substitution.txt; if meant, run with HMM_UPDATE=1");
}
