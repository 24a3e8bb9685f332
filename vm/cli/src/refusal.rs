//! A refusal in the words of whoever asked: the program's code and name, the resource it is about, what was expected and found.

use std::fmt;

use hmm_client::{HmmError, HmmRefusal, Leg, LegKind, PoolState, RefusalData, event::Expectation};
use serde::Serialize;

use crate::{
    amount::{self, VOUCHER_DECIMALS},
    error::Error,
};

/// Why a program said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The custom error code, if there was one.
    pub code: Option<u32>,
    /// The name of the code in the IDL.
    pub name: String,
    pub message: String,
    /// The resource it is about, or `credits` or `shares`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// An integer of `unit`, or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What `expected` and `found` count, where the code and the call tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

/// What a number in a refusal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Unit {
    /// Raw credits.
    Credits { decimals: u8 },
    /// Raw units of a resource.
    Units { decimals: u8 },
    /// Raw LP shares.
    Shares { decimals: u8 },
    /// Parts of 10⁹.
    PartsPerBillion,
    /// Parts of a million.
    PartsPerMillion,
    /// Unix seconds.
    UnixTime,
}

/// What was asked for: enough to say what a refusal is about.
pub struct Asked {
    /// Resource and kind of each leg, or each resource of the pool.
    subjects: Vec<(String, Option<LegKind>)>,
    credit_decimals: u8,
}

impl Asked {
    /// A trade of legs.
    pub fn legs(state: &PoolState, legs: &[Leg]) -> Self {
        let names = state.resource_names();
        let name = |leg: &Leg| (names.get(usize::from(leg.resource)).cloned().unwrap_or_default(), Some(leg.kind));
        Self { subjects: legs.iter().map(name).collect(), credit_decimals: state.market.credit_decimals }
    }

    /// Something about every resource of the pool, in order.
    pub fn resources(state: &PoolState) -> Self {
        let subjects = state.resource_names().into_iter().map(|name| (name, None)).collect();
        Self { subjects, credit_decimals: state.market.credit_decimals }
    }

    /// Something about the lines of a job, in order: resources, of pools whose market's credits have so many decimals.
    pub fn lines(names: Vec<String>, credit_decimals: u8) -> Self {
        Self { subjects: names.into_iter().map(|name| (name, None)).collect(), credit_decimals }
    }

    /// Something of which a refusal says all that is known.
    pub fn nothing() -> Self {
        Self { subjects: vec![], credit_decimals: 0 }
    }

    /// A wallet has too little of something.
    pub fn insufficient(&self, name: &str, expected: u64, found: u64) -> Refusal {
        let decimals = self.credit_decimals;
        let unit = match name {
            "credits" => Unit::Credits { decimals },
            "shares" => Unit::Shares { decimals },
            _ => Unit::Units { decimals: VOUCHER_DECIMALS },
        };
        Refusal {
            code: None,
            name: "InsufficientFunds".to_owned(),
            message: "The wallet holds too little".to_owned(),
            subject: Some(name.to_owned()),
            expected: Some(expected.to_string()),
            found: Some(found.to_string()),
            unit: Some(unit),
        }
    }

    fn unit(&self, error: &HmmError, kind: Option<LegKind>) -> Option<Unit> {
        let decimals = self.credit_decimals;
        let (credits, units) = (Unit::Credits { decimals }, Unit::Units { decimals: VOUCHER_DECIMALS });
        match error {
            HmmError::LegLimitCrossed => kind.map(|kind| match kind {
                LegKind::BuyExactOut | LegKind::SellExactIn => credits,
                LegKind::BuyExactIn | LegKind::SellExactOut => units,
            }),
            HmmError::NetLimitCrossed
            | HmmError::BelowMinTheta
            | HmmError::MarginCrossed
            | HmmError::WorkerBond
            | HmmError::WorkerSound
            | HmmError::JobBudget
            | HmmError::StakeTooSmall
            | HmmError::RootQuorum
            | HmmError::PriceAboveLine => Some(credits),
            HmmError::BelowMinPsi
            | HmmError::MoreThanOutstanding
            | HmmError::AboveCapacity
            | HmmError::JobVouchers
            | HmmError::LineFull => Some(units),
            HmmError::QualityTooLow => Some(Unit::PartsPerMillion),
            HmmError::SharesOutsideLimits | HmmError::TooFewShares => Some(Unit::Shares { decimals }),
            HmmError::FeeAboveMax | HmmError::MoveAboveBound => Some(Unit::PartsPerBillion),
            HmmError::DeadlinePassed
            | HmmError::Paused
            | HmmError::BondLocked
            | HmmError::KeyLapsed
            | HmmError::SeriesClosing
            | HmmError::NoVotingPower
            | HmmError::NoNotice
            | HmmError::JobEarly
            | HmmError::JobLate
            | HmmError::StakeChanging => Some(Unit::UnixTime),
            _ => None,
        }
    }
}

