//! Whole lives: a market on Token-2022 and one on the old token program from creation to the last share, the pause, initialisation by
//! strangers and over addresses that already hold lamports, ids that never return, what lives on when accounts close.

mod common;

use common::{court::check_escrows, *};
use hmm_client::{Amounts, HmmError, LegKind, address, generated::instructions::*, liquidity, state, swap};
use hmm_vm::{
    TokenFlavour, Vm, World, WorldConfig,
    rounds::{Case, report},
    world::{CREDIT, CREDIT_DECIMALS, UNIT, keypair, resource},
};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

const MAX: u64 = u64::MAX;
const NEW: Address = address::TOKEN_2022_PROGRAM;

fn two() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

/// Text as Token-2022's metadata takes it.
fn text(data: &mut Vec<u8>, text: &str) {
    data.extend_from_slice(&(text.len() as u32).to_le_bytes());
    data.extend_from_slice(text.as_bytes());
}

/// A credit mint of Token-2022 with a metadata pointer to itself, and metadata in it, made by Token-2022 itself.
fn mint_with_metadata(vm: &mut Vm) -> Address {
    let (authority, key) = (keypair("authority"), keypair("new credit mint"));
    let (who, mint) = (authority.pubkey(), key.pubkey());
    // base, padding and type; the pointer (4 + 64)
    let space = 166 + 68;
    let create = solana_system_interface::instruction::create_account(&who, &mint, CREDIT, space, &NEW);
    let call = |accounts, data| Instruction { program_id: NEW, accounts, data };
    let pointer = call(vec![AccountMeta::new(mint, false)], [&[39, 0][..], who.as_ref(), mint.as_ref()].concat());
    let initialize = call(vec![AccountMeta::new(mint, false)], [&[20, CREDIT_DECIMALS][..], who.as_ref(), &[0]].concat());
    let mut data = vec![210, 225, 30, 162, 88, 184, 77, 141];
    for part in ["Hanzo AI", "AI", "https://hanzo.ai"] {
        text(&mut data, part);
    }
    let accounts = vec![
        AccountMeta::new(mint, false),
        AccountMeta::new_readonly(who, false),
        AccountMeta::new_readonly(mint, false),
        AccountMeta::new_readonly(who, true),
    ];
    vm.send(&[create, pointer, initialize, call(accounts, data)], &[&authority, &key]).expect("a mint with metadata");
    let types: Vec<_> =
        [166, 166 + 68].iter().map(|at| u16::from_le_bytes(vm.data(&mint)[*at..at + 2].try_into().expect("two bytes"))).collect();
    assert_eq!(types, [18, 19], "metadata pointer and metadata");
    mint
}

/// A market on a mint of Token-2022, with wallets, and its pool, still empty.
fn token_2022_world() -> World {
    let mut world = World::market_only(two());
    let (authority, creator) = (world.authority(), world.creator());
    let mint = mint_with_metadata(&mut world.vm);
    world.credit_mint = mint;
    world.market = address::market(&authority.pubkey(), &mint);
    world.treasury = address::token_account(&authority.pubkey(), &mint, &NEW);
    for owner in [&authority, &creator, &world.trader()] {
        let create = swap::create_token_account(&authority.pubkey(), &owner.pubkey(), &mint, &NEW);
        let account = address::token_account(&owner.pubkey(), &mint, &NEW);
        let data = [&[7][..], &(1_000_000 * CREDIT).to_le_bytes()].concat();
        let accounts =
            vec![AccountMeta::new(mint, false), AccountMeta::new(account, false), AccountMeta::new_readonly(authority.pubkey(), true)];
        world.vm.send(&[create, Instruction { program_id: NEW, accounts, data }], &[&authority]).expect("a wallet");
    }
    let initialize = world.initialize_market_ix();
    world.vm.send(&[initialize], &[&authority]).expect("a market");
    assert_eq!(market(&world).credit_token_program, NEW);

    world.pool = address::pool(&world.market, 0);
    let mut create = world.create_pool_ix(0);
    create.accounts[7].pubkey = NEW;
    world.vm.send(&[create], &[&creator]).expect("a pool");
    for index in 0..2 {
        let add = world.add_resource_ix(index);
        world.vm.send(&[add], &[&creator]).expect("a resource");
    }
    for owner in [world.creator(), world.trader()] {
        world.open_vouchers(&owner);
    }
    world
}

