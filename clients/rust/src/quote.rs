//! Quotes by the program's own mathematics: what `quote` answers in the same state, to the unit, refusals included.

use hmm_math::{Kind, Reason, Refusal, Reserve};

use crate::{
    generated::{
        errors::HmmError,
        types::{Leg, LegKind, LegQuote, Quote, RefusalData},
    },
    state::PoolState,
};

/// Half a percent.
pub const DEFAULT_SLIPPAGE_BPS: u16 = 50;
/// The subject of a refusal that is about the call as a whole.
pub const SUBJECT_CALL: u8 = u8::MAX;
const MAX_LEGS: u64 = 8;
const BPS: u128 = 10_000;

impl LegKind {
    /// Whether units come out of the pool.
    pub const fn is_buy(self) -> bool {
        matches!(self, Self::BuyExactIn | Self::BuyExactOut)
    }

    /// Whether the trader names what is given.
    pub const fn is_exact_in(self) -> bool {
        matches!(self, Self::BuyExactIn | Self::SellExactIn)
    }

    const fn math(self) -> Kind {
        match self {
            Self::BuyExactIn => Kind::BuyExactIn,
            Self::BuyExactOut => Kind::BuyExactOut,
            Self::SellExactIn => Kind::SellExactIn,
            Self::SellExactOut => Kind::SellExactOut,
        }
    }
}

impl Leg {
    /// A leg that accepts any result; for quotes.
    pub const fn unlimited(resource: u8, kind: LegKind, amount: u64) -> Self {
        let limit = if kind.is_exact_in() { 0 } else { u64::MAX };
        Self { resource, kind, amount, limit }
    }

    /// What the limit is about: units if credits are fixed, credits if units are.
    fn result(&self, units: u64, credits: u64) -> u64 {
        match self.kind {
            LegKind::BuyExactIn | LegKind::SellExactOut => units,
            LegKind::BuyExactOut | LegKind::SellExactIn => credits,
        }
    }
}

fn refuse(error: HmmError, subject: u8, expected: u64, found: u64) -> RefusalData {
    RefusalData { code: error as u32, subject, expected, found }
}

/// A refusal of the mathematics in the program's terms, as in programs/hmm/src/errors.rs.
fn from_math(subject: u8, refusal: Refusal) -> RefusalData {
    let error = match refusal.reason {
        Reason::ZeroAmount => HmmError::ZeroAmount,
        Reason::BadWeight => HmmError::WeightOutOfRange,
        Reason::BadCurvature => HmmError::CurvatureOutOfRange,
        Reason::BadScale => HmmError::ScaleOutOfRange,
        Reason::Overflow => HmmError::Overflow,
        Reason::Drained => HmmError::CurveDrained,
        Reason::BelowMinPsi => HmmError::BelowMinPsi,
        Reason::BelowMinTheta => HmmError::BelowMinTheta,
        Reason::FeeAboveMax => HmmError::FeeAboveMax,
        Reason::InvariantDecreased => HmmError::InvariantDecreased,
        Reason::PriceOverflow => HmmError::PriceOverflow,
        Reason::BadFee => HmmError::FeeOutOfRange,
        Reason::BadWindow => HmmError::WindowOutOfRange,
        Reason::TooFewShares => HmmError::TooFewShares,
        Reason::SharesAboveSupply => HmmError::SharesOutsideLimits,
        Reason::BadKind => HmmError::UnknownLegKind,
        Reason::MoveAboveBound => HmmError::MoveAboveBound,
    };
    refuse(error, subject, refusal.expected, refusal.found)
}

/// Quotes legs. A refusal is data; the legs before it are still quoted.
pub fn quote(state: &PoolState, legs: &[Leg]) -> Quote {
    let mut quote = Quote { net: 0, refusal: None, legs: Vec::with_capacity(legs.len()) };
    match fill(state, legs, &mut quote.legs) {
        Ok(net) => quote.net = net,
        Err(refusal) => quote.refusal = Some(refusal),
    }
    quote
}

fn fill(state: &PoolState, legs: &[Leg], quotes: &mut Vec<LegQuote>) -> Result<i64, RefusalData> {
    require_tradable(state, legs)?;
    let mut net = 0i128;
    for (place, leg) in (0u8..).zip(legs) {
        let leg_quote = quote_leg(state, leg, place)?;
        let credits = i128::from(leg_quote.credits);
        net += if leg.kind.is_buy() { credits } else { -credits };
        quotes.push(leg_quote);
    }
    i64::try_from(net).map_err(|_| refuse(HmmError::Overflow, SUBJECT_CALL, i64::MAX.unsigned_abs(), u64::MAX))
}

