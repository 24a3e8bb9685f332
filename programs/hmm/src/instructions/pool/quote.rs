use alloc::vec::Vec;

use anchor_lang::prelude::*;

use crate::{
    bench::{mark, phase},
    errors::{HmmError, RefusalData, SUBJECT_CALL, from_math},
    expect,
    legs::{Leg, require_legs},
    state::{Market, Pool},
};

/// What one leg would do. Amounts are raw; prices are Q64.64 raw credits per raw unit, floored; the rate is parts per billion.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct LegQuote {
    pub units: u64,
    /// Credits paid with the fee in them (buy), or received with the fee taken off (sell).
    pub credits: u64,
    pub fee: u64,
    pub burn: u64,
    pub to_lps: u64,
    pub to_treasury: u64,
    pub fee_rate: u64,
    pub price_before: u128,
    pub price_after: u128,
}

/// The answer of `quote`.
#[derive(Clone, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct Quote {
    /// Credits the trader would pay; negative: receive.
    pub net: i64,
    /// Why the trade would be refused; the legs before the refused one are still quoted.
    pub refusal: Option<RefusalData>,
    pub legs: Vec<LegQuote>,
}

#[derive(Accounts)]
pub struct QuoteAccounts {
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    pub pool: Account<Pool>,
}

/// What `swap` would do now, as return data; a refusal is data too.
///
/// Specification (HIP-004 *quoteBuy*; protocol.md, *Trading*):
/// 1. Changes nothing; needs no signature.
/// 2. The amounts are those `swap` moves in the same slot and state, to the unit: it is the same code.
/// 3. What would make `swap` fail for its terms is the `refusal`, with what was expected and found.
pub fn handler(ctx: &mut Context<QuoteAccounts>, legs: Vec<Leg>) -> Result<Quote> {
    mark("accounts");
    let (market, pool) = (&ctx.accounts.market, &ctx.accounts.pool);
    let mut quote = Quote { net: 0, refusal: None, legs: Vec::with_capacity(legs.len()) };
    quote.refusal = fill(market, pool, &legs, &mut quote).err();
    Ok(quote)
}

fn fill(market: &Market, pool: &Pool, legs: &[Leg], quote: &mut Quote) -> core::result::Result<(), RefusalData> {
    let clock = Clock::get().map_err(|_| HmmError::Overflow.about(SUBJECT_CALL, 0, 0))?;
    if clock.unix_timestamp < market.paused_until {
        return Err(HmmError::Paused.about(SUBJECT_CALL, market.paused_until.unsigned_abs(), clock.unix_timestamp.unsigned_abs()));
    }
    if !pool.is_active() {
        return Err(HmmError::PoolStatus.about(SUBJECT_CALL, 1, 0));
    }
    require_legs(legs)?;
    let fees = market.fees();
    let mut net = 0i128;
    for (place, leg) in (0u8..).zip(legs) {
        let mut reserve = leg.open(pool, place, &clock, &fees)?;
        let price = |reserve: &hmm_math::Reserve| phase!("curve", reserve.price_floor()).map_err(|refusal| from_math(place, refusal));
        let price_before = price(&reserve)?;
        let fill = leg.trade(&mut reserve, place, clock.slot, &fees)?;
        net = net.saturating_add(leg.payment(&fill));
        quote.legs.push(LegQuote {
            units: fill.units,
            credits: fill.credits,
            fee: fill.fee.total,
            burn: fill.fee.burn,
            to_lps: fill.fee.lp,
            to_treasury: fill.fee.treasury,
            fee_rate: fill.rate.0,
            price_before: price_before.0,
            price_after: price(&reserve)?.0,
        });
    }
    quote.net = i64::try_from(net).map_err(|_| HmmError::Overflow.about(SUBJECT_CALL, i64::MAX.unsigned_abs(), u64::MAX))?;
    Ok(())
}
