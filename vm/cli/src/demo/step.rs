//! What is told of a step: what moved, prices and κ before and after, the checks.

use hmm_math::U256;
use hmm_vm::{Failure, world::CREDIT_DECIMALS};
use serde::Serialize;

use super::{
    books::{Books, PoolBooks},
    check::Checks,
};
use crate::{
    amount::{self, VOUCHER_DECIMALS},
    commands::quote::QuoteView,
    number,
    refusal::Refusal,
};

/// One transaction.
pub struct Step {
    /// The instruction, by its name in the IDL where it is the program's.
    pub name: &'static str,
    pub title: String,
    pub compute_units: u64,
    pub checks: Checks,
    pub moved: Vec<Moved>,
    pub resources: Vec<ResourceMove>,
    /// What the program quoted, where it was asked.
    pub quote: Option<QuoteView>,
    /// What the program said, where it was to refuse.
    pub refusal: Option<Refusal>,
    /// Why the transaction failed, where it was not to.
    pub error: Option<String>,
}

/// A balance that changed.
pub struct Moved {
    pub holder: &'static str,
    pub asset: String,
    pub change: i128,
    pub decimals: u8,
}

/// A resource of the pool that changed.
pub struct ResourceMove {
    pub name: String,
    pub psi: i128,
    pub theta: i128,
    pub price_before: u128,
    pub price_after: u128,
    pub kappa_before: U256,
    pub kappa_after: U256,
}

impl Step {
    pub fn failed(name: &'static str, title: &str, failure: &Failure) -> Self {
        let (checks, moved, resources) = (Checks::default(), Vec::new(), Vec::new());
        Self {
            name,
            title: title.to_owned(),
            compute_units: 0,
            checks,
            moved,
            resources,
            quote: None,
            refusal: None,
            error: Some(failure.to_string()),
        }
    }

    pub fn ok(&self) -> bool {
        self.error.is_none() && self.checks.all_ok()
    }

    /// The step as the summary has it. Amounts and prices are decimals of whole units, κ an integer.
    pub fn summary(&self) -> Summary<'_> {
        let moved = self.moved.iter().map(|m| MovedSummary {
            holder: m.holder,
            asset: &m.asset,
            change: format!("{}{}", if m.change < 0 { "-" } else { "" }, amount::exact(magnitude(m.change), m.decimals)),
        });
        let resources = self.resources.iter().map(|r| ResourceSummary {
            name: &r.name,
            price_before: number::price(r.price_before, CREDIT_DECIMALS),
            price_after: number::price(r.price_after, CREDIT_DECIMALS),
            kappa_before: number::decimal(r.kappa_before),
            kappa_after: number::decimal(r.kappa_after),
        });
        Summary {
            name: self.name,
            title: &self.title,
            ok: self.ok(),
            compute_units: self.compute_units,
            moved: moved.collect(),
            resources: resources.collect(),
            quote: self.quote.as_ref(),
            refusal: self.refusal.as_ref(),
            error: self.error.as_deref(),
            checks: &self.checks,
        }
    }
}

#[derive(Serialize)]
pub struct Summary<'a> {
    name: &'static str,
    title: &'a str,
    ok: bool,
    compute_units: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moved: Vec<MovedSummary<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<ResourceSummary<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<&'a QuoteView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a Refusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    checks: &'a Checks,
}

#[derive(Serialize)]
struct MovedSummary<'a> {
    holder: &'static str,
    asset: &'a str,
    change: String,
}

#[derive(Serialize)]
struct ResourceSummary<'a> {
    name: &'a str,
    price_before: String,
    price_after: String,
    kappa_before: String,
    kappa_after: String,
}

fn magnitude(change: i128) -> u64 {
    u64::try_from(change.unsigned_abs()).expect("a difference of balances")
}

/// The balances that changed, and what was burned.
pub fn moved(before: &Books, after: &Books) -> Vec<Moved> {
    let changes = after.holdings.iter().map(|held| Moved {
        holder: held.holder,
        asset: held.asset.clone(),
        change: i128::from(held.raw) - i128::from(before.of(held.holder, &held.asset)),
        decimals: if ["credits", "shares"].contains(&held.asset.as_str()) { CREDIT_DECIMALS } else { VOUCHER_DECIMALS },
    });
    let burned = Moved {
        holder: "burned",
        asset: "credits".to_owned(),
        change: i128::from(before.credits.saturating_sub(after.credits)),
        decimals: CREDIT_DECIMALS,
    };
    changes.chain([burned]).filter(|moved| moved.change != 0).collect()
}

/// The resources that changed: reserves, price or κ.
pub fn resources(before: &Books, after: &Books) -> Vec<ResourceMove> {
    let (Some(then), Some(now)) = (&before.pool, &after.pool) else { return Vec::new() };
    let names = now.state.resource_names();
    let price = |books: &PoolBooks, reserve| if books.state.pool.shares == 0 { 0 } else { books.price(reserve) };
    let pairs = then.reserves().into_iter().zip(now.reserves());
    let moves = names.into_iter().zip(pairs).map(|(name, (old, new))| ResourceMove {
        name,
        psi: i128::from(new.psi.0) - i128::from(old.psi.0),
        theta: i128::from(new.theta.0) - i128::from(old.theta.0),
        price_before: price(then, old),
        price_after: price(now, new),
        kappa_before: old.kappa.0,
        kappa_after: new.kappa.0,
    });
    moves.filter(|r| r.psi != 0 || r.theta != 0 || r.kappa_before != r.kappa_after).collect()
}
