//! Units as types: a quantity of one kind cannot be passed for another.

use crate::wide::U256;

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub struct $name(pub $inner);
    };
}

unit! {
    /// Resource, raw token units (`Ψ`).
    Psi(u64)
}
unit! {
    /// Credits, raw token units (`Θ`).
    Theta(u64)
}
unit! {
    /// Shares of a pool, raw units of its LP mint.
    Shares(u64)
}
unit! {
    /// The invariant `K = 2H` of one resource: an exact integer of at most 214 bits.
    Kappa(U256)
}
unit! {
    /// Credits per resource unit, both raw, as Q64.64, rounded down.
    Price(u128)
}
unit! {
    /// Parts per million.
    Ppm(u32)
}
unit! {
    /// Parts per 10⁹: fee rates and relative moves of a reserve.
    Ppb(u64)
}
