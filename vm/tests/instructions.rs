//! Every instruction's success: every account that changes, every stored field, every balance, every event.

mod common;

use common::*;
use hmm_client::{
    Amounts, HMM_ID, HmmEvent, Leg, LegKind, Quote, address,
    generated::{
        accounts::{Market, Observations, Pool},
        instructions::*,
        types::{BootstrapMarkSet, FeesCollected, LegTraded, LiquidityAdded, LiquidityRemoved, Swapped},
    },
    liquidity, marks, swap, terms,
};
use hmm_math::{Kind, Reserve};
use hmm_vm::{Vm, World, WorldConfig, world::keypair};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_program_pack::Pack;
use solana_signer::Signer;
use spl_token_interface::state::{Account as TokenAccount, Mint};

fn token(vm: &Vm, address: &Address) -> TokenAccount {
    TokenAccount::unpack(&vm.data(address)).expect("a token account")
}

fn mint(vm: &Vm, address: &Address) -> Mint {
    Mint::unpack(&vm.data(address)).expect("a mint")
}

fn math(kind: LegKind) -> Kind {
    Kind::try_from(kind as u8).expect("a kind")
}

#[test]
fn initialize_market() {
    let mut world = World::market_only(WorldConfig::default());
    let (authority, credit_mint) = (keypair("authority"), keypair("another credit mint").pubkey());
    // a mint with other decimals, made the way the first was
    let mut account = world.vm.svm.get_account(&world.credit_mint).expect("a mint");
    account.data[44] = 4;
    world.vm.svm.set_account(credit_mint, account).expect("a mint");
    let treasury = address::token_account(&authority.pubkey(), &credit_mint, &address::TOKEN_PROGRAM);
    let create = swap::create_token_account(&authority.pubkey(), &authority.pubkey(), &credit_mint, &address::TOKEN_PROGRAM);
    world.vm.send(&[create], &[&authority]).expect("a treasury");
    let market = address::market(&authority.pubkey(), &credit_mint);
    let guardian = keypair("guardian").pubkey();
    let args = InitializeMarketInstructionArgs {
        market_fee: 1,
        risk_fee: 2,
        max_fee: 3,
        burn_share: 4,
        lp_share: 5,
        risk_window: 6,
        guardian,
        genesis_hash: [9; 32],
        supply: terms::supply(1),
        jobs: terms::jobs(100),
        verification: terms::verification(1),
    };
    let initialize =
        InitializeMarket { authority: authority.pubkey(), market, credit_mint, treasury, system_program: address::SYSTEM_PROGRAM }
            .instruction(args);
    let before = world.vm.svm.get_balance(&authority.pubkey()).expect("lamports");
    let receipt = accepted(&mut world.vm, &[initialize], &[&authority], &[market, authority.pubkey()]);
    assert!(receipt.events.is_empty());

    let (_, bump) = Address::find_program_address(&[b"market", authority.pubkey().as_ref(), credit_mint.as_ref()], &HMM_ID);
    let account = world.vm.svm.get_account(&market).expect("a market");
    assert_eq!((account.owner, account.data.len()), (HMM_ID, Market::LEN));
    assert_eq!(account.lamports, world.vm.svm.minimum_balance_for_rent_exemption(Market::LEN));
    assert_eq!(world.vm.svm.get_balance(&authority.pubkey()), Some(before - account.lamports), "the authority pays the rent");
    let found = Market::from_bytes(&account.data).expect("a market");
    let expected = Market {
        discriminator: found.discriminator,
        version: 1,
        bump,
        credit_decimals: 4,
        batch_token_calls: false,
        market_fee: 1,
        risk_fee: 2,
        max_fee: 3,
        burn_share: 4,
        lp_share: 5,
        risk_window: 6,
        pauses_today: 0,
        pause_day: 0,
        paused_until: 0,
        pool_count: 0,
        authority: authority.pubkey(),
        pending_authority: Address::default(),
        guardian,
        treasury,
        credit_mint,
        credit_token_program: address::TOKEN_PROGRAM,
        genesis_hash: [9; 32],
        supply: terms::supply(1),
        jobs: terms::jobs(100),
        verification: terms::verification(1),
    };
    assert_eq!(found, expected);
}

