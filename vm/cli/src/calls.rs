//! Instructions of the program that the client has no helper for.

use std::io;

use borsh::BorshDeserialize;
pub use hmm_client::liquidity::collect_fees;
use hmm_client::{Leg, PoolState, Quote, generated::instructions};
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
