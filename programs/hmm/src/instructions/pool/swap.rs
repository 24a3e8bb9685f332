use alloc::vec::Vec;

use anchor_lang::prelude::*;

use super::{PoolSeeds, require_deadline, require_pairs, voucher_accounts};
use crate::{
    bench::mark,
    errors::HmmError,
    events::{LegTraded, Swapped, emit_by_cpi},
    expect,
    legs::{Leg, require_legs},
    state::{Market, Observations, Pool},
    token::{self, Credits},
    token_calls::{BatchRoom, TokenCalls},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Swap {
    pub trader: Signer,
    #[account(expect::address = pool.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, expect::address = pool.observations)]
    pub observations: Account<Observations>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(mut)]
    pub trader_credits: UncheckedAccount,
    #[account(mut, expect::address = pool.credit_vault)]
    pub credit_vault: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

/// Trades the legs atomically: one net credit transfer, one mint or burn of vouchers a leg.
///
/// Remaining accounts: for each leg its voucher mint and the trader's account of it, both writable.
///
/// Specification (HIP-004 *swap*; protocol.md, *Trading*; invariant.md, *Many resources*):
/// 1. Legs name distinct resources; each keeps its own limit, all together keep `net_limit`; nothing happens after `deadline`.
/// 2. κ of each resource does not fall; no reserve falls below its floor.
/// 3. `voucher supply + psi = issued` holds afterwards for each resource.
/// 4. The price before the first trade of a second is recorded.
/// 5. What the trader pays is what Θ, the LPs' pending fees, the burn and the treasury gain, to the unit.
pub fn handler(ctx: &mut Context<Swap>, legs: Vec<Leg>, net_limit: i64, deadline: i64) -> Result<()> {
    let remaining = ctx.remaining_accounts()?;
    mark("accounts");
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    require_deadline(deadline, clock.unix_timestamp)?;
    accounts.market.require_unpaused(clock.unix_timestamp)?;
    accounts.pool.require_active()?;
    require_legs(&legs)?;
    require_pairs(&remaining, legs.len())?;

    let (fees, mark_depth) = (accounts.market.fees(), accounts.market.supply.mark_depth);
    let mut net = 0i128;
    let mut traded = Vec::with_capacity(legs.len());
    for (place, leg) in (0u8..).zip(&legs) {
        let mut reserve = leg.open(&accounts.pool, place, &clock, &fees)?;
        accounts.observations.observe(leg.resource, &reserve, clock.unix_timestamp, mark_depth);
        let fill = leg.trade(&mut reserve, place, clock.slot, &fees)?;
        accounts.pool.store(leg.resource, &reserve);
        accounts.pool.accrue(&fill.fee)?;
        net = net.saturating_add(leg.payment(&fill));
        traded.push(LegTraded {
            resource: leg.resource,
            kind: leg.kind as u8,
            units: fill.units,
            credits: fill.credits,
            fee: fill.fee.total,
            burned: fill.fee.burn,
            to_lps: fill.fee.lp,
            psi: reserve.psi.0,
            theta: reserve.theta.0,
        });
    }
    let net = i64::try_from(net).map_err(|_| HmmError::Overflow.refuse(i64::MAX.unsigned_abs(), u64::MAX))?;
    if net > net_limit {
        return Err(net_limit_crossed(net_limit, net));
    }
    accounts.move_tokens(&legs, &traded, net, &remaining)?;

    accounts.observations.last_slot = clock.slot;
    let event = Swapped {
        sequence: accounts.pool.next_sequence(),
        pool: *accounts.pool.address(),
        trader: *accounts.trader.address(),
        net,
        legs: traded,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    accounts.pool.invariant()
}

/// The limit and the result on the limit's side: the most to pay and the payment, or the least to receive and the receipt.
#[cold]
fn net_limit_crossed(limit: i64, net: i64) -> Error {
    let side = |amount: i64| if limit < 0 { amount.min(0).unsigned_abs() } else { amount.unsigned_abs() };
    HmmError::NetLimitCrossed.refuse(side(limit), side(net))
}

impl Swap {
    /// Mints or burns the vouchers of each leg, moves the net, and checks what the mints say against the pool.
    #[inline(never)]
    fn move_tokens(&self, legs: &[Leg], traded: &[LegTraded], net: i64, remaining: &[AccountView]) -> Result<()> {
        let signer = PoolSeeds::of(&self.pool);
        let seeds = signer.seeds();
        let seeds: [&[&[u8]]; 1] = [&seeds];
        let mut room = BatchRoom::new(self.market.batch_token_calls.into(), legs.len().saturating_add(1));
        let mut calls = TokenCalls::new(&mut room, &seeds)?;
        let (trader, pool) = (self.trader.account(), self.pool.account());
        for (place, (leg, traded)) in (0u8..).zip(legs.iter().zip(traded)) {
            let vouchers = voucher_accounts(&self.pool, remaining, place, leg.resource)?;
            if leg.kind.is_buy() {
                calls.mint_to(vouchers.mint, vouchers.user, pool, traded.units)?;
            } else {
                calls.burn(vouchers.user, vouchers.mint, trader, traded.units)?;
            }
        }
        let credits = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        let (wallet, vault) = (self.trader_credits.account(), self.credit_vault.account());
        match net {
            1.. => calls.transfer(&credits, wallet, vault, trader, net.unsigned_abs())?,
            0 => (),
            _ => calls.transfer(&credits, vault, wallet, pool, net.unsigned_abs())?,
        }
        calls.finish()?;
        for (place, leg) in (0u8..).zip(legs) {
            let vouchers = voucher_accounts(&self.pool, remaining, place, leg.resource)?;
            self.pool.require_backed(leg.resource, token::supply(vouchers.mint)?)?;
        }
        Ok(())
    }
}
