use clap::Args;
use hmm_client::{
    generated::accounts::Assignment,
    jobs::{self, Party, machine_part},
};
use hmm_job::Phase;
use serde::Serialize;

use crate::{
    act::Look,
    error::Result,
    job::{Found, JobArg},
    money::Amount,
    table::{Table, pairs},
    view::{View, show},
    words::{self, at},
};

#[derive(Args)]
pub struct StatusArgs {
    #[command(flatten)]
    job: JobArg,
    /// Say why, with every number
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    look: Look,
}

pub fn run(args: &StatusArgs, json: bool) -> Result<()> {
    let session = args.look.open()?;
    let found = args.job.find(&session, || args.look.me())?;
    show(&StatusView::new(&found, args.why)?, json)
}

#[derive(Serialize)]
struct StatusView {
    job: String,
    id: u64,
    client: String,
    router: Option<String>,
    unix_timestamp: i64,
    state: String,
    /// The typed reason of its end.
    reason: Option<String>,
    why: String,
    gang: bool,
    launched: bool,
    assign_by: i64,
    start_by: i64,
    submit_by: i64,
    credits: Amount,
    /// Fees and bonds of its assignments.
    set_aside: Amount,
    client_claim: Amount,
    lines: Vec<LineView>,
    assignments: Vec<AssignmentView>,
    /// What can be done, soonest first.
    steps: Vec<StepView>,
    /// What anybody can do, if nobody else does anything.
    default: Option<StepView>,
    #[serde(skip)]
    full: bool,
}

#[derive(Serialize)]
struct LineView {
    resource: String,
    wanted: Amount,
    filled: Amount,
    /// Held and not assigned.
    held: Amount,
    /// Credits for a whole unit.
    max_price: Amount,
    claim: Amount,
}

#[derive(Serialize)]
struct AssignmentView {
    index: u8,
    worker: String,
    phase: String,
    until: Option<i64>,
    units: Vec<Amount>,
    payment: Amount,
    bond: Amount,
    receipt: bool,
    score: u16,
    verdict: Option<String>,
    outcome: Option<String>,
    challengers: u8,
    appealed: bool,
}

#[derive(Clone, Serialize)]
struct StepView {
    instruction: &'static str,
    command: String,
    who: &'static str,
    assignment: Option<u8>,
    from: i64,
    until: Option<i64>,
    /// It is possible now.
    now: bool,
}

impl StepView {
    fn new(step: &jobs::Step, found: &Found, now: i64) -> Self {
        let job = found.job.address;
        let of = step.assignment.map(|index| format!(" {index}")).unwrap_or_default();
        let command = match step.name {
            "submit_attestation" => "hmm worker run".to_owned(),
            "commit" => "hmm verifier run".to_owned(),
            name => format!("hmm job {} {job}{of}", name.trim_end_matches("_job")),
        };
        let who = match step.who {
            Party::Client => "client",
            Party::Worker => "worker",
            Party::Verifiers => "verifiers",
            Party::Anyone => "anyone",
        };
        let (from, until) = (step.from.max(now), step.until);
        Self { instruction: step.name, command, who, assignment: step.assignment, from, until, now: from <= now }
    }

    fn text(&self, now: i64) -> String {
        let until = self.until.map(|until| format!(", until {}", at(until, now))).unwrap_or_default();
        format!("{}: {}, from {}{until}", self.who, self.command, at(self.from, now))
    }
}

