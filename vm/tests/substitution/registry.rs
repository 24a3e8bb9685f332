//! Verifiers, roots, measurements and keys for the common world, and a case for each of their instructions.

use hmm_client::{
    KeyLeaf, KeyTree, address,
    generated::accounts::{EnclaveKey, Market, Registry},
    registry, verifier,
};
use hmm_vm::{
    World,
    verify::MEASUREMENT,
    world::{CREDIT, keypair},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::common::*;

const STAKE: u64 = 1_000 * CREDIT;

/// What is proposed, and can be enacted; what was proposed, and is over.
const PROPOSED: [u8; 32] = [1; 32];
const FAILED: [u8; 32] = [2; 32];
/// Approved by a case.
const NEW_MEASUREMENT: [u8; 32] = [0x4e; 32];

/// A registered key that has expired, and one that can be registered: leaves 0 and 1 of the tree in force.
fn tree(world: &World) -> KeyTree {
    let worker = address::worker(&world.pool, &world.trader().pubkey());
    let expiry = world.vm.clock().unix_timestamp + 86_400;
    let leaf = |name| KeyLeaf { worker, measurement: MEASUREMENT, key: keypair(name).pubkey(), capacity: [1; 8], expiry };
    world.key_tree(vec![leaf("expired enclave"), leaf("enclave")])
}

fn proposal(world: &World, root: &[u8; 32]) -> Address {
    address::root_proposal(&address::registry(&world.market), 1, 3, root)
}

fn propose(world: &World, verifier: &Keypair, root: [u8; 32]) -> Instruction {
    use hmm_client::generated::instructions::{ProposeRoot, ProposeRootInstructionArgs};
    let registry = address::registry(&world.market);
    ProposeRoot {
        verifier: verifier.pubkey(),
        registry,
        verifier_set: address::verifier_set(&world.market),
        proposal: proposal(world, &root),
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: hmm_client::HMM_ID,
    }
    .instruction(ProposeRootInstructionArgs { root, depth: 3, index: 0 })
}

/// A market of the creator's, without verifiers.
fn bare_market(world: &World) -> Address {
    address::market(&world.creator().pubkey(), &world.credit_mint)
}

fn market_at(world: &World, address: &Address) -> Market {
    Market::from_bytes(&world.vm.data(address)).expect("a market")
}

/// Gives the world's market verifiers (creator and trader), proposals, and its pool a worker of the trader's with an expired key.
pub fn build(world: &mut World, authority: &Keypair) {
    let (creator, trader, market) = (world.creator(), world.trader(), world.market_account());
    let mut initialize = world.initialize_market_ix();
    (initialize.accounts[0].pubkey, initialize.accounts[1].pubkey) = (creator.pubkey(), bare_market(world));
    world.vm.send(&[initialize], &[&creator]).expect("a market without verifiers");
    let bare = bare_market(world);
    let account = Market { guardian: creator.pubkey(), ..market_at(world, &bare) };
    set_data(&mut world.vm, &bare, borsh::to_vec(&account).expect("bytes"));

    let create = verifier::create_set(world.market, &market);
    let approve = registry::approve(world.market, authority.pubkey(), MEASUREMENT);
    world.vm.send(&[create, approve], &[authority]).expect("the verifier set");
    for (who, stake) in [(&creator, 3 * STAKE), (&trader, STAKE)] {
        world.stake(who, stake).expect("a verifier");
    }
    let (set_address, mut set) = (address::verifier_set(&world.market), world.verifier_set());
    for verifier in &mut set.verifiers[..2] {
        (verifier.changes_at, verifier.counted, verifier.earned) = (1, verifier.stake, 5);
    }
    set.burn_due = 7;
    set_data(&mut world.vm, &set_address, borsh::to_vec(&set).expect("bytes"));
    set_balance(&mut world.vm, &set.vault, 4 * STAKE + 17);

    for root in [PROPOSED, FAILED] {
        let propose = propose(world, &creator, root);
        world.vm.send(&[propose], &[&creator]).expect("a proposal");
    }
    let failed = proposal(world, &FAILED);
    let mut over = world.root_proposal(&failed).expect("a proposal");
    over.until = 1;
    set_data(&mut world.vm, &failed, borsh::to_vec(&over).expect("bytes"));
    give_worker(world);
}

/// A worker of the trader's in the world's pool, a tree with its keys in force, one of them registered and expired.
fn give_worker(world: &mut World) {
    let trader = world.trader();
    let worker = world.register_worker(&trader, &Address::default());
    let tree = tree(world);
    let (address, before) = (address::registry(&world.market), world.registry());
    let registry = Registry { root: tree.root(), depth: tree.depth(), ..before.clone() };
    set_data(&mut world.vm, &address, borsh::to_vec(&registry).expect("bytes"));
    let register = tree.register(trader.pubkey(), 0).expect("a leaf");
    world.vm.send(&[register], &[&trader]).expect("a key");
    let key = address::enclave_key(&worker, &tree.leaves()[0].key);
    let expired = EnclaveKey { expiry: 1, ..EnclaveKey::from_bytes(&world.vm.data(&key)).expect("a key") };
    set_data(&mut world.vm, &key, borsh::to_vec(&expired).expect("bytes"));
}

/// The accounts, by name.
pub fn accounts(world: &World) -> Vec<(&'static str, Address)> {
    let (market, worker) = (world.market, address::worker(&world.pool, &world.trader().pubkey()));
    let set = address::verifier_set(&market);
    let key = |name| address::enclave_key(&worker, &keypair(name).pubkey());
    let bare = bare_market(world);
    vec![
        ("verifier set", set),
        ("stake vault", address::stake_vault(&set)),
        ("registry", address::registry(&market)),
        ("proposal", proposal(world, &PROPOSED)),
        ("failed proposal", proposal(world, &FAILED)),
        ("measurement", address::measurement(&market, &MEASUREMENT)),
        ("trader's worker", worker),
        ("expired key", key("expired enclave")),
        ("key to be", key("enclave")),
        ("bare market", bare),
        ("bare market's set to be", address::verifier_set(&bare)),
    ]
}

/// One case for each instruction of `instructions/verifier`.
pub fn cases(world: &World) -> Vec<(&'static str, Instruction)> {
    let (creator, trader, authority) = (world.creator(), world.trader(), world.authority());
    let (address, market, bare) = (world.market, world.market_account(), bare_market(world));
    let bare_account = market_at(world, &bare);
    let tree = tree(world);
    let worker = address::worker(&world.pool, &trader.pubkey());
    let proposed = proposal(world, &PROPOSED);
    vec![
        ("create_verifier_set", verifier::create_set(bare, &bare_account)),
        ("stake", verifier::stake(address, &market, authority.pubkey(), STAKE)),
        ("unstake", verifier::unstake(address, trader.pubkey(), 1, STAKE)),
        ("withdraw_stake", verifier::withdraw(address, &market, creator.pubkey(), 0)),
        ("burn_slashed", verifier::burn_slashed(address, &market)),
        ("propose_root", propose(world, &creator, [3; 32])),
        ("vote_root", registry::vote(&address, proposed, trader.pubkey(), 1)),
        ("enact_root", registry::enact(&address, proposed, creator.pubkey())),
        ("close_root", registry::close_root(&address, proposal(world, &FAILED), creator.pubkey())),
        ("approve_measurement", registry::approve(address, authority.pubkey(), NEW_MEASUREMENT)),
        ("revoke_measurement", registry::revoke(address, authority.pubkey(), &MEASUREMENT)),
        ("register_key", tree.register(trader.pubkey(), 1).expect("a leaf")),
        ("close_key", registry::close_key(&worker, &tree.leaves()[0].key, trader.pubkey())),
    ]
}

/// What may stand in another account's place.
pub const HARMLESS: &[(&str, &str, &str, &str)] = &[
    ("unstake", "market+verifier_set", "rival", "the signer is a verifier of the other market, too"),
    ("close_root", "registry+proposal", "rival", "another proposal that is over, of the same payer"),
    ("close_key", "enclave_key", "rival expired key", "another key that has expired, of the same payer"),
    ("stake", "credit_mint", "own bytes", "the owner of a mint never changes"),
    ("withdraw_stake", "credit_mint", "own bytes", "the owner of a mint never changes"),
];
