//! The curve of one resource: `K(Ψ,Θ) = 2·w·x·y + λ·(x² + y²)` with `x = a·Ψ`, `y = b·Θ`.

use crate::error::{OVERFLOW, Reason, Result};
use crate::log::LogPrice;
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

    /// `K(Ψ,Θ)`, exact. Of a curve that is not valid: some number.
    #[inline(never)]
    pub fn kappa(&self, psi: Psi, theta: Theta) -> Kappa {
        let (x, y) = (self.x(psi), self.y(theta));
        let by_x = wide::mul_96_128(x, self.gain(self.doubled_weight(y), x));
        Kappa(by_x.wrapping_add(wide::square_96(y).wrapping_mul_32(self.lambda)))
    }

    /// The smallest Ψ′ with `K(Ψ′,Θ′) ≥ κ`. `Drained` where none is needed or none is enough, `Overflow` where it does not fit.
    pub fn solve_psi(&self, kappa: Kappa, theta: Theta) -> Result<Psi> {
        self.validate()?;
        self.psi_at(kappa, theta)
    }

    /// The smallest Θ′ with `K(Ψ′,Θ′) ≥ κ`. `Drained` where none is needed or none is enough, `Overflow` where it does not fit.
    pub fn solve_theta(&self, kappa: Kappa, psi: Psi) -> Result<Theta> {
        self.validate()?;
        self.theta_at(kappa, psi)
    }

    /// [`Curve::solve_psi`] on a curve known to be valid.
    #[inline(always)]
    pub(crate) fn psi_at(&self, kappa: Kappa, theta: Theta) -> Result<Psi> {
        self.solve(kappa.0, self.psi_scale, self.y(theta), theta.0).map(Psi)
    }

    /// [`Curve::solve_theta`] on a curve known to be valid.
    #[inline(always)]
    pub(crate) fn theta_at(&self, kappa: Kappa, psi: Psi) -> Result<Theta> {
        self.solve(kappa.0, self.theta_scale, self.x(psi), psi.0).map(Theta)
    }

    /// The marginal price at (Ψ,Θ). `PriceOverflow` where it does not fit, or there is none.
    #[inline(never)]
    pub fn price_floor(&self, psi: Psi, theta: Theta) -> Result<Price> {
        self.validate()?;
        let (num, den) = self.price_parts(psi, theta);
        match wide::ratio_q64_floor(num, den) {
            Some(price) => Ok(Price(price)),
            None => Err(Reason::PriceOverflow.refuse(u64::MAX, u64::MAX)),
        }
    }

    /// log₂ of the marginal price at (Ψ,Θ), of its exact ratio: see [`LogPrice::of_ratio`]. `None` where there is no price. The curve must be valid.
    #[inline(never)]
    pub fn log_price(&self, psi: Psi, theta: Theta) -> Option<LogPrice> {
        let (num, den) = self.price_parts(psi, theta);
        LogPrice::of_ratio(num, den)
    }

    /// a·(wy + λx) and b·(wx + λy), whose ratio is the marginal price; less than 2¹⁴⁹.
    #[inline(always)]
    fn price_parts(&self, psi: Psi, theta: Theta) -> (U256, U256) {
        let (x, y) = (self.x(psi), self.y(theta));
        let (w, l) = (self.weight, self.lambda);
        let by_x = wide::wrapping_mul_128_32(y, w).wrapping_add(wide::wrapping_mul_128_32(x, l));
        let by_y = wide::wrapping_mul_128_32(x, w).wrapping_add(wide::wrapping_mul_128_32(y, l));
        (wide::mul_128_32(by_x, self.psi_scale), wide::mul_128_32(by_y, self.theta_scale))
    }

    /// The smallest n with `K(a·n, y) ≥ κ`; `given` is the reserve behind `y`.
    ///
    /// What the reserve must bring is N = κ − λ·y², and a·n = x brings x·(2wy + λx). The positive root is x = N / (wy + √((wy)² + λN)): one sum of
    /// positive terms, so no digits cancel and λ = 0 needs no case of its own. It is estimated to 61 bits, a
    /// little high. The estimate decides only the time: n is returned when the exact products say that n is enough and n − 1 is not.
    #[inline(never)]
    fn solve(&self, kappa: U256, scale: u32, y: u128, given: u64) -> Result<u64> {
        let y_squared = wide::square_96(y);
        let needed = match kappa.checked_sub(y_squared.wrapping_mul_32(self.lambda)) {
            Some(n) if n != U256::ZERO && (y != 0 || self.lambda != 0) => n,
            _ => return Err(Reason::Drained.refuse(0, given)),
        };
        // no reserves have a κ of 2²¹⁴ or more; below it nothing wraps
        let [_, _, _, highest] = kappa.to_limbs();
        if highest >> 22 != 0 {
            return Err(OVERFLOW);
        }
        let doubled = self.doubled_weight(y);
        let mut n = self.estimate(needed, scale, doubled >> 1, y_squared);
        loop {
            let x = wide::mul_64_32(n, scale);
            let gain = self.gain(doubled, x);
            match wide::mul_96_128(x, gain).checked_sub(needed) {
                None if n == u64::MAX => return Err(OVERFLOW),
                None => n = n.wrapping_add(1),
                Some(excess) => {
                    // what the last unit brings: a·(2wy + λ(2x − a))
                    let last = gain.wrapping_add(wide::wrapping_mul_128_32(x.wrapping_sub(scale as u128), self.lambda));
                    if excess < wide::mul_128_32(last, scale) {
                        return Ok(n);
                    }
                    n = n.wrapping_sub(1);
                }
            }
        }
    }

    /// About N / (wy + √((wy)² + λN)) / a, and rarely too low; at least 1.
    #[inline(always)]
    fn estimate(&self, needed: U256, scale: u32, wy: u128, y_squared: U256) -> u64 {
        let wy_squared = y_squared.wrapping_mul_32(self.weight).wrapping_mul_32(self.weight);
        let radicand = wy_squared.wrapping_add(needed.wrapping_mul_32(self.lambda));
        let (root, e) = wide::leading_root(radicand);
        // wy ≤ √radicand, so at the root's exponent it fits a limb
        let (low, high) = wide::limbs(wy);
        let wy = if e > 0 { high << ((64 - e) & 63) | low >> (e & 63) } else { low << (-e & 63) };
        let (sum, carry) = root.overflowing_add(wy);
        let (divisor, e) = if carry { (sum >> 1 | 1 << 63, e + 1) } else { (sum, e) };
        let (dividend, f) = wide::leading_127(needed);
        let (low, high) = wide::limbs(dividend);
        let quotient = wide::div_128_64(high, low, divisor);
        wide::scaled_quotient(quotient, f - e, scale).saturating_add(1)
    }

    /// `2wy + λx`: what a little more x brings, for each of x. Less than 2¹¹⁸.
    #[inline(always)]
    fn gain(&self, doubled: u128, x: u128) -> u128 {
        doubled.wrapping_add(wide::wrapping_mul_128_32(x, self.lambda))
    }

    /// `2wy`, less than 2¹¹⁷
    #[inline(always)]
    fn doubled_weight(&self, y: u128) -> u128 {
        wide::wrapping_mul_128_32(y, self.weight << 1)
    }

    #[inline(always)]
    pub(crate) fn x(&self, psi: Psi) -> u128 {
        wide::mul_64_32(psi.0, self.psi_scale)
    }

    #[inline(always)]
    pub(crate) fn y(&self, theta: Theta) -> u128 {
        wide::mul_64_32(theta.0, self.theta_scale)
    }
}
