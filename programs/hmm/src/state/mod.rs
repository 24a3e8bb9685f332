//! What the program stores. A state type owns its transitions; an instruction asks it to change.

mod liquidity;
mod market;
mod observations;
mod pool;

pub use {market::*, observations::*, pool::*};
