use clap::Args;
use hmm_agents::{judge, shelf::Shelf};
use hmm_attest::trace::Claim;
use hmm_client::jobs::machine_part;
use hmm_job::Phase;
use serde::Serialize;

use crate::{
    act::Act,
    error::{Error, Result},
    job::AssignmentArg,
    receipt::Receipt,
    view::{View, show},
};

#[derive(Args)]
pub struct ProveArgs {
    #[command(flatten)]
    act: Act,
    #[command(flatten)]
    what: AssignmentArg,
    /// Where the trace is published: a folder, or what comes before the name of a file: https://worker.example/traces/
    #[arg(long, value_name = "PLACE")]
    traces: String,
    /// Look only, send nothing
    #[arg(long)]
    look: bool,
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
    let prove = trial.prove(me, fraud.link, fraud.items);
    let receipt = actor.send(found.state()?, &found.asked(), &[], prove)?;
    show(&ProveView { links: judgement.opened, wrong, receipt: Some(receipt) }, json)
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