/// From the first deposit to the last share: trades of every kind, drips, fees, donations; the books balance throughout.
fn live(world: &mut World) {
    let (creator, trader) = (world.creator(), world.trader());
    for (i, r) in (0u8..).zip(world.config.resources.clone()) {
        world.issue(i, r.psi * 2, &creator);
    }
    let most: Vec<_> = world.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
    world.add_liquidity(&creator, most.clone(), 1, MAX).expect("the first deposit");
    check_books(world, 0);
    for (kind, amount) in [
        (LegKind::BuyExactOut, 100 * UNIT),
        (LegKind::BuyExactIn, 100 * CREDIT),
        (LegKind::SellExactIn, 50 * UNIT),
        (LegKind::SellExactOut, 50 * CREDIT),
    ] {
        world
            .swap(&trader, vec![leg(0, kind, amount), leg(1, LegKind::BuyExactOut, UNIT)])
            .unwrap_or_else(|failure| panic!("{kind:?}: {failure}"));
        check_books(world, 0);
        world.vm.warp(60);
    }
    world
        .add_liquidity(&creator, most.iter().map(|m| Amounts { units: m.units / 10, credits: m.credits / 9 }).collect(), 1, MAX)
        .expect("a deposit");
    check_books(world, 0);
    let (supply, due) = (world.vm.supply(&world.credit_mint), world.state().pool.burn_due);
    let treasury = (world.vm.balance(&world.treasury), world.state().pool.treasury_due);
    assert!(due > 0 && treasury.1 > 0);
    let collect = collect_ix(world);
    world.vm.send(&[collect], &[&trader]).expect("fees");
    assert_eq!(world.vm.supply(&world.credit_mint), supply - due);
    assert_eq!(world.vm.balance(&world.treasury), treasury.0 + treasury.1);
    check_books(world, 0);
    world.vm.warp(500);
    let shares = world.vm.balance(&shares_of(world, &creator.pubkey()));
    world.remove_liquidity(&creator, shares / 3).expect("a withdrawal");
    check_books(world, 0);
    world.remove_liquidity(&creator, shares - shares / 3).expect("the last withdrawal");
    check_books(world, 0);
    assert_eq!(world.state().pool.shares, 1_000);
    // nobody is left, and it works on: a new provider, a new trade
    let state = world.state();
    let back = (0..2).map(|i| Amounts { units: state.pool.psi[i] * 1_000_000, credits: state.pool.theta[i] * 1_000_000 }).collect();
    world.add_liquidity(&creator, back, 1, MAX).expect("a deposit");
    world.vm.warp(500);
    check_books(world, 0);
}

