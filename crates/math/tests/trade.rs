//! Trades against the oracle over the full range, and what must hold for all of them.
mod common;
use common::*;
use hmm_math::*;

/// A reserve somebody could have made, with some history.
fn scene(rng: &mut Rng) -> (Reserve, u64, FeeParams) {
    let fees = rng.fees();
    let (psi, theta) = rng.reserves();
    let mut r = reserve(rng.curve(), psi, theta);
    let slot = rng.size(0, u64::MAX);
    r.windows.window = slot / fees.risk_window as u64;
    if rng.below(2) == 0 {
        r.windows.move_cur = rng.size(0, 20_000_000);
        r.windows.move_prev = rng.size(0, 20_000_000);
        r.windows.pending_cur = rng.size(0, u64::MAX >> 2);
        r.windows.pending_prev = rng.size(0, u64::MAX >> 2);
    }
    if rng.below(4) == 0 {
        r.min_psi = Psi(psi - psi / 16);
        r.min_theta = Theta(theta - theta / 16);
    }
    (r, slot, fees)
}

fn amount(rng: &mut Rng, r: &Reserve, kind: Kind) -> u64 {
    let side = if matches!(kind, Kind::BuyExactIn | Kind::SellExactOut) { r.theta.0 } else { r.psi.0 };
    match rng.below(8) {
        0 => rng.size(0, u64::MAX),
        1 | 2 => rng.around(side, 2),
        _ => (rng.around(side, 6) >> 7).max(1),
    }
}

fn kind(rng: &mut Rng) -> Kind {
    KINDS[rng.below(4) as usize]
}

#[test]
fn every_trade_is_the_oracle_s() {
    let mut rng = Rng(11);
    let mut filled = [0u64; 4];
    for _ in 0..cases(1_000_000) {
        let (before, slot, fees) = scene(&mut rng);
        let kind = kind(&mut rng);
        let amount = amount(&mut rng, &before, kind);
        let mut after = before;
        let got = after.trade(kind, amount, slot, &fees).map(|fill| (fill, after));
        assert_eq!(got, trade(&before, kind, amount, slot, &fees), "{before:?} {kind:?} {amount} {slot} {fees:?}");
        match got {
            Ok((fill, after)) => {
                filled[kind as usize] += 1;
                assert!(after.kappa >= before.kappa);
                assert_eq!(fill.fee.total, fill.fee.burn + fill.fee.lp + fill.fee.treasury);
                assert_eq!(fill.fee.total, fill.credits.abs_diff(fill.curve_credits));
                assert_eq!(after.kappa, after.curve.kappa(after.psi, after.theta));
            }
            Err(refusal) => {
                assert_eq!(after, before, "a refused trade changed something");
                assert!(!matches!(refusal.reason, Reason::InvariantDecreased | Reason::MoveAboveBound), "{refusal:?}");
            }
        }
    }
    assert!(filled.iter().all(|n| *n >= cases(1_000_000) / 20), "{filled:?}");
}

