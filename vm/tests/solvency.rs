//! Everything at once: long random lives of two pools, a series, workers, clients, jobs, verifiers and disputes, over the instructions that
//! move value. After every single one each vault covers what is owed from it, to the unit; what is refused changes nothing.

mod common;

use std::collections::BTreeSet;

use common::{
    court::{CHALLENGERS, check_escrows},
    *,
};
use hmm_client::{
    Amounts, HmmError, Leg, LegKind, PoolState, address,
    generated::{
        accounts::{ASSIGNMENT_DISCRIMINATOR, Assignment, JOB_DISCRIMINATOR, Job, Observations, ROUND_DISCRIMINATOR},
        instructions::{Pause, SetMarketFee, SetMarketFeeInstructionArgs, Unpause},
    },
    jobs, liquidity, marks, rounds, series, swap, terms, verifier, worker,
};
use hmm_job::Phase;
use hmm_math::{Ppm, U256, margin};
use hmm_vm::{
    World, WorldConfig,
    rounds::{report, vote},
    verify::verifier_key,
    world::{CREDIT, UNIT, keypair, resource},
};
use solana_account::ReadableAccount;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const DAY: i64 = 86_400;
const VERIFIERS: usize = 20;

struct Life {
    world: World,
    pools: [Address; 2],
    /// Whose workers there are, in both pools.
    owners: Vec<Keypair>,
    /// Everybody with credits: owners, clients, traders, challengers.
    people: Vec<Keypair>,
    clients: Vec<Keypair>,
    counts: Tally,
    refused: Tally,
    steps: u64,
}

fn base() -> World {
    let config = WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() };
    let mut world = World::series(config, 4);
    let first = world.pool;
    let (labourer, second, client, creator) = (world.labourer(), keypair("second worker"), world.client(), world.creator());
    for owner in [&labourer, &second] {
        world.register(owner, 5_000 * CREDIT);
    }
    world.register_client(&client);
    for name in CHALLENGERS {
        world.vm.svm.airdrop(&keypair(name).pubkey(), 1_000 * CREDIT).expect("lamports");
        world.open_wallet(&keypair(name));
        world.open_vouchers(&keypair(name));
    }
    for i in 3..VERIFIERS {
        let key = verifier_key(i);
        world.vm.svm.airdrop(&key.pubkey(), 100 * CREDIT).expect("lamports");
        world.open_wallet(&key);
        world.stake(&key, terms::verification(CREDIT).min_stake).expect("a stake");
    }
    world.pass(terms::verification(CREDIT).activation.into());
    for (owner, key) in [(&labourer, world.enclave()), (&second, keypair("second enclave"))] {
        let worker = address::worker(&first, &owner.pubkey());
        world.give_key(owner, worker, &key, [1 << 40; 8], 100 * DAY);
    }
    another_pool(&mut world, 1, true);
    for owner in [&labourer, &second] {
        world.open_vouchers(owner);
        let register = worker::register(&world.state(), owner.pubkey(), [0; 64], Address::default());
        let bond = worker::deposit_bond(&world.state(), &owner.pubkey(), owner.pubkey(), 5_000 * CREDIT);
        world.vm.send(&[register, bond], &[owner]).expect("a worker of the second pool");
        let worker = address::worker(&world.pool, &owner.pubkey());
        let key = if owner.pubkey() == labourer.pubkey() { world.enclave() } else { keypair("second enclave") };
        world.give_key(owner, worker, &key, [1 << 40; 8], 100 * DAY);
    }
    world.open_vouchers(&client);
    for name in CHALLENGERS {
        world.open_vouchers(&keypair(name));
    }
    let authority = world.authority();
    for index in 0..2 {
        let price = u128::from(world.config.resources[usize::from(index)].psi_scale) << 64;
        let mark = world.set_bootstrap_mark_ix(index, price);
        let _ = world.vm.send(&[mark], &[&authority]);
    }
    for pool in [world.pool, first] {
        world.pool = pool;
        for owner in [&labourer, &second] {
            for resource in 0..2 {
                world.supply(owner, resource, 200 * UNIT).expect("a supply");
            }
        }
    }
    world.fund_bonus(&creator, 1_000 * CREDIT).expect("a fund");
    world
}

