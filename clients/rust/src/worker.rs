//! What a worker and its liquidators do, as instructions. Token accounts are the associated ones, and must exist.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    HMM_ID, address,
    generated::instructions::{
        ClaimWorker, DepositBond, DepositBondInstructionArgs, Liquidate, LiquidateInstructionArgs, MintVouchers,
        MintVouchersInstructionArgs, NotifyWorker, RegisterWorker, RegisterWorkerInstructionArgs, Retire, RetireInstructionArgs,
        SetOperator, SetOperatorInstructionArgs, Supply, SupplyInstructionArgs, Unbond, UnbondInstructionArgs, WithdrawBond,
    },
    state::PoolState,
};

/// Registers a worker of the pool; the owner pays the rent. `profile`: text, padded with zeros. `operator`: zero for none.
pub fn register(state: &PoolState, owner: Address, profile: [u8; 64], operator: Address) -> Instruction {
    let worker = address::worker(&state.address, &owner);
    RegisterWorker {
        owner,
        market: state.pool.market,
        pool: state.address,
        credit_mint: state.market.credit_mint,
        worker,
        vault: address::bond(&worker),
        credit_token_program: state.market.credit_token_program,
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(RegisterWorkerInstructionArgs { profile, operator })
}

/// Sets the operator; zero for none.
pub fn set_operator(state: &PoolState, owner: Address, operator: Address) -> Instruction {
    SetOperator { worker: address::worker(&state.address, &owner), owner }.instruction(SetOperatorInstructionArgs { operator })
}

/// Adds to the bond of `owner`'s worker, from the payer's credits.
pub fn deposit_bond(state: &PoolState, owner: &Address, payer: Address, credits: u64) -> Instruction {
    let worker = address::worker(&state.address, owner);
    DepositBond {
        payer,
        market: state.pool.market,
        worker,
        vault: address::bond(&worker),
        payer_credits: credits_of(state, &payer),
        credit_mint: state.market.credit_mint,
        credit_token_program: state.market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(DepositBondInstructionArgs { credits })
}

/// Puts bond on its way out.
pub fn unbond(state: &PoolState, owner: Address, credits: u64) -> Instruction {
    Unbond {
        owner,
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        worker: address::worker(&state.address, &owner),
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(UnbondInstructionArgs { credits })
}

/// Pays the bond whose delay is over to the owner. Anybody may send it.
pub fn withdraw_bond(state: &PoolState, owner: &Address) -> Instruction {
    let worker = address::worker(&state.address, owner);
    WithdrawBond {
        market: state.pool.market,
        worker,
        vault: address::bond(&worker),
        destination: credits_of(state, owner),
        credit_mint: state.market.credit_mint,
        credit_token_program: state.market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Pays what the worker has earned to the owner. Anybody may send it.
pub fn claim(state: &PoolState, owner: &Address) -> Instruction {
    let worker = address::worker(&state.address, owner);
    ClaimWorker {
        market: state.pool.market,
        worker,
        vault: address::bond(&worker),
        destination: credits_of(state, owner),
        credit_mint: state.market.credit_mint,
        credit_token_program: state.market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Sells capacity for at least `min_proceeds`.
pub fn supply(state: &PoolState, owner: Address, resource: u8, raw_units: u64, min_proceeds: u64) -> Instruction {
    let worker = address::worker(&state.address, &owner);
    Supply {
        owner,
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        worker,
        worker_vault: address::bond(&worker),
        credit_vault: state.pool.credit_vault,
        credit_mint: state.market.credit_mint,
        credit_token_program: state.market.credit_token_program,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(SupplyInstructionArgs { resource, raw_units, min_proceeds })
}

/// Mints vouchers against the bond, to `to`'s account of them.
pub fn mint_vouchers(state: &PoolState, owner: Address, resource: u8, raw_units: u64, to: &Address) -> Instruction {
    let voucher_mint = address::voucher_mint(&state.address, resource);
    MintVouchers {
        owner,
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        worker: address::worker(&state.address, &owner),
        voucher_mint,
        destination: address::token_account(to, &voucher_mint, &address::TOKEN_PROGRAM),
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(MintVouchersInstructionArgs { resource, raw_units })
}

/// Burns the owner's vouchers against what its worker owes.
pub fn retire(state: &PoolState, owner: Address, resource: u8, units: u64) -> Instruction {
    let voucher_mint = address::voucher_mint(&state.address, resource);
    Retire {
        owner,
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        worker: address::worker(&state.address, &owner),
        voucher_mint,
        owner_vouchers: address::token_account(&owner, &voucher_mint, &address::TOKEN_PROGRAM),
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(RetireInstructionArgs { resource, units })
}

/// Gives `owner`'s worker notice of a liquidation, or takes it back. Anybody may send it.
pub fn notify(state: &PoolState, owner: &Address) -> Instruction {
    NotifyWorker {
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        worker: address::worker(&state.address, owner),
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Burns at most `units` of the liquidator's vouchers against what `owner`'s worker owes.
pub fn liquidate(state: &PoolState, owner: &Address, liquidator: Address, resource: u8, units: u64) -> Instruction {
    let (worker, voucher_mint) = (address::worker(&state.address, owner), address::voucher_mint(&state.address, resource));
    Liquidate {
        liquidator,
        market: state.pool.market,
        pool: state.address,
        observations: state.pool.observations,
        worker,
        worker_vault: address::bond(&worker),
        voucher_mint,
        liquidator_vouchers: address::token_account(&liquidator, &voucher_mint, &address::TOKEN_PROGRAM),
        liquidator_credits: credits_of(state, &liquidator),
        credit_mint: state.market.credit_mint,
        credit_token_program: state.market.credit_token_program,
        token_program: address::TOKEN_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(LiquidateInstructionArgs { resource, units })
}

fn credits_of(state: &PoolState, owner: &Address) -> Address {
    address::token_account(owner, &state.market.credit_mint, &state.market.credit_token_program)
}
