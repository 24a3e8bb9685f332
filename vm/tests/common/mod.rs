//! What the tests of the program share: seeded randomness, snapshots of the whole VM, forged states, and the books that
//! must balance after every instruction.
#![allow(dead_code)]

pub mod court;
pub mod yard;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use borsh::BorshSerialize;
use hmm_client::{
    Leg, LegKind, PoolState,
    address::{self, TOKEN_PROGRAM},
    generated::accounts::{Market, Pool, WORKER_DISCRIMINATOR, Worker},
};
use hmm_math::{Kappa, Psi, Reserve, Theta, U256};
use hmm_vm::{Failure, Receipt, Vm, World, world::keypair};
use solana_account::AccountSharedData;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// SplitMix64: deterministic, and good enough to choose test cases.
pub struct Rng(u64);

impl Rng {
    /// Prints the seed, so that a failure can be repeated.
    pub fn new(test: &str, seed: u64) -> Self {
        println!("{test}: seed {seed:#x}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        match (high - low).checked_add(1) {
            Some(width) => low + self.next() % width,
            None => self.next(),
        }
    }

    /// The same with every order of magnitude equally likely.
    pub fn log(&mut self, low: u64, high: u64) -> u64 {
        let (least, most) = (low.max(1).ilog2(), high.max(1).ilog2());
        let top = self.range(least.into(), most.into());
        let value = (1u64 << top) | (self.next() & ((1u64 << top) - 1));
        value.clamp(low, high)
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let last = from.len() as u64 - 1;
        &from[self.range(0, last) as usize]
    }
}

pub const KINDS: [LegKind; 4] = [LegKind::BuyExactIn, LegKind::BuyExactOut, LegKind::SellExactIn, LegKind::SellExactOut];

/// Every account of the VM.
pub type Snapshot = HashMap<Address, AccountSharedData>;

pub fn snapshot(vm: &Vm) -> Snapshot {
    vm.svm.accounts_db().inner.clone()
}

/// Addresses whose accounts differ in any byte, lamport or owner. Sysvars are left out: time passes by itself.
pub fn changed(before: &Snapshot, after: &Snapshot) -> BTreeSet<Address> {
    let sysvar = Address::from_str_const("Sysvar1111111111111111111111111111111111111");
    let owned = |account: &AccountSharedData| *solana_account::ReadableAccount::owner(account) == sysvar;
    let all = before.keys().chain(after.keys());
    let differs = |key: &&Address| before.get(*key) != after.get(*key) && !after.get(*key).is_some_and(owned);
    all.filter(differs).copied().collect()
}

/// Pays the fees, so that nobody else's lamports move.
pub fn payer() -> Keypair {
    keypair("payer")
}

/// Sends with [`payer`] paying, signed by those of `signers` it asks for; gives what changed besides the payer's own account.
pub fn send(vm: &mut Vm, instructions: &[Instruction], signers: &[&Keypair]) -> (Result<Receipt, Failure>, BTreeSet<Address>) {
    let payer = payer();
    if vm.svm.get_balance(&payer.pubkey()).unwrap_or_default() < 1_000_000_000 {
        vm.svm.airdrop(&payer.pubkey(), 1_000_000_000_000).expect("lamports");
    }
    let before = snapshot(vm);
    let asked = |who: &Address| instructions.iter().flat_map(|ix| &ix.accounts).any(|meta| meta.is_signer && meta.pubkey == *who);
    let mut all = vec![&payer];
    all.extend(signers.iter().filter(|signer| signer.pubkey() != payer.pubkey() && asked(&signer.pubkey())));
    let result = vm.send(instructions, &all);
    let mut changes = changed(&before, &snapshot(vm));
    changes.remove(&payer.pubkey());
    (result, changes)
}