impl StatusView {
    fn new(found: &Found, full: bool) -> Result<Self> {
        let (job, state) = (&found.job.job, found.state()?);
        let (now, decimals) = (state.unix_timestamp, state.market.credit_decimals);
        let credits = |raw| Amount { raw, decimals };
        let status = jobs::status(job, &found.assignments, now);
        let claim = found.assignments.iter().filter(|assignment| machine_part(assignment).phase == Phase::Done);
        let claims = claim.map(|assignment| jobs::Step {
            name: "claim",
            who: Party::Anyone,
            assignment: Some(assignment.index),
            from: now,
            until: None,
        });
        let mut steps: Vec<StepView> = status.steps.iter().map(|step| StepView::new(step, found, now)).collect();
        steps.extend(
            claims.map(|step| StepView { command: format!("hmm job claim {}", found.job.address), ..StepView::new(&step, found, now) }),
        );
        let line = |(line, resource): (&hmm_client::Line, String)| LineView {
            resource,
            wanted: Amount::units(line.wanted),
            filled: Amount::units(line.filled),
            held: Amount::units(line.lot.bought + line.lot.wallet),
            max_price: credits(line.max_price),
            claim: Amount::units(line.claim),
        };
        let assignment = |a: &Assignment| {
            let part = machine_part(a);
            AssignmentView {
                index: a.index,
                worker: a.worker.to_string(),
                phase: words::snake(&part.phase),
                until: (part.until > 0).then_some(part.until),
                units: a.lots.iter().take(usize::from(job.line_count)).map(|lot| Amount::units(lot.bought + lot.wallet)).collect(),
                payment: credits(a.payment),
                bond: credits(a.bond),
                receipt: a.receipt,
                score: a.score,
                verdict: words::verdict(a.verdict),
                outcome: words::outcome(a.outcome),
                challengers: a.challenger_count,
                appealed: a.appealed,
            }
        };
        Ok(Self {
            job: found.job.address.to_string(),
            id: job.id,
            client: job.owner.to_string(),
            router: (job.router != solana_address::Address::default()).then(|| job.router.to_string()),
            unix_timestamp: now,
            state: words::snake(&status.state),
            reason: words::outcome(job.closed),
            why: match words::outcome(job.closed) {
                Some(reason) if job.client_claim != 0 => {
                    format!("closed, {}; {} credits are the client's to claim", reason.replace('_', " "), credits(job.client_claim))
                }
                Some(reason) => format!("closed, {}", reason.replace('_', " ")),
                None => status.why,
            },
            gang: job.gang,
            launched: job.launched,
            assign_by: job.assign_by,
            start_by: job.start_by,
            submit_by: job.submit_by,
            credits: credits(job.credits),
            set_aside: credits(job.set_aside),
            client_claim: credits(job.client_claim),
            lines: job.lines.iter().take(usize::from(job.line_count)).zip(found.names()).map(line).collect(),
            assignments: found.assignments.iter().map(assignment).collect(),
            default: status.default.as_ref().map(|step| StepView::new(step, found, now)),
            steps,
            full,
        })
    }

    fn tables(&self) -> String {
        let now = self.unix_timestamp;
        let head = pairs([
            ("job", format!("{}, number {} of {}", self.job, self.id, self.client)),
            ("router", self.router.clone().unwrap_or_else(|| "none".to_owned())),
            ("gang", if self.gang { if self.launched { "launched" } else { "not launched" } } else { "no" }.to_owned()),
            ("to assign until", at(self.assign_by, now)),
            ("to start until", at(self.start_by, now)),
            ("to submit until", at(self.submit_by, now)),
            ("credits", format!("{}, set aside {}, for the client to claim {}", self.credits, self.set_aside, self.client_claim)),
        ]);
        let mut lines = Table::new(["", "wanted", "filled", "held", "max price", "claim"]);
        for l in &self.lines {
            let row = [&l.wanted, &l.filled, &l.held, &l.max_price, &l.claim].map(Amount::to_string);
            let [wanted, filled, held, max_price, claim] = row;
            lines.row([l.resource.clone(), wanted, filled, held, max_price, claim]);
        }
        let mut text = format!("{head}\n{lines}");
        if !self.assignments.is_empty() {
            let mut table = Table::new(["assignment", "phase", "units", "payment", "bond", "score", "verdict", "outcome", "worker"]);
            let word = |word: &Option<String>| word.as_ref().map_or_else(|| "–".to_owned(), |word| word.replace('_', " "));
            for a in &self.assignments {
                let named = a.units.iter().zip(&self.lines).filter(|(units, _)| units.raw != 0);
                let units: Vec<String> = named.map(|(units, line)| format!("{units} {}", line.resource)).collect();
                table.row([
                    a.index.to_string(),
                    a.phase.replace('_', " "),
                    units.join(", "),
                    a.payment.to_string(),
                    a.bond.to_string(),
                    a.score.to_string(),
                    word(&a.verdict),
                    word(&a.outcome),
                    a.worker.clone(),
                ]);
            }
            text += &format!("\n{table}");
        }
        text + "\n"
    }
}

impl View for StatusView {
    fn text(&self) -> String {
        let now = self.unix_timestamp;
        let mut text = format!("{}: {}\n", self.state, self.why);
        if self.full {
            text = self.tables() + &text;
        }
        let mut steps: Vec<&StepView> = self.steps.iter().collect();
        if !self.full {
            steps.truncate(1);
        }
        for step in steps {
            text += &format!("next: {}\n", step.text(now));
        }
        match &self.default {
            Some(step) => text + &format!("otherwise: {}\n", step.text(now)),
            None => text,
        }
    }
}
