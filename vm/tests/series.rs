//! The end of a series on the built program: exact numbers, the exact second, no way to be stuck, and a search for profit.

mod common;

use common::*;
use hmm_client::{
    Amounts, HmmError, HmmEvent, LegKind, SeriesRedeemed, SeriesStopped, SeriesSwept, address, event::Expectation, liquidity, marks, quote,
    series, swap, worker,
};
use hmm_math::{Price, margin, ring::Window, series as math};
use hmm_vm::{
    Failure, World, WorldConfig,
    series::SERIES_BOND,
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

const MAX: u64 = u64::MAX;
const DAY: i64 = 86_400;

fn small() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

fn free(config: WorldConfig) -> WorldConfig {
    WorldConfig { market_fee: 0, risk_fee: 0, ..config }
}

fn check(world: &World) {
    check_books(world, 0);
    check_workers(world);
}

fn because(failure: &Failure, error: HmmError, expected: u64, found: u64) {
    assert!(failure.is(error.clone()), "expected {error:?}: {failure}\n{}", failure.logs.join("\n"));
    assert_eq!(failure.refusal.map(|refusal| refusal.what), Some(Expectation::Number { expected, found }), "{error:?}");
}

fn seconds(time: i64) -> u64 {
    time.unsigned_abs()
}

fn supply_of(world: &World) -> u64 {
    world.vm.supply(&address::voucher_mint(&world.pool, 0))
}

fn credits(world: &World, who: &Keypair) -> u64 {
    world.vm.balance(&credits_of(world, &who.pubkey()))
}

fn vouchers(world: &World, who: &Keypair) -> u64 {
    world.vm.balance(&vouchers_of(world, &who.pubkey(), 0))
}

/// The mean of the day before supply closed, by the client's ring.
fn mean(world: &World) -> Price {
    let ring = marks::observed(&world.state(), &world.observations(), 0).expect("a resource");
    assert_eq!(ring.last, world.series_close(), "recorded to the second in which supply closed");
    ring.twap(ring.last, Window::Day).expect("a day of history")
}

fn withdraw_all(world: &mut World, who: &Keypair) {
    let shares = world.vm.balance(&shares_of(world, &who.pubkey()));
    world.remove_liquidity(who, shares).unwrap_or_else(|failure| panic!("{failure}"));
    check(world);
}

#[test]
fn trading_ends_with_the_second_and_supply_a_lead_before() {
    let mut world = World::series(small(), 10);
    let (creator, labourer, client) = (world.creator(), world.labourer(), world.client());
    world.series_worker(&labourer);
    world.register_client(&client);
    let (close, end) = (world.series_close(), world.series_end());
    let supply = |world: &World| worker::supply(&world.state(), labourer.pubkey(), 0, 20 * UNIT, 0);
    let mint = |world: &World| worker::mint_vouchers(&world.state(), labourer.pubkey(), 0, 20 * UNIT, &labourer.pubkey());

    at(&mut world, close - 1);
    for ix in [supply(&world), mint(&world)] {
        world.clone().vm.send(&[ix], &[&labourer]).expect("the last second");
    }
    at(&mut world, close);
    for ix in [supply(&world), mint(&world)] {
        because(&refused(&mut world.vm, &[ix], &[&labourer]), HmmError::SeriesClosing, seconds(close), seconds(close));
    }

    let buy = || vec![leg(0, LegKind::BuyExactOut, UNIT)];
    let mut spec = world.spec(vec![world.line(0, 10 * UNIT, MAX)], 1_000 * CREDIT);
    (spec.assign_by, spec.start_by, spec.submit_by) = (end - 7_000, end - 6_000, end);
    let job = world.open_job(&client, spec).expect("a job");
    let add =
        |world: &World| liquidity::add(&world.state(), creator.pubkey(), vec![Amounts { units: UNIT, credits: 10 * CREDIT }; 2], 0, MAX, 0);
    at(&mut world, end - 1);
    world.clone().swap(&creator, buy()).expect("a trade in the last second");
    assert_eq!(quote(&world.state(), &buy()).refusal, None);
    let ix = add(&world);
    world.clone().vm.send(&[ix], &[&creator]).expect("a deposit in the last second");
    let late = world.clone().fill(&client, &job, 0, UNIT).expect_err("the job has no time left");
    assert!(late.is(HmmError::JobLate), "{late}");

    at(&mut world, end);
    let over = |failure: &Failure| because(failure, HmmError::SeriesOver, seconds(end), seconds(end));
    let trade = swap::swap(&world.state(), creator.pubkey(), buy(), i64::MAX, 0);
    over(&refused(&mut world.vm, &[trade], &[&creator]));
    let refusal = quote(&world.state(), &buy()).refusal.expect("a refusal");
    assert_eq!((refusal.code, refusal.expected, refusal.found), (HmmError::SeriesOver as u32, seconds(end), seconds(end)));
    let ix = add(&world);
    over(&refused(&mut world.vm, &[ix], &[&creator]));
    over(&world.fill(&client, &job, 0, UNIT).expect_err("over"));
    for ix in [supply(&world), mint(&world)] {
        because(&refused(&mut world.vm, &[ix], &[&labourer]), HmmError::SeriesClosing, seconds(close), seconds(end));
    }
    let retire = worker::retire(&world.state(), labourer.pubkey(), 0, 1);
    over(&refused(&mut world.vm, &[retire], &[&labourer]));
    let liquidate = worker::liquidate(&world.state(), &labourer.pubkey(), creator.pubkey(), 0, 1);
    over(&refused(&mut world.vm, &[liquidate], &[&creator]));
    let (authority, mark) = (world.authority(), world.set_bootstrap_mark_ix(0, 1));
    over(&refused(&mut world.vm, &[mark], &[&authority]));
    // the other resource trades on
    world.swap(&creator, vec![leg(1, LegKind::BuyExactOut, UNIT)]).expect("a perpetual resource");
    check(&world);
}

/// Two workers, one that sold what it owes and one that minted it; somebody who bought; all to the unit.
#[test]
fn every_step_is_exact() {
    let mut world = World::series(small(), 10);
    let (creator, trader, labourer, seeder) = (world.creator(), world.trader(), world.labourer(), world.seeder());
    world.series_worker(&labourer);
    world.supply(&labourer, 0, 2_000 * UNIT).expect("a supply");
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 700 * UNIT)]).expect("a purchase");
    check(&world);
    let end = world.series_end();
    let (pool, pool_vault) = (world.pool, world.state().pool.credit_vault);

    // not before the end
    at(&mut world, end - 1);
    let [stop, sweep] = [series::stop(&world.state(), 0), series::sweep(&world.state(), &labourer.pubkey(), 0)];
    because(&refused(&mut world.vm, std::slice::from_ref(&stop), &[&trader]), HmmError::SeriesRuns, seconds(end), seconds(end - 1));
    at(&mut world, end);
    because(&refused(&mut world.vm, std::slice::from_ref(&sweep), &[&trader]), HmmError::SeriesRuns, seconds(end), 0);
    let redeem = series::redeem(&world.state(), trader.pubkey(), 0, UNIT, 0);
    because(&refused(&mut world.vm, &[redeem], &[&trader]), HmmError::SeriesRuns, seconds(end), 0);
    let perpetual = series::stop(&world.state(), 1);
    because(&refused(&mut world.vm, &[perpetual], &[&trader]), HmmError::SeriesRuns, 0, seconds(end));

    // the stop
    let (price, before) = (mean(&world), world.state().pool);
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&stop), &[], &[pool, before.observations]);
    let event = SeriesStopped { sequence: before.sequence, pool, resource: 0, price: price.0 };
    assert_eq!(receipt.events, [HmmEvent::SeriesStopped(event)]);
    println!("stop_series {} CU", receipt.compute_units);
    let after = world.state().pool;
    assert_eq!((after.psi[0], after.theta[0] >= before.theta[0], after.issued[0]), (0, true, before.issued[0]));
    assert_eq!(series::stop_price(&after, 0), price);
    because(&refused(&mut world.vm, &[stop], &[&trader]), HmmError::SeriesOver, 0, 1);
    check(&world);

    // the sweeps, of who sold and of who minted: all they hold, and the bond for the rest of the value
    let mut fund = 0;
    for (owner, last) in [(&labourer, false), (&seeder, true)] {
        let (worker, before, pool_before) = (world.worker(&owner.pubkey()), world.worker(&owner.pubkey()), world.state().pool);
        let (units, held) = (worker.outstanding[0], worker.held[0]);
        let taken = held.max(margin::value_ceil(units, price));
        let redeem = series::redeem(&world.state(), trader.pubkey(), 0, UNIT, 0);
        because(&refused(&mut world.vm, &[redeem], &[&trader]), HmmError::SeriesRuns, 0, pool_before.issued[0]);
        let (address, vault) = (address::worker(&pool, &owner.pubkey()), worker.vault);
        let sweep = series::sweep(&world.state(), &owner.pubkey(), 0);
        let receipt = accepted(&mut world.vm, std::slice::from_ref(&sweep), &[], &[pool, address, vault, pool_vault]);
        let event = SeriesSwept { sequence: pool_before.sequence, pool, resource: 0, worker: address, units, credits: taken, shortfall: 0 };
        assert_eq!(receipt.events, [HmmEvent::SeriesSwept(event)]);
        println!("sweep_series {} CU", receipt.compute_units);
        let mut expected = before.clone();
        (expected.outstanding[0], expected.held[0], expected.burned[0]) = (0, 0, 0);
        expected.bond -= taken - held;
        assert_eq!(world.worker(&owner.pubkey()), expected);
        fund += taken;
        let state = world.state().pool;
        let kept = if last { math::claim_ceil(fund, supply_of(&world), price) } else { fund };
        assert_eq!((state.fund[0], state.theta[0]), (kept, pool_before.theta[0] + fund - kept));
        fund = kept;
        because(&refused(&mut world.vm, &[sweep], &[&trader]), HmmError::NothingToCollect, 1, 0);
        check(&world);
    }

    // redemptions: the fund covers the price here
    for (holder, units) in [(&trader, 1), (&trader, 300 * UNIT), (&creator, 5_000 * UNIT + 1), (&trader, 400 * UNIT - 1)] {
        let (state, supply, had) = (world.state().pool, supply_of(&world), credits(&world, holder));
        let paid = series::redemption(&state, 0, units, supply).expect("a redemption");
        assert_eq!(paid, margin::value_floor(units, price));
        let limited = series::redeem(&world.state(), holder.pubkey(), 0, units, paid + 1);
        because(&refused(&mut world.vm, &[limited], &[holder]), HmmError::AmountOutsideLimits, paid + 1, paid);
        let [own_vouchers, own_credits] = [vouchers_of(&world, &holder.pubkey(), 0), credits_of(&world, &holder.pubkey())];
        let redeem = series::redeem(&world.state(), holder.pubkey(), 0, units, paid);
        let expected = [pool, state.voucher_mints[0], own_vouchers, own_credits, pool_vault];
        let receipt = accepted(&mut world.vm, &[redeem], &[holder], &expected);
        let event = SeriesRedeemed { sequence: state.sequence, pool, resource: 0, holder: holder.pubkey(), units, credits: paid };
        assert_eq!(receipt.events, [HmmEvent::SeriesRedeemed(event)]);
        println!("redeem {} CU", receipt.compute_units);
        assert_eq!((credits(&world, holder), supply_of(&world)), (had + paid, supply - units));
        let after = world.state().pool;
        assert_eq!(after.fund[0], math::claim_ceil(state.fund[0] - paid, supply - units, price));
        assert_eq!(after.theta[0] + after.fund[0] + paid, state.theta[0] + state.fund[0]);
        check(&world);
    }
    let nothing = series::redeem(&world.state(), trader.pubkey(), 0, 0, 0);
    because(&refused(&mut world.vm, &[nothing], &[&trader]), HmmError::ZeroAmount, 1, 0);
    let left = vouchers(&world, &creator);
    world.redeem(&creator, left).expect("the rest");
    assert_eq!(world.state().pool.fund[0], 0, "the last voucher leaves nothing");
    withdraw_all(&mut world, &creator);
    // both workers are free: their bond leaves
    for owner in [&labourer, &seeder] {
        if owner.pubkey() == labourer.pubkey() {
            let bond = world.worker(&owner.pubkey()).bond;
            let unbond = worker::unbond(&world.state(), owner.pubkey(), bond);
            world.vm.send(&[unbond], &[owner]).expect("a bond that stands for nothing");
        }
    }
    check(&world);
}

