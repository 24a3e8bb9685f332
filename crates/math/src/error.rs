//! Why something was refused, with what was expected and what was found.

/// What a function of this crate returns.
pub type Result<T> = core::result::Result<T, Refusal>;

/// A refusal. `expected` and `found` mean what [`Reason`] says; a value that does not fit is shown as `u64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What would have been accepted.
    pub expected: u64,
    /// What there was.
    pub found: u64,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)*) => {
        /// The reason of a refusal. The numbers are stable: they are stored, logged and listed in the IDL.
        #[repr(u8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])* $name = $code,)* }

        impl Reason {
            /// Every reason, in the order of their numbers.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// The name of the variant.
            pub const fn name(self) -> &'static str {
                match self { $(Reason::$name => stringify!($name),)* }
            }

            /// One sentence for people.
            pub const fn message(self) -> &'static str {
                match self { $(Reason::$name => $message,)* }
            }
        }
    };
}

reasons! {
    /// An amount is zero, or so small that nothing would be received. Expected: the least (1). Found: 0.
    ZeroAmount = 0, "the amount, or what it would buy, is zero";
    /// Expected: the largest weight (10⁶). Found: the weight.
    BadWeight = 1, "the weight is zero or above one million";
    /// Expected: the largest curvature for this weight (w − 1). Found: the curvature.
    BadCurvature = 2, "the curvature is not below the weight";
    /// Expected: 1. Found: 0.
    BadScale = 3, "a scale is zero";
    /// Expected: the largest value that fits. Found: the value, or `u64::MAX` if it is larger than that.
    Overflow = 4, "the result does not fit its type";
    /// Expected: the most that could be taken (0 where the curve ends first). Found: the amount asked for, or the reserve at
    /// which the other side would be empty.
    Drained = 5, "the curve has no solution: this side of the pool would be empty";
    /// Expected: the floor. Found: the reserve after the trade.
    BelowMinPsi = 6, "the resource reserve would fall below its floor";
    /// Expected: the floor. Found: the reserve after the trade.
    BelowMinTheta = 7, "the credit reserve would fall below its floor";
    /// Expected: the largest fee rate, in 10⁻⁹. Found: the fee rate of the trade, in 10⁻⁹.
    FeeAboveMax = 8, "the fee of this trade is above the maximum";
    /// Expected: κ before. Found: K after. Both saturate at `u64::MAX`.
    InvariantDecreased = 9, "the invariant would decrease";
    /// Expected: the largest whole part of a price. Found: `u64::MAX`.
    PriceOverflow = 10, "the price does not fit Q64.64";
    /// Expected: the bound. Found: the parameter.
    BadFee = 11, "a fee parameter is out of its bounds";
    /// Expected: the window of the slot (or the least window length, 1). Found: the window the reserve stands in (or 0).
    BadWindow = 12, "the risk window is zero, or the reserve was not rotated to this slot";
    /// Expected: the least. Found: the shares.
    TooFewShares = 13, "too few shares";
    /// Expected: the supply. Found: the shares.
    SharesAboveSupply = 14, "more shares than the supply";
    /// Expected: the largest code of a kind (3). Found: the code.
    BadKind = 15, "no such kind of trade";
    /// Expected: the bound on the move that the fee was charged for, in 10⁻⁹. Found: the move, in 10⁻⁹.
    MoveAboveBound = 16, "the trade moves the reserve more than its fee was charged for";
}

impl Reason {
    /// The refusal with this reason.
    #[inline(always)]
    pub const fn refuse(self, expected: u64, found: u64) -> Refusal {
        Refusal { reason: self, expected, found }
    }
}

/// A result that does not fit `u64`.
pub(crate) const OVERFLOW: Refusal = Reason::Overflow.refuse(u64::MAX, u64::MAX);
/// Nothing given, or nothing received.
pub(crate) const ZERO: Refusal = Reason::ZeroAmount.refuse(1, 0);
