//! Client of HMM, the Hamiltonian market maker.
//!
//! `generated` comes from the program's IDL. The modules here put its pieces together: addresses, the state of a pool,
//! quotes by the program's own mathematics, instructions with their token accounts, events and refusals. Nothing here talks to a
//! network: accounts come in as bytes, instructions go out.

pub mod address;
pub mod event;
#[allow(clippy::all, clippy::pedantic, dead_code, missing_docs)]
#[rustfmt::skip]
pub mod generated;
pub mod jobs;
pub mod liquidity;
pub mod marks;
pub mod quote;
pub mod registry;
pub mod rounds;
pub mod series;
pub mod state;
pub mod swap;
pub mod terms;
pub mod verifier;
pub mod worker;

pub use event::{HmmRefusal, events, refusal};
pub use generated::{HMM_ID, errors::HmmError, events::HmmEvent, types::*};
pub use quote::{DEFAULT_SLIPPAGE_BPS, Limited, quote};
pub use registry::{KeyLeaf, KeyTree};
pub use state::PoolState;
