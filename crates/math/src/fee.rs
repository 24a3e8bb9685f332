//! Fees: the rate of a trade, what it costs, and who gets it. Everything in credits, rates in 10⁻⁹.

use crate::error::{OVERFLOW, Reason, Result};
use crate::units::{Ppb, Ppm};
use crate::wide::{limbs, mul_64_32, scale_ceil, scale_floor};

/// One million: the denominator of [`Ppm`].
pub const PPM: u64 = 1_000_000;
/// 10⁹: the denominator of [`Ppb`].
pub const PPB: u64 = 1_000_000_000;
/// The largest `max_fee`. Up to one half, `f = c₀ + A/(1 − f)` has at most one solution below `max_fee`, so refining it from above
/// finds it whenever there is one (see `Kind::SellExactOut`).
pub const MAX_FEE: Ppm = Ppm(500_000);

const WHOLE: Ppm = Ppm(1_000_000);

/// The fee parameters of a market.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FeeParams {
    /// `f_m`: charged on every trade. At most `max_fee`.
    pub market_fee: Ppm,
    /// `λ_r`: charged on the relative move of the reserve. At most 10⁶.
    pub risk_fee: Ppm,
    /// A trade whose fee rate is above it is refused. At most [`MAX_FEE`].
    pub max_fee: Ppm,
    /// `ζ`: the part of the whole fee that is burned. At most 10⁶.
    pub burn_share: Ppm,
    /// The part of what the market fee leaves after the burn that belongs to the liquidity providers. At most 10⁶.
    pub lp_share: Ppm,
    /// Slots in a window, at least 1.
    pub risk_window: u32,
}

impl FeeParams {
    /// Refuses parameters out of their bounds: `BadFee`, `BadWindow`.
    #[inline(always)]
    pub fn validate(&self) -> Result<()> {
        let at_most = |found: Ppm, bound: Ppm| match found <= bound {
            true => Ok(()),
            false => Err(Reason::BadFee.refuse(bound.0 as u64, found.0 as u64)),
        };
        at_most(self.max_fee, MAX_FEE)?;
        at_most(self.market_fee, self.max_fee)?;
        at_most(self.risk_fee, WHOLE)?;
        at_most(self.burn_share, WHOLE)?;
        at_most(self.lp_share, WHOLE)?;
        if self.risk_window == 0 {
            return Err(Reason::BadWindow.refuse(1, 0));
        }
        Ok(())
    }

    /// `f = f_m + ⌈λ_r·(2X + m)⌉` for the recent moves `X` and the move `m`; `FeeAboveMax` above `max_fee`.
    pub fn rate_ceil(&self, recent: Ppb, moved: Ppb) -> Result<Ppb> {
        // a sum that saturates is far above any max_fee, unless there is no risk fee
        let moves = recent.0.saturating_add(recent.0).saturating_add(moved.0);
        let risk = scale_ceil(moves, self.risk_fee.0 as u64, PPM);
        let rate = (self.market_fee.0 as u64).wrapping_mul(1_000).saturating_add(risk);
        let max = (self.max_fee.0 as u64).wrapping_mul(1_000);
        if rate > max {
            return Err(Reason::FeeAboveMax.refuse(max, rate));
        }
        Ok(Ppb(rate))
    }

    /// Splits a fee charged at `rate`: `burn = ⌊ζ·total⌋`; of the rest the liquidity providers get, floored, all that the risk part of the
    /// rate brought and `lp_share` of what the market part brought; the treasury gets what is left.
    pub fn split_floor(&self, total: u64, rate: Ppb) -> Fee {
        let burn = scale_floor(total, self.burn_share.0 as u64, PPM);
        let rest = total.saturating_sub(burn);
        // 10⁻¹²: the share of the liquidity providers is lp/whole
        let market = self.market_fee.0 as u64;
        let whole = rate.0.wrapping_mul(1_000);
        let risk = whole.saturating_sub(market.wrapping_mul(PPM));
        let lp = part_floor(rest, risk.wrapping_add(market.wrapping_mul(self.lp_share.0 as u64)), whole).min(rest);
        Fee { total, burn, lp, treasury: rest.saturating_sub(lp) }
    }
}

/// A fee and its parts: `total = burn + lp + treasury`, exactly.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Fee {
    /// Credits the trader pays beyond what the curve gets or gives.
    pub total: u64,
    /// To be burned.
    pub burn: u64,
    /// To the liquidity providers: pending, then Θ.
    pub lp: u64,
    /// To the treasury.
    pub treasury: u64,
}

/// `⌈gross · f⌉`. A rate above 1 counts as 1.
#[inline(always)]
pub fn fee_ceil(gross: u64, rate: Ppb) -> u64 {
    scale_ceil(gross, rate.0.min(PPB), PPB)
}

/// `⌈net / (1 − f)⌉`. `Overflow` where it does not fit, or `f` is 1 or more.
#[inline(always)]
pub fn gross_up_ceil(net: u64, rate: Ppb) -> Result<u64> {
    // net·10⁹/(10⁹ − f) = net + net·f/(10⁹ − f)
    let Some(kept @ 1..) = PPB.checked_sub(rate.0) else { return Err(OVERFLOW) };
    let (q, r) = (net / kept, net % kept);
    // f < 10⁹ fits 32 bits, and r·f < 2⁶⁰
    let Ok(narrow) = u32::try_from(rate.0) else { return Err(OVERFLOW) };
    let (most, 0) = limbs(mul_64_32(q, narrow)) else { return Err(OVERFLOW) };
    let fee = most.checked_add(r.wrapping_mul(rate.0).div_ceil(kept)).ok_or(OVERFLOW)?;
    net.checked_add(fee).ok_or(OVERFLOW)
}

/// `⌊value · part / whole⌋` for part ≤ whole ≤ 2⁴⁰; 0 if `whole` is 0.
#[inline(always)]
fn part_floor(value: u64, part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    // value = q·whole + r; r·part < 2⁸⁰ is divided in two digits of 20 bits of `part`
    let (q, r) = (value / whole, value % whole);
    let high = r.wrapping_mul(part >> 20);
    let low = ((high % whole) << 20).wrapping_add(r.wrapping_mul(part & 0xf_ffff));
    q.wrapping_mul(part).wrapping_add((high / whole) << 20).wrapping_add(low / whole)
}
