//! The instructions of a job's life, with all their accounts, from fetched state.

use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use super::JobState;
use crate::{
    HMM_ID, address,
    generated::{
        accounts::{Assignment, Market, Worker},
        instructions::{
            Assign, AssignInstructionArgs, ClaimJob, CloseJob, DepositVouchers, DepositVouchersInstructionArgs, Expire, Fill,
            FillInstructionArgs, OpenJob, OpenJobInstructionArgs, RegisterClient, Start, TopUp, TopUpInstructionArgs, Unassign,
        },
        types::Leg,
    },
    state::PoolState,
};

/// Registers a client with a market: once, before its first job.
pub fn register(market: Address, owner: Address) -> Instruction {
    RegisterClient {
        owner,
        market,
        client: address::client(&market, &owner),
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction()
}

/// Opens the client's job number `id`, the count of its account, with credits from its associated token account.
pub fn open(market_address: Address, market: &Market, owner: Address, id: u64, args: OpenJobInstructionArgs) -> Instruction {
    let client = address::client(&market_address, &owner);
    let job = address::job(&client, id);
    OpenJob {
        owner,
        market: market_address,
        client,
        job,
        credit_mint: market.credit_mint,
        escrow: address::escrow(&job),
        owner_credits: credits_of(market, &owner),
        credit_token_program: market.credit_token_program,
        system_program: address::SYSTEM_PROGRAM,
        event_authority: address::event_authority(),
        program: HMM_ID,
    }
    .instruction(args)
}

fn credits_of(market: &Market, owner: &Address) -> Address {
    address::token_account(owner, &market.credit_mint, &market.credit_token_program)
}

impl JobState {
    /// Adds credits from somebody's associated token account.
    pub fn top_up(&self, payer: Address, amount: u64) -> Instruction {
        TopUp {
            payer,
            market: self.job.market,
            job: self.address,
            escrow: self.job.escrow,
            credit_mint: self.market.credit_mint,
            payer_credits: credits_of(&self.market, &payer),
            credit_token_program: self.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(TopUpInstructionArgs { amount })
    }

    /// Buys of one pool, as the client or its router.
    pub fn fill(&self, pool: &PoolState, caller: Address, legs: Vec<Leg>) -> Instruction {
        Fill {
            caller,
            market: self.job.market,
            job: self.address,
            pool: pool.address,
            observations: pool.pool.observations,
            escrow: self.job.escrow,
            credit_mint: self.market.credit_mint,
            credit_vault: pool.pool.credit_vault,
            credit_token_program: self.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(FillInstructionArgs { legs })
    }

    /// Brings vouchers from the client's associated token account.
    pub fn deposit_vouchers(&self, pool: &PoolState, resource: u8, units: u64) -> Instruction {
        let voucher_mint = pool.pool.voucher_mints.get(usize::from(resource)).copied().unwrap_or_default();
        DepositVouchers {
            owner: self.job.owner,
            job: self.address,
            pool: pool.address,
            voucher_mint,
            owner_vouchers: address::token_account(&self.job.owner, &voucher_mint, &address::TOKEN_PROGRAM),
            token_program: address::TOKEN_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(DepositVouchersInstructionArgs { resource, units })
    }

    /// Names a worker of a pool for `units` by line, as the client or its router.
    pub fn assign(&self, pool: &PoolState, worker: Address, caller: Address, units: Vec<u64>) -> Instruction {
        Assign {
            caller,
            market: self.job.market,
            job: self.address,
            assignment: self.next_assignment(),
            worker,
            pool: pool.address,
            observations: pool.pool.observations,
            system_program: address::SYSTEM_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction(AssignInstructionArgs { units })
    }

    /// Declines, as the worker, or releases, as the client or its router.
    pub fn unassign(&self, assignment: &Assignment, worker: &Worker, caller: Address) -> Instruction {
        Unassign {
            caller,
            market: self.job.market,
            job: self.address,
            assignment: address::assignment(&self.address, assignment.index),
            worker: assignment.worker,
            escrow: self.job.escrow,
            worker_vault: worker.vault,
            credit_mint: self.market.credit_mint,
            rent_payer: assignment.rent_payer,
            credit_token_program: self.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Starts, as the worker.
    pub fn start(&self, pool: &PoolState, assignment: &Assignment, worker: &Worker, operator: Address) -> Instruction {
        Start {
            operator,
            market: self.job.market,
            job: self.address,
            assignment: address::assignment(&self.address, assignment.index),
            worker: assignment.worker,
            pool: pool.address,
            observations: pool.pool.observations,
            escrow: self.job.escrow,
            worker_vault: worker.vault,
            credit_mint: self.market.credit_mint,
            credit_token_program: self.market.credit_token_program,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Ends an assignment that missed its time; a finder's part goes to `finder_credits`.
    pub fn expire(&self, assignment: &Assignment, worker: &Worker, finder_credits: Address) -> Instruction {
        Expire {
            market: self.job.market,
            job: self.address,
            assignment: address::assignment(&self.address, assignment.index),
            worker: assignment.worker,
            pool: worker.pool,
            escrow: self.job.escrow,
            worker_vault: worker.vault,
            finder_credits,
            credit_mint: self.market.credit_mint,
            rent_payer: assignment.rent_payer,
            credit_token_program: self.market.credit_token_program,
            token_program: address::TOKEN_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction()
    }

    /// Ends the job, as the client, or as anybody from `assign_by` on.
    pub fn close(&self, caller: Address) -> Instruction {
        CloseJob { caller, job: self.address, event_authority: address::event_authority(), program: HMM_ID }.instruction()
    }

    /// Pays a closed job out to the client's associated token accounts, which must exist: its credits and the vouchers of the lines of
    /// these pools.
    pub fn claim(&self, pools: &[&PoolState]) -> Instruction {
        let job = &self.job;
        let writable = |address| AccountMeta::new(address, false);
        let lines = job.lines.iter().take(usize::from(job.line_count)).filter(|line| line.claim != 0);
        let with_pool = lines.filter_map(|line| Some((line, pools.iter().find(|pool| pool.address == line.pool)?)));
        let vouchers: Vec<_> = with_pool
            .flat_map(|(line, pool)| {
                let mint = pool.pool.voucher_mints.get(usize::from(line.resource)).copied().unwrap_or_default();
                [pool.address, mint, address::token_account(&job.owner, &mint, &address::TOKEN_PROGRAM)]
            })
            .map(writable)
            .collect();
        ClaimJob {
            market: job.market,
            job: self.address,
            escrow: job.escrow,
            credit_mint: self.market.credit_mint,
            owner_credits: credits_of(&self.market, &job.owner),
            rent_payer: job.rent_payer,
            credit_token_program: self.market.credit_token_program,
            token_program: address::TOKEN_PROGRAM,
            event_authority: address::event_authority(),
            program: HMM_ID,
        }
        .instruction_with_remaining_accounts(&vouchers)
    }
}
