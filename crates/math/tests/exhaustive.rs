//! Every pair of reserves and every trade up to 64, for three curvatures and three weights, all four kinds, with and without fees.
mod common;
use common::*;
use hmm_math::*;

const LIMIT: u64 = 64;

fn sweep(weight: u32, lambda: u32) {
    let curve = Curve { weight, lambda, psi_scale: 1, theta_scale: 1 };
    for fees in [NO_FEES, DEFAULT_FEES] {
        for psi in 1..=LIMIT {
            for theta in 1..=LIMIT {
                let before = reserve(curve, psi, theta);
                for kind in KINDS {
                    for amount in 1..=LIMIT {
                        let mut after = before;
                        let got = after.trade(kind, amount, 7, &fees).map(|fill| (fill, after));
                        assert_eq!(got, trade(&before, kind, amount, 7, &fees), "{before:?} {kind:?} {amount} {fees:?}");
                        let Ok((fill, mut r)) = got else {
                            assert_eq!(after, before);
                            continue;
                        };
                        assert!(r.kappa >= before.kappa);
                        // and straight back
                        match kind {
                            Kind::BuyExactIn | Kind::BuyExactOut => {
                                if let Ok(back) = r.trade(Kind::SellExactIn, fill.units, 7, &fees) {
                                    assert!(back.credits <= fill.credits, "{before:?} {kind:?} {amount} {fees:?}");
                                }
                            }
                            Kind::SellExactIn | Kind::SellExactOut => {
                                if let Ok(back) = r.trade(Kind::BuyExactOut, fill.units, 7, &fees) {
                                    assert!(back.credits >= fill.credits, "{before:?} {kind:?} {amount} {fees:?}");
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

macro_rules! sweeps {
    ($($name:ident: $weight:literal $lambda:literal;)*) => { $(#[test] fn $name() { sweep($weight, $lambda) })* };
}

sweeps! {
    weight_1_flat: 1 0;
    weight_20_flat: 20 0;
    weight_20_light: 20 1;
    weight_20_heavy: 20 19;
    weight_1000_flat: 1_000 0;
    weight_1000_light: 1_000 50;
    weight_1000_heavy: 1_000 999;
    weight_million_flat: 1_000_000 0;
    weight_million_light: 1_000_000 50_000;
    weight_million_heavy: 1_000_000 999_999;
}
