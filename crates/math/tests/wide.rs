//! Every wide operation, bit for bit against `ruint`.
mod common;
use common::{Rng, cases};
use hmm_math::U256;
use hmm_math::wide::*;

type Wide = ruint::Uint<512, 8>;

fn big(a: u128) -> Wide {
    Wide::from(a)
}
fn of(a: U256) -> Wide {
    Wide::from_limbs_slice(&a.to_limbs())
}
/// limbs of any size, edges and runs of ones often
fn limb(rng: &mut Rng) -> u64 {
    match rng.below(8) {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << rng.below(64),
        3 => (1u64 << rng.below(64)).wrapping_sub(1),
        4 => !(1u64 << rng.below(64)),
        _ => rng.size(0, u64::MAX),
    }
}
fn double(rng: &mut Rng) -> u128 {
    (limb(rng) as u128) << 64 | limb(rng) as u128
}
fn quad(rng: &mut Rng) -> U256 {
    let zeros = rng.below(5) as usize;
    let mut limbs = [0; 4].map(|_: u64| limb(rng));
    limbs[4 - zeros.min(4)..].fill(0);
    U256::from_limbs(limbs)
}
fn modulo() -> Wide {
    Wide::from(1) << 256
}

#[test]
fn sums_and_order() {
    let mut rng = Rng(31);
    for _ in 0..cases(1_000_000) {
        let (a, b) = (quad(&mut rng), quad(&mut rng));
        assert_eq!(of(a.wrapping_add(b)), (of(a) + of(b)) % modulo());
        assert_eq!(a.checked_sub(b).map(of), of(a).checked_sub(of(b)));
        assert_eq!(a.cmp(&b), of(a).cmp(&of(b)));
        assert_eq!(a.cmp(&a), core::cmp::Ordering::Equal);
        assert_eq!(a.saturating_u64(), u64::try_from(of(a)).unwrap_or(u64::MAX));
    }
}

#[test]
fn products() {
    let mut rng = Rng(32);
    for _ in 0..cases(1_000_000) {
        let (a, b, m) = (limb(&mut rng), limb(&mut rng), limb(&mut rng) as u32);
        let (x, y, q) = (double(&mut rng), double(&mut rng), quad(&mut rng));
        let narrow = x >> 32;
        assert_eq!(mul_64(a, b), a as u128 * b as u128);
        assert_eq!(mul_64_32(a, m), a as u128 * m as u128);
        assert_eq!(wrapping_mul_128_32(x, m), x.wrapping_mul(m as u128));
        assert_eq!(of(mul_128_32(x, m)), big(x) * Wide::from(m));
        assert_eq!(of(mul_96_128(narrow, y)), big(narrow) * big(y));
        assert_eq!(of(square_96(narrow)), big(narrow) * big(narrow));
        assert_eq!(of(q.wrapping_mul_32(m)), of(q) * Wide::from(m) % modulo());
    }
}

#[test]
fn quotients() {
    let mut rng = Rng(33);
    for _ in 0..cases(1_000_000) {
        let (a, b, c) = (limb(&mut rng), limb(&mut rng), limb(&mut rng));
        let d = c | 1 << 63;
        let high = if rng.below(4) == 0 { d - 1 } else { a % d };
        assert_eq!(div_128_64(high, b, d) as u128, ((high as u128) << 64 | b as u128) / d as u128);
        let product = a as u128 * b as u128;
        let expected = if c == 0 { None } else { u64::try_from(product / c as u128).ok().map(|q| (q, (product % c as u128) as u64)) };
        assert_eq!(mul_div(a, b, c), expected, "{a} {b} {c}");
        let whole = (c as u32).max(1) as u64;
        let part = rng.below(whole + 1);
        assert_eq!(scale_floor(a, part, whole) as u128, a as u128 * part as u128 / whole as u128);
        assert_eq!(scale_ceil(a, part, whole) as u128, (a as u128 * part as u128).div_ceil(whole as u128));
    }
}

