//! What a transaction did: the program's own word for it.

use hmm_client::{Amounts, HmmEvent, LegTraded, PoolState};
use serde::Serialize;

use crate::{
    backend::Sent,
    legs,
    money::{Amount, Net},
    told::{self, Told},
    view::View,
};

#[derive(Serialize)]
pub struct Receipt {
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    compute_units: u64,
    events: Vec<Event>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Swapped {
        sequence: u64,
        net: Net,
        legs: Vec<Leg>,
    },
    LiquidityAdded {
        sequence: u64,
        shares: Amount,
        supply: Amount,
        amounts: Vec<Sides>,
    },
    LiquidityRemoved {
        sequence: u64,
        shares: Amount,
        supply: Amount,
        amounts: Vec<Sides>,
    },
    FeesCollected {
        sequence: u64,
        burned: Amount,
        to_treasury: Amount,
    },
    #[serde(untagged)]
    Other(Told),
}

#[derive(Serialize)]
struct Leg {
    resource: String,
    kind: &'static str,
    units: Amount,
    credits: Amount,
    fee: Amount,
    burned: Amount,
    to_lps: Amount,
    psi: Amount,
    theta: Amount,
    #[serde(skip)]
    verb: &'static str,
}

#[derive(Serialize)]
struct Sides {
    resource: String,
    units: Amount,
    credits: Amount,
}

impl Receipt {
    pub fn new(state: &PoolState, sent: Sent) -> Self {
        let events = sent.events.into_iter().filter_map(|event| describe(state, event)).collect();
        Self { signature: sent.signature, compute_units: sent.compute_units, events }
    }

    /// Of a command that sends several transactions: the last signature, all compute units and events.
    pub fn and(mut self, next: Self) -> Self {
        self.events.extend(next.events);
        Self { signature: next.signature, compute_units: self.compute_units + next.compute_units, events: self.events }
    }
}

fn describe(state: &PoolState, event: HmmEvent) -> Option<Event> {
    let decimals = state.market.credit_decimals;
    let credits = |raw| Amount { raw, decimals };
    let sides = |amounts: Vec<Amounts>| {
        let names = state.resource_names().into_iter();
        names.zip(amounts).map(|(resource, a)| Sides { resource, units: Amount::units(a.units), credits: credits(a.credits) }).collect()
    };
    let leg = |l: LegTraded| {
        let kind = [hmm_client::LegKind::BuyExactIn, hmm_client::LegKind::BuyExactOut, hmm_client::LegKind::SellExactIn];
        let kind = kind.get(usize::from(l.kind)).copied().unwrap_or(hmm_client::LegKind::SellExactOut);
        Leg {
            resource: legs::name(state, l.resource),
            kind: legs::kind_name(kind),
            units: Amount::units(l.units),
            credits: credits(l.credits),
            fee: credits(l.fee),
            burned: credits(l.burned),
            to_lps: credits(l.to_lps),
            psi: Amount::units(l.psi),
            theta: credits(l.theta),
            verb: if kind.is_buy() { "bought" } else { "sold" },
        }
    };
    Some(match event {
        HmmEvent::Swapped(e) => {
            Event::Swapped { sequence: e.sequence, net: Net { raw: e.net, decimals }, legs: e.legs.into_iter().map(leg).collect() }
        }
        HmmEvent::LiquidityAdded(e) => {
            Event::LiquidityAdded { sequence: e.sequence, shares: credits(e.shares), supply: credits(e.supply), amounts: sides(e.amounts) }
        }
        HmmEvent::LiquidityRemoved(e) => Event::LiquidityRemoved {
            sequence: e.sequence,
            shares: credits(e.shares),
            supply: credits(e.supply),
            amounts: sides(e.amounts),
        },
        HmmEvent::FeesCollected(e) => {
            Event::FeesCollected { sequence: e.sequence, burned: credits(e.burned), to_treasury: credits(e.to_treasury) }
        }
        other => Event::Other(told::tell(state, other)?),
    })
}

impl View for Receipt {
    fn text(&self) -> String {
        let mut text = String::new();
        for event in &self.events {
            text += &event.text();
        }
        let units = crate::amount::thousands(&self.compute_units.to_string());
        let signature = self.signature.as_ref().map(|signature| format!("{signature} · ")).unwrap_or_default();
        text + &format!("{signature}{units} compute units\n")
    }
}

impl Event {
    fn text(&self) -> String {
        let sides = |sides: &[Sides]| {
            let side = |s: &Sides| format!("  {} {} · {} credits\n", s.units, s.resource, s.credits);
            sides.iter().map(side).collect::<String>()
        };
        match self {
            Self::Swapped { net, legs, .. } => {
                let leg = |l: &Leg| format!("{} {} {} for {} credits, fee {}\n", l.verb, l.units, l.resource, l.credits, l.fee);
                format!("{}{net}\n", legs.iter().map(leg).collect::<String>())
            }
            Self::LiquidityAdded { shares, supply, amounts, .. } => {
                format!("received {shares} shares of {supply} for\n{}", sides(amounts))
            }
            Self::LiquidityRemoved { shares, supply, amounts, .. } => {
                format!("burned {shares} shares, {supply} are left, for\n{}", sides(amounts))
            }
            Self::FeesCollected { burned, to_treasury, .. } => format!("burned {burned} credits, paid {to_treasury} to the treasury\n"),
            Self::Other(told) => told.text.clone(),
        }
    }
}
