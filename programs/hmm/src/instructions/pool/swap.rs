use alloc::vec::Vec;

use anchor_lang::prelude::*;

use super::{require_deadline, require_pairs, voucher_accounts, PoolSeeds};
use crate::{
    bench::mark,
    errors::{HmmError, SUBJECT_CALL},
    events::{emit_by_cpi, LegTraded, Swapped},
    legs::{require_legs, Leg},
    state::{Market, Observations, Pool},
    token::{self, Credits},
};

#[event_cpi]
#[derive(Accounts)]
pub struct Swap {
    pub trader: Signer,
    #[account(address = pool.market @ HmmError::WrongAccount)]
    pub market: Account<Market>,
    #[account(mut)]
    pub pool: Account<Pool>,
    #[account(mut, address = pool.observations @ HmmError::WrongAccount)]
    pub observations: Account<Observations>,
    #[account(address = market.credit_mint @ HmmError::WrongAccount)]
    pub credit_mint: UncheckedAccount,
    #[account(mut)]
    pub trader_credits: UncheckedAccount,
    #[account(mut, address = pool.credit_vault @ HmmError::WrongAccount)]
    pub credit_vault: UncheckedAccount,
    #[account(address = market.credit_token_program @ HmmError::WrongAccount)]
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
/// 4. What the trader pays is what Θ, the LPs' pending fees, the burn and the treasury gain, to the unit.
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

    let fees = accounts.market.fees();
    let signer = PoolSeeds::of(&accounts.pool);
    let seeds = signer.seeds();
    let mut net = 0i128;
    let mut traded = Vec::with_capacity(legs.len());
    for (place, leg) in (0u8..).zip(&legs) {
        let mut reserve = leg.open(&accounts.pool, place, clock.slot, &fees)?;
        let fill = leg.trade(&mut reserve, place, clock.slot, &fees)?;
        accounts.pool.store(leg.resource, &reserve);
        accounts.pool.accrue(&fill.fee)?;
        net = net.saturating_add(leg.payment(&fill));

        let vouchers = voucher_accounts(&accounts.pool, &remaining, place, leg.resource)?;
        let (program, pool) = (accounts.token_program.address(), accounts.pool.account());
        if leg.kind.is_buy() {
            token::mint_to(program, vouchers.mint, vouchers.user, pool, fill.units, &[&seeds]);
        } else {
            token::burn(program, vouchers.user, vouchers.mint, accounts.trader.account(), fill.units, &[]);
        }
        accounts.pool.require_backed(leg.resource, token::supply(vouchers.mint)?)?;
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
        return Err(HmmError::NetLimitCrossed.about(SUBJECT_CALL, net_limit.unsigned_abs(), net.unsigned_abs()).into());
    }
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    let (trader, vault) = (accounts.trader_credits.account(), accounts.credit_vault.account());
    match net {
        1.. => credits.transfer(trader, vault, accounts.trader.account(), net.unsigned_abs(), &[]),
        0 => (),
        _ => credits.transfer(vault, trader, accounts.pool.account(), net.unsigned_abs(), &[&seeds]),
    }

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
