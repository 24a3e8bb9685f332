//! Runs the built programs on an embedded Solana VM (LiteSVM).
//!
//! [`Vm`] is the VM with the program loaded; it sends transactions and decodes what came of them. [`World`] is a market with a
//! pool on it, its people and their token accounts: where tests, benchmarks and the demo begin.

pub mod labour;
pub mod rounds;
pub mod series;
pub mod verify;
pub mod vm;
pub mod work;
pub mod world;

pub use vm::{Failure, Receipt, TokenFlavour, Vm};
pub use world::{World, WorldConfig};