/// Vouchers of a series that was minted, not sold: what they were worth is held at once.
#[test]
fn minted_units_are_pledged() {
    let mut world = World::series(small(), 10);
    let labourer = world.labourer();
    world.series_worker(&labourer);
    let state = world.state();
    let price = marks::marks(&state, &world.observations(), 0).expect("a mark");
    let pledge = margin::value_ceil(10 * UNIT, price.hi.max(price.spot));
    world.mint_vouchers(&labourer, 0, 20 * UNIT).expect("vouchers");
    let worker = world.worker(&labourer.pubkey());
    assert_eq!((worker.outstanding[0], worker.held[0], worker.bond), (10 * UNIT, pledge, SERIES_BOND - pledge));
    check(&world);
    // retired before the end, the pledge is bond or claimable again
    world.retire(&labourer, 0, 10 * UNIT).expect("its own vouchers");
    let worker = world.worker(&labourer.pubkey());
    assert_eq!((worker.held[0], worker.bond + worker.claimable), (0, SERIES_BOND));
    check(&world);
    // a perpetual resource asks for margin only
    world.mint_vouchers(&labourer, 1, 20 * UNIT).expect("vouchers");
    assert_eq!(world.worker(&labourer.pubkey()).held[1], 0);
    // a worker whose cover is all held has no bond to pledge
    let mut poor = world.clone();
    edit_worker(&mut poor, &labourer.pubkey(), |w| (w.held[1], w.bond) = (SERIES_BOND - 1, 1));
    let mint = worker::mint_vouchers(&poor.state(), labourer.pubkey(), 0, 20 * UNIT, &labourer.pubkey());
    because(&refused(&mut poor.vm, &[mint], &[&labourer]), HmmError::WorkerBond, pledge, 1);
}

