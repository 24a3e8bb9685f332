//! Instructions of the program that the client has no helper for.

use std::io;

use borsh::BorshDeserialize;
use hmm_client::{HMM_ID, Leg, PoolState, Quote, address, generated::instructions};
use solana_instruction::Instruction;

/// Asks the program for a quote.
pub fn quote(state: &PoolState, legs: &[Leg]) -> Instruction {
    let accounts = instructions::Quote { market: state.pool.market, pool: state.address };
    accounts.instruction(instructions::QuoteInstructionArgs { legs: legs.to_vec() })
}

/// The answer to [`quote`]. A network cuts zeros off the end of return data: they are put back.
pub fn decode_quote(return_data: &[u8]) -> io::Result<Quote> {
    const LONGEST: usize = 1_024;
    let mut padded = return_data.to_vec();
    padded.resize(LONGEST.max(padded.len()), 0);
    Quote::deserialize(&mut padded.as_slice())
}

/// Burns and pays out what the fees owe.
pub fn collect_fees(state: &PoolState) -> Instruction {
    let PoolState { address, pool, market, .. } = state;
    instructions::CollectFees {
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
