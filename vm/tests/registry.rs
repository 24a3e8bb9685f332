//! Verifiers' stakes and the registry of enclave keys: every instruction exactly, and what must not be possible.

mod common;

use common::*;
use hmm_client::{
    HmmError, HmmEvent, HmmRefusal, KeyLeaf, KeyTree, address,
    event::Expectation,
    generated::{
        accounts::{VerifierSet, Worker},
        instructions::{RegisterKey, RegisterKeyInstructionArgs, Unstake, UnstakeInstructionArgs},
        types::Verifier,
    },
    registry, terms, verifier,
};
use hmm_vm::{
    Failure, World, WorldConfig,
    verify::{MEASUREMENT, verifier_key},
    world::{CREDIT, keypair},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// The terms of the world: least stake, activation, unstaking.
const STAKE: u64 = 1_000 * CREDIT;
const ACTIVATION: i64 = HOUR;
const UNSTAKING: i64 = 7 * DAY;

fn world(verifiers: usize) -> World {
    let terms = terms::verification(CREDIT);
    assert_eq!((terms.min_stake, terms.activation.into(), terms.unstaking.into()), (STAKE, ACTIVATION, UNSTAKING));
    let mut world = World::forming(WorldConfig::default());
    world.verifiers(verifiers);
    world
}

fn now(world: &World) -> i64 {
    world.vm.clock().unix_timestamp
}

/// Sets the clock of the world.
fn at(world: &mut World, time: i64) {
    let mut clock = world.vm.clock();
    clock.unix_timestamp = time;
    world.vm.svm.set_sysvar(&clock);
}

fn set_address(world: &World) -> Address {
    address::verifier_set(&world.market)
}

fn vault(world: &World) -> Address {
    address::stake_vault(&set_address(world))
}

/// Forges the verifier set.
fn edit_set(world: &mut World, edit: impl FnOnce(&mut VerifierSet)) {
    let mut set = world.verifier_set();
    edit(&mut set);
    let address = set_address(world);
    set_data(&mut world.vm, &address, borsh::to_vec(&set).expect("bytes"));
}

/// Books credits as the rounds of jobs do: they are in the vault, and of the verifier or due to be burned.
fn book(world: &mut World, credits: u64, edit: impl FnOnce(&mut VerifierSet)) {
    edit_set(world, edit);
    let vault = vault(world);
    let balance = world.vm.balance(&vault) + credits;
    set_balance(&mut world.vm, &vault, balance);
    let (mint, supply) = (world.credit_mint, world.vm.supply(&world.credit_mint) + credits);
    set_supply(&mut world.vm, &mint, supply);
}

fn liabilities(set: &VerifierSet) -> u64 {
    set.burn_due + set.verifiers.iter().map(|v| v.stake + v.unbonding + v.earned).sum::<u64>()
}

/// What a draw counts at a time, and a vote now: the specification of the program's methods.
fn weight(verifier: &Verifier, at: i64) -> u64 {
    if at < verifier.changes_at { verifier.counted } else { verifier.stake }
}

fn power(verifier: &Verifier, now: i64) -> u64 {
    weight(verifier, now).min(verifier.stake)
}

fn is_free(verifier: &Verifier) -> bool {
    borsh::to_vec(verifier).expect("bytes").iter().all(|byte| *byte == 0)
}

fn wallet(world: &World, owner: &Keypair) -> Address {
    credits_of(world, &owner.pubkey())
}

/// A verifier-to-be with credits.
fn newcomer(world: &mut World, name: &str) -> Keypair {
    let key = keypair(name);
    world.vm.svm.airdrop(&key.pubkey(), 100 * CREDIT).expect("lamports");
    world.open_wallet(&key);
    key
}

fn stake_ix(world: &World, who: &Keypair, amount: u64) -> Instruction {
    verifier::stake(world.market, &world.market_account(), who.pubkey(), amount)
}

fn unstake_ix(world: &World, who: &Keypair, place: u8, amount: u64) -> Instruction {
    verifier::unstake(world.market, who.pubkey(), place, amount)
}

fn withdraw_ix(world: &World, who: &Keypair, place: u8) -> Instruction {
    verifier::withdraw(world.market, &world.market_account(), who.pubkey(), place)
}

/// Refused with these numbers.
fn number(failure: &Failure, error: HmmError, expected: u64, found: u64) {
    let what = Expectation::Number { expected, found };
    assert_eq!(failure.refusal, Some(HmmRefusal { code: error.clone() as u32, subject: u8::MAX, what }), "{error:?}: {failure}");
    assert!(failure.is(error));
}

/// Refused with these addresses.
fn account(failure: &Failure, error: HmmError, expected: Address, found: Address) {
    let what = Expectation::Account { expected, found };
    assert_eq!(failure.refusal, Some(HmmRefusal { code: error.clone() as u32, subject: u8::MAX, what }), "{error:?}: {failure}");
    assert!(failure.is(error));
}

#[test]
fn a_set_is_created_once_by_the_authority() {
    let mut world = World::market_only(WorldConfig::default());
    let (authority, trader) = (world.authority(), world.trader());
    let create = verifier::create_set(world.market, &world.market_account());
    let mut by_stranger = create.clone();
    by_stranger.accounts[1].pubkey = trader.pubkey();
    let failure = refused(&mut world.vm, &[by_stranger], &[&trader]);
    account(&failure, HmmError::Unauthorized, authority.pubkey(), trader.pubkey());

    let (set, registry) = (set_address(&world), address::registry(&world.market));
    // An address that somebody funded before is taken over.
    world.vm.svm.airdrop(&set, CREDIT).expect("lamports");
    let changes = [set, vault(&world), address::bonus_vault(&world.market), registry, authority.pubkey()];
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&create), &[&authority], &changes);
    let [HmmEvent::VerifierSetCreated(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.sequence, event.verifier_set, event.market, event.registry), (0, set, world.market, registry));
    let stored = world.verifier_set();
    assert_eq!((stored.version, stored.market, stored.vault, stored.burn_due, stored.sequence), (1, world.market, vault(&world), 0, 1));
    assert!(stored.verifiers.iter().all(is_free));
    let stored = world.registry();
    assert_eq!((stored.version, stored.number, stored.depth, stored.root), (1, 0, 0, [0; 32]));
    assert_eq!((stored.market, stored.verifier_set), (world.market, set));
    refused(&mut world.vm, &[create], &[&authority]);
}

