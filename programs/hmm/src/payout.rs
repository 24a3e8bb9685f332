//! Moves what [`books::book`](crate::books::book) said must go from one vault to another. The only place that pays credits of jobs.
//!
//! ```text
//! let flows = book(&effects, &mut job, Some((&mut assignment, &mut worker)))?;        // numbers first
//! let signers = (SignerSeeds::of_job(&job), SignerSeeds::of_worker(&worker));         // who signs for what leaves
//! let (job_seeds, worker_seeds) = (signers.0.seeds(), signers.1.seeds());
//! let seeds: [&[&[u8]]; 2] = [&job_seeds, &worker_seeds];
//! let mut room = BatchRoom::new(market.batch_token_calls.into(), flows.count());      // + your own calls
//! let mut calls = TokenCalls::new(&mut room, &seeds)?;
//! flows.pay(&mut calls, &Vaults { credits, escrow: Some(Purse { account, authority }), worker: …, ..Vaults::of(credits) })?;
//! calls.finish()?;                                                                    // one call where batches are taken
//! ```
//!
//! * The caller has compared `escrow`, the worker's vault, the pool's and the verifiers' with the addresses stored in job, worker,
//!   pool and verifier set, and `credits.mint` and `credits.program` with the market's.
//! * Whoever is paid outside (finder, challengers, the client) names a token account; [`require_owned_by`] holds it against the payee.
//! * A [`Purse`] names who signs: the job for its escrow, the worker's account for its vault (their seeds must be among those of
//!   `calls`), a user for its own wallet.
//! * Nothing may be paid between a flow's booking and its payment that could fail silently: all errors are the token program's, and
//!   take the whole transaction back.

use anchor_lang::prelude::*;

use crate::{
    books::Flows,
    constants::{JOB_SEED, WORKER_SEED},
    errors::HmmError,
    state::{Job, Worker},
    token::Credits,
    token_calls::TokenCalls,
};

/// A token account, and who signs for what leaves it.
#[derive(Clone, Copy)]
pub struct Purse<'a> {
    pub account: &'a AccountView,
    pub authority: &'a AccountView,
}

/// The token accounts of an event. Whom it cannot touch may be left out.
pub struct Vaults<'a> {
    pub credits: Credits<'a>,
    pub escrow: Option<Purse<'a>>,
    /// The worker's vault.
    pub worker: Option<Purse<'a>>,
    /// The wallet of the caller.
    pub wallet: Option<Purse<'a>>,
    pub pool: Option<&'a AccountView>,
    pub verifiers: Option<&'a AccountView>,
    /// The token account that the caller names for its part as the finder.
    pub finder: Option<&'a AccountView>,
}

impl<'a> Vaults<'a> {
    /// No vaults yet.
    pub const fn of(credits: Credits<'a>) -> Self {
        Self { credits, escrow: None, worker: None, wallet: None, pool: None, verifiers: None, finder: None }
    }
}

impl Flows {
    /// How many token calls [`Flows::pay`] makes.
    pub fn count(&self) -> usize {
        let Self {
            wallet_to_escrow,
            escrow_to_pool,
            escrow_to_verifiers,
            escrow_to_worker,
            worker_to_escrow,
            worker_to_finder,
            escrow_burn,
            worker_burn,
        } = self;
        let all = [
            wallet_to_escrow,
            escrow_to_pool,
            escrow_to_verifiers,
            escrow_to_worker,
            worker_to_escrow,
            worker_to_finder,
            escrow_burn,
            worker_burn,
        ];
        all.iter().filter(|amount| ***amount != 0).count()
    }

