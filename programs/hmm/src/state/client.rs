use anchor_lang::prelude::*;

use crate::errors::HmmError;

/// Layout of this account.
pub const CLIENT_VERSION: u8 = 1;

/// One client of one market: the counter from which its jobs have their ids, so that no id ever returns.
///
/// PDA `["client", market, owner]`. Never closed. Source: protocol.md, *Accounts*.
#[account]
pub struct Client {
    pub version: u8,
    pub bump: u8,
    pub _reserved: [u8; 6],
    /// Jobs opened so far: the id of the next one.
    pub jobs: u64,
    pub owner: Address,
    pub market: Address,
}

impl Client {
    /// The next job's id; ids never return.
    pub fn next_job_id(&mut self) -> Result<u64> {
        let id = self.jobs;
        self.jobs = id.checked_add(1).ok_or_else(|| HmmError::Overflow.refuse(u64::MAX, id))?;
        Ok(id)
    }
}
