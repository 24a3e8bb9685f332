//! A market on the virtual machine, as a node that several agents use.
#![allow(dead_code)] // every test file uses a part of it
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use hmm_agents::chain::{Chain, Error, Node};
use hmm_agents::keystore::Cost;
use hmm_agents::run::{Case, Deed, ENCLAVE, Error as RunError, Ledger, Round, Verifier, Worker};
use hmm_agents::shelf::Shelf;
use hmm_agents::{Keystore, Passphrase};
use hmm_attest::trace::MAX_DEPTH;
use hmm_client::jobs::machine_part;
use hmm_client::{HMM_ID, address};
use hmm_job::{Phase, Verdict};
use hmm_vm::verify::verifier_key;
use hmm_vm::vm::Failure;
use hmm_vm::world::{CREDIT, UNIT, resource};
use hmm_vm::{World, WorldConfig};
use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Message, VersionedMessage};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

pub const VERIFIERS: usize = 20;
pub const DAY: i64 = 86_400;

/// The virtual machine as a node that several agents use. Transactions that no network would take are refused.
#[derive(Clone)]
pub struct Shared(pub Rc<RefCell<World>>);

impl Node for Shared {
    type Error = Failure;
    fn account(&self, address: &Address) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.0.borrow().vm.svm.get_account(address).map(|account| account.data))
    }
    fn accounts(&self, matches: &[(usize, &[u8])]) -> Result<Vec<(Address, Vec<u8>)>, Failure> {
        let fits = |data: &[u8]| matches.iter().all(|(at, bytes)| data.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
        let accounts = self.0.borrow().vm.svm.get_program_accounts(&HMM_ID);
        Ok(accounts.into_iter().filter(|(_, account)| fits(&account.data)).map(|(address, account)| (address, account.data)).collect())
    }
    fn send(&mut self, instructions: &[Instruction], signer: &Keypair) -> Result<(), Failure> {
        assert!(bytes(instructions, signer) <= 1_232, "a transaction of {} bytes", bytes(instructions, signer));
        self.0.borrow_mut().vm.send(instructions, &[signer]).map(drop)
    }
}

/// Length of a transaction with these instructions and a priority fee.
pub fn bytes(instructions: &[Instruction], signer: &Keypair) -> usize {
    let mut all =
        vec![ComputeBudgetInstruction::set_compute_unit_limit(1_400_000), ComputeBudgetInstruction::set_compute_unit_price(1 << 40)];
    all.extend_from_slice(instructions);
    let message = VersionedMessage::Legacy(Message::new(&all, Some(&signer.pubkey())));
    wincode::serialize(&VersionedTransaction { signatures: vec![Signature::default()], message }).unwrap().len()
}

/// A market with verifiers, a worker that has sold capacity, a client.
pub struct Stage {
    pub folder: PathBuf,
    pub node: Shared,
    pub worker: Address,
}