    /// Makes each transfer and each burn that is not zero: first what comes into the escrow, so that it can go on from there.
    /// Errors: `NotEnoughAccountKeys` if a vault was left out that the event moves.
    #[inline(never)]
    pub fn pay<'a>(&self, calls: &mut TokenCalls<'a, '_>, vaults: &Vaults<'a>) -> Result<()> {
        let missing = || Error::from(ProgramError::NotEnoughAccountKeys);
        let (escrow, worker) = (|| vaults.escrow.ok_or_else(missing), || vaults.worker.ok_or_else(missing));
        if self.wallet_to_escrow != 0 {
            let wallet = vaults.wallet.ok_or_else(missing)?;
            calls.transfer(&vaults.credits, wallet.account, escrow()?.account, wallet.authority, self.wallet_to_escrow)?;
        }
        let worker_pays = [(self.worker_to_escrow, vaults.escrow.map(|escrow| escrow.account)), (self.worker_to_finder, vaults.finder)];
        for (amount, to) in worker_pays.into_iter().filter(|(amount, _)| *amount != 0) {
            let from = worker()?;
            calls.transfer(&vaults.credits, from.account, to.ok_or_else(missing)?, from.authority, amount)?;
        }
        let escrow_pays = [
            (self.escrow_to_worker, vaults.worker.map(|worker| worker.account)),
            (self.escrow_to_pool, vaults.pool),
            (self.escrow_to_verifiers, vaults.verifiers),
        ];
        for (amount, to) in escrow_pays.into_iter().filter(|(amount, _)| *amount != 0) {
            let from = escrow()?;
            calls.transfer(&vaults.credits, from.account, to.ok_or_else(missing)?, from.authority, amount)?;
        }
        if self.worker_burn != 0 {
            let from = worker()?;
            calls.burn_credits(&vaults.credits, from.account, from.authority, self.worker_burn)?;
        }
        if self.escrow_burn != 0 {
            let from = escrow()?;
            calls.burn_credits(&vaults.credits, from.account, from.authority, self.escrow_burn)?;
        }
        Ok(())
    }
}

/// What an account of the program signs with: the four seeds of its address.
pub struct SignerSeeds {
    tag: &'static [u8],
    first: Address,
    second: [u8; 32],
    length: usize,
    bump: [u8; 1],
}

impl SignerSeeds {
    /// Of a job, which signs for its escrow.
    pub fn of_job(job: &Job) -> Self {
        let mut second = [0; 32];
        if let Some(id) = second.first_chunk_mut() {
            *id = job.id.to_le_bytes();
        }
        Self { tag: JOB_SEED, first: job.client, second, length: 8, bump: [job.bump] }
    }

    /// Of a worker, which signs for its vault.
    pub fn of_worker(worker: &Worker) -> Self {
        Self { tag: WORKER_SEED, first: worker.pool, second: worker.owner.to_bytes(), length: 32, bump: [worker.bump] }
    }

    #[inline(always)]
    pub fn seeds(&self) -> [&[u8]; 4] {
        [self.tag, self.first.as_ref(), self.second.get(..self.length).unwrap_or_default(), &self.bump]
    }
}

/// Errors unless `account`, to which credits or vouchers of `mint` are paid, is `payee`'s: `WrongAccount` for another mint,
/// `NotPayee` for another owner. That it is a token account at all, the token program verifies when it pays.
pub fn require_owned_by(account: &AccountView, mint: &Address, payee: &Address) -> Result<()> {
    let found = owner_of(account, mint)?;
    if anchor_lang::address_eq(&found, payee) {
        return Ok(());
    }
    Err(HmmError::NotPayee.refuse_account(crate::errors::SUBJECT_CALL, payee, &found))
}

/// Whose token account of `mint` this is, if the token program agrees that it is one. Errors: `WrongAccount` for another mint.
pub fn owner_of(account: &AccountView, mint: &Address) -> Result<Address> {
    let data = account.try_borrow()?;
    let address = |offset: usize| -> Result<Address> {
        let bytes = data.get(offset..).and_then(|tail| tail.first_chunk::<32>()).ok_or(ProgramError::InvalidAccountData)?;
        Ok(Address::from(*bytes))
    };
    let found = address(0)?;
    if !anchor_lang::address_eq(&found, mint) {
        return Err(HmmError::WrongAccount.refuse_account(crate::errors::SUBJECT_CALL, mint, &found));
    }
    address(32)
}
