//! A pool and its market at one moment, in the terms of the mathematics.

use std::io;

use hmm_math::{Curve, FeeParams, Kappa, Ppm, Psi, Reserve, Shares, Theta, U256, Windows};
use solana_address::Address;

use crate::generated::accounts::{MARKET_DISCRIMINATOR, Market, POOL_DISCRIMINATOR, Pool};

/// All that a quote depends on.
#[derive(Clone, Debug)]
pub struct PoolState {
    pub address: Address,
    pub pool: Pool,
    pub market: Market,
    /// The slot the program would see.
    pub slot: u64,
    /// The unix time the program would see, seconds.
    pub unix_timestamp: i64,
}

impl PoolState {
    /// From account data. Errors if one of them is not an account of that kind.
    pub fn decode(address: Address, pool: &[u8], market: &[u8], slot: u64, unix_timestamp: i64) -> io::Result<Self> {
        Ok(Self {
            address,
            pool: checked(Pool::from_bytes(pool)?, |p| p.discriminator == POOL_DISCRIMINATOR)?,
            market: checked(Market::from_bytes(market)?, |m| m.discriminator == MARKET_DISCRIMINATOR)?,
            slot,
            unix_timestamp,
        })
    }

    /// One resource as the account has it, not yet rotated; `None` if the pool has no such resource.
    pub fn reserve(&self, resource: u8) -> Option<Reserve> {
        let pool = &self.pool;
        if resource >= pool.resource_count {
            return None;
        }
        let i = usize::from(resource);
        Some(Reserve {
            curve: Curve {
                weight: *pool.weights.get(i)?,
                lambda: pool.lambda,
                psi_scale: *pool.psi_scales.get(i)?,
                theta_scale: *pool.theta_scales.get(i)?,
            },
            psi: Psi(*pool.psi.get(i)?),
            theta: Theta(*pool.theta.get(i)?),
            kappa: Kappa(U256::from_limbs(*pool.kappa.get(i)?)),
            min_psi: Psi(*pool.min_psi.get(i)?),
            min_theta: Theta(*pool.min_theta.get(i)?),
            windows: Windows {
                window: *pool.window.get(i)?,
                move_cur: *pool.move_current.get(i)?,
                move_prev: *pool.move_previous.get(i)?,
                pending_cur: *pool.pending_current.get(i)?,
                pending_prev: *pool.pending_previous.get(i)?,
                dripped: *pool.dripped.get(i)?,
            },
        })
    }

    /// The market's fee parameters.
    pub fn fees(&self) -> FeeParams {
        let market = &self.market;
        FeeParams {
            market_fee: Ppm(market.market_fee),
            risk_fee: Ppm(market.risk_fee),
            max_fee: Ppm(market.max_fee),
            burn_share: Ppm(market.burn_share),
            lp_share: Ppm(market.lp_share),
            risk_window: market.risk_window,
        }
    }

    /// All LP shares, the locked minimum included.
    pub fn supply(&self) -> Shares {
        Shares(self.pool.shares)
    }

    /// The names of the resources, in order.
    pub fn resource_names(&self) -> Vec<String> {
        self.pool.names.iter().take(usize::from(self.pool.resource_count)).map(text).collect()
    }

    /// The place of a resource; `None` if the pool has none of that name.
    pub fn resource_index(&self, name: &str) -> Option<u8> {
        (0..).zip(self.resource_names()).find_map(|(i, n)| (n == name).then_some(i))
    }
}

fn checked<T>(account: T, is_one: impl Fn(&T) -> bool) -> io::Result<T> {
    if is_one(&account) {
        return Ok(account);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "the account is of another kind"))
}

/// The text of a name as accounts hold it: ASCII, padded with zeros.
pub fn text(name: &[u8; 16]) -> String {
    name.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// A name as accounts hold it; `None` if it is not 1 to 16 characters of printable ASCII.
pub fn name(text: &str) -> Option<[u8; 16]> {
    let valid = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    valid.then(|| {
        let mut bytes = text.bytes();
        [(); 16].map(|()| bytes.next().unwrap_or_default())
    })
}
