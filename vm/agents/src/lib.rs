//! The reference agents: what a [worker](work) computes, publishes and attests, how a verifier [judges](judge) it and [votes](vote), what
//! each does [next](turn), the [shelf] between them, and the [keystore] of both.
//!
//! Agents [run] against a [`Ledger`](run::Ledger), what they need of a chain; the program's is a [`Chain`](chain::Chain) over any
//! [`Node`](chain::Node). What a worker publishes is judged by what it attested, never by what it says.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod chain;
pub mod judge;
pub mod keystore;
pub mod run;
pub mod shelf;
pub mod turn;
pub mod vote;
pub mod work;

pub use judge::{Fraud, Judgement, TraceSource, judge};
pub use keystore::{Keystore, Passphrase, PassphraseSource};
pub use vote::Vote;
pub use work::{Published, Work};
