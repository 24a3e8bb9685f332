//! The events of the settlement: fields for programs, a sentence for people.

use hmm_client::{HmmEvent, LegTraded, PoolState};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    legs,
    money::{Amount, Price},
    words,
};

/// An event in words.
#[derive(Serialize)]
pub struct Told {
    event: &'static str,
    #[serde(flatten)]
    fields: Value,
    #[serde(skip)]
    pub text: String,
}

/// Tells an event; `None` for those that [`crate::receipt`] tells itself, and refusals. Resources have the names of `state`'s pool.
pub fn tell(state: &PoolState, event: HmmEvent) -> Option<Told> {
    let decimals = state.market.credit_decimals;
    let credits = |raw| Amount { raw, decimals };
    let units = Amount::units;
    let price = |raw| Price { raw, credit_decimals: decimals };
    let name = |resource| legs::name(state, resource);
    let bought = |leg: &LegTraded| json!({ "resource": name(leg.resource), "units": units(leg.units), "credits": credits(leg.credits), "fee": credits(leg.fee) });
    let line = |leg: &LegTraded| {
        format!("bought {} {} for {} credits, fee {}\n", units(leg.units), name(leg.resource), credits(leg.credits), credits(leg.fee))
    };
    let (event, fields, text) = match event {
        HmmEvent::WorkerRegistered(e) => (
            "worker_registered",
            json!({ "worker": e.worker.to_string(), "pool": e.pool.to_string(), "owner": e.owner.to_string(), "operator": e.operator.to_string() }),
            format!("registered the worker {} of {}", e.worker, e.owner),
        ),
        HmmEvent::BondChanged(e) => (
            "bond_changed",
            json!({ "worker": e.worker.to_string(), "bond": credits(e.bond), "unbonding": credits(e.unbonding), "unbond_at": e.unbond_at }),
            format!(
                "bond {} credits, on its way out {}{}",
                credits(e.bond),
                credits(e.unbonding),
                if e.unbonding == 0 { String::new() } else { format!(", out from unix time {}", e.unbond_at) }
            ),
        ),
        HmmEvent::Supplied(e) => (
            "supplied",
            json!({ "sequence": e.sequence, "worker": e.worker.to_string(), "resource": name(e.resource), "raw_units": units(e.raw_units), "units": units(e.units), "held": credits(e.held), "fee": credits(e.fee), "burned": credits(e.burned), "to_lps": credits(e.to_lps), "psi": units(e.psi), "theta": credits(e.theta) }),
            format!(
                "sold {} {} for {} credits, held until they are delivered; fee {}",
                units(e.units),
                name(e.resource),
                credits(e.held),
                credits(e.fee)
            ),
        ),
        HmmEvent::VouchersMinted(e) => (
            "vouchers_minted",
            json!({ "sequence": e.sequence, "worker": e.worker.to_string(), "resource": name(e.resource), "raw_units": units(e.raw_units), "units": units(e.units), "to": e.to.to_string() }),
            format!("minted {} {} to {}", units(e.units), name(e.resource), e.to),
        ),
        HmmEvent::Retired(e) => (
            "retired",
            json!({ "sequence": e.sequence, "worker": e.worker.to_string(), "resource": name(e.resource), "units": units(e.units), "claimable": credits(e.claimable), "bonded": credits(e.bonded) }),
            format!(
                "retired {} {}: {} credits became claimable, {} bond",
                units(e.units),
                name(e.resource),
                credits(e.claimable),
                credits(e.bonded)
            ),
        ),
        HmmEvent::Liquidated(e) => (
            "liquidated",
            json!({ "sequence": e.sequence, "worker": e.worker.to_string(), "liquidator": e.liquidator.to_string(), "cause": words::cause(e.cause), "resource": name(e.resource), "units": units(e.units), "paid": credits(e.paid), "shortfall": credits(e.shortfall), "burned": credits(e.burned) }),
            format!(
                "liquidated {} {} of {} ({}): paid {} credits, short of the mark by {}, burned {}",
                units(e.units),
                name(e.resource),
                e.worker,
                words::cause(e.cause).unwrap_or("no cause"),
                credits(e.paid),
                credits(e.shortfall),
                credits(e.burned)
            ),
        ),
        HmmEvent::Noticed(e) => (
            "noticed",
            json!({ "worker": e.worker.to_string(), "cause": words::cause(e.cause), "notice_at": e.notice_at }),
            match words::cause(e.cause) {
                Some(cause) => format!("the worker has notice since unix time {}: {cause}", e.notice_at),
                None => "there is no cause to liquidate the worker, and no notice".to_owned(),
            },
        ),
        HmmEvent::WorkerPaid(e) => (
            "worker_paid",
            json!({ "worker": e.worker.to_string(), "to": e.to.to_string(), "credits": credits(e.credits) }),
            format!("paid {} credits of the worker to {}", credits(e.credits), e.to),
        ),
        HmmEvent::KeyRegistered(e) => (
            "key_registered",
            json!({ "worker": e.worker.to_string(), "key": e.key.to_string(), "measurement": words::hex(&e.measurement), "capacity": e.capacity.iter().map(|raw| units(*raw)).collect::<Vec<_>>(), "expiry": e.expiry, "root_number": e.root_number }),
            format!("registered the enclave key {}, valid until unix time {}", e.key, e.expiry),
        ),
        HmmEvent::KeyClosed(e) => {
            ("key_closed", json!({ "worker": e.worker.to_string(), "key": e.key.to_string() }), format!("closed the enclave key {}", e.key))
        }
        HmmEvent::MeasurementApproved(e) => (
            "measurement_approved",
            json!({ "market": e.market.to_string(), "measurement": words::hex(&e.measurement) }),
            format!("approved the measurement {}", words::hex(&e.measurement)),
        ),
        HmmEvent::MeasurementRevoked(e) => (
            "measurement_revoked",
            json!({ "market": e.market.to_string(), "measurement": words::hex(&e.measurement) }),
            format!("revoked the measurement {}", words::hex(&e.measurement)),
        ),
        HmmEvent::VerifierSetCreated(e) => (
            "verifier_set_created",
            json!({ "sequence": e.sequence, "verifier_set": e.verifier_set.to_string(), "market": e.market.to_string(), "registry": e.registry.to_string() }),
            format!("created the verifier set {}", e.verifier_set),
        ),
        HmmEvent::Staked(e) => (
            "staked",
            json!({ "sequence": e.sequence, "verifier": e.verifier.to_string(), "index": e.index, "amount": credits(e.amount), "stake": credits(e.stake), "counts_from": e.counts_from }),
            format!(
                "staked {} credits, {} in all; what is new counts from unix time {}",
                credits(e.amount),
                credits(e.stake),
                e.counts_from
            ),
        ),
        HmmEvent::Unstaked(e) => (
            "unstaked",
            json!({ "sequence": e.sequence, "verifier": e.verifier.to_string(), "index": e.index, "amount": credits(e.amount), "stake": credits(e.stake), "unbonding": credits(e.unbonding), "unbond_at": e.unbond_at }),
            format!("asked {} credits back, {} stay staked; out from unix time {}", credits(e.amount), credits(e.stake), e.unbond_at),
        ),
        HmmEvent::StakeWithdrawn(e) => (
            "stake_withdrawn",
            json!({ "sequence": e.sequence, "verifier": e.verifier.to_string(), "index": e.index, "unbonding": credits(e.unbonding), "earned": credits(e.earned) }),
            format!("paid {} credits of stake and {} earned to {}", credits(e.unbonding), credits(e.earned), e.verifier),
        ),
        HmmEvent::SlashBurned(e) => (
            "slash_burned",
            json!({ "sequence": e.sequence, "amount": credits(e.amount) }),
            format!("burned {} slashed credits", credits(e.amount)),
        ),
        HmmEvent::RootProposed(e) => (
            "root_proposed",
            json!({ "registry": e.registry.to_string(), "number": e.number, "root": words::hex(&e.root), "depth": e.depth, "verifier": e.verifier.to_string(), "until": e.until }),
            format!("proposed root {}, {}, to be voted for until unix time {}", e.number, words::hex(&e.root), e.until),
        ),
        HmmEvent::RootVoted(e) => (
            "root_voted",
            json!({ "registry": e.registry.to_string(), "number": e.number, "root": words::hex(&e.root), "depth": e.depth, "verifier": e.verifier.to_string() }),
            format!("voted for root {}, {}", e.number, words::hex(&e.root)),
        ),
        HmmEvent::RootEnacted(e) => (
            "root_enacted",
            json!({ "registry": e.registry.to_string(), "number": e.number, "root": words::hex(&e.root), "depth": e.depth, "stake_for": credits(e.stake_for), "stake": credits(e.stake) }),
            format!(
                "root {} is in force: {} of {} staked credits voted for {}",
                e.number,
                credits(e.stake_for),
                credits(e.stake),
                words::hex(&e.root)
            ),
        ),
        HmmEvent::RootClosed(e) => (
            "root_closed",
            json!({ "registry": e.registry.to_string(), "number": e.number, "root": words::hex(&e.root), "depth": e.depth }),
            format!("closed the proposal of root {}", e.number),
        ),
        HmmEvent::ClientRegistered(e) => (
            "client_registered",
            json!({ "client": e.client.to_string(), "owner": e.owner.to_string(), "market": e.market.to_string() }),
            format!("registered the client {}", e.owner),
        ),
        HmmEvent::JobOpened(e) => (
            "job_opened",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "client": e.client.to_string(), "owner": e.owner.to_string(), "router": e.router.to_string(), "id": e.id, "budget": credits(e.budget), "gang": e.gang, "proof_level": e.proof_level, "assign_by": e.assign_by, "start_by": e.start_by, "submit_by": e.submit_by }),
            format!(
                "opened job {}, {}, with {} credits; to assign until unix time {}, to start until {}, to submit until {}",
                e.id,
                e.job,
                credits(e.budget),
                e.assign_by,
                e.start_by,
                e.submit_by
            ),
        ),
        HmmEvent::JobToppedUp(e) => (
            "job_topped_up",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "by": e.by.to_string(), "amount": credits(e.amount), "credits": credits(e.credits) }),
            format!("added {} credits, the job has {}", credits(e.amount), credits(e.credits)),
        ),
        HmmEvent::JobFilled(e) => (
            "job_filled",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "pool": e.pool.to_string(), "by": e.by.to_string(), "paid": credits(e.paid), "credits": credits(e.credits), "legs": e.legs.iter().map(bought).collect::<Vec<_>>() }),
            format!(
                "{}paid {} credits, the job has {} left",
                e.legs.iter().map(line).collect::<String>(),
                credits(e.paid),
                credits(e.credits)
            ),
        ),
        HmmEvent::VouchersDeposited(e) => (
            "vouchers_deposited",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "pool": e.pool.to_string(), "resource": name(e.resource), "units": units(e.units) }),
            format!("brought {} {} to the job", units(e.units), name(e.resource)),
        ),
        HmmEvent::JobAssigned(e) => (
            "job_assigned",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "index": e.index, "assignment": e.assignment.to_string(), "worker": e.worker.to_string(), "by": e.by.to_string(), "units": e.units.iter().map(|raw| units(*raw)).collect::<Vec<_>>(), "raw_units": e.raw_units.iter().map(|raw| units(*raw)).collect::<Vec<_>>(), "bond": credits(e.bond), "fee": credits(e.fee), "fees": credits(e.fees) }),
            format!(
                "assignment {} is the worker's, {}: it reserved {} credits of bond; set aside for verification {}, for the reservation {}",
                e.index,
                e.worker,
                credits(e.bond),
                credits(e.fees),
                credits(e.fee)
            ),
        ),
        HmmEvent::AssignmentStarted(e) => (
            "assignment_started",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "index": e.index, "worker": e.worker.to_string(), "payment": credits(e.payment), "cost": credits(e.cost), "bond": credits(e.bond), "fee": credits(e.fee), "launched": e.launched }),
            format!("assignment {} has started: the payment is {} credits, its bond {}", e.index, credits(e.payment), credits(e.bond)),
        ),
        HmmEvent::AssignmentEnded(e) => (
            "assignment_ended",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "index": e.index, "worker": e.worker.to_string(), "outcome": words::end(e.outcome), "to_job": credits(e.to_job), "to_worker": credits(e.to_worker), "to_finder": credits(e.to_finder), "burned": credits(e.burned), "credits": credits(e.credits) }),
            format!(
                "assignment {} is over: {}; {} credits to the job, {} to the worker, {} to the finder, {} burned",
                e.index,
                spoken(words::end(e.outcome)),
                credits(e.to_job),
                credits(e.to_worker),
                credits(e.to_finder),
                credits(e.burned)
            ),
        ),
        HmmEvent::Attested(e) => (
            "attested",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "worker": e.worker.to_string(), "receipt": e.receipt, "output_root": words::hex(&e.output_root), "draw_slot": e.draw_slot }),
            format!("attested {}, output {}", e.assignment, words::hex(&e.output_root)),
        ),
        HmmEvent::CommitteeDrawn(e) => (
            "committee_drawn",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "number": e.number, "phase": words::phase(e.phase), "seats": e.seats, "eligible": e.eligible, "target_slot": e.target_slot, "until": e.until }),
            if e.seats == 0 {
                format!("drawn: no committee, now {}", spoken(words::phase(e.phase)))
            } else {
                format!("drew a committee of {} out of {}, until unix time {}", e.seats, e.eligible, e.until)
            },
        ),
        HmmEvent::VoteCommitted(e) => (
            "vote_committed",
            json!({ "round": e.round.to_string(), "seat": e.seat, "verifier": e.verifier.to_string(), "committed": e.committed }),
            format!("seat {} has committed", e.seat),
        ),
        HmmEvent::VoteRevealed(e) => (
            "vote_revealed",
            json!({ "round": e.round.to_string(), "seat": e.seat, "verifier": e.verifier.to_string(), "score": e.score, "delta_i": e.delta_i, "delta_u": e.delta_u, "revealed": e.revealed }),
            format!("seat {} has revealed a score of {}", e.seat, e.score),
        ),
        HmmEvent::VotesCounted(e) => (
            "votes_counted",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "number": e.number, "revealed": e.revealed, "seats": e.seats, "score": e.score, "delta_i": e.delta_i, "delta_u": e.delta_u, "phase": words::phase(e.phase), "verdict": words::verdict(e.verdict), "fees": credits(e.fees), "slashed": credits(e.slashed) }),
            format!(
                "counted {} of {} votes: score {}, verdict {}, now {}; fees {} credits, slashed {}",
                e.revealed,
                e.seats,
                e.score,
                spoken(words::verdict(e.verdict)),
                spoken(words::phase(e.phase)),
                credits(e.fees),
                credits(e.slashed)
            ),
        ),
        HmmEvent::RoundClosed(e) => (
            "round_closed",
            json!({ "round": e.round.to_string(), "assignment": e.assignment.to_string(), "number": e.number }),
            format!("closed round {}", e.number),
        ),
        HmmEvent::Challenged(e) => (
            "challenged",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "challenger": e.challenger.to_string(), "bond": credits(e.bond), "challengers": e.challengers, "until": e.until }),
            format!("challenged with a bond of {} credits; the second committee is drawn from unix time {} on", credits(e.bond), e.until),
        ),
        HmmEvent::Appealed(e) => (
            "appealed",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "appellant": e.appellant.to_string(), "bond": credits(e.bond), "until": e.until }),
            format!("appealed with a bond of {} credits; the last committee is drawn from unix time {} on", credits(e.bond), e.until),
        ),
        HmmEvent::FraudProven(e) => (
            "fraud_proven",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "prover": e.prover.to_string(), "link": e.link, "fees": credits(e.fees) }),
            format!("proved a fraud at link {} of the trace: anybody can settle it now", e.link),
        ),
        HmmEvent::AssignmentSettled(e) => (
            "assignment_settled",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "worker": e.worker.to_string(), "outcome": words::end(e.outcome), "score": e.score, "bonus": credits(e.bonus), "to_client": credits(e.to_client), "burned": credits(e.burned), "banned": e.banned }),
            format!(
                "settled: {}; bonus {} credits, to the client {}, burned {}{}",
                spoken(words::end(e.outcome)),
                credits(e.bonus),
                credits(e.to_client),
                credits(e.burned),
                if e.banned { ", and the worker is banned" } else { "" }
            ),
        ),
        HmmEvent::AssignmentClaimed(e) => (
            "assignment_claimed",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "assignment": e.assignment.to_string(), "paid": credits(e.paid), "closed": e.closed }),
            format!(
                "paid {} credits to those the assignment owed{}",
                credits(e.paid),
                if e.closed { "; its account is closed" } else { "" }
            ),
        ),
        HmmEvent::JobClosed(e) => (
            "job_closed",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "by": e.by.to_string(), "reason": words::end(e.reason), "state": words::state(e.state), "credits": credits(e.credits), "units": e.units.iter().map(|raw| units(*raw)).collect::<Vec<_>>() }),
            format!("closed the job: {}; {} credits are the client's", spoken(words::end(e.reason)), credits(e.credits)),
        ),
        HmmEvent::JobClaimed(e) => (
            "job_claimed",
            json!({ "job": e.job.to_string(), "sequence": e.sequence, "credits": credits(e.credits), "units": e.units.iter().map(|raw| units(*raw)).collect::<Vec<_>>(), "done": e.done }),
            format!("paid the client {} credits and the vouchers that were left", credits(e.credits)),
        ),
        HmmEvent::BonusFunded(e) => (
            "bonus_funded",
            json!({ "market": e.market.to_string(), "funder": e.funder.to_string(), "amount": credits(e.amount) }),
            format!("gave {} credits for bonuses", credits(e.amount)),
        ),
        HmmEvent::BootstrapMarkSet(e) => (
            "bootstrap_mark_set",
            json!({ "sequence": e.sequence, "resource": name(e.resource), "price": price(e.price) }),
            format!("set the bootstrap mark of {} to {}", name(e.resource), price(e.price)),
        ),
        HmmEvent::SeriesStopped(e) => (
            "series_stopped",
            json!({ "sequence": e.sequence, "pool": e.pool.to_string(), "resource": name(e.resource), "price": price(e.price) }),
            format!("stopped {} at {}", name(e.resource), price(e.price)),
        ),
        HmmEvent::SeriesSwept(e) => (
            "series_swept",
            json!({ "sequence": e.sequence, "pool": e.pool.to_string(), "resource": name(e.resource), "worker": e.worker.to_string(), "units": units(e.units), "credits": credits(e.credits), "shortfall": credits(e.shortfall) }),
            format!(
                "swept {} {} of {}: {} credits into the fund, {} short",
                units(e.units),
                name(e.resource),
                e.worker,
                credits(e.credits),
                credits(e.shortfall)
            ),
        ),
        HmmEvent::SeriesRedeemed(e) => (
            "series_redeemed",
            json!({ "sequence": e.sequence, "pool": e.pool.to_string(), "resource": name(e.resource), "holder": e.holder.to_string(), "units": units(e.units), "credits": credits(e.credits) }),
            format!("redeemed {} {} for {} credits", units(e.units), name(e.resource), credits(e.credits)),
        ),
        HmmEvent::Swapped(_)
        | HmmEvent::LiquidityAdded(_)
        | HmmEvent::LiquidityRemoved(_)
        | HmmEvent::FeesCollected(_)
        | HmmEvent::Refused(_)
        | HmmEvent::RefusedAccount(_) => return None,
    };
    Some(Told { event, fields, text: text + "\n" })
}

fn spoken(word: Option<String>) -> String {
    word.map_or_else(|| "none".to_owned(), |word| word.replace('_', " "))
}