impl Life {
    fn new(base: &World) -> Self {
        let world = base.clone();
        let owners = vec![world.labourer(), keypair("second worker"), world.seeder()];
        let clients = vec![world.client()];
        let mut people = vec![world.creator(), world.trader(), world.client(), world.labourer(), keypair("second worker")];
        people.extend(CHALLENGERS.map(keypair));
        let pools = [world.pool, address::pool(&world.market, 1)];
        Self { world, pools, owners, people, clients, counts: Tally::new(), refused: Tally::new(), steps: 0 }
    }

    fn ours(&self, head: &[u8]) -> Vec<Address> {
        let accounts = self.world.vm.svm.accounts_db().inner.iter();
        let ours = accounts.filter(|(_, account)| *account.owner() == hmm_client::HMM_ID && account.data().starts_with(head));
        let sorted: BTreeSet<Address> = ours.map(|(address, _)| *address).collect();
        sorted.into_iter().collect()
    }

    fn jobs(&self) -> Vec<Address> {
        self.ours(&JOB_DISCRIMINATOR)
    }

    /// Every assignment that exists: its job and its number.
    fn assignments(&self) -> Vec<(Address, u8)> {
        let read = |at: &Address| Assignment::from_bytes(&self.world.vm.data(at)).expect("an assignment");
        self.ours(&ASSIGNMENT_DISCRIMINATOR).iter().map(read).map(|a| (a.job, a.index)).collect()
    }

    /// Sends; a refusal must be one of the program, the framework or a token program, and change nothing.
    fn send(&mut self, name: &str, instructions: &[Instruction], signers: &[&Keypair]) -> bool {
        self.steps += 1;
        let before: Vec<U256> = self.pools.iter().flat_map(|pool| kappas(&self.world.vm.pool(pool))).collect();
        let (result, changes) = send(&mut self.world.vm, instructions, signers);
        match result {
            Ok(receipt) => {
                *self.counts.entry(name.to_owned()).or_default() += 1;
                assert!(receipt.compute_units < 840_000, "{name}: {} CU", receipt.compute_units);
                if ["swap", "fill", "supply"].contains(&name) {
                    let after: Vec<U256> = self.pools.iter().flat_map(|pool| kappas(&self.world.vm.pool(pool))).collect();
                    assert!(before.iter().zip(&after).all(|(before, after)| after >= before), "{name} lowered κ");
                }
                self.check(name);
                true
            }
            Err(failure) => {
                assert!(changes.is_empty(), "{name}: a refusal changed {changes:?}");
                let by_an_instruction = matches!(failure.error, solana_transaction_error::TransactionError::InstructionError(..));
                assert!(by_an_instruction, "{name}: {failure}");
                // what must never be: the program's own assertions
                for never in [HmmError::Unbacked, HmmError::InvariantDecreased] {
                    assert!(!failure.is(never.clone()), "{name}: {failure}");
                }
                *self.refused.entry(name.to_owned()).or_default() += 1;
                false
            }
        }
    }

    /// Everything that must balance.
    fn check(&mut self, name: &str) {
        let at = self.world.pool;
        let assignments = self.assignments();
        let jobs: Vec<Job> = self.jobs().iter().map(|job| Job::from_bytes(&self.world.vm.data(job)).expect("a job")).collect();
        for pool in self.pools {
            self.world.pool = pool;
            check_books(&self.world, 0);
            let state = self.world.state().pool;
            for resource in 0..2u8 {
                let lines = jobs.iter().flat_map(|job| job.lines.iter().take(job.line_count.into()));
                let lines = lines.filter(|line| line.pool == pool && line.resource == resource);
                let held: u64 = lines.map(|line| line.lot.bought + line.lot.wallet + line.claim).sum();
                let reserved: u64 = assignments.iter().map(|(job, index)| self.waiting(job, *index, &pool, resource)).sum();
                assert_eq!(state.in_jobs[usize::from(resource)], held + reserved, "{name}: vouchers in jobs");
            }
        }
        self.world.pool = at;
        check_escrows(&self.world);
        // all credits there are lie in some account
        let mint = self.world.credit_mint;
        let accounts = self.world.vm.svm.accounts_db().inner.values();
        let of_mint = accounts.filter(|account| account.data().len() == 165 && account.data()[..32] == mint.to_bytes());
        let sum: u128 =
            of_mint.map(|account| u128::from(u64::from_le_bytes(account.data()[64..72].try_into().expect("eight bytes")))).sum();
        assert_eq!(sum, self.world.vm.supply(&mint).into(), "{name}: credits");
    }