#[test]
fn stake_counts_after_its_activation_and_leaves_after_its_delay() {
    let mut world = world(1);
    let anna = newcomer(&mut world, "anna");
    let (set, vault) = (set_address(&world), vault(&world));
    let purse = wallet(&world, &anna);
    let rich = world.vm.balance(&purse);
    let start = now(&world);

    let small = stake_ix(&world, &anna, STAKE - 1);
    number(&refused(&mut world.vm, &[small], &[&anna]), HmmError::StakeTooSmall, STAKE, STAKE - 1);
    let nothing = stake_ix(&world, &anna, 0);
    number(&refused(&mut world.vm, &[nothing], &[&anna]), HmmError::ZeroAmount, 1, 0);

    let stake = stake_ix(&world, &anna, STAKE);
    let receipt = accepted(&mut world.vm, &[stake], &[&anna], &[set, vault, purse]);
    let [HmmEvent::Staked(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.sequence, event.verifier_set, event.verifier, event.index), (2, set, anna.pubkey(), 1));
    assert_eq!((event.amount, event.stake, event.counts_from), (STAKE, STAKE, start + ACTIVATION));
    assert_eq!(world.vm.balance(&purse), rich - STAKE);
    assert_eq!(world.vm.balance(&vault), 2 * STAKE);
    let entry = |world: &World| world.verifier_set().verifiers[1].clone();
    assert_eq!(entry(&world).owner, anna.pubkey());
    assert_eq!([start + ACTIVATION - 1, start + ACTIVATION].map(|at| weight(&entry(&world), at)), [0, STAKE]);

    // the next change, to the second
    let more = 7 * CREDIT;
    at(&mut world, start + 2 * ACTIVATION - 1);
    for early in [stake_ix(&world, &anna, more), unstake_ix(&world, &anna, 1, STAKE)] {
        let (expected, found) = ((start + 2 * ACTIVATION) as u64, (start + 2 * ACTIVATION - 1) as u64);
        number(&refused(&mut world.vm, &[early], &[&anna]), HmmError::StakeChanging, expected, found);
    }
    at(&mut world, start + 2 * ACTIVATION);
    let stake = stake_ix(&world, &anna, more);
    accepted(&mut world.vm, &[stake], &[&anna], &[set, vault, purse]);
    assert_eq!(world.verifier_set().verifiers.iter().filter(|v| v.owner == anna.pubkey()).count(), 1, "one place");
    let topped = now(&world);
    // what was there counts on; what came counts later
    assert_eq!([topped, topped + ACTIVATION - 1, topped + ACTIVATION].map(|at| weight(&entry(&world), at)), [STAKE, STAKE, STAKE + more]);
    assert_eq!([topped, topped + ACTIVATION].map(|at| power(&entry(&world), at)), [STAKE, STAKE + more]);

    // a part leaves: at least the least stake stays
    at(&mut world, topped + 2 * ACTIVATION);
    let too_much = unstake_ix(&world, &anna, 1, more + 1);
    number(&refused(&mut world.vm, &[too_much], &[&anna]), HmmError::StakeTooSmall, STAKE, STAKE - 1);
    let more_than_all = unstake_ix(&world, &anna, 1, STAKE + more + 1);
    number(&refused(&mut world.vm, &[more_than_all], &[&anna]), HmmError::StakeTooSmall, STAKE + more + 1, STAKE + more);
    let nothing = unstake_ix(&world, &anna, 1, 0);
    number(&refused(&mut world.vm, &[nothing], &[&anna]), HmmError::ZeroAmount, 1, 0);
    let unstake = unstake_ix(&world, &anna, 1, more);
    let asked = now(&world);
    let receipt = accepted(&mut world.vm, &[unstake], &[&anna], &[set]);
    let [HmmEvent::Unstaked(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.sequence, event.verifier, event.index, event.amount), (4, anna.pubkey(), 1, more));
    assert_eq!((event.stake, event.unbonding, event.unbond_at), (STAKE, more, asked + UNSTAKING));
    assert_eq!(
        [asked, asked + ACTIVATION - 1, asked + ACTIVATION].map(|at| weight(&entry(&world), at)),
        [STAKE + more, STAKE + more, STAKE]
    );
    assert_eq!(power(&entry(&world), asked), STAKE, "it votes no more at once");

    // the rest follows: the time begins again for both
    at(&mut world, asked + 2 * ACTIVATION);
    let asked = now(&world);
    let unstake = unstake_ix(&world, &anna, 1, STAKE);
    accepted(&mut world.vm, &[unstake], &[&anna], &[set]);
    at(&mut world, asked + UNSTAKING - 1);
    let withdraw = withdraw_ix(&world, &anna, 1);
    let failure = refused(&mut world.vm, std::slice::from_ref(&withdraw), &[]);
    number(&failure, HmmError::NothingToCollect, (asked + UNSTAKING) as u64, (asked + UNSTAKING - 1) as u64);

    // what seats earned is paid at any time, and to the verifier only
    book(&mut world, 5, |set| set.verifiers[1].earned = 5);
    let mut to_another = withdraw.clone();
    to_another.accounts[4].pubkey = credits_of(&world, &world.trader().pubkey());
    let failure = refused(&mut world.vm, &[to_another], &[]);
    account(&failure, HmmError::NotPayee, anna.pubkey(), world.trader().pubkey());
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&withdraw), &[], &[set, vault, purse]);
    let [HmmEvent::StakeWithdrawn(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.sequence, event.verifier, event.index, event.unbonding, event.earned), (6, anna.pubkey(), 1, 0, 5));

    at(&mut world, asked + UNSTAKING);
    accepted(&mut world.vm, std::slice::from_ref(&withdraw), &[], &[set, vault, purse]);
    assert_eq!(world.vm.balance(&purse), rich + 5);
    assert!(is_free(&entry(&world)));
    assert_eq!(world.vm.balance(&vault), STAKE);
    let failure = refused(&mut world.vm, &[withdraw], &[]);
    account(&failure, HmmError::NotVerifier, Address::default(), anna.pubkey());
}

