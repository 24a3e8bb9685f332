//! Two buckets of moves and of pending fees, aligned to `⌊slot / risk_window⌋`.
//!
//! The risk fee looks back at what moved lately; fees that belong to the liquidity providers wait in `pending` and reach
//! the reserve in the next window. Both use the same two buckets: the present window and the one before.

use crate::units::Ppb;
use crate::wide::scale_floor;

/// The state of both bucket pairs. `Default` is a reserve that never traded.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Windows {
    /// `⌊slot / risk_window⌋` of the `_cur` buckets.
    pub window: u64,
    /// Moves in this window, summed, 10⁻⁹.
    pub move_cur: u64,
    /// Moves in the window before, 10⁻⁹.
    pub move_prev: u64,
    /// LP fees of this window: they drip in the next one. Credits.
    pub pending_cur: u64,
    /// LP fees of the window before: dripping now. Credits, the whole amount.
    pub pending_prev: u64,
    /// How much of `pending_prev` has dripped.
    pub dripped: u64,
}

impl Windows {
    /// The quick test before [`Windows::rotate`]: if true, it would change nothing.
    #[inline(always)]
    pub fn is_settled(&self, slot: u64, risk_window: u32) -> bool {
        self.window == slot / length(risk_window) && self.pending_prev == self.dripped
    }

    /// Brings the buckets to `slot`; returns the credits that drip into Θ now.
    ///
    /// The fees of window n drip linearly over window n + 1, floored on the cumulative elapsed slots; what is left of them
    /// comes when window n + 2 begins. An index that jumped by two or more, or went backwards (the length of the window was
    /// changed), releases everything and clears the moves. A length of 0 counts as 1.
    pub fn rotate(&mut self, slot: u64, risk_window: u32) -> u64 {
        let length = length(risk_window);
        let (window, elapsed) = (slot / length, slot % length);
        let mut drip = 0;
        if window != self.window {
            drip = self.pending_prev.saturating_sub(self.dripped);
            if self.window.checked_add(1) == Some(window) {
                self.move_prev = self.move_cur;
                self.pending_prev = self.pending_cur;
            } else {
                // `trade` keeps pending_cur + pending_prev within u64
                drip = drip.saturating_add(self.pending_cur);
                self.move_prev = 0;
                self.pending_prev = 0;
            }
            self.move_cur = 0;
            self.pending_cur = 0;
            self.dripped = 0;
            self.window = window;
        }
        let due = scale_floor(self.pending_prev, elapsed, length);
        if due > self.dripped {
            drip = drip.saturating_add(due.wrapping_sub(self.dripped));
            self.dripped = due;
        }
        drip
    }

    /// `X = cur + prev·(1 − t)`, rounded up, `t` the elapsed share of the present window; saturates. The buckets must stand at
    /// `slot` (see [`Windows::rotate`]).
    pub fn recent_move_ceil(&self, slot: u64, risk_window: u32) -> Ppb {
        let length = length(risk_window);
        let elapsed = slot % length;
        Ppb(self.move_cur.saturating_add(self.move_prev.wrapping_sub(scale_floor(self.move_prev, elapsed, length))))
    }
}

#[inline(always)]
fn length(risk_window: u32) -> u64 {
    if risk_window == 0 { 1 } else { risk_window as u64 }
}