    /// Vouchers of a resource in an assignment that has not started.
    fn waiting(&self, job: &Address, index: u8, pool: &Address, resource: u8) -> u64 {
        let (a, job) = (self.world.assignment(job, index), self.world.job(job).job);
        if a.phase != Phase::Reserved as u8 {
            return 0;
        }
        let lots = a.lots.iter().zip(job.lines).filter(|(_, line)| line.pool == *pool && line.resource == resource);
        lots.map(|(lot, _)| lot.bought + lot.wallet).sum()
    }

    fn wait(&mut self, seconds: i64) {
        let later = now(&self.world) + seconds;
        at(&mut self.world, later);
        self.world.hash_slots();
    }

    /// Cover ≥ γ·owed at the higher marks of the moment before.
    fn check_margin(&self, state: &PoolState, observations: &Observations, owner: &Address) {
        let worker = self.world.worker(owner);
        let owed: u64 = (0..2u8)
            .filter(|i| worker.outstanding[usize::from(*i)] > 0)
            .map(|i| {
                let marks = marks::marks(state, observations, i).expect("a mark");
                margin::value_ceil(worker.outstanding[usize::from(i)], marks.hi.max(marks.spot))
            })
            .sum();
        let cover = worker.bond + worker.held.iter().sum::<u64>();
        assert!(margin::covers(cover, owed, Ppm(terms::supply(CREDIT).gamma)), "{cover} for {owed}");
    }

