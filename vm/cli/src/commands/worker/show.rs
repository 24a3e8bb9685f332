use clap::Args;
use serde::Serialize;
use solana_address::Address;

use super::{WorkerArg, observations};
use crate::{
    act::Look,
    error::Result,
    money::{Amount, Price, Rate},
    standing::{Standing, price},
    table::{Table, pairs},
    view::{View, show},
    words::at,
};

#[derive(Args)]
pub struct ShowArgs {
    #[command(flatten)]
    worker: WorkerArg,
    #[command(flatten)]
    look: Look,
}

pub fn run(args: &ShowArgs, json: bool) -> Result<()> {
    let session = args.look.open()?;
    let (state, address, worker) = args.worker.find(&session, || args.look.me())?;
    let observations = observations(&session, &state)?;
    show(&WorkerView::new(address, &Standing::new(&state, &observations, &worker)), json)
}

/// What a worker has and owes, at the marks of this moment.
#[derive(Serialize)]
pub struct WorkerView {
    worker: String,
    pool: String,
    owner: String,
    operator: Option<String>,
    profile: String,
    banned: bool,
    unix_timestamp: i64,
    bond: Amount,
    unbonding: Amount,
    unbond_at: i64,
    reserved: Amount,
    payments: Amount,
    claimable: Amount,
    held: Amount,
    /// Bond and held.
    cover: Amount,
    /// At the higher marks, where it is trusted. Null if something it owes has no mark.
    owed: Option<Amount>,
    /// At the lower marks, where it is punished.
    owed_punished: Amount,
    required: Option<Amount>,
    margin: Option<Rate>,
    free_bond: Option<Amount>,
    key: Option<String>,
    key_expiry: i64,
    notice_at: Option<i64>,
    jobs: u64,
    resources: Vec<ResourceView>,
}

#[derive(Serialize)]
struct ResourceView {
    resource: String,
    outstanding: Amount,
    in_reserve: Amount,
    held: Amount,
    /// Units an hour.
    capacity: Amount,
    /// Units that it may still take on by its capacity.
    capacity_left: Amount,
    quality: Rate,
    mark_hi: Option<Price>,
    mark_lo: Option<Price>,
    /// Whether the marks are the resource's own.
    own_marks: bool,
}

impl WorkerView {
    pub fn new(address: Address, standing: &Standing) -> Self {
        let (state, w) = (standing.state, standing.worker);
        let credits = |raw| standing.credits(raw);
        let own = |address: &Address| (*address != Address::default()).then(|| address.to_string());
        let resource = |(i, name): (usize, String)| {
            let of = |array: &[u64; 8]| array.get(i).copied().unwrap_or_default();
            let marks = standing.marks.get(i).copied().flatten();
            ResourceView {
                resource: name,
                outstanding: Amount::units(of(&w.outstanding)),
                in_reserve: Amount::units(of(&w.in_reserve)),
                held: credits(of(&w.held)),
                capacity: Amount::units(of(&w.capacity)),
                capacity_left: Amount::units(standing.capacity_left(i)),
                quality: Rate::ppm(standing.quality(i).0),
                mark_hi: marks.map(|marks| price(state, marks.hi)),
                mark_lo: marks.map(|marks| price(state, marks.lo)),
                own_marks: marks.is_some_and(|marks| marks.own),
            }
        };
        let profile = String::from_utf8_lossy(&w.profile);
        Self {
            worker: address.to_string(),
            pool: w.pool.to_string(),
            owner: w.owner.to_string(),
            operator: own(&w.operator),
            profile: profile.trim_end_matches('\0').to_owned(),
            banned: w.banned,
            unix_timestamp: state.unix_timestamp,
            bond: credits(w.bond),
            unbonding: credits(w.unbonding),
            unbond_at: w.unbond_at,
            reserved: credits(w.reserved),
            payments: credits(w.payments),
            claimable: credits(w.claimable),
            held: credits(standing.cover() - w.bond),
            cover: credits(standing.cover()),
            owed: standing.owed().map(credits),
            owed_punished: credits(standing.owed_punished()),
            required: standing.required().map(credits),
            margin: standing.margin(),
            free_bond: standing.free_bond().map(credits),
            key: own(&w.key),
            key_expiry: w.key_expiry,
            notice_at: (w.notice_at != 0).then_some(w.notice_at),
            jobs: w.jobs,
            resources: state.resource_names().into_iter().enumerate().map(resource).collect(),
        }
    }
}

impl View for WorkerView {
    fn text(&self) -> String {
        let now = self.unix_timestamp;
        let or = |amount: &Option<Amount>| amount.map_or_else(|| "no mark".to_owned(), |amount| amount.to_string());
        let unbonding =
            if self.unbonding.raw == 0 { "0".to_owned() } else { format!("{}, out from {}", self.unbonding, at(self.unbond_at, now)) };
        let key = match &self.key {
            Some(key) if self.key_expiry > now => format!("{key}, valid until {}", at(self.key_expiry, now)),
            Some(key) => format!("{key}, expired at unix time {}", self.key_expiry),
            None => "none".to_owned(),
        };
        let head = pairs([
            ("worker", format!("{}{}", self.worker, if self.banned { ", banned" } else { "" })),
            ("pool", self.pool.clone()),
            ("owner", self.owner.clone()),
            ("operator", self.operator.clone().unwrap_or_else(|| "none".to_owned())),
            ("key", key),
            ("bond", self.bond.to_string()),
            ("on its way out", unbonding),
            ("held", self.held.to_string()),
            ("cover", self.cover.to_string()),
            ("owed", format!("{}, where it is punished {}", or(&self.owed), self.owed_punished)),
            ("required", or(&self.required)),
            ("margin", self.margin.map_or_else(|| "owes nothing".to_owned(), |margin| margin.to_string())),
            ("free bond", or(&self.free_bond)),
            ("in assignments", format!("{} of bond, {} of payments", self.reserved, self.payments)),
            ("claimable", self.claimable.to_string()),
            ("notice", self.notice_at.map_or_else(|| "none".to_owned(), |time| format!("since unix time {time}"))),
            ("jobs settled", self.jobs.to_string()),
        ]);
        let mut table = Table::new(["", "outstanding", "in reserve", "held", "capacity/h", "left", "quality", "mark hi", "mark lo"]);
        let mark = |mark: Option<Price>| mark.map_or_else(|| "–".to_owned(), |mark| mark.to_string());
        for r in &self.resources {
            table.row([
                r.resource.clone(),
                r.outstanding.to_string(),
                r.in_reserve.to_string(),
                r.held.to_string(),
                r.capacity.to_string(),
                r.capacity_left.to_string(),
                r.quality.to_string(),
                mark(r.mark_hi),
                mark(r.mark_lo),
            ]);
        }
        format!("{head}\n{table}")
    }
}
