//! Seeded inputs and an oracle written from the definitions: reserves are found by bisection on the exact K of the `ruint` crate.
#![allow(dead_code, clippy::all)]

use hmm_math::*;
use ruint::aliases::U256 as Big;

pub struct Rng(pub u64);

impl Rng {
    /// SplitMix64
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    /// uniform in 0..n
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() as u128 * n as u128 >> 64) as u64
    }
    /// log-uniform in least..=most, the edges often
    pub fn size(&mut self, least: u64, most: u64) -> u64 {
        if self.below(16) == 0 {
            return [least, most, least.max(1).min(most), least.max(most.saturating_sub(1))][self.below(4) as usize];
        }
        let bits = self.below(65 - most.leading_zeros() as u64) as u32;
        let value = if bits == 0 { 0 } else { self.next() >> (64 - bits) };
        value.clamp(least, most)
    }
    pub fn curve(&mut self) -> Curve {
        let weight = match self.below(3) {
            0 => self.size(1, 1_000_000),
            1 => 1_000_000,
            _ => 1 + self.below(64),
        };
        let lambda = match self.below(8) {
            0 | 1 => 0,
            2 | 3 => weight / 20,
            4 => weight - 1,
            5 => self.size(0, weight - 1),
            _ => self.below(weight),
        };
        let (a, b) = match self.below(4) {
            0 => (1, 1),
            1 => (1000, 37),
            2 => (self.size(1, 1000), self.size(1, 1000)),
            _ => (self.size(1, u32::MAX as u64), self.size(1, u32::MAX as u64)),
        };
        Curve { weight: weight as u32, lambda: lambda as u32, psi_scale: a as u32, theta_scale: b as u32 }
    }
    /// `value` times a power of two between 2^-octaves and 2^octaves
    pub fn around(&mut self, value: u64, octaves: i64) -> u64 {
        let mantissa = (1 << 32) + (self.next() >> 32);
        let shift = self.below(2 * octaves as u64) as i64 - octaves;
        let wide = value as u128 * mantissa as u128;
        let wide = if shift >= 32 { wide << (shift - 32).min(60) } else { wide >> (32 - shift).min(127) };
        wide.min(u64::MAX as u128) as u64
    }
    pub fn reserves(&mut self) -> (u64, u64) {
        let psi = self.size(1, u64::MAX >> 4);
        (psi, self.around(psi, 20).clamp(1, u64::MAX >> 4))
    }
    pub fn fees(&mut self) -> FeeParams {
        match self.below(5) {
            0 => NO_FEES,
            1 | 2 => DEFAULT_FEES,
            _ => {
                let max = self.size(1, 500_000) as u32;
                FeeParams {
                    market_fee: Ppm(self.below(max as u64 + 1) as u32),
                    risk_fee: Ppm(self.size(0, 1_000_000) as u32),
                    max_fee: Ppm(max),
                    burn_share: Ppm(self.below(1_000_001) as u32),
                    lp_share: Ppm(self.below(1_000_001) as u32),
                    risk_window: self.size(1, u32::MAX as u64) as u32,
                }
            }
        }
    }
}

pub const DEFAULT_FEES: FeeParams = FeeParams {
    market_fee: Ppm(3_000),
    risk_fee: Ppm(100_000),
    max_fee: Ppm(100_000),
    burn_share: Ppm(250_000),
    lp_share: Ppm(800_000),
    risk_window: 150,
};
pub const NO_FEES: FeeParams = FeeParams { market_fee: Ppm(0), risk_fee: Ppm(0), ..DEFAULT_FEES };
pub const KINDS: [Kind; 4] = [Kind::BuyExactIn, Kind::BuyExactOut, Kind::SellExactIn, Kind::SellExactOut];

pub fn reserve(curve: Curve, psi: u64, theta: u64) -> Reserve {
    let (psi, theta) = (Psi(psi), Theta(theta));
    Reserve { curve, psi, theta, kappa: curve.kappa(psi, theta), ..Reserve::default() }
}

pub fn big(k: Kappa) -> Big {
    Big::from_limbs(k.0.to_limbs())
}
pub fn small(k: Big) -> Kappa {
    Kappa(U256::from_limbs(*k.as_limbs()))
}