    fn act(&mut self, rng: &mut Rng) {
        self.world.pool = *rng.pick(&self.pools);
        let state = self.world.state();
        let by = rng.pick(&self.people).insecure_clone();
        let owner = rng.pick(&self.owners).insecure_clone();
        let who = by.pubkey();
        let resource = rng.range(0, 1) as u8;
        let i = usize::from(resource);
        match rng.range(0, 99) {
            0..=9 => {
                let kind = *rng.pick(&KINDS);
                let most =
                    if matches!(kind, LegKind::BuyExactOut | LegKind::SellExactIn) { state.pool.psi[i] } else { state.pool.theta[i] };
                let mut legs = vec![leg(resource, kind, rng.log(1, most / 4 + 1))];
                if rng.one_in(3) {
                    legs.push(leg(1 - resource, LegKind::BuyExactOut, rng.log(1, UNIT)));
                }
                self.send("swap", &[swap::swap(&state, who, legs, i64::MAX, 0)], &[&by]);
            }
            10..=11 => {
                let most = (0..2).map(|i| Amounts { units: rng.log(1, state.pool.psi[i] / 8 + 1), credits: state.pool.theta[i] / 8 + 1 });
                let add = liquidity::add(&state, who, most.collect(), 0, u64::MAX, 0);
                self.send("add_liquidity", &[add], &[&by]);
            }
            12..=13 => {
                let shares = self.world.vm.balance(&shares_of(&self.world, &who));
                let remove = liquidity::remove(&state, who, rng.log(1, shares / 4 + 1), vec![Amounts { units: 0, credits: 0 }; 2], 0);
                self.send("remove_liquidity", &[remove], &[&by]);
            }
            14 => {
                let collect = collect_ix(&self.world);
                self.send("collect_fees", &[collect], &[]);
            }
            15 => {
                let (authority, market) = (self.world.authority(), self.world.market);
                let signer = authority.pubkey();
                if rng.one_in(4) {
                    self.send("pause", &[Pause { market, signer }.instruction()], &[&authority]);
                } else {
                    self.send("unpause", &[Unpause { market, signer }.instruction()], &[&authority]);
                }
            }
            16 => {
                let (authority, market) = (self.world.authority(), self.world.market);
                let market_fee = rng.range(0, 6_000) as u32;
                let set = SetMarketFee { market, authority: authority.pubkey() }.instruction(SetMarketFeeInstructionArgs { market_fee });
                self.send("set_market_fee", &[set], &[&authority]);
                let batch = self.world.set_batch_token_calls_ix(rng.one_in(2));
                self.send("set_batch_token_calls", &[batch], &[&authority]);
            }
            17..=18 => {
                let bond = worker::deposit_bond(&state, &owner.pubkey(), who, rng.log(1, 1_000 * CREDIT));
                self.send("deposit_bond", &[bond], &[&by]);
            }
            19..=24 => {
                let observations = self.world.observations();
                let supply = worker::supply(&state, owner.pubkey(), resource, rng.log(2, 2_000 * UNIT), 0);
                if self.send("supply", &[supply], &[&owner]) {
                    self.check_margin(&state, &observations, &owner.pubkey());
                }
            }
            25..=27 => {
                let observations = self.world.observations();
                let mint = worker::mint_vouchers(&state, owner.pubkey(), resource, rng.log(2, 1_000 * UNIT), &who);
                if self.send("mint_vouchers", &[mint], &[&owner]) {
                    self.check_margin(&state, &observations, &owner.pubkey());
                }
            }
            28..=29 => {
                let units = self.world.vm.balance(&vouchers_of(&self.world, &owner.pubkey(), resource));
                let retire = worker::retire(&state, owner.pubkey(), resource, rng.log(1, units + 1));
                self.send("retire", &[retire], &[&owner]);
            }
            30..=31 => {
                let observations = self.world.observations();
                let unbond = worker::unbond(&state, owner.pubkey(), rng.log(1, 1_000 * CREDIT));
                if self.send("unbond", &[unbond], &[&owner]) {
                    self.check_margin(&state, &observations, &owner.pubkey());
                }
            }
            32 => {
                self.send("withdraw_bond", &[worker::withdraw_bond(&state, &owner.pubkey())], &[]);
            }
            33..=34 => {
                self.send("claim_worker", &[worker::claim(&state, &owner.pubkey())], &[]);
            }
            35 => {
                self.send("notify_worker", &[worker::notify(&state, &owner.pubkey())], &[]);
            }
            36 => {
                // now and then a worker is found to have cheated, or loses its key
                let who = owner.pubkey();
                if rng.one_in(20) && !self.world.vm.data(&address::worker(&self.world.pool, &who)).is_empty() {
                    edit_worker(&mut self.world, &who, |w| w.banned = true);
                    self.send("notify_worker", &[worker::notify(&state, &who)], &[]);
                    self.wait(3_600);
                    let creator = self.world.creator();
                    for units in [UNIT, u64::MAX] {
                        let liquidate = worker::liquidate(&self.world.state(), &who, creator.pubkey(), resource, units);
                        self.send("liquidate", &[liquidate], &[&creator]);
                    }
                }
            }
            37..=38 => {
                let liquidate = worker::liquidate(&state, &owner.pubkey(), who, resource, rng.log(1, 100 * UNIT));
                self.send("liquidate", &[liquidate], &[&by]);
            }
            39..=42 => self.open(rng),
            43..=84 => self.work(rng, &by),
            85..=87 => self.verify(rng, &by),
            88..=90 => self.end(rng, &by, &owner),
            91..=97 => {
                let seconds = rng.log(1, 300) as i64;
                self.wait(seconds);
            }
            98 => self.wait(1_200),
            _ => {
                if rng.one_in(3) {
                    self.wait(*rng.pick(&[3_600, 3_600, DAY, 7 * DAY, 31 * DAY]));
                }
            }
        }
    }

