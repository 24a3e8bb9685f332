//! A refusal in the words of whoever asked: the program's code and name, the resource it is about, what was expected and found.

use std::fmt;

use hmm_client::{HmmRefusal, event::Expectation};
use hmm_vm::Failure;
use serde::Serialize;

/// Why a program said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The custom error code, if there was one.
    pub code: Option<u32>,
    /// The name of the code in the IDL.
    pub name: String,
    pub message: String,
    /// The leg's resource, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Raw, or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl Refusal {
    /// Of a transaction; `subjects` names its legs or resources in order.
    pub fn of(failure: &Failure, subjects: &[String]) -> Self {
        match &failure.refusal {
            Some(refusal) if failure.code() == Some(refusal.code) => Self::of_program(refusal, subjects),
            _ => Self::of_others(failure.code(), &failure.error.to_string(), &failure.logs),
        }
    }

    /// The program's own.
    pub fn of_program(refusal: &HmmRefusal, subjects: &[String]) -> Self {
        let (expected, found) = match refusal.what {
            Expectation::Number { expected, found } => (expected.to_string(), found.to_string()),
            Expectation::Account { expected, found } => (expected.to_string(), found.to_string()),
        };
        let (name, message) = named(refusal.code).unwrap_or_else(|| (format!("Error{}", refusal.code), "unknown to this client".to_owned()));
        Self {
            code: Some(refusal.code),
            name,
            message,
            subject: subjects.get(usize::from(refusal.subject)).cloned(),
            expected: Some(expected),
            found: Some(found),
        }
    }

    /// Of the framework, a token program or the runtime.
    pub fn of_others(code: Option<u32>, error: &str, logs: &[String]) -> Self {
        // The framework logs no data with an error of ours that one of its own checks found.
        if let Some((name, message)) = code.and_then(named) {
            return Self { code, name, message, subject: None, expected: None, found: None };
        }
        let said = logs.iter().rev().find_map(|line| line.strip_prefix("Program log: Error: "));
        let message = said.map_or_else(|| error.to_owned(), |said| format!("{error}: {said}"));
        Self { code, name: "TransactionFailed".to_owned(), message, subject: None, expected: None, found: None }
    }
}

/// Name and message of a code of the program; `None` if it is of another program, or newer than this client.
fn named(code: u32) -> Option<(String, String)> {
    let what = Expectation::Number { expected: 0, found: 0 };
    let error = HmmRefusal { code, subject: u8::MAX, what }.error()?;
    Some((format!("{error:?}"), error.to_string()))
}

/// Compute units that a transaction used, from the log of its last outermost instruction's program.
pub fn compute_units(logs: &[String]) -> u64 {
    let consumed = logs.iter().rev().find_map(|line| line.split_once(" consumed ")?.1.split(' ').next()?.parse().ok());
    consumed.unwrap_or_default()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.name)?;
        if let Some(code) = self.code {
            write!(f, " ({code})")?;
        }
        if let Some(subject) = &self.subject {
            write!(f, " of {subject}")?;
        }
        write!(f, ": {}", self.message)?;
        if let (Some(expected), Some(found)) = (&self.expected, &self.found) {
            write!(f, ": expected {expected}, found {found}")?;
        }
        Ok(())
    }
}
