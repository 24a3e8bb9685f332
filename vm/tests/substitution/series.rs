//! A pool whose series are over for the common world, and a case for each instruction of `instructions/series`.

use hmm_client::{address, series};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::common::*;

/// The series of the pool, by what is done to them.
const TO_SWEEP: u8 = 0;
const TO_REDEEM: u8 = 1;

/// Makes the world's pool one whose two series were stopped: of the first a worker still owes units, of the second only the fund is left.
pub fn build(world: &mut World) {
    let supplier = world.supplier().pubkey();
    edit_pool(world, |pool| {
        (pool.delivery_end[0], pool.delivery_end[1]) = (1, 1);
        (pool.stop_price[0], pool.stop_price[1]) = ([0, 1], [0, 1]);
        (pool.psi[0], pool.psi[1], pool.issued[1]) = (0, 0, 0);
        pool.fund[1] = 1_000 * CREDIT;
    });
    edit_worker(world, &supplier, |worker| (worker.outstanding[0], worker.outstanding[1], worker.held[0]) = (UNIT, 0, CREDIT));
    edit_pool(world, |pool| pool.issued[0] = UNIT);
    let (vaults, worker, pool) = (address::credit_vault(&world.pool), world.worker(&supplier), world.state().pool);
    set_balance(&mut world.vm, &worker.vault, liabilities(&worker));
    set_balance(&mut world.vm, &vaults, owed(&pool));
}

/// The accounts that only this pool needs, by name.
pub fn accounts(world: &World) -> Vec<(&'static str, Address)> {
    let worker = address::worker(&world.pool, &world.supplier().pubkey());
    vec![("supplier", worker), ("supplier's vault", address::bond(&worker))]
}

/// A case for each instruction; `over` is the world with its pool that was built above, `waiting` that with a series that was not stopped.
pub fn cases(over: &World, waiting: &World) -> Vec<(&'static str, Instruction)> {
    let state = over.state();
    vec![
        ("stop_series", series::stop(&waiting.state(), 0)),
        ("sweep_series", series::sweep(&state, &over.supplier().pubkey(), TO_SWEEP)),
        ("redeem", series::redeem(&state, over.creator().pubkey(), TO_REDEEM, UNIT, 0)),
    ]
}

/// What may stand in another account's place.
pub const HARMLESS: &[(&str, &str, &str, &str)] = &[
    ("redeem", "holder_credits", "", "a holder may have the credits sent to any account of them"),
    ("sweep_series", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("sweep_series", "voucher_mint", "own bytes", "the owner of a mint never changes"),
    ("redeem", "credit_mint", "own bytes", "the owner of a mint never changes"),
];
