//! Every way in which the program says no: each code of `HmmError` with what was expected and what was found, and state
//! unchanged; then what the framework, the token programs and the runtime refuse first, pinned.

// A refusal has that many parts, and reads best in one line.
#![allow(clippy::too_many_arguments)]

mod common;
#[path = "errors/jobs.rs"]
mod jobs;
#[path = "errors/registry.rs"]
mod registry;
#[path = "errors/rounds.rs"]
mod rounds;
#[path = "errors/series.rs"]
mod series;
#[path = "errors/workers.rs"]
mod workers;

use std::collections::BTreeSet;

use common::*;
use hmm_client::{
    Amounts, HMM_ID, HmmError, HmmRefusal, Leg, LegKind, Quote, address, event::Expectation, generated::instructions::*, liquidity, state,
    swap, terms, worker,
};
use hmm_vm::{
    Failure, Vm, World, WorldConfig,
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

const CALL: u8 = u8::MAX;
const MAX: u64 = u64::MAX;

/// Codes nobody can reach from outside; [`from_forged_states`] reaches those it can by writing a pool that the program cannot.
const UNREACHABLE: [(HmmError, &str); 5] = [
    (HmmError::InvariantDecreased, "the solve returns the smallest reserve that keeps κ: a theorem the program still asserts"),
    (HmmError::MoveAboveBound, "the bound on the move of a sell exact-out is proved in hmm-math; the program still asserts it"),
    (HmmError::PriceOverflow, "a price is at most max(Θ/Ψ, 2a/b), which fits, as long as Ψ is at least 1"),
    (HmmError::Unbacked, "only the pool mints vouchers, and counts what it mints"),
    (HmmError::UnknownLegKind, "an unknown kind does not decode: the framework refuses the data first"),
];

/// Two resources are enough for most.
fn small() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

/// Refuses, checks what was said, remembers the code.
#[derive(Default)]
struct Codes(BTreeSet<u32>);

impl Codes {
    fn note(&mut self, failure: &Failure, error: HmmError) {
        assert!(failure.is(error.clone()), "expected {error:?}, found {:?}: {failure}\n{}", failure.error, failure.logs.join("\n"));
        self.0.insert(error as u32);
    }

    /// A refusal with numbers.
    fn number(&mut self, vm: &mut Vm, signers: &[&Keypair], ix: Instruction, error: HmmError, subject: u8, expected: u64, found: u64) {
        let failure = refused(vm, &[ix], signers);
        self.note(&failure, error.clone());
        let what = Expectation::Number { expected, found };
        assert_eq!(failure.refusal, Some(HmmRefusal { code: error as u32, subject, what }));
    }

    /// A refusal with addresses.
    fn account(
        &mut self,
        vm: &mut Vm,
        signers: &[&Keypair],
        ix: Instruction,
        error: HmmError,
        subject: u8,
        expected: Address,
        found: Address,
    ) {
        let failure = refused(vm, &[ix], signers);
        self.note(&failure, error.clone());
        let what = Expectation::Account { expected, found };
        assert_eq!(failure.refusal, Some(HmmRefusal { code: error as u32, subject, what }));
    }

    /// A refusal of one account for not being another: what was found is given, what was expected is an account the instruction does not have.
    fn constraint(&mut self, vm: &mut Vm, signers: &[&Keypair], ix: Instruction, error: HmmError, found: Address) {
        let failure = refused(vm, std::slice::from_ref(&ix), signers);
        self.note(&failure, error.clone());
        let Some(HmmRefusal { subject: CALL, what: Expectation::Account { expected, found: said }, .. }) = failure.refusal else {
            panic!("{error:?} says nothing of the account: {:?}", failure.refusal)
        };
        assert_eq!(said, found);
        assert!(ix.accounts.iter().all(|account| account.pubkey != expected), "{error:?} expects an account that is there");
    }
}

#[test]
fn every_code() {
    let mut codes = Codes::default();
    market(&mut codes);
    credit_mint(&mut codes);
    roles(&mut codes);
    forming(&mut codes);
    trades(&mut codes);
    drained(&mut codes);
    lists(&mut codes);
    deposits(&mut codes);
    time(&mut codes);
    bootstrap_marks(&mut codes);
    registry::verifiers(&mut codes);
    registry::roots(&mut codes);
    registry::keys(&mut codes);
    jobs::specs(&mut codes);
    jobs::lives(&mut codes);
    rounds::votes(&mut codes);
    rounds::signatures(&mut codes);
    rounds::traces(&mut codes);
    series::series(&mut codes);
    workers::terms(&mut codes);
    workers::bonds(&mut codes);
    workers::liquidations(&mut codes);
    let reachable: BTreeSet<u32> = codes.0.clone();
    from_forged_states(&mut codes);

    // the list is complete: every code of the generated enum is triggered or explained
    let name = |code| HmmRefusal { code, subject: 0, what: Expectation::Number { expected: 0, found: 0 } }.error();
    let all: BTreeSet<u32> = (6_000..).take_while(|code| name(*code).is_some()).collect();
    assert_eq!(all.len(), 113, "a new code needs a case here");
    let explained: BTreeSet<u32> = UNREACHABLE.iter().map(|(error, _)| error.clone() as u32).collect();
    assert!(reachable.is_disjoint(&explained), "reachable after all: {:?}", reachable.intersection(&explained).collect::<Vec<_>>());
    let missing: Vec<_> = all.difference(&reachable).filter(|code| !explained.contains(code)).map(|code| name(*code)).collect();
    assert!(missing.is_empty(), "never triggered: {missing:?}");
    println!("{} codes triggered from outside, {} more from forged states", reachable.len(), codes.0.len() - reachable.len());
}

/// Parameters of a market out of range, at its creation and later.
fn market(codes: &mut Codes) {
    let mut world = World::market_only(small());
    let (signer, market) = (world.authority(), world.market);
    let authority = signer.pubkey();
    let vm = &mut world.vm;
    let set = SetMaxFee { market, authority }.instruction(SetMaxFeeInstructionArgs { max_fee: 500_001 });
    codes.number(vm, &[&signer], set, HmmError::FeeOutOfRange, CALL, 500_000, 500_001);
    let set = SetMaxFee { market, authority }.instruction(SetMaxFeeInstructionArgs { max_fee: 2_999 });
    codes.number(vm, &[&signer], set, HmmError::FeeOutOfRange, CALL, 2_999, 3_000);
    let set = SetMarketFee { market, authority }.instruction(SetMarketFeeInstructionArgs { market_fee: 100_001 });
    codes.number(vm, &[&signer], set, HmmError::FeeOutOfRange, CALL, 100_000, 100_001);
    let set = SetRiskFee { market, authority }.instruction(SetRiskFeeInstructionArgs { risk_fee: 1_000_001 });
    codes.number(vm, &[&signer], set, HmmError::FeeOutOfRange, CALL, 1_000_000, 1_000_001);
    let set = SetBurnShare { market, authority }.instruction(SetBurnShareInstructionArgs { burn_share: u32::MAX });
    codes.number(vm, &[&signer], set, HmmError::FeeOutOfRange, CALL, 1_000_000, u32::MAX.into());
    let set = SetLpShare { market, authority }.instruction(SetLpShareInstructionArgs { lp_share: 1_000_001 });
    codes.number(vm, &[&signer], set, HmmError::FeeOutOfRange, CALL, 1_000_000, 1_000_001);
    let set = SetRiskWindow { market, authority }.instruction(SetRiskWindowInstructionArgs { risk_window: 0 });
    codes.number(vm, &[&signer], set, HmmError::WindowOutOfRange, CALL, 1, 0);

    // at creation: another authority's market, with the same parameters out of range
    let stranger = world.trader();
    let treasury = credits_of(&world, &stranger.pubkey());
    let initialize = |world: &World, edit: fn(&mut WorldConfig)| {
        let mut config = world.config.clone();
        edit(&mut config);
        let credit_mint = world.credit_mint;
        InitializeMarket {
            authority: stranger.pubkey(),
            market: address::market(&stranger.pubkey(), &credit_mint),
            credit_mint,
            treasury,
            system_program: address::SYSTEM_PROGRAM,
        }
        .instruction(InitializeMarketInstructionArgs {
            market_fee: config.market_fee,
            risk_fee: config.risk_fee,
            max_fee: config.max_fee,
            burn_share: config.burn_share,
            lp_share: config.lp_share,
            risk_window: config.risk_window,
            guardian: address::SYSTEM_PROGRAM,
            genesis_hash: [0; 32],
            supply: terms::supply(CREDIT),
            jobs: terms::jobs(CREDIT),
            verification: terms::verification(CREDIT),
        })
    };
    let bad = initialize(&world, |c| c.max_fee = u32::MAX);
    codes.number(&mut world.vm, &[&stranger], bad, HmmError::FeeOutOfRange, CALL, 500_000, u32::MAX.into());
    let bad = initialize(&world, |c| c.risk_window = 0);
    codes.number(&mut world.vm, &[&stranger], bad, HmmError::WindowOutOfRange, CALL, 1, 0);
}

/// A mint of Token-2022 with these extensions (type, bytes of value), and a treasury for it.
fn forge_mint(world: &mut World, owner: Address, freeze: bool, extensions: &[(u16, usize)]) -> (Address, Address) {
    let (mint, treasury) = (keypair("forged mint").pubkey(), keypair("forged treasury").pubkey());
    let mut data = world.vm.data(&world.credit_mint);
    data[46] = freeze.into();
    if !extensions.is_empty() {
        data.resize(165, 0);
        data.push(1); // a mint
        for (kind, length) in extensions {
            data.extend_from_slice(&kind.to_le_bytes());
            data.extend_from_slice(&(*length as u16).to_le_bytes());
            data.resize(data.len() + length, 0);
        }
    }
    let account = |data| Account { lamports: CREDIT, data, owner, executable: false, rent_epoch: 0 };
    world.vm.svm.set_account(mint, account(data)).expect("a mint");
    let mut token = world.vm.data(&world.treasury);
    token[..32].copy_from_slice(mint.as_ref());
    world.vm.svm.set_account(treasury, account(token)).expect("a treasury");
    (mint, treasury)
}

fn initialize_with(world: &World, credit_mint: Address, treasury: Address) -> Instruction {
    let mut ix = world.initialize_market_ix();
    let market = address::market(&world.authority().pubkey(), &credit_mint);
    (ix.accounts[1].pubkey, ix.accounts[2].pubkey, ix.accounts[3].pubkey) = (market, credit_mint, treasury);
    ix
}

/// Mints that cannot be credits.
fn credit_mint(codes: &mut Codes) {
    let mut world = World::market_only(small());
    let authority = world.authority();
    let (classic, new) = (address::TOKEN_PROGRAM, address::TOKEN_2022_PROGRAM);

    // every extension there is, and some there are not: only metadata passes
    for kind in (1..=40).chain([999, u16::MAX]) {
        let (mint, treasury) = forge_mint(&mut world, new, false, &[(kind, 64)]);
        let ix = initialize_with(&world, mint, treasury);
        if kind == 18 || kind == 19 {
            world.clone().vm.send(&[ix], &[&authority]).unwrap_or_else(|failure| panic!("extension {kind}: {failure}"));
            continue;
        }
        // a type the program's library does not know has no number there
        let found = if kind <= 27 { kind.into() } else { MAX };
        codes.number(&mut world.vm, &[&authority], ix, HmmError::CreditMintExtension, CALL, 18, found);
        // behind an allowed one it is found all the same
        let (mint, treasury) = forge_mint(&mut world, new, false, &[(18, 64), (19, 100), (kind, 64)]);
        let ix = initialize_with(&world, mint, treasury);
        codes.number(&mut world.vm, &[&authority], ix, HmmError::CreditMintExtension, CALL, 18, found);
    }
    for (owner, extensions) in [(classic, &[][..]), (new, &[]), (new, &[(18, 64), (19, 90)])] {
        let (mint, treasury) = forge_mint(&mut world, owner, true, extensions);
        let ix = initialize_with(&world, mint, treasury);
        codes.number(&mut world.vm, &[&authority], ix, HmmError::CreditMintFreezable, CALL, 0, 1);
    }
    // native SOL cannot be burned, so its fees could never be collected
    let native = Address::from_str_const("So11111111111111111111111111111111111111112");
    let mut account = world.vm.svm.get_account(&world.credit_mint).expect("a mint");
    account.data[0] = 0;
    world.vm.svm.set_account(native, account).expect("a mint");
    let (_, treasury) = forge_mint(&mut world, classic, false, &[]);
    let mut token = world.vm.svm.get_account(&treasury).expect("an account");
    token.data[..32].copy_from_slice(native.as_ref());
    world.vm.svm.set_account(treasury, token).expect("an account");
    let ix = initialize_with(&world, native, treasury);
    codes.account(&mut world.vm, &[&authority], ix, HmmError::CreditMintNative, 2, Address::default(), native);

    // a program's account that looks like a mint; the treasury is genuine, so this check is the one that answers
    let (mint, _) = forge_mint(&mut world, HMM_ID, false, &[]);
    let treasury = world.vm.svm.get_account(&world.treasury).expect("an account");
    let mut data = treasury.data.clone();
    data[..32].copy_from_slice(mint.as_ref());
    let genuine = keypair("genuine treasury").pubkey();
    world.vm.svm.set_account(genuine, Account { data, ..treasury }).expect("an account");
    let ix = initialize_with(&world, mint, genuine);
    codes.account(&mut world.vm, &[&authority], ix, HmmError::CreditMintProgram, CALL, classic, HMM_ID);
}

/// Who may do what: the stranger signs where a role is asked for.
fn roles(codes: &mut Codes) {
    let mut world = World::forming(small());
    let (stranger, market, pool) = (world.trader(), world.market, world.pool);
    let authority = stranger.pubkey();
    let credit_mint = world.credit_mint;
    let mut add = world.add_resource_ix(0);
    add.accounts[2].pubkey = address::voucher_mint(&pool, 2);
    for ix in [
        SetMarketFee { market, authority }.instruction(SetMarketFeeInstructionArgs { market_fee: 0 }),
        SetRiskFee { market, authority }.instruction(SetRiskFeeInstructionArgs { risk_fee: 0 }),
        SetMaxFee { market, authority }.instruction(SetMaxFeeInstructionArgs { max_fee: 0 }),
        SetBurnShare { market, authority }.instruction(SetBurnShareInstructionArgs { burn_share: 0 }),
        SetLpShare { market, authority }.instruction(SetLpShareInstructionArgs { lp_share: 0 }),
        SetRiskWindow { market, authority }.instruction(SetRiskWindowInstructionArgs { risk_window: 1 }),
        SetGuardian { market, authority }.instruction(SetGuardianInstructionArgs { guardian: authority }),
        SetTreasury { market, authority, credit_mint, treasury: credits_of(&world, &authority) }.instruction(),
        ProposeAuthority { market, authority }.instruction(ProposeAuthorityInstructionArgs { proposed: authority }),
        AcceptAuthority { market, pending_authority: authority }.instruction(),
        with_signer(world.set_bootstrap_mark_ix(0, 1), 1, authority),
        Pause { market, signer: authority }.instruction(),
        Unpause { market, signer: authority }.instruction(),
        with_signer(add, 1, authority),
        with_signer(close_ix(&world), 1, authority),
    ] {
        codes.constraint(&mut world.vm, &[&stranger], ix, HmmError::Unauthorized, authority);
    }
    // the guardian may pause, and nothing else
    let guardian = keypair("guardian");
    edit_market(&mut world, |m| m.guardian = guardian.pubkey());
    let set = SetGuardian { market, authority: guardian.pubkey() }.instruction(SetGuardianInstructionArgs { guardian: guardian.pubkey() });
    codes.constraint(&mut world.vm, &[&guardian], set, HmmError::Unauthorized, guardian.pubkey());
    // the first deposit is the creator's: a stranger's dust must not fix the price
    let most = vec![Amounts { units: UNIT, credits: CREDIT }; 2];
    let add = liquidity::add(&world.state(), authority, most, 1, MAX, 0);
    let creator = world.creator().pubkey();
    codes.account(&mut world.vm, &[&stranger], add, HmmError::Unauthorized, CALL, creator, authority);
}

fn with_signer(mut ix: Instruction, place: usize, signer: Address) -> Instruction {
    ix.accounts[place].pubkey = signer;
    ix
}

/// A pool before its first deposit.
fn forming(codes: &mut Codes) {
    let mut world = World::forming(small());
    let (creator, pool) = (world.creator(), world.pool);
    let next = address::voucher_mint(&pool, 2);
    let base = AddResourceInstructionArgs {
        name: state::name("cpu").expect("a name"),
        weight: 1_000_000,
        psi_scale: 1,
        theta_scale: 1,
        min_psi: 0,
        min_theta: 0,
        delivery_end: 0,
    };
    let add = |args: &AddResourceInstructionArgs| {
        AddResource {
            pool,
            creator: creator.pubkey(),
            voucher_mint: next,
            token_program: address::TOKEN_PROGRAM,
            system_program: address::SYSTEM_PROGRAM,
        }
        .instruction(args.clone())
    };
    let args = |edit: fn(&mut AddResourceInstructionArgs)| {
        let mut args = base.clone();
        edit(&mut args);
        add(&args)
    };
    let vm = &mut world.vm;
    codes.number(vm, &[&creator], args(|a| a.weight = 0), HmmError::WeightOutOfRange, 2, 1_000_000, 0);
    codes.number(vm, &[&creator], args(|a| a.weight = 1_000_001), HmmError::WeightOutOfRange, 2, 1_000_000, 1_000_001);
    codes.number(vm, &[&creator], args(|a| a.weight = u32::MAX), HmmError::WeightOutOfRange, 2, 1_000_000, u32::MAX.into());
    codes.number(vm, &[&creator], args(|a| a.weight = 50_000), HmmError::CurvatureOutOfRange, 2, 49_999, 50_000);
    codes.number(vm, &[&creator], args(|a| a.weight = 1), HmmError::CurvatureOutOfRange, 2, 0, 50_000);
    codes.number(vm, &[&creator], args(|a| a.psi_scale = 0), HmmError::ScaleOutOfRange, 2, 1, 0);
    codes.number(vm, &[&creator], args(|a| a.theta_scale = 0), HmmError::ScaleOutOfRange, 2, 1, 0);
    codes.number(vm, &[&creator], args(|a| a.name = [0; 16]), HmmError::BadName, CALL, 16, 0);
    codes.number(vm, &[&creator], args(|a| a.name[1] = b' '), HmmError::BadName, CALL, 16, b' '.into());
    codes.number(vm, &[&creator], args(|a| a.name[0] = 0xff), HmmError::BadName, CALL, 16, 0xff);
    codes.number(vm, &[&creator], args(|a| a.name[15] = b'x'), HmmError::BadName, CALL, 16, b'x'.into());
    // a region is a name too
    let mut create = world.create_pool_ix(1);
    let end = create.data.len() - 16;
    create.data[end] = b'\n';
    codes.number(&mut world.vm, &[&creator], create, HmmError::BadName, CALL, 16, b'\n'.into());

    // no trade and no withdrawal yet; a quote says so as data
    let legs = vec![leg(0, LegKind::BuyExactOut, UNIT)];
    let trade = swap::swap(&world.state(), creator.pubkey(), legs.clone(), i64::MAX, 0);
    codes.number(&mut world.vm, &[&creator], trade, HmmError::PoolStatus, CALL, 1, 0);
    let remove = liquidity::remove(&world.state(), creator.pubkey(), 1, vec![Amounts { units: 0, credits: 0 }; 2], 0);
    codes.number(&mut world.vm, &[&creator], remove, HmmError::PoolStatus, CALL, 1, 0);
    assert_eq!(quoted(&mut world, &legs).refusal.expect("a refusal").code, HmmError::PoolStatus as u32);

    // vouchers are out, so it cannot be closed
    let issued = world.state().pool.issued[0];
    let close = close_ix(&world);
    codes.number(&mut world.vm, &[&creator], close, HmmError::VouchersOutstanding, 0, 0, issued);
    // the first deposit keeps the floors, and is worth something
    let deposit = |world: &World, first: (u64, u64), second: (u64, u64), min, max| {
        let amounts = |(units, credits)| Amounts { units, credits };
        liquidity::add(&world.state(), creator.pubkey(), vec![amounts(first), amounts(second)], min, max, 0)
    };
    let (units, credits) = (UNIT, CREDIT / 1_000);
    let cases = [
        ((units - 1, credits), (units, credits), HmmError::BelowMinPsi, 0, units, units - 1),
        ((units, credits), (units, credits - 1), HmmError::BelowMinTheta, 1, credits, credits - 1),
        ((0, 0), (0, 0), HmmError::BelowMinPsi, 0, units, 0),
    ];
    for (first, second, error, subject, expected, found) in cases {
        let ix = deposit(&world, first, second, 1, MAX);
        codes.number(&mut world.vm, &[&creator], ix, error, subject, expected, found);
    }
    // √(xy)/b of both, less 1,000
    let shares = |psi: u64, scale: u64, theta: u64| (u128::from(psi * scale) * u128::from(theta)).isqrt() as u64;
    let total = shares(units, 2_500, credits) + shares(units, 40, credits) - 1_000;
    let ix = deposit(&world, (units, credits), (units, credits), total + 1, MAX);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::SharesOutsideLimits, CALL, total + 1, total);
    let ix = deposit(&world, (units, credits), (units, credits), 0, total - 1);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::SharesOutsideLimits, CALL, total - 1, total);
    // more vouchers than there are, more credits than there are
    let ix = deposit(&world, (MAX, credits), (units, credits), 0, MAX);
    token_refuses(&mut world.vm, ix, &creator);
    let ix = deposit(&world, (units, 1 << 63), (units, 1 << 63), 0, MAX);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::Overflow, CALL, MAX - (1 << 63), 1 << 63);

    // without floors a deposit can be too small; with one unit of each it is
    let mut config = small();
    for r in &mut config.resources {
        (r.min_psi, r.min_theta, r.psi_scale) = (0, 0, 1);
    }
    let mut world = World::forming(config);
    for (first, second, found) in [((1, 1), (1, 1), 2), ((500, 500), (500, 500), 1_000)] {
        let ix = deposit(&world, first, second, 0, MAX);
        codes.number(&mut world.vm, &[&creator], ix, HmmError::TooFewShares, CALL, 1_001, found);
    }
    // even without floors neither side may be empty
    let ix = deposit(&world, (0, 5_000), (5_000, 5_000), 0, MAX);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::BelowMinPsi, 0, 1, 0);
    let ix = deposit(&world, (5_000, 0), (5_000, 5_000), 0, MAX);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::BelowMinTheta, 0, 1, 0);
    world.vm.send(&[deposit(&world, (500, 500), (501, 501), 1, 1)], &[&creator]).expect("one share is enough");

    // eight resources and no more
    let resources = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| resource(name, 10, 1));
    let mut world = World::forming(WorldConfig { resources: resources.to_vec(), ..small() });
    let mut ix = world.add_resource_ix(0);
    ix.accounts[2].pubkey = address::voucher_mint(&world.pool, 8);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::PoolFull, CALL, 8, 9);
}