/// Where the workers have less than the vouchers are worth, all are paid the same part, whoever comes first; the rest is bad debt.
#[test]
fn a_short_fund_pays_everybody_alike() {
    let mut world = World::series(free(small()), 10);
    let (creator, trader, seeder) = (world.creator(), world.trader(), world.seeder());
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 3_000 * UNIT)]).expect("a purchase");
    let end = world.series_end();
    at(&mut world, end);
    world.stop_series(&trader).expect("a stop");
    // as if most of it had been lost
    let who = seeder.pubkey();
    edit_worker(&mut world, &who, |w| (w.bond, w.unbonding, w.held) = (3, 4, [1_000 * CREDIT, 0, 0, 0, 0, 0, 0, 0]));
    let vault = world.worker(&who).vault;
    set_balance(&mut world.vm, &vault, 1_000 * CREDIT + 7);
    let value = margin::value_ceil(world.worker(&who).outstanding[0], series::stop_price(&world.state().pool, 0));
    world.sweep_series(&trader, &who).expect("a sweep");
    let pool = world.state().pool;
    assert_eq!((pool.fund[0], pool.bad_debt[0]), (1_000 * CREDIT + 7, value - 1_000 * CREDIT - 7));
    check(&world);
    // first one holder, then the other, in many parts or at once: the same to the rounding
    let (mine, other) = (vouchers(&world, &trader), vouchers(&world, &creator));
    let (mut first, mut last) = (world.clone(), world.clone());
    first.redeem(&trader, mine).expect("at once, first");
    for _ in 0..9 {
        last.redeem(&creator, other / 10).expect("a part");
        check(&last);
    }
    let rest = vouchers(&last, &creator);
    last.redeem(&creator, rest).expect("the rest");
    last.redeem(&trader, mine).expect("at once, last");
    let [early, late] = [credits(&first, &trader), credits(&last, &trader)];
    assert!(late >= early && late - early <= 10, "{early} {late}");
    first.redeem(&creator, other).expect("the rest");
    for world in [&mut first, &mut last] {
        assert_eq!(world.state().pool.fund[0], 0);
        withdraw_all(world, &creator);
    }
}

