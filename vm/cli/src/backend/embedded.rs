//! The embedded VM, kept in a file if one is given.

use std::path::PathBuf;

use hmm_client::{HMM_ID, generated::accounts::POOL_DISCRIMINATOR};
use hmm_vm::{Failure, Receipt, Vm, World, WorldConfig, vm::program_path, world::CREDIT};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Message, VersionedMessage};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use super::{Backend, NotSent, Refused, Sent, snapshot::Snapshot};
use crate::{
    error::{Error, Result},
    place::Person,
};

pub struct Embedded {
    vm: Vm,
    /// The VM with the programs and nothing else: what a snapshot leaves out.
    empty: Vm,
    state: Option<PathBuf>,
}

impl Embedded {
    /// The VM of the state file; a new market where there is no file.
    pub fn open(state: Option<PathBuf>) -> Result<Self> {
        if !program_path().is_file() {
            return Err(Error::failed(format!("{} is missing: build the program first (make build)", program_path().display())));
        }
        let config = WorldConfig::default();
        let empty = Vm::new(config.flavour);
        match state {
            Some(path) if path.exists() => {
                let mut vm = empty.clone();
                Snapshot::read(&path)?.restore(&mut vm)?;
                vm.hash_slots();
                Ok(Self { vm, empty, state: Some(path) })
            }
            state => {
                let new = Self { vm: market(config), empty, state };
                new.save()?;
                Ok(new)
            }
        }
    }

    fn save(&self) -> Result<()> {
        self.state.as_ref().map_or(Ok(()), |path| Snapshot::take(&self.vm, &self.empty).write(path))
    }
}

impl Backend for Embedded {
    fn accounts(&self, addresses: &[Address]) -> Result<Vec<Option<Account>>> {
        Ok(addresses.iter().map(|address| self.vm.svm.get_account(address)).collect())
    }

    fn pools(&self) -> Result<Vec<Address>> {
        let accounts = self.vm.svm.get_program_accounts(&HMM_ID);
        Ok(accounts.into_iter().filter(|(_, account)| account.data.starts_with(&POOL_DISCRIMINATOR)).map(|(address, _)| address).collect())
    }

    fn program_accounts(&self, matches: &[(usize, &[u8])]) -> Result<Vec<(Address, Account)>> {
        let fits = |data: &[u8]| matches.iter().all(|(at, bytes)| data.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
        Ok(self.vm.svm.get_program_accounts(&HMM_ID).into_iter().filter(|(_, account)| fits(&account.data)).collect())
    }

    fn simulate(&self, instructions: &[Instruction], payer: &Address) -> Result<Sent, NotSent> {
        let mut vm = self.vm.clone();
        vm.svm = vm.svm.with_sigverify(false);
        let message = Message::new_with_blockhash(instructions, Some(payer), &vm.svm.latest_blockhash());
        let signatures = vec![Signature::default(); usize::from(message.header.num_required_signatures)];
        let transaction = VersionedTransaction { signatures, message: VersionedMessage::Legacy(message) };
        match vm.svm.simulate_transaction(transaction) {
            Ok(info) => {
                Ok(Sent { compute_units: info.meta.compute_units_consumed, return_data: info.meta.return_data.data, ..Sent::default() })
            }
            Err(failed) => {
                let refusal = hmm_client::refusal(&failed.meta.logs);
                Err(refused(Failure { error: failed.err, refusal, logs: failed.meta.logs }))
            }
        }
    }

    fn send(&mut self, instructions: &[Instruction], signer: &Keypair) -> Result<Sent, NotSent> {
        let Receipt { compute_units, events, return_data, .. } = self.vm.send(instructions, &[signer]).map_err(refused)?;
        self.save()?;
        Ok(Sent { signature: None, compute_units, events, return_data })
    }

    fn advance(&mut self, slots: u64) -> Result<()> {
        self.vm.warp(slots);
        self.vm.hash_slots();
        self.save()
    }
}

/// The market of the tests, with credits for whoever is to work, to have work done and to judge it.
fn market(config: WorldConfig) -> Vm {
    let mut world = World::active(config);
    let clock = world.vm.clock();
    world.verifiers(0);
    world.vm.svm.set_sysvar(&clock);
    for person in Person::settlers() {
        let key = person.keypair();
        world.vm.svm.airdrop(&key.pubkey(), 1_000 * CREDIT).expect("lamports");
        world.open_wallet(&key);
    }
    world.vm.hash_slots();
    world.vm
}

fn refused(failure: Failure) -> NotSent {
    NotSent::Refused(Refused { code: failure.code(), error: failure.error.to_string(), logs: failure.logs })
}
