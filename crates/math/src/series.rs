//! The end of a series: what its vouchers claim of the fund. Source: protocol.md, *Supply* (`delivery_end`).
//!
//! A voucher is paid `min(fund / vouchers, price)`. Payments round down, so `fund / vouchers` never falls while vouchers are redeemed:
//! nobody is worse off for coming later.

use crate::error::{Reason, Result};
use crate::margin::{value_ceil, value_floor};
use crate::units::Price;
use crate::wide;

/// Credits that `units` of `vouchers` are paid out of `fund`, rounded down. `SharesAboveSupply` if there are fewer vouchers.
pub fn redeem_floor(units: u64, fund: u64, vouchers: u64, price: Price) -> Result<u64> {
    if units > vouchers {
        return Err(Reason::SharesAboveSupply.refuse(vouchers, units));
    }
    if units == 0 {
        return Err(Reason::ZeroAmount.refuse(1, 0));
    }
    // a part of the fund: it fits
    let part = wide::mul_div(fund, units, vouchers).map_or(fund, |(part, _)| part);
    Ok(part.min(value_floor(units, price)))
}

/// What of `fund` all vouchers together can claim, rounded up. The rest is nobody's but the providers'.
pub fn claim_ceil(fund: u64, vouchers: u64, price: Price) -> u64 {
    fund.min(value_ceil(vouchers, price))
}