/// Sends and expects a refusal that left every account as it was.
pub fn refused(vm: &mut Vm, instructions: &[Instruction], signers: &[&Keypair]) -> Failure {
    let (result, changes) = send(vm, instructions, signers);
    let failure = result.expect_err("must be refused");
    assert!(changes.is_empty(), "a refusal changed {changes:?}");
    failure
}

/// Sends and expects success that changed exactly `expected`.
pub fn accepted(vm: &mut Vm, instructions: &[Instruction], signers: &[&Keypair], expected: &[Address]) -> Receipt {
    let (result, changes) = send(vm, instructions, signers);
    let receipt = result.unwrap_or_else(|failure| panic!("{failure}\n{}", failure.logs.join("\n")));
    let expected: BTreeSet<_> = expected.iter().copied().collect();
    assert_eq!(changes, expected, "the accounts changed");
    receipt
}

/// Overwrites an account's data, keeping owner and lamports.
pub fn set_data(vm: &mut Vm, address: &Address, data: Vec<u8>) {
    let mut account = vm.svm.get_account(address).expect("an account");
    account.data = data;
    vm.svm.set_account(*address, account).expect("an account");
}

fn patch(vm: &mut Vm, address: &Address, offset: usize, bytes: &[u8]) {
    let mut data = vm.data(address);
    data[offset..offset + bytes.len()].copy_from_slice(bytes);
    set_data(vm, address, data);
}

/// Forges the balance of a token account.
pub fn set_balance(vm: &mut Vm, account: &Address, amount: u64) {
    patch(vm, account, 64, &amount.to_le_bytes());
}

/// Forges the supply of a mint.
pub fn set_supply(vm: &mut Vm, mint: &Address, amount: u64) {
    patch(vm, mint, 36, &amount.to_le_bytes());
}

/// Forges the pool.
pub fn edit_pool(world: &mut World, edit: impl FnOnce(&mut Pool)) {
    let mut pool = world.state().pool;
    edit(&mut pool);
    let address = world.pool;
    set_data(&mut world.vm, &address, bytes(&pool));
}

/// Forges the market.
pub fn edit_market(world: &mut World, edit: impl FnOnce(&mut Market)) {
    let mut market = market(world);
    edit(&mut market);
    let address = world.market;
    set_data(&mut world.vm, &address, bytes(&market));
}

/// Forges a worker.
pub fn edit_worker(world: &mut World, owner: &Address, edit: impl FnOnce(&mut Worker)) {
    let mut worker = world.worker(owner);
    edit(&mut worker);
    set_data(&mut world.vm, &address::worker(&world.pool, owner), bytes(&worker));
}

/// Sets the time, and as much later a slot.
pub fn at(world: &mut World, unix_timestamp: i64) {
    let mut clock = world.vm.clock();
    clock.slot = clock.slot.saturating_add_signed((unix_timestamp - clock.unix_timestamp).saturating_mul(5) / 2);
    clock.unix_timestamp = unix_timestamp;
    world.vm.svm.set_sysvar(&clock);
}

/// Unix time.
pub fn now(world: &World) -> i64 {
    world.vm.clock().unix_timestamp
}

pub fn market(world: &World) -> Market {
    Market::from_bytes(&world.vm.data(&world.market)).expect("a market")
}

fn bytes(account: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(account).expect("bytes")
}

/// Writes what `reserve` says into the pool's place `i`.
pub fn store(pool: &mut Pool, i: usize, reserve: &Reserve) {
    (pool.weights[i], pool.psi_scales[i], pool.theta_scales[i]) =
        (reserve.curve.weight, reserve.curve.psi_scale, reserve.curve.theta_scale);
    (pool.psi[i], pool.theta[i]) = (reserve.psi.0, reserve.theta.0);
    pool.kappa[i] = reserve.kappa.0.to_limbs();
    (pool.min_psi[i], pool.min_theta[i]) = (reserve.min_psi.0, reserve.min_theta.0);
    (pool.window[i], pool.dripped[i]) = (reserve.windows.window, reserve.windows.dripped);
    (pool.move_current[i], pool.move_previous[i]) = (reserve.windows.move_cur, reserve.windows.move_prev);
    (pool.pending_current[i], pool.pending_previous[i]) = (reserve.windows.pending_cur, reserve.windows.pending_prev);
}

