//! Deposits and withdrawals: what they would move, and their instructions.

use hmm_math::{Psi, Refusal, Reserve, Result, Shares, Theta, liquidity};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    HMM_ID, address,
    generated::{
        instructions::{AddLiquidity, AddLiquidityInstructionArgs, CollectFees, RemoveLiquidity, RemoveLiquidityInstructionArgs},
        types::Amounts,
    },
    state::PoolState,
    swap::vouchers,
};

/// Shares, and what they cost or pay of each resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LiquidityQuote {
    pub shares: u64,
    pub amounts: Vec<Amounts>,
}

/// The reserves as the program finds them: rotated to the state's slot.
fn reserves(state: &PoolState) -> Result<Vec<Reserve>> {
    let rotated = |mut reserve: Reserve| reserve.rotate(state.slot, state.market.risk_window).map(|()| reserve);
    (0..state.pool.resource_count).filter_map(|i| state.reserve(i)).map(rotated).collect()
}

/// What a deposit of at most `most` of each side (one entry a resource) would mint and take. The first deposit takes `most` exactly.
pub fn quote_add(state: &PoolState, most: &[Amounts], max_shares: u64) -> Result<LiquidityQuote> {
    let (held, supply) = (reserves(state)?, state.supply());
    if supply.0 == 0 {
        let sides = held.iter().zip(most).map(|(r, most)| (r.curve, Psi(most.units), Theta(most.credits)));
        let shares = liquidity::first_shares_floor(sides)?.0 - liquidity::MINIMUM_SHARES;
        return Ok(LiquidityQuote { shares, amounts: most.to_vec() });
    }
    let mut shares = max_shares;
    for (reserve, most) in held.iter().zip(most) {
        shares = shares.min(liquidity::shares_for_floor(most.units, reserve.psi.0, supply)?.0);
        shares = shares.min(liquidity::shares_for_floor(most.credits, reserve.theta.0, supply)?.0);
    }
    let cost = |reserve: &Reserve| -> std::result::Result<Amounts, Refusal> {
        Ok(Amounts {
            units: liquidity::deposit_ceil(Shares(shares), reserve.psi.0, supply)?,
            credits: liquidity::deposit_ceil(Shares(shares), reserve.theta.0, supply)?,
        })
    };
    Ok(LiquidityQuote { shares, amounts: held.iter().map(cost).collect::<Result<_>>()? })
}

/// What `shares` would pay.
pub fn quote_remove(state: &PoolState, shares: u64) -> Result<LiquidityQuote> {
    let supply = state.supply();
    let part = |reserve: Reserve| -> Result<Amounts> {
        Ok(Amounts {
            units: liquidity::withdraw_floor(Shares(shares), reserve.psi.0, supply)?,
            credits: liquidity::withdraw_floor(Shares(shares), reserve.theta.0, supply)?,
        })
    };
    Ok(LiquidityQuote { shares, amounts: reserves(state)?.into_iter().map(part).collect::<Result<_>>()? })
}

/// Deposits at most `most` of each side from the provider's associated token accounts, which must exist, as must the one for the shares.
pub fn add(state: &PoolState, provider: Address, most: Vec<Amounts>, min_shares: u64, max_shares: u64, deadline: i64) -> Instruction {
    let PoolState { address, pool, market, .. } = state;
    let accounts = AddLiquidity {
        provider,
        market: pool.market,
        pool: *address,
        observations: pool.observations,
        credit_mint: market.credit_mint,
        provider_credits: address::token_account(&provider, &market.credit_mint, &market.credit_token_program),
        credit_vault: pool.credit_vault,
        lp_mint: pool.lp_mint,
        provider_shares: address::token_account(&provider, &pool.lp_mint, &address::TOKEN_PROGRAM),
        credit_token_program: market.credit_token_program,
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    };
    let args = AddLiquidityInstructionArgs { most, min_shares, max_shares, deadline };
    accounts.instruction_with_remaining_accounts(args, &vouchers(state, &provider, 0..pool.resource_count))
}

/// Burns shares for at least `least` of each side, to the provider's associated token accounts, which must exist.
pub fn remove(state: &PoolState, provider: Address, shares: u64, least: Vec<Amounts>, deadline: i64) -> Instruction {
    let PoolState { address, pool, market, .. } = state;
    let accounts = RemoveLiquidity {
        provider,
        market: pool.market,
        pool: *address,
        observations: pool.observations,
        credit_mint: market.credit_mint,
        provider_credits: address::token_account(&provider, &market.credit_mint, &market.credit_token_program),
        credit_vault: pool.credit_vault,
        lp_mint: pool.lp_mint,
        provider_shares: address::token_account(&provider, &pool.lp_mint, &address::TOKEN_PROGRAM),
        credit_token_program: market.credit_token_program,
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    };
    let args = RemoveLiquidityInstructionArgs { shares, least, deadline };
    accounts.instruction_with_remaining_accounts(args, &vouchers(state, &provider, 0..pool.resource_count))
}

/// Burns and pays out what the fees owe.
pub fn collect_fees(state: &PoolState) -> Instruction {
    let PoolState { address, pool, market, .. } = state;
    CollectFees {
        market: pool.market,
        pool: *address,
        credit_vault: pool.credit_vault,
        credit_mint: market.credit_mint,
        treasury: market.treasury,
        credit_token_program: market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}
