//! Numbers for what is stored.

/// An enumeration whose variants are stored as a byte.
pub trait Code: Copy + 'static {
    /// Every variant, at the place of its number.
    const ALL: &[Self];

    /// The number of a variant.
    fn code(self) -> u8;

    /// The variant of a number.
    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The byte of a variant that may be missing: 0 if it is, else one more than its number.
    fn store(maybe: Option<Self>) -> u8 {
        maybe.map_or(0, |variant| variant.code().saturating_add(1))
    }

    /// What [`Code::store`] wrote.
    fn load(byte: u8) -> Option<Self> {
        byte.checked_sub(1).and_then(Self::from_code)
    }
}
