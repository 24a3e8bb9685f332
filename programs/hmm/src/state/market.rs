use anchor_lang::prelude::*;
use hmm_math::{FeeParams, Ppm};

use crate::{
    constants::{DAY_SECONDS, PAUSE_SECONDS, PAUSES_PER_DAY},
    errors::{HmmError, SUBJECT_CALL, from_math},
    state::{JobTerms, SupplyTerms, VerifierTerms},
};

/// Layout of this account.
pub const MARKET_VERSION: u8 = 1;

/// One market: its credit mint, its roles, the parameters all its pools share, its pause.
///
/// PDA `["market", authority, credit_mint]` (the authority at creation). Trading reads it and never writes it, so pools of one
/// market trade in parallel. Rates are parts per million. Source: protocol.md, *Accounts*, *Defaults*.
#[account]
pub struct Market {
    pub version: u8,
    pub bump: u8,
    pub credit_decimals: u8,
    /// Whether the classic token program takes batches (p-token does), so that an instruction makes its token calls as one.
    pub batch_token_calls: PodBool,
    /// f_m, part of every trade's credits.
    pub market_fee: u32,
    /// λ_r, charged on a trade's move and the recent moves before it.
    pub risk_fee: u32,
    /// A trade whose fee rate would be higher is refused.
    pub max_fee: u32,
    /// ζ, the part of the total fee that is burned.
    pub burn_share: u32,
    /// The liquidity providers' part of what ζ leaves of f_m; the treasury has the rest.
    pub lp_share: u32,
    /// Length in slots of the window over which moves are remembered and fees drip into Θ.
    pub risk_window: u32,
    pub pauses_today: u32,
    /// Unix time / 86,400 of the day `pauses_today` counts.
    pub pause_day: i64,
    /// Unix time at which the present pause ends by itself; in the past if there is none.
    pub paused_until: i64,
    /// Pools created so far: the id of the next one.
    pub pool_count: u64,
    pub authority: Address,
    /// Who may become the authority by accepting; zero if nobody.
    pub pending_authority: Address,
    /// May pause and unpause, nothing else.
    pub guardian: Address,
    /// The token account that receives the treasury's part of the fees.
    pub treasury: Address,
    pub credit_mint: Address,
    pub credit_token_program: Address,
    /// The cluster's genesis hash: what is signed for one cluster does not count on another.
    pub genesis_hash: [u8; 32],
    pub supply: SupplyTerms,
    pub jobs: JobTerms,
    pub verification: VerifierTerms,
}

impl Market {
    /// The fee parameters in the terms of the mathematics.
    #[inline(always)]
    pub fn fees(&self) -> FeeParams {
        FeeParams {
            market_fee: Ppm(self.market_fee),
            risk_fee: Ppm(self.risk_fee),
            max_fee: Ppm(self.max_fee),
            burn_share: Ppm(self.burn_share),
            lp_share: Ppm(self.lp_share),
            risk_window: self.risk_window,
        }
    }

    /// Takes over fee parameters. Errors: `FeeOutOfRange`, `WindowOutOfRange`, with nothing changed.
    pub fn set_fees(&mut self, fees: FeeParams) -> Result<()> {
        fees.validate().map_err(|refusal| Error::from(from_math(SUBJECT_CALL, refusal)))?;
        self.market_fee = fees.market_fee.0;
        self.risk_fee = fees.risk_fee.0;
        self.max_fee = fees.max_fee.0;
        self.burn_share = fees.burn_share.0;
        self.lp_share = fees.lp_share.0;
        self.risk_window = fees.risk_window;
        Ok(())
    }

    /// Takes over all terms of the settlement half. Errors: those of the terms' `validate`, with nothing changed.
    pub fn set_terms(&mut self, supply: SupplyTerms, jobs: JobTerms, verification: VerifierTerms) -> Result<()> {
        jobs.validate(supply.gamma)?;
        supply.validate(jobs.longest)?;
        verification.validate()?;
        (self.supply, self.jobs, self.verification) = (supply, jobs, verification);
        Ok(())
    }

    /// Errors `Paused` (expected: not before this unix time; found: now) while a pause lasts.
    #[inline(always)]
    pub fn require_unpaused(&self, now: i64) -> Result<()> {
        if now < self.paused_until {
            return Err(HmmError::Paused.refuse(self.paused_until.unsigned_abs(), now.unsigned_abs()));
        }
        Ok(())
    }

    /// Errors `Unauthorized` unless `signer` is the guardian or the authority.
    pub fn require_guardian(&self, signer: &Address) -> Result<()> {
        if *signer != self.guardian && *signer != self.authority {
            return Err(HmmError::Unauthorized.refuse_account(SUBJECT_CALL, &self.guardian, signer));
        }
        Ok(())
    }

    /// Begins a pause that ends by itself. Errors `PauseQuota` once the day's pauses are used up.
    pub fn pause(&mut self, now: i64) -> Result<()> {
        let day = now.div_euclid(DAY_SECONDS);
        if self.pause_day != day {
            self.pause_day = day;
            self.pauses_today = 0;
        }
        if self.pauses_today >= PAUSES_PER_DAY {
            return Err(HmmError::PauseQuota.refuse(PAUSES_PER_DAY.into(), u64::from(self.pauses_today).saturating_add(1)));
        }
        self.pauses_today = self.pauses_today.saturating_add(1);
        self.paused_until = now.saturating_add(PAUSE_SECONDS);
        Ok(())
    }

    /// The next pool's id; ids never return.
    pub fn next_pool_id(&mut self) -> Result<u64> {
        let id = self.pool_count;
        self.pool_count = id.checked_add(1).ok_or_else(|| HmmError::Overflow.refuse(u64::MAX, id))?;
        Ok(id)
    }
}
