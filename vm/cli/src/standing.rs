//! How a worker stands: what it owes at the marks, what stands for it, what it may do, and what may be done to it.

use hmm_client::{
    HmmError, PoolState,
    generated::accounts::{Observations, Worker},
    marks::{ResourceMarks, marks},
};
use hmm_math::{Ppm, Price, margin, quality::Posterior};
use serde::Serialize;

use crate::{
    money::{Amount, Rate},
    words::at,
};

const DAY: i64 = 86_400;

/// A worker in its pool at one moment.
pub struct Standing<'a> {
    pub state: &'a PoolState,
    pub worker: &'a Worker,
    /// Of each resource of the pool.
    pub marks: Vec<Option<ResourceMarks>>,
}

/// Something that stands in the way, as the program would refuse it.
#[derive(Clone, Debug, Serialize)]
pub struct Obstacle {
    pub code: u32,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// In words, with the numbers.
    pub why: String,
}

/// Something that can be done.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    pub command: String,
    pub who: &'static str,
    /// Unix time.
    pub from: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    pub why: String,
}

/// Why a worker may be liquidated.
#[derive(Clone, Debug, Serialize)]
pub struct Cause {
    pub cause: &'static str,
    /// With the numbers.
    pub why: String,
}

impl<'a> Standing<'a> {
    pub fn new(state: &'a PoolState, observations: &Observations, worker: &'a Worker) -> Self {
        let marks = (0..state.pool.resource_count).map(|resource| marks(state, observations, resource)).collect();
        Self { state, worker, marks }
    }

    pub fn credits(&self, raw: u64) -> Amount {
        Amount { raw, decimals: self.state.market.credit_decimals }
    }

    /// Bond and everything held.
    pub fn cover(&self) -> u64 {
        self.worker.held.iter().fold(self.worker.bond, |sum, held| sum.saturating_add(*held))
    }

    /// What is owed where it is trusted: at the higher marks, the spot price among them, rounded up. `None` if something owed has no mark.
    pub fn owed(&self) -> Option<u64> {
        let active = self.state.pool.shares != 0;
        self.sum(|units, mark| mark.map(|m| margin::value_ceil(units, if active && m.spot > m.hi { m.spot } else { m.hi })))
    }

    /// What is owed where it is punished: at the lower marks of those resources that have their own, rounded down.
    pub fn owed_punished(&self) -> u64 {
        let value = |units, mark: Option<ResourceMarks>| Some(mark.filter(|m| m.punish).map_or(0, |m| margin::value_floor(units, m.lo)));
        self.sum(value).unwrap_or_default()
    }

    fn sum(&self, value: impl Fn(u64, Option<ResourceMarks>) -> Option<u64>) -> Option<u64> {
        let owed = self.worker.outstanding.iter().zip(&self.marks).filter(|(units, _)| **units != 0);
        owed.map(|(units, mark)| value(*units, *mark)).try_fold(0u64, |sum, value| Some(sum.saturating_add(value?)))
    }

    /// Bond that may leave.
    pub fn free_bond(&self) -> Option<u64> {
        let gamma = Ppm(self.state.market.supply.gamma);
        self.owed().map(|owed| margin::free_floor(self.cover(), owed, gamma).min(self.worker.bond))
    }

    /// The least cover of all it owes.
    pub fn required(&self) -> Option<u64> {
        self.owed().and_then(|owed| margin::required_ceil(owed, Ppm(self.state.market.supply.gamma)).ok())
    }

    /// Cover over what is owed; `None` if nothing is.
    pub fn margin(&self) -> Option<Rate> {
        let owed = self.owed().filter(|owed| *owed != 0)?;
        let parts = u128::from(self.cover()) * 1_000_000 / u128::from(owed);
        Some(Rate { parts: u64::try_from(parts).unwrap_or(u64::MAX), whole: 1_000_000 })
    }

    pub fn quality(&self, resource: usize) -> Ppm {
        let stored = self.worker.quality.get(resource);
        let mut posterior = stored.map_or_else(Posterior::default, |q| Posterior { good: q.good, bad: q.bad, epoch: q.epoch });
        posterior.decay(u64::try_from(self.state.unix_timestamp / DAY).unwrap_or_default());
        posterior.quality_floor()
    }

    /// When supplying ends: of the key, or of the series.
    pub fn supply_end(&self, resource: usize) -> i64 {
        let end = self.state.pool.delivery_end.get(resource).copied().unwrap_or_default();
        let lead = i64::from(self.state.market.supply.close_lead);
        if end == 0 { self.worker.key_expiry } else { self.worker.key_expiry.min(end.saturating_sub(lead)) }
    }

    /// The most it may owe of a resource by its capacity and its quality, units.
    pub fn deliverable(&self, resource: usize) -> u64 {
        let seconds = u64::try_from(self.supply_end(resource) - self.state.unix_timestamp).unwrap_or_default();
        margin::deliverable_floor(self.worker.capacity.get(resource).copied().unwrap_or_default(), seconds, self.quality(resource))
    }

    /// What it may still take on of it, by its capacity.
    pub fn capacity_left(&self, resource: usize) -> u64 {
        self.deliverable(resource).saturating_sub(self.worker.outstanding.get(resource).copied().unwrap_or_default())
    }

