//! The token calls of one instruction, together.
//!
//! p-token, the token program that mainnet runs at the classic address, takes several instructions in one call (`Batch`). What the
//! runtime charges for a call is nine times what p-token needs for a transfer, so an instruction with several saves most of it.

use alloc::vec::Vec;

use anchor_lang::{
    pinocchio::{
        cpi::{Seed, Signer as PdaSigner},
        instruction::InstructionAccount,
    },
    prelude::*,
    programs::Token,
    unchecked_invoke_signed_fixed,
};
use pinocchio_token::instructions::{Batch, BatchState, Burn, IntoBatch, MintTo, TransferChecked};

use crate::token::{self, Credits, Seeds};

/// Room for a batch of token calls, on the heap: a frame of the VM is too small for it.
pub struct BatchRoom<'a>(Option<BatchState<'a>>);

impl<'a> BatchRoom<'a> {
    /// For at most `calls` calls if `batched` and there are several, for none otherwise.
    #[inline(always)]
    pub fn new(batched: bool, calls: usize) -> Self {
        let batched = batched && calls > 1;
        // A call has at most four accounts, and ten bytes of data behind a header of two.
        Self(batched.then(|| BatchState::new(calls.saturating_mul(4), calls.saturating_mul(12).saturating_add(1))))
    }
}

/// The token calls of one instruction: each made at once, or, where the market says that the classic token program takes batches,
/// all of them by [`TokenCalls::finish`] as one call, which saves what the runtime charges for the others.
/// Vouchers and shares are always of the classic program; credits of Token-2022 are never part of a batch.
pub struct TokenCalls<'a, 'r> {
    batch: Option<Batch<'a, 'r>>,
    /// Calls wait in the batch.
    waiting: bool,
    seeds: Seeds<'r>,
}

impl<'a, 'r> TokenCalls<'a, 'r>
where
    'a: 'r,
{
    /// `seeds` are those of the accounts of the program that sign for what leaves them: a pool, a job, a worker.
    #[inline(always)]
    pub fn new(room: &'r mut BatchRoom<'a>, seeds: Seeds<'r>) -> Result<Self>
    where
        BatchState<'a>: 'a,
    {
        let batch = match &mut room.0 {
            Some(state) => Some(state.as_batch()?),
            None => None,
        };
        Ok(Self { batch, waiting: false, seeds })
    }

    /// Creates vouchers or shares.
    #[inline(always)]
    pub fn mint_to(&mut self, mint: &'a AccountView, to: &'a AccountView, authority: &'a AccountView, amount: u64) -> Result<()> {
        match &mut self.batch {
            Some(batch) => {
                self.waiting = true;
                MintTo::new(mint, to, authority, amount).into_batch(batch)
            }
            None => {
                token::mint_to(&Token::id(), mint, to, authority, amount, self.seeds);
                Ok(())
            }
        }
    }

    /// Destroys vouchers or shares of the user who signed.
    #[inline(always)]
    pub fn burn(&mut self, from: &'a AccountView, mint: &'a AccountView, authority: &'a AccountView, amount: u64) -> Result<()> {
        match &mut self.batch {
            Some(batch) => {
                self.waiting = true;
                Burn::new(from, mint, authority, amount).into_batch(batch)
            }
            None => {
                token::burn(&Token::id(), from, mint, authority, amount, &[]);
                Ok(())
            }
        }
    }

    /// Destroys credits.
    #[inline(always)]
    pub fn burn_credits(&mut self, credits: &Credits<'a>, from: &'a AccountView, authority: &'a AccountView, amount: u64) -> Result<()> {
        match &mut self.batch {
            Some(batch) if *credits.program == Token::id() => {
                self.waiting = true;
                Burn::new(from, credits.mint, authority, amount).into_batch(batch)
            }
            _ => {
                token::burn(credits.program, from, credits.mint, authority, amount, self.seeds);
                Ok(())
            }
        }
    }

    /// Moves credits.
    #[inline(always)]
    pub fn transfer(
        &mut self,
        credits: &Credits<'a>,
        from: &'a AccountView,
        to: &'a AccountView,
        authority: &'a AccountView,
        amount: u64,
    ) -> Result<()> {
        match &mut self.batch {
            Some(batch) if *credits.program == Token::id() => {
                self.waiting = true;
                TransferChecked::new(from, credits.mint, to, authority, amount, credits.decimals).into_batch(batch)
            }
            _ => {
                credits.transfer(from, to, authority, amount, self.seeds);
                Ok(())
            }
        }
    }

    /// Makes the calls that wait.
    #[inline(always)]
    pub fn finish(self) -> Result<()> {
        let Some(batch) = self.batch.filter(|_| self.waiting) else { return Ok(()) };
        match self.seeds {
            [[a, b, c, d]] => batch.invoke_signed(&[PdaSigner::from(&[Seed::from(*a), Seed::from(*b), Seed::from(*c), Seed::from(*d)])]),
            [] => batch.invoke(),
            several => invoke_for(&batch, several),
        }
    }
}

/// Makes the calls of `batch` with any number of signers.
fn invoke_for(batch: &Batch, signers: Seeds) -> Result<()> {
    let seeds: Vec<Vec<Seed>> = signers.iter().map(|parts| parts.iter().map(|part| Seed::from(*part)).collect()).collect();
    let signers: Vec<PdaSigner> = seeds.iter().map(|parts| PdaSigner::from(parts.as_slice())).collect();
    batch.invoke_signed(&signers)
}

/// Fails, in the token program, unless the classic token program takes batches: asks one for the size of an account.
pub fn probe_batch(mint: &AccountView) {
    const GET_ACCOUNT_DATA_SIZE: u8 = 21;
    unchecked_invoke_signed_fixed(
        &Token::id(),
        &[Batch::DISCRIMINATOR, 1, 1, GET_ACCOUNT_DATA_SIZE],
        &[InstructionAccount::readonly(mint.address())],
        &[CpiHandle::readonly(mint)],
        &[],
    );
}
