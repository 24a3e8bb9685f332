//! The market maker's mathematics (`hmm-math`), function by function.
//!
//! A case holds the arguments in the order of `crates/math/vectors.json`, every number one word, κ four. A result is put out
//! as 1 and the value, or as 0 and the refusal.

use crate::{Out, Put, SCRATCH};
use hmm_math::{
    Curve, Fee, FeeParams, Fill, Kappa, Kind, Ppb, Ppm, Psi, Refusal, Reserve, Result, Shares, Theta, U256, Windows, liquidity, wide,
};

/// Reads the arguments of a case, one after the other.
struct Arguments<'a>(core::slice::Iter<'a, u64>);

impl Arguments<'_> {
    fn word(&mut self) -> u64 {
        *self.0.next().unwrap()
    }

    fn half(&mut self) -> u32 {
        self.word() as u32
    }

    fn curve(&mut self) -> Curve {
        Curve { weight: self.half(), lambda: self.half(), psi_scale: self.half(), theta_scale: self.half() }
    }

    fn kappa(&mut self) -> Kappa {
        Kappa(U256::from_limbs([self.word(), self.word(), self.word(), self.word()]))
    }

    fn windows(&mut self) -> Windows {
        Windows {
            window: self.word(),
            move_cur: self.word(),
            move_prev: self.word(),
            pending_cur: self.word(),
            pending_prev: self.word(),
            dripped: self.word(),
        }
    }

    fn reserve(&mut self) -> Reserve {
        Reserve {
            curve: self.curve(),
            psi: Psi(self.word()),
            theta: Theta(self.word()),
            kappa: self.kappa(),
            min_psi: Psi(self.word()),
            min_theta: Theta(self.word()),
            windows: self.windows(),
        }
    }

    fn fees(&mut self) -> FeeParams {
        FeeParams {
            market_fee: Ppm(self.half()),
            risk_fee: Ppm(self.half()),
            max_fee: Ppm(self.half()),
            burn_share: Ppm(self.half()),
            lp_share: Ppm(self.half()),
            risk_window: self.half(),
        }
    }
}

impl Put for Refusal {
    fn put(self, out: &mut Out) {
        out.put([self.reason as u64, self.expected, self.found]);
    }
}

impl Put for Windows {
    fn put(self, out: &mut Out) {
        out.put([self.window, self.move_cur, self.move_prev, self.pending_cur, self.pending_prev, self.dripped]);
    }
}

impl Put for Fee {
    fn put(self, out: &mut Out) {
        out.put([self.total, self.burn, self.lp, self.treasury]);
    }
}

impl Put for Fill {
    fn put(self, out: &mut Out) {
        out.put([self.units, self.curve_credits, self.credits]);
        out.put(self.fee);
        out.put(self.rate.0);
    }
}

impl Put for Reserve {
    fn put(self, out: &mut Out) {
        let Curve { weight, lambda, psi_scale, theta_scale } = self.curve;
        out.put([weight, lambda, psi_scale, theta_scale]);
        out.put([self.psi.0, self.theta.0]);
        out.put(self.kappa.0.to_limbs());
        out.put([self.min_psi.0, self.min_theta.0]);
        out.put(self.windows);
    }
}

impl<T: Put> Put for Result<T> {
    fn put(self, out: &mut Out) {
        match self {
            Ok(value) => {
                out.put(1u8);
                out.put(value);
            }
            Err(refusal) => {
                out.put(0u8);
                out.put(refusal);
            }
        }
    }
}