/// Asks the program for a quote, which never fails for its terms.
fn quoted(world: &mut World, legs: &[Leg]) -> Quote {
    let quote = hmm_client::generated::instructions::Quote { market: world.market, pool: world.pool };
    let ix = quote.instruction(QuoteInstructionArgs { legs: legs.to_vec() });
    let receipt = accepted(&mut world.vm, &[ix], &[], &[]);
    borsh::from_slice(&receipt.return_data).expect("a quote")
}

/// The token program has the last word on balances: insufficient funds.
fn token_refuses(vm: &mut Vm, ix: Instruction, signer: &Keypair) {
    let failure = refused(vm, &[ix], &[signer]);
    assert_eq!(failure.code(), Some(1), "{failure}");
}

/// One leg that must be refused, by `quote` as data and by `swap` as an error, with the same words.
fn no_trade(codes: &mut Codes, world: &mut World, legs: Vec<Leg>, error: HmmError, subject: u8, expected: u64, found: u64) {
    let refusal = quoted(world, &legs).refusal.unwrap_or_else(|| panic!("{error:?} was to be refused"));
    assert_eq!((refusal.code, refusal.subject, refusal.expected, refusal.found), (error.clone() as u32, subject, expected, found));
    let trader = world.trader();
    let ix = swap::swap(&world.state(), trader.pubkey(), legs, i64::MAX, 0);
    codes.number(&mut world.vm, &[&trader], ix, error, subject, expected, found);
}

