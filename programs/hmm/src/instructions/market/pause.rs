use anchor_lang::prelude::*;

use crate::{
    errors::{HmmError, SUBJECT_CALL},
    state::Market,
};

#[derive(Accounts)]
pub struct Pause {
    #[account(mut)]
    pub market: Account<Market>,
    pub signer: Signer,
}

/// Halts `swap` and `add_liquidity` for half an hour.
///
/// Specification (protocol.md, *Governance*):
/// 1. The guardian or the authority.
/// 2. A pause ends by itself; at most three begin in a day.
/// 3. It never halts `remove_liquidity` or `collect_fees`.
pub fn handler(ctx: &mut Context<Pause>) -> Result<()> {
    ctx.accounts.require_guardian()?;
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.market.pause(now)
}

impl Pause {
    /// Errors `Unauthorized` unless the guardian or the authority signed.
    pub fn require_guardian(&self) -> Result<()> {
        let (market, signer) = (&self.market, self.signer.address());
        if *signer != market.guardian && *signer != market.authority {
            return Err(HmmError::Unauthorized.refuse_account(SUBJECT_CALL, &market.guardian, signer));
        }
        Ok(())
    }
}
