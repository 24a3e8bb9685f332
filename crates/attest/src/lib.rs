//! What workers and verifiers sign, and how the program checks it: [digests](digest), [Merkle proofs](merkle), the
//! [instruction of the ed25519 program](ed25519), the [trace] of a job that the program can redo.
//!
//! The program, its clients and the agents compute the same bytes; `vectors.json`, written by an independent Python program, is
//! checked by Rust, TypeScript and Python. Nothing here allocates, reads an account or panics on any input.
//!
//! # Domains
//! Every preimage of SHA-256 in this crate begins with a byte that tells what it is: 0x00 a leaf, 0x01 a node, `h` (0x68) a digest or
//! a part of the reference computation, whose 16-byte tag then tells which one. So no leaf is a node, no node a digest, and no digest
//! one of another type.
//!
//! # Compute units
//! Measured on the virtual machine (LiteSVM, built by this repository's toolchain), call and copies of the arguments included:
//! digest of an attestation 550, of a leaf 350, of a commitment 340; `ed25519::check` 115 when it accepts, at most about
//! 1,150 when it refuses; `merkle::verify` 180 at depth 0, about 165 more per level, 3,460 at depth 20; `trace::step` 9,820; the longest
//! `Claim::refute` 13,670 (the last two are printed by `vm/tests/conformance.rs`).
//!
//! # Features
//! `std`: Merkle trees and preimages for hosts (never on chain).
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]
#![deny(clippy::arithmetic_side_effects)]

#[cfg(feature = "std")]
extern crate std;

pub mod digest;
pub mod draw;
pub mod ed25519;
mod error;
mod hash;
pub mod merkle;
pub mod trace;

pub use error::{Reason, Refusal, Result};
pub use hash::{Hash, hash};

/// The bytes of an address or of an ed25519 public key.
pub type Key = [u8; 32];

/// Resources of a pool: the width of everything that is told per resource. What a pool does not have is zero.
pub const RESOURCES: usize = 8;
