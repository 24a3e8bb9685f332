//! Verification and settlement in the world's market: what enclaves sign, what committees say, who disputes it.

use hmm_client::{
    address,
    generated::accounts::{Assignment, Round},
    jobs,
    rounds::{self, Report, Trial, Vote},
};
use solana_address::Address;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_slot_hashes::SlotHashes;

use crate::{
    verify::verifier_key,
    vm::{Failure, Receipt, Vm},
    world::{CREDIT, UNIT, World, keypair},
};

/// The salt of every vote in the world.
pub const SALT: [u8; 32] = [0x5a; 32];

/// A vote with this score.
pub fn vote(score: u16) -> Vote {
    Vote { score, delta_i: i64::from(score) * 3, delta_u: -i64::from(score), salt: SALT }
}

/// A report of a worker that has done nothing noteworthy.
pub fn report() -> Report {
    Report { report_digest: [3; 32], output_root: [4; 32], trace_root: [5; 32], usage: [7, 0, 0, 0, 0, 0, 0, 0] }
}

/// The hash that a slot has in every world.
pub fn hash_of(slot: u64) -> [u8; 32] {
    hmm_attest::hash(&[b"slot", &slot.to_le_bytes()])
}

/// What a job of the court is like.
#[derive(Clone, Copy)]
pub struct Case {
    pub verifiers: usize,
    pub proof_level: u8,
    pub trace_depth: u8,
    pub router: Address,
}

impl Default for Case {
    fn default() -> Self {
        Self { verifiers: 24, proof_level: 0, trace_depth: 0, router: Address::default() }
    }
}

/// Units of the one line of a case's job.
pub const UNITS: u64 = 20 * UNIT;
const AMPLE: u64 = 1 << 50;
const DAY: i64 = 86_400;

impl Vm {
    /// Gives the 512 slots before the present one their hashes, none of them skipped.
    pub fn hash_slots(&mut self) {
        self.hash_slots_but(&[]);
    }

    fn hash_slots_but(&mut self, skipped: &[u64]) {
        let slot = self.clock().slot;
        let past = (slot - 512..slot).rev().filter(|slot| !skipped.contains(slot));
        let hashes: Vec<_> = past.map(|slot| (slot, Hash::new_from_array(hash_of(slot)))).collect();
        self.svm.set_sysvar(&SlotHashes::new(&hashes));
    }
}

impl World {
    /// Verifiers with stakes, the world's worker with an enclave key and capacity sold, its client, a fund for bonuses.
    pub fn convene(&mut self, verifiers: usize) {
        self.verifiers(verifiers);
        let (client, labourer, enclave, creator) = (self.client(), self.labourer(), self.enclave(), self.creator());
        self.register(&labourer, 5_000 * CREDIT);
        let worker = address::worker(&self.pool, &labourer.pubkey());
        self.give_key(&labourer, worker, &enclave, [AMPLE; 8], 100 * DAY);
        self.supply(&labourer, 0, 400 * UNIT).expect("a supply");
        self.register_client(&client);
        self.fund_bonus(&creator, 1_000 * CREDIT).expect("a fund");
    }

    /// One more job of the client's, with an assignment that runs.
    pub fn run_case(&mut self, case: &Case) -> Address {
        let (client, labourer) = (self.client(), self.labourer());
        let mut spec = self.spec(vec![self.line(0, 50 * UNIT, 3 * CREDIT)], 500 * CREDIT);
        (spec.proof_level, spec.trace_depth, spec.router) = (case.proof_level, case.trace_depth, case.router);
        let job = self.open_job(&client, spec).expect("a job");
        self.fill(&client, &job, 0, UNITS).expect("a fill");
        self.assign(&client, &job, &labourer.pubkey(), vec![UNITS]).expect("an assignment");
        self.start(&labourer, &job, 0).expect("a start");
        job
    }

    /// The enclave of the world's worker.
    pub fn enclave(&self) -> Keypair {
        keypair("enclave")
    }

    /// Gives the 512 slots before the present one their hashes, none of them skipped.
    pub fn hash_slots(&mut self) {
        self.vm.hash_slots();
    }

    /// The same, but `skipped` have none.
    pub fn hash_slots_but(&mut self, skipped: &[u64]) {
        self.vm.hash_slots_but(skipped);
    }

    /// An assignment with its job and market.
    pub fn trial(&self, job: &Address, index: u8) -> Trial {
        let address = address::assignment(job, index);
        Trial::decode(address, &self.vm.data(&address), self.job(job)).expect("an assignment")
    }

    /// A round by its number.
    pub fn round(&self, job: &Address, index: u8, number: u8) -> Round {
        rounds::decode_round(&self.vm.data(&address::round(&address::assignment(job, index), number))).expect("a round")
    }

    /// Whether an assignment's account is still there.
    pub fn has_assignment(&self, job: &Address, index: u8) -> Option<Assignment> {
        jobs::decode_assignment(&self.vm.data(&address::assignment(job, index))).ok()
    }

