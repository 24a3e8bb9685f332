//! The life of a job, and of each of its assignments, as a pure state machine.
//!
//! An event comes with who sends it ([`Actor`]) and when (unix seconds). The machine checks its guard, changes the [`Job`] and
//! the [`Assignment`], and returns [`Effects`]: numbers to move between [`Place`]s. It moves nothing itself: the instructions
//! turn the numbers into transfers, mints and burns, and verify what the machine takes as given (signatures, marks, the drawn
//! randomness, votes, proofs).
//!
//! Windows are half-open, `[from, until)`: at the second `until` the window is over and what follows it is possible, so no second
//! belongs to both and none to neither. Every state that is not terminal has a crank for anybody ([`TABLE`], `docs/jobs.md`).
//! Sections in the comments are those of the protocol's page on jobs; choices it leaves open are in `docs/decisions/jobs.md`.
//!
//! Every sum is checked; a part of an amount is rounded against whoever moves, and the remainder stays where the comment says.
//! After a [`Refusal`] the arguments are unspecified and must be thrown away, as a failed transaction does.
#![no_std]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]
#![deny(clippy::arithmetic_side_effects)]

mod assignment;
mod code;
pub mod committee;
mod error;
mod job;
mod lot;
mod moves;
mod settle;
mod table;
mod terms;

pub use assignment::{Assignment, Event, MAX_CHALLENGERS, Phase, Verdict};
pub use code::Code;
pub use error::{Reason, Refusal, Result};
pub use job::{Actor, Job, JobEvent, MAX_ASSIGNMENTS, Outcome, State};
pub use lot::Lot;
pub use moves::{Asset, Effects, Move, Place};
pub use table::{Row, TABLE};
pub use terms::{
    FEE_SEATS, FINDER, MAX_SCORE, PPM, SLASH_FAILED, SLASH_FRAUD, SLASH_LATE, SLASH_NO_SHOW, Terms, most_paid_floor, part_ceil, part_floor,
};
