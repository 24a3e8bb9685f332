//! Fees, windows and liquidity against exact arithmetic, and what must hold for them.
mod common;
use common::*;
use hmm_math::liquidity::*;
use hmm_math::*;

#[test]
fn fee_amounts_are_exact() {
    let mut rng = Rng(21);
    for _ in 0..cases(1_000_000) {
        let (amount, rate) = (rng.size(0, u64::MAX), rng.size(0, PPB - 1));
        assert_eq!(fee_ceil(amount, Ppb(rate)), fee_of(amount, rate));
        assert_eq!(gross_up_ceil(amount, Ppb(rate)), gross_of(amount, rate));
        if let Ok(gross) = gross_up_ceil(amount, Ppb(rate)) {
            // the grossed-up amount pays the fee on itself, and one less would not
            assert!(gross - fee_ceil(gross, Ppb(rate)) >= amount || gross == 0);
        }
    }
}

#[test]
fn rates_and_splits_are_exact() {
    let mut rng = Rng(22);
    for _ in 0..cases(1_000_000) {
        let fees = rng.fees();
        let recent = if rng.below(8) == 0 { rng.size(0, u64::MAX) } else { rng.size(0, 100_000_000) };
        let moved = rng.size(0, PPB);
        let got = fees.rate_ceil(Ppb(recent), Ppb(moved));
        assert_eq!(got.map(|f| f.0), rate(&fees, recent, moved));
        if let Ok(f) = got {
            let total = rng.size(0, u64::MAX);
            let parts = fees.split_floor(total, f);
            assert_eq!(parts, split(&fees, total, f.0));
            assert_eq!(parts.burn as u128 + parts.lp as u128 + parts.treasury as u128, total as u128);
        }
    }
}

#[test]
fn windows_drip_linearly_and_lose_nothing() {
    let mut rng = Rng(23);
    for _ in 0..cases(1_000_000) / 20 {
        let length = rng.size(1, 1_000) as u32;
        let mut slot = rng.size(0, u64::MAX >> 16);
        let mut w = Windows { window: slot / length as u64, ..Windows::default() };
        let (mut paid_in, mut dripped) = (0u128, 0u128);
        for _ in 0..20 {
            let fee = rng.size(0, u64::MAX >> 8);
            w.pending_cur += fee;
            paid_in += fee as u128;
            slot += if rng.below(10) == 0 { rng.size(0, 10_000) } else { rng.below(length as u64) };
            let (prev, before) = (w, dripped);
            dripped += w.rotate(slot, length) as u128;
            let once = w;
            assert_eq!((w.rotate(slot, length), w), (0, once), "rotating twice is rotating once");
            assert!(w.dripped <= w.pending_prev);
            assert_eq!(paid_in, dripped + w.pending_cur as u128 + (w.pending_prev - w.dripped) as u128);
            // exactly the floor of the elapsed share, however often it was touched
            let elapsed = slot as u128 % length as u128;
            assert_eq!(w.dripped as u128, w.pending_prev as u128 * elapsed / length as u128);
            // the fee just paid waits for its window to end
            if w.window == prev.window {
                assert!(dripped - before <= prev.pending_prev as u128);
                assert_eq!(w.pending_cur, prev.pending_cur);
            }
        }
        slot += 2 * length as u64;
        dripped += w.rotate(slot, length) as u128;
        assert_eq!(paid_in, dripped, "all of it came out");
        assert_eq!(w, Windows { window: slot / length as u64, ..Windows::default() });
    }
}

#[test]
fn recent_move_is_the_ceiling() {
    let mut rng = Rng(24);
    for _ in 0..cases(1_000_000) {
        let length = rng.size(1, u32::MAX as u64) as u32;
        let slot = rng.size(0, u64::MAX);
        let w = Windows { move_cur: rng.size(0, u64::MAX), move_prev: rng.size(0, u64::MAX), ..Windows::default() };
        assert_eq!(w.recent_move_ceil(slot, length).0, recent(&w, slot, length));
    }
}

