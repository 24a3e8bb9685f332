//! A series in the world's pool: its first resource ends, and workers owe all its vouchers.

use hmm_client::{Amounts, address, series, terms, worker};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    vm::{Failure, Receipt},
    world::{CREDIT, UNIT, World, WorldConfig, keypair},
};

const DAY: i64 = 86_400;
/// Raw units an hour that each key of a series' worker attests.
const CAPACITY: u64 = 1_000_000_000 * UNIT;
/// What every worker of a series has to begin with, raw credits.
pub const SERIES_BOND: u64 = 1_000_000 * CREDIT;

impl World {
    /// Whose worker minted the first vouchers.
    pub fn seeder(&self) -> Keypair {
        keypair("seeder")
    }

    /// A market whose pool is not active yet. Its first resource ends after `days`; its seeder's worker minted twice what the configuration
    /// deposits, to the creator.
    pub fn series_forming(config: WorldConfig, days: i64) -> Self {
        let mut world = Self::market_only(config);
        world.pool = address::pool(&world.market, 0);
        let (creator, authority) = (world.creator(), world.authority());
        let create = world.create_pool_ix(0);
        world.vm.send(&[create], &[&creator]).expect("the pool");
        let end = world.vm.clock().unix_timestamp + days * DAY;
        for index in 0..world.config.resources.len() {
            let add = world.add_series_ix(index, if index == 0 { end } else { 0 });
            world.vm.send(&[add], &[&creator]).expect("a resource");
        }
        for owner in [world.creator(), world.trader()] {
            world.open_vouchers(&owner);
        }
        world.verifiers(3);
        let seeder = world.seeder();
        world.series_worker(&seeder);
        for (index, resource) in (0u8..).zip(world.config.resources.clone()) {
            let mark = world.set_bootstrap_mark_ix(index, (u128::from(resource.theta) << 64) / u128::from(resource.psi));
            world.vm.send(&[mark], &[&authority]).expect("a mark");
            // of a newcomer two raw units are one
            let mint = worker::mint_vouchers(&world.state(), seeder.pubkey(), index, resource.psi * 4, &creator.pubkey());
            world.vm.send(&[mint], &[&seeder]).expect("vouchers");
        }
        world
    }

    /// The same after the first deposit.
    pub fn series(config: WorldConfig, days: i64) -> Self {
        let mut world = Self::series_forming(config, days);
        let creator = world.creator();
        let most = world.config.resources.iter().map(|r| Amounts { units: r.psi, credits: r.theta }).collect();
        world.add_liquidity(&creator, most, 1, u64::MAX).expect("the first deposit");
        world
    }

    /// A worker with [`SERIES_BOND`] and a key for a year.
    pub fn series_worker(&mut self, owner: &Keypair) {
        self.register(owner, SERIES_BOND);
        let worker = address::worker(&self.pool, &owner.pubkey());
        let key = Keypair::new_from_array(worker.to_bytes());
        self.give_key(owner, worker, &key, [CAPACITY; 8], 365 * DAY);
    }

    /// When the series ends, unix time.
    pub fn series_end(&self) -> i64 {
        self.state().pool.delivery_end[0]
    }

    /// When its supply closes, unix time.
    pub fn series_close(&self) -> i64 {
        self.series_end() - i64::from(terms::supply(CREDIT).close_lead)
    }

    /// Stops the series.
    pub fn stop_series(&mut self, by: &Keypair) -> Result<Receipt, Failure> {
        let stop = series::stop(&self.state(), 0);
        self.vm.send(&[stop], &[by])
    }

    /// Sweeps a worker.
    pub fn sweep_series(&mut self, by: &Keypair, owner: &Address) -> Result<Receipt, Failure> {
        let sweep = series::sweep(&self.state(), owner, 0);
        self.vm.send(&[sweep], &[by])
    }

    /// Redeems vouchers for whatever they are paid.
    pub fn redeem(&mut self, holder: &Keypair, units: u64) -> Result<Receipt, Failure> {
        let redeem = series::redeem(&self.state(), holder.pubkey(), 0, units, 0);
        self.vm.send(&[redeem], &[holder])
    }
}
