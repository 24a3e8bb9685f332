//! What happens, in order.

use hmm_client::{Amounts, KeyLeaf, Leg, LegKind, Limited, address, liquidity, registry, swap, verifier, worker};
use hmm_math::MINIMUM_SHARES;
use hmm_vm::{
    verify::{MEASUREMENT, verifier_key},
    world::{CREDIT, CREDIT_DECIMALS, UNIT, keypair},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_program_pack::Pack;
use solana_signer::Signer;
use spl_token_interface::{instruction as token, state::Mint};

use super::{
    acts::{self, PATIENCE},
    books::PoolBooks,
    people, settlement,
    stage::{Stage, Stopped},
};
use crate::{calls, commands::quote::QuoteView, refusal::Asked};

/// What the first worker stands for its vouchers with, raw credits.
const SUPPLIERS_BOND: u64 = 500_000 * CREDIT;
/// What it is attested, raw units of each resource an hour.
const SUPPLIERS_CAPACITY: u64 = 1_000_000 * UNIT;
/// Who holds vouchers and shares.
const HOLDERS: [&str; 4] = ["creator", "provider", "trader", "client"];
/// Wallets opened in one transaction, so that it stays within a packet.
const WALLETS_AT_ONCE: usize = 5;
/// Seconds.
const YEAR: i64 = 365 * 86_400;

/// Plays it; stops where a transaction does not do as it must.
pub fn play(stage: &mut Stage) -> Result<(), Stopped> {
    market(stage)?;
    pool(stage)?;
    let bundle = bundle(stage)?;
    too_late(stage, bundle)?;
    let leg = |resource, kind, units: u64| Leg::unlimited(resource, kind, units * UNIT);
    acts::trade(stage, "sell back 40 gpu and 200 vram", &[leg(0, LegKind::SellExactIn, 40), leg(1, LegKind::SellExactIn, 200)])?;
    exchange(stage)?;
    round_trip(stage)?;
    collect(stage)?;
    withdraw(stage)?;
    settlement::play(stage)
}

/// The credit mint, everybody's accounts, the market.
fn market(stage: &mut Stage) -> Result<(), Stopped> {
    let (authority, mint) = (stage.world.authority(), keypair("credit mint"));
    let (payer, address, program) = (authority.pubkey(), mint.pubkey(), address::TOKEN_PROGRAM);
    let rent = stage.world.vm.svm.minimum_balance_for_rent_exemption(Mint::LEN);
    let create = solana_system_interface::instruction::create_account(&payer, &address, rent, Mint::LEN as u64, &program);
    let initialize = token::initialize_mint2(&program, &address, &payer, None, CREDIT_DECIMALS).expect("a classic mint");
    stage.play("initialize_mint", "the credit mint, without a freeze authority", &[create, initialize], &[&authority, &mint])?;

    for some in people().chunks(WALLETS_AT_ONCE) {
        let mut open = Vec::new();
        for (name, key) in some {
            let account = address::token_account(&key.pubkey(), &address, &program);
            open.push(swap::create_token_account(&payer, &key.pubkey(), &address, &program));
            if *name != "treasury" {
                let wallet = stage.world.config.wallet;
                open.push(token::mint_to(&program, &address, &account, &payer, &[], wallet).expect("a classic mint"));
                stage.mints(wallet);
            }
        }
        let names: Vec<&str> = some.iter().map(|(name, _)| *name).collect();
        stage.play("mint_credits", &format!("credits: {}", names.join(", ")), &open, &[&authority])?;
    }

    let initialize = stage.world.initialize_market_ix();
    stage.play("initialize_market", "a market for that mint", &[initialize], &[&authority])?;
    let batch = stage.world.set_batch_token_calls_ix(true);
    stage.play("set_batch_token_calls", "p-token takes several token calls as one", &[batch], &[&authority])?;
    Ok(())
}

/// The pool: its resources, vouchers for the creator, the first deposit.
fn pool(stage: &mut Stage) -> Result<(), Stopped> {
    let (authority, creator) = (stage.world.authority(), stage.world.creator());
    let create = stage.world.create_pool_ix(0);
    stage.play("create_pool", "an empty pool", &[create], &[&creator])?;
    let resources = stage.world.config.resources.clone();
    for (index, resource) in resources.iter().enumerate() {
        let add = stage.world.add_resource_ix(index);
        stage.play("add_resource", resource.name, &[add], &[&creator])?;
    }
    let state = stage.world.state();
    let mints = state.pool.voucher_mints.iter().take(resources.len()).chain([&state.pool.lp_mint]);
    for (name, key) in people().into_iter().filter(|(name, _)| HOLDERS.contains(name)) {
        let open = |mint| swap::create_token_account(&authority.pubkey(), &key.pubkey(), mint, &address::TOKEN_PROGRAM);
        let open: Vec<Instruction> = mints.clone().map(open).collect();
        stage.play("create_token_accounts", &format!("the {name}'s accounts of vouchers and shares"), &open, &[&authority])?;
    }
    supplier(stage)?;
    let supplier = stage.world.supplier();
    for (index, resource) in (0u8..).zip(&resources) {
        let mint = mint_vouchers(stage, index, resource.psi, &creator.pubkey());
        let done = stage.play("mint_vouchers", resource.name, &[mint], &[&supplier])?;
        stage.checks().equal("vouchers received = minted", done.gain("creator", resource.name), resource.psi.into());
    }

    let most: Vec<Amounts> = resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
    let state = stage.world.state();
    let quoted = liquidity::quote_add(&state, &most, u64::MAX).map_err(|refusal| stage.stop(&format!("{refusal:?}")))?;
    let add = liquidity::add(&state, creator.pubkey(), most.clone(), quoted.shares, quoted.shares, 0);
    let done = stage.play("add_liquidity", "the first deposit fixes the prices", &[add], &[&creator])?;
    stage.checks().equal("shares = quoted", done.gain("creator", "shares"), quoted.shares.into());
    acts::paid(stage, &done, "creator", &most);
    Ok(())
}

/// The first worker: a bond, a key that the verifiers vouch for, and marks, since the pool has no prices of its own yet.
fn supplier(stage: &mut Stage) -> Result<(), Stopped> {
    let (authority, verifier, supplier) = (stage.world.authority(), verifier_key(0), stage.world.supplier());
    let (market, account, state) = (stage.world.market, stage.world.market_account(), stage.world.state());
    let create = verifier::create_set(market, &account);
    stage.play("create_verifier_set", "a place for verifiers", &[create], &[&authority])?;
    let approve = registry::approve(market, authority.pubkey(), MEASUREMENT);
    stage.play("approve_measurement", "what enclaves may run", &[approve], &[&authority])?;
    let stake = verifier::stake(market, &account, verifier.pubkey(), account.verification.min_stake);
    stage.play("stake", "a verifier stakes", &[stake], &[&verifier])?;
    stage.world.pass(account.verification.activation.into());

    let who = supplier.pubkey();
    let register = worker::register(&state, who, [0; 64], Address::default());
    stage.play("register_worker", "a worker of the pool", &[register], &[&supplier])?;
    let deposit = worker::deposit_bond(&state, &who, who, SUPPLIERS_BOND);
    stage.play("deposit_bond", "what it stands for its vouchers with", &[deposit], &[&supplier])?;
    let expiry = stage.world.state().unix_timestamp + YEAR;
    let (key, worker) = (keypair("supplier's enclave").pubkey(), address::worker(&stage.world.pool, &who));
    let tree = stage.world.key_tree(vec![KeyLeaf { worker, measurement: MEASUREMENT, key, capacity: [SUPPLIERS_CAPACITY; 8], expiry }]);
    let propose = tree.propose(verifier.pubkey(), 0, 1);
    stage.play("propose_root", "the verifier has seen the worker's enclave", &[propose], &[&verifier])?;
    let enact = registry::enact(&market, tree.proposal(1), verifier.pubkey());
    stage.play("enact_root", "two thirds of the stake agree", &[enact], &[&verifier])?;
    let register = tree.register(who, 0).expect("a leaf of the tree");
    stage.play("register_key", "the worker's capacity is attested", &[register], &[&supplier])?;
    for (index, resource) in (0u8..).zip(stage.world.config.resources.clone()) {
        let price = (u128::from(resource.theta) << 64) / u128::from(resource.psi);
        let set = stage.world.set_bootstrap_mark_ix(index, price);
        stage.play("set_bootstrap_mark", resource.name, &[set], &[&authority])?;
    }
    Ok(())
}

/// Vouchers from the supplier. A worker that has shown nothing yet is worth one half.
fn mint_vouchers(stage: &Stage, resource: u8, units: u64, to: &Address) -> Instruction {
    worker::mint_vouchers(&stage.world.state(), stage.world.supplier().pubkey(), resource, 2 * units, to)
}

/// The quote, then the trade: {gpu: 100, vram: 512} in one transaction. Gives the order, with its limits.
fn bundle(stage: &mut Stage) -> Result<Limited, Stopped> {
    let trader = stage.world.trader();
    let legs = [Leg::unlimited(0, LegKind::BuyExactOut, 100 * UNIT), Leg::unlimited(1, LegKind::BuyExactOut, 512 * UNIT)];
    let quote = calls::quote(&stage.world.state(), &legs);
    let done = stage.play("quote", "what {gpu: 100, vram: 512} would cost, by the program", &[quote], &[&trader])?;
    let state = stage.world.state();
    let on_chain = acts::same_quote(stage, &done.receipt.return_data, &hmm_client::quote(&state, &legs))?;
    stage.last_mut().quote = Some(QuoteView::new(&state, &legs, &on_chain, true));
    acts::trade(stage, "buy {gpu: 100, vram: 512} in one transaction", &legs)
}

/// The same order again, at the limits from before the price moved.
fn too_late(stage: &mut Stage, order: Limited) -> Result<(), Stopped> {
    let (trader, state) = (stage.world.trader(), stage.world.state());
    let foretold = hmm_client::quote(&state, &order.legs).refusal;
    let asked = Asked::legs(&state, &order.legs);
    let again = swap::swap(&state, trader.pubkey(), order.legs, order.net_limit, state.unix_timestamp + PATIENCE);
    let refusal = stage.refuse("swap", "the same again at the old limits: refused, the price has moved", &asked, again, &trader)?;
    let Some(foretold) = foretold else { return Err(stage.stop("the client foretold no refusal")) };
    let checks = stage.checks();
    checks.equal("refused with LegLimitCrossed", refusal.name.clone(), "LegLimitCrossed".to_owned());
    checks.equal("expected = foretold by the client", refusal.expected.clone().unwrap_or_default(), foretold.expected.to_string());
    checks.equal("found = foretold by the client", refusal.found.clone().unwrap_or_default(), foretold.found.to_string());
    stage.last_mut().refusal = Some(refusal);
    Ok(())
}

/// Sells gpu, and spends on cpu exactly what that brings.
fn exchange(stage: &mut Stage) -> Result<(), Stopped> {
    let sell = Leg::unlimited(0, LegKind::SellExactIn, 10 * UNIT);
    let brings = hmm_client::quote(&stage.world.state(), &[sell]).net.unsigned_abs();
    acts::trade(stage, "10 gpu for cpu: no credits change hands", &[sell, Leg::unlimited(2, LegKind::BuyExactIn, brings)])?;
    let credits = stage.last().moved.iter().filter(|m| m.asset == "credits").count();
    stage.checks().equal("no balance of credits changed", credits, 0);
    Ok(())
}

/// A second LP deposits and leaves at once: it gains nothing.
fn round_trip(stage: &mut Stage) -> Result<(), Stopped> {
    let (supplier, provider) = (stage.world.supplier(), keypair("provider"));
    let tenth: Vec<Amounts> = stage.world.config.resources.iter().map(|r| Amounts { units: r.psi / 10, credits: r.theta / 10 }).collect();
    for (index, most) in (0u8..).zip(&tenth) {
        let mint = mint_vouchers(stage, index, most.units, &provider.pubkey());
        stage.play("mint_vouchers", "a tenth of a reserve for a second LP", &[mint], &[&supplier])?;
    }

    let state = stage.world.state();
    let quoted = liquidity::quote_add(&state, &tenth, u64::MAX).map_err(|refusal| stage.stop(&format!("{refusal:?}")))?;
    let add = liquidity::add(&state, provider.pubkey(), tenth, quoted.shares, u64::MAX, 0);
    let added = stage.play("add_liquidity", "the second LP deposits", &[add], &[&provider])?;
    stage.checks().equal("shares = quoted", added.gain("provider", "shares"), quoted.shares.into());
    acts::paid(stage, &added, "provider", &quoted.amounts);

    let removed = acts::remove(stage, &provider, "provider", "the second LP leaves at once", quoted.shares)?;
    let received: Vec<u64> = removed.iter().flat_map(|a| [a.units, a.credits]).collect();
    let paid: Vec<u64> = quoted.amounts.iter().flat_map(|a| [a.units, a.credits]).collect();
    stage.checks().all_at_most("received ≤ paid, each side", &received, &paid);
    Ok(())
}

/// Burns and pays out what the fees owe.
fn collect(stage: &mut Stage) -> Result<(), Stopped> {
    let (trader, state) = (stage.world.trader(), stage.world.state());
    let (burn, treasury) = (state.pool.burn_due, state.pool.treasury_due);
    let done =
        stage.play("collect_fees", "burn, and pay the treasury; anybody may ask for it", &[calls::collect_fees(&state)], &[&trader])?;
    let due = stage.world.state().pool;
    let checks = stage.checks();
    checks.equal("credits burned = burn_due", done.before.credits - done.after.credits, burn);
    checks.equal("treasury received = treasury_due", done.gain("treasury", "credits"), treasury.into());
    checks.at_least("something was burned", burn, 1);
    checks.all_equal("nothing is due any more", &[due.burn_due, due.treasury_due], &[0, 0]);
    Ok(())
}

/// Two windows later the LPs' fees have dripped into Θ; the creator withdraws half.
fn withdraw(stage: &mut Stage) -> Result<(), Stopped> {
    let (creator, state) = (stage.world.creator(), stage.world.state());
    stage.world.vm.warp(2 * u64::from(state.market.risk_window));
    let half = (state.pool.shares - MINIMUM_SHARES) / 2;
    acts::remove(stage, &creator, "creator", "two risk windows later the creator takes half out", half)?;
    let books = PoolBooks::read(&stage.world);
    stage.checks().equal("no LP fee is pending any more", books.pending(), 0);
    Ok(())
}
