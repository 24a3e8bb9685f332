//! Workers of the world's pool.

use hmm_client::{address, generated::accounts::Worker, worker};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    vm::{Failure, Receipt},
    world::{World, keypair},
};

impl World {
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
