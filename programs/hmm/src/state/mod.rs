//! What the program stores. A state type owns its transitions; an instruction asks it to change.

mod assignment;
mod client;
mod evidence;
mod job;
mod liquidity;
mod market;
mod observations;
mod pool;
mod registry;
mod reservation;
mod round;
mod series;
mod spec;
mod terms;
mod verifiers;
mod worker;

pub use {
    assignment::*, client::*, job::*, market::*, observations::*, pool::*, registry::*, round::*, series::*, spec::*, terms::*,
    verifiers::*, worker::*,
};
