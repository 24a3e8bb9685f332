//! K, the solve in both directions and the price against exact big integers over the full range.
mod common;
use common::*;
use hmm_math::*;

/// A curve, a κ and a given reserve: near balance, far off, at the edges, and κ one off the curve through a point.
fn solve_case(rng: &mut Rng) -> (Curve, ruint::aliases::U256, u64) {
    let curve = rng.curve();
    let one = ruint::aliases::U256::from(1);
    match rng.below(4) {
        0 => (curve, kappa(&curve, rng.size(0, u64::MAX), rng.size(0, u64::MAX)), rng.size(0, u64::MAX)),
        1 => {
            let (psi, theta) = rng.reserves();
            let k = kappa(&curve, psi, theta);
            let given = [psi, theta][rng.below(2) as usize];
            (curve, [k - one, k, k + one][rng.below(3) as usize], given)
        }
        _ => {
            let (psi, theta) = rng.reserves();
            let given = [psi, theta][rng.below(2) as usize];
            (curve, kappa(&curve, psi, theta), rng.around(given, 4))
        }
    }
}

#[test]
fn kappa_is_exact() {
    let mut rng = Rng(1);
    for _ in 0..cases(1_000_000) {
        let (c, psi, theta) = (rng.curve(), rng.size(0, u64::MAX), rng.size(0, u64::MAX));
        assert_eq!(big(c.kappa(Psi(psi), Theta(theta))), kappa(&c, psi, theta), "{c:?} {psi} {theta}");
    }
}

/// The result is checked by the definition; a refusal must be the right one.
fn check(c: &Curve, k: ruint::aliases::U256, given: u64, got: Result<u64>, at: impl Fn(u64) -> ruint::aliases::U256) {
    match got {
        Ok(n) => assert!(at(n) >= k && n > 0 && at(n - 1) < k, "{c:?} {k} {given}: {n}"),
        Err(Refusal { reason: Reason::Drained, expected: 0, found }) => {
            assert!(found == given && (at(0) >= k || at(u64::MAX) == at(0)), "{c:?} {k} {given}")
        }
        Err(refusal) => assert!(refusal == OVERFLOW && at(u64::MAX) < k, "{c:?} {k} {given}: {refusal:?}"),
    }
}

#[test]
fn solve_psi_is_the_smallest() {
    let mut rng = Rng(2);
    for _ in 0..cases(1_000_000) {
        let (c, k, theta) = solve_case(&mut rng);
        check(&c, k, theta, c.solve_psi(small(k), Theta(theta)).map(|p| p.0), |psi| kappa(&c, psi, theta));
    }
}

#[test]
fn solve_theta_is_the_smallest() {
    let mut rng = Rng(3);
    for _ in 0..cases(1_000_000) {
        let (c, k, psi) = solve_case(&mut rng);
        check(&c, k, psi, c.solve_theta(small(k), Psi(psi)).map(|t| t.0), |theta| kappa(&c, psi, theta));
    }
}

#[test]
fn solve_refuses_any_kappa_without_panic() {
    let mut rng = Rng(4);
    for _ in 0..cases(1_000_000) {
        let c = rng.curve();
        let k = U256::from_limbs([rng.next(), rng.size(0, u64::MAX), rng.size(0, u64::MAX), rng.size(0, u64::MAX)]);
        let given = rng.size(0, u64::MAX);
        let k_big = ruint::aliases::U256::from_limbs(k.to_limbs());
        check(&c, k_big, given, c.solve_psi(Kappa(k), Theta(given)).map(|p| p.0), |psi| kappa(&c, psi, given));
        check(&c, k_big, given, c.solve_theta(Kappa(k), Psi(given)).map(|t| t.0), |theta| kappa(&c, given, theta));
    }
}

#[test]
fn price_is_the_floor() {
    type Wide = ruint::Uint<320, 5>;
    let mut rng = Rng(5);
    for _ in 0..cases(1_000_000) {
        let c = rng.curve();
        let (psi, theta) = if rng.below(2) == 0 { rng.reserves() } else { (rng.size(0, u64::MAX), rng.size(0, u64::MAX)) };
        let (x, y) = (Wide::from(c.psi_scale) * Wide::from(psi), Wide::from(c.theta_scale) * Wide::from(theta));
        let (w, l) = (Wide::from(c.weight), Wide::from(c.lambda));
        let num = (Wide::from(c.psi_scale) * (w * y + l * x)) << 64;
        let den = Wide::from(c.theta_scale) * (w * x + l * y);
        let expected = if den.is_zero() { None } else { u128::try_from(num / den).ok() };
        let got = c.price_floor(Psi(psi), Theta(theta));
        assert_eq!(got.ok().map(|p| p.0), expected, "{c:?} {psi} {theta}");
        if let Err(refusal) = got {
            assert_eq!(refusal.reason, Reason::PriceOverflow);
        }
    }
}
