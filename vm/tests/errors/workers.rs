//! The codes of workers. (`supply.rs` has the bounds to the unit and to the second.)

use hmm_client::{
    HmmError, SupplyTerms,
    generated::instructions::{SetSupplyTerms, SetSupplyTermsInstructionArgs},
    terms, worker,
};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT},
};
use solana_signer::Signer;

use super::{CALL, Codes, small};
use crate::common::*;

const DAY: i64 = 86_400;

fn seconds(time: i64) -> u64 {
    time.unsigned_abs()
}

/// A worker of a pool with marks of its own, with ample capacity and this bond.
fn hired(bond: u64) -> World {
    let mut world = World::active(small());
    let owner = world.labourer();
    world.register(&owner, bond);
    let later = now(&world) + 2_400;
    at(&mut world, later);
    edit_worker(&mut world, &owner.pubkey(), |w| (w.key_expiry, w.capacity) = (later + 9 * DAY, [1 << 50; 8]));
    world
}

/// Terms that contradict each other, and a resource without any mark.
pub fn terms(codes: &mut Codes) {
    let mut world = World::active(small());
    let (signer, market, owner) = (world.authority(), world.market, world.labourer());
    let set = |edit: fn(&mut SupplyTerms)| {
        let mut terms = terms::supply(CREDIT);
        edit(&mut terms);
        SetSupplyTerms { market, authority: signer.pubkey() }.instruction(SetSupplyTermsInstructionArgs { terms })
    };
    type Edit = fn(&mut SupplyTerms);
    let cases: [(Edit, u64, u64); 5] = [
        (|t| t.maintenance = 1_000_000, 1_000_000, 1_000_000),
        (|t| t.gamma = t.maintenance, 1_200_000, 1_200_000),
        (|t| t.premium = 999_999, 1_000_000, 999_999),
        (|t| t.notice = 0, 1, 0),
        (|t| t.unbonding = 3 * 86_400, 3 * 86_400, 3 * 86_400),
    ];
    for (edit, expected, found) in cases {
        codes.number(&mut world.vm, &[&signer], set(edit), HmmError::TermsOutOfRange, CALL, expected, found);
    }
    world.register(&owner, CREDIT);
    let (who, end) = (owner.pubkey(), now(&world) + DAY);
    edit_worker(&mut world, &who, |w| (w.key_expiry, w.capacity) = (end, [1 << 50; 8]));
    let mint = worker::mint_vouchers(&world.state(), who, 0, 2, &who);
    codes.number(&mut world.vm, &[&owner], mint, HmmError::NoMark, 0, 1_800, 0);
}

/// What it owes, what it may take on, what it may take out.
pub fn bonds(codes: &mut Codes) {
    let mut world = hired(100 * CREDIT);
    let (owner, trader) = (world.labourer(), world.trader());
    let who = owner.pubkey();
    world.mint_vouchers(&owner, 0, 2 * UNIT).expect("vouchers");
    let state = world.state();
    let retire = worker::retire(&state, who, 0, UNIT + 1);
    codes.number(&mut world.vm, &[&owner], retire, HmmError::MoreThanOutstanding, 0, UNIT, UNIT + 1);
    let mark = hmm_client::marks::marks(&state, &world.observations(), 0).expect("marks");
    let owed = hmm_math::margin::value_ceil(41 * UNIT, mark.hi.max(mark.spot));
    let required = hmm_math::margin::required_ceil(owed, hmm_math::Ppm(1_500_000)).expect("a requirement");
    let mint = worker::mint_vouchers(&state, who, 0, 80 * UNIT, &who);
    codes.number(&mut world.vm, &[&owner], mint, HmmError::MarginCrossed, CALL, required, 100 * CREDIT);
    let unbond = worker::unbond(&state, who, 101 * CREDIT);
    codes.number(&mut world.vm, &[&owner], unbond, HmmError::WorkerBond, CALL, 100 * CREDIT, 101 * CREDIT);
    let withdraw = worker::withdraw_bond(&state, &who);
    codes.number(&mut world.vm, &[&trader], withdraw.clone(), HmmError::NothingToClaim, CALL, 1, 0);
    let unbond = worker::unbond(&state, who, CREDIT);
    world.vm.send(&[unbond], &[&owner]).expect("a bond on its way");
    let time = now(&world);
    codes.number(&mut world.vm, &[&trader], withdraw.clone(), HmmError::BondLocked, CALL, seconds(time + 7 * DAY), seconds(time));
    at(&mut world, time + 7 * DAY);
    let mut elsewhere = withdraw;
    elsewhere.accounts[3].pubkey = credits_of(&world, &trader.pubkey());
    codes.account(&mut world.vm, &[&trader], elsewhere, HmmError::NotPayee, CALL, who, trader.pubkey());

    // capacity, key, series
    edit_worker(&mut world, &who, |w| w.capacity[0] = 3_600);
    let time = now(&world);
    edit_worker(&mut world, &who, |w| w.key_expiry = time + 60);
    let mint = worker::mint_vouchers(&state, who, 0, 2, &who);
    codes.number(&mut world.vm, &[&owner], mint.clone(), HmmError::AboveCapacity, 0, 30, UNIT + 1);
    at(&mut world, time + 60);
    codes.number(&mut world.vm, &[&owner], mint.clone(), HmmError::KeyLapsed, CALL, seconds(time + 60), seconds(time + 60));
    edit_worker(&mut world, &who, |w| (w.capacity[0], w.key_expiry) = (1 << 50, time + 9 * DAY));
    edit_pool(&mut world, |pool| pool.delivery_end[0] = time + 60 + DAY);
    codes.number(&mut world.vm, &[&owner], mint.clone(), HmmError::SeriesClosing, 0, seconds(time + 60), seconds(time + 60));
    edit_worker(&mut world, &who, |w| w.banned = true);
    codes.number(&mut world.vm, &[&owner], mint, HmmError::WorkerBanned, CALL, 0, 1);
}

/// Nobody is liquidated without a cause, a notice, and a mark of a deep pool.
pub fn liquidations(codes: &mut Codes) {
    let mut world = hired(100 * CREDIT);
    let (owner, creator) = (world.labourer(), world.creator());
    let who = owner.pubkey();
    world.mint_vouchers(&owner, 0, 2 * UNIT).expect("vouchers");
    let liquidate = worker::liquidate(&world.state(), &who, creator.pubkey(), 0, UNIT);
    let lo = hmm_client::marks::marks(&world.state(), &world.observations(), 0).expect("marks").lo;
    let owed = hmm_math::margin::value_floor(UNIT, lo);
    let required = hmm_math::margin::required_ceil(owed, hmm_math::Ppm(1_200_000)).expect("a requirement");
    codes.number(&mut world.vm, &[&creator], liquidate.clone(), HmmError::WorkerSound, CALL, required, 100 * CREDIT);
    edit_worker(&mut world, &who, |w| w.banned = true);
    let time = seconds(now(&world));
    codes.number(&mut world.vm, &[&creator], liquidate.clone(), HmmError::NoNotice, CALL, 0, time);
    // the pool was found deep a second before, and is not now
    edit_market(&mut world, |market| market.supply.mark_depth = u64::MAX);
    let next = now(&world) + 1;
    at(&mut world, next);
    codes.number(&mut world.vm, &[&creator], liquidate, HmmError::PoolShallow, 0, time + 1, time);
}