    fn open(&mut self, rng: &mut Rng) {
        let client = rng.pick(&self.clients).insecure_clone();
        if self.jobs().len() > 6 {
            return;
        }
        let other = self.pools[usize::from(self.world.pool == self.pools[0])];
        let mut lines = vec![self.world.line(rng.range(0, 1) as u8, rng.log(UNIT, 60 * UNIT), 10 * CREDIT)];
        if rng.one_in(3) {
            lines.push(hmm_client::LineSpec { pool: other, resource: 1, wanted: 40 * UNIT, max_price: CREDIT });
        }
        let mut spec = self.world.spec(lines, rng.log(5 * CREDIT, 400 * CREDIT));
        spec.gang = rng.one_in(3);
        (spec.proof_level, spec.trace_depth) = (0, 0);
        let account = address::client(&self.world.market, &client.pubkey());
        let id = self.world.client_jobs(&account);
        let market = market(&self.world);
        let open = jobs::open(self.world.market, &market, client.pubkey(), id, spec);
        self.send("open_job", &[open], &[&client]);
    }

    /// One step of a job's life, often the one that comes next.
    fn work(&mut self, rng: &mut Rng, by: &Keypair) {
        let jobs = self.jobs();
        if jobs.is_empty() {
            return self.open(rng);
        }
        let job = *rng.pick(&jobs);
        let state = self.world.job(&job);
        let client = self.clients[0].insecure_clone();
        let who = by.pubkey();
        let of_job: Vec<u8> = self.assignments().into_iter().filter(|(of, _)| *of == job).map(|(_, index)| index).collect();
        let lines: Vec<_> = state.job.lines.iter().take(state.job.line_count.into()).collect();
        let line = *rng.pick(&lines);
        self.world.pool = line.pool;
        let pool = self.world.state();
        if of_job.is_empty() || rng.one_in(4) {
            match rng.range(0, 9) {
                0 => {
                    let top_up = state.top_up(who, rng.log(1, CREDIT));
                    self.send("top_up", &[top_up], &[by]);
                }
                1..=3 => {
                    let units = rng.log(1, line.wanted - line.filled.min(line.wanted) + 1);
                    let fill = state.fill(&pool, client.pubkey(), vec![Leg::unlimited(line.resource, LegKind::BuyExactOut, units)]);
                    self.send("fill", &[fill], &[&client]);
                }
                4 => {
                    let deposit = state.deposit_vouchers(&pool, line.resource, rng.log(1, UNIT));
                    self.send("deposit_vouchers", &[deposit], &[&client]);
                }
                5..=7 => {
                    let owner = self.owners[rng.range(0, 1) as usize].pubkey();
                    let here = |line: &&&hmm_client::generated::types::Line| {
                        line.pool == self.world.pool && line.lot.bought + line.lot.wallet > UNIT / 8
                    };
                    if state.job.closed != 0 || !lines.iter().any(|line| here(&line)) {
                        return;
                    }
                    let whole = rng.one_in(2);
                    let part = |lot: u64, rng: &mut Rng| if whole { lot } else { rng.range(0, lot) };
                    let units = lines
                        .iter()
                        .map(|line| if line.pool == self.world.pool { part(line.lot.bought + line.lot.wallet, rng) } else { 0 });
                    let assign = state.assign(&pool, address::worker(&self.world.pool, &owner), client.pubkey(), units.collect());
                    self.send("assign", &[assign], &[&client]);
                }
                8 => {
                    let caller = if rng.one_in(8) { client } else { by.insecure_clone() };
                    self.send("close_job", &[state.close(caller.pubkey())], &[&caller]);
                }
                _ => {
                    let mut pools: Vec<Address> = state.job.lines.iter().filter(|line| line.claim != 0).map(|line| line.pool).collect();
                    pools.dedup();
                    let pools: Vec<_> = pools.iter().map(|pool| self.world.vm.pool(pool)).collect();
                    let claim = state.claim(&pools.iter().collect::<Vec<_>>());
                    self.send("claim_job", &[claim], &[]);
                }
            }
            return;
        }
        let index = *rng.pick(&of_job);
        let trial = self.world.trial(&job, index);
        let account = self.world.worker_at(&trial.assignment.worker);
        let worker = self.owners.iter().find(|owner| owner.pubkey() == account.owner).expect("an owner").insecure_clone();
        self.world.pool = account.pool;
        let pool = self.world.state();
        let phase = jobs::machine_part(&trial.assignment).phase;
        let next: &[u64] = match phase {
            Phase::Reserved => &[1, 1, 1, 1, 0, 19],
            Phase::Running => &[4, 4, 4, 4, 4, 19],
            _ if trial.assignment.seats > 0 => &[10, 10, 14],
            Phase::Submitted | Phase::Disputed | Phase::Appealed => &[8],
            Phase::Window => &[15, 15, 15, 19, 17],
            Phase::Ruled => &[16, 16, 19, 17],
            Phase::Done => &[18],
            _ => &[17],
        };
        let step = if rng.one_in(3) { rng.range(0, 19) } else { *rng.pick(next) };
        match step {
            0 => {
                let caller = if rng.one_in(2) { &worker } else { &client };
                let unassign = state.unassign(&trial.assignment, &account, caller.pubkey());
                self.send("unassign", &[unassign], &[caller]);
            }
            1..=3 => {
                let start = state.start(&pool, &trial.assignment, &account, worker.pubkey());
                self.send("start", &[start], &[&worker]);
            }
            4..=6 => {
                let enclave =
                    if worker.pubkey() == self.world.labourer().pubkey() { self.world.enclave() } else { keypair("second enclave") };
                let key_address = address::enclave_key(&trial.assignment.worker, &enclave.pubkey());
                if let Some(key) = self.world.enclave_key(&trial.assignment.worker, &enclave.pubkey()) {
                    let digest = trial.digest(&report(), key.measurement);
                    let signed = rounds::signed(&enclave.pubkey(), &enclave.sign_message(&digest).into(), &digest);
                    let submit = trial.submit(worker.pubkey(), key_address, &key, report());
                    self.send("submit_attestation", &[signed, submit], &[&worker]);
                }
            }
            7 => {
                let finder = credits_of(&self.world, &who);
                self.send("expire", &[state.expire(&trial.assignment, &account, finder)], &[]);
            }
            8..=9 => {
                if !matches!(phase, Phase::Reserved | Phase::Running) && !rng.one_in(4) {
                    self.world.pass_to_draw(&job, index);
                }
                self.send("draw", &[trial.draw(who)], &[by]);
            }
            10..=13 if trial.assignment.seats > 0 => {
                let seated = self.world.seated(&job, index);
                let score = *rng.pick(&[0u16, 3_000, 7_000, 9_500]);
                for (seat, key) in (0u8..).zip(&seated) {
                    let vote = vote(score);
                    if rng.one_in(9) {
                        continue;
                    }
                    let commitment = vote.commitment(&trial.domain(), &trial.round(), seat);
                    self.send("commit", &[rounds::commit(trial.round(), key.pubkey(), seat, commitment)], &[key]);
                    let reveal = rounds::reveal(self.world.market, trial.round(), key.pubkey(), seat, &vote);
                    self.send("reveal", &[reveal], &[key]);
                }
                for (seat, key) in (0u8..).zip(&seated).filter(|(seat, _)| seat % 8 != 7) {
                    let reveal = rounds::reveal(self.world.market, trial.round(), key.pubkey(), seat, &vote(score));
                    self.send("reveal", &[reveal], &[key]);
                }
            }
            14 => {
                self.send("tally", &[trial.tally()], &[]);
            }
            15 => {
                let by = keypair(CHALLENGERS[rng.range(0, 4) as usize]);
                self.send("challenge", &[trial.challenge(by.pubkey())], &[&by]);
            }
            16 => {
                let by = if rng.one_in(2) { keypair(CHALLENGERS[rng.range(0, 4) as usize]) } else { by.insecure_clone() };
                self.send("appeal", &[trial.appeal(by.pubkey())], &[&by]);
            }
            17 => {
                self.send("settle", &[trial.settle(&account)], &[]);
            }
            18 => {
                self.send("claim_assignment", &[trial.claim(&trial.payees())], &[]);
            }
            _ => {
                // straight to the end of its window
                let until = match phase {
                    Phase::Reserved => state.job.start_by,
                    Phase::Running => state.job.submit_by,
                    _ => trial.assignment.until,
                };
                let later = until.max(now(&self.world));
                if later - now(&self.world) < DAY {
                    at(&mut self.world, later);
                    self.world.hash_slots();
                }
                let finder = credits_of(&self.world, &who);
                self.send("expire", &[state.expire(&trial.assignment, &account, finder)], &[]);
            }
        }
    }