/// The checks that come before any leg.
fn require_tradable(state: &PoolState, legs: &[Leg]) -> Result<(), RefusalData> {
    let (now, until) = (state.unix_timestamp, state.market.paused_until);
    if now < until {
        return Err(refuse(HmmError::Paused, SUBJECT_CALL, until.unsigned_abs(), now.unsigned_abs()));
    }
    if state.pool.shares == 0 {
        return Err(refuse(HmmError::PoolStatus, SUBJECT_CALL, 1, 0));
    }
    let count = legs.len() as u64;
    if count == 0 || count > MAX_LEGS {
        return Err(refuse(HmmError::LegCount, SUBJECT_CALL, MAX_LEGS, count));
    }
    for (place, (i, leg)) in (0u8..).zip(legs.iter().enumerate()) {
        if legs.iter().take(i).any(|earlier| earlier.resource == leg.resource) {
            return Err(refuse(HmmError::DuplicateResource, place, 1, leg.resource.into()));
        }
    }
    Ok(())
}

fn quote_leg(state: &PoolState, leg: &Leg, place: u8) -> Result<LegQuote, RefusalData> {
    let math = |refusal| from_math(place, refusal);
    let price = |reserve: &Reserve| reserve.price_floor().map_err(math);
    let unknown = || refuse(HmmError::UnknownResource, place, state.pool.resource_count.into(), leg.resource.into());
    let mut reserve = state.reserve(leg.resource).ok_or_else(unknown)?;
    let end = state.pool.delivery_end.get(usize::from(leg.resource)).copied().unwrap_or_default();
    if end != 0 && state.unix_timestamp >= end {
        return Err(refuse(HmmError::SeriesOver, place, end.unsigned_abs(), state.unix_timestamp.unsigned_abs()));
    }
    let fees = state.fees();
    reserve.rotate(state.slot, fees.risk_window).map_err(math)?;
    let price_before = price(&reserve)?.0;
    let fill = reserve.trade(leg.kind.math(), leg.amount, state.slot, &fees).map_err(math)?;
    let result = leg.result(fill.units, fill.credits);
    let crossed = if leg.kind.is_exact_in() { result < leg.limit } else { result > leg.limit };
    if crossed {
        return Err(refuse(HmmError::LegLimitCrossed, place, leg.limit, result));
    }
    Ok(LegQuote {
        units: fill.units,
        credits: fill.credits,
        fee: fill.fee.total,
        burn: fill.fee.burn,
        to_lps: fill.fee.lp,
        to_treasury: fill.fee.treasury,
        fee_rate: fill.rate.0,
        price_before,
        price_after: price(&reserve)?.0,
    })
}

/// Legs with limits, and the limit on the net.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limited {
    pub legs: Vec<Leg>,
    /// Credits paid at most; negative: received at least.
    pub net_limit: i64,
}

impl Limited {
    /// Limits `slippage_bps` worse than the quote of these legs: what is received at least is rounded down, what is paid at most up. `None` if the
    /// quote is a refusal or of other legs.
    pub fn new(legs: &[Leg], quote: &Quote, slippage_bps: u16) -> Option<Self> {
        if quote.refusal.is_some() || quote.legs.len() != legs.len() {
            return None;
        }
        let limit = |leg: &Leg, q: &LegQuote| {
            let result = leg.result(q.units, q.credits);
            if leg.kind.is_exact_in() { less_floor(result, slippage_bps) } else { more_ceil(result, slippage_bps) }
        };
        let legs = legs.iter().zip(&quote.legs).map(|(leg, q)| Leg { limit: limit(leg, q), ..*leg }).collect();
        let net = quote.net.unsigned_abs();
        let net_limit = if quote.net < 0 {
            i64::try_from(less_floor(net, slippage_bps)).map_or(i64::MIN, |least| -least)
        } else {
            i64::try_from(more_ceil(net, slippage_bps)).unwrap_or(i64::MAX)
        };
        Some(Self { legs, net_limit })
    }
}

fn less_floor(value: u64, bps: u16) -> u64 {
    narrow(u128::from(value) * BPS.saturating_sub(bps.into()) / BPS)
}

fn more_ceil(value: u64, bps: u16) -> u64 {
    narrow((u128::from(value) * (BPS + u128::from(bps))).div_ceil(BPS))
}

fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// How far the average price of a leg, without its fee, is from the marginal price before it: 0.01 is one percent, to the trader's disadvantage. For people's
/// eyes.
pub fn price_impact(kind: LegKind, quote: &LegQuote) -> f64 {
    let curve_credits = if kind.is_buy() { quote.credits - quote.fee } else { quote.credits + quote.fee };
    let average = curve_credits as f64 / quote.units as f64;
    let impact = average / display_price(quote.price_before) - 1.0;
    if kind.is_buy() { impact } else { -impact }
}

/// A Q64.64 price as a number, for people's eyes.
pub fn display_price(price: u128) -> f64 {
    price as f64 / 2f64.powi(64)
}
