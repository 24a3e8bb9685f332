//! The curve of one resource: `K(Ψ,Θ) = 2·w·x·y + λ·(x² + y²)` with `x = a·Ψ`, `y = b·Θ`.

use crate::error::{Reason, Result};
use crate::units::{Kappa, Price, Psi, Theta};
use crate::wide::{self, U256};

/// The largest weight; `K` of a larger one would not fit its 214 bits.
pub const MAX_WEIGHT: u32 = 1_000_000;

/// The parameters of a curve: `0 < λ+1 ≤ w ≤ 10⁶` over one denominator, scales ≥ 1.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Curve {
    /// `w`
    pub weight: u32,
    /// `λ`, the curvature
    pub lambda: u32,
    /// `a`: x = a·Ψ
    pub psi_scale: u32,
    /// `b`: y = b·Θ
    pub theta_scale: u32,
}

impl Curve {
    /// Refuses parameters for which the curve is not a market: `BadWeight`, `BadCurvature`, `BadScale`.
    pub fn validate(&self) -> Result<()> {
        let Curve { weight, lambda, psi_scale, theta_scale } = *self;
        if weight == 0 || weight > MAX_WEIGHT {
            return Err(Reason::BadWeight.refuse(MAX_WEIGHT as u64, weight as u64));
        }
        if lambda >= weight {
            return Err(Reason::BadCurvature.refuse(weight.saturating_sub(1) as u64, lambda as u64));
        }
        if psi_scale == 0 || theta_scale == 0 {
            return Err(Reason::BadScale.refuse(1, 0));
        }
        Ok(())
    }

    fn k(&self, x: u128, y: u128) -> U256 {
        let (w2, l) = (self.weight as u128 * 2, self.lambda as u128);
        wide::wrapping_add(wide::mul_128x128(w2 * y + l * x, x), wide::mul_128x128(l * y, y))
    }

    /// `K(Ψ,Θ)`, exact.
    pub fn kappa(&self, psi: Psi, theta: Theta) -> Kappa {
        Kappa(self.k(self.psi_scale as u128 * psi.0 as u128, self.theta_scale as u128 * theta.0 as u128))
    }

    /// The smallest Ψ′ with `K(Ψ′,Θ′) ≥ κ`.
    pub fn solve_psi(&self, kappa: Kappa, theta: Theta) -> Result<Psi> {
        self.validate()?;
        Ok(Psi(self.solve(kappa, self.psi_scale, self.theta_scale, theta.0)?))
    }

    /// The smallest Θ′ with `K(Ψ′,Θ′) ≥ κ`.
    pub fn solve_theta(&self, kappa: Kappa, psi: Psi) -> Result<Theta> {
        self.validate()?;
        Ok(Theta(self.solve(kappa, self.theta_scale, self.psi_scale, psi.0)?))
    }

    fn solve(&self, kappa: Kappa, scale: u32, other_scale: u32, other: u64) -> Result<u64> {
        let y = other_scale as u128 * other as u128;
        let enough = |n: u64| self.k(scale as u128 * n as u128, y) >= kappa.0;
        if enough(0) || (y == 0 && self.lambda == 0) {
            return Err(Reason::Drained.refuse(0, other));
        }
        if !enough(u64::MAX) {
            return Err(Reason::Overflow.refuse(u64::MAX, u64::MAX));
        }
        let (mut short, mut long) = (0u64, u64::MAX);
        while long - short > 1 {
            let middle = short + (long - short) / 2;
            if enough(middle) { long = middle } else { short = middle }
        }
        Ok(long)
    }

    /// The marginal price at (Ψ,Θ). `PriceOverflow` where it does not fit, or there is none.
    pub fn price_floor(&self, psi: Psi, theta: Theta) -> Result<Price> {
        self.validate()?;
        let (a, b, w, l) = (self.psi_scale as u128, self.theta_scale as u128, self.weight as u128, self.lambda as u128);
        let (x, y) = (a * psi.0 as u128, b * theta.0 as u128);
        let num = wide::mul_128x128(w * y + l * x, a << 64);
        let den = wide::mul_128x128(w * x + l * y, b);
        match wide::div_floor_128(num, den) {
            Some(price) => Ok(Price(price)),
            None => Err(Reason::PriceOverflow.refuse(u64::MAX, u64::MAX)),
        }
    }
}