pub fn kappa(c: &Curve, psi: u64, theta: u64) -> Big {
    let x = c.psi_scale as u128 * psi as u128;
    let y = c.theta_scale as u128 * theta as u128;
    if x < 1 << 50 && y < 1 << 50 {
        return Big::from(2 * c.weight as u128 * x * y + c.lambda as u128 * (x * x + y * y));
    }
    let (x, y) = (Big::from(x), Big::from(y));
    Big::from(2 * c.weight as u64) * x * y + Big::from(c.lambda) * (x * x + y * y)
}

/// The smallest n with k(n) ≥ κ: `k` grows with n.
fn smallest(k: impl Fn(u64) -> Big, kappa: Big, never: bool, given: u64) -> Result<u64> {
    if never || k(0) >= kappa {
        return Err(Refusal { reason: Reason::Drained, expected: 0, found: given });
    }
    let mut high = 1;
    while k(high) < kappa {
        if high == u64::MAX {
            return Err(OVERFLOW);
        }
        high = high.saturating_mul(2);
    }
    let mut low = 0;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if k(middle) >= kappa { high = middle } else { low = middle }
    }
    Ok(high)
}

pub fn solve_psi(c: &Curve, k: Big, theta: u64) -> Result<u64> {
    smallest(|psi| kappa(c, psi, theta), k, theta == 0 && c.lambda == 0, theta)
}
pub fn solve_theta(c: &Curve, k: Big, psi: u64) -> Result<u64> {
    smallest(|theta| kappa(c, psi, theta), k, psi == 0 && c.lambda == 0, psi)
}

pub const OVERFLOW: Refusal = Refusal { reason: Reason::Overflow, expected: u64::MAX, found: u64::MAX };
pub const ZERO: Refusal = Refusal { reason: Reason::ZeroAmount, expected: 1, found: 0 };

/// ⌊√n⌋ by bisection.
pub fn isqrt(n: Big) -> u128 {
    (0..128).rev().fold(0u128, |root, bit| {
        let next = root | 1 << bit;
        // (2¹²⁸ − 1)² fits
        if Big::from(next) * Big::from(next) <= n { next } else { root }
    })
}

fn fit(value: u128) -> Result<u64> {
    u64::try_from(value).map_err(|_| OVERFLOW)
}
fn sat(value: u128) -> u64 {
    value.min(u64::MAX as u128) as u64
}
pub fn ceil(a: u128, b: u128) -> u128 {
    a / b + (a % b != 0) as u128
}

const BILLION: u128 = 1_000_000_000;

pub fn move_ceil(units: u64, larger: u64) -> u64 {
    if units >= larger { BILLION as u64 } else { ceil(units as u128 * BILLION, larger as u128) as u64 }
}
pub fn rate(fees: &FeeParams, recent: u64, moved: u64) -> Result<u64> {
    let looked_at = (2 * recent as u128 + moved as u128).min(u64::MAX as u128);
    let f = fees.market_fee.0 as u128 * 1000 + ceil(fees.risk_fee.0 as u128 * looked_at, 1_000_000);
    let max = fees.max_fee.0 as u128 * 1000;
    if f > max { Err(Refusal { reason: Reason::FeeAboveMax, expected: max as u64, found: sat(f) }) } else { Ok(f as u64) }
}
pub fn recent(w: &Windows, slot: u64, length: u32) -> u64 {
    let length = length as u128;
    let left = length - slot as u128 % length;
    sat(w.move_cur as u128 + ceil(w.move_prev as u128 * left, length))
}
pub fn fee_of(gross: u64, f: u64) -> u64 {
    ceil(gross as u128 * f as u128, BILLION) as u64
}
pub fn gross_of(net: u64, f: u64) -> Result<u64> {
    fit(ceil(net as u128 * BILLION, BILLION - f as u128))
}
pub fn split(fees: &FeeParams, total: u64, f: u64) -> Fee {
    let burn = (total as u128 * fees.burn_share.0 as u128 / 1_000_000) as u64;
    let rest = total - burn;
    let market = fees.market_fee.0 as u128;
    // in 10⁻¹²
    let lp_part = (f as u128 * 1000 - market * 1_000_000) + market * fees.lp_share.0 as u128;
    let lp = if f == 0 { 0 } else { (rest as u128 * lp_part / (f as u128 * 1000)) as u64 };
    Fee { total, burn, lp, treasury: rest - lp }
}

