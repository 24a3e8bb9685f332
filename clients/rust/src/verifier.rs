//! The stakes of verifiers. Source: protocol.md, *Jobs* 5.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    HMM_ID, address,
    generated::{
        accounts::{Market, VerifierSet},
        instructions::{
            BurnSlashed, CreateVerifierSet, Stake, StakeInstructionArgs, Unstake, UnstakeInstructionArgs, WithdrawStake,
            WithdrawStakeInstructionArgs,
        },
    },
};

/// The place of a verifier in its set.
pub fn place(set: &VerifierSet, owner: &Address) -> Option<u8> {
    (0u8..).zip(&set.verifiers).find(|(_, verifier)| verifier.owner == *owner).map(|(index, _)| index)
}

/// Creates the verifier set of a market, and its registry. `market` is its account, as in all calls here.
pub fn create_set(address: Address, market: &Market) -> Instruction {
    let verifier_set = address::verifier_set(&address);
    CreateVerifierSet {
        market: address,
        authority: market.authority,
        credit_mint: market.credit_mint,
        verifier_set,
        stake_vault: address::stake_vault(&verifier_set),
        bonus_vault: address::bonus_vault(&address),
        registry: address::registry(&address),
        credit_token_program: market.credit_token_program,
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Stakes from the verifier's associated token account.
pub fn stake(address: Address, market: &Market, verifier: Address, amount: u64) -> Instruction {
    let verifier_set = address::verifier_set(&address);
    Stake {
        market: address,
        verifier,
        verifier_set,
        credit_mint: market.credit_mint,
        verifier_credits: address::token_account(&verifier, &market.credit_mint, &market.credit_token_program),
        stake_vault: address::stake_vault(&verifier_set),
        credit_token_program: market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(StakeInstructionArgs { amount })
}

/// Asks stake back.
pub fn unstake(address: Address, verifier: Address, place: u8, amount: u64) -> Instruction {
    Unstake {
        market: address,
        verifier,
        verifier_set: address::verifier_set(&address),
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(UnstakeInstructionArgs { index: place, amount })
}

/// Pays a verifier what is due, to its associated token account.
pub fn withdraw(address: Address, market: &Market, verifier: Address, place: u8) -> Instruction {
    let verifier_set = address::verifier_set(&address);
    WithdrawStake {
        market: address,
        verifier,
        verifier_set,
        credit_mint: market.credit_mint,
        verifier_credits: address::token_account(&verifier, &market.credit_mint, &market.credit_token_program),
        stake_vault: address::stake_vault(&verifier_set),
        credit_token_program: market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(WithdrawStakeInstructionArgs { index: place })
}

/// Burns what was slashed.
pub fn burn_slashed(address: Address, market: &Market) -> Instruction {
    let verifier_set = address::verifier_set(&address);
    BurnSlashed {
        market: address,
        verifier_set,
        credit_mint: market.credit_mint,
        stake_vault: address::stake_vault(&verifier_set),
        credit_token_program: market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}
