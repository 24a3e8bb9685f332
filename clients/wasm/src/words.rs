//! The buffer between the two languages.

use core::cell::UnsafeCell;

use hmm_math::{Curve, Fee, FeeParams, Fill, Kappa, Ppm, Psi, Reserve, Result, Shares, Theta, U256, Windows};

/// The longest arguments: a count and 16 resources of six words.
const LENGTH: usize = 128;

struct Buffer(UnsafeCell<[u64; LENGTH]>);

// SAFETY: a module of WebAssembly without threads has one caller at a time, and `call` lets no reference out.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(UnsafeCell::new([0; LENGTH]));

/// Where the buffer begins.
pub fn pointer() -> *const u64 {
    BUFFER.0.get().cast_const().cast()
}

/// Runs `body` on the buffer: 0, or the number of the reason plus one with `expected` and `found` in the buffer.
pub fn call(body: impl FnOnce(&mut Words) -> Result<()>) -> u32 {
    // SAFETY: see `Buffer`; calls do not nest.
    let words = &mut Words { words: unsafe { &mut *BUFFER.0.get() }, next: 0 };
    match body(words) {
        Ok(()) => 0,
        Err(refusal) => {
            words.answer().put(refusal.expected).put(refusal.found);
            refusal.reason as u32 + 1
        }
    }
}

/// A cursor over the buffer. Reads past its end are 0, writes past its end are dropped.
pub struct Words<'a> {
    words: &'a mut [u64; LENGTH],
    next: usize,
}

impl Words<'_> {
    /// Back to the front, to write the result.
    pub fn answer(&mut self) -> &mut Self {
        self.next = 0;
        self
    }

    pub fn take(&mut self) -> u64 {
        let word = self.words.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        word
    }

    /// The other side checks the range; a larger value saturates.
    pub fn take_u32(&mut self) -> u32 {
        u32::try_from(self.take()).unwrap_or(u32::MAX)
    }

    pub fn take_u8(&mut self) -> u8 {
        u8::try_from(self.take()).unwrap_or(u8::MAX)
    }

    pub fn put(&mut self, word: u64) -> &mut Self {
        if let Some(place) = self.words.get_mut(self.next) {
            *place = word;
        }
        self.next += 1;
        self
    }

    pub fn psi(&mut self) -> Psi {
        Psi(self.take())
    }

    pub fn theta(&mut self) -> Theta {
        Theta(self.take())
    }

    pub fn shares(&mut self) -> Shares {
        Shares(self.take())
    }

    pub fn kappa(&mut self) -> Kappa {
        Kappa(U256::from_limbs([(); 4].map(|()| self.take())))
    }

    pub fn curve(&mut self) -> Curve {
        Curve { weight: self.take_u32(), lambda: self.take_u32(), psi_scale: self.take_u32(), theta_scale: self.take_u32() }
    }

    pub fn windows(&mut self) -> Windows {
        Windows {
            window: self.take(),
            move_cur: self.take(),
            move_prev: self.take(),
            pending_cur: self.take(),
            pending_prev: self.take(),
            dripped: self.take(),
        }
    }

    pub fn fees(&mut self) -> FeeParams {
        FeeParams {
            market_fee: Ppm(self.take_u32()),
            risk_fee: Ppm(self.take_u32()),
            max_fee: Ppm(self.take_u32()),
            burn_share: Ppm(self.take_u32()),
            lp_share: Ppm(self.take_u32()),
            risk_window: self.take_u32(),
        }
    }

    pub fn reserve(&mut self) -> Reserve {
        Reserve {
            curve: self.curve(),
            psi: self.psi(),
            theta: self.theta(),
            kappa: self.kappa(),
            min_psi: self.psi(),
            min_theta: self.theta(),
            windows: self.windows(),
        }
    }

    pub fn put_kappa(&mut self, kappa: Kappa) -> &mut Self {
        kappa.0.to_limbs().into_iter().fold(self, |words, limb| words.put(limb))
    }

    pub fn put_windows(&mut self, windows: &Windows) -> &mut Self {
        self.put(windows.window)
            .put(windows.move_cur)
            .put(windows.move_prev)
            .put(windows.pending_cur)
            .put(windows.pending_prev)
            .put(windows.dripped)
    }

    pub fn put_reserve(&mut self, reserve: &Reserve) -> &mut Self {
        let curve = reserve.curve;
        self.put(curve.weight.into()).put(curve.lambda.into()).put(curve.psi_scale.into()).put(curve.theta_scale.into());
        self.put(reserve.psi.0).put(reserve.theta.0).put_kappa(reserve.kappa);
        self.put(reserve.min_psi.0).put(reserve.min_theta.0).put_windows(&reserve.windows)
    }

    pub fn put_fee(&mut self, fee: &Fee) -> &mut Self {
        self.put(fee.total).put(fee.burn).put(fee.lp).put(fee.treasury)
    }

    pub fn put_fill(&mut self, fill: &Fill) -> &mut Self {
        self.put(fill.units).put(fill.curve_credits).put(fill.credits).put_fee(&fill.fee).put(fill.rate.0)
    }
}
