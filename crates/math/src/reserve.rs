//! One resource of a pool: everything a trade reads or writes, and the four kinds of trade.

use crate::curve::Curve;
use crate::error::{OVERFLOW, Reason, Refusal, Result, ZERO};
use crate::fee::{Fee, FeeParams, PPB, fee_ceil, gross_up_ceil};
use crate::log::LogPrice;
use crate::units::{Kappa, Ppb, Price, Psi, Theta};
use crate::wide;
use crate::window::Windows;

/// The state of one resource of a pool.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Reserve {
    /// Its curve; must be valid.
    pub curve: Curve,
    /// Ψ
    pub psi: Psi,
    /// Θ
    pub theta: Theta,
    /// `K(Ψ,Θ)` of the two above.
    pub kappa: Kappa,
    /// A buy must leave at least this much Ψ.
    pub min_psi: Psi,
    /// A sell must leave at least this much Θ.
    pub min_theta: Theta,
    /// Recent moves and pending fees.
    pub windows: Windows,
}

/// What a trader asks for. "In" and "out" are the trader's: what is given and what is received.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pay exactly this many credits, fee included.
    BuyExactIn = 0,
    /// Receive exactly this many units.
    BuyExactOut = 1,
    /// Give exactly this many units.
    SellExactIn = 2,
    /// Receive exactly this many credits, after the fee.
    SellExactOut = 3,
}

impl TryFrom<u8> for Kind {
    type Error = Refusal;

    fn try_from(code: u8) -> Result<Kind> {
        match code {
            0 => Ok(Kind::BuyExactIn),
            1 => Ok(Kind::BuyExactOut),
            2 => Ok(Kind::SellExactIn),
            3 => Ok(Kind::SellExactOut),
            _ => Err(Reason::BadKind.refuse(3, code as u64)),
        }
    }
}

/// What a trade did.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Fill {
    /// `|ΔΨ|`: units bought or sold.
    pub units: u64,
    /// `|ΔΘ|`: credits the curve got or gave.
    pub curve_credits: u64,
    /// Credits the trader pays (buy) or receives (sell).
    pub credits: u64,
    /// The difference of the two, and who gets it.
    pub fee: Fee,
    /// The fee rate `f`.
    pub rate: Ppb,
}

/// A trade that has been worked out and not yet checked.
struct Move {
    psi: u64,
    theta: u64,
    credits: u64,
    fee: u64,
    rate: Ppb,
    moved: Ppb,
}

impl Reserve {
    /// Brings the windows to `slot`; what drips joins Θ, and κ follows. `Overflow` if Θ would not fit; then nothing is changed.
    #[inline(always)]
    pub fn rotate(&mut self, slot: u64, risk_window: u32) -> Result<()> {
        if self.windows.is_settled(slot, risk_window) {
            return Ok(());
        }
        self.rotate_now(slot, risk_window)
    }

    #[inline(never)]
    fn rotate_now(&mut self, slot: u64, risk_window: u32) -> Result<()> {
        let mut windows = self.windows;
        let drip = windows.rotate(slot, risk_window);
        if drip > 0 {
            self.theta = Theta(self.theta.0.checked_add(drip).ok_or(OVERFLOW)?);
            self.recompute_kappa();
        }
        self.windows = windows;
        Ok(())
    }

    /// κ of the present reserves.
    #[inline(never)]
    pub fn recompute_kappa(&mut self) {
        self.kappa = self.curve.kappa(self.psi, self.theta);
    }

    /// The marginal price of the present reserves.
    pub fn price_floor(&self) -> Result<Price> {
        self.curve.price_floor(self.psi, self.theta)
    }

    /// log₂ of the marginal price of the present reserves; `None` if one is empty.
    pub fn log_price(&self) -> Option<LogPrice> {
        self.curve.log_price(self.psi, self.theta)
    }

