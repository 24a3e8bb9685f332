//! V11: jobs that a worker gives itself, for the bonus and for a good name, with a committee that finds everything perfect.

mod common;

use common::{court::check_escrows, *};
use hmm_client::worker;
use hmm_math::{
    Ppm, margin,
    quality::{ONE, Posterior, UNKNOWN},
};
use hmm_vm::{
    World, WorldConfig,
    rounds::report,
    world::{CREDIT, UNIT, resource},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// One who is client, worker and, if it wants, all providers of the pool.
struct Washer {
    world: World,
    client: Keypair,
    owner: Keypair,
    jobs: u64,
}

fn small() -> WorldConfig {
    WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() }
}

impl Washer {
    fn new(config: WorldConfig) -> Self {
        let mut world = World::active(config);
        world.convene(24);
        let (client, owner, creator) = (world.client(), world.labourer(), world.creator());
        world.fund_bonus(&creator, 100_000 * CREDIT).expect("a fund");
        Self { world, client, owner, jobs: 0 }
    }

    fn balance(&self, who: &Keypair) -> i128 {
        self.world.vm.balance(&credits_of(&self.world, &who.pubkey())).into()
    }

    /// Wallets of client and owner, all of the worker's vault, and what verifiers earned, as if they were friends; with the pool, if it is
    /// the attacker's.
    fn wealth(&self, provider: bool) -> i128 {
        let worker = self.world.worker(&self.owner.pubkey());
        let mut wealth = self.balance(&self.client) + self.balance(&self.owner) + i128::from(liabilities(&worker));
        wealth += self.world.verifier_set().verifiers.iter().map(|v| i128::from(v.earned)).sum::<i128>();
        if provider {
            let pool = self.world.state().pool;
            let vault = self.world.vm.balance(&pool.credit_vault) - pool.burn_due - pool.treasury_due;
            wealth += i128::from(vault);
        }
        wealth
    }

    /// The worker's quality now, and what it rests on.
    fn posterior(&self) -> Posterior {
        let stored = self.world.worker(&self.owner.pubkey()).quality[0].clone();
        let mut posterior = Posterior { good: stored.good, bad: stored.bad, epoch: stored.epoch };
        posterior.decay(now(&self.world).unsigned_abs() / 86_400);
        posterior
    }

    fn quality(&self) -> Ppm {
        self.posterior().quality_floor()
    }

    /// Supplies units, buys them for a job, does it, is praised for it. In how many purchases is the attacker's choice.
    /// The bonus; `None`, and nothing happened, if something on the way was refused.
    fn wash(&mut self, units: u64, purchases: u64, score: u16) -> Option<u64> {
        let before = self.world.clone();
        let bonus = self.whole(units, purchases, score);
        match bonus {
            Some(_) => self.jobs += 1,
            None => self.world = before,
        }
        bonus
    }

    fn whole(&mut self, units: u64, purchases: u64, score: u16) -> Option<u64> {
        let (client, owner) = (self.client.insecure_clone(), self.owner.insecure_clone());
        let raw = margin::raw_ceil(units, self.quality()).expect("raw units");
        let world = &mut self.world;
        let creator = world.creator();
        world.supply(&owner, 0, raw).ok()?;
        let mut spec = world.spec(vec![world.line(0, units, u64::MAX)], 2_000_000 * CREDIT);
        (spec.proof_level, spec.trace_depth) = (0, 0);
        let job = world.open_job(&client, spec).ok()?;
        for part in 0..purchases {
            let part = if part + 1 == purchases { units - units / purchases * part } else { units / purchases };
            world.fill(&client, &job, 0, part).ok()?;
        }
        world.assign(&client, &job, &owner.pubkey(), vec![units]).ok()?;
        world.start(&owner, &job, 0).ok()?;
        world.attest(&owner, &job, 0, report()).ok()?;
        world.draw(&creator, &job, 0).ok()?;
        let seats = usize::from(world.assignment(&job, 0).seats);
        if seats > 0 {
            world.judge(&job, 0, &vec![score; seats]);
            world.tally(&creator, &job, 0).ok()?;
        }
        let until = world.assignment(&job, 0).until;
        at(world, until);
        let before = world.worker(&owner.pubkey());
        let due = world.assignment(&job, 0);
        world.settle(&creator, &job, 0).ok()?;
        let after = world.worker(&owner.pubkey());
        let bonus = after.claimable - before.claimable - due.payment - due.bond;
        check_books(world, 0);
        check_escrows(world);
        world.claim_assignment(&creator, &job, 0).ok()?;
        world.close_job(&client, &job).ok()?;
        world.claim_job(&client, &job).ok()?;
        let claim = worker::claim(&world.state(), &owner.pubkey());
        world.vm.send(&[claim], &[&creator]).ok()?;
        Some(bonus)
    }
}