impl Stage {
    pub fn new(test: &str) -> Stage {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chain").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let resources = vec![resource("gpu", 10_000, 2_500), resource("vram", 80_000, 40)];
        let mut world = World::active(WorldConfig { resources, ..WorldConfig::default() });
        world.verifiers(VERIFIERS);
        let labourer = world.labourer();
        world.register(&labourer, 5_000 * CREDIT);
        let worker = address::worker(&world.pool, &labourer.pubkey());
        let stage = Stage { folder, node: Shared(Rc::new(RefCell::new(world))), worker };
        stage.give_key("1", 100 * DAY);
        let mut world = stage.node.0.borrow_mut();
        world.supply(&labourer, 0, 400 * UNIT).expect("a supply");
        let client = world.client();
        world.register_client(&client);
        drop(world);
        stage
    }
    pub fn world(&self) -> std::cell::RefMut<'_, World> {
        self.node.0.borrow_mut()
    }
    pub fn labourer(&self) -> Keypair {
        self.world().labourer()
    }
    pub fn creator(&self) -> Keypair {
        self.world().creator()
    }
    pub fn keys(&self, agent: &str) -> Keystore {
        let (path, passphrase) = (self.folder.join(agent), Passphrase::new(b"p"));
        if path.exists() {
            return Keystore::open(&path, &passphrase).unwrap();
        }
        Keystore::create(&path, &passphrase, Cost { memory: 8, passes: 1, lanes: 1 }).unwrap()
    }
    /// An enclave key of the worker's keystore, vouched for and registered.
    pub fn give_key(&self, number: &str, seconds: i64) -> Address {
        let key = self.keys("worker").keypair(&format!("{ENCLAVE}{number}")).unwrap();
        let mut world = self.world();
        let labourer = world.labourer();
        world.give_key(&labourer, self.worker, &key, [1 << 50; 8], seconds);
        key.pubkey()
    }
    pub fn chain(&self, signer: Keypair) -> Chain<Shared> {
        Chain { node: self.node.clone(), market: self.world().market, signer }
    }
    pub fn shelf(&self) -> Shelf {
        Shelf::Folder(self.folder.join("traces"))
    }
    /// A job of the client, assigned to the worker.
    pub fn job(&self, depth: u8) -> Address {
        let mut world = self.world();
        let (client, labourer) = (world.client(), world.labourer());
        let mut spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT)], 500 * CREDIT);
        (spec.proof_level, spec.trace_depth) = (1, depth);
        let job = world.open_job(&client, spec).expect("a job");
        world.fill(&client, &job, 0, 20 * UNIT).expect("a fill");
        world.assign(&client, &job, &labourer.pubkey(), vec![20 * UNIT]).expect("an assignment");
        job
    }
    pub fn work(&self, able: bool) -> Round<Error<Failure>> {
        let mut chain = self.chain(self.labourer());
        let agent = Worker { worker: self.worker.to_bytes(), shelf: self.shelf() };
        agent.round(&mut chain, &mut self.keys("worker"), |_| able).unwrap()
    }
    pub fn verifier(&self, number: usize) -> (Verifier, Chain<Shared>) {
        let key = verifier_key(number);
        (Verifier { verifier: key.pubkey().to_bytes(), shelf: self.shelf(), samples: 1 << MAX_DEPTH }, self.chain(key))
    }
    /// Every verifier, seated or not, until nobody has anything to do.
    pub fn committee(&self) {
        while (0..VERIFIERS).any(|number| {
            let (agent, mut chain) = self.verifier(number);
            let round = agent.round(&mut chain, &mut self.keys(&format!("verifier {number}"))).unwrap();
            round.iter().for_each(|(_, done)| assert!(done.is_ok(), "{done:?}"));
            !round.is_empty()
        }) {}
    }
    pub fn watch(&self, number: usize) -> Vec<Deed> {
        let (agent, mut chain) = self.verifier(number);
        agent.watch(&mut chain).unwrap().into_iter().map(|(_, done)| done.unwrap()).collect()
    }
    pub fn draw(&self, job: &Address) {
        let creator = self.creator();
        self.world().draw(&creator, job, 0).expect("a draw");
    }
    pub fn tally(&self, job: &Address) {
        let creator = self.creator();
        self.world().tally(&creator, job, 0).expect("the count");
    }
    pub fn settle(&self, job: &Address) {
        let creator = self.creator();
        self.world().settle(&creator, job, 0).expect("a settlement");
    }
    pub fn verdict(&self, job: &Address) -> (Phase, Option<Verdict>) {
        let part = machine_part(&self.world().assignment(job, 0));
        (part.phase, part.verdict)
    }
    pub fn case(&self, job: &Address) -> Case {
        let of_job = |case: &Case| case.job == job.to_bytes();
        self.verifier(0).1.cases().unwrap().into_iter().find(of_job).unwrap()
    }
}

/// What one round did; it did one thing.
pub fn deed(mut round: Round<Error<Failure>>) -> Result<Deed, RunError<Error<Failure>>> {
    assert_eq!(round.len(), 1);
    round.remove(0).1
}
