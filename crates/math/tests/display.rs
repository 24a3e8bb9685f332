//! The display helpers against the integers.
#![cfg(feature = "display")]
mod common;
use common::*;
use hmm_math::display::*;
use hmm_math::*;

/// Trades a reserve until its price has changed by about `r`, and returns the loss and the factor.
fn lived_loss(curve: Curve, psi: u64, theta: u64, r: f64) -> (f64, f64) {
    let start = reserve(curve, psi, theta);
    let mut end = start;
    let target = price(start.price_floor().unwrap()) * r;
    for bit in (0..60).rev() {
        let mut next = end;
        let (kind, side) = if r > 1.0 { (Kind::BuyExactOut, next.psi.0) } else { (Kind::SellExactIn, next.psi.0) };
        let amount = 1u64 << bit;
        if (r > 1.0 && amount >= side) || next.trade(kind, amount, 0, &NO_FEES).is_err() {
            continue;
        }
        let p = price(next.price_floor().unwrap());
        if (r > 1.0 && p <= target) || (r <= 1.0 && p >= target) {
            end = next;
        }
    }
    let p = price(end.price_floor().unwrap());
    let value = end.theta.0 as f64 + p * end.psi.0 as f64;
    let held = start.theta.0 as f64 + p * start.psi.0 as f64;
    (value / held - 1.0, p / price(start.price_floor().unwrap()))
}

#[test]
fn impermanent_loss_is_what_a_reserve_lives_through() {
    for (w, l) in [(1_000_000, 0), (1_000_000, 50_000), (20, 10), (1_000_000, 400_000)] {
        for (psi, theta) in [(1 << 50, 1 << 50), (1 << 48, 3 << 49), (5 << 48, 1 << 50)] {
            let curve = Curve { weight: w, lambda: l, psi_scale: 3, theta_scale: 2 };
            for r in [0.6, 0.9, 1.0, 1.1, 1.5, 2.0] {
                let (lived, r) = lived_loss(curve, psi, theta, r);
                let told = impermanent_loss(&curve, Psi(psi), Theta(theta), r);
                if told.is_nan() {
                    continue;
                }
                assert!((lived - told).abs() < 1e-9, "{curve:?} {psi} {theta} {r}: {lived} {told}");
                if l == 0 {
                    assert!((told - impermanent_loss_flat(r)).abs() < 1e-9);
                }
            }
        }
    }
    // the figures of the specification: 5.72 % becomes 6.34 % at λ/w = 0.05
    let light = Curve { weight: 20, lambda: 1, psi_scale: 1, theta_scale: 1 };
    assert!((impermanent_loss_flat(2.0) + 0.0572).abs() < 5e-5);
    assert!((impermanent_loss(&light, Psi(1 << 40), Theta(1 << 40), 2.0) + 0.0634).abs() < 5e-5);
    // outside the band there is no such price
    assert!(impermanent_loss(&light, Psi(1 << 40), Theta(1 << 40), 20.1).is_nan());
}

#[test]
fn helpers() {
    assert_eq!(price(Price(3 << 63)), 1.5);
    assert_eq!(ppm_percent(Ppm(3_000)), 0.3);
    assert_eq!(ppb_percent(Ppb(3_000_000)), 0.3);
    let r = reserve(Curve { weight: 1, lambda: 0, psi_scale: 1, theta_scale: 1 }, 1_000, 2_000);
    assert_eq!(position_value(Shares(1), Shares(4), &r), 1_000.0);
}