/// The trade, from the specification. `r.curve` and `fees` are valid.
pub fn trade(r: &Reserve, kind: Kind, amount: u64, slot: u64, fees: &FeeParams) -> Result<(Fill, Reserve)> {
    if amount == 0 {
        return Err(ZERO);
    }
    let c = &r.curve;
    let k = big(r.kappa);
    let (psi, theta) = (r.psi.0, r.theta.0);
    let x = recent(&r.windows, slot, fees.risk_window);
    let pay = |gross: u64, f: u64| -> Result<(u64, u64)> {
        let net = gross - fee_of(gross, f);
        if net == 0 {
            return Err(ZERO);
        }
        let t = fit(theta as u128 + net as u128)?;
        Ok((solve_psi(c, k, t)?, t))
    };
    let receive = |gross: u64| -> Result<(u64, u64)> {
        if gross >= theta {
            return Err(Refusal { reason: Reason::Drained, expected: theta.saturating_sub(1), found: gross });
        }
        Ok((solve_psi(c, k, theta - gross)?, theta - gross))
    };
    let (psi2, theta2, credits, fee, f, moved) = match kind {
        Kind::BuyExactOut => {
            if amount >= psi {
                return Err(Refusal { reason: Reason::Drained, expected: psi.saturating_sub(1), found: amount });
            }
            let moved = move_ceil(amount, psi);
            let f = rate(fees, x, moved)?;
            let least = fit(theta as u128 + 1)?;
            let t = solve_theta(c, k, psi - amount)?.max(least);
            let gross = gross_of(t - theta, f)?;
            (psi - amount, t, gross, gross - (t - theta), f, moved)
        }
        Kind::BuyExactIn => {
            let mut f = rate(fees, x, 0)?;
            if fees.risk_fee.0 > 0 {
                let (p, _) = pay(amount, f)?;
                f = rate(fees, x, move_ceil(psi.saturating_sub(p), psi))?;
            }
            let (p, t) = pay(amount, f)?;
            if p >= psi {
                return Err(ZERO);
            }
            (p, t, amount, amount - (t - theta), f, move_ceil(psi - p, psi))
        }
        Kind::SellExactIn => {
            let p = fit(psi as u128 + amount as u128)?;
            let moved = move_ceil(amount, p);
            let f = rate(fees, x, moved)?;
            let t = solve_theta(c, k, p)?;
            let gross = theta.saturating_sub(t);
            let fee = fee_of(gross, f);
            if gross == fee {
                return Err(ZERO);
            }
            (p, t, gross - fee, fee, f, moved)
        }
        Kind::SellExactOut => {
            let base = rate(fees, x, 0)?;
            let (mut f, mut bound) = (base, BILLION as u64);
            if fees.risk_fee.0 > 0 {
                let least = gross_of(amount, base)?;
                let (p, _) = receive(least)?;
                let first = move_ceil(p.saturating_sub(psi), p) as u128;
                let slack = ceil(first, least as u128) + ceil(BILLION, psi.max(1) as u128) + 1;
                f = fees.max_fee.0 as u64 * 1000;
                for _ in 0..3 {
                    bound = (ceil(first * (BILLION - base as u128), BILLION - f as u128) + slack) as u64;
                    f = rate(fees, x, bound)?;
                }
            }
            let gross = gross_of(amount, f)?;
            let (p, t) = receive(gross)?;
            if p <= psi {
                return Err(ZERO);
            }
            let moved = move_ceil(p - psi, p);
            if moved > bound {
                return Err(Refusal { reason: Reason::MoveAboveBound, expected: bound, found: moved });
            }
            (p, t, amount, gross - amount, f, moved)
        }
    };
    if psi2 < psi && psi2 < r.min_psi.0 {
        return Err(Refusal { reason: Reason::BelowMinPsi, expected: r.min_psi.0, found: psi2 });
    }
    if theta2 < theta && theta2 < r.min_theta.0 {
        return Err(Refusal { reason: Reason::BelowMinTheta, expected: r.min_theta.0, found: theta2 });
    }
    let fee = split(fees, fee, f);
    let mut after = *r;
    after.psi = Psi(psi2);
    after.theta = Theta(theta2);
    after.kappa = small(kappa(c, psi2, theta2));
    after.windows.move_cur = fit(r.windows.move_cur as u128 + moved as u128)?;
    after.windows.pending_cur = fit(r.windows.pending_cur as u128 + fee.lp as u128)?;
    fit(after.windows.pending_cur as u128 + r.windows.pending_prev as u128)?;
    let fill = Fill { units: psi.abs_diff(psi2), curve_credits: theta.abs_diff(theta2), credits, fee, rate: Ppb(f) };
    Ok((fill, after))
}

/// How many random cases: the environment variable `CASES`, or this many.
pub fn cases(default: u64) -> u64 {
    std::env::var("CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