/// Somebody's account of the credits.
pub fn credits_of(world: &World, owner: &Address) -> Address {
    address::token_account(owner, &world.credit_mint, &market(world).credit_token_program)
}

/// Somebody's account of a resource's vouchers.
pub fn vouchers_of(world: &World, owner: &Address, resource: u8) -> Address {
    address::token_account(owner, &address::voucher_mint(&world.pool, resource), &TOKEN_PROGRAM)
}

/// Somebody's account of the pool's shares.
pub fn shares_of(world: &World, owner: &Address) -> Address {
    address::token_account(owner, &address::lp_mint(&world.pool), &TOKEN_PROGRAM)
}

/// LP fees of a resource that have not dripped yet.
pub fn pending(pool: &Pool, i: usize) -> u64 {
    pool.pending_current[i] + pool.pending_previous[i] - pool.dripped[i]
}

/// What the vault must hold without donations: Σ (Θ + fees not yet dripped + funds) + what the fees owe.
pub fn owed(pool: &Pool) -> u64 {
    let held: u64 = (0..usize::from(pool.resource_count)).map(|i| pool.theta[i] + pending(pool, i)).sum();
    held + pool.fund.iter().sum::<u64>() + pool.burn_due + pool.treasury_due
}

/// The identities that hold after every instruction, those of workers too: voucher supply + Ψ + what jobs hold = issued until a series is stopped, the vault covers what the pool owes to the
/// unit, κ is that of the reserves, LP supply + locked shares = shares, and nothing lives beyond the pool's resources.
pub fn check_books(world: &World, donated: u64) {
    let state = world.state();
    let pool = &state.pool;
    for i in 0..usize::from(pool.resource_count) {
        let supply = world.vm.supply(&pool.voucher_mints[i]);
        if pool.stop_price[i] == [0, 0] {
            assert_eq!(
                u128::from(supply) + u128::from(pool.psi[i]) + u128::from(pool.in_jobs[i]),
                pool.issued[i].into(),
                "vouchers of resource {i}"
            );
            assert_eq!(pool.fund[i], 0);
        } else {
            assert_eq!(pool.psi[i], 0, "the pool's own units of a series that was stopped");
        }
        let reserve = state.reserve(i as u8).expect("a resource");
        assert_eq!(pool.kappa[i], reserve.curve.kappa(reserve.psi, reserve.theta).0.to_limbs(), "κ of resource {i}");
        assert!(pool.dripped[i] <= pool.pending_previous[i], "dripped more than there was");
    }
    for i in usize::from(pool.resource_count)..8 {
        assert_eq!((pool.psi[i], pool.theta[i], pool.issued[i], pool.pending_current[i]), (0, 0, 0, 0));
    }
    check_workers(world);
    assert_eq!(world.vm.balance(&pool.credit_vault), owed(pool) + donated, "the vault");
    let locked = if pool.shares == 0 { 0 } else { hmm_math::liquidity::MINIMUM_SHARES };
    assert_eq!(world.vm.supply(&pool.lp_mint) + locked, pool.shares, "shares");
}

/// Every worker of the world's pool, with its address.
pub fn workers(world: &World) -> Vec<(Address, Worker)> {
    let accounts = world.vm.svm.accounts_db().inner.iter();
    let ours = accounts.filter(|(_, account)| *solana_account::ReadableAccount::owner(*account) == hmm_client::HMM_ID);
    let workers = ours.filter_map(|(address, account)| {
        let data = solana_account::ReadableAccount::data(account);
        let worker = data.starts_with(&WORKER_DISCRIMINATOR).then(|| Worker::from_bytes(data).expect("a worker"))?;
        (worker.pool == world.pool).then_some((*address, worker))
    });
    workers.collect()
}