fn trades(codes: &mut Codes) {
    let mut world = World::active(small());
    let (psi, theta) = (world.config.resources[0].psi, world.config.resources[0].theta);
    for kind in KINDS {
        no_trade(codes, &mut world, vec![leg(0, kind, 0)], HmmError::ZeroAmount, 0, 1, 0);
        // the second leg is refused, the first does not happen
        let legs = vec![leg(0, LegKind::BuyExactOut, UNIT), leg(1, kind, 0)];
        no_trade(codes, &mut world, legs, HmmError::ZeroAmount, 1, 1, 0);
    }
    // so little that nothing would move: a unit costs 2,500 credits
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactIn, 1)], HmmError::ZeroAmount, 0, 1, 0);
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactIn, 2)], HmmError::ZeroAmount, 0, 1, 0);
    // the ends of u64
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactOut, MAX)], HmmError::CurveDrained, 0, psi - 1, MAX);
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactOut, psi)], HmmError::CurveDrained, 0, psi - 1, psi);
    no_trade(codes, &mut world, vec![leg(0, LegKind::SellExactIn, MAX)], HmmError::Overflow, 0, MAX, MAX);
    // less the market's fee it fits, and there is nothing left to buy; as a withdrawal it is more than there is, its fee included
    let paid = MAX - (u128::from(MAX) * 3_000).div_ceil(1_000_000) as u64 + theta;
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactIn, MAX)], HmmError::CurveDrained, 0, 0, paid);
    no_trade(codes, &mut world, vec![leg(0, LegKind::SellExactOut, MAX)], HmmError::Overflow, 0, MAX, MAX);
    let gross = (u128::from(theta) * 1_000).div_ceil(997) as u64;
    no_trade(codes, &mut world, vec![leg(0, LegKind::SellExactOut, theta)], HmmError::CurveDrained, 0, theta - 1, gross);
    // a move of the whole reserve would cost λ_r, 10 %, and f_m: above the maximum
    let found = 3_000_000 + 100_000_000;
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactOut, psi - 1)], HmmError::FeeAboveMax, 0, 100_000_000, found);
    // each kind's limit, one unit too far
    for kind in KINDS {
        let buy = kind.is_buy();
        let amount = if matches!(kind, LegKind::BuyExactOut | LegKind::SellExactIn) { psi / 100 } else { theta / 100 };
        let legs = [leg(0, kind, amount)];
        let result = &quoted(&mut world, &legs).legs[0];
        let (found, limit) = match kind {
            LegKind::BuyExactIn => (result.units, result.units + 1),
            LegKind::BuyExactOut => (result.credits, result.credits - 1),
            LegKind::SellExactIn => (result.credits, result.credits + 1),
            LegKind::SellExactOut => (result.units, result.units - 1),
        };
        no_trade(codes, &mut world, vec![Leg { limit, ..legs[0] }], HmmError::LegLimitCrossed, 0, limit, found);
        // the net: one credit too much, or one too little
        let net = quoted(&mut world, &legs).net;
        assert_eq!(net > 0, buy);
        let trader = world.trader();
        let ix = swap::swap(&world.state(), trader.pubkey(), legs.to_vec(), net - 1, 0);
        if buy {
            codes.number(&mut world.vm, &[&trader], ix, HmmError::NetLimitCrossed, CALL, (net - 1).unsigned_abs(), net.unsigned_abs());
            // who wanted to receive and would have to pay: received nothing
            let ix = swap::swap(&world.state(), trader.pubkey(), legs.to_vec(), -7, 0);
            codes.number(&mut world.vm, &[&trader], ix, HmmError::NetLimitCrossed, CALL, 7, 0);
            world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, psi / 10)]).map(drop).expect("something to sell");
        } else {
            codes.number(&mut world.vm, &[&trader], ix, HmmError::NetLimitCrossed, CALL, (net - 1).unsigned_abs(), net.unsigned_abs());
        }
    }
    // a whole bundle fails with its worst leg
    let trader = world.trader();
    let ix = swap::swap(
        &world.state(),
        trader.pubkey(),
        vec![leg(0, LegKind::BuyExactOut, 1), leg(1, LegKind::SellExactIn, MAX / 2)],
        i64::MAX,
        0,
    );
    let failure = refused(&mut world.vm, &[ix], &[&trader]);
    assert!(failure.is(HmmError::FeeAboveMax), "{failure}");
    // vouchers the trader does not have
    let ix = swap::swap(&world.state(), trader.pubkey(), vec![leg(1, LegKind::SellExactIn, UNIT)], i64::MAX, 0);
    token_refuses(&mut world.vm, ix, &trader);
    // credits the trader does not have
    let wallet = credits_of(&world, &trader.pubkey());
    set_balance(&mut world.vm, &wallet, 1);
    let ix = swap::swap(&world.state(), trader.pubkey(), vec![leg(1, LegKind::BuyExactOut, UNIT)], i64::MAX, 0);
    token_refuses(&mut world.vm, ix, &trader);
}

