//! The codes of verifiers, of the registry and of keys. (`registry.rs` has the bounds to the second and to the credit.)

use hmm_client::{HmmError, KeyLeaf, KeyTree, address, generated::types::Verifier, registry, verifier};
use hmm_vm::{
    World,
    verify::{MEASUREMENT, verifier_key},
    world::{CREDIT, keypair},
};
use solana_address::Address;
use solana_signer::Signer;

use super::{CALL, Codes, small};
use crate::common::*;

const STAKE: u64 = 1_000 * CREDIT;

/// Stakes: too small, too soon, of somebody else, one too many.
pub fn verifiers(codes: &mut Codes) {
    let mut world = World::forming(small());
    world.verifiers(1);
    let (trader, first, market) = (world.trader(), verifier_key(0), world.market);
    let account = world.market_account();
    let time = world.vm.clock().unix_timestamp as u64;
    let vm = &mut world.vm;
    let stake = |amount| verifier::stake(market, &account, trader.pubkey(), amount);
    codes.number(vm, &[&trader], stake(STAKE - 1), HmmError::StakeTooSmall, CALL, STAKE, STAKE - 1);
    let unstake = verifier::unstake(market, first.pubkey(), 0, STAKE);
    codes.number(vm, &[&first], unstake, HmmError::StakeChanging, CALL, time + 3_600, time);
    let unstake = verifier::unstake(market, trader.pubkey(), 0, STAKE);
    codes.account(vm, &[&trader], unstake, HmmError::NotVerifier, CALL, first.pubkey(), trader.pubkey());
    let mut withdraw = verifier::withdraw(market, &account, first.pubkey(), 0);
    codes.number(vm, &[], withdraw.clone(), HmmError::NothingToCollect, CALL, 0, time);
    withdraw.accounts[4].pubkey = address::token_account(&trader.pubkey(), &account.credit_mint, &address::TOKEN_PROGRAM);
    codes.account(vm, &[], withdraw, HmmError::NotPayee, CALL, first.pubkey(), trader.pubkey());
    codes.number(vm, &[], verifier::burn_slashed(market, &account), HmmError::NothingToCollect, CALL, 1, 0);

    let mut set = world.verifier_set();
    for (i, place) in (1u8..).zip(&mut set.verifiers[1..]) {
        *place = Verifier { owner: Address::new_from_array([i; 32]), ..place.clone() };
    }
    let address = address::verifier_set(&market);
    set_data(&mut world.vm, &address, borsh::to_vec(&set).expect("bytes"));
    codes.number(&mut world.vm, &[&trader], stake(STAKE), HmmError::VerifierSetFull, CALL, 120, 120);
}

/// Roots: too deep, voted for twice, without stake, too late, with too few votes.
pub fn roots(codes: &mut Codes) {
    let mut world = World::forming(small());
    world.verifiers(3);
    let [a, b, c] = [0, 1, 2].map(verifier_key);
    let market = world.market;
    let time = world.vm.clock().unix_timestamp;
    let leaf = KeyLeaf { worker: market, measurement: MEASUREMENT, key: market, capacity: [1; 8], expiry: 0 };
    let [one, two] = [1, 2].map(|count| world.key_tree(vec![leaf; count]));
    let (first, second) = (one.proposal(1), two.proposal(1));
    let mut deep = one.propose(a.pubkey(), 0, 1);
    let root: [u8; 32] = one.root();
    deep.accounts[3].pubkey = address::root_proposal(&address::registry(&market), 1, 21, &root);
    deep.data[8 + 32] = 21;
    codes.number(&mut world.vm, &[&a], deep, HmmError::MerkleDepth, CALL, 20, 21);
    let proposals = [one.propose(a.pubkey(), 0, 1), two.propose(a.pubkey(), 0, 1)];
    world.vm.send(&proposals, &[&a]).expect("two proposals");
    let vm = &mut world.vm;
    codes.number(vm, &[&a], registry::vote(&market, first, a.pubkey(), 0), HmmError::RootVoted, CALL, 0, 0);
    let enact = registry::enact(&market, first, a.pubkey());
    codes.number(vm, &[], enact.clone(), HmmError::RootQuorum, CALL, 2 * STAKE, STAKE);
    let close = |proposal| registry::close_root(&market, proposal, a.pubkey());
    codes.number(vm, &[], close(first), HmmError::RootVoteOpen, CALL, time as u64 + 86_400, time as u64);
    world.vm.send(&[registry::vote(&market, first, b.pubkey(), 1), enact], &[&b]).expect("the root");
    let late = registry::vote(&market, second, b.pubkey(), 1);
    codes.number(&mut world.vm, &[&b], late, HmmError::RootOutdated, CALL, 2, 1);

    let third = two.proposal(2);
    world.vm.send(&[two.propose(a.pubkey(), 0, 2)], &[&a]).expect("a proposal");
    world.pass(3_600);
    world.vm.send(&[verifier::unstake(market, c.pubkey(), 2, STAKE)], &[&c]).expect("asked back");
    let now = world.vm.clock().unix_timestamp as u64;
    let vote = registry::vote(&market, third, c.pubkey(), 2);
    codes.number(&mut world.vm, &[&c], vote, HmmError::NoVotingPower, CALL, now + 3_600, now);
    world.pass(86_400 - 3_600);
    let (until, vote) = (time as u64 + 86_400, registry::vote(&market, third, b.pubkey(), 1));
    codes.number(&mut world.vm, &[&b], vote, HmmError::RootVoteOver, CALL, until, until);
}

