//! Workers: what they bring, sell, take back, and how they are liquidated.

use hmm_client::{address, worker};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::Shapes;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Seconds for which the worker's key is valid.
const VALID: i64 = 10 * DAY;

/// A pool with history and a worker that owes vouchers of its first resources.
struct Crew {
    world: World,
    owner: Keypair,
}

impl Crew {
    fn new(shapes: &Shapes, resources: u8) -> Self {
        let mut world = World::active(shapes.config(resources.max(5).into()));
        world.verifiers(3);
        world.pass(HOUR);
        let owner = world.labourer();
        world.register(&owner, 5_000 * CREDIT);
        let (account, enclave) = (address::worker(&world.pool, &owner.pubkey()), world.enclave());
        world.give_key(&owner, account, &enclave, [1 << 50; 8], VALID);
        for resource in 0..resources {
            world.supply(&owner, resource, 40 * UNIT).expect("a supply");
        }
        world.pass(60);
        Self { world, owner }
    }
}

impl Shapes {
    fn of_worker(&mut self, instruction: &'static str, name: impl Into<String>, crew: &Crew, call: Instruction) {
        self.push(instruction, name, &crew.world, call, crew.owner.insecure_clone());
    }

    /// A worker's whole life, owing vouchers of one resource and of eight: all that it owes is valued.
    pub(super) fn workers(&mut self) {
        self.bonds();
        for resources in [1, 8] {
            let name = format!("owes-{resources}-resource");
            let crew = Crew::new(self, resources);
            let (state, who) = (crew.world.state(), crew.owner.pubkey());
            self.of_worker("supply", name.clone(), &crew, worker::supply(&state, who, 0, 2 * UNIT, 0));
            self.of_worker("mint_vouchers", name.clone(), &crew, worker::mint_vouchers(&state, who, 0, 2 * UNIT, &who));
            self.of_worker("unbond", name.clone(), &crew, worker::unbond(&state, who, CREDIT));
            self.of_worker("notify_worker", name.clone(), &crew, worker::notify(&state, &who));
            self.retiring(&name, crew);
            self.liquidation(name, resources);
        }
    }

    fn bonds(&mut self) {
        let mut crew = Crew::new(self, 0);
        let (state, who) = (crew.world.state(), crew.owner.pubkey());
        let another = crew.world.trader();
        let register = worker::register(&state, another.pubkey(), [0; 64], Address::default());
        self.push("register_worker", "default", &crew.world, register, another);
        self.of_worker("set_operator", "default", &crew, worker::set_operator(&state, who, state.pool.creator));
        self.of_worker("deposit_bond", "default", &crew, worker::deposit_bond(&state, &who, who, CREDIT));
        crew.world.vm.send(&[worker::unbond(&state, who, CREDIT)], &[&crew.owner]).expect("a bond on its way");
        crew.world.pass(7 * DAY);
        self.of_worker("withdraw_bond", "default", &crew, worker::withdraw_bond(&state, &who));
    }

    /// Gives back vouchers; takes out what they were held for.
    fn retiring(&mut self, name: &str, mut crew: Crew) {
        crew.world.mint_vouchers(&crew.owner, 0, 2 * UNIT).expect("vouchers");
        let (state, who) = (crew.world.state(), crew.owner.pubkey());
        self.of_worker("retire", name, &crew, worker::retire(&state, who, 0, UNIT));
        crew.world.retire(&crew.owner, 0, UNIT).expect("an end");
        self.of_worker("claim_worker", name, &crew, worker::claim(&state, &who));
    }

    /// Of a worker that has had no key for a day.
    fn liquidation(&mut self, name: String, resources: u8) {
        let mut crew = Crew::new(self, resources);
        crew.world.pass(VALID + DAY);
        let (creator, who) = (crew.world.creator(), crew.owner.pubkey());
        crew.world.notify(&creator, &who).expect("a notice");
        crew.world.pass(HOUR);
        let liquidate = worker::liquidate(&crew.world.state(), &who, creator.pubkey(), 0, UNIT);
        self.push("liquidate", name, &crew.world, liquidate, creator);
    }
}