/// Reserves at their floors and the ends of curves.
fn drained(codes: &mut Codes) {
    let free = |config: WorldConfig| WorldConfig { market_fee: 0, risk_fee: 0, ..config };
    let mut world = World::active(free(small()));
    let (psi, min_psi, min_theta) = (world.config.resources[0].psi, UNIT, CREDIT / 1_000);
    no_trade(codes, &mut world, vec![leg(0, LegKind::BuyExactOut, psi - min_psi + 1)], HmmError::BelowMinPsi, 0, min_psi, min_psi - 1);
    let exact = leg(0, LegKind::BuyExactOut, psi - min_psi);
    assert_eq!(quoted(&mut world, &[exact]).refusal, None, "down to the floor itself is allowed");
    // a sell that takes Θ below its floor: with λ > 0 the curve reaches Θ = 0 at finite Ψ
    let theta = world.state().pool.theta[0];
    no_trade(
        codes,
        &mut world,
        vec![leg(0, LegKind::SellExactOut, theta - min_theta + 1)],
        HmmError::BelowMinTheta,
        0,
        min_theta,
        min_theta - 1,
    );
    no_trade(codes, &mut world, vec![leg(0, LegKind::SellExactOut, theta)], HmmError::CurveDrained, 0, theta - 1, theta);
    // beyond it there is no more to sell to: at Ψ′ the other side would be empty
    let all = psi * 8;
    no_trade(codes, &mut world, vec![leg(0, LegKind::SellExactIn, all)], HmmError::CurveDrained, 0, 0, psi + all);
    // two payments that fit alone and not together
    let curve = hmm_math::Curve { weight: 1, lambda: 0, psi_scale: 1, theta_scale: 1 };
    stage(&mut world, 0, &[reserve(curve, 1_000, 1 << 62), reserve(curve, 1_000, 1 << 62)]);
    let legs = vec![leg(0, LegKind::BuyExactOut, 600), leg(1, LegKind::BuyExactOut, 600)];
    // 2⁶²·600/400 each
    no_trade(codes, &mut world, legs, HmmError::Overflow, CALL, i64::MAX.unsigned_abs(), MAX);
}