/// Any state, consistent or not, with any parameters: typed errors, never a panic (release builds check overflows).
#[test]
fn no_input_panics() {
    let mut rng = Rng(12);
    for _ in 0..cases(2_000_000) {
        let mut r = Reserve {
            curve: Curve {
                weight: rng.size(0, u32::MAX as u64) as u32,
                lambda: rng.size(0, u32::MAX as u64) as u32,
                psi_scale: rng.size(0, u32::MAX as u64) as u32,
                theta_scale: rng.size(0, u32::MAX as u64) as u32,
            },
            psi: Psi(rng.size(0, u64::MAX)),
            theta: Theta(rng.size(0, u64::MAX)),
            kappa: Kappa(U256::from_limbs([0; 4].map(|_: u64| rng.size(0, u64::MAX)))),
            min_psi: Psi(rng.size(0, u64::MAX)),
            min_theta: Theta(rng.size(0, u64::MAX)),
            windows: Windows {
                window: rng.size(0, u64::MAX),
                move_cur: rng.size(0, u64::MAX),
                move_prev: rng.size(0, u64::MAX),
                pending_cur: rng.size(0, u64::MAX),
                pending_prev: rng.size(0, u64::MAX),
                dripped: rng.size(0, u64::MAX),
            },
        };
        if rng.below(2) == 0 {
            r.curve = rng.curve();
        }
        let mut fees = FeeParams {
            market_fee: Ppm(rng.size(0, u32::MAX as u64) as u32),
            risk_fee: Ppm(rng.size(0, u32::MAX as u64) as u32),
            max_fee: Ppm(rng.size(0, u32::MAX as u64) as u32),
            burn_share: Ppm(rng.size(0, u32::MAX as u64) as u32),
            lp_share: Ppm(rng.size(0, u32::MAX as u64) as u32),
            risk_window: rng.size(0, u32::MAX as u64) as u32,
        };
        if rng.below(2) == 0 {
            fees = rng.fees();
        }
        let slot = rng.size(0, u64::MAX);
        let amount = rng.size(0, u64::MAX);
        let _ = r.price_floor();
        let _ = r.windows.recent_move_ceil(slot, fees.risk_window);
        let before = r;
        if r.rotate(slot, fees.risk_window).is_err() {
            assert_eq!(r, before);
            r.windows.window = slot / fees.risk_window.max(1) as u64;
        }
        let before = r;
        let result = r.trade(kind(&mut rng), amount, slot, &fees);
        if result.is_err() {
            assert_eq!(r, before);
        }
        fees.split_floor(amount, Ppb(slot));
        let _ = gross_up_ceil(amount, Ppb(slot));
        fee_ceil(amount, Ppb(slot));
        let _ = r.curve.kappa(r.psi, r.theta);
        r.recompute_kappa();
    }
}

/// An attacker's loop of random trades, fees off: whatever it does, at the end it has not more of one thing without less of the other than it
/// started with, priced on the curve: K never falls, so the reserves it leaves dominate no point below the curve.
#[test]
fn kappa_never_falls_over_random_walks() {
    let mut rng = Rng(13);
    for _ in 0..cases(1_000_000) / 100 {
        let (mut r, slot, _) = scene(&mut rng);
        let fees = NO_FEES;
        r.windows = Windows { window: slot / fees.risk_window as u64, ..Windows::default() };
        let (psi, theta) = (r.psi, r.theta);
        for _ in 0..100 {
            let before = r.kappa;
            let kind = kind(&mut rng);
            let amount = amount(&mut rng, &r, kind);
            let _ = r.trade(kind, amount, slot, &fees);
            assert!(r.kappa >= before);
        }
        assert!(r.psi >= psi || r.theta >= theta, "took both sides");
        assert!(r.theta >= r.curve.solve_theta(r.kappa, r.psi).unwrap_or(r.theta));
    }
}

/// Buy and sell back, or sell and buy back, through any two kinds: never a profit.
#[test]
fn round_trips_never_profit() {
    let mut rng = Rng(14);
    let mut done = 0u64;
    for _ in 0..cases(1_000_000) {
        let (before, slot, mut fees) = scene(&mut rng);
        if rng.below(2) == 0 {
            fees = FeeParams { risk_window: fees.risk_window, ..NO_FEES };
        }
        let mut r = before;
        let first = kind(&mut rng);
        let amount = amount(&mut rng, &r, first);
        let Ok(one) = r.trade(first, amount, slot, &fees) else { continue };
        let buying = matches!(first, Kind::BuyExactIn | Kind::BuyExactOut);
        // all the units back; or the credits that were paid or received
        let (second, amount) = match (buying, rng.below(2) == 0) {
            (true, true) => (Kind::SellExactIn, one.units),
            (true, false) => (Kind::SellExactOut, one.credits),
            (false, true) => (Kind::BuyExactOut, one.units),
            (false, false) => (Kind::BuyExactIn, one.credits),
        };
        let Ok(two) = r.trade(second, amount, slot, &fees) else { continue };
        done += 1;
        match second {
            Kind::SellExactIn => assert!(two.credits <= one.credits, "{before:?} {one:?} {two:?}"),
            Kind::SellExactOut => assert!(two.units >= one.units, "{before:?} {one:?} {two:?}"),
            Kind::BuyExactOut => assert!(two.credits >= one.credits, "{before:?} {one:?} {two:?}"),
            Kind::BuyExactIn => assert!(two.units <= one.units, "{before:?} {one:?} {two:?}"),
        }
    }
    assert!(done > cases(1_000_000) / 10, "{done}");
}

