//! The end of a series: its stop, the sweep of its workers, the redemption of its vouchers. Token accounts are the associated ones, and
//! must exist.

use hmm_math::{Price, series};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    HMM_ID, address,
    generated::{
        accounts::Pool,
        instructions::{Redeem, RedeemInstructionArgs, StopSeries, StopSeriesInstructionArgs, SweepSeries, SweepSeriesInstructionArgs},
    },
    state::PoolState,
};

/// Writes down the last price of a series that is over. Anybody may send it.
pub fn stop(state: &PoolState, resource: u8) -> Instruction {
    StopSeries {
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(StopSeriesInstructionArgs { resource })
}

/// Brings what `owner`'s worker holds for a stopped series into its fund. Anybody may send it.
pub fn sweep(state: &PoolState, owner: &Address, resource: u8) -> Instruction {
    let worker = address::worker(&state.address, owner);
    SweepSeries {
        market: state.pool.market,
        pool: state.address,
        worker,
        worker_vault: address::bond(&worker),
        credit_vault: state.pool.credit_vault,
        credit_mint: state.market.credit_mint,
        voucher_mint: address::voucher_mint(&state.address, resource),
        credit_token_program: state.market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(SweepSeriesInstructionArgs { resource })
}

/// Burns the holder's vouchers for at least `min_credits`.
pub fn redeem(state: &PoolState, holder: Address, resource: u8, units: u64, min_credits: u64) -> Instruction {
    let voucher_mint = address::voucher_mint(&state.address, resource);
    let credit_token_program = state.market.credit_token_program;
    Redeem {
        holder,
        market: state.pool.market,
        pool: state.address,
        voucher_mint,
        holder_vouchers: address::token_account(&holder, &voucher_mint, &address::TOKEN_PROGRAM),
        holder_credits: address::token_account(&holder, &state.market.credit_mint, &credit_token_program),
        credit_vault: state.pool.credit_vault,
        credit_mint: state.market.credit_mint,
        credit_token_program,
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(RedeemInstructionArgs { resource, units, min_credits })
}

/// The price at which a series was stopped; zero while it was not.
pub fn stop_price(pool: &Pool, resource: u8) -> Price {
    let [low, high] = pool.stop_price.get(usize::from(resource)).copied().unwrap_or_default();
    Price(u128::from(high) << 64 | u128::from(low))
}

/// What `units` vouchers are paid, given the supply of their mint; `None` while the series was not stopped or somebody owes units of it.
pub fn redemption(pool: &Pool, resource: u8, units: u64, supply: u64) -> Option<u64> {
    let (i, price) = (usize::from(resource), stop_price(pool, resource));
    if price == Price(0) || *pool.issued.get(i)? != 0 {
        return None;
    }
    series::redeem_floor(units, pool.fund[i], supply.checked_add(pool.in_jobs[i])?, price).ok()
}