/// Lists of legs, amounts and accounts.
fn lists(codes: &mut Codes) {
    let mut world = World::active(small());
    let trader = world.trader();
    no_trade(codes, &mut world, vec![], HmmError::LegCount, CALL, 8, 0);
    let legs = |n: u8| (0..n).map(|i| leg(i, LegKind::BuyExactOut, UNIT)).collect::<Vec<_>>();
    assert_eq!(quoted(&mut world, &legs(9)).refusal.map(|r| (r.code, r.expected, r.found)), Some((HmmError::LegCount as u32, 8, 9)));
    // nine legs with their accounts do not fit a transaction; without accounts they do, and the count is checked first
    let mut ix = swap::swap(&world.state(), trader.pubkey(), legs(9), i64::MAX, 0);
    ix.accounts.truncate(11);
    codes.number(&mut world.vm, &[&trader], ix, HmmError::LegCount, CALL, 8, 9);
    for twin in [0, 1, 2, 7, 8, 31, 32, 40, 255] {
        let legs = vec![leg(twin, LegKind::BuyExactOut, UNIT), leg(twin, LegKind::SellExactIn, UNIT)];
        no_trade(codes, &mut world, legs, HmmError::DuplicateResource, 1, 1, twin.into());
        let legs = vec![leg(twin, LegKind::BuyExactOut, 1), leg(9, LegKind::BuyExactOut, 1), leg(twin, LegKind::BuyExactOut, 1)];
        no_trade(codes, &mut world, legs, HmmError::DuplicateResource, 2, 1, twin.into());
    }
    for unknown in [2, 7, 8, 31, 32, 255] {
        no_trade(codes, &mut world, vec![leg(unknown, LegKind::BuyExactOut, UNIT)], HmmError::UnknownResource, 0, 2, unknown.into());
        let legs = vec![leg(0, LegKind::BuyExactOut, 1), leg(unknown, LegKind::BuyExactOut, UNIT)];
        no_trade(codes, &mut world, legs, HmmError::UnknownResource, 1, 2, unknown.into());
    }
    // accounts: one missing, one too many, exchanged, of another pool
    let one = || vec![leg(0, LegKind::BuyExactOut, UNIT)];
    let trade = |world: &World| swap::swap(&world.state(), trader.pubkey(), one(), i64::MAX, 0);
    let mut ix = trade(&world);
    ix.accounts.pop();
    codes.number(&mut world.vm, &[&trader], ix, HmmError::AccountCount, CALL, 2, 1);
    let mut ix = trade(&world);
    ix.accounts.truncate(11);
    codes.number(&mut world.vm, &[&trader], ix, HmmError::AccountCount, CALL, 2, 0);
    let mut ix = trade(&world);
    ix.accounts.push(AccountMeta::new_readonly(HMM_ID, false));
    codes.number(&mut world.vm, &[&trader], ix, HmmError::AccountCount, CALL, 2, 3);
    let mut ix = trade(&world);
    ix.accounts.swap(11, 12);
    let (mint, account) = (address::voucher_mint(&world.pool, 0), vouchers_of(&world, &trader.pubkey(), 0));
    codes.account(&mut world.vm, &[&trader], ix, HmmError::WrongAccount, 0, mint, account);
    let mut ix = swap::swap(&world.state(), trader.pubkey(), legs(2), i64::MAX, 0);
    ix.accounts.swap(11, 13);
    codes.account(&mut world.vm, &[&trader], ix, HmmError::WrongAccount, 0, mint, address::voucher_mint(&world.pool, 1));
    let mut ix = swap::swap(&world.state(), trader.pubkey(), legs(2), i64::MAX, 0);
    ix.accounts[13].pubkey = address::lp_mint(&world.pool);
    codes.account(
        &mut world.vm,
        &[&trader],
        ix,
        HmmError::WrongAccount,
        1,
        address::voucher_mint(&world.pool, 1),
        address::lp_mint(&world.pool),
    );

    // liquidity: one entry a resource, two accounts an entry
    let creator = world.creator();
    for count in [0, 1, 3, 9] {
        let amounts = vec![Amounts { units: 1_000, credits: 1_000_000 }; count];
        let ix = liquidity::add(&world.state(), creator.pubkey(), amounts.clone(), 0, MAX, 0);
        codes.number(&mut world.vm, &[&creator], ix, HmmError::AmountCount, CALL, 2, count as u64);
        let ix = liquidity::remove(&world.state(), creator.pubkey(), 1_000, amounts, 0);
        codes.number(&mut world.vm, &[&creator], ix, HmmError::AmountCount, CALL, 2, count as u64);
    }
    let amounts = vec![Amounts { units: 1_000_000, credits: CREDIT }; 2];
    for mut ix in [
        liquidity::add(&world.state(), creator.pubkey(), amounts.clone(), 0, MAX, 0),
        liquidity::remove(&world.state(), creator.pubkey(), 1_000, vec![Amounts { units: 0, credits: 0 }; 2], 0),
    ] {
        ix.accounts.pop();
        codes.number(&mut world.vm, &[&creator], ix.clone(), HmmError::AccountCount, CALL, 4, 3);
        ix.accounts.push(AccountMeta::new(address::voucher_mint(&world.pool, 0), false));
        ix.accounts.swap(13, 15);
        codes.account(&mut world.vm, &[&creator], ix, HmmError::WrongAccount, 0, mint, address::voucher_mint(&world.pool, 1));
    }
}

