//! Vouchers with what is known about where they came from.

use crate::error::{Reason, Result, add, refuse, sub};
use crate::terms::ratio_floor;

/// Vouchers of one resource: bought with the job's credits, or brought from the client's wallet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lot {
    /// Units bought with the job's credits.
    pub bought: u64,
    /// Units from the client's wallet.
    pub wallet: u64,
    /// Credits paid for `bought`, fees included.
    pub paid: u64,
    /// Fees burned by those purchases: what caps the bonus.
    pub burned: u64,
}

impl Lot {
    /// All units.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn units(&self) -> Result<u64> {
        add(self.bought, self.wallet)
    }

    /// Takes `units` out, bought ones first, with their floor share of `paid` and `burned`; the last units take all that is left.
    ///
    /// # Errors
    /// `Vouchers` if there are fewer.
    pub fn take(&mut self, units: u64) -> Result<Self> {
        let have = self.units()?;
        if units > have {
            return refuse(Reason::Vouchers, have, units);
        }
        let bought = units.min(self.bought);
        let share = |whole| if bought == self.bought { Ok(whole) } else { ratio_floor(whole, bought, self.bought) };
        let part = Self { bought, wallet: sub(units, bought)?, paid: share(self.paid)?, burned: share(self.burned)? };
        self.bought = sub(self.bought, part.bought)?;
        self.wallet = sub(self.wallet, part.wallet)?;
        self.paid = sub(self.paid, part.paid)?;
        self.burned = sub(self.burned, part.burned)?;
        Ok(part)
    }

    /// Puts a lot back: the inverse of [`Lot::take`], to the last credit.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn put(&mut self, part: Self) -> Result<()> {
        self.bought = add(self.bought, part.bought)?;
        self.wallet = add(self.wallet, part.wallet)?;
        self.paid = add(self.paid, part.paid)?;
        self.burned = add(self.burned, part.burned)?;
        Ok(())
    }
}