/// Nobody has to redeem for anybody else to get out; what is burned without redeeming is the providers'.
#[test]
fn vouchers_that_nobody_redeems_block_nothing() {
    let mut world = World::series(small(), 10);
    let (creator, trader, seeder, authority) = (world.creator(), world.trader(), world.seeder(), world.authority());
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 700 * UNIT)]).expect("a purchase");
    let (end, shares) = (world.series_end(), world.vm.balance(&shares_of(&world, &creator.pubkey())));
    let pause = hmm_client::generated::instructions::Pause { market: world.market, signer: authority.pubkey() }.instruction();
    at(&mut world, end - 1);
    world.remove_liquidity(&creator, shares / 10).expect("a withdrawal before the end");
    at(&mut world, end);
    world.remove_liquidity(&creator, shares / 10).expect("a withdrawal after the end");
    check(&world);
    world.vm.send(&[pause], &[&authority]).expect("a pause");
    world.stop_series(&trader).expect("a stop while paused");
    let units = vouchers(&world, &creator);
    world.remove_liquidity(&creator, shares / 10).expect("a withdrawal after the stop");
    assert_eq!(vouchers(&world, &creator), units, "the pool's own units are over");
    check(&world);
    world.sweep_series(&trader, &seeder.pubkey()).expect("a sweep while paused");
    world.remove_liquidity(&creator, shares / 10).expect("a withdrawal after the sweep");
    check(&world);
    // somebody burns its vouchers by itself
    let mint = address::voucher_mint(&world.pool, 0);
    for holder in [&trader, &creator] {
        let (account, all) = (vouchers_of(&world, &holder.pubkey(), 0), vouchers(&world, holder));
        let burn = spl_token_interface::instruction::burn(&address::TOKEN_PROGRAM, &account, &mint, &holder.pubkey(), &[], all);
        world.vm.send(&[burn.expect("an instruction")], &[holder]).expect("a burn");
    }
    assert!(world.state().pool.fund[0] > 0);
    withdraw_all(&mut world, &creator);
    assert_eq!(world.state().pool.fund[0], 0);
    let pool = world.state().pool;
    let locked = hmm_math::liquidity::MINIMUM_SHARES;
    assert_eq!(pool.shares, locked);
    assert!(pool.theta[0] < 10_000, "what is left is the part of the locked shares: {}", pool.theta[0]);
}

