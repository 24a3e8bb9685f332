//! The registry of enclave keys: its tree, the votes for its root, the proof of a key. Source: protocol.md, *Jobs* 4.

use hmm_attest::{
    Refusal,
    digest::{Domain, EnclaveLeaf},
    merkle::Tree,
};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    HMM_ID, address,
    generated::instructions::{
        ApproveMeasurement, ApproveMeasurementInstructionArgs, CloseKey, CloseRoot, EnactRoot, ProposeRoot, ProposeRootInstructionArgs,
        RegisterKey, RegisterKeyInstructionArgs, RevokeMeasurement, VoteRoot, VoteRootInstructionArgs,
    },
};

/// What verifiers found in the enclave of a worker.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyLeaf {
    pub worker: Address,
    pub measurement: [u8; 32],
    /// The enclave's ed25519 key.
    pub key: Address,
    /// Raw units an hour, per resource of the worker's pool.
    pub capacity: [u64; 8],
    /// Unix time.
    pub expiry: i64,
}

/// The tree whose root verifiers vote for.
pub struct KeyTree {
    market: Address,
    leaves: Vec<KeyLeaf>,
    tree: Tree,
}

/// What is signed for a market; `genesis_hash` is the one that it stores.
pub fn domain(market: &Address, genesis_hash: [u8; 32]) -> Domain {
    Domain { program: HMM_ID.to_bytes(), genesis: genesis_hash, market: market.to_bytes() }
}

impl KeyLeaf {
    /// The data of the leaf.
    pub fn digest(&self, domain: &Domain) -> [u8; 32] {
        let Self { worker, measurement, key, capacity, expiry } = *self;
        EnclaveLeaf { worker: worker.to_bytes(), measurement, key: key.to_bytes(), capacity, expiry }.digest(domain)
    }
}

impl KeyTree {
    /// The least deep tree of `leaves`. Errors if they are more than 2²⁰.
    pub fn new(market: Address, genesis_hash: [u8; 32], leaves: Vec<KeyLeaf>) -> Result<Self, Refusal> {
        let depth = leaves.len().next_power_of_two().trailing_zeros().try_into().unwrap_or(u8::MAX);
        Self::with_depth(market, genesis_hash, leaves, depth)
    }

    /// The tree of this depth. Errors if it is more than 20, or too little for `leaves`.
    pub fn with_depth(market: Address, genesis_hash: [u8; 32], leaves: Vec<KeyLeaf>, depth: u8) -> Result<Self, Refusal> {
        let domain = domain(&market, genesis_hash);
        let data: Vec<_> = leaves.iter().map(|leaf| leaf.digest(&domain)).collect();
        Ok(Self { market, tree: Tree::new(depth, &data)?, leaves })
    }

    pub fn root(&self) -> [u8; 32] {
        self.tree.root()
    }

    pub fn depth(&self) -> u8 {
        self.tree.depth()
    }

    pub fn leaves(&self) -> &[KeyLeaf] {
        &self.leaves
    }

    /// Registers the key of leaf `index`, as the worker's owner or operator. Errors if there is no such leaf.
    pub fn register(&self, signer: Address, index: u32) -> Result<Instruction, Refusal> {
        let proof = self.tree.proof(index)?;
        let missing = || hmm_attest::Reason::LeafIndex.refuse(self.leaves.len().saturating_sub(1) as u64, index.into());
        let leaf = usize::try_from(index).ok().and_then(|index| self.leaves.get(index)).ok_or_else(missing)?;
        let KeyLeaf { worker, measurement, key, capacity, expiry } = *leaf;
        let accounts = RegisterKey {
            signer,
            market: self.market,
            registry: address::registry(&self.market),
            worker,
            approval: address::measurement(&self.market, &measurement),
            enclave_key: address::enclave_key(&worker, &key),
            system_program: address::SYSTEM_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        };
        Ok(accounts.instruction(RegisterKeyInstructionArgs { key, capacity, expiry, index, proof }))
    }

    /// Proposes the root as number `number` (one above the root in force), as the verifier at place `place`, who pays and votes for it.
    pub fn propose(&self, verifier: Address, place: u8, number: u64) -> Instruction {
        let (market, root, depth) = (self.market, self.root(), self.depth());
        let registry = address::registry(&market);
        ProposeRoot {
            verifier,
            registry,
            verifier_set: address::verifier_set(&market),
            proposal: address::root_proposal(&registry, number, depth, &root),
            system_program: address::SYSTEM_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(ProposeRootInstructionArgs { root, depth, index: place })
    }

    /// Where the proposal of the root is.
    pub fn proposal(&self, number: u64) -> Address {
        address::root_proposal(&address::registry(&self.market), number, self.depth(), &self.root())
    }
}

/// Votes for a proposal, as the verifier at place `place`. Six such votes fit a transaction.
pub fn vote(market: &Address, proposal: Address, verifier: Address, place: u8) -> Instruction {
    VoteRoot {
        verifier,
        registry: address::registry(market),
        verifier_set: address::verifier_set(market),
        proposal,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(VoteRootInstructionArgs { index: place })
}

/// Puts a root in force that has enough votes; `rent_payer` proposed it.
pub fn enact(market: &Address, proposal: Address, rent_payer: Address) -> Instruction {
    EnactRoot {
        registry: address::registry(market),
        verifier_set: address::verifier_set(market),
        proposal,
        rent_payer,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Closes a proposal that failed; `rent_payer` proposed it.
pub fn close_root(market: &Address, proposal: Address, rent_payer: Address) -> Instruction {
    CloseRoot { registry: address::registry(market), proposal, rent_payer, event_authority: address::event_authority(), program: HMM_ID }
        .instruction()
}

/// Approves a measurement, as the authority.
pub fn approve(market: Address, authority: Address, measurement: [u8; 32]) -> Instruction {
    ApproveMeasurement {
        market,
        authority,
        approval: address::measurement(&market, &measurement),
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(ApproveMeasurementInstructionArgs { measurement })
}

/// Revokes a measurement for ever, as the guardian or the authority.
pub fn revoke(market: Address, signer: Address, measurement: &[u8; 32]) -> Instruction {
    RevokeMeasurement {
        market,
        signer,
        approval: address::measurement(&market, measurement),
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Closes an expired key; `rent_payer` registered it.
pub fn close_key(worker: &Address, key: &Address, rent_payer: Address) -> Instruction {
    CloseKey { enclave_key: address::enclave_key(worker, key), rent_payer, event_authority: address::event_authority(), program: HMM_ID }
        .instruction()
}
