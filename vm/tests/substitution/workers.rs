//! A worker of the rival's that is to be liquidated, for the common world, and a case for each instruction of `instructions/worker`. The worker of the
//! other cases is the trader's.

use hmm_client::{address, generated::accounts::Observations, worker};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT, keypair},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::common::*;

/// Registers the rival's worker, bans it, and lets its notice run out; gives the second resource half an hour of history, and the trader's worker
/// something to take out.
pub fn build(world: &mut World) {
    let (rival, trader) = (keypair("rival"), world.trader().pubkey());
    let who = rival.pubkey();
    let register = worker::register(&world.state(), who, [0; 64], Address::default());
    world.vm.send(&[register], &[&rival]).expect("a worker");
    let time = now(world);
    edit_worker(world, &who, |w| {
        (w.banned, w.bond, w.notice_at) = (true, 100 * CREDIT, time - 3_600);
        w.outstanding[1] = 10 * UNIT;
    });
    let vault = world.worker(&who).vault;
    set_balance(&mut world.vm, &vault, 100 * CREDIT);
    edit_worker(world, &trader, |w| {
        (w.unbonding, w.unbond_at) = (w.unbonding + 5, 1);
        w.claimable += 7;
    });
    let worker = world.worker(&trader);
    set_balance(&mut world.vm, &worker.vault, liabilities(&worker));
    let log = world.state().reserve(1).expect("a resource").log_price().expect("a price").get();
    let observations = address::observations(&world.pool);
    let mut history = Observations::from_bytes(&world.vm.data(&observations)).expect("observations");
    let ring = &mut history.rings[1];
    (ring.first, ring.last, ring.deep, ring.log, ring.sum) = (time - 1_800, time - 60, time - 60, log, log * 1_740);
    set_data(&mut world.vm, &observations, borsh::to_vec(&history).expect("bytes"));
}

/// The accounts, by name.
pub fn accounts(world: &World) -> Vec<(&'static str, Address)> {
    let [sunk, next] = [keypair("rival").pubkey(), world.creator().pubkey()].map(|owner| address::worker(&world.pool, &owner));
    vec![
        ("sunk worker", sunk),
        ("sunk worker's vault", address::bond(&sunk)),
        ("worker to be", next),
        ("vault to be", address::bond(&next)),
    ]
}

/// One case for each instruction of `instructions/worker`.
pub fn cases(world: &World) -> Vec<(&'static str, Instruction)> {
    let (state, who, creator) = (world.state(), world.trader().pubkey(), world.creator().pubkey());
    let sunk = keypair("rival").pubkey();
    vec![
        ("register_worker", worker::register(&state, creator, [0; 64], Address::default())),
        ("set_operator", worker::set_operator(&state, who, creator)),
        ("deposit_bond", worker::deposit_bond(&state, &who, creator, 1)),
        ("unbond", worker::unbond(&state, who, 1)),
        ("withdraw_bond", worker::withdraw_bond(&state, &who)),
        ("claim_worker", worker::claim(&state, &who)),
        ("supply", worker::supply(&state, who, 0, 2 * UNIT, 0)),
        ("mint_vouchers", worker::mint_vouchers(&state, who, 0, 2 * UNIT, &who)),
        ("retire", worker::retire(&state, who, 0, 1)),
        ("notify_worker", worker::notify(&state, &who)),
        ("liquidate", worker::liquidate(&state, &sunk, creator, 1, UNIT)),
    ]
}

/// What may stand in another account's place.
pub const HARMLESS: &[(&str, &str, &str, &str)] = &[
    ("mint_vouchers", "destination", "", "any account of the vouchers: the worker's choice"),
    ("liquidate", "liquidator_credits", "", "any account of the credits: the liquidator's choice"),
    ("notify_worker", "worker", "", "another worker of the pool"),
    ("set_operator", "worker", "rival", "another worker of the same owner"),
    ("deposit_bond", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("withdraw_bond", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("claim_worker", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("supply", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("liquidate", "credit_mint", "own bytes", "the owner of a mint never changes"),
];