#[test]
fn a_place_returns_but_not_to_its_old_owner() {
    let mut world = world(2);
    let (first, second) = (verifier_key(0), verifier_key(1));
    world.pass(ACTIVATION);
    let unstake = unstake_ix(&world, &first, 0, STAKE);
    world.vm.send(&[unstake], &[&first]).expect("asked back");
    // a place with something in it is not free
    let bob = newcomer(&mut world, "bob");
    world.stake(&bob, STAKE).expect("a place");
    assert_eq!(world.place(&bob), 2);
    world.pass(UNSTAKING);
    let withdraw = withdraw_ix(&world, &first, 0);
    world.vm.send(std::slice::from_ref(&withdraw), &[&first]).expect("paid");
    let anna = newcomer(&mut world, "anna");
    world.stake(&anna, STAKE).expect("the free place");
    assert_eq!(world.place(&anna), 0);
    world.pass(2 * ACTIVATION);
    book(&mut world, 9, |set| set.verifiers[0].earned = 9);

    let failure = refused(&mut world.vm, &[withdraw], &[]);
    account(&failure, HmmError::NotVerifier, anna.pubkey(), first.pubkey());
    let unstake = unstake_ix(&world, &first, 0, STAKE);
    account(&refused(&mut world.vm, &[unstake], &[&first]), HmmError::NotVerifier, anna.pubkey(), first.pubkey());
    let others = unstake_ix(&world, &second, 0, STAKE);
    account(&refused(&mut world.vm, &[others], &[&second]), HmmError::NotVerifier, anna.pubkey(), second.pubkey());
    for place in [3, 119, 120, 255] {
        let nowhere = unstake_ix(&world, &second, place, STAKE);
        account(&refused(&mut world.vm, &[nowhere], &[&second]), HmmError::NotVerifier, Address::default(), second.pubkey());
    }
    // somebody signs for another verifier's stake
    let mut forged = unstake_ix(&world, &anna, 0, STAKE);
    forged.accounts[1].is_signer = false;
    refused(&mut world.vm, &[forged], &[]);
}

#[test]
fn a_full_set_takes_nobody() {
    let mut world = world(1);
    let anna = newcomer(&mut world, "anna");
    let filler = |i: usize| Address::new_from_array([i as u8 + 1; 32]);
    book(&mut world, 119 * STAKE, |set| {
        for i in 1..120 {
            set.verifiers[i] = Verifier { owner: filler(i), stake: STAKE, ..set.verifiers[0].clone() };
        }
    });
    let stake = stake_ix(&world, &anna, STAKE);
    number(&refused(&mut world.vm, std::slice::from_ref(&stake), &[&anna]), HmmError::VerifierSetFull, 120, 120);
    // who is in it may add
    world.pass(ACTIVATION);
    world.stake(&verifier_key(0), 1).expect("more");
    edit_set(&mut world, |set| {
        set.verifiers[119] =
            Verifier { owner: Address::default(), stake: 0, counted: 0, changes_at: 0, unbonding: 0, unbond_at: 0, earned: 0 }
    });
    world.vm.send(&[stake], &[&anna]).expect("the last place");
    assert_eq!(world.place(&anna), 119);
}

#[test]
fn slashed_stakes_burn() {
    let mut world = world(1);
    let burn = verifier::burn_slashed(world.market, &world.market_account());
    number(&refused(&mut world.vm, std::slice::from_ref(&burn), &[]), HmmError::NothingToCollect, 1, 0);
    book(&mut world, 0, |set| (set.verifiers[0].stake, set.burn_due) = (STAKE - 3, 3));
    let (set, vault, mint) = (set_address(&world), vault(&world), world.credit_mint);
    let supply = world.vm.supply(&mint);
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&burn), &[], &[set, vault, mint]);
    let [HmmEvent::SlashBurned(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.sequence, event.verifier_set, event.amount), (2, set, 3));
    assert_eq!((world.vm.supply(&mint), world.vm.balance(&vault), world.verifier_set().burn_due), (supply - 3, STAKE - 3, 0));
}

/// Whatever verifiers do: the vault holds exactly what is owed, no credit appears, and the weights of the last hour do not change.
#[test]
fn any_sequence_keeps_the_books_and_the_weights() {
    let mut random = Rng::new("verifiers", 0x5eed_0f57);
    let mut world = world(3);
    let people: Vec<Keypair> = (0..3).map(verifier_key).chain((0..5).map(|i| newcomer(&mut world, &format!("person {i}")))).collect();
    let (vault, mint) = (vault(&world), world.credit_mint);
    let mut done = Tally::new();
    for _ in 0..1_500 {
        if random.one_in(2) {
            let seconds = random.log(1, 3 * DAY as u64) as i64;
            world.pass(seconds);
        }
        let time = now(&world);
        let before = world.verifier_set();
        let who = random.pick(&people);
        let place = verifier::place(&before, &who.pubkey()).unwrap_or(random.range(0, 8) as u8);
        let held = before.verifiers[usize::from(place)].clone();
        let amount = match random.range(0, 3) {
            0 => held.stake,
            1 => STAKE,
            _ => random.log(1, 2 * STAKE),
        };
        let supply = world.vm.supply(&mint);
        let mut burned = 0;
        let (name, instruction) = match random.range(0, 6) {
            0 | 1 => ("stake", stake_ix(&world, who, amount)),
            2 | 3 => ("unstake", unstake_ix(&world, who, place, amount)),
            4 => ("withdraw", withdraw_ix(&world, who, place)),
            5 => {
                burned = before.burn_due;
                ("burn", verifier::burn_slashed(world.market, &world.market_account()))
            }
            _ => {
                // a round of a job pays seats, and burns what those lose that are gone
                let (paid, gone) = (random.range(0, 9), random.range(0, 3));
                book(&mut world, paid + gone, |set| {
                    set.verifiers[usize::from(place)].earned += if held.stake == 0 { 0 } else { paid };
                    set.burn_due += gone + if held.stake == 0 { paid } else { 0 };
                });
                continue;
            }
        };
        let ok = send(&mut world.vm, &[instruction], &[who]).0.is_ok();
        *done.entry(format!("{name}{}", if ok { "" } else { " refused" })).or_default() += 1;
        let after = world.verifier_set();
        assert_eq!(world.vm.balance(&vault), liabilities(&after), "{name}");
        assert_eq!(world.vm.supply(&mint), supply - if ok { burned } else { 0 });
        assert!(after.verifiers.iter().all(|v| v.owner != Address::default() || is_free(v)));
        for at in [time, time - 1, time - ACTIVATION / 2, time - ACTIVATION] {
            for (before, after) in before.verifiers.iter().zip(&after.verifiers) {
                assert_eq!(weight(before, at), weight(after, at), "{name} at {time} changed the weight at {at}");
                assert!(weight(after, at) <= after.stake + after.unbonding, "what is drawn by can be slashed");
            }
        }
    }
    println!("{done:?}");
    for name in ["stake", "unstake", "withdraw", "burn"] {
        assert!(done.get(name).is_some_and(|count| *count > 30), "{name} went through {:?} times", done.get(name));
    }
}

