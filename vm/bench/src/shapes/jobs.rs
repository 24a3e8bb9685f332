//! Jobs before they are judged.

use hmm_client::{Leg, LegKind, LineSpec, address, jobs, swap};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{SECONDS_SLOTS, Shapes};

const HOUR: i64 = 3_600;

/// A market with a pool, a worker that owes vouchers of its first resources, and a client with a job for them.
struct Yard {
    world: World,
    client: Keypair,
    worker: Keypair,
    job: Address,
    resources: u8,
}

impl Yard {
    /// A job with a line for each of the first `resources`, nothing bought.
    fn new(shapes: &Shapes, resources: u8, gang: bool) -> Self {
        let mut world = World::active(shapes.config(resources.max(5).into()));
        world.verifiers(3);
        world.pass(HOUR);
        let (client, worker) = (world.client(), world.labourer());
        world.register_client(&client);
        world.register(&worker, 5_000 * CREDIT);
        let (account, enclave) = (address::worker(&world.pool, &worker.pubkey()), world.enclave());
        world.give_key(&worker, account, &enclave, [1 << 50; 8], 100 * 24 * HOUR);
        for resource in 0..resources {
            world.supply(&worker, resource, 400 * UNIT).expect("a supply");
        }
        let lines: Vec<LineSpec> = (0..resources).map(|resource| world.line(resource, 50 * UNIT, 5 * CREDIT)).collect();
        let mut spec = world.spec(lines, 500 * CREDIT);
        spec.gang = gang;
        let job = world.open_job(&client, spec).expect("a job");
        world.vm.warp(SECONDS_SLOTS);
        Self { world, client, worker, job, resources }
    }

    fn filled(shapes: &Shapes, resources: u8, gang: bool) -> Self {
        let mut yard = Self::new(shapes, resources, gang);
        for resource in 0..resources {
            yard.world.fill(&yard.client, &yard.job, resource, 20 * UNIT).expect("a fill");
        }
        yard.world.vm.warp(SECONDS_SLOTS);
        yard
    }

    /// All that was filled, for `parts` workers.
    fn units(&self, parts: u64) -> Vec<u64> {
        vec![20 * UNIT / parts; usize::from(self.resources)]
    }

    fn assigned(shapes: &Shapes, resources: u8, gang: bool) -> Self {
        let mut yard = Self::filled(shapes, resources, gang);
        let parts = if gang { 2 } else { 1 };
        let (who, units) = (yard.worker.pubkey(), yard.units(parts));
        for _ in 0..parts {
            yard.world.assign(&yard.client, &yard.job, &who, units.clone()).expect("an assignment");
        }
        yard.world.vm.warp(SECONDS_SLOTS);
        yard
    }

    fn started(shapes: &Shapes, resources: u8, gang: bool) -> Self {
        let mut yard = Self::assigned(shapes, resources, gang);
        yard.world.start(&yard.worker, &yard.job, 0).expect("a start");
        yard
    }
}

impl Shapes {
    /// The life of a job, and its side exits.
    pub(super) fn jobs(&mut self) {
        self.openings();
        self.reservations();
        self.ends();
    }