/// The lives of two jobs: one passes with a bonus and is paid out, of the other the worker never comes. Everything ends where it belongs.
fn work(world: &mut World) {
    let creator = world.creator();
    for (i, r) in (0u8..).zip(world.config.resources.clone()) {
        world.issue(i, r.psi * 2, &creator);
    }
    let most = world.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
    world.add_liquidity(&creator, most, 1, MAX).expect("the first deposit");
    world.convene(Case::default().verifiers);
    let (client, labourer) = (world.client(), world.labourer());
    let credits = |world: &World, who: &Address| world.vm.balance(&credits_of(world, who));
    let locked = credits(world, &client.pubkey());

    let job = world.run_case(&Case::default());
    world.attest(&labourer, &job, 0, report()).expect("an attestation");
    world.draw(&creator, &job, 0).expect("a draw");
    world.judge(&job, 0, &[9_000; 3]);
    world.tally(&creator, &job, 0).expect("a tally");
    check_escrows(world);
    let until = world.assignment(&job, 0).until;
    world.pass(until - world.vm.clock().unix_timestamp);
    world.settle(&creator, &job, 0).expect("a settlement");
    world.claim_assignment(&creator, &job, 0).expect("a closing");
    world.close_round(&creator, &job, 0, 0).expect("a closing");
    world.close_job(&client, &job).expect("a closing");
    world.claim_job(&creator, &job).expect("a claim");
    assert!(world.vm.data(&job).is_empty() && credits(world, &client.pubkey()) < locked);
    let (claimable, before) = (world.worker(&labourer.pubkey()).claimable, credits(world, &labourer.pubkey()));
    let claim = hmm_client::worker::claim(&world.state(), &labourer.pubkey());
    world.vm.send(&[claim], &[&creator]).expect("the worker's pay");
    assert!(claimable > 0);
    assert_eq!(credits(world, &labourer.pubkey()), before + claimable);

    let spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT)], 500 * CREDIT);
    let job = world.open_job(&client, spec).expect("a job");
    world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    world.assign(&client, &job, &labourer.pubkey(), vec![20 * UNIT]).expect("an assignment");
    let start_by = world.job(&job).job.start_by;
    world.pass(start_by - world.vm.clock().unix_timestamp);
    let (supply, found) = (world.vm.supply(&world.credit_mint), credits(world, &creator.pubkey()));
    world.expire(&creator, &job, 0).expect("a no-show");
    assert!(world.vm.supply(&world.credit_mint) < supply && credits(world, &creator.pubkey()) > found);
    world.close_job(&client, &job).expect("a closing");
    let vouchers = world.vm.balance(&vouchers_of(world, &client.pubkey(), 0));
    world.claim_job(&creator, &job).expect("a claim");
    assert_eq!(world.vm.balance(&vouchers_of(world, &client.pubkey(), 0)), vouchers + 20 * UNIT);
    check_escrows(world);
    check_books(world, 0);
}

#[test]
fn jobs_on_every_token_program() {
    for batched in [false, true] {
        let mut world = token_2022_world();
        edit_market(&mut world, |market| market.batch_token_calls = batched);
        work(&mut world);
        let mut world = World::forming(two());
        edit_market(&mut world, |market| market.batch_token_calls = batched);
        work(&mut world);
    }
    work(&mut World::forming(WorldConfig { flavour: TokenFlavour::SplToken, ..two() }));
}

#[test]
fn on_token_2022() {
    // vouchers and shares are of the classic program all the same, and may go in batches
    for batched in [false, true] {
        let mut world = token_2022_world();
        let (mut set, authority) = (world.set_batch_token_calls_ix(batched), world.authority());
        set.accounts[2].pubkey = address::voucher_mint(&world.pool, 0);
        world.vm.send(&[set], &[&authority]).expect("p-token takes batches");
        live(&mut world);
    }
}

#[test]
fn on_the_classic_token_program() {
    for flavour in [TokenFlavour::PToken, TokenFlavour::SplToken] {
        for batched in [false, true] {
            let mut world = World::forming(WorldConfig { flavour, ..two() });
            if flavour == TokenFlavour::SplToken && batched {
                continue;
            }
            edit_market(&mut world, |market| market.batch_token_calls = batched);
            // `forming` issued once already; the deposits are the same
            live(&mut world);
        }
    }
}

/// A holder may burn its own vouchers; nobody else's are touched, and everything goes on.
#[test]
fn burned_vouchers_block_nothing() {
    let mut world = World::active(two());
    let (creator, trader) = (world.creator(), world.trader());
    let (mint, account) = (address::voucher_mint(&world.pool, 0), vouchers_of(&world, &creator.pubkey(), 0));
    let burn = spl_token_interface::instruction::burn(&address::TOKEN_PROGRAM, &account, &mint, &creator.pubkey(), &[], UNIT)
        .expect("an instruction");
    world.vm.send(&[burn], &[&creator]).expect("a burn");
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, UNIT)]).expect("a trade");
    world.swap(&trader, vec![leg(0, LegKind::SellExactIn, UNIT)]).expect("a trade");
    world.remove_liquidity(&creator, 1_000_000_000).expect("a withdrawal");
    let pool = world.state().pool;
    assert_eq!(world.vm.supply(&mint) + pool.psi[0] + UNIT, pool.issued[0]);
}