    fn verify(&mut self, rng: &mut Rng, by: &Keypair) {
        let (market, market_account) = (self.world.market, self.world.market_account());
        let key = verifier_key(rng.range(0, VERIFIERS as u64 - 1) as usize);
        let place = verifier::place(&self.world.verifier_set(), &key.pubkey());
        match rng.range(0, 6) {
            0 => {
                let stake = verifier::stake(market, &market_account, key.pubkey(), rng.log(1, 100 * CREDIT));
                self.send("stake", &[stake], &[&key]);
            }
            1 => {
                if let Some(place) = place {
                    let stake = self.world.verifier_set().verifiers[usize::from(place)].stake;
                    let amount = if rng.one_in(2) { stake } else { rng.log(1, 100 * CREDIT) };
                    self.send("unstake", &[verifier::unstake(market, key.pubkey(), place, amount)], &[&key]);
                }
            }
            2 | 3 => {
                if let Some(place) = place {
                    self.send("withdraw_stake", &[verifier::withdraw(market, &market_account, key.pubkey(), place)], &[]);
                }
            }
            4 => {
                self.send("burn_slashed", &[verifier::burn_slashed(market, &market_account)], &[]);
            }
            5 => {
                let fund = rounds::fund_bonus(market, &market_account, by.pubkey(), rng.log(1, CREDIT));
                self.send("fund_bonus", &[fund], &[by]);
            }
            _ => {
                for at in self.ours(&ROUND_DISCRIMINATOR) {
                    let round = rounds::decode_round(&self.world.vm.data(&at)).expect("a round");
                    self.send("close_round", &[rounds::close_round(at, &round)], &[]);
                }
            }
        }
    }