/// One setter: the instruction, and what it changes in the market.
type Setter = (Instruction, fn(&mut Market));

#[test]
fn each_parameter_alone() {
    let mut world = World::market_only(WorldConfig::default());
    let (signer, market) = (world.authority(), world.market);
    let authority = signer.pubkey();
    let setters: [Setter; 8] = [
        (SetMarketFee { market, authority }.instruction(SetMarketFeeInstructionArgs { market_fee: 11 }), |m| m.market_fee = 11),
        (SetRiskFee { market, authority }.instruction(SetRiskFeeInstructionArgs { risk_fee: 12 }), |m| m.risk_fee = 12),
        (SetMaxFee { market, authority }.instruction(SetMaxFeeInstructionArgs { max_fee: 500_000 }), |m| m.max_fee = 500_000),
        (SetBurnShare { market, authority }.instruction(SetBurnShareInstructionArgs { burn_share: 14 }), |m| m.burn_share = 14),
        (SetLpShare { market, authority }.instruction(SetLpShareInstructionArgs { lp_share: 15 }), |m| m.lp_share = 15),
        (SetRiskWindow { market, authority }.instruction(SetRiskWindowInstructionArgs { risk_window: 16 }), |m| m.risk_window = 16),
        (SetGuardian { market, authority }.instruction(SetGuardianInstructionArgs { guardian: address_of(17) }), |m| {
            m.guardian = address_of(17)
        }),
        (ProposeAuthority { market, authority }.instruction(ProposeAuthorityInstructionArgs { proposed: address_of(19) }), |m| {
            m.pending_authority = address_of(19)
        }),
    ];
    for (instruction, change) in setters {
        let mut expected = common::market(&world);
        change(&mut expected);
        let receipt = accepted(&mut world.vm, &[instruction], &[&signer], &[market]);
        assert_eq!(common::market(&world), expected);
        assert!(receipt.events.is_empty());
    }
    // the classic token program of this VM takes batches; where it takes none, this is refused (see errors.rs)
    for batched in [false, true] {
        let set = SetBatchTokenCalls { market, authority, classic_mint: world.credit_mint, token_program: address::TOKEN_PROGRAM };
        let set = set.instruction(SetBatchTokenCallsInstructionArgs { batched });
        let expected = Market { batch_token_calls: batched, ..common::market(&world) };
        accepted(&mut world.vm, &[set], &[&signer], &[market]);
        assert_eq!(common::market(&world), expected);
    }
    let (credit_mint, treasury) = (world.credit_mint, credits_of(&world, &world.trader().pubkey()));
    let set = SetTreasury { market, authority, credit_mint, treasury }.instruction();
    let expected = Market { treasury, ..common::market(&world) };
    accepted(&mut world.vm, &[set], &[&signer], &[market]);
    assert_eq!(common::market(&world), expected);
}

/// An address made of one byte.
fn address_of(byte: u8) -> Address {
    Address::new_from_array([byte; 32])
}