    /// What attests an assignment: the enclave's signature, then the submission by `signer`.
    pub fn attest_ixs(&self, signer: &Address, job: &Address, index: u8, report: Report) -> [Instruction; 2] {
        let (trial, enclave) = (self.trial(job, index), self.enclave());
        let key_address = address::enclave_key(&trial.assignment.worker, &enclave.pubkey());
        let key = self.enclave_key(&trial.assignment.worker, &enclave.pubkey()).expect("an enclave key");
        let digest = trial.digest(&report, key.measurement);
        let signature = enclave.sign_message(&digest).into();
        [rounds::signed(&enclave.pubkey(), &signature, &digest), trial.submit(*signer, key_address, &key, report)]
    }

    /// Attests.
    pub fn attest(&mut self, signer: &Keypair, job: &Address, index: u8, report: Report) -> Result<Receipt, Failure> {
        let instructions = self.attest_ixs(&signer.pubkey(), job, index, report);
        self.vm.send(&instructions, &[signer])
    }

    /// Lets the time pass until a committee may be drawn, by the clock and by the slot.
    pub fn pass_to_draw(&mut self, job: &Address, index: u8) {
        let assignment = self.assignment(job, index);
        let mut clock = self.vm.clock();
        clock.slot = clock.slot.max(assignment.draw_slot + 1);
        clock.unix_timestamp = clock.unix_timestamp.max(assignment.until);
        self.vm.svm.set_sysvar(&clock);
        self.hash_slots();
    }

    /// Draws, as soon as it may be.
    pub fn draw(&mut self, payer: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        self.pass_to_draw(job, index);
        let draw = self.trial(job, index).draw(payer.pubkey());
        self.vm.send(&[draw], &[payer])
    }

    /// The keys of those who sit in the round that runs, in the order of their seats.
    pub fn seated(&self, job: &Address, index: u8) -> Vec<Keypair> {
        let round = rounds::decode_round(&self.vm.data(&self.trial(job, index).round())).expect("a round");
        let keys: Vec<Keypair> = (0..120).map(verifier_key).collect();
        let seats = round.seats.iter().take(round.seat_count.into());
        seats.map(|seat| keys.iter().find(|key| key.pubkey() == seat.verifier).expect("a verifier of the world").insecure_clone()).collect()
    }

    /// Commits one seat of the round that runs.
    pub fn commit(&mut self, job: &Address, index: u8, seat: u8, vote: &Vote) -> Result<Receipt, Failure> {
        let (trial, verifier) = (self.trial(job, index), &self.seated(job, index)[usize::from(seat)]);
        let commitment = vote.commitment(&trial.domain(), &trial.round(), seat);
        let commit = rounds::commit(trial.round(), verifier.pubkey(), seat, commitment);
        self.vm.send(&[commit], &[verifier])
    }

    /// Reveals one seat of the round that runs.
    pub fn reveal(&mut self, job: &Address, index: u8, seat: u8, vote: &Vote) -> Result<Receipt, Failure> {
        let (trial, verifier) = (self.trial(job, index), &self.seated(job, index)[usize::from(seat)]);
        let reveal = rounds::reveal(self.market, trial.round(), verifier.pubkey(), seat, vote);
        self.vm.send(&[reveal], &[verifier])
    }

    /// Every seat commits and reveals: `scores` in the order of the seats.
    pub fn judge(&mut self, job: &Address, index: u8, scores: &[u16]) {
        for (seat, score) in (0u8..).zip(scores) {
            self.commit(job, index, seat, &vote(*score)).expect("a commitment");
        }
        for (seat, score) in (0u8..).zip(scores) {
            self.reveal(job, index, seat, &vote(*score)).expect("a vote");
        }
    }

    /// Counts the votes.
    pub fn tally(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let tally = self.trial(job, index).tally();
        self.vm.send(&[tally], &[by])
    }

    /// Disputes, or joins.
    pub fn challenge(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let challenge = self.trial(job, index).challenge(by.pubkey());
        self.vm.send(&[challenge], &[by])
    }

    /// Appeals.
    pub fn appeal(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let appeal = self.trial(job, index).appeal(by.pubkey());
        self.vm.send(&[appeal], &[by])
    }

    /// Settles.
    pub fn settle(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let trial = self.trial(job, index);
        let settle = trial.settle(&self.worker_at(&trial.assignment.worker));
        self.vm.send(&[settle], &[by])
    }

    /// Pays everybody to whom the assignment owes something, and closes it.
    pub fn claim_assignment(&mut self, by: &Keypair, job: &Address, index: u8) -> Result<Receipt, Failure> {
        let trial = self.trial(job, index);
        let claim = trial.claim(&trial.payees());
        self.vm.send(&[claim], &[by])
    }

    /// Closes a round.
    pub fn close_round(&mut self, by: &Keypair, job: &Address, index: u8, number: u8) -> Result<Receipt, Failure> {
        let close = rounds::close_round(address::round(&address::assignment(job, index), number), &self.round(job, index, number));
        self.vm.send(&[close], &[by])
    }

    /// Gives credits for bonuses.
    pub fn fund_bonus(&mut self, by: &Keypair, amount: u64) -> Result<Receipt, Failure> {
        let fund = rounds::fund_bonus(self.market, &self.market_account(), by.pubkey(), amount);
        self.vm.send(&[fund], &[by])
    }
}