/// Everything a worker's vault must hold, donations aside.
pub fn liabilities(worker: &Worker) -> u64 {
    let held: u64 = worker.held.iter().sum();
    held + worker.bond + worker.unbonding + worker.reserved + worker.payments + worker.claimable
}

/// What holds of workers after every instruction: the pool counts what they owe, and each vault covers what its worker has, to the unit.
pub fn check_workers(world: &World) {
    let (pool, workers) = (world.state().pool, workers(world));
    for i in 0..8 {
        assert_eq!(workers.iter().map(|(_, worker)| worker.outstanding[i]).sum::<u64>(), pool.issued[i], "what is owed of resource {i}");
    }
    for (address, worker) in &workers {
        assert_eq!(worker.vault, address::bond(address));
        assert_eq!(world.vm.balance(&worker.vault), liabilities(worker), "the vault of {}", worker.owner);
        for i in 0..8 {
            assert!(worker.outstanding[i] > 0 || (worker.held[i], worker.burned[i]) == (0, 0), "held for nothing");
        }
    }
}

/// κ of each resource.
pub fn kappas(state: &PoolState) -> Vec<U256> {
    (0..state.pool.resource_count).map(|i| state.reserve(i).expect("a resource").kappa.0).collect()
}

/// A leg that takes what it gets.
pub fn leg(resource: u8, kind: LegKind, amount: u64) -> Leg {
    Leg::unlimited(resource, kind, amount)
}

/// Makes the pool a stage for any trade: these reserves, consistent with mints, vault and wallets, the trader rich on both sides.
pub fn stage(world: &mut World, lambda: u32, reserves: &[Reserve]) {
    let trader = world.trader().pubkey();
    edit_pool(world, |pool| {
        pool.lambda = lambda;
        pool.shares = pool.shares.max(1_000_000);
        (pool.burn_due, pool.treasury_due) = (0, 0);
        for (i, reserve) in reserves.iter().enumerate() {
            store(pool, i, reserve);
            pool.issued[i] = u64::MAX;
        }
    });
    let supplier = world.supplier().pubkey();
    edit_worker(world, &supplier, |worker| worker.outstanding[..reserves.len()].fill(u64::MAX));
    let pool = world.state().pool;
    for (i, reserve) in reserves.iter().enumerate() {
        let supply = u64::MAX - reserve.psi.0;
        set_supply(&mut world.vm, &pool.voucher_mints[i], supply);
        let account = vouchers_of(world, &trader, i as u8);
        set_balance(&mut world.vm, &account, supply);
    }
    let held = owed(&pool);
    set_balance(&mut world.vm, &pool.credit_vault, held);
    let (account, mint) = (credits_of(world, &trader), world.credit_mint);
    set_balance(&mut world.vm, &account, u64::MAX - held);
    set_supply(&mut world.vm, &mint, u64::MAX);
    let shares = world.state().pool.shares - hmm_math::liquidity::MINIMUM_SHARES;
    set_supply(&mut world.vm, &pool.lp_mint, shares);
}

/// A reserve with its κ.
pub fn reserve(curve: hmm_math::Curve, psi: u64, theta: u64) -> Reserve {
    let (psi, theta) = (Psi(psi), Theta(theta));
    Reserve { curve, psi, theta, kappa: Kappa(curve.kappa(psi, theta).0), ..Reserve::default() }
}

/// Counts by name, printed in order.
pub type Tally = BTreeMap<String, u64>;

/// `collect_fees` of the world's pool.
pub fn collect_ix(world: &World) -> Instruction {
    let market = market(world);
    hmm_client::generated::instructions::CollectFees {
        market: world.market,
        pool: world.pool,
        credit_vault: address::credit_vault(&world.pool),
        credit_mint: world.credit_mint,
        treasury: market.treasury,
        credit_token_program: market.credit_token_program,
        event_authority: address::event_authority(),
        program: hmm_client::HMM_ID,
    }
    .instruction()
}

