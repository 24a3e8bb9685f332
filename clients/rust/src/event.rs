//! What the program told: events from the instructions of a transaction, the reason of a refusal from its logs.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use num_traits::FromPrimitive;
use solana_address::Address;

use crate::{
    HMM_ID,
    generated::{errors::HmmError, events::HmmEvent},
};

/// What the data of an instruction that carries an event begins with: sha256("anchor:event")[..8], reversed.
const TAG: [u8; 8] = 0x1d9a_cb51_2ea5_45e4_u64.to_le_bytes();

/// The events among inner instructions (program, data), in order; those of other programs are skipped. Give it inner instructions only: the program alone
/// can call itself with its event authority's signature.
pub fn events<'a>(inner: impl IntoIterator<Item = (&'a Address, &'a [u8])>) -> Vec<HmmEvent> {
    let own = |(program, data): (&Address, &'a [u8])| (*program == HMM_ID).then(|| data.strip_prefix(&TAG)).flatten();
    inner.into_iter().filter_map(own).filter_map(HmmEvent::decode).collect()
}

/// Why the program said no, what it expected and what it found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HmmRefusal {
    /// The error's number; [`HmmRefusal::error`] is its name.
    pub code: u32,
    /// A leg or resource by its number; 255 for the call as a whole.
    pub subject: u8,
    pub what: Expectation,
}

/// What was expected, and what was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expectation {
    Number { expected: u64, found: u64 },
    Account { expected: Address, found: Address },
}

impl HmmRefusal {
    /// The error; `None` if this client is older than the program.
    pub fn error(&self) -> Option<HmmError> {
        HmmError::from_u32(self.code)
    }
}

impl fmt::Display for HmmRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(error) => write!(f, "{error} ({}", self.code)?,
            None => write!(f, "({}", self.code)?,
        }
        match self.what {
            Expectation::Number { expected, found } => write!(f, ": expected {expected}, found {found})"),
            Expectation::Account { expected, found } => write!(f, ": expected {expected}, found {found})"),
        }
    }
}

impl std::error::Error for HmmRefusal {}

/// The last refusal that the program itself logged; `None` if there is none (the framework's own errors log no data).
pub fn refusal<S: AsRef<str>>(logs: impl IntoIterator<Item = S>) -> Option<HmmRefusal> {
    let own = HMM_ID.to_string();
    let mut running: Vec<String> = Vec::new();
    let mut last = None;
    for line in logs {
        let line = line.as_ref();
        if let Some(data) = line.strip_prefix("Program data: ") {
            // another program in the transaction may log what it likes
            if running.last() == Some(&own) {
                last = decode(data).or(last);
            }
        } else if let Some((program, event)) = line.strip_prefix("Program ").and_then(|rest| rest.split_once(' ')) {
            match event.split([' ', ':']).next() {
                Some("invoke") => running.push(program.to_owned()),
                Some("success" | "failed") => drop(running.pop()),
                _ => {}
            }
        }
    }
    last
}

fn decode(data: &str) -> Option<HmmRefusal> {
    match HmmEvent::decode(&BASE64_STANDARD.decode(data).ok()?)? {
        HmmEvent::Refused(event) => {
            let r = event.refusal;
            let what = Expectation::Number { expected: r.expected, found: r.found };
            Some(HmmRefusal { code: r.code, subject: r.subject, what })
        }
        HmmEvent::RefusedAccount(r) => {
            let what = Expectation::Account { expected: r.expected, found: r.found };
            Some(HmmRefusal { code: r.code, subject: r.subject, what })
        }
        _ => None,
    }
}
