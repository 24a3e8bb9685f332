//! Workers of the world's pool.

use hmm_client::{address, generated::accounts::Worker, swap, worker};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use spl_token_interface::instruction::mint_to;

use crate::{
    vm::{Failure, Receipt},
    world::{World, keypair},
};

/// What the supplier of the first vouchers stands for them with, raw credits: enough for any pool of the tests.
const SUPPLIERS_BOND: u64 = 1 << 60;

impl World {
    /// Who supplies the first vouchers of a pool: a worker like any other, except that nothing vouches for its key.
    pub fn supplier(&self) -> Keypair {
        keypair("supplier")
    }

    /// Has the supplier mint vouchers to somebody. Its bond and the minting are the program's. Its key, and a mark where the pool has none,
    /// are written into the accounts for that long: the verifiers and the authority of the world are left as they are.
    pub fn issue(&mut self, resource: u8, units: u64, to: &Keypair) {
        let supplier = self.supplier();
        if self.vm.data(&address::worker(&self.pool, &supplier.pubkey())).is_empty() {
            self.engage(&supplier);
        }
        let observations = address::observations(&self.pool);
        let before = self.vm.svm.get_account(&observations).expect("observations");
        let mut marked = self.observations();
        for (mark, config) in marked.bootstrap.iter_mut().zip(&self.config.resources).filter(|(mark, _)| **mark == 0) {
            *mark = ((u128::from(config.theta) << 64) / u128::from(config.psi)).max(1);
        }
        let data = borsh::to_vec(&marked).expect("bytes");
        self.vm.svm.set_account(observations, Account { data, ..before.clone() }).expect("observations");
        // a worker that has shown nothing yet is worth one half
        let mint = worker::mint_vouchers(&self.state(), supplier.pubkey(), resource, units * 2, &to.pubkey());
        self.vm.send(&[mint], &[&supplier]).expect("vouchers");
        self.vm.svm.set_account(observations, before).expect("observations");
    }

    /// Registers the supplier, bonds it, and writes down a key for it.
    fn engage(&mut self, supplier: &Keypair) {
        let (authority, who) = (self.authority(), supplier.pubkey());
        self.vm.svm.airdrop(&who, 1_000_000_000).expect("lamports");
        let token_program = self.state().market.credit_token_program;
        let credits = address::token_account(&who, &self.credit_mint, &token_program);
        let create = swap::create_token_account(&authority.pubkey(), &who, &self.credit_mint, &token_program);
        let mint = mint_to(&address::TOKEN_PROGRAM, &self.credit_mint, &credits, &authority.pubkey(), &[], SUPPLIERS_BOND);
        let mint = Instruction { program_id: token_program, ..mint.expect("an instruction") };
        self.vm.send(&[create, mint], &[&authority]).expect("credits");
        let state = self.state();
        let register = worker::register(&state, who, [0; 64], Address::default());
        let deposit = worker::deposit_bond(&state, &who, who, SUPPLIERS_BOND);
        self.vm.send(&[register, deposit], &[supplier]).expect("a worker");
        let address = address::worker(&self.pool, &who);
        let account = self.vm.svm.get_account(&address).expect("a worker");
        let worker = Worker { key_expiry: i64::MAX, capacity: [u64::MAX; 8], ..self.worker(&who) };
        let data = borsh::to_vec(&worker).expect("bytes");
        self.vm.svm.set_account(address, Account { data, ..account }).expect("a worker");
    }

    /// Somebody who works, with credits.
    pub fn labourer(&self) -> Keypair {
        keypair("worker")
    }

    /// The worker of an owner in the world's pool.
    pub fn worker(&self, owner: &Address) -> Worker {
        Worker::from_bytes(&self.vm.data(&address::worker(&self.pool, owner))).expect("a worker")
    }

    /// Registers a worker of the pool, with a wallet and accounts of every voucher, and bonds it.
    pub fn register(&mut self, owner: &Keypair, bond: u64) {
        let who = owner.pubkey();
        self.vm.svm.airdrop(&who, 1_000_000_000_000).expect("lamports");
        self.open_wallet(owner);
        self.open_vouchers(owner);
        let state = self.state();
        let register = worker::register(&state, who, [0; 64], Address::default());
        self.vm.send(&[register], &[owner]).expect("a worker");
        if bond > 0 {
            let deposit = worker::deposit_bond(&state, &who, who, bond);
            self.vm.send(&[deposit], &[owner]).expect("a bond");
        }
    }

    /// Sells capacity, for whatever it brings.
    pub fn supply(&mut self, owner: &Keypair, resource: u8, raw_units: u64) -> Result<Receipt, Failure> {
        let supply = worker::supply(&self.state(), owner.pubkey(), resource, raw_units, 0);
        self.vm.send(&[supply], &[owner])
    }

    /// Mints vouchers against the bond, into the owner's wallet.
    pub fn mint_vouchers(&mut self, owner: &Keypair, resource: u8, raw_units: u64) -> Result<Receipt, Failure> {
        let mint = worker::mint_vouchers(&self.state(), owner.pubkey(), resource, raw_units, &owner.pubkey());
        self.vm.send(&[mint], &[owner])
    }

    /// Burns the owner's vouchers against what its worker owes.
    pub fn retire(&mut self, owner: &Keypair, resource: u8, units: u64) -> Result<Receipt, Failure> {
        let retire = worker::retire(&self.state(), owner.pubkey(), resource, units);
        self.vm.send(&[retire], &[owner])
    }

    /// Gives `owner`'s worker notice of a liquidation, or takes it back.
    pub fn notify(&mut self, by: &Keypair, owner: &Address) -> Result<Receipt, Failure> {
        let notify = worker::notify(&self.state(), owner);
        self.vm.send(&[notify], &[by])
    }

    /// Burns the liquidator's vouchers against what `owner`'s worker owes.
    pub fn liquidate(&mut self, by: &Keypair, owner: &Address, resource: u8, units: u64) -> Result<Receipt, Failure> {
        let liquidate = worker::liquidate(&self.state(), owner, by.pubkey(), resource, units);
        self.vm.send(&[liquidate], &[by])
    }
}
