//! Account constraints of the program's own: unlike Anchor's `address`, they say what they expected and what they found.
//! `#[account(expect::address = pool.credit_vault)]`, `#[account(expect::signer = market.authority)]`.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    errors::{HmmError, SUBJECT_CALL},
    state::{Assignment, Client, Job, Market, Measurement, Observations, Pool, Registry, VerifierSet, Worker},
};

/// The account with this address. Errors: `WrongAccount`.
pub struct AddressConstraint;

/// Whoever may do this. Errors: `Unauthorized`.
pub struct SignerConstraint;

macro_rules! expect {
    ($constraint:ty, $error:expr, $($account:ty),+) => {$(
        impl AccountConstraint<$account> for $constraint {
            type Value = Address;

            #[inline(always)]
            fn check(account: &$account, expected: &Address) -> Result<()> {
                let found = account.account().address();
                if anchor_lang::address_eq(found, expected) {
                    return Ok(());
                }
                Err($error.refuse_account(SUBJECT_CALL, expected, found))
            }
        }
    )+};
}

expect!(
    AddressConstraint,
    HmmError::WrongAccount,
    UncheckedAccount,
    Account<Market>,
    Account<Observations>,
    Account<Registry>,
    Account<VerifierSet>,
    Account<Assignment>,
    Account<Measurement>,
    Account<Client>,
    Account<Job>,
    Account<Pool>,
    Account<Worker>,
    Interface<'static, TokenInterface>
);
expect!(SignerConstraint, HmmError::Unauthorized, Signer);