    /// Executes a trade. The reserve must have been rotated to `slot` (`BadWindow` otherwise). If it is refused, nothing is changed.
    #[inline(never)]
    pub fn trade(&mut self, kind: Kind, amount: u64, slot: u64, fees: &FeeParams) -> Result<Fill> {
        if amount == 0 {
            return Err(ZERO);
        }
        self.curve.validate()?;
        fees.validate()?;
        let window = slot / fees.risk_window as u64;
        if window != self.windows.window {
            return Err(Reason::BadWindow.refuse(window, self.windows.window));
        }
        let recent = self.windows.recent_move_ceil(slot, fees.risk_window);
        let m = match kind {
            Kind::BuyExactIn => self.buy_exact_in(amount, recent, fees)?,
            Kind::BuyExactOut => self.buy_exact_out(amount, recent, fees)?,
            Kind::SellExactIn => self.sell_exact_in(amount, recent, fees)?,
            Kind::SellExactOut => self.sell_exact_out(amount, recent, fees)?,
        };
        self.settle(&m, fees)
    }

    fn buy_exact_out(&self, units: u64, recent: Ppb, fees: &FeeParams) -> Result<Move> {
        let psi = self.psi_after_buying(units)?;
        let moved = move_ceil(units, self.psi.0);
        let rate = fees.rate_ceil(recent, moved)?;
        // nothing is free, even where the curve would round to nothing
        let least = self.theta.0.checked_add(1).ok_or(OVERFLOW)?;
        let theta = self.curve.theta_at(self.kappa, Psi(psi))?.0.max(least);
        let net = theta.wrapping_sub(self.theta.0);
        let gross = gross_up_ceil(net, rate)?;
        Ok(Move { psi, theta, credits: gross, fee: gross.wrapping_sub(net), rate, moved })
    }

    /// The fee depends on the move and the move on the fee. Ψ falls with Θ, so the most that can reach the curve, the payment less the fee of an
    /// immeasurably small move, bounds the move; the fee is charged on that bound. With δ = f − c₀ it is too high by a factor of at most
    /// (1 − c₀)/(1 − f) = 1 + δ/(1 − f), on the λ_r·m part alone.
    fn buy_exact_in(&self, gross: u64, recent: Ppb, fees: &FeeParams) -> Result<Move> {
        let mut rate = fees.rate_ceil(recent, Ppb(0))?;
        if fees.risk_fee.0 != 0 {
            let (psi, _) = self.after_paying(gross, rate)?;
            rate = fees.rate_ceil(recent, move_ceil(self.psi.0.saturating_sub(psi), self.psi.0))?;
        }
        let (psi, theta) = self.after_paying(gross, rate)?;
        let units = self.psi.0.checked_sub(psi).filter(|units| *units > 0).ok_or(ZERO)?;
        let net = theta.wrapping_sub(self.theta.0);
        Ok(Move { psi, theta, credits: gross, fee: gross.wrapping_sub(net), rate, moved: move_ceil(units, self.psi.0) })
    }

    fn sell_exact_in(&self, units: u64, recent: Ppb, fees: &FeeParams) -> Result<Move> {
        let psi = self.psi.0.checked_add(units).ok_or(OVERFLOW)?;
        let moved = move_ceil(units, psi);
        let rate = fees.rate_ceil(recent, moved)?;
        let theta = self.curve.theta_at(self.kappa, Psi(psi))?.0;
        let gross = self.theta.0.saturating_sub(theta);
        let fee = fee_ceil(gross, rate);
        let credits = gross.wrapping_sub(fee);
        if credits == 0 {
            return Err(ZERO);
        }
        Ok(Move { psi, theta, credits, fee, rate, moved })
    }

    /// What the curve gives up, g, depends on the fee and the fee on the move m(g). Along a sell m(g)/g never grows (the elasticity of the price in
    /// x, see the crate docs, is at most 2), so with m₀ = m(g₀) at the least possible g₀, m(g) ≤ m₀·g/g₀, and f = c₀ + λ_r·m₀·(1 − c₀)/(1 − f) is refined from above,
    /// starting at `max_fee`: each step is again an upper bound.
    fn sell_exact_out(&self, net: u64, recent: Ppb, fees: &FeeParams) -> Result<Move> {
        let base = fees.rate_ceil(recent, Ppb(0))?;
        let mut rate = base;
        let mut bound = Ppb(PPB);
        if fees.risk_fee.0 != 0 {
            let least = gross_up_ceil(net, base)?;
            let (psi, _) = self.after_receiving(least)?;
            let first = move_ceil(psi.saturating_sub(self.psi.0), psi).0;
            // integers: g is at most one above its real value, the units too, and the move is rounded up
            let slack = first.div_ceil(least).saturating_add(PPB.div_ceil(self.psi.0.max(1))).saturating_add(1);
            rate = Ppb((fees.max_fee.0 as u64).wrapping_mul(1_000));
            for _ in 0..REFINEMENTS {
                let grown = first.wrapping_mul(PPB.wrapping_sub(base.0)).div_ceil(PPB.wrapping_sub(rate.0).max(1));
                bound = Ppb(grown.saturating_add(slack));
                rate = fees.rate_ceil(recent, bound)?;
            }
        }
        let gross = gross_up_ceil(net, rate)?;
        let (psi, theta) = self.after_receiving(gross)?;
        let units = psi.checked_sub(self.psi.0).filter(|units| *units > 0).ok_or(ZERO)?;
        let moved = move_ceil(units, psi);
        if moved > bound {
            return Err(Reason::MoveAboveBound.refuse(bound.0, moved.0));
        }
        Ok(Move { psi, theta, credits: net, fee: gross.wrapping_sub(net), rate, moved })
    }

