//! The codes of series. (`series.rs` has the exact second of each.)

use hmm_client::{HmmError, LegKind, series, swap};
use hmm_vm::World;
use solana_signer::Signer;

use super::{CALL, Codes, small};
use crate::common::*;

/// What is over, and what is not yet.
pub fn series(codes: &mut Codes) {
    let mut world = World::series(small(), 10);
    let (creator, end) = (world.creator(), world.series_end());
    let [over, runs] = [HmmError::SeriesOver, HmmError::SeriesRuns];
    let stop = series::stop(&world.state(), 0);
    let time = now(&world).unsigned_abs();
    codes.number(&mut world.vm, &[&creator], stop.clone(), runs.clone(), 0, end.unsigned_abs(), time);
    at(&mut world, end);
    let end = end.unsigned_abs();
    let sweep = series::sweep(&world.state(), &world.seeder().pubkey(), 0);
    codes.number(&mut world.vm, &[&creator], sweep, runs.clone(), 0, end, 0);
    let trade =
        swap::swap(&world.state(), creator.pubkey(), vec![leg(1, LegKind::BuyExactOut, 9), leg(0, LegKind::BuyExactOut, 9)], i64::MAX, 0);
    codes.number(&mut world.vm, &[&creator], trade, over.clone(), 1, end, end);
    world.stop_series(&creator).expect("a stop");
    codes.number(&mut world.vm, &[&creator], stop, over, 0, 0, 1);
    let redeem = series::redeem(&world.state(), creator.pubkey(), 0, 1, 0);
    let owed = world.state().pool.issued[0];
    codes.number(&mut world.vm, &[&creator], redeem, runs, 0, 0, owed);
    // a series cannot be over before it begins
    let mut forming = World::forming(small());
    let (who, time) = (forming.creator(), now(&forming).unsigned_abs());
    let mut add = forming.add_series_ix(1, now(&forming));
    add.accounts[2].pubkey = hmm_client::address::voucher_mint(&forming.pool, 2);
    codes.number(&mut forming.vm, &[&who], add, HmmError::SeriesOver, CALL, time, time);
}