/// Whenever it is stopped, and whatever happens to the price once nobody can supply: the price is the same.
#[test]
fn the_price_is_that_of_the_day_before_supply_closed() {
    let mut world = World::series(small(), 10);
    let (trader, creator) = (world.trader(), world.creator());
    let (close, end) = (world.series_close(), world.series_end());
    at(&mut world, close - DAY / 2);
    world.swap(&trader, vec![leg(0, LegKind::BuyExactOut, 500 * UNIT)]).expect("a purchase");
    let mut prices = Vec::new();
    for push in [None, Some((LegKind::BuyExactOut, 0)), (Some((LegKind::SellExactIn, 0))), Some((LegKind::BuyExactOut, DAY - 1))] {
        for late in [0, 1, 3 * DAY] {
            let mut world = world.clone();
            at(&mut world, close);
            if let Some((kind, after)) = push {
                at(&mut world, close + after);
                world.swap(&creator, vec![leg(0, kind, 400 * UNIT)]).expect("a push");
            }
            at(&mut world, end + late);
            world.stop_series(&trader).expect("a stop");
            prices.push(series::stop_price(&world.state().pool, 0));
        }
    }
    assert!(prices.iter().all(|price| *price == prices[0]), "{prices:?}");
}

/// A pool that never had its deposit: the bootstrap mark that its vouchers were minted at is all there is.
#[test]
fn a_series_that_never_began_ends_too() {
    let mut world = World::series_forming(small(), 10);
    let (creator, seeder) = (world.creator(), world.seeder());
    let end = world.series_end();
    at(&mut world, end);
    let add = liquidity::add(&world.state(), creator.pubkey(), vec![Amounts { units: UNIT, credits: CREDIT }; 2], 0, MAX, 0);
    because(&refused(&mut world.vm, &[add], &[&creator]), HmmError::SeriesOver, seconds(end), seconds(end));
    world.stop_series(&creator).expect("a stop");
    world.sweep_series(&creator, &seeder.pubkey()).expect("a sweep");
    check(&world);
    let pool = world.state().pool;
    assert_eq!(
        series::stop_price(&pool, 0),
        Price((u128::from(world.config.resources[0].theta) << 64) / u128::from(world.config.resources[0].psi))
    );
    let (close, fund, other) = (close_ix(&world), pool.fund[0], pool.issued[1]);
    because(&refused(&mut world.vm, std::slice::from_ref(&close), &[&creator]), HmmError::VouchersOutstanding, 0, fund);
    let all = vouchers(&world, &creator);
    assert_eq!(series::redemption(&pool, 0, all, all), Some(fund));
    world.redeem(&creator, all).expect("a redemption");
    because(&refused(&mut world.vm, std::slice::from_ref(&close), &[&creator]), HmmError::VouchersOutstanding, 0, other);
    // the other resource's vouchers are still the worker's to retire
    let from = vouchers_of(&world, &creator.pubkey(), 1);
    let (mint, to) = (address::voucher_mint(&world.pool, 1), vouchers_of(&world, &seeder.pubkey(), 1));
    let give =
        spl_token_interface::instruction::transfer_checked(&address::TOKEN_PROGRAM, &from, &mint, &to, &creator.pubkey(), &[], other, 6);
    world.vm.send(&[give.expect("an instruction")], &[&creator]).expect("a gift");
    world.retire(&seeder, 1, other).expect("its own vouchers");
    check(&world);
    world.vm.send(&[close], &[&creator]).expect("nothing is left");
}

