use clap::Args;
use serde::Serialize;

use super::{WorkerArg, observations};
use crate::{
    act::Look,
    error::Result,
    money::{Amount, Rate},
    standing::{Cause, Obstacle, Standing, Step},
    view::{View, show},
    words::at,
};

#[derive(Args)]
pub struct StatusArgs {
    #[command(flatten)]
    worker: WorkerArg,
    /// Say why, with the numbers
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    look: Look,
}

pub fn run(args: &StatusArgs, json: bool) -> Result<()> {
    let session = args.look.open()?;
    let (state, address, worker) = args.worker.find(&session, || args.look.me())?;
    let observations = observations(&session, &state)?;
    let standing = Standing::new(&state, &observations, &worker);
    let (gamma, maintenance) = (state.market.supply.gamma, state.market.supply.maintenance);
    let obstacles = standing.obstacles();
    let blocked = |name: &String| obstacles.iter().any(|o| o.resource.as_ref().is_none_or(|resource| resource == name));
    let view = StatusView {
        worker: address.to_string(),
        unix_timestamp: state.unix_timestamp,
        can_supply: state.resource_names().into_iter().filter(|name| !blocked(name)).collect(),
        cover: standing.credits(standing.cover()),
        owed: standing.owed().map(|raw| standing.credits(raw)),
        owed_punished: standing.credits(standing.owed_punished()),
        margin: standing.margin(),
        gamma: Rate::ppm(gamma),
        maintenance: Rate::ppm(maintenance),
        free_cover: standing.free_cover().map(|raw| standing.credits(raw)),
        liquidation: standing.cause(),
        notice: standing.notice().map(|(from, until)| Notice { from, until }),
        steps: standing.steps(),
        why: args.why,
        obstacles,
    };
    show(&view, json)
}

#[derive(Serialize)]
struct StatusView {
    worker: String,
    unix_timestamp: i64,
    /// Resources that it could sell more of now.
    can_supply: Vec<String>,
    obstacles: Vec<Obstacle>,
    cover: Amount,
    owed: Option<Amount>,
    owed_punished: Amount,
    margin: Option<Rate>,
    gamma: Rate,
    maintenance: Rate,
    free_cover: Option<Amount>,
    liquidation: Option<Cause>,
    /// When it may be liquidated, if the cause lasts.
    notice: Option<Notice>,
    steps: Vec<Step>,
    #[serde(skip)]
    why: bool,
}

#[derive(Serialize)]
struct Notice {
    from: i64,
    until: i64,
}

impl View for StatusView {
    fn text(&self) -> String {
        let now = self.unix_timestamp;
        let mut text = match self.can_supply.as_slice() {
            [] => "cannot supply anything\n".to_owned(),
            names => format!("can supply {}\n", names.join(", ")),
        };
        if self.why {
            for o in &self.obstacles {
                let what = o.resource.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
                text += &format!("  {} ({}){what}: {}\n", o.name, o.code, o.why);
            }
            if let Some(free) = self.free_cover {
                text += &format!("  {free} credits of bond and held are free for more, at {} of its value\n", self.gamma);
            }
        }
        match (&self.liquidation, &self.notice) {
            (None, _) => text += "cannot be liquidated\n",
            (Some(cause), None) => text += &format!("could be liquidated after a notice: {}\n", cause.cause.replace('_', " ")),
            (Some(cause), Some(notice)) => {
                let cause = cause.cause.replace('_', " ");
                text += &format!("has notice: {cause}; may be liquidated from {} until {}\n", at(notice.from, now), at(notice.until, now));
            }
        }
        if self.why {
            text += &match (&self.liquidation, self.margin) {
                (Some(cause), _) => format!("  {}\n", cause.why),
                (None, None) => "  it owes nothing\n".to_owned(),
                (None, Some(margin)) => format!(
                    "  bond and held are {} credits, {margin} of what it owes; at the lower marks it owes {}, and {} of that is asked\n",
                    self.cover, self.owed_punished, self.maintenance
                ),
            };
        }
        for step in &self.steps {
            let until = step.until.map(|until| format!(" until {}", at(until, now))).unwrap_or_default();
            text += &format!("next: {} ({}) from {}{until}", step.command, step.who, at(step.from, now));
            text += &if self.why { format!(": {}\n", step.why) } else { "\n".to_owned() };
        }
        text
    }
}