#[test]
fn ratios() {
    let mut rng = Rng(34);
    let mut fitted = 0u64;
    for _ in 0..cases(1_000_000) {
        let mut three = || {
            let [a, b, c, _] = quad(&mut rng).to_limbs();
            U256::from_limbs([a, b, c, 0])
        };
        let (mut a, b) = (three(), three());
        if rng.below(4) == 0 {
            // just below, at and above the quotients that fit
            let q: Wide = (Wide::from(limb(&mut rng)) * of(b)) >> [0, 64, 128][rng.below(3) as usize];
            let [q0, q1, q2, ..] = *q.as_limbs();
            a = U256::from_limbs([q0, q1, q2, 0]);
        }
        let expected = if b == U256::ZERO { None } else { u128::try_from((of(a) << 64) / of(b)).ok() };
        fitted += expected.is_some() as u64;
        assert_eq!(ratio_q64_floor(a, b), expected, "{a:?} {b:?}");
    }
    assert!(fitted > cases(1_000_000) / 4);
}

/// Knuth's rare corrections: quotient digits next to 2⁶⁴, divisors whose lower limbs are all ones.
#[test]
fn ratios_with_rare_digits() {
    let mut rng = Rng(35);
    for _ in 0..cases(1_000_000) {
        let [v0, v1] = [0; 2].map(|_: u64| [0, u64::MAX, limb(&mut rng)][rng.below(3) as usize]);
        let v2 = [1 << 63, u64::MAX, (1 << 63) + rng.below(4), limb(&mut rng) | 1 << 63][rng.below(4) as usize];
        let b = U256::from_limbs(if rng.below(2) == 0 { [v0, v1, v2, 0] } else { [v1, v2, 0, 0] });
        // a = b − something small: the first digit of the fraction is near 2⁶⁴
        let less = U256::from_limbs([limb(&mut rng), limb(&mut rng) >> rng.below(64), 0, 0]);
        let Some(a) = b.checked_sub(less) else { continue };
        assert_eq!(ratio_q64_floor(a, b), u128::try_from((of(a) << 64) / of(b)).ok());
    }
}

#[test]
fn estimates_keep_their_bounds() {
    let mut rng = Rng(36);
    for _ in 0..cases(1_000_000) {
        let mut a = quad(&mut rng);
        if rng.below(4) == 0 {
            // a square, one more or one less
            let s = double(&mut rng) >> 32;
            a = square_96(s).wrapping_add(U256::from_limbs([rng.below(2), 0, 0, 0]));
            a = a.checked_sub(U256::from_limbs([rng.below(2), 0, 0, 0])).unwrap_or(a);
        }
        if a == U256::ZERO {
            continue;
        }
        let (m, e) = leading_127(a);
        assert_eq!(m >> 126, 1);
        // m·2ᵉ ≤ a < (m + 1)·2ᵉ
        if e >= 0 {
            assert_eq!(big(m), of(a) >> e as usize);
        } else {
            assert_eq!(big(m), of(a) << -e as usize);
        }
        let (r, e) = leading_root(a);
        assert_eq!(r >> 63, 1);
        // (r − 1)·2ᵉ ≤ √a ≤ (r + 1)·2ᵉ
        let scaled = if e >= 0 { of(a) } else { of(a) << (-2 * e) as usize };
        let at = |r: Wide| if e >= 0 { (r << e as usize).pow(Wide::from(2)) } else { r.pow(Wide::from(2)) };
        assert!(at(Wide::from(r - 1)) <= scaled && scaled <= at(Wide::from(r) + Wide::from(1)), "{a:?}");
        let (q, e, scale) = (r >> rng.below(2), rng.below(200) as i32 - 140, (limb(&mut rng) as u32).max(1));
        let exact =
            if e >= 0 { (Wide::from(q) << e as usize) / Wide::from(scale) } else { (Wide::from(q) >> -e as usize) / Wide::from(scale) };
        let got = scaled_quotient(q, e, scale);
        // exact but for the bit that is lost
        match u64::try_from(exact) {
            Ok(exact) => assert!(got == exact || (e == 33 && got + 1 == exact), "{q} {e} {scale} {got} {exact}"),
            Err(_) => assert_eq!(got, u64::MAX),
        }
    }
}