#[test]
fn authority_in_two_steps() {
    let mut world = World::market_only(WorldConfig::default());
    let (old, new, market) = (world.authority(), keypair("new authority"), world.market);
    let propose = |proposed| ProposeAuthority { market, authority: old.pubkey() }.instruction(ProposeAuthorityInstructionArgs { proposed });
    let accept = AcceptAuthority { market, pending_authority: new.pubkey() }.instruction();

    accepted(&mut world.vm, &[propose(new.pubkey())], &[&old], &[market]);
    // a proposal alone changes nothing: the old authority still governs, the new one does not
    let set = |authority| SetLpShare { market, authority }.instruction(SetLpShareInstructionArgs { lp_share: 1 });
    refused(&mut world.vm, &[set(new.pubkey())], &[&new]);
    accepted(&mut world.vm, &[set(old.pubkey())], &[&old], &[market]);
    // withdrawn, it cannot be accepted
    accepted(&mut world.vm, &[propose(Address::default())], &[&old], &[market]);
    refused(&mut world.vm, std::slice::from_ref(&accept), &[&new]);

    accepted(&mut world.vm, &[propose(new.pubkey())], &[&old], &[market]);
    let expected = Market { authority: new.pubkey(), pending_authority: Address::default(), ..common::market(&world) };
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&accept), &[&new], &[market]);
    assert_eq!(common::market(&world), expected);
    assert!(receipt.events.is_empty());
    // used up, and the old authority is nobody
    refused(&mut world.vm, &[accept], &[&new]);
    refused(&mut world.vm, &[set(old.pubkey())], &[&old]);
    // the market's address was that of the old authority and still cannot be taken again
    let again = world.initialize_market_ix();
    refused(&mut world.vm, &[again], &[&old]);
}

#[test]
fn pause_and_unpause() {
    let mut world = World::active(WorldConfig::default());
    let (authority, guardian, market) = (world.authority(), keypair("guardian"), world.market);
    let set = SetGuardian { market, authority: authority.pubkey() }.instruction(SetGuardianInstructionArgs { guardian: guardian.pubkey() });
    accepted(&mut world.vm, &[set], &[&authority], &[market]);
    let pause = |who: &Address| Pause { market, signer: *who }.instruction();
    let unpause = |who: &Address| Unpause { market, signer: *who }.instruction();

    let now = world.vm.clock().unix_timestamp;
    let day = now / 86_400;
    let expected = Market { pauses_today: 1, pause_day: day, paused_until: now + 1_800, ..common::market(&world) };
    let receipt = accepted(&mut world.vm, &[pause(&guardian.pubkey())], &[&guardian], &[market]);
    assert_eq!(common::market(&world), expected);
    assert!(receipt.events.is_empty());

    let receipt = accepted(&mut world.vm, &[unpause(&guardian.pubkey())], &[&guardian], &[market]);
    assert_eq!(common::market(&world), Market { paused_until: 0, ..expected.clone() });
    assert!(receipt.events.is_empty());

    // the authority may as well
    accepted(&mut world.vm, &[pause(&authority.pubkey())], &[&authority], &[market]);
    assert_eq!(common::market(&world), Market { pauses_today: 2, ..expected });
    accepted(&mut world.vm, &[unpause(&authority.pubkey())], &[&authority], &[market]);
}

