//! Verifiers of the world, and the enclave keys that they vouch for.

use hmm_client::{
    KeyLeaf, KeyTree, address,
    generated::accounts::{EnclaveKey, Market, Registry, RootProposal, VerifierSet},
    registry, terms, verifier, worker,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    vm::{Failure, Receipt},
    world::{CREDIT, World, keypair},
};

/// What the enclaves of the world run.
pub const MEASUREMENT: [u8; 32] = [0x4d; 32];

/// Verifier `i` of the world: the same key in every run.
pub fn verifier_key(i: usize) -> Keypair {
    keypair(&format!("verifier {i}"))
}

/// Votes that one transaction is sure to hold, besides the proposal.
const VOTES: usize = 4;

impl World {
    /// The account of the market.
    pub fn market_account(&self) -> Market {
        Market::from_bytes(&self.vm.data(&self.market)).expect("a market")
    }

    /// The verifiers, as they are stored.
    pub fn verifier_set(&self) -> VerifierSet {
        VerifierSet::from_bytes(&self.vm.data(&address::verifier_set(&self.market))).expect("a verifier set")
    }

    /// The registry, as it is stored.
    pub fn registry(&self) -> Registry {
        Registry::from_bytes(&self.vm.data(&address::registry(&self.market))).expect("a registry")
    }

    /// A proposal, as it is stored; `None` if there is none.
    pub fn root_proposal(&self, address: &Address) -> Option<RootProposal> {
        RootProposal::from_bytes(&self.vm.data(address)).ok()
    }

    /// An enclave key, as it is stored; `None` if there is none.
    pub fn enclave_key(&self, worker: &Address, key: &Address) -> Option<EnclaveKey> {
        EnclaveKey::from_bytes(&self.vm.data(&address::enclave_key(worker, key))).ok()
    }

    /// The set with the first `count` verifiers in it, each with the least stake, in effect; [`MEASUREMENT`] approved. Time passes: an
    /// activation of stakes.
    pub fn verifiers(&mut self, count: usize) {
        let authority = self.authority();
        let create = verifier::create_set(self.market, &self.market_account());
        let approve = registry::approve(self.market, authority.pubkey(), MEASUREMENT);
        self.vm.send(&[create, approve], &[&authority]).expect("the verifier set");
        let stake = terms::verification(CREDIT).min_stake;
        for i in 0..count {
            let verifier = verifier_key(i);
            self.vm.svm.airdrop(&verifier.pubkey(), 100 * CREDIT).expect("lamports");
            self.open_wallet(&verifier);
            self.stake(&verifier, stake).expect("the stake");
        }
        self.pass(terms::verification(CREDIT).activation.into());
    }

    /// Lets seconds pass, and the slots that go with them.
    pub fn pass(&mut self, seconds: i64) {
        let mut clock = self.vm.clock();
        clock.unix_timestamp += seconds;
        clock.slot += u64::try_from(seconds).expect("a time to come") * 5 / 2;
        self.vm.svm.set_sysvar(&clock);
    }

    /// Stakes from a verifier's wallet.
    pub fn stake(&mut self, verifier: &Keypair, amount: u64) -> Result<Receipt, Failure> {
        let stake = verifier::stake(self.market, &self.market_account(), verifier.pubkey(), amount);
        self.vm.send(&[stake], &[verifier])
    }

    /// The place of a verifier.
    pub fn place(&self, verifier: &Keypair) -> u8 {
        verifier::place(&self.verifier_set(), &verifier.pubkey()).expect("a verifier")
    }

    /// The tree of these leaves in the world's market.
    pub fn key_tree(&self, leaves: Vec<KeyLeaf>) -> KeyTree {
        KeyTree::new(self.market, self.market_account().genesis_hash, leaves).expect("a tree")
    }

    /// Has all verifiers with stake vote for the root of `tree`, and puts it in force. The first one pays.
    pub fn enact(&mut self, tree: &KeyTree) {
        let number = self.registry().number + 1;
        let proposal = tree.proposal(number);
        let staked: Vec<_> = self.verifier_set().verifiers.iter().filter(|v| v.stake != 0).map(|v| v.owner).collect();
        let keys: Vec<_> = (0..staked.len()).map(verifier_key).filter(|key| staked.contains(&key.pubkey())).collect();
        let (first, others) = keys.split_first().expect("a verifier");
        let propose = tree.propose(first.pubkey(), self.place(first), number);
        self.vm.send(&[propose], &[first]).expect("the proposal");
        for votes in others.chunks(VOTES) {
            let vote = |key: &Keypair| registry::vote(&self.market, proposal, key.pubkey(), self.place(key));
            let instructions: Vec<Instruction> = votes.iter().map(vote).collect();
            self.vm.send(&instructions, &votes.iter().collect::<Vec<_>>()).expect("the votes");
        }
        let enact = registry::enact(&self.market, proposal, first.pubkey());
        self.vm.send(&[enact], &[first]).expect("the root");
    }

    /// Registers a worker without bond, with an operator. The owner pays.
    pub fn register_worker(&mut self, owner: &Keypair, operator: &Address) -> Address {
        let register = worker::register(&self.state(), owner.pubkey(), [0; 64], *operator);
        self.vm.send(&[register], &[owner]).expect("a worker");
        address::worker(&self.pool, &owner.pubkey())
    }

    /// Has the verifiers vouch for one key of a worker, valid for `seconds`, and registers it as `signer`. Gives its leaf.
    pub fn give_key(&mut self, signer: &Keypair, worker: Address, key: &Keypair, capacity: [u64; 8], seconds: i64) -> KeyLeaf {
        let expiry = self.vm.clock().unix_timestamp + seconds;
        let leaf = KeyLeaf { worker, measurement: MEASUREMENT, key: key.pubkey(), capacity, expiry };
        let tree = self.key_tree(vec![leaf]);
        self.enact(&tree);
        let register = tree.register(signer.pubkey(), 0).expect("a leaf");
        self.vm.send(&[register], &[signer]).expect("the key");
        leaf
    }
}
