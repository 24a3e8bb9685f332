//! Where a job stands, why, and who can do what next from when on.

use std::fmt;

use hmm_job::{Phase, State};

use super::{machine, machine_part, outcome};
use crate::generated::accounts::{Assignment, Job};

/// Who can do a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The client or the router it named.
    Client,
    /// The worker of an assignment.
    Worker,
    /// The verifiers of a round.
    Verifiers,
    /// Anybody.
    Anyone,
}

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The instruction.
    pub name: &'static str,
    pub who: Party,
    /// Of this assignment; `None` for the job as a whole.
    pub assignment: Option<u8>,
    /// From this unix time on.
    pub from: i64,
    /// Before this one; `None` without end.
    pub until: Option<i64>,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub state: State,
    /// In words.
    pub why: String,
    /// What whoever the job waits for can do now, or soon, in order of time.
    pub steps: Vec<Step>,
    /// The first step that anybody can do: what happens if nobody else does anything.
    pub default: Option<Step>,
}

/// The status of a job, with those of its assignments whose accounts still exist, at unix time `now`.
pub fn status(job: &Job, assignments: &[Assignment], now: i64) -> Status {
    let machine = machine(job);
    let state = machine.state();
    let mut steps: Vec<Step> = assignments.iter().flat_map(|a| of_assignment(job, a)).collect();
    if machine.closed.is_some() {
        if claims(job) {
            steps.push(anyone("claim_job", None, now));
        }
    } else {
        if now < job.assign_by && !job.launched {
            let wants = job.lines.iter().any(|line| line.filled < line.wanted);
            let names = [("assign", !machine.is_sealed()), ("fill", wants)];
            let step = |name| Step { name, who: Party::Client, assignment: None, from: now, until: Some(job.assign_by) };
            steps.extend(names.into_iter().filter(|(_, can)| *can).map(|(name, _)| step(name)));
        }
        if machine.live() == 0 {
            steps.push(Step { name: "close_job", who: Party::Client, assignment: None, from: now, until: None });
            steps.push(anyone("close_job", None, job.assign_by));
        }
    }
    steps.retain(|step| step.until.is_none_or(|until| now < until));
    steps.sort_by_key(|step| (step.from.max(now), step.who));
    let default = steps.iter().filter(|step| step.who == Party::Anyone).min_by_key(|step| step.from).copied();
    Status { state, why: why(job, assignments, now), steps, default }
}

const fn anyone(name: &'static str, assignment: Option<u8>, from: i64) -> Step {
    Step { name, who: Party::Anyone, assignment, from, until: None }
}

fn claims(job: &Job) -> bool {
    job.client_claim != 0 || job.lines.iter().any(|line| line.claim != 0) || job.set_aside == 0 && job.open_assignments == 0
}

/// The steps of one assignment: those of whoever it waits for, and the way out if they do nothing.
fn of_assignment(job: &Job, assignment: &Assignment) -> Vec<Step> {
    let part = machine_part(assignment);
    let index = Some(part.index);
    let by = |name, who, until| Step { name, who, assignment: index, from: 0, until: Some(until) };
    let draw = || vec![anyone("draw", index, part.until)];
    let vote = || vec![by("commit", Party::Verifiers, part.until), anyone("tally", index, part.until)];
    match part.phase {
        Phase::Reserved => vec![by("start", Party::Worker, job.start_by), anyone("expire", index, job.start_by)],
        Phase::Running if job.gang && !job.launched => vec![anyone("expire", index, job.start_by)],
        Phase::Running => {
            vec![by("submit_attestation", Party::Worker, job.submit_by), anyone("expire", index, job.submit_by)]
        }
        Phase::Submitted => draw(),
        Phase::Verifying | Phase::Disputed | Phase::Appealed if part.seats == 0 => draw(),
        Phase::Verifying | Phase::Disputed | Phase::Appealed => vote(),
        Phase::Window => vec![by("challenge", Party::Anyone, part.until), anyone("settle", index, part.until)],
        Phase::Ruled => vec![by("appeal", Party::Anyone, part.until), anyone("settle", index, part.until)],
        Phase::Final => vec![anyone("settle", index, 0)],
        Phase::Done => vec![],
    }
}

fn why(job: &Job, assignments: &[Assignment], now: i64) -> String {
    let machine = machine(job);
    if let Some(reason) = outcome(job.closed) {
        let left =
            if job.client_claim != 0 { format!("; {} raw credits are the client's to claim", job.client_claim) } else { String::new() };
        return format!("closed: {reason:?}{left}");
    }
    let live = machine.live();
    if live == 0 {
        return match (machine.is_sealed(), job.assigned) {
            (true, 0) if now < job.assign_by => "no vouchers yet: the client or its router fills it".into(),
            (false, _) if now < job.assign_by => "it holds vouchers that no worker is named for".into(),
            (_, 0) => "the time to assign is over, and nobody was".into(),
            _ => format!("all {} assignments are over", job.assigned),
        };
    }
    let mut parts: Vec<String> = assignments.iter().filter_map(|a| of_phase(job, a)).collect();
    if parts.is_empty() {
        parts.push(format!("{live} assignments are live"));
    }
    parts.join("; ")
}

/// What one assignment waits for.
fn of_phase(job: &Job, assignment: &Assignment) -> Option<String> {
    let part = machine_part(assignment);
    let until = part.until;
    let what = match part.phase {
        Phase::Reserved => format!("waits for its worker to start, until {}", job.start_by),
        Phase::Running if job.gang && !job.launched => format!("has started and waits for the rest of its gang, until {}", job.start_by),
        Phase::Running => format!("is running, its attestation due by {}", job.submit_by),
        Phase::Submitted => format!("has attested; whether it is verified is drawn from {until} on"),
        Phase::Verifying if part.seats == 0 => format!("waits for a committee, drawn from {until} on"),
        Phase::Verifying => format!("is before {} verifiers, until {until}", part.seats),
        Phase::Window => format!("{} and can be challenged until {until}", Judged(part.verdict)),
        Phase::Disputed if part.seats == 0 => format!("is challenged; its second committee is drawn from {until} on"),
        Phase::Disputed => format!("is before a second committee of {}, until {until}", part.seats),
        Phase::Ruled => format!("{} in dispute and can be appealed until {until}", Judged(part.verdict)),
        Phase::Appealed if part.seats == 0 => format!("is appealed; its last committee is drawn from {until} on"),
        Phase::Appealed => format!("is before the last committee of {}, until {until}", part.seats),
        Phase::Final => format!("{}, finally: anybody can settle it", Judged(part.verdict)),
        Phase::Done => return None,
    };
    Some(format!("assignment {} {what}", part.index))
}

struct Judged(Option<hmm_job::Verdict>);

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use hmm_job::Verdict;
        f.write_str(match self.0 {
            Some(Verdict::Pass) => "has passed",
            Some(Verdict::Fail) => "has failed",
            Some(Verdict::Fraud) => "was proven fraudulent",
            Some(Verdict::NoQuorum) => "found no quorum twice",
            None => "is judged",
        })
    }
}
