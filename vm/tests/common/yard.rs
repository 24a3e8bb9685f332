//! A stage for jobs before they are judged: a pool with marks of its own, a worker that owes vouchers, a registered client.

use hmm_vm::{
    World, WorldConfig,
    world::{CREDIT, UNIT},
};
use solana_signer::Signer;

use super::*;

/// A labourer has sold 200 units of each of two resources; a client is registered.
pub fn yard(config: WorldConfig) -> World {
    let mut world = World::active(config);
    let later = now(&world) + 40 * 60;
    at(&mut world, later);
    let (client, labourer) = (world.client(), world.labourer());
    world.register_client(&client);
    world.register(&labourer, 5_000 * CREDIT);
    edit_worker(&mut world, &labourer.pubkey(), |w| (w.key_expiry, w.capacity) = (i64::MAX, [1 << 50; 8]));
    for resource in 0..2 {
        world.supply(&labourer, resource, 400 * UNIT).expect("a supply");
    }
    world
}
