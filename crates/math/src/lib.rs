//! The mathematics of the Hamiltonian Market Maker in exact integers.
//!
//! One resource of a pool is a [`Reserve`]: Ψ units against Θ credits on the curve `K = 2·w·x·y + λ·(x² + y²)`, `x = a·Ψ`, `y =
//! b·Θ`. A trade moves along the level set of K and rounds in favour of the pool, so K never falls; K₍after₎ ≥ κ is still
//! compared exactly after every trade. The program, its clients and the simulator all call this crate: there is no second
//! implementation, only oracles to test it with.
//!
//! No allocation, no I/O, no floating point (except in [`display`](#features), for people), no panic on any input: what cannot be
//! done is a [`Refusal`] that says why, what was expected and what was found. A function that rounds says so in its name; the
//! four kinds of trade round as [`Kind`] says.
//!
//! # Why nothing overflows
//! The inputs: Ψ, Θ < 2⁶⁴; a, b < 2³²; w ≤ 10⁶; λ < w ([`Curve::validate`]).
//!
//! | quantity | bound | because |
//! | --- | --- | --- |
//! | x, y | < 2⁹⁶ | 64 + 32 bits |
//! | w·y, λ·x | < 2¹¹⁶ | 10⁶ < 2¹⁹·⁹⁴ |
//! | gain 2wy + λx; last step 2wy + λ(2x − a) | < 2¹¹⁸ | at most 4·10⁶·2⁹⁶ = 2¹¹⁷·⁹⁴ |
//! | K, κ | < 2²¹⁴ | 10⁶·(2xy + x² + y²) < 4·10⁶·2¹⁹² = 2²¹³·⁹⁴ |
//! | N = κ − λy² | < 2²¹⁴ | a κ of 2²¹⁴ or more is refused before it is used |
//! | w²y² + λN, the radicand | < 2²³⁵ | 10¹²·2¹⁹² + 10⁶·2²¹⁴ < 2²³⁴·² |
//! | x·(2wy + λx) for any n < 2⁶⁴ | < 2²¹⁴ | a part of K |
//! | a·(wy + λx), b·(wx + λy) of the price | < 2¹⁴⁹ | 2·10⁶·2⁹⁶·2³² |
//! | n·b in the first shares | < 2⁹⁶ | as y |
//!
//! So every product fits the U256 that it is computed in, and the wrapping operations of [`wide`] never wrap on a valid curve.
//! (`kappa` of an invalid curve is some number.) Fees and windows stay in 64 bits by scaling quotient and rest apart; the bounds
//! stand beside each product. Sums of what is stored (`move_cur`, `pending_cur`, Θ) are checked.
//!
//! # The solve
//! [`Curve::solve_psi`] returns the smallest integer reserve that keeps K, which is what a trader can demand and all a pool may
//! give. The closed form N / (wy + √((wy)² + λN)) is evaluated to about 62 bits and only *proposes* the integer: it is returned
//! when exact products say that it keeps K and that one less would not, and moved by one until they do (for reserves below 2⁵⁶
//! hardly ever, near 2⁶⁴ up to five times). (Rounded step by step, the closed form can be one unit above the smallest in tiny
//! pools: w = 20, λ = 1, κ from Ψ = 1, Θ = 16, solved at Θ′ = 2, gives 11 where 10 is enough.)
//!
//! # Why the exact-out sell may bound its move by a straight line
//! Let g be the credits that the curve gives, u = Ψ′ − Ψ the units it takes, m = u/Ψ′, p the price. With t = x/y, along the level
//! set
//!
//! ```text
//! −dln p/dln x = t·(w² − λ²)·(2wt + λ + λt²) / ((w + λt)·(wt + λ)²) ≤ 2,
//! ```
//!
//! since the numerator is at most w²t·(2wt + λ + λt²) and twice the denominator holds 2w³t² + 4w²λt + 2λw²t³ and more. So p·ψ²
//! does not fall as ψ grows, and g = ∫p dψ ≤ p′Ψ′²·(1/Ψ − 1/Ψ′) = p′Ψ′·u/Ψ. Then dln m/dln g = Ψ·g/(u·Ψ′·p′) ≤ 1: m(g)/g never
//! grows, and m(g) ≤ m(g₀)·g/g₀ for g ≥ g₀. At λ = 0 it is an equality.
//!
//! # What splitting an order gains
//! Nothing but rounding: rates are whole parts per 10⁹, rounded up, so the pieces of an order can be luckier than the whole by
//! less than 2·10⁻⁹ of its value and one credit a piece. Apart from that the risk fees of the pieces add up to more than that of
//! the whole.
//!
//! # Beside the curve
//! [`ring`] keeps the price history of a resource and answers with marks, on the logarithms of [`log`]; [`quality`] weighs what a worker
//! delivered, [`margin`] what it owes and must stand for it with. Their bounds and errors stand at the head of each.
//!
//! # Compute units
//! Measured on the virtual machine (LiteSVM 0.16, built by this repository's toolchain), call and return included. Medians: `kappa`
//! 360; the solve 1,020 (the largest of 12,000 random cases over the full range 1,366); `price_floor` 550 (780); `trade` 1,840 buying
//! exact-out (2,195), 1,810 selling exact-in (2,197), 2,950 buying exact-in (3,420), 3,170 selling exact-out (3,682); `rotate` with
//! nothing to do 32, with a drip 502; `deposit_ceil`, `withdraw_floor` and `shares_for_floor` 204 at most.
//!
//! # Features
//! `display`: floating-point helpers for people (needs std; never on chain). `pod`: [`ring::Ring`] as plain old data.
#![no_std]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

#[cfg(feature = "display")]
extern crate std;

mod curve;
#[cfg(feature = "display")]
pub mod display;
mod error;
mod fee;
pub mod liquidity;
pub mod log;
pub mod margin;
pub mod quality;
mod reserve;
pub mod ring;
pub mod series;
mod units;
pub mod wide;
mod window;

pub use curve::{Curve, MAX_WEIGHT};
pub use error::{Reason, Refusal, Result};
pub use fee::{Fee, FeeParams, MAX_FEE, PPB, PPM, fee_ceil, gross_up_ceil};
pub use liquidity::MINIMUM_SHARES;
pub use reserve::{Fill, Kind, Reserve};
pub use units::{Kappa, Ppb, Ppm, Price, Psi, Shares, Theta};
pub use wide::U256;
pub use window::Windows;
