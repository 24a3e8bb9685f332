use clap::Args;
use hmm_client::{
    address,
    generated::accounts::{Assignment, ROUND_DISCRIMINATOR, Round},
    jobs::machine_part,
    rounds,
};
use hmm_job::Phase;

use crate::{
    act::{Act, Actor},
    error::{Error, Result},
    job::{Found, JobArg},
    receipt::Receipt,
    session::Need,
    view::show,
};

/// Anybody may: everything is paid to whom it belongs, and rent goes back to whoever paid it.
#[derive(Args)]
pub struct ClaimArgs {
    #[command(flatten)]
    job: JobArg,
    #[command(flatten)]
    act: Act,
}

pub fn run(args: &ClaimArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let me = actor.me();
    let found = args.job.find(&actor.session, || Ok(me))?;
    let mut receipts = Vec::new();
    let done = found.assignments.iter().filter(|assignment| machine_part(assignment).phase == Phase::Done);
    for assignment in done {
        receipts.extend(claim_assignment(&mut actor, &found, assignment)?);
    }
    if found.job.job.closed != 0 {
        receipts.push(claim_job(&mut actor, &found)?);
    }
    let receipt = receipts.into_iter().reduce(Receipt::and);
    show(&receipt.ok_or_else(|| Error::usage("there is nothing to claim: the job is open, and none of its assignments is over"))?, json)
}

/// Pays whom the assignment owes something, and closes it and its rounds.
fn claim_assignment(actor: &mut Actor, found: &Found, assignment: &Assignment) -> Result<Vec<Receipt>> {
    let (state, asked) = (found.state()?, found.asked());
    let trial = found.trial(assignment.index)?;
    let payees = trial.payees();
    for payee in &payees {
        actor.session.open(&actor.signer, payee, &asked, &[Need::credits(state, 0)])?;
    }
    let mut receipts = vec![actor.send(state, &asked, &[], trial.claim(&payees))?];
    for number in 0..=assignment.rounds {
        let round = address::round(&trial.address, number);
        if let Some(account) = actor.session.find(&round, &ROUND_DISCRIMINATOR, Round::from_bytes)? {
            receipts.push(actor.send(state, &asked, &[], rounds::close_round(round, &account))?);
        }
    }
    Ok(receipts)
}

/// Pays the client.
fn claim_job(actor: &mut Actor, found: &Found) -> Result<Receipt> {
    let (state, asked, job) = (found.state()?, found.asked(), &found.job.job);
    let mut needs = vec![Need::credits(state, 0)];
    for line in job.lines.iter().filter(|line| line.claim != 0) {
        needs.push(Need::vouchers(found.pool(&line.pool)?, line.resource, 0));
    }
    let claim = found.job.claim(&found.pools.iter().collect::<Vec<_>>());
    actor.push(state, &asked, &job.owner, &needs, claim)
}
