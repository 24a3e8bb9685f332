//! Jobs in the world's market: their life, step by step.

use hmm_client::{Leg, LegKind, PoolState};
use hmm_client::{
    LineSpec, address,
    generated::{
        accounts::{Assignment, Job, Worker},
        instructions::OpenJobInstructionArgs,
    },
    jobs::{self, JobState},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    vm::{Failure, Receipt},
    world::{CREDIT, World, keypair},
};

impl World {
    /// Somebody with credits who wants work done.
    pub fn client(&self) -> Keypair {
        keypair("client")
    }

    /// Gives somebody lamports, credits and accounts of every voucher, and registers it as a client.
    pub fn register_client(&mut self, owner: &Keypair) {
        self.vm.svm.airdrop(&owner.pubkey(), 1_000 * CREDIT).expect("lamports");
        self.open_wallet(owner);
        self.open_vouchers(owner);
        let register = jobs::register(self.market, owner.pubkey());
        self.vm.send(&[register], &[owner]).expect("a client");
    }

    /// A line for a resource of the world's pool.
    pub fn line(&self, resource: u8, wanted: u64, max_price: u64) -> LineSpec {
        LineSpec { pool: self.pool, resource, wanted, max_price }
    }

    /// A job with these lines: an hour to assign, ten minutes more to start, an hour more to submit.
    pub fn spec(&self, lines: Vec<LineSpec>, budget: u64) -> OpenJobInstructionArgs {
        let now = self.vm.clock().unix_timestamp;
        OpenJobInstructionArgs {
            lines,
            max_latency_ms: 100,
            privacy_tier: 0,
            regions: vec![],
            min_quality: 400_000,
            model_root: [1; 32],
            input_root: [2; 32],
            proof_level: 1,
            trace_depth: 10,
            gang: false,
            router: Address::default(),
            assign_by: now + 3_600,
            start_by: now + 4_200,
            submit_by: now + 7_800,
            budget,
        }
    }

    /// Opens the next job of a client; gives its address.
    pub fn open_job(&mut self, owner: &Keypair, spec: OpenJobInstructionArgs) -> Result<Address, Failure> {
        let client = address::client(&self.market, &owner.pubkey());
        let id = self.client_jobs(&client);
        let open = jobs::open(self.market, &self.state().market, owner.pubkey(), id, spec);
        self.vm.send(&[open], &[owner])?;
        Ok(address::job(&client, id))
    }

    /// How many jobs a client's account has counted.
    pub fn client_jobs(&self, client: &Address) -> u64 {
        hmm_client::generated::accounts::Client::from_bytes(&self.vm.data(client)).expect("a client").jobs
    }

    /// A job with its market.
    pub fn job(&self, job: &Address) -> JobState {
        let data = self.vm.data(job);
        let market = Job::from_bytes(&data).expect("a job").market;
        JobState::decode(*job, &data, &self.vm.data(&market)).expect("a job")
    }

    /// One of its assignments.
    pub fn assignment(&self, job: &Address, index: u8) -> Assignment {
        jobs::decode_assignment(&self.vm.data(&address::assignment(job, index))).expect("an assignment")
    }

    /// Its assignments whose accounts exist.
    pub fn assignments(&self, job: &Address) -> Vec<Assignment> {
        let data = (0..8).map(|index| self.vm.data(&address::assignment(job, index)));
        data.filter_map(|data| jobs::decode_assignment(&data).ok()).collect()
    }

    /// A worker by its own address.
    pub fn worker_at(&self, worker: &Address) -> Worker {
        Worker::from_bytes(&self.vm.data(worker)).expect("a worker")
    }

    /// Buys exactly `units` for a job.
    pub fn fill(&mut self, by: &Keypair, job: &Address, resource: u8, units: u64) -> Result<Receipt, Failure> {
        let legs = vec![Leg::unlimited(resource, LegKind::BuyExactOut, units)];
        let fill = self.job(job).fill(&self.state(), by.pubkey(), legs);
        self.vm.send(&[fill], &[by])
    }

    /// Brings vouchers of the client's wallet.
    pub fn deposit_vouchers(&mut self, by: &Keypair, job: &Address, resource: u8, units: u64) -> Result<Receipt, Failure> {
        let deposit = self.job(job).deposit_vouchers(&self.state(), resource, units);
        self.vm.send(&[deposit], &[by])
    }

    /// Names the worker of `owner` in the world's pool.
    pub fn assign(&mut self, by: &Keypair, job: &Address, owner: &Address, units: Vec<u64>) -> Result<Receipt, Failure> {
        let assign = self.job(job).assign(&self.state(), address::worker(&self.pool, owner), by.pubkey(), units);
        self.vm.send(&[assign], &[by])
    }

    /// Declines or releases.
    pub fn unassign(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let assignment = self.assignment(job, index);
        let unassign = self.job(job).unassign(&assignment, &self.worker_at(&assignment.worker), by.pubkey());
        self.vm.send(&[unassign], &[by])
    }

    /// Starts.
    pub fn start(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let assignment = self.assignment(job, index);
        let worker = self.worker_at(&assignment.worker);
        let start = self.job(job).start(&self.vm.pool(&worker.pool), &assignment, &worker, by.pubkey());
        self.vm.send(&[start], &[by])
    }

    /// Ends an assignment that missed its time.
    pub fn expire(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let assignment = self.assignment(job, index);
        let finder = address::token_account(&by.pubkey(), &self.credit_mint, &self.credit_program());
        let expire = self.job(job).expire(&assignment, &self.worker_at(&assignment.worker), finder);
        self.vm.send(&[expire], &[by])
    }

    /// Ends a job.
    pub fn close_job(&mut self, by: &Keypair, job: &Address) -> Result<Receipt, Failure> {
        let close = self.job(job).close(by.pubkey());
        self.vm.send(&[close], &[by])
    }

    /// Pays a closed job out.
    pub fn claim_job(&mut self, by: &Keypair, job: &Address) -> Result<Receipt, Failure> {
        let state = self.job(job);
        let mut pools: Vec<Address> = state.job.lines.iter().filter(|line| line.claim != 0).map(|line| line.pool).collect();
        pools.dedup();
        let pools: Vec<PoolState> = pools.iter().map(|pool| self.vm.pool(pool)).collect();
        let claim = state.claim(&pools.iter().collect::<Vec<_>>());
        self.vm.send(&[claim], &[by])
    }
}