    fn psi_after_buying(&self, units: u64) -> Result<u64> {
        match self.psi.0.checked_sub(units) {
            Some(psi @ 1..) => Ok(psi),
            _ => Err(Reason::Drained.refuse(self.psi.0.saturating_sub(1), units)),
        }
    }

    /// (Ψ′, Θ′) when `gross` is paid at this fee rate.
    fn after_paying(&self, gross: u64, rate: Ppb) -> Result<(u64, u64)> {
        let net = gross.wrapping_sub(fee_ceil(gross, rate));
        if net == 0 {
            return Err(ZERO);
        }
        let theta = self.theta.0.checked_add(net).ok_or(OVERFLOW)?;
        Ok((self.curve.psi_at(self.kappa, Theta(theta))?.0, theta))
    }

    /// (Ψ′, Θ′) when the curve gives up `gross`.
    fn after_receiving(&self, gross: u64) -> Result<(u64, u64)> {
        match self.theta.0.checked_sub(gross) {
            Some(theta @ 1..) => Ok((self.curve.psi_at(self.kappa, Theta(theta))?.0, theta)),
            _ => Err(Reason::Drained.refuse(self.theta.0.saturating_sub(1), gross)),
        }
    }

    /// The checks that hold for every trade, then the writes.
    fn settle(&mut self, m: &Move, fees: &FeeParams) -> Result<Fill> {
        if m.psi < self.psi.0 && m.psi < self.min_psi.0 {
            return Err(Reason::BelowMinPsi.refuse(self.min_psi.0, m.psi));
        }
        if m.theta < self.theta.0 && m.theta < self.min_theta.0 {
            return Err(Reason::BelowMinTheta.refuse(self.min_theta.0, m.theta));
        }
        let kappa = self.curve.kappa(Psi(m.psi), Theta(m.theta));
        if kappa < self.kappa {
            return Err(Reason::InvariantDecreased.refuse(self.kappa.0.saturating_u64(), kappa.0.saturating_u64()));
        }
        let fee = fees.split_floor(m.fee, m.rate);
        let windows = &mut self.windows;
        let moves = windows.move_cur.checked_add(m.moved.0).ok_or(OVERFLOW)?;
        let pending = windows.pending_cur.checked_add(fee.lp).ok_or(OVERFLOW)?;
        // both buckets together must fit: they may be released at once
        pending.checked_add(windows.pending_prev).ok_or(OVERFLOW)?;
        let fill = Fill {
            units: m.psi.abs_diff(self.psi.0),
            curve_credits: m.theta.abs_diff(self.theta.0),
            credits: m.credits,
            fee,
            rate: m.rate,
        };
        windows.move_cur = moves;
        windows.pending_cur = pending;
        self.psi = Psi(m.psi);
        self.theta = Theta(m.theta);
        self.kappa = kappa;
        Ok(fill)
    }
}

/// Each one shrinks what the rate is too high by to about λ_r·m of it.
const REFINEMENTS: usize = 3;

/// `m = ⌈units · 10⁹ / larger⌉`, `larger` the larger of the reserve before and after; at most 10⁹.
fn move_ceil(units: u64, larger: u64) -> Ppb {
    // the quotient is at most 10⁹: it fits
    match wide::mul_div(units, PPB, larger) {
        Some((floor, rest)) if units < larger => Ppb(floor.wrapping_add((rest != 0) as u64)),
        _ => Ppb(PPB),
    }
}
