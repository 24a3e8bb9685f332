//! Verifiers and the registry of enclave keys.

use hmm_client::{KeyLeaf, KeyTree, address, generated::types::Verifier, registry, verifier};
use hmm_vm::{
    World,
    verify::{MEASUREMENT, verifier_key},
    world::{CREDIT, keypair},
};
use solana_address::Address;
use solana_signer::Signer;

use super::Shapes;

const STAKE: u64 = 1_000 * CREDIT;
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

impl Shapes {
    /// Stakes: of the first verifier, and of the last in a set with 119 others.
    pub(super) fn verifiers(&mut self) {
        let bare = World::forming(self.config(5));
        let create = verifier::create_set(bare.market, &bare.market_account());
        self.push("create_verifier_set", "default", &bare, create, bare.authority());

        let mut world = bare.clone();
        world.verifiers(1);
        world.pass(3_600);
        let (first, market, account) = (verifier_key(0), world.market, world.market_account());
        let trader = world.trader();
        let stake = |who: &Address| verifier::stake(market, &account, *who, STAKE);
        self.push("stake", "first-of-an-owner", &world, stake(&trader.pubkey()), trader.insecure_clone());
        self.push("stake", "more", &world, stake(&first.pubkey()), first.insecure_clone());
        let mut crowded = world.clone();
        edit_set(&mut crowded, |set| {
            for (i, place) in (1u8..).zip(&mut set[1..119]) {
                *place = Verifier { owner: Address::new_from_array([i; 32]), ..place.clone() };
            }
        });
        self.push("stake", "last-place-of-120", &crowded, stake(&trader.pubkey()), trader);
        let unstake = verifier::unstake(market, first.pubkey(), 0, STAKE);
        self.push("unstake", "default", &world, unstake.clone(), first.insecure_clone());

        world.vm.send(&[unstake], &[&first]).expect("asked back");
        world.pass(WEEK);
        let withdraw = verifier::withdraw(market, &account, first.pubkey(), 0);
        self.push("withdraw_stake", "default", &world, withdraw, first);
        let set = address::verifier_set(&market);
        let mut slashed = world.verifier_set();
        (slashed.verifiers[0].unbonding, slashed.burn_due) = (STAKE - 1, 1);
        write(&mut world, set, borsh::to_vec(&slashed).expect("bytes"));
        self.push("burn_slashed", "default", &world, verifier::burn_slashed(market, &account), world.creator());
    }

    /// Votes in a set of three, and in a full one; measurements.
    pub(super) fn roots(&mut self) {
        let mut world = World::forming(self.config(5));
        world.verifiers(3);
        let (market, [a, b]) = (world.market, [0, 1].map(verifier_key));
        let tree = world.key_tree(vec![leaf(&world, market, "enclave")]);
        let (proposal, propose) = (tree.proposal(1), tree.propose(a.pubkey(), 0, 1));
        self.push("propose_root", "default", &world, propose.clone(), a.insecure_clone());
        world.vm.send(&[propose], &[&a]).expect("a proposal");
        let vote = registry::vote(&market, proposal, b.pubkey(), 1);
        self.push("vote_root", "default", &world, vote.clone(), b.insecure_clone());
        world.vm.send(&[vote], &[&b]).expect("a vote");
        let enact = registry::enact(&market, proposal, a.pubkey());
        self.push("enact_root", "2-of-3", &world, enact.clone(), world.creator());
        let mut crowded = world.clone();
        edit_set(&mut crowded, |set| {
            set[0].stake += 1_000; // two thirds, the others included
            for (i, place) in (3u8..).zip(&mut set[3..]) {
                *place = Verifier { owner: Address::new_from_array([i; 32]), stake: 1, ..place.clone() };
                place.changes_at = 1;
            }
        });
        self.push("enact_root", "full-set", &crowded, enact, world.creator());
        world.pass(DAY);
        self.push("close_root", "default", &world, registry::close_root(&market, proposal, a.pubkey()), world.creator());

        let authority = world.authority();
        let approve = registry::approve(market, authority.pubkey(), [1; 32]);
        self.push("approve_measurement", "default", &world, approve, authority.insecure_clone());
        let revoke = registry::revoke(market, authority.pubkey(), &MEASUREMENT);
        self.push("revoke_measurement", "default", &world, revoke, authority);
    }

    /// Keys of trees from one leaf to the deepest.
    pub(super) fn keys(&mut self) {
        for depth in [0, 10, 20] {
            let mut world = World::forming(self.config(5));
            world.verifiers(1);
            let owner = world.trader();
            let worker = world.register_worker(&owner, &Address::default());
            let leaves = vec![leaf(&world, worker, "enclave")];
            let tree = KeyTree::with_depth(world.market, world.market_account().genesis_hash, leaves, depth).expect("a tree");
            world.enact(&tree);
            let register = tree.register(owner.pubkey(), 0).expect("a leaf");
            self.push("register_key", format!("depth-{depth}"), &world, register.clone(), owner.insecure_clone());
            if depth == 0 {
                world.vm.send(&[register], &[&owner]).expect("a key");
                world.pass(DAY);
                let close = registry::close_key(&worker, &tree.leaves()[0].key, owner.pubkey());
                self.push("close_key", "default", &world, close, world.creator());
            }
        }
    }
}

fn leaf(world: &World, worker: Address, key: &str) -> KeyLeaf {
    let expiry = world.vm.clock().unix_timestamp + DAY;
    KeyLeaf { worker, measurement: MEASUREMENT, key: keypair(key).pubkey(), capacity: [1; 8], expiry }
}

/// Forges the verifiers of the set.
fn edit_set(world: &mut World, edit: impl FnOnce(&mut [Verifier; 120])) {
    let mut set = world.verifier_set();
    edit(&mut set.verifiers);
    let address = address::verifier_set(&world.market);
    write(world, address, borsh::to_vec(&set).expect("bytes"));
}

/// Forges an account's bytes.
pub(super) fn write(world: &mut World, address: Address, data: Vec<u8>) {
    let mut account = world.vm.svm.get_account(&address).expect("an account");
    account.data = data;
    world.vm.svm.set_account(address, account).expect("an account");
}
