//! Pools: creation, trading, liquidity, fees.

pub mod add_liquidity;
pub mod add_resource;
pub mod close_pool;
pub mod collect_fees;
pub mod create_pool;
pub mod describe_mint;
pub mod quote;
pub mod remove_liquidity;
pub mod set_bootstrap_mark;
pub mod swap;

use anchor_lang::prelude::*;

use crate::{constants::MAX_RESOURCES, errors::HmmError, state::Pool, token};

/// Accounts a trade or a deposit appends for each resource it touches: the voucher mint, then the user's account of it.
pub struct VoucherAccounts<'a> {
    pub mint: &'a AccountView,
    pub user: &'a AccountView,
}

/// The voucher accounts at `place` in `remaining`, for `resource`: the mint is compared with the one stored in the pool; the
/// token program itself checks that the user's account is of that mint and that the user may move it.
/// Errors: `AccountCount`, `WrongAccount`.
#[inline(always)]
pub fn voucher_accounts<'a>(pool: &Pool, remaining: &'a [AccountView], place: u8, resource: u8) -> Result<VoucherAccounts<'a>> {
    let first = usize::from(place).saturating_mul(2);
    let (Some(mint), Some(user)) = (remaining.get(first), remaining.get(first.saturating_add(1))) else {
        return Err(HmmError::AccountCount.refuse(first.saturating_add(2) as u64, remaining.len() as u64));
    };
    match pool.voucher_mints.get(usize::from(resource)) {
        Some(expected) if anchor_lang::address_eq(expected, mint.address()) => Ok(VoucherAccounts { mint, user }),
        expected => Err(HmmError::WrongAccount.refuse_account(place, &expected.copied().unwrap_or_default(), mint.address())),
    }
}

/// Errors `Unbacked` if any of the pool's resources has more vouchers than were issued. `remaining` has all their accounts.
pub fn require_all_backed(pool: &Pool, remaining: &[AccountView]) -> Result<()> {
    for index in pool.indices() {
        pool.require_backed(index, token::supply(voucher_accounts(pool, remaining, index, index)?.mint)?)?;
    }
    Ok(())
}

/// Errors `AccountCount` unless there are two remaining accounts for each of `entries`.
#[inline(always)]
pub fn require_pairs(remaining: &[AccountView], entries: usize) -> Result<()> {
    let expected = entries.saturating_mul(2);
    if entries > MAX_RESOURCES || remaining.len() != expected {
        return Err(HmmError::AccountCount.refuse(expected as u64, remaining.len() as u64));
    }
    Ok(())
}

/// Errors `DeadlinePassed` if `deadline` (unix seconds, 0 for none) is before `now`.
#[inline(always)]
pub fn require_deadline(deadline: i64, now: i64) -> Result<()> {
    if deadline != 0 && now > deadline {
        return Err(HmmError::DeadlinePassed.refuse(deadline.unsigned_abs(), now.unsigned_abs()));
    }
    Ok(())
}

/// What a pool signs with: the seeds of its address.
pub struct PoolSeeds {
    market: Address,
    id: [u8; 8],
    bump: [u8; 1],
}

impl PoolSeeds {
    #[inline(always)]
    pub fn of(pool: &Pool) -> Self {
        Self { market: pool.market, id: pool.id.to_le_bytes(), bump: [pool.bump] }
    }

    #[inline(always)]
    pub fn seeds(&self) -> [&[u8]; 4] {
        [crate::constants::POOL_SEED, self.market.as_ref(), &self.id, &self.bump]
    }
}