fn worker(world: &World, address: &Address) -> Worker {
    Worker::from_bytes(&world.vm.data(address)).expect("a worker")
}

fn leaf(world: &World, worker: Address, name: &str) -> KeyLeaf {
    let expiry = now(world) + 30 * DAY;
    KeyLeaf { worker, measurement: MEASUREMENT, key: keypair(name).pubkey(), capacity: [1, 2, 3, 4, 5, 0, 0, 0], expiry }
}

fn lamports(world: &World, who: &Address) -> u64 {
    world.vm.svm.get_balance(who).unwrap_or_default()
}

#[test]
fn two_thirds_of_the_stake_put_a_root_in_force() {
    let mut world = world(4);
    let [a, b, c, d] = [0, 1, 2, 3].map(verifier_key);
    let (market, registry_address, set) = (world.market, address::registry(&world.market), set_address(&world));
    let tree = world.key_tree(vec![leaf(&world, keypair("worker").pubkey(), "enclave")]);
    let (root, depth, proposal) = (tree.root(), tree.depth(), tree.proposal(1));
    let start = now(&world);

    let deep = hmm_client::generated::instructions::ProposeRoot {
        verifier: a.pubkey(),
        registry: registry_address,
        verifier_set: set,
        proposal: address::root_proposal(&registry_address, 1, 21, &root),
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: hmm_client::HMM_ID,
    }
    .instruction(hmm_client::generated::instructions::ProposeRootInstructionArgs { root, depth: 21, index: 0 });
    number(&refused(&mut world.vm, &[deep], &[&a]), HmmError::MerkleDepth, 20, 21);
    let stranger = world.trader();
    let by_stranger = tree.propose(stranger.pubkey(), 0, 1);
    account(&refused(&mut world.vm, &[by_stranger], &[&stranger]), HmmError::NotVerifier, a.pubkey(), stranger.pubkey());
    let later = tree.propose(a.pubkey(), 0, 2);
    refused(&mut world.vm, &[later], &[&a]);

    let funds = lamports(&world, &a.pubkey());
    let propose = tree.propose(a.pubkey(), 0, 1);
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&propose), &[&a], &[proposal, a.pubkey()]);
    let [HmmEvent::RootProposed(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.registry, event.number, event.root, event.depth), (registry_address, 1, root, depth));
    assert_eq!((event.verifier, event.until), (a.pubkey(), start + DAY));
    let stored = world.root_proposal(&proposal).expect("a proposal");
    assert_eq!((stored.number, stored.depth, stored.root, stored.until), (1, depth, root, start + DAY));
    assert_eq!((stored.registry, stored.rent_payer, stored.voters[0]), (registry_address, a.pubkey(), a.pubkey()));
    assert!(stored.voters[1..].iter().all(|voter| *voter == Address::default()));
    refused(&mut world.vm, &[propose], &[&a]);

    // votes count once
    let again = registry::vote(&market, proposal, a.pubkey(), 0);
    number(&refused(&mut world.vm, &[again], &[&a]), HmmError::RootVoted, 0, 0);
    let not_mine = registry::vote(&market, proposal, b.pubkey(), 0);
    account(&refused(&mut world.vm, &[not_mine], &[&b]), HmmError::NotVerifier, a.pubkey(), b.pubkey());
    let vote = registry::vote(&market, proposal, b.pubkey(), 1);
    let receipt = accepted(&mut world.vm, &[vote], &[&b], &[proposal]);
    let [HmmEvent::RootVoted(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.registry, event.number, event.root, event.depth, event.verifier), (registry_address, 1, root, depth, b.pubkey()));

    // the quorum, to the credit: 2/3 of 3·S is 2·S; of one more it is not
    let enact = registry::enact(&market, proposal, a.pubkey());
    number(&refused(&mut world.vm, std::slice::from_ref(&enact), &[]), HmmError::RootQuorum, 4 * STAKE - 4 * STAKE / 3, 2 * STAKE);
    edit_set(&mut world, |set| set.verifiers[3].stake = 1);
    number(&refused(&mut world.vm, std::slice::from_ref(&enact), &[]), HmmError::RootQuorum, 2 * STAKE + 1, 2 * STAKE);
    edit_set(&mut world, |set| set.verifiers[3].stake = 0);
    let mut exact = world.clone();
    let receipt = accepted(&mut exact.vm, std::slice::from_ref(&enact), &[], &[registry_address, proposal, a.pubkey()]);
    let [HmmEvent::RootEnacted(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.number, event.root, event.depth, event.stake_for, event.stake), (1, root, depth, 2 * STAKE, 3 * STAKE));
    let stored = exact.registry();
    assert_eq!((stored.number, stored.root, stored.depth), (1, root, depth));
    assert_eq!(lamports(&exact, &a.pubkey()), funds, "the rent is back");
    assert_eq!(exact.root_proposal(&proposal), None);
    refused(&mut exact.vm, std::slice::from_ref(&enact), &[]);

    // all the stake in the set may be too little: none counts for nothing
    edit_set(&mut world, |set| {
        for verifier in &mut set.verifiers {
            (verifier.stake, verifier.unbonding) = (0, verifier.stake);
        }
    });
    number(&refused(&mut world.vm, &[enact], &[]), HmmError::RootQuorum, 1, 0);
    let late = registry::vote(&market, proposal, c.pubkey(), 2);
    let changes_at = world.verifier_set().verifiers[2].changes_at as u64;
    number(&refused(&mut world.vm, &[late], &[&c]), HmmError::NoVotingPower, changes_at, start as u64);
    let _ = d;
}