/// A worker of another pool has nothing to do with this fund.
#[test]
fn only_workers_of_the_pool_are_swept() {
    let mut world = World::series(small(), 10);
    let (first, end, labourer) = (world.pool, world.series_end(), world.labourer());
    another_pool(&mut world, 1, false);
    world.register(&labourer, CREDIT);
    let stranger = world.pool;
    world.pool = first;
    at(&mut world, end);
    let creator = world.creator();
    world.stop_series(&creator).expect("a stop");
    let mut sweep = series::sweep(&world.state(), &labourer.pubkey(), 0);
    let worker = address::worker(&stranger, &labourer.pubkey());
    (sweep.accounts[2].pubkey, sweep.accounts[3].pubkey) = (worker, address::bond(&worker));
    assert!(refused(&mut world.vm, &[sweep], &[&creator]).is(HmmError::WrongAccount));
}

/// Vouchers of a job that ends after the stop come back, and a start that is undone after it is swept again.
#[test]
fn jobs_get_their_vouchers_back_after_the_stop() {
    let mut world = World::series(small(), 10);
    let (creator, client, labourer, trader) = (world.creator(), world.client(), world.labourer(), world.trader());
    world.series_worker(&labourer);
    world.register_client(&client);
    world.supply(&labourer, 0, 2_000 * UNIT).expect("a supply");
    let end = world.series_end();
    at(&mut world, end - 20_000);
    // a gang of two shares, of which one starts and one never does
    let mut spec = world.spec(vec![world.line(0, 20 * UNIT, MAX)], 1_000 * CREDIT);
    (spec.assign_by, spec.start_by, spec.submit_by, spec.gang) = (end - 9_000, end - 8_000, end, true);
    let job = world.open_job(&client, spec).expect("a job");
    world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
    let (seeder, who) = (world.seeder(), labourer.pubkey());
    world.assign(&client, &job, &who, vec![10 * UNIT]).expect("an assignment");
    world.assign(&client, &job, &seeder.pubkey(), vec![10 * UNIT]).expect("an assignment");
    world.start(&labourer, &job, 0).expect("a start");
    check(&world);
    at(&mut world, end);
    world.stop_series(&trader).expect("a stop");
    for owner in [who, seeder.pubkey()] {
        world.sweep_series(&trader, &owner).expect("a sweep");
        check(&world);
    }
    assert_eq!(world.state().pool.issued[0], 0);
    // the gang never launched: the start is undone, what it released is owed again, and redemptions wait for the second sweep
    world.expire(&trader, &job, 0).expect("an unwinding");
    check(&world);
    assert_eq!(world.state().pool.issued[0], 10 * UNIT);
    let redeem = series::redeem(&world.state(), creator.pubkey(), 0, UNIT, 0);
    because(&refused(&mut world.vm, &[redeem], &[&creator]), HmmError::SeriesRuns, 0, 10 * UNIT);
    world.sweep_series(&trader, &who).expect("a second sweep");
    world.expire(&trader, &job, 1).expect("a no-show");
    check(&world);
    world.close_job(&trader, &job).expect("a close");
    world.claim_job(&trader, &job).expect("a claim");
    check(&world);
    assert_eq!(vouchers(&world, &client), 20 * UNIT);
    let price = series::stop_price(&world.state().pool, 0);
    let had = credits(&world, &client);
    world.redeem(&client, 20 * UNIT).expect("a redemption");
    assert_eq!(credits(&world, &client) - had, margin::value_floor(20 * UNIT, price));
    withdraw_all(&mut world, &creator);
}