#[test]
fn create_pool_and_add_resources() {
    let mut world = World::market_only(WorldConfig::default());
    let (creator, market) = (world.creator(), world.market);
    for id in 0..2 {
        let pool = address::pool(&market, id);
        let [observations, vault, lp_mint] = [address::observations(&pool), address::credit_vault(&pool), address::lp_mint(&pool)];
        let expected_market = Market { pool_count: id + 1, ..common::market(&world) };
        let create = world.create_pool_ix(id);
        let receipt = accepted(&mut world.vm, &[create], &[&creator], &[market, pool, observations, vault, lp_mint, creator.pubkey()]);
        assert!(receipt.events.is_empty());
        assert_eq!(common::market(&world), expected_market);

        let (_, bump) = Address::find_program_address(&[b"pool", market.as_ref(), &id.to_le_bytes()], &HMM_ID);
        let data = world.vm.data(&pool);
        let found = Pool::from_bytes(&data).expect("a pool");
        assert_eq!(data.len(), Pool::LEN);
        let zeros = Pool::from_bytes(&[0; Pool::LEN]).expect("zeros");
        let expected = Pool {
            discriminator: found.discriminator,
            version: 1,
            bump,
            id,
            lambda: 50_000,
            max_latency_ms: 50,
            region: hmm_client::state::name("us-west").expect("a name"),
            market,
            creator: creator.pubkey(),
            credit_vault: vault,
            lp_mint,
            observations,
            ..zeros
        };
        assert_eq!(found, expected);

        let (_, bump) = Address::find_program_address(&[b"observations", pool.as_ref()], &HMM_ID);
        let found = Observations::from_bytes(&world.vm.data(&observations)).expect("observations");
        assert_eq!((found.version, found.bump, found.last_slot, found.pool), (1, bump, 0, pool));

        let held = token(&world.vm, &vault);
        assert_eq!((held.mint, held.owner, held.amount), (world.credit_mint, pool, 0));
        assert!(held.delegate.is_none() && held.close_authority.is_none());
        let shares = mint(&world.vm, &lp_mint);
        assert_eq!((shares.supply, shares.decimals, shares.mint_authority), (0, 9, Some(pool).into()));
        assert!(shares.freeze_authority.is_none());
    }

    world.pool = address::pool(&market, 0);
    for index in 0..5u8 {
        let i = usize::from(index);
        let (pool, voucher) = (world.pool, address::voucher_mint(&world.pool, index));
        let resource = world.config.resources[i].clone();
        let mut expected = Pool { resource_count: index + 1, ..world.state().pool };
        expected.names[i] = hmm_client::state::name(resource.name).expect("a name");
        (expected.weights[i], expected.psi_scales[i], expected.theta_scales[i]) =
            (resource.weight, resource.psi_scale, resource.theta_scale);
        (expected.min_psi[i], expected.min_theta[i], expected.voucher_mints[i]) = (resource.min_psi, resource.min_theta, voucher);
        let add = world.add_resource_ix(i);
        let receipt = accepted(&mut world.vm, &[add], &[&creator], &[pool, voucher, creator.pubkey()]);
        assert!(receipt.events.is_empty());
        assert_eq!(world.state().pool, expected);
        let found = mint(&world.vm, &voucher);
        assert_eq!((found.supply, found.decimals, found.mint_authority), (0, 6, Some(pool).into()));
        assert!(found.freeze_authority.is_none());
    }
}

#[test]
fn set_bootstrap_mark() {
    let mut world = World::active(WorldConfig::default());
    let (authority, pool) = (world.authority(), world.pool);
    for (sequence, resource, price) in [(6, 1, 1), (7, 4, u128::MAX)] {
        world.vm.warp(5);
        let now = world.vm.clock().unix_timestamp;
        let (state, mut expected) = (world.state(), world.observations());
        expected.bootstrap[usize::from(resource)] = price;
        expected.bootstrap_at[usize::from(resource)] = now;
        for (i, ring) in (0u8..).zip(expected.rings.iter_mut().take(5)) {
            let mut walked = marks::ring(ring);
            walked.follow(now, state.reserve(i).expect("a resource").log_price().expect("a price"), true);
            (ring.last, ring.deep, ring.log, ring.sum) = (now, now, walked.log, walked.sum);
            assert_eq!(marks::ring(ring), walked);
        }
        let set = world.set_bootstrap_mark_ix(resource, price);
        let receipt = accepted(&mut world.vm, &[set], &[&authority], &[pool, address::observations(&pool)]);
        assert_eq!(receipt.events, [HmmEvent::BootstrapMarkSet(BootstrapMarkSet { sequence, pool, resource, price })]);
        assert_eq!(world.observations(), expected);
        assert_eq!(world.state().pool, Pool { sequence: sequence + 1, ..state.pool });
    }
}

/// The accounts a provider's deposit or withdrawal, or a trade of every resource, writes.
fn touched(world: &World, who: &Address, resources: &[u8], shares: bool) -> Vec<Address> {
    let mut all = vec![world.pool, address::observations(&world.pool), credits_of(world, who), address::credit_vault(&world.pool)];
    for resource in resources {
        all.extend([address::voucher_mint(&world.pool, *resource), vouchers_of(world, who, *resource)]);
    }
    if shares {
        all.extend([address::lp_mint(&world.pool), shares_of(world, who)]);
    }
    all
}