#[test]
fn a_pause_ends_by_itself_and_blocks_no_way_out() {
    let mut world = World::active(two());
    let (creator, trader, authority, market) = (world.creator(), world.trader(), world.authority(), world.market);
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, UNIT)]).expect("a trade");
    let pause = [Pause { market, signer: authority.pubkey() }.instruction()];
    let unpause = [Unpause { market, signer: authority.pubkey() }.instruction()];
    let at = |world: &mut World, time: i64| {
        let mut clock = world.vm.clock();
        clock.unix_timestamp = time;
        world.vm.svm.set_sysvar(&clock);
    };
    let trade = |world: &World| {
        let mut world = world.clone();
        world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, UNIT)]).map(drop)
    };
    let deposit = |world: &World| {
        let mut world = world.clone();
        world.add_liquidity(&creator, vec![Amounts { units: UNIT, credits: 10 * CREDIT }; 2], 0, MAX).map(drop)
    };
    // shortly before midnight
    let midnight = 20_000 * 86_400;
    at(&mut world, midnight - 2_000);
    world.vm.send(&pause, &[&authority]).expect("a pause");
    for time in [midnight - 2_000, midnight - 201] {
        at(&mut world, time);
        assert!(trade(&world).expect_err("paused").is(HmmError::Paused));
        assert!(deposit(&world).expect_err("paused").is(HmmError::Paused));
        // the way out, and what belongs to everybody
        let mut world = world.clone();
        world.remove_liquidity(&creator, 1_000_000).expect("a withdrawal");
        let collect = collect_ix(&world);
        world.vm.send(&[collect], &[&creator]).expect("fees");
        // governance, too
        let set = SetLpShare { market, authority: authority.pubkey() }.instruction(SetLpShareInstructionArgs { lp_share: 1 });
        world.vm.send(&[set], &[&authority]).expect("a parameter");
        check_books(&world, 0);
    }
    at(&mut world, midnight - 200);
    trade(&world).expect("half an hour is over");
    deposit(&world).expect("half an hour is over");

    // three a day, however they end
    world.vm.send(&pause, &[&authority]).expect("the second");
    world.vm.send(&unpause, &[&authority]).expect("an end");
    trade(&world).expect("unpaused");
    world.vm.send(&pause, &[&authority]).expect("the third");
    assert!(world.vm.send(&pause, &[&authority]).expect_err("no fourth").is(HmmError::PauseQuota));
    world.vm.send(&unpause, &[&authority]).expect("an end");
    at(&mut world, midnight - 1);
    assert!(world.vm.send(&pause, &[&authority]).expect_err("still the same day").is(HmmError::PauseQuota));
    at(&mut world, midnight);
    for _ in 0..3 {
        world.vm.send(&pause, &[&authority]).expect("a new day");
    }
    assert!(world.vm.send(&pause, &[&authority]).expect_err("three a day").is(HmmError::PauseQuota));
    // so of any 24 hours at most three hours are lost, around a midnight
    at(&mut world, midnight + 1_800);
    trade(&world).expect("the last pause is over");
}

#[test]
fn initialisation_by_strangers_and_twice() {
    let mut world = World::market_only(two());
    let (authority, stranger, creator) = (world.authority(), world.trader(), world.creator());
    // twice
    let again = world.initialize_market_ix();
    refused(&mut world.vm, std::slice::from_ref(&again), &[&authority]);
    // a stranger in the authority's place: the address is not the stranger's
    let mut theirs = again.clone();
    theirs.accounts[0].pubkey = stranger.pubkey();
    refused(&mut world.vm, &[theirs.clone()], &[&stranger]);
    // its own it may have
    theirs.accounts[1].pubkey = address::market(&stranger.pubkey(), &world.credit_mint);
    world.vm.send(&[theirs], &[&stranger]).expect("a market of its own");

    // a pool twice; one whose id is not next; one that was
    let create = world.create_pool_ix(0);
    let ahead = world.create_pool_ix(1);
    refused(&mut world.vm, &[ahead], &[&creator]);
    world.vm.send(std::slice::from_ref(&create), &[&creator]).expect("a pool");
    refused(&mut world.vm, std::slice::from_ref(&create), &[&creator]);
    // a resource twice
    world.pool = address::pool(&world.market, 0);
    let add = world.add_resource_ix(0);
    world.vm.send(std::slice::from_ref(&add), &[&creator]).expect("a resource");
    refused(&mut world.vm, &[add], &[&creator]);

    // closed: the id does not return, neither does anything under it
    let close = close_ix(&world);
    world.vm.send(std::slice::from_ref(&close), &[&creator]).expect("closed");
    refused(&mut world.vm, &[create], &[&creator]);
    refused(&mut world.vm, &[close], &[&creator]);
    let add = world.add_resource_ix(1);
    refused(&mut world.vm, &[add], &[&creator]);
    assert_eq!(market(&world).pool_count, 1);
    let next = world.create_pool_ix(1);
    world.vm.send(&[next], &[&creator]).expect("the next id");
    assert_eq!(world.vm.data(&address::pool(&world.market, 0)), [] as [u8; 0]);
}

