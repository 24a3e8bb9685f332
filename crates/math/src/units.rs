//! Units as types: a quantity of one kind cannot be passed for another.

use crate::wide::{self, U256};

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
impl Price {
    /// Twice the price, at most the largest there is.
    pub const fn doubled(self) -> Price {
        Price(self.0.saturating_mul(2))
    }

    /// Half the price, rounded up.
    pub const fn halved_ceil(self) -> Price {
        Price(self.0.div_ceil(2))
    }

    /// As Q32.32, for people: rounded down, at most `u64::MAX`.
    pub const fn q32_floor(self) -> u64 {
        let price = self.0 >> 32;
        if price > u64::MAX as u128 { u64::MAX } else { wide::limbs(price).0 }
    }
}

unit! {
    /// Parts per million.
    Ppm(u32)
}
unit! {
    /// Parts per 10⁹: fee rates and relative moves of a reserve.
    Ppb(u64)
}