/// Balances of somebody: credits, shares, vouchers of each resource.
fn wallet(world: &World, who: &Address) -> (u64, u64, Vec<u64>) {
    let vouchers = (0..world.state().pool.resource_count).map(|i| world.vm.balance(&vouchers_of(world, who, i))).collect();
    (world.vm.balance(&credits_of(world, who)), world.vm.balance(&shares_of(world, who)), vouchers)
}

fn last_slot(world: &World) -> u64 {
    Observations::from_bytes(&world.vm.data(&address::observations(&world.pool))).expect("observations").last_slot
}

#[test]
fn liquidity_in_and_out() {
    let mut world = World::forming(WorldConfig::default());
    let creator = world.creator();
    let who = creator.pubkey();
    let all = [0, 1, 2, 3, 4];

    // the first deposit: exactly what was named; 1,000 shares stay locked
    let most: Vec<_> = world.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
    let before = wallet(&world, &who);
    let mut expected = world.state().pool;
    let quoted = liquidity::quote_add(&world.state(), &most, u64::MAX).expect("a quote");
    for (i, paid) in most.iter().enumerate() {
        let mut reserve = world.state().reserve(i as u8).expect("a resource");
        (reserve.psi.0, reserve.theta.0) = (paid.units, paid.credits);
        reserve.recompute_kappa();
        reserve.windows.window = world.vm.clock().slot / 150;
        store(&mut expected, i, &reserve);
    }
    // a reference price on both sides of every resource: √(xy)/b is its Θ
    let theta: u64 = most.iter().map(|a| a.credits).sum();
    assert_eq!(quoted.shares, theta - 1_000);
    (expected.shares, expected.sequence) = (theta, 6);
    let (now, pool) = (world.vm.clock(), world.pool);
    let add = liquidity::add(&world.state(), who, most.clone(), quoted.shares, quoted.shares, now.unix_timestamp);
    let changes = touched(&world, &who, &all, true);
    let receipt = accepted(&mut world.vm, &[add], &[&creator], &changes);
    assert_eq!(world.state().pool, expected);
    let event = LiquidityAdded { sequence: 5, pool, provider: who, shares: quoted.shares, supply: theta, amounts: most.clone() };
    assert_eq!(receipt.events, [HmmEvent::LiquidityAdded(event)]);
    let after = wallet(&world, &who);
    assert_eq!((before.0 - after.0, after.1 - before.1), (theta, quoted.shares));
    for (i, paid) in most.iter().enumerate() {
        assert_eq!(before.2[i] - after.2[i], paid.units);
    }
    assert_eq!(last_slot(&world), now.slot);
    check_books(&world, 0);

    // a trade leaves fees; two windows later they are in Θ, before a deposit is priced
    let trader = world.trader();
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 100_000_000), leg(4, LegKind::BuyExactOut, 7_000_000)]).expect("a trade");
    world.vm.warp(400);
    let state = world.state();
    let most: Vec<_> = (0..5).map(|i| Amounts { units: state.pool.psi[i] / 7, credits: state.pool.theta[i] / 5 + 1 }).collect();
    let quoted = liquidity::quote_add(&state, &most, u64::MAX).expect("a quote");
    let mut expected = state.pool.clone();
    for (i, paid) in quoted.amounts.iter().enumerate() {
        let mut reserve = state.reserve(i as u8).expect("a resource");
        let waiting = pending(&state.pool, i);
        assert_eq!(waiting > 0, [0, 4].contains(&i));
        reserve.rotate(state.slot, 150).expect("a rotation");
        assert_eq!(reserve.theta.0, state.pool.theta[i] + waiting, "all of the fees are in");
        // ⌈shares·reserve/supply⌉, and no more than was allowed
        let ceil = |held: u64| (u128::from(quoted.shares) * u128::from(held)).div_ceil(state.pool.shares.into()) as u64;
        assert_eq!((paid.units, paid.credits), (ceil(reserve.psi.0), ceil(reserve.theta.0)));
        assert!(paid.units <= most[i].units && paid.credits <= most[i].credits);
        reserve.psi.0 += paid.units;
        reserve.theta.0 += paid.credits;
        reserve.recompute_kappa();
        store(&mut expected, i, &reserve);
    }
    (expected.shares, expected.sequence) = (state.pool.shares + quoted.shares, 8);
    let before = wallet(&world, &who);
    let add = liquidity::add(&state, who, most, quoted.shares, u64::MAX, 0);
    let receipt = accepted(&mut world.vm, &[add], &[&creator], &changes);
    assert_eq!(world.state().pool, expected);
    let event = LiquidityAdded {
        sequence: 7,
        pool,
        provider: who,
        shares: quoted.shares,
        supply: expected.shares,
        amounts: quoted.amounts.clone(),
    };
    assert_eq!(receipt.events, [HmmEvent::LiquidityAdded(event)]);
    let after = wallet(&world, &who);
    assert_eq!((before.0 - after.0, after.1 - before.1), (quoted.amounts.iter().map(|a| a.credits).sum(), quoted.shares));
    check_books(&world, 0);

    // out: the floor of each side; a part, then all but the locked shares
    for shares in [12_345_678_901, after.1 - 12_345_678_901] {
        let state = world.state();
        let quoted = liquidity::quote_remove(&state, shares).expect("a quote");
        let mut expected = state.pool.clone();
        for (i, paid) in quoted.amounts.iter().enumerate() {
            let mut reserve = state.reserve(i as u8).expect("a resource");
            let floor = |held: u64| (u128::from(shares) * u128::from(held) / u128::from(state.pool.shares)) as u64;
            assert_eq!((paid.units, paid.credits), (floor(reserve.psi.0), floor(reserve.theta.0)));
            reserve.psi.0 -= paid.units;
            reserve.theta.0 -= paid.credits;
            reserve.recompute_kappa();
            store(&mut expected, i, &reserve);
        }
        (expected.shares, expected.sequence) = (state.pool.shares - shares, state.pool.sequence + 1);
        let before = wallet(&world, &who);
        let remove = liquidity::remove(&state, who, shares, quoted.amounts.clone(), state.unix_timestamp);
        // the slot of the last use is already this one
        let changes: Vec<_> = changes.iter().copied().filter(|a| *a != address::observations(&pool)).collect();
        let receipt = accepted(&mut world.vm, &[remove], &[&creator], &changes);
        assert_eq!(world.state().pool, expected);
        let event = LiquidityRemoved {
            sequence: state.pool.sequence,
            pool,
            provider: who,
            shares,
            supply: expected.shares,
            amounts: quoted.amounts.clone(),
        };
        assert_eq!(receipt.events, [HmmEvent::LiquidityRemoved(event)]);
        let after = wallet(&world, &who);
        assert_eq!((after.0 - before.0, before.1 - after.1), (quoted.amounts.iter().map(|a| a.credits).sum(), shares));
        for (i, paid) in quoted.amounts.iter().enumerate() {
            assert_eq!(after.2[i] - before.2[i], paid.units);
        }
        check_books(&world, 0);
    }
    assert_eq!(world.state().pool.shares, 1_000, "the locked minimum stays");
}

