//! What can go wrong, and the exit code it ends with.

use std::{fmt, io};

use serde_json::{Value, json};

use crate::refusal::Refusal;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
pub enum Error {
    /// A program said no.
    Refused(Box<Refusal>),
    /// What was asked for makes no sense.
    Usage(String),
    /// Anything else: a file, the network, a check that does not hold.
    Failed(String),
    /// The same, after an answer that says so itself.
    Told(String),
}

impl Error {
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// 1 refused, 2 usage, 3 anything else.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Failed(_) | Self::Told(_) => 3,
        }
    }

    /// Says it: one line of JSON on standard output, or text on standard error.
    pub fn tell(&self, json: bool) {
        if json && !matches!(self, Self::Told(_)) {
            println!("{}", self.json());
        } else {
            eprintln!("hmm: {self}");
        }
    }

    fn json(&self) -> Value {
        let error = match self {
            Self::Refused(refusal) => json!({ "kind": "refused", "refusal": refusal }),
            Self::Usage(message) => json!({ "kind": "usage", "message": message }),
            Self::Failed(message) | Self::Told(message) => json!({ "kind": "failed", "message": message }),
        };
        json!({ "ok": false, "error": error })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Usage(message) | Self::Failed(message) | Self::Told(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
