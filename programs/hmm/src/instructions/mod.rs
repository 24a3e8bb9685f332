//! One instruction, one file: its accounts, then its handler. The list of what it guarantees stands above the handler.

pub mod job;
pub mod market;
pub mod pool;
pub mod round;
pub mod series;
pub mod verifier;
pub mod worker;
