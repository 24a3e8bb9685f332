//! Floating-point helpers for people's eyes: nothing here decides anything.

use crate::curve::Curve;
use crate::reserve::Reserve;
use crate::units::{Ppb, Ppm, Price, Psi, Shares, Theta};

/// Credits per unit, both raw.
pub fn price(price: Price) -> f64 {
    price.0 as f64 / (1u128 << 64) as f64
}

/// Parts per million as percent.
pub fn ppm_percent(part: Ppm) -> f64 {
    part.0 as f64 / 1e4
}

/// Parts per 10⁹ as percent.
pub fn ppb_percent(part: Ppb) -> f64 {
    part.0 as f64 / 1e7
}

/// What `shares` of `supply` are worth in credits at the marginal price, in one resource of the pool. NaN where there is no price.
pub fn position_value(shares: Shares, supply: Shares, reserve: &Reserve) -> f64 {
    let p = reserve.price_floor().map_or(f64::NAN, price);
    shares.0 as f64 / supply.0 as f64 * (reserve.theta.0 as f64 + p * reserve.psi.0 as f64)
}

/// The impermanent loss of x·y = k when the price changes by the factor `r`: `2√r/(1+r) − 1`, not positive.
pub fn impermanent_loss_flat(r: f64) -> f64 {
    2.0 * r.sqrt() / (1.0 + r) - 1.0
}

/// The impermanent loss of a reserve that stood at (Ψ,Θ) when the price changes by the factor `r`: its value on the curve over the value of
/// what was put in, less 1. NaN where the curve never has that price: the price stays between s·λ/w and s·w/λ.
///
/// With t = x/y the price is (a/b)·(w + λt)/(wt + λ), so t at the new price has a closed form for every λ; so has the point of the level set there.
pub fn impermanent_loss(curve: &Curve, psi: Psi, theta: Theta, r: f64) -> f64 {
    let (w, l) = (curve.weight as f64, curve.lambda as f64);
    let (x, y) = (curve.psi_scale as f64 * psi.0 as f64, curve.theta_scale as f64 * theta.0 as f64);
    // prices in y per x
    let before = (w * y + l * x) / (w * x + l * y);
    let after = before * r;
    let (over, under) = (w - l * after, w * after - l);
    if !(over > 0.0 && under > 0.0) {
        return f64::NAN;
    }
    let t = over / under;
    let k = 2.0 * w * x * y + l * (x * x + y * y);
    let y_after = (k / (2.0 * w * t + l * (t * t + 1.0))).sqrt();
    y_after * (t * after + 1.0) / (x * after + y) - 1.0
}