/// Deposits, withdrawals, fees.
fn deposits(codes: &mut Codes) {
    let mut world = World::active(small());
    let (creator, state) = (world.creator(), world.state());
    let who = creator.pubkey();
    // what a hundredth of the pool pays for, to the share
    let most: Vec<_> = (0..2).map(|i| Amounts { units: state.pool.psi[i] / 100, credits: state.pool.theta[i] / 100 }).collect();
    let shares = liquidity::quote_add(&state, &most, MAX).expect("a quote").shares;
    let ix = liquidity::add(&state, who, most.clone(), shares + 1, MAX, 0);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::SharesOutsideLimits, CALL, shares + 1, shares);
    let ix = liquidity::add(&state, who, most.clone(), 100, 99, 0);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::SharesOutsideLimits, CALL, 100, 99);
    for (units, max_shares) in [(0, MAX), (most[0].units, 0)] {
        let most = vec![Amounts { units, ..most[0] }, most[1]];
        let ix = liquidity::add(&state, who, most, 0, max_shares, 0);
        codes.number(&mut world.vm, &[&creator], ix, HmmError::SharesOutsideLimits, CALL, 1, 0);
    }
    // u64::MAX everywhere: shares saturate, and what they cost, rounded up on each side, is one credit more than there can be
    let ix = liquidity::add(&state, who, vec![Amounts { units: MAX, credits: MAX }; 2], 0, MAX, 0);
    let cost = |i: usize| (u128::from(MAX) * u128::from(state.pool.theta[i])).div_ceil(state.pool.shares.into()) as u64;
    codes.number(&mut world.vm, &[&creator], ix, HmmError::Overflow, CALL, MAX - cost(0), cost(1));

    let zero = || vec![Amounts { units: 0, credits: 0 }; 2];
    let removable = state.pool.shares - 1_000;
    for shares in [0, removable + 1, MAX] {
        let ix = liquidity::remove(&state, who, shares, zero(), 0);
        codes.number(&mut world.vm, &[&creator], ix, HmmError::SharesOutsideLimits, CALL, removable, shares);
    }
    let quote = liquidity::quote_remove(&state, 1_000_000_000).expect("a quote");
    let mut least = quote.amounts.clone();
    least[0].units += 1;
    let ix = liquidity::remove(&state, who, 1_000_000_000, least, 0);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::AmountOutsideLimits, 0, quote.amounts[0].units + 1, quote.amounts[0].units);
    let mut least = quote.amounts.clone();
    least[1].credits = MAX;
    let ix = liquidity::remove(&state, who, 1_000_000_000, least, 0);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::AmountOutsideLimits, 1, MAX, quote.amounts[1].credits);
    // somebody else's shares
    let trader = world.trader();
    let ix = liquidity::remove(&state, trader.pubkey(), 1, zero(), 0);
    token_refuses(&mut world.vm, ix, &trader);

    let ix = collect_ix(&world);
    codes.number(&mut world.vm, &[], ix, HmmError::NothingToCollect, CALL, 1, 0);

    // an active pool takes no more resources and cannot be closed
    let mut ix = world.add_resource_ix(0);
    ix.accounts[2].pubkey = address::voucher_mint(&world.pool, 2);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::PoolStatus, CALL, 0, 1);
    let ix = close_ix(&world);
    codes.number(&mut world.vm, &[&creator], ix, HmmError::PoolStatus, CALL, 0, 1);

    // the wrong account where the pool or the market stores the right one
    let (vault, lp) = (world.treasury, address::voucher_mint(&world.pool, 0));
    let trade = swap::swap(&state, who, vec![leg(0, LegKind::BuyExactOut, UNIT)], i64::MAX, 0);
    codes.constraint(&mut world.vm, &[&creator], with_signer(trade, 6, vault), HmmError::WrongAccount, vault);
    let add = liquidity::add(&state, who, most, 0, MAX, 0);
    codes.constraint(&mut world.vm, &[&creator], with_signer(add, 7, lp), HmmError::WrongAccount, lp);
}

/// Deadlines and pauses.
fn time(codes: &mut Codes) {
    let mut world = World::active(small());
    let (creator, state) = (world.creator(), world.state());
    let (who, now) = (creator.pubkey(), world.vm.clock().unix_timestamp);
    let amounts = |units, credits| vec![Amounts { units, credits }; 2];
    let all = |deadline| {
        [
            swap::swap(&state, who, vec![leg(0, LegKind::BuyExactOut, UNIT)], i64::MAX, deadline),
            liquidity::add(&state, who, amounts(UNIT, CREDIT), 0, MAX, deadline),
            liquidity::remove(&state, who, 1_000, amounts(0, 0), deadline),
        ]
    };
    for deadline in [now - 1, 1, -1, i64::MIN] {
        for ix in all(deadline) {
            codes.number(&mut world.vm, &[&creator], ix, HmmError::DeadlinePassed, CALL, deadline.unsigned_abs(), now.unsigned_abs());
        }
    }
    for ix in all(now) {
        world.clone().vm.send(&[ix], &[&creator]).expect("the deadline itself is in time");
    }

    let (guardian, market) = (world.authority(), world.market);
    let pause = Pause { market, signer: guardian.pubkey() }.instruction();
    world.vm.send(std::slice::from_ref(&pause), &[&guardian]).expect("a pause");
    let until = (now + 1_800).unsigned_abs();
    for at in [now, now + 1_799] {
        let mut clock = world.vm.clock();
        clock.unix_timestamp = at;
        world.vm.svm.set_sysvar(&clock);
        let [trade, add, remove] = all(0);
        let refusal = quoted(&mut world, &[leg(0, LegKind::BuyExactOut, UNIT)]).refusal.expect("a refusal");
        assert_eq!((refusal.code, refusal.expected, refusal.found), (HmmError::Paused as u32, until, at.unsigned_abs()));
        codes.number(&mut world.vm, &[&creator], trade, HmmError::Paused, CALL, until, at.unsigned_abs());
        codes.number(&mut world.vm, &[&creator], add, HmmError::Paused, CALL, until, at.unsigned_abs());
        world.clone().vm.send(&[remove], &[&creator]).expect("a pause never blocks a withdrawal");
    }
    for _ in 0..2 {
        world.vm.send(std::slice::from_ref(&pause), &[&guardian]).expect("a pause");
    }
    codes.number(&mut world.vm, &[&guardian], pause, HmmError::PauseQuota, CALL, 3, 4);
}