impl Refusal {
    /// Of a transaction.
    pub fn of(code: Option<u32>, error: &str, logs: &[String], asked: &Asked) -> Self {
        match hmm_client::refusal(logs) {
            Some(refusal) if code == Some(refusal.code) => Self::of_program(&refusal, asked),
            _ => Self::of_others(code, error, logs),
        }
    }

    /// Of a quote.
    pub fn of_quote(refusal: &RefusalData, asked: &Asked) -> Self {
        let what = Expectation::Number { expected: refusal.expected, found: refusal.found };
        Self::of_program(&HmmRefusal { code: refusal.code, subject: refusal.subject, what }, asked)
    }

    fn of_program(refusal: &HmmRefusal, asked: &Asked) -> Self {
        let error = refusal.error();
        let subject = asked.subjects.get(usize::from(refusal.subject));
        let (expected, found, unit) = match refusal.what {
            Expectation::Number { expected, found } => {
                let unit = error.as_ref().and_then(|error| asked.unit(error, subject.and_then(|(_, kind)| *kind)));
                (expected.to_string(), found.to_string(), unit)
            }
            Expectation::Account { expected, found } => (expected.to_string(), found.to_string(), None),
        };
        let (name, message) = error.map_or_else(unknown, |error| (format!("{error:?}"), error.to_string()));
        let subject = subject.map(|(name, _)| name.clone());
        Self { code: Some(refusal.code), name, message, subject, expected: Some(expected), found: Some(found), unit }
    }

    /// Of the framework, a token program or the runtime: what is known is the code and the log.
    fn of_others(code: Option<u32>, error: &str, logs: &[String]) -> Self {
        // The framework logs no data with an error of ours that one of its own checks found.
        let what = Expectation::Number { expected: 0, found: 0 };
        let ours = code.and_then(|code| HmmRefusal { code, subject: u8::MAX, what }.error());
        let said = logs.iter().rev().find_map(|line| line.strip_prefix("Program log: ").or_else(|| Some(line.split_once(" failed: ")?.1)));
        let (name, message) = match ours {
            Some(error) => (format!("{error:?}"), error.to_string()),
            None => ("TransactionFailed".to_owned(), said.map_or_else(|| error.to_owned(), |said| format!("{error}: {said}"))),
        };
        Self { code, name, message, subject: None, expected: None, found: None, unit: None }
    }
}

fn unknown() -> (String, String) {
    ("Unknown".to_owned(), "This client is older than the program".to_owned())
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.name)?;
        if let Some(code) = self.code {
            write!(f, " ({code})")?;
        }
        if let Some(subject) = &self.subject {
            write!(f, ", {subject}")?;
        }
        write!(f, ": {}", self.message)?;
        if let (Some(expected), Some(found)) = (&self.expected, &self.found) {
            write!(f, ": expected {}, found {}", self.in_words(expected), self.in_words(found))?;
        }
        Ok(())
    }
}

impl Refusal {
    fn in_words(&self, number: &str) -> String {
        let Ok(raw) = number.parse::<u64>() else { return number.to_owned() };
        match self.unit {
            Some(Unit::Credits { decimals }) => format!("{} credits", amount::human(raw, decimals)),
            Some(Unit::Units { decimals }) => format!("{} units", amount::human(raw, decimals)),
            Some(Unit::Shares { decimals }) => format!("{} shares", amount::human(raw, decimals)),
            Some(Unit::PartsPerBillion) => crate::number::rate(raw, 1_000_000_000),
            Some(Unit::PartsPerMillion) => crate::number::rate(raw, 1_000_000),
            Some(Unit::UnixTime) => format!("unix time {raw}"),
            None => number.to_owned(),
        }
    }
}

/// A refusal of the mathematics outside a trade: what was asked for cannot be.
pub fn of_math(refusal: hmm_math::Refusal) -> Error {
    let hmm_math::Refusal { reason, expected, found } = refusal;
    Error::usage(format!("{}: expected {expected}, found {found}", reason.message()))
}

/// Compute units that a transaction used, from the log of its last outermost instruction's program.
pub fn compute_units(logs: &[String]) -> u64 {
    let consumed = logs.iter().rev().find_map(|line| line.split_once(" consumed ")?.1.split(' ').next()?.parse().ok());
    consumed.unwrap_or_default()
}