/// Trades, and compares everything with the mathematics done here.
fn traded(world: &mut World, legs: Vec<Leg>) {
    let trader = world.trader();
    let (who, state) = (trader.pubkey(), world.state());
    let (fees, mut expected) = (state.fees(), state.pool.clone());
    let (mut net, mut event) = (0i128, Vec::new());
    let before = wallet(world, &who);
    let mut vouchers = before.2.clone();
    for leg in &legs {
        let i = usize::from(leg.resource);
        let mut reserve: Reserve = state.reserve(leg.resource).expect("a resource");
        reserve.rotate(state.slot, fees.risk_window).expect("a rotation");
        let old = reserve;
        let fill = reserve.trade(math(leg.kind), leg.amount, state.slot, &fees).expect("a trade");
        assert!(reserve.kappa >= old.kappa);
        let credits = i128::from(fill.credits);
        if leg.kind.is_buy() {
            assert_eq!((reserve.psi.0, reserve.theta.0), (old.psi.0 - fill.units, old.theta.0 + fill.credits - fill.fee.total));
            vouchers[i] += fill.units;
        } else {
            assert_eq!((reserve.psi.0, reserve.theta.0), (old.psi.0 + fill.units, old.theta.0 - fill.credits - fill.fee.total));
            vouchers[i] -= fill.units;
        }
        net += if leg.kind.is_buy() { credits } else { -credits };
        assert_eq!(fill.fee.total, fill.fee.burn + fill.fee.lp + fill.fee.treasury, "the parts of the fee");
        store(&mut expected, i, &reserve);
        expected.burn_due += fill.fee.burn;
        expected.treasury_due += fill.fee.treasury;
        event.push(LegTraded {
            resource: leg.resource,
            kind: leg.kind as u8,
            units: fill.units,
            credits: fill.credits,
            fee: fill.fee.total,
            burned: fill.fee.burn,
            to_lps: fill.fee.lp,
            psi: reserve.psi.0,
            theta: reserve.theta.0,
        });
    }
    let net = i64::try_from(net).expect("a net");
    expected.sequence += 1;
    let resources: Vec<_> = legs.iter().map(|leg| leg.resource).collect();
    let mut changes = touched(world, &who, &resources, false);
    if last_slot(world) == state.slot {
        changes.retain(|a| *a != address::observations(&world.pool));
    }
    // limits exactly at the result
    let limited = |(leg, t): (&Leg, &LegTraded)| {
        let units = matches!(leg.kind, LegKind::BuyExactIn | LegKind::SellExactOut);
        Leg { limit: if units { t.units } else { t.credits }, ..*leg }
    };
    let legs = legs.iter().zip(&event).map(limited).collect();
    let swap = swap::swap(&state, who, legs, net, state.unix_timestamp);
    let receipt = accepted(&mut world.vm, &[swap], &[&trader], &changes);
    let event = Swapped { sequence: state.pool.sequence, pool: world.pool, trader: who, net, legs: event };
    assert_eq!(receipt.events, [HmmEvent::Swapped(event)]);
    assert_eq!(world.state().pool, expected);
    let after = wallet(world, &who);
    assert_eq!(i128::from(before.0) - i128::from(after.0), net.into());
    assert_eq!((after.1, after.2), (before.1, vouchers));
    assert_eq!(last_slot(world), state.slot);
    check_books(world, 0);
}

