use clap::Args;
use serde::Serialize;
use solana_address::Address;

use super::{registry, set};
use crate::{
    act::Look,
    error::{Error, Result},
    money::Amount,
    table::{Table, pairs},
    view::{View, show},
    words::{at, hex},
};

#[derive(Args)]
pub struct ShowArgs {
    /// Whose [default: the signer]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "all")]
    verifier: Option<Address>,
    /// Every verifier of the market
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    look: Look,
}

pub fn run(args: &ShowArgs, json: bool) -> Result<()> {
    let session = args.look.open()?;
    let state = session.state()?;
    let (set, registry, now) = (set(&session, &state)?, registry(&session, &state)?, state.unix_timestamp);
    let whose = match (args.all, args.verifier) {
        (true, _) => None,
        (false, Some(verifier)) => Some(verifier),
        (false, None) => Some(args.look.me()?),
    };
    let credits = |raw| Amount { raw, decimals: state.market.credit_decimals };
    let taken = (0u8..).zip(&set.verifiers).filter(|(_, v)| v.owner != Address::default());
    let wanted = taken.filter(|(_, v)| whose.is_none_or(|whose| whose == v.owner));
    let verifiers: Vec<_> = wanted
        .map(|(place, v)| VerifierView {
            verifier: v.owner.to_string(),
            place,
            stake: credits(v.stake),
            counts: credits(if now < v.changes_at { v.counted } else { v.stake }),
            changes_at: v.changes_at,
            unbonding: credits(v.unbonding),
            unbond_at: v.unbond_at,
            earned: credits(v.earned),
        })
        .collect();
    if let (Some(whose), true) = (whose, verifiers.is_empty()) {
        return Err(Error::usage(format!("{whose} is no verifier of the market: hmm verifier stake")));
    }
    let root = hex(&registry.root);
    show(&SetView { unix_timestamp: now, root_number: registry.number, root, burn_due: credits(set.burn_due), verifiers }, json)
}

#[derive(Serialize)]
struct SetView {
    unix_timestamp: i64,
    root_number: u64,
    root: String,
    /// Slashed, to be burned.
    burn_due: Amount,
    verifiers: Vec<VerifierView>,
}

#[derive(Serialize)]
struct VerifierView {
    verifier: String,
    place: u8,
    stake: Amount,
    /// What counts in draws and votes now.
    counts: Amount,
    changes_at: i64,
    unbonding: Amount,
    unbond_at: i64,
    earned: Amount,
}

impl View for SetView {
    fn text(&self) -> String {
        let mut head = vec![("root", format!("number {}, {}", self.root_number, self.root)), ("to burn", self.burn_due.to_string())];
        for v in &self.verifiers {
            if self.verifiers.len() == 1 && v.unbonding.raw != 0 {
                head.push(("asked back", format!("{}, out from {}", v.unbonding, at(v.unbond_at, self.unix_timestamp))));
            }
        }
        let mut table = Table::new(["verifier", "place", "stake", "counts", "asked back", "earned"]);
        for v in &self.verifiers {
            let row = [v.place.to_string(), v.stake.to_string(), v.counts.to_string(), v.unbonding.to_string(), v.earned.to_string()];
            let [place, stake, counts, unbonding, earned] = row;
            table.row([v.verifier.clone(), place, stake, counts, unbonding, earned]);
        }
        format!("{}\n{table}", pairs(head))
    }
}
