//! Jobs of the trader, who is also their worker, for the common world, and a case for each instruction of `instructions/job`.

use hmm_client::{Leg, LegKind, LineSpec, address, generated::accounts::Observations, jobs};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::common::*;

/// The jobs by their numbers: one with vouchers, one with a reservation, one with a reservation that is over, one that is closed.
const FILLED: u64 = 0;
const RESERVED: u64 = 1;
const MISSED: u64 = 2;
const CLOSED: u64 = 3;
/// The one that is opened.
const NEXT: u64 = 4;

fn job(world: &World, id: u64) -> Address {
    address::job(&address::client(&world.market, &world.trader().pubkey()), id)
}

/// Makes the trader a client of the world's market and its worker one that can take its jobs.
pub fn build(world: &mut World) {
    let trader = world.trader();
    let who = trader.pubkey();
    world.register_client(&trader);
    let observations = address::observations(&world.pool);
    let mut history = Observations::from_bytes(&world.vm.data(&observations)).expect("observations");
    history.bootstrap[..2].fill(1 << 64);
    set_data(&mut world.vm, &observations, borsh::to_vec(&history).expect("bytes"));
    edit_worker(world, &who, |w| {
        (w.outstanding, w.held, w.bond) = ([100 * UNIT; 8], [CREDIT; 8], 1_000 * CREDIT);
        (w.capacity, w.key_expiry) = ([1 << 50; 8], i64::MAX);
    });
    let vault = world.worker(&who).vault;
    set_balance(&mut world.vm, &vault, 1_008 * CREDIT);
    for id in FILLED..=CLOSED {
        let lines = vec![LineSpec { pool: world.pool, resource: 0, wanted: 20 * UNIT, max_price: 5 * CREDIT }];
        let job = world.open_job(&trader, world.spec(lines, 100 * CREDIT)).expect("a job");
        world.fill(&trader, &job, 0, 2 * UNIT).expect("a fill");
        if id == RESERVED || id == MISSED {
            world.assign(&trader, &job, &who, vec![UNIT]).expect("an assignment");
        }
        if id == MISSED {
            let mut state = world.job(&job).job;
            state.start_by = 1;
            set_data(&mut world.vm, &job, borsh::to_vec(&state).expect("bytes"));
        }
    }
    world.close_job(&trader, &job(world, CLOSED)).expect("closed");
    world.swap(&trader, vec![Leg::unlimited(0, LegKind::BuyExactOut, UNIT)]).expect("vouchers");
}

/// The accounts, by name.
pub fn accounts(world: &World) -> Vec<(&'static str, Address)> {
    let worker = address::worker(&world.pool, &world.trader().pubkey());
    let [filled, reserved, missed, closed, next] = [FILLED, RESERVED, MISSED, CLOSED, NEXT].map(|id| job(world, id));
    vec![
        ("client", address::client(&world.market, &world.trader().pubkey())),
        ("client to be", address::client(&world.market, &world.creator().pubkey())),
        ("worker's vault", address::bond(&worker)),
        ("filled job", filled),
        ("reserved job", reserved),
        ("missed job", missed),
        ("closed job", closed),
        ("job to be", next),
        ("filled escrow", address::escrow(&filled)),
        ("reserved escrow", address::escrow(&reserved)),
        ("missed escrow", address::escrow(&missed)),
        ("closed escrow", address::escrow(&closed)),
        ("escrow to be", address::escrow(&next)),
        ("assignment to be", address::assignment(&filled, 0)),
        ("reserved assignment", address::assignment(&reserved, 0)),
        ("missed assignment", address::assignment(&missed, 0)),
    ]
}

/// One case for each instruction of `instructions/job`.
pub fn cases(world: &World) -> Vec<(&'static str, Instruction)> {
    let (who, creator) = (world.trader().pubkey(), world.creator().pubkey());
    let (pool, worker) = (world.state(), world.worker(&who));
    let [filled, reserved, missed, closed] = [FILLED, RESERVED, MISSED, CLOSED].map(|id| world.job(&job(world, id)));
    let [waiting, over] = [&reserved, &missed].map(|job| world.assignment(&job.address, 0));
    let lines = vec![LineSpec { pool: world.pool, resource: 0, wanted: UNIT, max_price: CREDIT }];
    let legs = vec![Leg::unlimited(0, LegKind::BuyExactOut, UNIT)];
    vec![
        ("register_client", jobs::register(world.market, creator)),
        ("open_job", jobs::open(world.market, &pool.market, who, NEXT, world.spec(lines, CREDIT))),
        ("top_up", filled.top_up(creator, 1)),
        ("fill", filled.fill(&pool, who, legs)),
        ("deposit_vouchers", filled.deposit_vouchers(&pool, 0, UNIT)),
        ("assign", filled.assign(&pool, address::worker(&world.pool, &who), who, vec![UNIT])),
        ("unassign", reserved.unassign(&waiting, &worker, who)),
        ("start", reserved.start(&pool, &waiting, &worker, who)),
        ("expire", missed.expire(&over, &worker, credits_of(world, &creator))),
        ("close_job", filled.close(who)),
        ("claim_job", closed.claim(&[&pool])),
    ]
}

/// What may stand in another account's place.
pub const HARMLESS: &[(&str, &str, &str, &str)] = &[
    ("register_client", "market+client", "rival", "another market"),
    ("close_job", "job", "rival filled job", "another job of the same client"),
    ("deposit_vouchers", "job", "missed job", "another job of the same client"),
    ("deposit_vouchers", "job", "reserved job", "another job of the same client"),
    ("expire", "finder_credits", "", "any account of the credits: the caller's choice"),
    ("fill", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("top_up", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("start", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("unassign", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("claim_job", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("expire", "escrow", "own bytes", "nothing leaves it here, and the owner of a token account never changes"),
    ("unassign", "escrow", "own bytes", "a worker that declines is not paid, and the owner of a token account never changes"),
    ("unassign", "worker_vault", "own bytes", "a worker that declines is not paid, and the owner of a token account never changes"),
];