/// Closed and used, closed and brought back with lamports, in one transaction: nothing lives on.
#[test]
fn no_revival_in_one_transaction() {
    let mut world = World::market_only(two());
    let creator = world.creator();
    world.pool = address::pool(&world.market, 0);
    let create = world.create_pool_ix(0);
    world.vm.send(&[create], &[&creator]).expect("a pool");
    let (close, add) = (close_ix(&world), world.add_resource_ix(0));
    refused(&mut world.vm, &[close.clone(), add.clone()], &[&creator]);
    refused(&mut world.vm, &[close.clone(), close.clone()], &[&creator]);
    let give = solana_system_interface::instruction::transfer(&creator.pubkey(), &world.pool, CREDIT);
    refused(&mut world.vm, &[close.clone(), give.clone(), add.clone()], &[&creator]);
    // lamports alone bring nothing back
    world.vm.send(&[close, give], &[&creator]).expect("a gift to an empty address");
    let left = world.vm.svm.get_account(&world.pool).expect("lamports");
    assert_eq!((left.owner, left.data.len(), left.lamports), (address::SYSTEM_PROGRAM, 0, CREDIT));
    refused(&mut world.vm, &[add], &[&creator]);
}

/// Somebody sends lamports to an address before the program creates an account there: it is created all the same.
#[test]
fn creation_over_addresses_that_hold_lamports() {
    for lamports in [1, 890_880, 100 * CREDIT] {
        let mut world = World::market_only(two());
        let (creator, stranger) = (world.creator(), world.trader());
        let fund = |world: &mut World, address: Address| {
            world.vm.svm.set_account(address, Account { lamports, ..Account::default() }).expect("lamports");
        };
        let own = address::market(&stranger.pubkey(), &world.credit_mint);
        fund(&mut world, own);
        let mut initialize = world.initialize_market_ix();
        (initialize.accounts[0].pubkey, initialize.accounts[1].pubkey) = (stranger.pubkey(), own);
        world.vm.send(&[initialize], &[&stranger]).expect("a market");

        let pool = address::pool(&world.market, 0);
        world.pool = pool;
        for address in [
            pool,
            address::observations(&pool),
            address::credit_vault(&pool),
            address::lp_mint(&pool),
            address::voucher_mint(&pool, 0),
            address::voucher_mint(&pool, 1),
        ] {
            fund(&mut world, address);
        }
        let create = world.create_pool_ix(0);
        world.vm.send(&[create], &[&creator]).unwrap_or_else(|failure| panic!("{lamports}: {failure}"));
        for index in 0..2 {
            let add = world.add_resource_ix(index);
            world.vm.send(&[add], &[&creator]).unwrap_or_else(|failure| panic!("{lamports}: {failure}"));
        }
        for owner in [world.creator(), world.trader()] {
            world.open_vouchers(&owner);
        }
        live(&mut world);
        assert!(world.vm.svm.get_balance(&pool).expect("lamports") >= lamports);
    }
}