#[test]
fn swap_every_kind() {
    let mut world = World::active(WorldConfig::default());
    for kind in KINDS {
        // the trader has only what it bought
        let amount = match kind {
            LegKind::BuyExactIn => 123_456_789_012,
            LegKind::BuyExactOut => 77_777_777,
            LegKind::SellExactIn => 55_555_555,
            LegKind::SellExactOut => 98_765_432_109,
        };
        traded(&mut world, vec![leg(0, kind, amount)]);
        world.vm.warp(37);
    }
    // everything at once, on half-dripped windows
    let legs = (0..5u8).map(|i| leg(i, LegKind::BuyExactOut, 1_000_000 * u64::from(i + 1))).collect();
    traded(&mut world, legs);
    world.vm.warp(211);
    let legs = (0..5u8).map(|i| leg(4 - i, KINDS[usize::from(i) % 4], 900_001)).collect();
    traded(&mut world, legs);
    // the trader is paid
    traded(&mut world, vec![leg(0, LegKind::SellExactIn, 20_000_000), leg(1, LegKind::BuyExactOut, 5)]);
}

#[test]
fn quote_changes_nothing_and_needs_nobody() {
    let mut world = World::active(WorldConfig::default());
    let legs = vec![leg(0, LegKind::BuyExactOut, 100_000_000), leg(1, LegKind::SellExactOut, 1_000_000_000)];
    let quote = hmm_client::generated::instructions::Quote { market: world.market, pool: world.pool };
    let quote = quote.instruction(QuoteInstructionArgs { legs: legs.clone() });
    let receipt = accepted(&mut world.vm, &[quote], &[], &[]);
    assert!(receipt.events.is_empty());
    let found: Quote = borsh::from_slice(&receipt.return_data).expect("a quote");
    assert_eq!(found, hmm_client::quote(&world.state(), &legs));
    assert!(found.refusal.is_none() && found.legs.len() == 2);
}