    /// What keeps it from supplying any resource, in the order in which the program looks.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let (state, worker, now) = (self.state, self.worker, self.state.unix_timestamp);
        let mut all = Vec::new();
        let mut add = |error: HmmError, resource: Option<&String>, why: String| {
            all.push(Obstacle { code: error.clone() as u32, name: format!("{error:?}"), resource: resource.cloned(), why });
        };
        if now < state.market.paused_until {
            add(HmmError::Paused, None, format!("the market is paused until {}", at(state.market.paused_until, now)));
        }
        if state.pool.shares == 0 {
            add(HmmError::PoolStatus, None, "the pool waits for its first deposit".to_owned());
        }
        if worker.banned {
            add(HmmError::WorkerBanned, None, "it was proven to cheat and supplies nothing any more".to_owned());
        }
        if worker.key_expiry == 0 {
            add(HmmError::KeyLapsed, None, "no enclave key of it is registered".to_owned());
        } else if now >= worker.key_expiry {
            add(HmmError::KeyLapsed, None, format!("its enclave key expired at unix time {}, and it is {now}", worker.key_expiry));
        }
        let names = state.resource_names();
        for (i, name) in names.iter().enumerate() {
            if now < worker.key_expiry && now >= self.supply_end(i) {
                add(HmmError::SeriesClosing, Some(name), format!("the series closed to supply at unix time {}", self.supply_end(i)));
            } else if now < worker.key_expiry && self.capacity_left(i) == 0 {
                let (most, owes) = (self.deliverable(i), worker.outstanding.get(i).copied().unwrap_or_default());
                let why = if most == 0 {
                    "its key attests no capacity for it".to_owned()
                } else {
                    format!("it owes {} units, and {} is the most that it delivers in time", Amount::units(owes), Amount::units(most))
                };
                add(HmmError::AboveCapacity, Some(name), why);
            }
            if self.marks.get(i).is_none_or(Option::is_none) {
                add(HmmError::NoMark, Some(name), "less than half an hour of prices in a deep pool, and no bootstrap mark".to_owned());
            }
        }
        if let (Some(owed), Some(required)) = (self.owed(), self.required())
            && self.free_cover() == Some(0)
        {
            let ratio = Rate::ppm(state.market.supply.gamma);
            let why = if worker.bond == 0 && owed == 0 {
                "it has no bond to stand for what it would owe".to_owned()
            } else {
                format!(
                    "bond and held are {} credits, and {ratio} of the {} credits it owes is {}: nothing is left for more",
                    self.credits(self.cover()),
                    self.credits(owed),
                    self.credits(required)
                )
            };
            add(HmmError::MarginCrossed, None, why);
        }
        all
    }

    /// What of the cover is not needed for what it owes.
    pub fn free_cover(&self) -> Option<u64> {
        self.owed().map(|owed| margin::free_floor(self.cover(), owed, Ppm(self.state.market.supply.gamma)))
    }

    /// Why it may be liquidated, if it may.
    pub fn cause(&self) -> Option<Cause> {
        let (worker, terms, now) = (self.worker, &self.state.market.supply, self.state.unix_timestamp);
        if worker.outstanding == [0; 8] {
            return None;
        }
        if worker.banned {
            return Some(Cause { cause: "banned", why: "it was proven to cheat: all it owes may be ended".to_owned() });
        }
        if now >= worker.key_expiry.saturating_add(DAY) {
            let why = format!("its enclave key expired at unix time {}, more than a day ago: all it owes may be ended", worker.key_expiry);
            return Some(Cause { cause: "key_lapsed", why });
        }
        let (cover, owed) = (self.cover(), self.owed_punished());
        (!margin::covers(cover, owed, Ppm(terms.maintenance))).then(|| {
            let least = margin::required_ceil(owed, Ppm(terms.maintenance)).unwrap_or(u64::MAX);
            let why = format!(
                "bond and held are {} credits, less than {}, {} of the {} credits it owes at the lower marks",
                self.credits(cover),
                self.credits(least),
                Rate::ppm(terms.maintenance),
                self.credits(owed)
            );
            Cause { cause: "margin", why }
        })
    }

    /// From when and until when a notice that stands allows a liquidation.
    pub fn notice(&self) -> Option<(i64, i64)> {
        let from = self.worker.notice_at.saturating_add(self.state.market.supply.notice.into());
        (self.worker.notice_at != 0).then_some((from, from.saturating_add(DAY)))
    }

    /// What can be done next, by whom, and when.
    pub fn steps(&self) -> Vec<Step> {
        let (worker, now) = (self.worker, self.state.unix_timestamp);
        let mut steps = Vec::new();
        let mut add = |command: &str, who, from, until, why: &str| {
            steps.push(Step { command: command.to_owned(), who, from, until, why: why.to_owned() });
        };
        if !worker.banned {
            if now >= worker.key_expiry {
                add("hmm worker key", "worker", now, None, "without a valid key it supplies nothing and attests nothing");
            }
            if worker.unbonding != 0 {
                add("hmm worker withdraw", "anyone", worker.unbond_at.max(now), None, "bond is on its way out");
            }
        }
        if worker.claimable != 0 {
            add("hmm worker claim", "anyone", now, None, "what it has earned waits for it");
        }
        match (self.cause(), self.notice()) {
            (Some(cause), Some((from, until))) if now < until => {
                add("hmm worker liquidate", "anyone", from.max(now), Some(until), &cause.why);
            }
            (Some(cause), _) => add("hmm worker notify", "anyone", now, None, &cause.why),
            (None, Some(_)) => add("hmm worker notify", "anyone", now, None, "the cause is gone: this takes the notice back"),
            (None, None) => {}
        }
        steps
    }
}

/// A price of the marks.
pub fn price(state: &PoolState, price: Price) -> crate::money::Price {
    crate::money::Price { raw: price.0, credit_decimals: state.market.credit_decimals }
}
