//! The mathematics of the Hamiltonian Market Maker in exact integers.
#![no_std]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[cfg(feature = "display")]
extern crate std;

mod curve;
#[cfg(feature = "display")]
pub mod display;
mod error;
mod fee;
pub mod liquidity;
mod reserve;
mod units;
pub mod wide;
mod window;

pub use curve::{Curve, MAX_WEIGHT};
pub use error::{Reason, Refusal, Result};
pub use fee::{Fee, FeeParams, PPB, PPM, fee_ceil, gross_up_ceil};
pub use liquidity::MINIMUM_SHARES;
pub use reserve::{Fill, Kind, Reserve};
pub use units::{Kappa, Ppb, Ppm, Price, Psi, Shares, Theta};
pub use wide::U256;
pub use window::Windows;
