//! A vector swap as instructions.

use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use crate::{
    HMM_ID, address,
    generated::{
        instructions::{Swap, SwapInstructionArgs},
        types::Leg,
    },
    state::PoolState,
};

/// Trades legs from the trader's associated token accounts, which must exist. `net_limit`: credits paid at most, negative: received at least. `deadline`: unix
/// seconds, 0 for none.
pub fn swap(state: &PoolState, trader: Address, legs: Vec<Leg>, net_limit: i64, deadline: i64) -> Instruction {
    let PoolState { address, pool, market, .. } = state;
    let accounts = Swap {
        trader,
        market: pool.market,
        pool: *address,
        observations: pool.observations,
        credit_mint: market.credit_mint,
        trader_credits: address::token_account(&trader, &market.credit_mint, &market.credit_token_program),
        credit_vault: pool.credit_vault,
        credit_token_program: market.credit_token_program,
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    };
    let vouchers = vouchers(state, &trader, legs.iter().map(|leg| leg.resource));
    accounts.instruction_with_remaining_accounts(SwapInstructionArgs { legs, net_limit, deadline }, &vouchers)
}

/// The remaining accounts of a trade or a deposit: for each resource its voucher mint and the owner's account of it. A resource the pool does not have gets the
/// zero address, which the program refuses.
pub fn vouchers(state: &PoolState, owner: &Address, resources: impl IntoIterator<Item = u8>) -> Vec<AccountMeta> {
    let mint = |resource: u8| state.pool.voucher_mints.get(usize::from(resource)).copied().unwrap_or_default();
    let pair = |mint: Address| [mint, address::token_account(owner, &mint, &address::TOKEN_PROGRAM)];
    let writable = |address| AccountMeta::new(address, false);
    resources.into_iter().flat_map(|resource| pair(mint(resource))).map(writable).collect()
}

/// Creates the owner's associated token account, or does nothing if it exists.
pub fn create_token_account(payer: &Address, owner: &Address, mint: &Address, token_program: &Address) -> Instruction {
    const CREATE_IDEMPOTENT: u8 = 1;
    Instruction {
        program_id: address::ASSOCIATED_TOKEN_PROGRAM,
        accounts: vec![
            AccountMeta::new(*payer, true),
            AccountMeta::new(address::token_account(owner, mint, token_program), false),
            AccountMeta::new_readonly(*owner, false),
            AccountMeta::new_readonly(*mint, false),
            AccountMeta::new_readonly(address::SYSTEM_PROGRAM, false),
            AccountMeta::new_readonly(*token_program, false),
        ],
        data: vec![CREATE_IDEMPOTENT],
    }
}