    /// The end of the series, if it has come.
    fn end(&mut self, rng: &mut Rng, by: &Keypair, owner: &Keypair) {
        self.world.pool = self.pools[0];
        let state = self.world.state();
        match rng.range(0, 3) {
            0 => {
                self.send("stop_series", &[series::stop(&state, 0)], &[]);
                if rng.one_in(2) {
                    let owners: Vec<Address> = self.owners.iter().map(Keypair::pubkey).collect();
                    for owner in owners {
                        self.send("sweep_series", &[series::sweep(&state, &owner, 0)], &[]);
                    }
                }
            }
            1 => {
                self.send("sweep_series", &[series::sweep(&state, &owner.pubkey(), 0)], &[]);
            }
            _ => {
                let by = if rng.one_in(2) { self.world.creator() } else { by.insecure_clone() };
                let units = self.world.vm.balance(&vouchers_of(&self.world, &by.pubkey(), 0));
                self.send("redeem", &[series::redeem(&state, by.pubkey(), 0, rng.log(1, units + 1), 0)], &[&by]);
            }
        }
    }
}

#[test]
fn everything_is_covered_after_every_instruction() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (lives, length) = (number("HMM_LIVES", 60), number("HMM_LENGTH", 250));
    let base = base();
    let (mut counts, mut refused, mut steps) = (Tally::new(), Tally::new(), 0);
    for seed in 0..lives {
        let mut rng = Rng::new("solvency", seed);
        let mut life = Life::new(&base);
        // in some lives the series is near its end
        if rng.one_in(3) {
            let later = life.world.series_end() - 900;
            at(&mut life.world, later);
        }
        life.check("the beginning");
        for _ in 0..length {
            life.act(&mut rng);
        }
        steps += life.steps;
        for (into, from) in [(&mut counts, life.counts), (&mut refused, life.refused)] {
            for (name, count) in from {
                *into.entry(name).or_default() += count;
            }
        }
    }
    println!("{lives} lives of {length} acts, {steps} transactions; went through: {counts:?}; refused: {refused:?}");
    let never: Vec<_> = refused.keys().filter(|name| !counts.contains_key(*name)).collect();
    assert!(never.is_empty(), "never went through: {never:?}");
}