/// What an attacker can do who owns a worker, a wallet of credits, and the choice of the moment.
#[derive(Clone, Debug)]
enum Act {
    Mint(u64),
    Supply(u64),
    Sell(u64),
    Buy(u64),
    Retire(u64),
    /// All the bond that may leave; it is withdrawn when a later wait is over, if its delay is too.
    Unbond,
    Wait(usize),
}

/// Moments, in seconds from where supply closes.
const MOMENTS: [i64; 9] = [-3 * DAY, -DAY - 60, -3_600, -60, -1, 0, DAY / 2, DAY - 60, DAY - 1];

struct Attack {
    world: World,
    attacker: Keypair,
    worth: i128,
    psi: u64,
    transactions: u64,
}

impl Attack {
    fn new(config: WorldConfig) -> Self {
        let mut world = World::series(config, 10);
        let attacker = keypair("attacker");
        world.series_worker(&attacker);
        let mut attack = Self { psi: world.state().pool.psi[0], world, attacker, worth: 0, transactions: 0 };
        attack.worth = attack.value();
        attack
    }

    /// Everything of the attacker's that is or can become credits.
    fn value(&self) -> i128 {
        let worker = self.world.worker(&self.attacker.pubkey());
        i128::from(credits(&self.world, &self.attacker)) + i128::from(worker.bond + worker.unbonding + worker.claimable)
    }

    /// While workers can supply, others answer a price within the hour; afterwards nobody does.
    fn answer(&mut self) {
        let (creator, psi) = (self.world.creator(), self.world.state().pool.psi[0]);
        let kind = if psi < self.psi { LegKind::SellExactIn } else { LegKind::BuyExactOut };
        let mut amount = psi.abs_diff(self.psi);
        while amount > 1_000 && self.world.swap(&creator, vec![leg(0, kind, amount)]).is_err() {
            amount /= 2;
        }
    }

    fn act(&mut self, act: &Act) -> bool {
        self.transactions += 1;
        let attacker = self.attacker.insecure_clone();
        match act {
            Act::Mint(units) => self.world.mint_vouchers(&attacker, 0, units * 2).is_ok(),
            Act::Supply(units) => self.world.supply(&attacker, 0, units * 2).is_ok(),
            Act::Sell(units) => {
                let units = (*units).min(vouchers(&self.world, &attacker));
                units > 0 && self.world.swap(&attacker, vec![leg(0, LegKind::SellExactIn, units)]).is_ok()
            }
            Act::Buy(units) => self.world.swap(&attacker, vec![leg(0, LegKind::BuyExactOut, *units)]).is_ok(),
            Act::Retire(units) => {
                let units = (*units).min(vouchers(&self.world, &attacker));
                units > 0 && self.world.retire(&attacker, 0, units).is_ok()
            }
            Act::Unbond => {
                let (mut part, mut went) = (self.world.worker(&attacker.pubkey()).bond, false);
                while part > CREDIT {
                    let unbond = worker::unbond(&self.world.state(), attacker.pubkey(), part);
                    went |= self.world.vm.send(&[unbond], &[&attacker]).is_ok();
                    part /= 2;
                }
                went
            }
            Act::Wait(moment) => {
                let (close, then) = (self.world.series_close(), self.world.series_close() + MOMENTS[*moment]);
                if then <= now(&self.world) {
                    return false;
                }
                if then - now(&self.world) >= 3_600 && now(&self.world) < close {
                    let hour = now(&self.world) + 3_600;
                    at(&mut self.world, hour);
                    self.answer();
                }
                at(&mut self.world, then);
                let withdraw = worker::withdraw_bond(&self.world.state(), &attacker.pubkey());
                let _ = self.world.vm.send(&[withdraw], &[&attacker]);
                true
            }
        }
    }

    /// The series ends; the attacker redeems what it has. Its gain.
    fn settle(&mut self) -> i128 {
        self.act(&Act::Wait(5));
        let (end, attacker, seeder) = (self.world.series_end(), self.attacker.insecure_clone(), self.world.seeder());
        at(&mut self.world, end);
        self.world.stop_series(&attacker).expect("a stop");
        for owner in [attacker.pubkey(), seeder.pubkey()] {
            if self.world.worker(&owner).outstanding[0] > 0 {
                self.world.sweep_series(&attacker, &owner).expect("a sweep");
            }
        }
        let all = vouchers(&self.world, &attacker);
        if all > 0 {
            self.world.redeem(&attacker, all).expect("a redemption");
        }
        check(&self.world);
        self.value() - self.worth
    }
}

