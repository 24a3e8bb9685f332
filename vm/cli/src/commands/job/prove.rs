use clap::Args;
use hmm_agents::{Fraud, judge, shelf::Shelf};
use hmm_attest::trace::Claim;
use hmm_client::{jobs::machine_part, rounds::Trial};
use hmm_job::{Phase, Verdict};
use serde::Serialize;
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    act::Act,
    error::{Error, Result},
    job::AssignmentArg,
    receipt::Receipt,
    session::Need,
    view::{View, show},
};

/// A proof is heard in a dispute: where work has passed undisputed, the verdict is challenged, or appealed against, in the same transaction, with
/// the signer's bond.
#[derive(Args)]
pub struct ProveArgs {
    #[command(flatten)]
    what: AssignmentArg,
    /// Where the trace is published: a folder, or what comes before the name of a file: https://worker.example/traces/
    #[arg(long, value_name = "PLACE")]
    traces: String,
    /// Look only, send nothing
    #[arg(long)]
    look: bool,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &ProveArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.what.job.find(&actor.session, || Ok(me))?;
    let trial = found.trial(args.what.index)?;
    let (job, assignment) = (&trial.job.job, &trial.assignment);
    if job.proof_level == 0 {
        return Err(Error::usage("the job's work is only attested: the program cannot redo its steps"));
    }
    if matches!(machine_part(assignment).phase, Phase::Reserved | Phase::Running) {
        return Err(Error::usage("nothing is attested yet"));
    }
    let claim = Claim {
        model_root: job.model_root,
        input_root: job.input_root,
        depth: job.trace_depth,
        trace_root: assignment.trace_root,
        output_root: assignment.output_root,
    };
    let missing = || Error::usage(format!("the trace is not published at {}", args.traces));
    let published = Shelf::new(&args.traces).find(&claim.trace_root).ok_or_else(missing)?;
    // every link: it costs milliseconds
    let judgement = judge(&claim, &published, &[0; 32], u32::MAX).map_err(|refusal| Error::failed(refusal.reason.message()))?;
    if let Some(link) = judgement.withheld {
        return Err(Error::usage(format!("what is published does not open link {link} of the attested trace: it is another one")));
    }
    let Some(fraud) = judgement.fraud else {
        return show(&ProveView { links: judgement.opened, wrong: None, receipt: None }, json);
    };
    let wrong = Some(fraud.link);
    if args.look {
        return show(&ProveView { links: judgement.opened, wrong, receipt: None }, json);
    }
    let part = machine_part(assignment);
    if matches!(part.phase, Phase::Window | Phase::Ruled) && part.verdict != Some(Verdict::Pass) {
        return Err(Error::usage(format!(
            "link {} is wrong, and the work has failed already: a dispute would only cost its bond",
            fraud.link
        )));
    }
    let state = found.state()?;
    let instructions = dispute(&trial, me, &fraud);
    actor.session.open(&actor.signer, &me, &found.asked(), &[Need::credits(state, 0)])?;
    let sent = actor.session.send_all(&actor.signer, &found.asked(), &instructions)?;
    show(&ProveView { links: judgement.opened, wrong, receipt: Some(Receipt::new(state, sent)) }, json)
}

/// A proof is heard in a dispute: where there is none, it begins with one.
fn dispute(trial: &Trial, me: Address, fraud: &Fraud) -> Vec<Instruction> {
    let first = match machine_part(&trial.assignment).phase {
        Phase::Window => trial.challenge(me),
        Phase::Ruled => trial.appeal(me),
        _ => return vec![trial.prove(me, fraud.link, fraud.items.clone())],
    };
    // no committee is at work yet
    let mut disputed = trial.clone();
    disputed.assignment.seats = 0;
    vec![first, disputed.prove(me, fraud.link, fraud.items.clone())]
}

#[derive(Serialize)]
struct ProveView {
    /// How many were opened.
    links: u32,
    /// The first that is wrong.
    wrong: Option<u32>,
    #[serde(flatten)]
    receipt: Option<Receipt>,
}

impl View for ProveView {
    fn text(&self) -> String {
        let found = match self.wrong {
            Some(link) => format!("link {link} of the trace is wrong\n"),
            None => format!("all {} links of the trace are right\n", self.links),
        };
        found + &self.receipt.as_ref().map(View::text).unwrap_or_default()
    }
}