#[test]
fn v11_a_worker_that_is_its_own_client_loses_on_every_job() {
    let mut rng = Rng::new("wash", 0xb0905);
    for (name, market_fee, risk_fee) in
        [("no fees", 0, 0), ("default fees", 3_000, 100_000), ("a tenth", 99_000, 0), ("10 bp", 1_000, 100_000)]
    {
        let fresh = Washer::new(WorldConfig { market_fee, risk_fee, ..small() });
        let (mut best, mut plan, mut jobs, mut bonuses) = ([i128::MIN; 2], (0, 0, 0), 0, 0u64);
        for round in 0..16 {
            let mut washer =
                Washer { world: fresh.world.clone(), client: fresh.client.insecure_clone(), owner: fresh.owner.insecure_clone(), jobs: 0 };
            let (units, purchases) = (rng.log(UNIT / 10, 500 * UNIT), rng.range(1, 4));
            let before = [false, true].map(|provider| washer.wealth(provider));
            let times = 1 + round % 3;
            for _ in 0..times {
                bonuses += washer.wash(units, purchases, 10_000).unwrap_or_default();
            }
            if washer.jobs == 0 {
                continue;
            }
            jobs += washer.jobs;
            for (best, (provider, before)) in best.iter_mut().zip([false, true].into_iter().zip(before)) {
                let gain = washer.wealth(provider) - before;
                if gain > *best {
                    (*best, plan) = (gain, (units, purchases, times));
                }
            }
        }
        assert!(jobs >= 20, "{name}: only {jobs} jobs went through");
        println!(
            "{name}: best gain {} without, {} with the whole pool, of {jobs} jobs with {bonuses} of bonus; {plan:?}",
            best[0], best[1]
        );
        assert!(best.iter().all(|gain| *gain <= 0), "{name}: {best:?}");
        assert_eq!(bonuses > 0, market_fee > 0, "{name}");
    }
}

/// One client's praise in a day counts for ten outcomes at most, whatever it pays for; a hundred jobs more change nothing.
#[test]
fn v11_what_one_client_makes_of_a_name_is_capped() {
    let mut washer = Washer::new(WorldConfig { market_fee: 0, risk_fee: 0, ..small() });
    let mut seen = Vec::new();
    for _ in 0..8 {
        washer.wash(200 * UNIT, 1, 10_000).expect("a job");
        seen.push((washer.posterior().evidence(), washer.quality().0));
    }
    let most = 10 * ONE;
    assert!(seen.iter().all(|(evidence, _)| *evidence <= most), "{seen:?}");
    assert_eq!(seen[6], seen[7], "the cap is reached");
    println!(
        "evidence of one client in a day: {:.2}, quality {} ppm; after one job {} ppm",
        seen[7].0 as f64 / ONE as f64,
        seen[7].1,
        seen[0].1
    );
    // it fades, by half in thirty days
    let later = now(&washer.world) + 90 * 86_400;
    at(&mut washer.world, later);
    assert!(washer.posterior().evidence() < most / 7 && washer.quality() == UNKNOWN);
}
