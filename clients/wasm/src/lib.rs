//! hmm-math for JavaScript.
//!
//! A raw interface needs no generated glue: every function reads its arguments from the front of one buffer of 64-bit
//! words, in the order of the Rust function's parameters and fields, and writes its result there. It returns 0, or the
//! number of the [`Reason`] plus one, and then the buffer holds `expected` and `found`. `clients/ts/src/math.ts` is the other
//! side; nobody else calls this.

#![cfg_attr(target_arch = "wasm32", no_std)]

mod words;

use hmm_math::{Kind, Ppb, Reason, Result, fee_ceil, gross_up_ceil, liquidity};
use words::Words;

/// A panic cannot happen in the mathematics; if it does, it becomes a trap, which JavaScript sees as an exception.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

macro_rules! exports {
    ($($(#[$doc:meta])* $name:ident = $body:expr;)*) => {
        $(
            $(#[$doc])*
            #[unsafe(no_mangle)]
            pub extern "C" fn $name() -> u32 {
                let body: fn(&mut Words) -> Result<()> = $body;
                words::call(body)
            }
        )*
    };
}

exports! {
    /// Curve, Ψ, Θ → κ.
    hmm_kappa = |w| {
        let (curve, psi, theta) = (w.curve(), w.psi(), w.theta());
        w.answer().put_kappa(curve.kappa(psi, theta));
        Ok(())
    };
    /// Curve → nothing.
    hmm_validate_curve = |w| w.curve().validate();
    /// Curve, κ, Θ → Ψ.
    hmm_solve_psi = |w| {
        let (curve, kappa, theta) = (w.curve(), w.kappa(), w.theta());
        let psi = curve.solve_psi(kappa, theta)?;
        w.answer().put(psi.0);
        Ok(())
    };
    /// Curve, κ, Ψ → Θ.
    hmm_solve_theta = |w| {
        let (curve, kappa, psi) = (w.curve(), w.kappa(), w.psi());
        let theta = curve.solve_theta(kappa, psi)?;
        w.answer().put(theta.0);
        Ok(())
    };
    /// Curve, Ψ, Θ → price, low word first.
    hmm_price_floor = |w| {
        let (curve, psi, theta) = (w.curve(), w.psi(), w.theta());
        let price = curve.price_floor(psi, theta)?.0;
        w.answer().put(price as u64).put((price >> 64) as u64);
        Ok(())
    };
    /// Reserve, slot, risk window → reserve.
    hmm_rotate = |w| {
        let (mut reserve, slot, risk_window) = (w.reserve(), w.take(), w.take_u32());
        reserve.rotate(slot, risk_window)?;
        w.answer().put_reserve(&reserve);
        Ok(())
    };
    /// Reserve (rotated), kind, amount, slot, fee parameters → reserve, fill.
    hmm_trade = |w| {
        let (mut reserve, kind, amount, slot, fees) = (w.reserve(), w.take_u8(), w.take(), w.take(), w.fees());
        let fill = reserve.trade(Kind::try_from(kind)?, amount, slot, &fees)?;
        w.answer().put_reserve(&reserve).put_fill(&fill);
        Ok(())
    };
    /// Windows, slot, risk window → windows, credits that drip, recent move.
    hmm_rotate_windows = |w| {
        let (mut windows, slot, risk_window) = (w.windows(), w.take(), w.take_u32());
        let drip = windows.rotate(slot, risk_window);
        let recent = windows.recent_move_ceil(slot, risk_window);
        w.answer().put_windows(&windows).put(drip).put(recent.0);
        Ok(())
    };
    /// Fee parameters → nothing.
    hmm_validate_fees = |w| w.fees().validate();
    /// Fee parameters, recent move, move → rate.
    hmm_rate_ceil = |w| {
        let (fees, recent, moved) = (w.fees(), Ppb(w.take()), Ppb(w.take()));
        let rate = fees.rate_ceil(recent, moved)?;
        w.answer().put(rate.0);
        Ok(())
    };
    /// Fee parameters, total, rate → fee.
    hmm_split_floor = |w| {
        let (fees, total, rate) = (w.fees(), w.take(), Ppb(w.take()));
        w.answer().put_fee(&fees.split_floor(total, rate));
        Ok(())
    };
    /// Gross, rate → fee.
    hmm_fee_ceil = |w| {
        let (gross, rate) = (w.take(), Ppb(w.take()));
        w.answer().put(fee_ceil(gross, rate));
        Ok(())
    };
    /// Net, rate → gross.
    hmm_gross_up_ceil = |w| {
        let (net, rate) = (w.take(), Ppb(w.take()));
        let gross = gross_up_ceil(net, rate)?;
        w.answer().put(gross);
        Ok(())
    };
    /// Count, then a curve, Ψ and Θ for each resource → shares.
    hmm_first_shares_floor = |w| {
        let count = w.take();
        let shares = liquidity::first_shares_floor((0..count).map(|_| (w.curve(), w.psi(), w.theta())))?;
        w.answer().put(shares.0);
        Ok(())
    };
    /// Shares, reserve, supply → amount.
    hmm_deposit_ceil = |w| {
        let (shares, reserve, supply) = (w.shares(), w.take(), w.shares());
        let amount = liquidity::deposit_ceil(shares, reserve, supply)?;
        w.answer().put(amount);
        Ok(())
    };
    /// Shares, reserve, supply → amount.
    hmm_withdraw_floor = |w| {
        let (shares, reserve, supply) = (w.shares(), w.take(), w.shares());
        let amount = liquidity::withdraw_floor(shares, reserve, supply)?;
        w.answer().put(amount);
        Ok(())
    };
    /// Maximum, reserve, supply → shares.
    hmm_shares_for_floor = |w| {
        let (max_in, reserve, supply) = (w.take(), w.take(), w.shares());
        let shares = liquidity::shares_for_floor(max_in, reserve, supply)?;
        w.answer().put(shares.0);
        Ok(())
    };
}

/// Where the buffer begins.
#[unsafe(no_mangle)]
pub extern "C" fn hmm_words() -> *const u64 {
    words::pointer()
}

/// Where the name of a reason begins in memory, then its message; each as (pointer, length) in the buffer. Returns 0 if there is
/// no such reason.
#[unsafe(no_mangle)]
pub extern "C" fn hmm_reason(number: u32) -> u32 {
    let Some(reason) = Reason::ALL.iter().find(|reason| **reason as u32 == number) else { return 0 };
    words::call(|w| {
        for text in [reason.name(), reason.message()] {
            w.put(text.as_ptr() as u64).put(text.len() as u64);
        }
        Ok(())
    });
    1
}