/// `close_pool` of the world's pool.
pub fn close_ix(world: &World) -> Instruction {
    hmm_client::generated::instructions::ClosePool {
        pool: world.pool,
        creator: world.creator().pubkey(),
        market: world.market,
        observations: address::observations(&world.pool),
        credit_vault: address::credit_vault(&world.pool),
        credit_mint: world.credit_mint,
        credit_token_program: market(world).credit_token_program,
    }
    .instruction()
}

/// One more pool of the world's market, made the way [`World::forming`] makes the first; active if `deposit`. The world's pool
/// is this one afterwards.
pub fn another_pool(world: &mut World, id: u64, deposit: bool) {
    let creator = world.creator();
    world.pool = address::pool(&world.market, id);
    let create = world.create_pool_ix(id);
    world.vm.send(&[create], &[&creator]).expect("the pool");
    for index in 0..world.config.resources.len() {
        let add = world.add_resource_ix(index);
        world.vm.send(&[add], &[&creator]).expect("a resource");
    }
    for owner in [world.creator(), world.trader()] {
        world.open_vouchers(&owner);
    }
    if deposit {
        for (index, resource) in (0u8..).zip(world.config.resources.clone()) {
            world.issue(index, resource.psi * 2, &creator);
        }
        let most = world.config.resources.iter().map(|r| hmm_client::Amounts { units: r.psi, credits: r.theta }).collect();
        world.add_liquidity(&creator, most, 1, u64::MAX).expect("the first deposit");
    }
}

/// A program that does nothing and succeeds: the built one with its entrypoint replaced by `return 0`.
pub fn always_succeeds() -> Vec<u8> {
    let mut elf = std::fs::read(hmm_vm::vm::program_path()).expect("the program");
    let number = |at: usize, bytes: usize| elf[at..at + bytes].iter().rev().fold(0usize, |n, byte| n << 8 | usize::from(*byte));
    let (entry, headers, size, count) = (number(24, 8), number(32, 8), number(54, 2), number(56, 2));
    let segment = |i: usize| {
        let at = headers + i * size;
        (number(at + 8, 8), number(at + 16, 8), number(at + 32, 8))
    };
    let (offset, address, _) =
        (0..count).map(segment).find(|(_, address, size)| (*address..address + size).contains(&entry)).expect("code");
    let at = offset + entry - address;
    elf[at..at + 16].copy_from_slice(&[0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
    elf
}

/// The accounts of a world that trading moves, to come back to. (Cloning the whole VM costs milliseconds.)
pub struct Saved {
    accounts: Vec<(Address, solana_account::Account)>,
    clock: solana_clock::Clock,
}

impl Saved {
    pub fn take(world: &World, people: &[Address]) -> Self {
        let pool = world.state().pool;
        let count = usize::from(pool.resource_count);
        let mut addresses =
            vec![world.pool, world.market, pool.observations, pool.credit_vault, pool.lp_mint, world.credit_mint, world.treasury];
        addresses.extend(&pool.voucher_mints[..count]);
        let supplier = address::worker(&world.pool, &world.supplier().pubkey());
        addresses.extend([supplier, address::bond(&supplier)]);
        for who in people {
            let worker = address::worker(&world.pool, who);
            addresses.extend([credits_of(world, who), shares_of(world, who), worker, address::bond(&worker)]);
            addresses.extend((0..count).map(|i| vouchers_of(world, who, i as u8)));
        }
        let account = |address: Address| world.vm.svm.get_account(&address).map(|account| (address, account));
        Self { accounts: addresses.into_iter().filter_map(account).collect(), clock: world.vm.clock() }
    }

    pub fn restore(&self, world: &mut World) {
        for (address, account) in &self.accounts {
            world.vm.svm.set_account(*address, account.clone()).expect("an account");
        }
        world.vm.svm.set_sysvar(&self.clock);
    }
}