    fn openings(&mut self) {
        let mut world = World::active(self.config(8));
        let client = world.trader();
        self.push("register_client", "default", &world, jobs::register(world.market, client.pubkey()), client.insecure_clone());
        world.register_client(&client);
        for lines in [1, 5, 8] {
            let spec = world.spec((0..lines).map(|resource| world.line(resource, UNIT, CREDIT)).collect(), CREDIT);
            let open = jobs::open(world.market, &world.market_account(), client.pubkey(), 0, spec);
            self.push("open_job", format!("{lines}-line"), &world, open, client.insecure_clone());
        }
        for resources in [1, 2, 5, 8] {
            let yard = Yard::new(self, resources, false);
            let (job, pool) = (yard.world.job(&yard.job), yard.world.state());
            let legs = (0..resources).map(|resource| Leg::unlimited(resource, LegKind::BuyExactOut, 20 * UNIT)).collect();
            self.push(
                "fill",
                format!("{resources}-leg"),
                &yard.world,
                job.fill(&pool, yard.client.pubkey(), legs),
                yard.client.insecure_clone(),
            );
        }
        let mut yard = Yard::new(self, 1, false);
        let legs = vec![Leg::unlimited(0, LegKind::BuyExactOut, UNIT)];
        let buy = swap::swap(&yard.world.state(), yard.client.pubkey(), legs, i64::MAX, 0);
        yard.world.vm.send(&[buy], &[&yard.client]).expect("vouchers");
        let (job, pool) = (yard.world.job(&yard.job), yard.world.state());
        self.push("deposit_vouchers", "default", &yard.world, job.deposit_vouchers(&pool, 0, UNIT), yard.client.insecure_clone());
        self.push("top_up", "default", &yard.world, job.top_up(yard.client.pubkey(), CREDIT), yard.client.insecure_clone());
    }

    fn reservations(&mut self) {
        for resources in [1, 5, 8] {
            let yard = Yard::filled(self, resources, false);
            let worker = address::worker(&yard.world.pool, &yard.worker.pubkey());
            let (job, pool) = (yard.world.job(&yard.job), yard.world.state());
            let assign = job.assign(&pool, worker, yard.client.pubkey(), yard.units(1));
            self.push("assign", format!("{resources}-resource"), &yard.world, assign, yard.client.insecure_clone());

            let yard = Yard::assigned(self, resources, false);
            let (job, assignment) = (yard.world.job(&yard.job), yard.world.assignment(&yard.job, 0));
            let worker = yard.world.worker(&yard.worker.pubkey());
            let start = job.start(&yard.world.state(), &assignment, &worker, yard.worker.pubkey());
            self.push("start", format!("{resources}-resource"), &yard.world, start, yard.worker.insecure_clone());
            if resources == 1 {
                for (name, by) in [("decline", &yard.worker), ("release", &yard.client)] {
                    let unassign = job.unassign(&assignment, &worker, by.pubkey());
                    self.push("unassign", name, &yard.world, unassign, by.insecure_clone());
                }
            }
        }
    }

    fn ends(&mut self) {
        for (name, mut yard) in [
            ("no-show", Yard::assigned(self, 1, false)),
            ("unwind", Yard::started(self, 1, true)),
            ("unwind-8-resource", Yard::started(self, 8, true)),
            ("late", Yard::started(self, 1, false)),
        ] {
            yard.world.pass(3 * HOUR);
            let (job, assignment) = (yard.world.job(&yard.job), yard.world.assignment(&yard.job, 0));
            let finder = address::token_account(&yard.client.pubkey(), &yard.world.credit_mint, &address::TOKEN_PROGRAM);
            let expire = job.expire(&assignment, &yard.world.worker(&yard.worker.pubkey()), finder);
            self.push("expire", name, &yard.world, expire, yard.client.insecure_clone());
        }
        let mut yard = Yard::filled(self, 1, false);
        self.push("close_job", "default", &yard.world, yard.world.job(&yard.job).close(yard.client.pubkey()), yard.client.insecure_clone());
        yard.world.close_job(&yard.client, &yard.job).expect("closed");
        let claim = yard.world.job(&yard.job).claim(&[&yard.world.state()]);
        self.push("claim_job", "credits-and-1-line", &yard.world, claim, yard.client.insecure_clone());
        let mut full = Yard::filled(self, 8, false);
        full.world.close_job(&full.client, &full.job).expect("closed");
        let claim = full.world.job(&full.job).claim(&[&full.world.state()]);
        self.push("claim_job", "credits-and-8-lines", &full.world, claim, full.client.insecure_clone());
        let mut empty = Yard::new(self, 1, false);
        empty.world.close_job(&empty.client, &empty.job).expect("closed");
        let claim = empty.world.job(&empty.job).claim(&[]);
        self.push("claim_job", "credits", &empty.world, claim, empty.client.insecure_clone());
    }
}
