//! What happens to jobs before they are judged. Every event of a job carries the job's sequence number.

use alloc::vec::Vec;

use anchor_lang::prelude::*;

use super::LegTraded;
use crate::state::LineSpec;

#[event]
pub struct ClientRegistered {
    pub client: Address,
    pub owner: Address,
    pub market: Address,
}

#[event]
pub struct JobOpened {
    pub job: Address,
    pub sequence: u32,
    pub market: Address,
    pub client: Address,
    pub owner: Address,
    pub router: Address,
    pub id: u64,
    pub budget: u64,
    pub gang: bool,
    pub proof_level: u8,
    pub assign_by: i64,
    pub start_by: i64,
    pub submit_by: i64,
    pub lines: Vec<LineSpec>,
}

#[event]
pub struct JobToppedUp {
    pub job: Address,
    pub sequence: u32,
    pub by: Address,
    pub amount: u64,
    /// Free credits of the job afterwards.
    pub credits: u64,
}

/// A job bought vouchers of a pool: a swap whose buyer is the job.
#[event]
pub struct JobFilled {
    pub job: Address,
    pub sequence: u32,
    pub pool: Address,
    pub pool_sequence: u64,
    pub by: Address,
    pub paid: u64,
    /// Free credits of the job afterwards.
    pub credits: u64,
    pub legs: Vec<LegTraded>,
}

#[event]
pub struct VouchersDeposited {
    pub job: Address,
    pub sequence: u32,
    pub pool: Address,
    pub pool_sequence: u64,
    pub resource: u8,
    pub units: u64,
}

/// A worker was named. Arrays go by the job's lines.
#[event]
pub struct JobAssigned {
    pub job: Address,
    pub sequence: u32,
    pub index: u8,
    pub assignment: Address,
    pub worker: Address,
    pub by: Address,
    pub units: Vec<u64>,
    /// What the worker delivers of them, at its quality.
    pub raw_units: Vec<u64>,
    /// Of the worker's free bond.
    pub bond: u64,
    /// Of the job's credits.
    pub fee: u64,
    pub fees: u64,
}

/// A worker started.
#[event]
pub struct AssignmentStarted {
    pub job: Address,
    pub sequence: u32,
    pub index: u8,
    pub worker: Address,
    /// What was held for the units, and is now the assignment's.
    pub payment: u64,
    /// What the client is made whole for.
    pub cost: u64,
    pub bond: u64,
    /// The reservation fee.
    pub fee: u64,
    /// It was the last of its gang.
    pub launched: bool,
}

/// An assignment is over.
#[event]
pub struct AssignmentEnded {
    pub job: Address,
    pub sequence: u32,
    pub index: u8,
    pub worker: Address,
    /// `Outcome` of the machine of jobs.
    pub outcome: u8,
    /// Credits that went from the worker to the job, or, as the other one, from the job to the worker.
    pub to_job: u64,
    pub to_worker: u64,
    /// Credits that went to whoever found the fault.
    pub to_finder: u64,
    pub burned: u64,
    /// Free credits of the job afterwards.
    pub credits: u64,
}

/// A job is over. What is left is the client's to take out.
#[event]
pub struct JobClosed {
    pub job: Address,
    pub sequence: u32,
    pub by: Address,
    /// `Outcome` of the machine of jobs.
    pub reason: u8,
    /// `State` of the machine of jobs.
    pub state: u8,
    pub credits: u64,
    /// Vouchers of each line.
    pub units: Vec<u64>,
}

/// The client of a closed job was paid.
#[event]
pub struct JobClaimed {
    pub job: Address,
    pub sequence: u32,
    pub credits: u64,
    /// Vouchers of each line.
    pub units: Vec<u64>,
    /// Nothing is left: escrow and job are closed.
    pub done: bool,
}