/// Keys: leaves that are not proven or not sane, measurements that are revoked, keys that are valid.
pub fn keys(codes: &mut Codes) {
    let mut world = World::forming(small());
    world.verifiers(1);
    let (owner, authority, market) = (world.trader(), world.authority(), world.market);
    let worker = world.register_worker(&owner, &Address::default());
    let time = world.vm.clock().unix_timestamp;
    let leaf = |name: &str, expiry: i64, capacity: u64| KeyLeaf {
        worker,
        measurement: MEASUREMENT,
        key: keypair(name).pubkey(),
        capacity: [capacity; 8],
        expiry: time + expiry,
    };
    const YEAR: i64 = 366 * 86_400;
    let leaves = vec![leaf("good", YEAR, 1), leaf("lapsed", 0, 1), leaf("for ever", YEAR + 1, 1), leaf("idle", YEAR, 0)];
    let tree = KeyTree::new(market, world.market_account().genesis_hash, leaves).expect("a tree");
    world.enact(&tree);
    let (vm, time) = (&mut world.vm, time as u64);
    let register = |index| tree.register(owner.pubkey(), index).expect("a leaf");
    codes.number(vm, &[&owner], register(1), HmmError::KeyLapsed, CALL, time, time);
    codes.number(vm, &[&owner], register(2), HmmError::KeyExpiryTooLate, CALL, time + YEAR as u64, time + YEAR as u64 + 1);
    codes.number(vm, &[&owner], register(3), HmmError::KeyWithoutCapacity, CALL, 1, 0);
    // behind the discriminator: key, capacity, expiry, index, length of the proof, proof
    const INDEX: usize = 8 + 32 + 64 + 8;
    let forged = |edit: fn(&mut Vec<u8>)| {
        let mut forged = register(0);
        edit(&mut forged.data);
        forged
    };
    codes.number(vm, &[&owner], forged(|data| data[INDEX] = 4), HmmError::MerkleLeaf, CALL, 3, 4);
    let short = forged(|data| {
        data[INDEX + 4] = 1;
        data.truncate(INDEX + 8 + 32);
    });
    codes.number(vm, &[&owner], short, HmmError::MerkleProofLength, CALL, 2, 1);
    let failure = refused(vm, &[forged(|data| data[INDEX + 8] ^= 1)], &[&owner]);
    codes.note(&failure, HmmError::MerkleRoot);
    let by_stranger = tree.register(authority.pubkey(), 0).expect("a leaf");
    codes.account(vm, &[&authority], by_stranger, HmmError::Unauthorized, CALL, owner.pubkey(), authority.pubkey());
    vm.send(&[register(0)], &[&owner]).expect("the good one");
    let close = registry::close_key(&worker, &tree.leaves()[0].key, owner.pubkey());
    codes.number(vm, &[], close, HmmError::KeyLive, CALL, time + YEAR as u64, time);
    let revoke = registry::revoke(market, authority.pubkey(), &MEASUREMENT);
    vm.send(std::slice::from_ref(&revoke), &[&authority]).expect("revoked");
    codes.number(vm, &[&authority], revoke, HmmError::MeasurementRevoked, CALL, 0, 1);
}