/// Marks that the authority may not set, or not now.
fn bootstrap_marks(codes: &mut Codes) {
    let mut world = World::active(small());
    let (authority, start) = (world.authority(), world.vm.clock().unix_timestamp);
    let at = |world: &mut World, seconds: i64| {
        let mut clock = world.vm.clock();
        clock.unix_timestamp = start + seconds;
        world.vm.svm.set_sysvar(&clock);
    };
    for resource in [2, 8, 255] {
        let set = world.set_bootstrap_mark_ix(resource, 1 << 64);
        codes.number(&mut world.vm, &[&authority], set, HmmError::UnknownResource, resource, 2, resource.into());
    }
    let set = world.set_bootstrap_mark_ix(1, 0);
    codes.number(&mut world.vm, &[&authority], set, HmmError::ZeroAmount, 1, 1, 0);

    // not a second before a day has passed; then between half and twice, both included
    edit_market(&mut world, |market| market.supply.mark_depth = MAX);
    let mark: u128 = 2_500 << 64 | 1;
    let set = world.set_bootstrap_mark_ix(0, mark);
    world.vm.send(std::slice::from_ref(&set), &[&authority]).expect("a mark");
    let day = start + 86_400;
    for seconds in [0, 1, 86_399] {
        at(&mut world, seconds);
        codes.number(
            &mut world.vm,
            &[&authority],
            set.clone(),
            HmmError::BootstrapEarly,
            0,
            day.unsigned_abs(),
            (start + seconds).unsigned_abs(),
        );
    }
    at(&mut world, 86_400);
    let half = mark.div_ceil(2);
    for (price, bound) in [(half - 1, half), (1, half), (mark * 2 + 1, mark * 2), (u128::MAX, mark * 2)] {
        let set = world.set_bootstrap_mark_ix(0, price);
        let q32 = |price: u128| u64::try_from(price >> 32).unwrap_or(MAX);
        codes.number(&mut world.vm, &[&authority], set, HmmError::BootstrapStep, 0, q32(bound), q32(price));
    }
    for price in [half, mark, mark * 2] {
        let set = world.set_bootstrap_mark_ix(0, price);
        world.clone().vm.send(&[set], &[&authority]).expect("within a factor of two");
    }
    // and the other resource was never set
    let set = world.set_bootstrap_mark_ix(1, u128::MAX);
    world.clone().vm.send(&[set], &[&authority]).expect("the first mark is free");

    // half an hour of history in a deep pool, to the second
    let mut world = World::active(small());
    let set = world.set_bootstrap_mark_ix(1, 1);
    at(&mut world, 1_799);
    world.clone().vm.send(std::slice::from_ref(&set), &[&authority]).expect("no marks yet");
    for (seconds, age) in [(1_800, 1_800), (1_801, 1_801), (1 << 32, 1 << 32)] {
        at(&mut world, seconds);
        codes.number(&mut world.vm, &[&authority], set.clone(), HmmError::MarkMature, 1, 1_800, age);
    }
}

/// States the program never writes, to see its last line of defence hold.
fn from_forged_states(codes: &mut Codes) {
    let mut world = World::active(small());
    edit_pool(&mut world, |pool| pool.issued[0] -= 1);
    let trader = world.trader();
    let (issued, found) = (world.state().pool.issued[0], world.state().pool.issued[0] + 1);
    let ix = swap::swap(&world.state(), trader.pubkey(), vec![leg(0, LegKind::BuyExactOut, UNIT)], i64::MAX, 0);
    codes.number(&mut world.vm, &[&trader], ix, HmmError::Unbacked, 0, issued, found);

    let mut world = World::active(WorldConfig { lambda: 0, ..small() });
    edit_pool(&mut world, |pool| pool.psi[0] = 0);
    let refusal = quoted(&mut world, &[leg(0, LegKind::BuyExactOut, 1)]).refusal.expect("a refusal");
    assert_eq!(refusal.code, HmmError::PriceOverflow as u32);
    codes.0.insert(refusal.code);
}

/// What the runtime says where neither the program nor a token program has a code of its own.
fn pinned(vm: &mut Vm, ix: Instruction, signers: &[&Keypair], expected: InstructionError) {
    let failure = refused(vm, &[ix], signers);
    assert_eq!(failure.error, TransactionError::InstructionError(0, expected), "{}", failure.logs.join("\n"));
}

