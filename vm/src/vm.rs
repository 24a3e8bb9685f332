//! The embedded VM: transactions in, decoded results out.

use std::{fmt, path::PathBuf};

use hmm_client::{HMM_ID, HmmError, HmmEvent, HmmRefusal, PoolState};
use litesvm::{LiteSVM, types::TransactionMetadata};
use solana_address::Address;
use solana_compute_budget::compute_budget::ComputeBudget;
use solana_instruction::{Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_message::{Message, VersionedMessage};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

/// Which program runs at the classic SPL Token address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenFlavour {
    /// The optimised token program that mainnet runs now.
    #[default]
    PToken,
    /// The one before it.
    SplToken,
}

/// What a transaction that went through left behind.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    pub compute_units: u64,
    pub events: Vec<HmmEvent>,
    pub return_data: Vec<u8>,
    pub logs: Vec<String>,
}

/// Why a transaction did not go through.
#[derive(Clone, Debug)]
pub struct Failure {
    pub error: TransactionError,
    /// What the program said about it, if it was the program.
    pub refusal: Option<HmmRefusal>,
    pub logs: Vec<String>,
}

impl Failure {
    /// The custom error code, the program's or the framework's or the token program's.
    pub fn code(&self) -> Option<u32> {
        match self.error {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => Some(code),
            _ => None,
        }
    }

    /// Whether it is this error of the program.
    pub fn is(&self, error: HmmError) -> bool {
        self.code() == Some(error as u32)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.refusal {
            Some(refusal) => write!(f, "{refusal}"),
            None => write!(f, "{}\n{}", self.error, self.logs.join("\n")),
        }
    }
}

impl std::error::Error for Failure {}

/// An embedded VM with the program on it.
#[derive(Clone)]
pub struct Vm {
    pub svm: LiteSVM,
}

/// The built program: `HMM_SO`, or `target/deploy/hmm.so` of this checkout.
pub fn program_path() -> PathBuf {
    let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/deploy/hmm.so");
    std::env::var_os("HMM_SO").map_or_else(built, PathBuf::from)
}

impl Vm {
    /// A new VM with the program at its address. Panics if the program has not been built.
    pub fn new(flavour: TokenFlavour) -> Self {
        let mut svm = LiteSVM::new();
        if flavour == TokenFlavour::SplToken {
            let mut features = LiteSVM::mainnet_feature_set();
            features.deactivate(&agave_feature_set::replace_spl_token_with_p_token::id());
            svm = svm.with_feature_set(features).with_default_programs();
        }
        // The budget of a whole transaction, as if every one asked for the most.
        svm = svm.with_compute_budget(ComputeBudget { compute_unit_limit: 1_400_000, ..ComputeBudget::new_with_defaults(true) });
        let path = program_path();
        let program = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `make build` first", path.display()));
        svm.add_program(HMM_ID, &program).expect("the program loads");
        Self { svm }
    }

    /// Sends one transaction; the first signer pays. A fresh blockhash each time, so equal transactions count as different ones.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let transaction = self.sign(instructions, signers);
        let keys = transaction.message.static_account_keys().to_vec();
        let result = self.svm.send_transaction(transaction);
        self.svm.expire_blockhash();
        match result {
            Ok(meta) => Ok(receipt(&keys, meta)),
            Err(failed) => Err(failure(failed.err, failed.meta)),
        }
    }

    /// What sending would do, without doing it.
    pub fn simulate(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let transaction = self.sign(instructions, signers);
        let keys = transaction.message.static_account_keys().to_vec();
        match self.svm.simulate_transaction(transaction) {
            Ok(info) => Ok(receipt(&keys, info.meta)),
            Err(failed) => Err(failure(failed.err, failed.meta)),
        }
    }

    fn sign(&self, instructions: &[Instruction], signers: &[&Keypair]) -> VersionedTransaction {
        let payer = signers.first().expect("a signer pays").pubkey();
        let message = Message::new_with_blockhash(instructions, Some(&payer), &self.svm.latest_blockhash());
        VersionedTransaction::try_new(VersionedMessage::Legacy(message), signers).expect("every signer is given")
    }

    /// Lets `slots` pass, at 400 ms each.
    pub fn warp(&mut self, slots: u64) {
        let mut clock = self.clock();
        clock.slot += slots;
        clock.unix_timestamp += i64::try_from(slots * 2 / 5).expect("a time in range");
        self.svm.set_sysvar(&clock);
    }

    /// The clock the program sees.
    pub fn clock(&self) -> solana_clock::Clock {
        self.svm.get_sysvar()
    }

    /// Data of an account; empty if there is none.
    pub fn data(&self, address: &Address) -> Vec<u8> {
        self.svm.get_account(address).map(|account| account.data).unwrap_or_default()
    }

    /// Balance of a token account of either token program; zero if there is none.
    pub fn balance(&self, token_account: &Address) -> u64 {
        read_u64(&self.data(token_account), 64)
    }

    /// Supply of a mint of either token program.
    pub fn supply(&self, mint: &Address) -> u64 {
        read_u64(&self.data(mint), 36)
    }

    /// A pool with its market, at the present clock.
    pub fn pool(&self, address: &Address) -> PoolState {
        let pool = self.data(address);
        let market = hmm_client::generated::accounts::Pool::from_bytes(&pool).expect("a pool").market;
        let clock = self.clock();
        PoolState::decode(*address, &pool, &self.data(&market), clock.slot, clock.unix_timestamp).expect("a pool and its market")
    }
}

fn read_u64(data: &[u8], offset: usize) -> u64 {
    data.get(offset..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn receipt(keys: &[Address], meta: TransactionMetadata) -> Receipt {
    let inner = meta.inner_instructions.iter().flatten();
    let inner = inner.filter_map(|i| Some((keys.get(usize::from(i.instruction.program_id_index))?, i.instruction.data.as_slice())));
    Receipt {
        compute_units: meta.compute_units_consumed,
        events: hmm_client::events(inner),
        return_data: meta.return_data.data,
        logs: meta.logs,
    }
}

fn failure(error: TransactionError, meta: TransactionMetadata) -> Failure {
    Failure { error, refusal: hmm_client::refusal(&meta.logs), logs: meta.logs }
}