/// Attacks.md: dumping vouchers before `delivery_end` took 20–68 % of Θ in the first draft.
#[test]
fn dumping_vouchers_before_the_end_earns_nothing() {
    let plans = 800;
    for (fees, config) in [("no fees", free(small())), ("default fees", small())] {
        let attack = Attack::new(config);
        let mut rng = Rng::new("series", 0x5e51e5);
        let psi = attack.psi;
        let (mut best, mut transactions, mut done) = (i128::MIN, 0, 0);
        let mut plan = Vec::new();
        for number in 0..plans {
            let mut attack = Attack { world: attack.world.clone(), attacker: attack.attacker.insecure_clone(), ..attack };
            let acts = scripted(psi).get(number).cloned().unwrap_or_else(|| {
                let size = |rng: &mut Rng| rng.log(UNIT, psi * 2);
                let mut moment = 0;
                let count = rng.range(3, 9);
                (0..count)
                    .map(|_| match rng.range(0, 7) {
                        0 => Act::Mint(size(&mut rng)),
                        1 => Act::Supply(size(&mut rng)),
                        2 => Act::Sell(size(&mut rng)),
                        3 => Act::Buy(size(&mut rng).min(psi * 9 / 10)),
                        4 => Act::Retire(size(&mut rng)),
                        5 => Act::Unbond,
                        _ => {
                            moment = rng.range(moment, 8);
                            Act::Wait(moment as usize)
                        }
                    })
                    .collect()
            });
            let mut traded = false;
            for act in &acts {
                let went = attack.act(act);
                done += u64::from(went);
                traded |= went && !matches!(act, Act::Wait(_));
            }
            if !traded {
                continue;
            }
            let gain = attack.settle();
            transactions += attack.transactions;
            if gain > best {
                (best, plan) = (gain, acts);
            }
        }
        let theta = attack.world.state().pool.theta[0];
        println!(
            "{fees}: best gain {best} of Θ {theta} raw credits, {plans} plans, {transactions} acts of which {done} went through, by {plan:?}"
        );
        assert!(done * 2 > transactions, "most acts are possible");
        assert!(best <= 0, "{fees}: {best} by {plan:?}");
    }
}

/// What one would try first.
fn scripted(psi: u64) -> Vec<Vec<Act>> {
    use Act::{Buy, Mint, Retire, Sell, Supply, Unbond, Wait};
    let mut plans = Vec::new();
    for n in [psi / 100, psi / 10, psi / 2, psi, psi * 2] {
        plans.extend([
            // dump what was minted at the bell, a day before it, an hour before supply closes
            vec![Mint(n), Wait(8), Sell(n)],
            vec![Wait(3), Mint(n), Wait(5), Sell(n)],
            vec![Mint(n), Wait(2), Sell(n)],
            // sell, buy back cheap, redeem
            vec![Wait(4), Mint(n), Wait(5), Sell(n), Buy(n)],
            vec![Supply(n), Wait(5), Buy(n)],
            vec![Wait(4), Supply(n), Buy(n)],
            // sell, retire the cheapest of it at the average, leave the rest
            vec![Supply(n), Buy(n * 6 / 10), Retire(n * 6 / 10)],
            vec![Wait(4), Supply(n), Buy(n * 6 / 10), Retire(n * 6 / 10)],
            vec![Wait(4), Supply(n), Wait(5), Buy(n / 2), Retire(n / 2), Buy(n / 4)],
            // the same with no more bond than there must be
            vec![Supply(n), Unbond, Buy(n * 6 / 10), Retire(n * 6 / 10), Unbond, Wait(3)],
            vec![Mint(n), Unbond, Wait(5), Sell(n)],
            vec![Supply(n), Unbond, Wait(4), Supply(n / 2), Buy(n), Wait(8)],
            // hold a price up once nobody can answer
            vec![Wait(5), Buy(n.min(psi * 9 / 10)), Wait(8)],
            vec![Wait(8), Buy(n.min(psi * 9 / 10))],
            // dump, and let the own worker be swept at what is left
            vec![Wait(4), Mint(n), Sell(n), Wait(8), Buy(n / 2)],
        ]);
    }
    plans
}