/// Data cut short, unknown, or with something behind it.
#[test]
fn instruction_data() {
    let mut world = World::active(small());
    let (creator, authority, state, market) = (world.creator(), world.authority(), world.state(), world.market);
    let who = creator.pubkey();
    let most = vec![Amounts { units: UNIT, credits: CREDIT }; 2];
    let zero = vec![Amounts { units: 0, credits: 0 }; 2];
    let quote = hmm_client::generated::instructions::Quote { market, pool: world.pool };
    let with_arguments = [
        (swap::swap(&state, who, vec![leg(0, LegKind::BuyExactOut, UNIT)], i64::MAX, 0), &creator),
        (liquidity::add(&state, who, most, 0, MAX, 0), &creator),
        (liquidity::remove(&state, who, 1_000, zero, 0), &creator),
        (quote.instruction(QuoteInstructionArgs { legs: vec![leg(0, LegKind::BuyExactOut, UNIT)] }), &creator),
        (worker::deposit_bond(&state, &world.supplier().pubkey(), who, 1), &creator),
        (world.create_pool_ix(1), &creator),
        (SetMaxFee { market, authority: authority.pubkey() }.instruction(SetMaxFeeInstructionArgs { max_fee: 500_000 }), &authority),
        (SetGuardian { market, authority: authority.pubkey() }.instruction(SetGuardianInstructionArgs { guardian: who }), &authority),
    ];
    for (ix, signer) in with_arguments {
        for length in 0..ix.data.len() {
            let cut = Instruction { data: ix.data[..length].to_vec(), ..ix.clone() };
            pinned(&mut world.vm, cut, &[signer], InstructionError::InvalidInstructionData);
        }
        // the framework reads the arguments and ignores what follows: the same instruction, no more
        let mut longer = ix.clone();
        longer.data.extend_from_slice(&[0xff; 9]);
        let ends = [ix, longer].map(|ix| {
            let mut world = world.clone();
            let (result, changes) = send(&mut world.vm, &[ix], &[signer]);
            result.unwrap_or_else(|failure| panic!("{failure}"));
            changes.into_iter().map(|a| (a, world.vm.svm.get_account(&a))).collect::<Vec<_>>()
        });
        assert_eq!(ends[0], ends[1]);
    }
    // no kind of leg beyond the fourth; lengths that lie
    let base = swap::swap(&state, who, vec![leg(0, LegKind::BuyExactOut, UNIT)], i64::MAX, 0);
    let kind = 8 + 4 + 1;
    assert_eq!(base.data[kind], LegKind::BuyExactOut as u8);
    for byte in 4..=255 {
        let mut ix = base.clone();
        ix.data[kind] = byte;
        pinned(&mut world.vm, ix, &[&creator], InstructionError::InvalidInstructionData);
    }
    for length in [2u32, 9, 1_000, u32::MAX / 2, u32::MAX] {
        let mut ix = base.clone();
        ix.data[8..12].copy_from_slice(&length.to_le_bytes());
        refused(&mut world.vm, &[ix], &[&creator]);
    }
    // no such instruction
    for bit in 0..64 {
        let mut ix = base.clone();
        ix.data[bit / 8] ^= 1 << (bit % 8);
        pinned(&mut world.vm, ix, &[&creator], InstructionError::InvalidInstructionData);
    }
}

/// A stranger cannot make the program record an event: only the program signs as its event authority.
#[test]
fn events_cannot_be_forged() {
    let mut world = World::active(small());
    let trader = world.trader();
    let mut data = 0x1d9a_cb51_2ea5_45e4_u64.to_le_bytes().to_vec();
    data.extend_from_slice(&[233, 23, 117, 225, 107, 178, 254, 8]); // a FeesCollected
    data.resize(data.len() + 56, 1);
    let event = |accounts| Instruction { program_id: HMM_ID, accounts, data: data.clone() };
    let authority = address::event_authority();
    let vm = &mut world.vm;
    pinned(vm, event(vec![AccountMeta::new_readonly(authority, false)]), &[&trader], InstructionError::MissingRequiredSignature);
    let failure = refused(vm, &[event(vec![AccountMeta::new_readonly(trader.pubkey(), true)])], &[&trader]);
    assert!(failure.code().is_none_or(|code| code < 6_000), "{failure}");
    refused(vm, &[event(vec![])], &[&trader]);
}

/// Missing signatures and missing write locks, of every account of every instruction that needs one, are in `substitution.rs`;
/// here are the token accounts themselves: frozen, closed, of another mint, of another owner, delegated.
#[test]
fn token_accounts() {
    let world = World::active(small());
    let (creator, state) = (world.creator(), world.state());
    let who = creator.pubkey();
    let buy = swap::swap(&state, who, vec![leg(0, LegKind::BuyExactOut, UNIT)], i64::MAX, 0);
    let sell = swap::swap(&state, who, vec![leg(0, LegKind::SellExactIn, UNIT)], i64::MAX, 0);
    let most = vec![Amounts { units: UNIT, credits: CREDIT }; 2];
    let add = liquidity::add(&state, who, most, 0, MAX, 0);
    let remove = liquidity::remove(&state, who, 1_000_000_000, vec![Amounts { units: 0, credits: 0 }; 2], 0);
    // (instruction, places of the user's token accounts)
    let cases = [(buy, &[5, 12][..]), (sell, &[5, 12]), (add, &[5, 8, 14, 16]), (remove, &[5, 8, 14, 16])];
    for (ix, places) in &cases {
        world.clone().vm.send(std::slice::from_ref(ix), &[&creator]).unwrap_or_else(|failure| panic!("{failure}"));
        for place in *places {
            let account = ix.accounts[*place].pubkey;
            let forged = |edit: &dyn Fn(&mut Account)| {
                let mut world = world.clone();
                let mut token = world.vm.svm.get_account(&account).expect("an account");
                edit(&mut token);
                world.vm.svm.set_account(account, token).expect("an account");
                world
            };
            // 17: the account is frozen (SPL Token)
            let failure = refused(&mut forged(&|a| a.data[108] = 2).vm, std::slice::from_ref(ix), &[&creator]);
            assert_eq!(failure.code(), Some(17), "frozen: {failure}");
            // not initialised; closed; another program's
            refused(&mut forged(&|a| a.data[108] = 0).vm, std::slice::from_ref(ix), &[&creator]);
            refused(&mut forged(&|a| *a = Account { lamports: CREDIT, ..Account::default() }).vm, std::slice::from_ref(ix), &[&creator]);
            refused(&mut forged(&|a| a.owner = HMM_ID).vm, std::slice::from_ref(ix), &[&creator]);
            refused(&mut forged(&|a| a.owner = address::TOKEN_2022_PROGRAM).vm, std::slice::from_ref(ix), &[&creator]);
            // of another mint: 3
            let failure = refused(&mut forged(&|a| a.data[..32].copy_from_slice(&[9; 32])).vm, std::slice::from_ref(ix), &[&creator]);
            assert_eq!(failure.code(), Some(3), "another mint: {failure}");
        }
    }
    // an account of somebody else pays nothing, 4, unless that somebody made the signer its delegate, and then only so much
    let (trader, vm) = (world.trader(), &mut world.clone().vm);
    let mut ix = cases[0].0.clone();
    ix.accounts[5].pubkey = credits_of(&world, &trader.pubkey());
    assert_eq!(refused(vm, std::slice::from_ref(&ix), &[&creator]).code(), Some(4));
    let approve = |amount| {
        spl_token_interface::instruction::approve(&address::TOKEN_PROGRAM, &ix.accounts[5].pubkey, &who, &trader.pubkey(), &[], amount)
            .expect("ok")
    };
    vm.send(&[approve(1)], &[&trader]).expect("a delegate");
    assert_eq!(refused(vm, std::slice::from_ref(&ix), &[&creator]).code(), Some(1));
    vm.send(&[approve(MAX)], &[&trader]).expect("a delegate");
    vm.send(std::slice::from_ref(&ix), &[&creator]).expect("a delegate may pay");
}

/// The old token program takes no batches, so a market on it cannot be told to use them; everything else works there.
#[test]
fn no_batches_on_the_old_token_program() {
    let mut world = World::active(WorldConfig { flavour: hmm_vm::TokenFlavour::SplToken, ..small() });
    let signer = world.authority();
    let set = SetBatchTokenCalls {
        market: world.market,
        authority: signer.pubkey(),
        classic_mint: world.credit_mint,
        token_program: address::TOKEN_PROGRAM,
    };
    let set = set.instruction(SetBatchTokenCallsInstructionArgs { batched: true });
    let failure = refused(&mut world.vm, &[set], &[&signer]);
    assert_eq!(failure.code(), Some(12), "invalid instruction: {failure}");
}