#[test]
fn stake_that_left_or_waits_does_not_vote() {
    let mut world = world(3);
    let [a, b, c] = [0, 1, 2].map(verifier_key);
    let market = world.market;
    world.pass(ACTIVATION);
    let tree = world.key_tree(vec![leaf(&world, keypair("worker").pubkey(), "enclave")]);
    let proposal = tree.proposal(1);
    let enact = registry::enact(&market, proposal, a.pubkey());
    let propose = tree.propose(a.pubkey(), 0, 1);
    let vote = registry::vote(&market, proposal, b.pubkey(), 1);
    world.vm.send(&[propose, vote], &[&a, &b]).expect("votes");

    // b asks its stake back: 1 of 2 is too little
    let mut left = world.clone();
    let unstake = unstake_ix(&left, &b, 1, STAKE);
    left.vm.send(&[unstake], &[&b]).expect("asked back");
    number(&refused(&mut left.vm, std::slice::from_ref(&enact), &[]), HmmError::RootQuorum, 2 * STAKE - 2 * STAKE / 3, STAKE);
    // c has voted for nothing and leaves: 2 of 2
    let mut other_left = world.clone();
    let unstake = unstake_ix(&other_left, &c, 2, STAKE);
    other_left.vm.send(&[unstake], &[&c]).expect("asked back");
    other_left.vm.send(std::slice::from_ref(&enact), &[&a]).expect("the root");
    // stake that waits neither votes nor is counted
    let mut whale = world.clone();
    let rich = newcomer(&mut whale, "whale");
    whale.stake(&rich, 100 * STAKE).expect("staked");
    let early = registry::vote(&market, proposal, rich.pubkey(), 3);
    let (counts_from, time) = (now(&whale) + ACTIVATION, now(&whale));
    number(&refused(&mut whale.vm, std::slice::from_ref(&early), &[&rich]), HmmError::NoVotingPower, counts_from as u64, time as u64);
    let mut others = whale.clone();
    others.vm.send(std::slice::from_ref(&enact), &[&a]).expect("2 of 3");
    at(&mut whale, counts_from - 1);
    refused(&mut whale.vm, std::slice::from_ref(&early), &[&rich]);
    at(&mut whale, counts_from);
    number(&refused(&mut whale.vm, std::slice::from_ref(&enact), &[]), HmmError::RootQuorum, 103 * STAKE - 103 * STAKE / 3, 2 * STAKE);
    whale.vm.send(&[early, enact.clone()], &[&rich]).expect("102 of 103");

    // the stake of b goes to another owner at the same place, and on: the vote of b stays behind
    edit_set(&mut world, |set| set.verifiers[1].owner = rich.pubkey());
    number(&refused(&mut world.vm, std::slice::from_ref(&enact), &[]), HmmError::RootQuorum, 2 * STAKE, STAKE);
    let rich = newcomer(&mut world, "whale");
    let vote = registry::vote(&market, proposal, rich.pubkey(), 1);
    world.vm.send(&[vote, enact], &[&rich]).expect("who has the stake votes with it");
}

#[test]
fn votes_end_after_a_day_and_with_another_root() {
    let mut world = world(3);
    let [a, b, c] = [0, 1, 2].map(verifier_key);
    let market = world.market;
    let registry_address = address::registry(&market);
    let [one, two] = ["one", "two"].map(|name| world.key_tree(vec![leaf(&world, keypair("worker").pubkey(), name)]));
    let (first, second) = (one.proposal(1), two.proposal(1));
    let funds = lamports(&world, &a.pubkey());
    let proposals = [one.propose(a.pubkey(), 0, 1), two.propose(a.pubkey(), 0, 1)];
    let payer = payer_of(&mut world);
    world.vm.send(&proposals, &[&payer, &a]).expect("side by side");
    let until = now(&world) + DAY;

    // closed neither by time nor by another root
    let close = registry::close_root(&market, first, a.pubkey());
    at(&mut world, until - 1);
    number(&refused(&mut world.vm, std::slice::from_ref(&close), &[]), HmmError::RootVoteOpen, until as u64, (until - 1) as u64);
    let vote = registry::vote(&market, first, b.pubkey(), 1);
    let enact = registry::enact(&market, first, a.pubkey());
    let mut late = world.clone();
    accepted(&mut late.vm, std::slice::from_ref(&vote), &[&b], &[first]);
    at(&mut late, until);
    number(&refused(&mut late.vm, std::slice::from_ref(&enact), &[]), HmmError::RootVoteOver, until as u64, until as u64);
    let vote_late = registry::vote(&market, first, c.pubkey(), 2);
    number(&refused(&mut late.vm, &[vote_late], &[&c]), HmmError::RootVoteOver, until as u64, until as u64);
    let mut to_another = close.clone();
    to_another.accounts[2].pubkey = b.pubkey();
    account(&refused(&mut late.vm, &[to_another], &[]), HmmError::WrongAccount, a.pubkey(), b.pubkey());
    let receipt = accepted(&mut late.vm, std::slice::from_ref(&close), &[], &[first, a.pubkey()]);
    let [HmmEvent::RootClosed(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.registry, event.number, event.root, event.depth), (registry_address, 1, one.root(), one.depth()));
    // and may be proposed anew, without its votes
    let propose = one.propose(b.pubkey(), 1, 1);
    late.vm.send(&[propose], &[&b]).expect("anew");
    assert_eq!(late.root_proposal(&first).expect("a proposal").voters[..3], [Address::default(), b.pubkey(), Address::default()]);

    // the other one wins
    world.vm.send(&[vote, enact.clone()], &[&b]).expect("the root");
    let vote = registry::vote(&market, second, b.pubkey(), 1);
    number(&refused(&mut world.vm, &[vote], &[&b]), HmmError::RootOutdated, 2, 1);
    let enact = registry::enact(&market, second, a.pubkey());
    number(&refused(&mut world.vm, &[enact], &[]), HmmError::RootOutdated, 2, 1);
    let close = registry::close_root(&market, second, a.pubkey());
    accepted(&mut world.vm, &[close], &[], &[second, a.pubkey()]);
    assert_eq!(lamports(&world, &a.pubkey()), funds, "both rents are back");
}

/// Somebody who pays the fees, with lamports.
fn payer_of(world: &mut World) -> Keypair {
    world.vm.svm.airdrop(&payer().pubkey(), 1_000 * CREDIT).expect("lamports");
    payer()
}