macro_rules! suites {
    ($($(#[$doc:meta])* $name:ident($a:ident, $out:ident) $body:block)*) => {$(
        $(#[$doc])*
        #[inline(never)]
        pub fn $name(case: &[u64], _: &mut [u8; SCRATCH], $out: &mut Out) {
            let mut $a = Arguments(case.iter());
            $body
        }
    )*};
}

suites! {
    /// The wide integers. Two numbers of 256 bits, least significant words first.
    wide(a, out) {
        let (Kappa(x), Kappa(y)) = (a.kappa(), a.kappa());
        let ([x0, x1, x2, _], [y0, y1, y2, _]) = (x.to_limbs(), y.to_limbs());
        out.put(x.cmp(&y));
        out.put(x.wrapping_add(y).to_limbs());
        out.put(x.checked_sub(y).map(|rest| rest.to_limbs()));
        out.put(x.wrapping_mul_32(y0 as u32).to_limbs());
        out.put(wide::mul_64(x0, y0));
        out.put(wide::mul_64_32(x1, y0 as u32));
        out.put(wide::mul_96_128(wide::from_limbs(x0, x1 >> 32), wide::from_limbs(y0, y1)).to_limbs());
        out.put(wide::ratio_q64_floor(U256::from_limbs([x0, x1, x2, 0]), U256::from_limbs([y0, y1, y2, 0])));
        let divisor = y1 | 1 << 63;
        out.put(wide::div_128_64(x0 % divisor, x1, divisor));
        if x != U256::ZERO {
            out.put(wide::leading_127(x).0);
            out.put(wide::leading_root(x).0);
        }
    }
    /// K
    kappa(a, out) {
        out.put(a.curve().kappa(Psi(a.word()), Theta(a.word())).0.to_limbs());
    }
    /// Ψ′ from κ and Θ′
    solve_psi(a, out) {
        out.put(a.curve().solve_psi(a.kappa(), Theta(a.word())).map(|psi| psi.0));
    }
    /// Θ′ from κ and Ψ′
    solve_theta(a, out) {
        out.put(a.curve().solve_theta(a.kappa(), Psi(a.word())).map(|theta| theta.0));
    }
    /// The marginal price
    price(a, out) {
        out.put(a.curve().price_floor(Psi(a.word()), Theta(a.word())).map(|price| price.0));
    }
    /// One trade: the fill and the reserve after it, or the refusal and the reserve unchanged
    trade(a, out) {
        let mut reserve = a.reserve();
        let kind = Kind::try_from(a.word() as u8).unwrap();
        let (amount, slot, fees) = (a.word(), a.word(), a.fees());
        out.put(reserve.trade(kind, amount, slot, &fees));
        out.put(reserve);
    }
    /// Rotation: the drip, the windows after it, the recent move
    windows(a, out) {
        let mut windows = a.windows();
        let (slot, length) = (a.word(), a.half());
        out.put(windows.rotate(slot, length));
        out.put(windows);
        out.put(windows.recent_move_ceil(slot, length).0);
    }
    /// A fee from the gross
    fee_ceil(a, out) {
        out.put(Ok(hmm_math::fee_ceil(a.word(), Ppb(a.word()))));
    }
    /// The gross from the net
    gross_up_ceil(a, out) {
        out.put(hmm_math::gross_up_ceil(a.word(), Ppb(a.word())));
    }
    /// The rate of a trade
    rate_ceil(a, out) {
        out.put(a.fees().rate_ceil(Ppb(a.word()), Ppb(a.word())).map(|rate| rate.0));
    }
    /// The parts of a fee
    split_floor(a, out) {
        out.put(Ok(a.fees().split_floor(a.word(), Ppb(a.word()))));
    }
    /// What shares cost
    deposit_ceil(a, out) {
        out.put(liquidity::deposit_ceil(Shares(a.word()), a.word(), Shares(a.word())));
    }
    /// What shares return
    withdraw_floor(a, out) {
        out.put(liquidity::withdraw_floor(Shares(a.word()), a.word(), Shares(a.word())));
    }
    /// How many shares an amount buys
    shares_for_floor(a, out) {
        out.put(liquidity::shares_for_floor(a.word(), a.word(), Shares(a.word())).map(|shares| shares.0));
    }
    /// The shares of the first deposit; the number of reserves comes first
    first_shares_floor(a, out) {
        let count = a.word();
        let reserves = (0..count).map(|_| (a.curve(), Psi(a.word()), Theta(a.word())));
        out.put(liquidity::first_shares_floor(reserves).map(|shares| shares.0));
    }
}