/// A forming pool whose vault was given credits, on both token programs: it closes, the credits are burned.
#[test]
fn a_gift_cannot_keep_a_pool_open() {
    let mut world = token_2022_world();
    let (creator, trader, vault) = (world.creator(), world.trader(), address::credit_vault(&world.pool));
    let accounts = vec![
        AccountMeta::new(credits_of(&world, &trader.pubkey()), false),
        AccountMeta::new_readonly(world.credit_mint, false),
        AccountMeta::new(vault, false),
        AccountMeta::new_readonly(trader.pubkey(), true),
    ];
    let data = [&[12][..], &CREDIT.to_le_bytes(), &[CREDIT_DECIMALS]].concat();
    world.vm.send(&[Instruction { program_id: NEW, accounts, data }], &[&trader]).expect("a gift");
    let supply = world.vm.supply(&world.credit_mint);
    let close = close_ix(&world);
    world.vm.send(&[close], &[&creator]).expect("closed");
    assert_eq!(world.vm.supply(&world.credit_mint), supply - CREDIT);
    assert!(world.vm.data(&vault).is_empty() && world.vm.data(&world.pool).is_empty());
}

/// A treasury that was closed or frozen holds up the treasury's fees and the burn, until the authority names another; it holds up no user.
#[test]
fn a_dead_treasury_traps_nobody() {
    let mut world = World::active(two());
    let (creator, trader, authority) = (world.creator(), world.trader(), world.authority());
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 10 * UNIT)]).expect("a trade");
    let mut frozen = world.vm.svm.get_account(&world.treasury).expect("an account");
    frozen.data[108] = 2;
    for dead in [Account::default(), frozen] {
        let mut world = world.clone();
        world.vm.svm.set_account(world.treasury, dead).expect("an account");
        let collect = collect_ix(&world);
        refused(&mut world.vm, &[collect], &[&trader]);
        world.swap(&trader, vec![leg(0, LegKind::SellExactIn, UNIT)]).expect("a trade");
        world.remove_liquidity(&creator, 1_000_000_000).expect("a withdrawal");
        let treasury = credits_of(&world, &trader.pubkey());
        let set =
            SetTreasury { market: world.market, authority: authority.pubkey(), credit_mint: world.credit_mint, treasury }.instruction();
        world.vm.send(&[set], &[&authority]).expect("another treasury");
        let collect = collect_ix(&world);
        world.vm.send(&[collect], &[&trader]).expect("fees");
        check_books(&world, 0);
    }
}

/// The creator of a pool may sign with any key it later loses: an active pool needs no creator for anything.
#[test]
fn an_active_pool_needs_no_role() {
    let mut world = World::active(two());
    let trader = world.trader();
    world.issue(0, 100 * UNIT, &trader);
    world.issue(1, 100 * UNIT, &trader);
    edit_market(&mut world, |market| {
        (market.authority, market.guardian) = (Address::default(), Address::default());
    });
    edit_pool(&mut world, |pool| pool.creator = Address::default());
    world.add_liquidity(&trader, vec![Amounts { units: 100 * UNIT, credits: 1_000 * CREDIT }; 2], 1, MAX).expect("a deposit");
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, UNIT)]).expect("a trade");
    let shares = world.vm.balance(&shares_of(&world, &trader.pubkey()));
    world.remove_liquidity(&trader, shares).expect("a withdrawal");
    let collect = collect_ix(&world);
    world.vm.send(&[collect], &[&trader]).expect("fees");
    check_books(&world, 0);
}

