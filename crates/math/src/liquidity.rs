//! Shares of a pool: proportional in and out, always rounded in favour of those who stay.

use crate::curve::Curve;
use crate::error::{OVERFLOW, Reason, Result};
use crate::units::{Psi, Shares, Theta};
use crate::wide::{self, U256};

/// Locked for ever out of the first deposit: a number in the pool, never minted.
pub const MINIMUM_SHARES: u64 = 1_000;

/// The supply that the first deposit creates, the locked minimum included: `Σ ⌊⌊√(xᵢ·yᵢ)⌋ / bᵢ⌋`, in credits. The depositor is minted the result less
/// [`MINIMUM_SHARES`], which must leave at least one: `TooFewShares` otherwise.
pub fn first_shares_floor(reserves: impl IntoIterator<Item = (Curve, Psi, Theta)>) -> Result<Shares> {
    let mut supply = 0u64;
    for (curve, psi, theta) in reserves {
        let part = first_shares_of_floor(&curve, psi, theta)?;
        supply = supply.checked_add(part).ok_or(OVERFLOW)?;
    }
    if supply <= MINIMUM_SHARES {
        return Err(Reason::TooFewShares.refuse(MINIMUM_SHARES + 1, supply));
    }
    Ok(Shares(supply))
}

/// The part of one resource in [`first_shares_floor`].
pub fn first_shares_of_floor(curve: &Curve, psi: Psi, theta: Theta) -> Result<u64> {
    curve.validate()?;
    let product = wide::mul_96_128(curve.x(psi), curve.y(theta));
    if product == U256::ZERO {
        return Ok(0);
    }
    // As in the solve: a good estimate, then the exact comparison. The result is the largest n with (b·n)² ≤ x·y.
    let at_most = |n: u64| wide::square_96(curve.y(Theta(n))) <= product;
    let (root, e) = wide::leading_root(product);
    let mut n = wide::scaled_quotient(root, e, curve.theta_scale);
    while !at_most(n) {
        n = n.wrapping_sub(1);
    }
    while n < u64::MAX && at_most(n.wrapping_add(1)) {
        n = n.wrapping_add(1);
    }
    let scale = curve.theta_scale as u64;
    if n == u64::MAX && U256::from_limbs([0, 0, scale.wrapping_mul(scale), 0]) <= product {
        return Err(OVERFLOW);
    }
    Ok(n)
}

/// What one side pays for `shares`: `⌈shares · reserve / supply⌉`. `TooFewShares` if there is no supply, `Overflow` if it does not fit.
pub fn deposit_ceil(shares: Shares, reserve: u64, supply: Shares) -> Result<u64> {
    let (floor, rest) = wide::mul_div(shares.0, reserve, some(supply)?).ok_or(OVERFLOW)?;
    floor.checked_add((rest != 0) as u64).ok_or(OVERFLOW)
}

/// What one side returns for `shares`: `⌊shares · reserve / supply⌋`. `SharesAboveSupply` if there are not that many, `TooFewShares` if there is no supply.
pub fn withdraw_floor(shares: Shares, reserve: u64, supply: Shares) -> Result<u64> {
    if shares > supply {
        return Err(Reason::SharesAboveSupply.refuse(supply.0, shares.0));
    }
    let (floor, _) = wide::mul_div(shares.0, reserve, some(supply)?).ok_or(OVERFLOW)?;
    Ok(floor)
}

/// The most shares whose [`deposit_ceil`] is at most `max_in`: `⌊max_in · supply / reserve⌋`, saturating (a side without a reserve does not limit
/// them). The smallest over all sides is what the maxima allow.
pub fn shares_for_floor(max_in: u64, reserve: u64, supply: Shares) -> Result<Shares> {
    let most = wide::mul_div(max_in, some(supply)?, reserve);
    Ok(Shares(most.map_or(u64::MAX, |(floor, _)| floor)))
}

fn some(supply: Shares) -> Result<u64> {
    if supply.0 == 0 { Err(Reason::TooFewShares.refuse(1, 0)) } else { Ok(supply.0) }
}
