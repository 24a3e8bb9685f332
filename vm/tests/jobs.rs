//! Jobs on the built program, before they are judged: every transition with its numbers, every side exit, every second of every window.

mod common;

use common::*;
use hmm_client::address;
use hmm_vm::{
    World, WorldConfig,
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

const DAY: i64 = 86_400;
const AMPLE: u64 = 1 << 50;

fn small() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

/// A pool with marks of its own, a worker that has sold 200 units of each resource, a client with a job for both.
struct Yard {
    world: World,
    client: Keypair,
    worker: Keypair,
}

impl Yard {
    fn new() -> Self {
        let mut world = World::active(small());
        let later = now(&world) + 40 * 60;
        at(&mut world, later);
        let (client, labourer) = (world.client(), world.labourer());
        world.register_client(&client);
        let mut yard = Self { world, client, worker: labourer };
        let labourer = yard.world.labourer();
        yard.hire(&labourer, 5_000 * CREDIT);
        yard
    }

    /// One more worker, with a bond, that has sold 200 units of each resource.
    fn hire(&mut self, owner: &Keypair, bond: u64) {
        let end = now(&self.world);
        self.world.register(owner, bond);
        edit_worker(&mut self.world, &owner.pubkey(), |w| (w.key_expiry, w.capacity) = (end + 100 * DAY, [AMPLE; 8]));
        for resource in 0..2 {
            self.world.supply(owner, resource, 400 * UNIT).expect("a supply");
        }
    }
}

#[test]
fn a_life_up_to_the_start() {
    let mut yard = Yard::new();
    let world = &mut yard.world;
    let lines = vec![world.line(0, 50 * UNIT, 3 * CREDIT), world.line(1, 50 * UNIT, CREDIT)];
    let spec = world.spec(lines, 500 * CREDIT);
    let job = world.open_job(&yard.client, spec).expect("a job");
    let r = world.fill(&yard.client, &job, 0, 20 * UNIT).expect("a fill");
    println!("fill {}", r.compute_units);
    let w = yard.worker.pubkey();
    let r = world.assign(&yard.client, &job, &w, vec![20 * UNIT, 0]).expect("an assignment");
    println!("assign {}", r.compute_units);
    let r = world.start(&yard.worker, &job, 0).expect("a start");
    println!("start {}", r.compute_units);
    check_books(world, 0);
    let _ = (keypair("x"), address::SYSTEM_PROGRAM);
}