/// The kinds whose fee rests on a bound are never better than the direct kinds: what exact-in bought costs at most as much exact-out; what exact-out
/// received takes at most as many units exact-in.
#[test]
fn indirect_kinds_are_never_better() {
    let mut rng = Rng(15);
    let (mut buys, mut sells) = (0u64, 0u64);
    for _ in 0..cases(1_000_000) {
        let (before, slot, fees) = scene(&mut rng);
        let kind = [Kind::BuyExactIn, Kind::SellExactOut][rng.below(2) as usize];
        let amount = amount(&mut rng, &before, kind);
        let (mut a, mut b) = (before, before);
        let Ok(indirect) = a.trade(kind, amount, slot, &fees) else { continue };
        if kind == Kind::BuyExactIn {
            let direct = b.trade(Kind::BuyExactOut, indirect.units, slot, &fees).unwrap();
            assert!(direct.credits <= indirect.credits, "{before:?} {fees:?} {amount} {direct:?} {indirect:?}");
            buys += 1;
        } else {
            let direct = match b.trade(Kind::SellExactIn, indirect.units, slot, &fees) {
                Ok(fill) => fill,
                // units are rounded up: sold directly they would take more than may be left
                Err(refusal) => {
                    assert!(matches!(refusal.reason, Reason::Drained | Reason::BelowMinTheta), "{refusal:?}");
                    continue;
                }
            };
            assert!(direct.credits >= indirect.credits, "{before:?} {fees:?} {amount} {direct:?} {indirect:?}");
            sells += 1;
        }
    }
    assert!(buys.min(sells) > cases(1_000_000) / 20, "{buys} {sells}");
}

/// Cutting an order into pieces within a window never pays less (buys) and never receives more (sells), but for the rounding of rates: the rate of the whole is rounded up by
/// less than 2·10⁻⁹ (its move, then itself), and pieces may be luckier.
#[test]
fn splitting_never_pays() {
    let mut rng = Rng(16);
    let mut done = [0u64; 2];
    for _ in 0..cases(1_000_000) {
        let (before, slot, fees) = scene(&mut rng);
        let buying = rng.below(2) == 0;
        let kind = if buying { Kind::BuyExactOut } else { Kind::SellExactIn };
        let whole = amount(&mut rng, &before, kind);
        let mut r = before;
        let Ok(once) = r.trade(kind, whole, slot, &fees) else { continue };
        let mut r = before;
        let (mut left, mut credits) = (whole, 0u128);
        let pieces = 2 + rng.below(6);
        let mut complete = true;
        for i in 0..pieces {
            let part = if i + 1 == pieces { left } else { rng.below(left + 1) };
            if part == 0 {
                continue;
            }
            let Ok(fill) = r.trade(kind, part, slot, &fees) else {
                complete = false;
                break;
            };
            left -= part;
            credits += fill.credits as u128;
        }
        let luck = if fees.risk_fee.0 == 0 { 0 } else { 2 * (once.curve_credits.max(once.credits) as u128 / 1_000_000_000 + 1) };
        if complete && left == 0 {
            done[buying as usize] += 1;
            if buying {
                assert!(credits + luck >= once.credits as u128, "{before:?} {fees:?} {whole} {credits} {once:?}");
            } else {
                assert!(credits <= once.credits as u128 + luck, "{before:?} {fees:?} {whole} {credits} {once:?}");
            }
        }
    }
    assert!(done.iter().all(|n| *n > cases(1_000_000) / 20), "{done:?}");
}