#[test]
fn six_votes_fit_one_transaction() {
    let mut world = world(7);
    let market = world.market;
    let tree = world.key_tree(vec![leaf(&world, keypair("worker").pubkey(), "enclave")]);
    let first = verifier_key(0);
    let propose = tree.propose(first.pubkey(), 0, 1);
    world.vm.send(&[propose], &[&first]).expect("the proposal");
    let keys: Vec<_> = (1..7).map(verifier_key).collect();
    let proposal = tree.proposal(1);
    let votes: Vec<_> = keys.iter().map(|key| registry::vote(&market, proposal, key.pubkey(), world.place(key))).collect();
    let message = solana_message::Message::new(&votes, Some(&keys[0].pubkey()));
    let bytes = message.serialize().len() + 1 + 64 * keys.len();
    println!("six votes: {bytes} bytes");
    assert!(bytes <= 1_232, "{bytes} bytes");
    world.vm.send(&votes, &keys.iter().collect::<Vec<_>>()).expect("the votes");
    let enact = registry::enact(&market, proposal, first.pubkey());
    let receipt = world.vm.send(&[enact], &[&first]).expect("the root");
    let [HmmEvent::RootEnacted(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.stake_for, event.stake), (7 * STAKE, 7 * STAKE));
}

#[test]
fn measurements_are_approved_once_and_revoked_for_ever() {
    let mut world = world(1);
    let (authority, guardian, trader, market) = (world.authority(), keypair("guardian"), world.trader(), world.market);
    edit_market(&mut world, |market| market.guardian = guardian.pubkey());
    world.vm.svm.airdrop(&guardian.pubkey(), CREDIT).expect("lamports");
    let measurement = [7; 32];
    let approval = address::measurement(&market, &measurement);
    let by_stranger = registry::approve(market, trader.pubkey(), measurement);
    account(&refused(&mut world.vm, &[by_stranger], &[&trader]), HmmError::Unauthorized, authority.pubkey(), trader.pubkey());
    let by_guardian = registry::approve(market, guardian.pubkey(), measurement);
    account(&refused(&mut world.vm, &[by_guardian], &[&guardian]), HmmError::Unauthorized, authority.pubkey(), guardian.pubkey());
    let approve = registry::approve(market, authority.pubkey(), measurement);
    let receipt = accepted(&mut world.vm, std::slice::from_ref(&approve), &[&authority], &[approval, authority.pubkey()]);
    let [HmmEvent::MeasurementApproved(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.market, event.measurement), (market, measurement));
    refused(&mut world.vm, std::slice::from_ref(&approve), &[&authority]);

    let by_stranger = registry::revoke(market, trader.pubkey(), &measurement);
    account(&refused(&mut world.vm, &[by_stranger], &[&trader]), HmmError::Unauthorized, guardian.pubkey(), trader.pubkey());
    for who in [&authority, &guardian] {
        let mut world = world.clone();
        let revoke = registry::revoke(market, who.pubkey(), &measurement);
        let receipt = accepted(&mut world.vm, std::slice::from_ref(&revoke), &[who], &[approval]);
        let [HmmEvent::MeasurementRevoked(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
        assert_eq!((event.market, event.measurement), (market, measurement));
        number(&refused(&mut world.vm, &[revoke], &[who]), HmmError::MeasurementRevoked, 0, 1);
        refused(&mut world.vm, std::slice::from_ref(&approve), &[&authority]);
    }
}

/// A world with a worker and a root of `leaves` keys in force, of which leaf `index` is the worker's. Gives the worker, too.
fn with_root(leaves: u32, depth: u8, index: u32, edit: impl FnOnce(&mut KeyLeaf)) -> (World, Address, KeyTree) {
    let mut world = world(3);
    let address = world.register_worker(&keypair("trader"), &keypair("operator").pubkey());
    world.vm.svm.airdrop(&keypair("operator").pubkey(), 10 * CREDIT).expect("lamports");
    let mut list: Vec<_> = (0..leaves).map(|i| leaf(&world, keypair(&format!("worker {i}")).pubkey(), &format!("enclave {i}"))).collect();
    let mine = &mut list[index as usize];
    mine.worker = address;
    edit(mine);
    let tree = KeyTree::with_depth(world.market, world.market_account().genesis_hash, list, depth).expect("a tree");
    world.enact(&tree);
    (world, address, tree)
}

#[test]
fn a_key_is_registered_by_its_leaf() {
    for (leaves, depth, index) in [(1, 0, 0), (2, 1, 1), (5, 3, 4), (9, 20, 3)] {
        let (mut world, address, tree) = with_root(leaves, depth, index, |_| ());
        let (owner, operator) = (world.trader(), keypair("operator"));
        let leaf = tree.leaves()[index as usize];
        for signer in [&owner, &operator] {
            let mut world = world.clone();
            let register = tree.register(signer.pubkey(), index).expect("a leaf");
            let bytes = solana_message::Message::new(std::slice::from_ref(&register), Some(&signer.pubkey())).serialize().len() + 65;
            assert!(bytes <= 1_232, "{bytes} bytes at depth {depth}");
            let enclave_key = address::enclave_key(&address, &leaf.key);
            let changes = [address, enclave_key, signer.pubkey()];
            let receipt = accepted(&mut world.vm, std::slice::from_ref(&register), &[signer], &changes);
            println!("depth {depth}: {bytes} bytes, {} CU", receipt.compute_units);
            let [HmmEvent::KeyRegistered(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
            assert_eq!((event.worker, event.key, event.measurement), (address, leaf.key, MEASUREMENT));
            assert_eq!((event.capacity, event.expiry, event.root_number), (leaf.capacity, leaf.expiry, 1));
            let stored = worker(&world, &address);
            assert_eq!((stored.key, stored.key_expiry, stored.capacity), (leaf.key, leaf.expiry, leaf.capacity));
            let stored = world.enclave_key(&address, &leaf.key).expect("a key");
            assert_eq!((stored.worker, stored.key, stored.expiry, stored.measurement), (address, leaf.key, leaf.expiry, MEASUREMENT));
            assert_eq!((stored.approval, stored.rent_payer), (address::measurement(&world.market, &MEASUREMENT), signer.pubkey()));
            refused(&mut world.vm, &[register], &[signer]);
        }
        let stranger = world.creator();
        let register = tree.register(stranger.pubkey(), index).expect("a leaf");
        account(&refused(&mut world.vm, &[register], &[&stranger]), HmmError::Unauthorized, owner.pubkey(), stranger.pubkey());
    }
}

#[test]
fn nothing_but_the_leaf_registers() {
    let (mut world, address, tree) = with_root(6, 3, 4, |_| ());
    let (owner, market) = (world.trader(), world.market);
    let proof: Vec<[u8; 32]> = {
        let data = tree.register(owner.pubkey(), 4).expect("a leaf").data;
        data[data.len() - 96..].chunks(32).map(|hash| hash.try_into().expect("a hash")).collect()
    };
    let leaf = tree.leaves()[4];
    type Parts = (RegisterKey, RegisterKeyInstructionArgs);
    let honest = || -> Parts {
        let accounts = RegisterKey {
            signer: owner.pubkey(),
            market,
            registry: address::registry(&market),
            worker: address,
            approval: address::measurement(&market, &MEASUREMENT),
            enclave_key: address::enclave_key(&address, &leaf.key),
            system_program: address::SYSTEM_PROGRAM,
            event_authority: address::event_authority(),
            program: hmm_client::HMM_ID,
        };
        let (key, capacity, expiry) = (leaf.key, leaf.capacity, leaf.expiry);
        (accounts, RegisterKeyInstructionArgs { key, capacity, expiry, index: 4, proof: proof.clone() })
    };
    // another worker of the same owner, another measurement
    let other_worker = {
        let pool = world.pool;
        another_pool(&mut world, 1, false);
        let other = world.register_worker(&owner, &Address::default());
        world.pool = pool;
        other
    };
    let authority = world.authority();
    let approve = registry::approve(market, authority.pubkey(), [9; 32]);
    world.vm.send(&[approve], &[&authority]).expect("approved");
    let other_approval = address::measurement(&market, &[9; 32]);

    let mut refusals = 0;
    let mut try_it = |name: &str, error: HmmError, edit: &dyn Fn(&mut Parts)| {
        let (mut accounts, mut args) = honest();
        {
            let mut parts = (accounts, args);
            edit(&mut parts);
            (accounts, args) = parts;
        }
        let register = accounts.instruction(args);
        let failure = refused(&mut world.vm, &[register], &[&owner]);
        assert!(failure.is(error.clone()), "{name}: expected {error:?}, found {failure}");
        refusals += 1;
    };
    use HmmError::*;
    try_it("another worker", MerkleRoot, &|(accounts, _)| {
        accounts.worker = other_worker;
        accounts.enclave_key = address::enclave_key(&other_worker, &leaf.key);
    });
    try_it("another measurement", MerkleRoot, &|(accounts, _)| accounts.approval = other_approval);
    try_it("another key", MerkleRoot, &|(accounts, args)| {
        args.key = keypair("my own").pubkey();
        accounts.enclave_key = address::enclave_key(&address, &args.key);
    });
    for i in 0..8 {
        try_it("another capacity", MerkleRoot, &|(_, args)| args.capacity[i] += 1);
    }
    try_it("another expiry", MerkleRoot, &|(_, args)| args.expiry += 1);
    for index in [0, 3, 5, 7] {
        try_it("another place", MerkleRoot, &|(_, args)| args.index = index);
    }
    for index in [8, 12, u32::MAX] {
        try_it("no place", MerkleLeaf, &|(_, args)| args.index = index);
    }
    for level in 0..3 {
        for byte in 0..32 {
            try_it("another sibling", MerkleRoot, &|(_, args)| args.proof[level][byte] ^= 1 << (byte % 8));
        }
    }
    try_it("siblings swapped", MerkleRoot, &|(_, args)| args.proof.swap(0, 1));
    for length in 0..3 {
        try_it("truncated", MerkleProofLength, &|(_, args)| args.proof.truncate(length));
        try_it("without its beginning", MerkleProofLength, &|(_, args)| drop(args.proof.drain(..3 - length)));
    }
    try_it("extended", MerkleProofLength, &|(_, args)| args.proof.push([0; 32]));
    try_it("an inner node as a leaf", MerkleProofLength, &|(_, args)| {
        args.index = 2;
        args.proof.remove(0);
    });
    println!("{refusals} forged proofs refused");
    let (accounts, args) = honest();
    world.vm.send(&[accounts.instruction(args)], &[&owner]).expect("the honest one");
}

#[test]
fn another_market_vouches_for_nothing() {
    let (mut world, address, tree) = with_root(2, 1, 0, |_| ());
    let owner = world.trader();
    // the same root in the registry of another market, the same measurement approved there
    let register = tree.register(owner.pubkey(), 0).expect("a leaf");
    let (other, mut data) =
        (keypair("another registry").pubkey(), world.vm.svm.get_account(&address::registry(&world.market)).expect("one"));
    let market = world.market.to_bytes();
    let place = data.data.windows(32).position(|bytes| bytes == market).expect("the market");
    data.data[place..place + 32].copy_from_slice(&[8; 32]);
    world.vm.svm.set_account(other, data).expect("an account");
    let mut foreign = register.clone();
    foreign.accounts[2].pubkey = other;
    account(&refused(&mut world.vm, &[foreign], &[&owner]), HmmError::WrongAccount, world.market, Address::new_from_array([8; 32]));
    let (other, mut data) = (keypair("another approval").pubkey(), world.vm.svm.get_account(&register.accounts[4].pubkey).expect("one"));
    let place = data.data.windows(32).position(|bytes| bytes == market).expect("the market");
    data.data[place..place + 32].copy_from_slice(&[8; 32]);
    world.vm.svm.set_account(other, data).expect("an account");
    let mut foreign = register.clone();
    foreign.accounts[4].pubkey = other;
    account(&refused(&mut world.vm, &[foreign], &[&owner]), HmmError::WrongAccount, world.market, Address::new_from_array([8; 32]));
    // the same worker's leaf, voted for on another ledger
    let mut elsewhere = world.clone();
    edit_market(&mut elsewhere, |market| market.genesis_hash[0] ^= 1);
    let failure = refused(&mut elsewhere.vm, std::slice::from_ref(&register), &[&owner]);
    assert!(failure.is(HmmError::MerkleRoot), "{failure}");
    accepted(&mut world.vm, &[register], &[&owner], &[address, address::enclave_key(&address, &tree.leaves()[0].key), owner.pubkey()]);
}

#[test]
fn leaves_have_sane_terms() {
    let refuse = |edit: fn(&mut KeyLeaf, i64)| {
        let mut time = 0;
        let (mut world, _, tree) = with_root(1, 0, 0, |leaf| {
            time = leaf.expiry - 30 * DAY;
            edit(leaf, time);
        });
        let owner = world.trader();
        assert_eq!(now(&world), time);
        let register = tree.register(owner.pubkey(), 0).expect("a leaf");
        (refused(&mut world.vm, &[register], &[&owner]), time as u64)
    };
    let (failure, time) = refuse(|leaf, time| leaf.expiry = time);
    number(&failure, HmmError::KeyLapsed, time, time);
    let (failure, time) = refuse(|leaf, time| leaf.expiry = time + 366 * DAY + 1);
    number(&failure, HmmError::KeyExpiryTooLate, time + 366 * DAY as u64, time + 366 * DAY as u64 + 1);
    let (failure, _) = refuse(|leaf, _| leaf.capacity = [0; 8]);
    number(&failure, HmmError::KeyWithoutCapacity, 1, 0);
    for expiry in [1, 366 * DAY] {
        let (mut world, _, tree) = with_root(1, 0, 0, |leaf| leaf.expiry += expiry - 30 * DAY);
        let owner = world.trader();
        let register = tree.register(owner.pubkey(), 0).expect("a leaf");
        world.vm.send(&[register], &[&owner]).expect("the bounds are allowed");
    }
}

#[test]
fn a_revoked_measurement_or_an_old_root_registers_nothing() {
    let (mut world, address, old) = with_root(2, 1, 0, |_| ());
    let (owner, authority) = (world.trader(), world.authority());
    let register = old.register(owner.pubkey(), 0).expect("a leaf");
    let mut revoked = world.clone();
    let revoke = registry::revoke(world.market, authority.pubkey(), &MEASUREMENT);
    revoked.vm.send(&[revoke], &[&authority]).expect("revoked");
    number(&refused(&mut revoked.vm, std::slice::from_ref(&register), &[&owner]), HmmError::MeasurementRevoked, 0, 1);

    let new = world.key_tree(vec![leaf(&world, address, "new enclave"), leaf(&world, address, "another")]);
    world.enact(&new);
    assert_eq!(world.registry().number, 2);
    let failure = refused(&mut world.vm, std::slice::from_ref(&register), &[&owner]);
    assert!(failure.is(HmmError::MerkleRoot), "{failure}");
    let register = new.register(owner.pubkey(), 0).expect("a leaf");
    world.vm.send(&[register], &[&owner]).expect("the new one");
    // before any root, nothing is proven
    let mut fresh = self::world(3);
    let address = fresh.register_worker(&owner, &Address::default());
    let tree = fresh.key_tree(vec![leaf(&fresh, address, "enclave")]);
    let register = tree.register(owner.pubkey(), 0).expect("a leaf");
    let failure = refused(&mut fresh.vm, &[register], &[&owner]);
    assert!(failure.is(HmmError::MerkleRoot), "{failure}");
}

#[test]
fn a_second_key_leaves_the_first_one_valid_until_its_expiry() {
    let (mut world, address, tree) = with_root(1, 0, 0, |leaf| leaf.expiry -= 29 * DAY);
    let (owner, operator) = (world.trader(), keypair("operator"));
    let first = tree.leaves()[0];
    let funds = lamports(&world, &operator.pubkey());
    let register = tree.register(operator.pubkey(), 0).expect("a leaf");
    let payer = payer_of(&mut world);
    world.vm.send(std::slice::from_ref(&register), &[&payer, &operator]).expect("the first");
    let stored = world.enclave_key(&address, &first.key);
    let second = world.give_key(&owner, address, &keypair("second enclave"), [9, 0, 0, 0, 0, 0, 0, 0], 2 * DAY);
    assert_eq!(world.enclave_key(&address, &first.key), stored, "the first is as it was");
    let current = worker(&world, &address);
    assert_eq!((current.key, current.key_expiry, current.capacity), (second.key, second.expiry, second.capacity));

    let close = registry::close_key(&address, &first.key, operator.pubkey());
    at(&mut world, first.expiry - 1);
    number(&refused(&mut world.vm, std::slice::from_ref(&close), &[]), HmmError::KeyLive, first.expiry as u64, first.expiry as u64 - 1);
    at(&mut world, first.expiry);
    let mut to_another = close.clone();
    to_another.accounts[1].pubkey = owner.pubkey();
    account(&refused(&mut world.vm, &[to_another], &[]), HmmError::WrongAccount, operator.pubkey(), owner.pubkey());
    let changes = [address::enclave_key(&address, &first.key), operator.pubkey()];
    let receipt = accepted(&mut world.vm, &[close], &[], &changes);
    let [HmmEvent::KeyClosed(event)] = &receipt.events[..] else { panic!("{:?}", receipt.events) };
    assert_eq!((event.worker, event.key), (address, first.key));
    assert_eq!(lamports(&world, &operator.pubkey()), funds, "the rent is back");
    // a closed key comes back by no leaf: it has expired
    world.enact(&tree);
    number(&refused(&mut world.vm, &[register], &[&operator]), HmmError::KeyLapsed, first.expiry as u64, first.expiry as u64);
}

#[test]
fn donations_count_for_nothing() {
    let mut world = world(1);
    let (vault, verifier) = (vault(&world), verifier_key(0));
    set_balance(&mut world.vm, &vault, STAKE + 77);
    world.pass(ACTIVATION);
    let unstake = Unstake {
        market: world.market,
        verifier: verifier.pubkey(),
        verifier_set: set_address(&world),
        event_authority: address::event_authority(),
        program: hmm_client::HMM_ID,
    }
    .instruction(UnstakeInstructionArgs { index: 0, amount: STAKE });
    world.vm.send(&[unstake], &[&verifier]).expect("asked back");
    world.pass(UNSTAKING);
    let withdraw = withdraw_ix(&world, &verifier, 0);
    world.vm.send(std::slice::from_ref(&withdraw), &[&verifier]).expect("paid");
    assert_eq!(world.vm.balance(&vault), 77);
    assert_eq!(liabilities(&world.verifier_set()), 0);
    refused(&mut world.vm, &[withdraw], &[]);
}