#[test]
fn collect_fees_by_anybody() {
    let mut world = World::active(WorldConfig::default());
    let trader = world.trader();
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 100_000_000)]).expect("a trade");
    let state = world.state();
    let (burned, to_treasury) = (state.pool.burn_due, state.pool.treasury_due);
    assert!(burned > 0 && to_treasury > 0);
    let (vault, mint, treasury, pool) = (state.pool.credit_vault, world.credit_mint, world.treasury, world.pool);
    let before = (world.vm.balance(&vault), world.vm.supply(&mint), world.vm.balance(&treasury));
    let collect = collect_ix(&world);
    let receipt = accepted(&mut world.vm, &[collect], &[], &[pool, vault, mint, treasury]);
    let event = FeesCollected { sequence: state.pool.sequence, pool, burned, to_treasury };
    assert_eq!(receipt.events, [HmmEvent::FeesCollected(event)]);
    assert_eq!(world.state().pool, Pool { burn_due: 0, treasury_due: 0, sequence: state.pool.sequence + 1, ..state.pool });
    let after = (world.vm.balance(&vault), world.vm.supply(&mint), world.vm.balance(&treasury));
    assert_eq!(after, (before.0 - burned - to_treasury, before.1 - burned, before.2 + to_treasury));
    check_books(&world, 0);
}

#[test]
fn close_pool_gives_the_rent_back() {
    let mut world = World::market_only(WorldConfig::default());
    let creator = world.creator();
    world.pool = address::pool(&world.market, 0);
    let (create, add, market) = (world.create_pool_ix(0), world.add_resource_ix(0), common::market(&world));
    world.vm.send(&[create, add], &[&creator]).expect("a pool");
    let (pool, observations, vault) = (world.pool, address::observations(&world.pool), address::credit_vault(&world.pool));
    // a donation is burned
    let (trader, mint) = (world.trader(), world.credit_mint);
    let from = credits_of(&world, &trader.pubkey());
    let donate = spl_token_interface::instruction::transfer(&address::TOKEN_PROGRAM, &from, &vault, &trader.pubkey(), &[], 77)
        .expect("an instruction");
    world.vm.send(&[donate], &[&trader]).expect("a donation");
    let lamports = |world: &World, a: &Address| world.vm.svm.get_balance(a).unwrap_or_default();
    let rent: u64 = [pool, observations, vault].iter().map(|a| lamports(&world, a)).sum();
    let (before, supply) = (lamports(&world, &creator.pubkey()), world.vm.supply(&mint));
    let close = close_ix(&world);
    let receipt = accepted(&mut world.vm, &[close], &[&creator], &[pool, observations, vault, mint, creator.pubkey()]);
    assert!(receipt.events.is_empty());
    for closed in [pool, observations, vault] {
        assert!(world.vm.svm.get_account(&closed).is_none_or(|a| a.lamports == 0 && a.data.is_empty()));
    }
    assert_eq!(lamports(&world, &creator.pubkey()), before + rent);
    assert_eq!(world.vm.supply(&mint), supply - 77);
    assert_eq!(common::market(&world), Market { pool_count: 1, ..market });
}
