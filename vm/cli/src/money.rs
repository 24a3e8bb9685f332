//! Amounts, prices and rates that show themselves: exact decimal strings in JSON, shorter ones for people.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{
    amount::{self, VOUCHER_DECIMALS},
    number,
};

/// So much of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    pub raw: u64,
    pub decimals: u8,
}

impl Amount {
    pub const fn units(raw: u64) -> Self {
        Self { raw, decimals: VOUCHER_DECIMALS }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&amount::human(self.raw, self.decimals))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&amount::exact(self.raw, self.decimals))
    }
}

/// Credits paid; negative: received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    pub raw: i64,
    pub decimals: u8,
}

impl Net {
    /// In words, as a limit.
    pub fn limit(&self) -> String {
        let credits = amount::human(self.raw.unsigned_abs(), self.decimals);
        format!("{} {credits} credits", if self.raw < 0 { "receive at least" } else { "pay at most" })
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credits = amount::human(self.raw.unsigned_abs(), self.decimals);
        write!(f, "{} {credits} credits", if self.raw < 0 { "receive" } else { "pay" })
    }
}

impl Serialize for Net {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sign = if self.raw < 0 { "-" } else { "" };
        serializer.serialize_str(&format!("{sign}{}", amount::exact(self.raw.unsigned_abs(), self.decimals)))
    }
}

/// Credits for a whole unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Q64.64, raw credits for a raw unit.
    pub raw: u128,
    pub credit_decimals: u8,
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&number::price(self.raw, self.credit_decimals))
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number::price(self.raw, self.credit_decimals))
    }
}

/// A part of one whole: `0.003` in JSON, `0.3 %` for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub parts: u64,
    pub whole: u64,
}

impl Rate {
    pub fn ppm(parts: u32) -> Self {
        Self { parts: parts.into(), whole: 1_000_000 }
    }

    pub const fn ppb(parts: u64) -> Self {
        Self { parts, whole: 1_000_000_000 }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&number::rate(self.parts, self.whole))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let places = u8::try_from(self.whole.ilog10()).unwrap_or_default();
        serializer.serialize_str(&amount::exact(self.parts, places))
    }
}

/// A relative change: `0.009131` in JSON, `+0.913 %` for people.
#[derive(Clone, Copy, Debug)]
pub struct Relative(pub f64);

impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&number::percent(self.0))
    }
}

impl Serialize for Relative {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:.6}", self.0))
    }
}
