//! A stage for everything after a start: verifiers with stakes, a worker with an enclave key that runs one assignment, people with
//! credits who may dispute; and the books of escrows and stakes.

use hmm_client::{
    generated::accounts::{ASSIGNMENT_DISCRIMINATOR, Assignment, JOB_DISCRIMINATOR, Job},
    jobs::machine_part,
    rounds::{Report, Trial},
};
use hmm_job::Phase;
use hmm_vm::{
    World, WorldConfig,
    rounds::{Case, report},
    world::{CREDIT, keypair, resource},
};
use solana_account::ReadableAccount;
use solana_address::Address;
use solana_signer::Signer;

use super::*;

#[derive(Clone)]
pub struct Court {
    pub world: World,
    pub job: Address,
}

impl Court {
    pub fn new() -> Self {
        Self::of(Case::default(), true)
    }

    /// A running assignment; of a worker that is new to the market or not.
    pub fn of(case: Case, newcomer: bool) -> Self {
        let config =
            WorldConfig { resources: vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)], ..WorldConfig::default() };
        let mut world = World::active(config);
        world.convene(case.verifiers);
        for name in CHALLENGERS {
            world.vm.svm.airdrop(&keypair(name).pubkey(), 1_000 * CREDIT).expect("lamports");
            world.open_wallet(&keypair(name));
        }
        if !newcomer {
            let labourer = world.labourer().pubkey();
            edit_worker(&mut world, &labourer, |w| w.jobs = 5);
        }
        let job = world.run_case(&case);
        Self { world, job }
    }

    pub fn trial(&self) -> Trial {
        self.world.trial(&self.job, 0)
    }

    pub fn assignment(&self) -> Assignment {
        self.trial().assignment
    }

    pub fn phase(&self) -> Phase {
        machine_part(&self.assignment()).phase
    }

    pub fn worker(&self) -> hmm_client::generated::accounts::Worker {
        self.world.worker(&self.world.labourer().pubkey())
    }

    /// Attests with this report.
    pub fn submit(&mut self, report: Report) {
        let labourer = self.world.labourer();
        self.world.attest(&labourer, &self.job.clone(), 0, report).expect("an attestation");
    }

    /// Attested, and the first committee drawn.
    pub fn drawn() -> Self {
        let mut court = Self::new();
        court.submit(report());
        court.draw();
        court
    }

    pub fn draw(&mut self) {
        let creator = self.world.creator();
        self.world.draw(&creator, &self.job.clone(), 0).expect("a draw");
    }

    /// Every seat says `score`; counted.
    pub fn rule(&mut self, score: u16) {
        let (creator, job) = (self.world.creator(), self.job);
        let seats = usize::from(self.assignment().seats);
        self.world.judge(&job, 0, &vec![score; seats]);
        self.world.tally(&creator, &job, 0).expect("the count");
    }

    /// To the end of the assignment's window.
    pub fn pass_window(&mut self) {
        let until = self.assignment().until;
        at(&mut self.world, until);
    }

    pub fn settle(&mut self) {
        let creator = self.world.creator();
        self.world.settle(&creator, &self.job.clone(), 0).expect("the settlement");
        self.check();
    }

    pub fn challenge(&mut self, name: &str) {
        self.world.challenge(&keypair(name), &self.job.clone(), 0).expect("a challenge");
        self.check();
    }

    pub fn credits(&self, who: &Address) -> u64 {
        self.world.vm.balance(&credits_of(&self.world, who))
    }

    /// Everything that must balance, to the unit.
    pub fn check(&self) {
        check_books(&self.world, 0);
        check_escrows(&self.world);
    }

    /// Forges the job.
    pub fn edit_job(&mut self, edit: impl FnOnce(&mut Job)) {
        let mut job = self.world.job(&self.job).job;
        edit(&mut job);
        set_data(&mut self.world.vm, &self.job.clone(), borsh::to_vec(&job).expect("bytes"));
    }

    /// Forges the assignment.
    pub fn edit_assignment(&mut self, edit: impl FnOnce(&mut Assignment)) {
        let Trial { address, mut assignment, .. } = self.trial();
        edit(&mut assignment);
        set_data(&mut self.world.vm, &address, borsh::to_vec(&assignment).expect("bytes"));
    }
}

/// People with credits and no part in the job.
pub const CHALLENGERS: [&str; 5] = ["anna", "bruno", "carla", "dario", "elena"];

fn ours<T>(world: &World, head: &[u8], read: impl Fn(&[u8]) -> T) -> Vec<(Address, T)> {
    let accounts = world.vm.svm.accounts_db().inner.iter();
    let ours = accounts.filter(|(_, account)| *account.owner() == hmm_client::HMM_ID && account.data().starts_with(head));
    ours.map(|(address, account)| (*address, read(account.data()))).collect()
}

/// Each escrow covers its job, each job its assignments; the verifiers' vault covers the set. To the unit.
pub fn check_escrows(world: &World) {
    let assignments = ours(world, &ASSIGNMENT_DISCRIMINATOR, |data| Assignment::from_bytes(data).expect("an assignment"));
    for (address, job) in ours(world, &JOB_DISCRIMINATOR, |data| Job::from_bytes(data).expect("a job")) {
        let of_job: Vec<_> = assignments.iter().map(|(_, a)| a).filter(|a| a.job == address).collect();
        let set_aside: u64 = of_job
            .iter()
            .map(|a| {
                let bonds = a.challenge_bond * (u64::from(a.challenger_count) + u64::from(a.appealed));
                a.fee + a.fees + bonds + a.challenger_claim + a.appellant_claim + a.finder_claim
            })
            .sum();
        assert_eq!(job.set_aside, set_aside, "set aside in {address}");
        assert_eq!(world.vm.balance(&job.escrow), job.credits + job.set_aside + job.client_claim, "the escrow of {address}");
        assert_eq!(usize::from(job.open_assignments), of_job.len());
    }
    let set = world.verifier_set();
    let staked: u64 = set.verifiers.iter().map(|v| v.stake + v.unbonding + v.earned).sum();
    assert_eq!(world.vm.balance(&set.vault), staked + set.burn_due, "the verifiers' vault");
}