/// Names for wallets come from the pool, by anybody; the call to the metadata program is what its reference says.
#[test]
fn mints_are_described_by_the_pool() {
    let mut world = World::forming(two());
    world.vm.svm.add_program(address::METADATA_PROGRAM, &always_succeeds()).expect("a program");
    let (payer, pool) = (world.trader(), world.pool);
    for (resource, mint, name, symbol) in [
        (0, address::voucher_mint(&pool, 0), "gpu us-west", "GPU"),
        (1, address::voucher_mint(&pool, 1), "vram us-west", "VRAM"),
        (255, address::lp_mint(&pool), "HMM LP us-west", "HMM-LP"),
    ] {
        let ix = DescribeMint {
            payer: payer.pubkey(),
            pool,
            mint,
            metadata: address::metadata(&mint),
            metadata_program: address::METADATA_PROGRAM,
            system_program: address::SYSTEM_PROGRAM,
        }
        .instruction(DescribeMintInstructionArgs { resource });
        let transaction = solana_transaction::Transaction::new_signed_with_payer(
            &[ix],
            Some(&payer.pubkey()),
            &[&payer],
            world.vm.svm.latest_blockhash(),
        );
        let keys = transaction.message.account_keys.clone();
        let meta = world.vm.svm.send_transaction(transaction).expect("described");
        world.vm.svm.expire_blockhash();
        let calls: Vec<_> = meta.inner_instructions.iter().flatten().map(|inner| &inner.instruction).collect();
        assert_eq!(calls.len(), 1);
        // CreateMetadataAccountV3: name, symbol, uri; no fee, creators, collection, uses; not mutable; no details
        let mut data = vec![33];
        for part in [name, symbol, ""] {
            text(&mut data, part);
        }
        data.extend_from_slice(&[0; 7]);
        assert_eq!(calls[0].data, data);
        let accounts: Vec<_> = calls[0].accounts.iter().map(|i| keys[usize::from(*i)]).collect();
        assert_eq!(accounts, [address::metadata(&mint), mint, pool, payer.pubkey(), pool, address::SYSTEM_PROGRAM]);
        assert_eq!(keys[usize::from(calls[0].program_id_index)], address::METADATA_PROGRAM);
    }
    // of a resource that is not there
    let ix = DescribeMint {
        payer: payer.pubkey(),
        pool,
        mint: address::voucher_mint(&pool, 2),
        metadata: address::metadata(&pool),
        metadata_program: address::METADATA_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    };
    let failure = refused(&mut world.vm, &[ix.instruction(DescribeMintInstructionArgs { resource: 2 })], &[&payer]);
    assert!(failure.is(HmmError::UnknownResource));
}

/// The longest name and region there can be still fit what the metadata program takes: 32 bytes of name, 10 of symbol.
#[test]
fn the_longest_names_can_be_described() {
    let mut world = World::market_only(WorldConfig { resources: vec![resource("gpu-h100-sxm5-80", 10, 1)], ..two() });
    world.vm.svm.add_program(address::METADATA_PROGRAM, &always_succeeds()).expect("a program");
    let creator = world.creator();
    world.pool = address::pool(&world.market, 0);
    let mut create = world.create_pool_ix(0);
    let end = create.data.len() - 16;
    create.data[end..].copy_from_slice(&state::name("us-west-oregon-2").expect("a name"));
    let add = world.add_resource_ix(0);
    world.vm.send(&[create, add], &[&creator]).expect("a pool");
    let mint = address::voucher_mint(&world.pool, 0);
    let ix = DescribeMint {
        payer: creator.pubkey(),
        pool: world.pool,
        mint,
        metadata: address::metadata(&mint),
        metadata_program: address::METADATA_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    }
    .instruction(DescribeMintInstructionArgs { resource: 0 });
    let transaction = solana_transaction::Transaction::new_signed_with_payer(
        &[ix],
        Some(&creator.pubkey()),
        &[&creator],
        world.vm.svm.latest_blockhash(),
    );
    let meta = world.vm.svm.send_transaction(transaction).expect("described");
    let call = &meta.inner_instructions[0][0].instruction.data;
    let length = |at: usize| u32::from_le_bytes(call[at..at + 4].try_into().expect("four bytes")) as usize;
    let name = length(1);
    assert!(name <= 32, "a name of {name} bytes is refused by the metadata program");
    assert!(length(5 + name) <= 10);
}

/// Quotes of liquidity by the client are what the program does, on Token-2022 too.
#[test]
fn liquidity_quotes_hold_on_token_2022() {
    let mut world = token_2022_world();
    let creator = world.creator();
    for (i, r) in (0u8..).zip(world.config.resources.clone()) {
        world.issue(i, r.psi * 2, &creator);
    }
    let most: Vec<_> = world.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
    let quoted = liquidity::quote_add(&world.state(), &most, MAX).expect("a quote");
    world.add_liquidity(&creator, most, quoted.shares, quoted.shares).expect("the quoted shares");
    let quoted = liquidity::quote_remove(&world.state(), 12_345_678).expect("a quote");
    let ix = liquidity::remove(&world.state(), creator.pubkey(), 12_345_678, quoted.amounts, 0);
    world.vm.send(&[ix], &[&creator]).expect("the quoted amounts");
}