#[test]
fn rotation_only_raises_kappa() {
    let mut rng = Rng(25);
    for _ in 0..cases(1_000_000) / 4 {
        let (psi, theta) = rng.reserves();
        let mut r = reserve(rng.curve(), psi, theta);
        r.windows.pending_cur = rng.size(0, u64::MAX >> 2);
        r.windows.pending_prev = rng.size(0, u64::MAX >> 2);
        r.windows.dripped = rng.size(0, r.windows.pending_prev);
        let before = r;
        let slot = rng.size(0, 1_000);
        let mut w = before.windows;
        let drip = w.rotate(slot, 150);
        r.rotate(slot, 150).unwrap();
        assert_eq!((r.windows, r.theta.0, r.psi), (w, before.theta.0 + drip, before.psi));
        assert!(r.kappa >= before.kappa);
        assert_eq!(r.kappa, r.curve.kappa(r.psi, r.theta));
    }
    let mut full = reserve(Curve { weight: 1, lambda: 0, psi_scale: 1, theta_scale: 1 }, 5, u64::MAX);
    full.windows.pending_prev = 1;
    let before = full;
    assert_eq!(full.rotate(1_000, 150), Err(OVERFLOW));
    assert_eq!(full, before);
}

#[test]
fn liquidity_never_gains() {
    let mut rng = Rng(26);
    for _ in 0..cases(1_000_000) {
        let (supply, reserve, shares) = (rng.size(1, u64::MAX), rng.size(0, u64::MAX), rng.size(0, u64::MAX));
        let product = |a: u64, b: u64| a as u128 * b as u128;
        let paid = deposit_ceil(Shares(shares), reserve, Shares(supply));
        assert_eq!(paid.ok().map(u128::from), Some(ceil(product(shares, reserve), supply as u128)).filter(|v| *v <= u64::MAX as u128));
        let got = withdraw_floor(Shares(shares), reserve, Shares(supply));
        if shares <= supply {
            assert_eq!(got.unwrap() as u128, product(shares, reserve) / supply as u128);
        } else {
            assert_eq!(got.unwrap_err().reason, Reason::SharesAboveSupply);
        }
        if let (Ok(paid), Some(more), Some(grown)) = (paid, supply.checked_add(shares), paid.ok().and_then(|p| reserve.checked_add(p))) {
            // in and out again
            assert!(withdraw_floor(Shares(shares), grown, Shares(more)).unwrap() <= paid);
            // nobody is diluted: reserve per share does not fall
            assert!(product(grown, supply) >= product(reserve, more));
        }
        // the most shares that a maximum allows
        let most = shares_for_floor(shares, reserve, Shares(supply)).unwrap();
        if most.0 < u64::MAX {
            assert!(deposit_ceil(most, reserve, Shares(supply)).unwrap() <= shares);
            assert!(deposit_ceil(Shares(most.0 + 1), reserve, Shares(supply)).map_or(true, |p| p > shares));
        } else {
            assert!(product(shares, supply) >= product(u64::MAX, reserve));
        }
    }
}

#[test]
fn first_shares_are_the_floor() {
    let mut rng = Rng(27);
    for _ in 0..cases(1_000_000) {
        let c = rng.curve();
        let (psi, theta) = (rng.size(0, u64::MAX), rng.size(0, u64::MAX));
        let product = ruint::aliases::U256::from(c.psi_scale as u128 * psi as u128)
            * ruint::aliases::U256::from(c.theta_scale as u128 * theta as u128);
        let expected = u64::try_from(isqrt(product) / c.theta_scale as u128).ok();
        assert_eq!(first_shares_of_floor(&c, Psi(psi), Theta(theta)).ok(), expected);
        let two = first_shares_floor([(c, Psi(psi), Theta(theta)); 2]);
        match expected.and_then(|n| n.checked_mul(2)) {
            None => assert_eq!(two, Err(OVERFLOW)),
            Some(n) if n > MINIMUM_SHARES => assert_eq!(two, Ok(Shares(n))),
            Some(n) => assert_eq!(two, Err(Refusal { reason: Reason::TooFewShares, expected: MINIMUM_SHARES + 1, found: n })),
        }
    }
}

#[test]
fn reasons_and_kinds_are_numbered() {
    for (code, reason) in Reason::ALL.iter().enumerate() {
        assert_eq!(*reason as usize, code);
        assert!(!reason.name().is_empty() && !reason.message().is_empty());
    }
    for code in 0..=u8::MAX {
        match Kind::try_from(code) {
            Ok(kind) => assert_eq!(kind as u8, code),
            Err(refusal) => assert!(code > 3 && refusal.reason == Reason::BadKind),
        }
    }
}
