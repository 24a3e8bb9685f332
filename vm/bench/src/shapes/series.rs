//! The end of a series.

use hmm_client::{LegKind, series};
use hmm_vm::{World, world::UNIT};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::Shapes;

impl Shapes {
    pub(super) fn series(&mut self) {
        let mut world = World::series(self.config(5), 10);
        let (creator, labourer, seeder) = (world.creator(), world.labourer(), world.seeder());
        world.series_worker(&labourer);
        world.supply(&labourer, 0, 400 * UNIT).expect("a supply");
        world.swap(&creator, vec![hmm_client::Leg::unlimited(0, LegKind::BuyExactOut, 10 * UNIT)]).expect("a trade");
        let wait = world.series_end() - world.vm.clock().unix_timestamp;
        world.pass(wait);
        self.push("stop_series", "default", &world, series::stop(&world.state(), 0), world.creator());
        world.stop_series(&creator).expect("a stop");
        let sweep = |world: &World, owner: &Keypair| series::sweep(&world.state(), &owner.pubkey(), 0);
        self.push("sweep_series", "default", &world, sweep(&world, &labourer), world.creator());
        world.sweep_series(&creator, &labourer.pubkey()).expect("a sweep");
        self.push("sweep_series", "last", &world, sweep(&world, &seeder), world.creator());
        world.sweep_series(&creator, &seeder.pubkey()).expect("a sweep");
        let redeem = series::redeem(&world.state(), creator.pubkey(), 0, UNIT, 0);
        self.push("redeem", "default", &world, redeem, world.creator());
    }
}
