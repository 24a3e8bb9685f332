//! What an event of the machine moves, booked: first the numbers of job, assignment and worker, then, as [`Flows`], what has to go
//! from one vault to another. No other place of the program knows in which vault a place of the machine lies.
//! Source: protocol.md, *Jobs*.

use anchor_lang::prelude::*;
use hmm_job::{Actor, Asset, Effects, JobEvent, Place};

use crate::{
    errors::{HmmError, OrRefuseJob},
    state::{Assignment, Job, MAX_LINES, Worker, add},
};

/// An event of one assignment.
pub type Event = hmm_job::Event<MAX_LINES>;

/// Raw credits that leave one token account for another, at most once each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    /// From the caller's wallet to the escrow.
    pub wallet_to_escrow: u64,
    /// From the escrow to the vault of a pool.
    pub escrow_to_pool: u64,
    /// From the escrow to the vault of the verifiers.
    pub escrow_to_verifiers: u64,
    /// From the escrow to the worker's vault.
    pub escrow_to_worker: u64,
    /// From the worker's vault to the escrow.
    pub worker_to_escrow: u64,
    /// From the worker's vault to the caller, who found the fault.
    pub worker_to_finder: u64,
    /// Burned out of the escrow.
    pub escrow_burn: u64,
    /// Burned out of the worker's vault.
    pub worker_burn: u64,
}

/// Where credits lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vault {
    Escrow,
    Worker,
    Pool,
    Verifiers,
    Wallet,
    Burned,
}

/// What is left to do after an event was booked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Credits to move: [`Flows::pay`].
    pub flows: Flows,
    /// Bonus for the worker, at most, from what the market was funded with.
    pub bonus: u64,
    /// The worker is to be banned.
    pub ban: bool,
}

/// What a new assignment asks of its worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Units of each line.
    pub units: [u64; MAX_LINES],
    /// Their value at mark_lo, rounded up.
    pub value: u64,
    /// Bond that may leave without taking the worker below γ.
    pub free: u64,
}

/// Applies an event of one assignment: asks the machine, stores, books. Vouchers and what the worker holds per resource are the
/// caller's. Errors: those of `hmm_job::Job::apply`.
#[inline(never)]
pub fn apply(job: &mut Job, assignment: &mut Assignment, worker: &mut Worker, by: Actor, now: i64, event: Event) -> Result<Booked> {
    let (mut machine, mut part) = (job.machine(), assignment.machine());
    let effects = machine.apply(&mut part, by, now, event).or_refuse()?;
    job.store(&machine);
    assignment.store(&part);
    let flows = book(&effects, job, Some((assignment, worker)))?;
    Ok(Booked { flows, bonus: effects.bonus, ban: effects.ban })
}

/// Makes an assignment out of a job's vouchers, `units` by line. Errors: those of `hmm_job::Job::assign`.
#[inline(never)]
pub fn assign(job: &mut Job, assignment: &mut Assignment, worker: &mut Worker, by: Actor, now: i64, asked: &Asked) -> Result<()> {
    let mut machine = job.machine();
    let (part, effects) = machine.assign(by, now, &asked.units, asked.value, asked.free).or_refuse()?;
    job.store(&machine);
    assignment.store(&part);
    book(&effects, job, Some((assignment, worker)))?;
    Ok(())
}

/// Applies an event of the job as a whole; vouchers that become the client's are booked too. Errors: those of
/// `hmm_job::Job::apply_job`.
#[inline(never)]
pub fn apply_job(job: &mut Job, by: Actor, now: i64, event: JobEvent) -> Result<Flows> {
    let mut machine = job.machine();
    let effects = machine.apply_job(by, now, event).or_refuse()?;
    job.store(&machine);
    for step in effects.moves() {
        if let (Asset::Voucher(line), Place::ClientClaim) = (step.asset, step.to)
            && let Some(line) = job.lines.get_mut(usize::from(line))
        {
            line.claim = add(line.claim, step.amount)?;
        }
    }
    book(&effects, job, None)
}

/// Books the credits that `effects` moves. `assignment` and `worker` are those of the event; of the job as a whole there are none.
/// What a worker holds per resource, and vouchers, are the caller's. Errors: `Overflow`, if a number would fall below zero or not fit.
pub fn book(effects: &Effects, job: &mut Job, mut party: Option<(&mut Assignment, &mut Worker)>) -> Result<Flows> {
    let mut flows = Flows::default();
    let proven = party.as_ref().is_some_and(|(assignment, _)| assignment.finder != Address::default());
    for step in effects.moves() {
        if step.asset != Asset::Credits {
            continue;
        }
        let (from, to) = (vault(step.from, proven), vault(step.to, proven));
        if let Some(number) = number(step.from, job, &mut party) {
            *number = less(*number, step.amount)?;
        }
        if let Some(number) = number(step.to, job, &mut party) {
            *number = add(*number, step.amount)?;
        }
        // Everything in the escrow that is not the job's own or the client's is set aside for somebody.
        let others = |place, vault| vault == Vault::Escrow && !matches!(place, Place::Job | Place::ClientClaim);
        if others(step.from, from) {
            job.set_aside = less(job.set_aside, step.amount)?;
        }
        if others(step.to, to) {
            job.set_aside = add(job.set_aside, step.amount)?;
        }
        if from != to
            && let Some(flow) = flows.between(from, to)
        {
            *flow = add(*flow, step.amount)?;
        }
    }
    // What goes both ways between escrow and worker goes once.
    let both = flows.escrow_to_worker.min(flows.worker_to_escrow);
    flows.escrow_to_worker = flows.escrow_to_worker.saturating_sub(both);
    flows.worker_to_escrow = flows.worker_to_escrow.saturating_sub(both);
    Ok(flows)
}

/// The vault of a place. A finder that proved a fraud takes its part out of the escrow later; the caller of a crank has it at once.
fn vault(place: Place, proven: bool) -> Vault {
    match place {
        Place::Free(_) | Place::Held(_) | Place::Bond(_) | Place::Payment(_) | Place::WorkerClaim(_) => Vault::Worker,
        Place::Pool => Vault::Pool,
        Place::VerifierClaim(_) => Vault::Verifiers,
        Place::Client | Place::Challengers(_) | Place::Appellant(_) => Vault::Wallet,
        Place::FinderClaim(_) if !proven => Vault::Wallet,
        Place::Burned => Vault::Burned,
        _ => Vault::Escrow,
    }
}

/// The number of a place, unless the machine itself or the caller keeps it.
fn number<'a>(place: Place, job: &'a mut Job, party: &'a mut Option<(&mut Assignment, &mut Worker)>) -> Option<&'a mut u64> {
    if place == Place::ClientClaim {
        return Some(&mut job.client_claim);
    }
    let (assignment, worker) = party.as_mut()?;
    match place {
        Place::Free(_) => Some(&mut worker.bond),
        Place::Bond(_) => Some(&mut worker.reserved),
        Place::Payment(_) => Some(&mut worker.payments),
        Place::WorkerClaim(_) => Some(&mut worker.claimable),
        Place::ChallengerClaim(_) => Some(&mut assignment.challenger_claim),
        Place::AppellantClaim(_) => Some(&mut assignment.appellant_claim),
        Place::FinderClaim(_) if assignment.finder != Address::default() => Some(&mut assignment.finder_claim),
        _ => None,
    }
}

impl Flows {
    fn between(&mut self, from: Vault, to: Vault) -> Option<&mut u64> {
        match (from, to) {
            (Vault::Wallet, Vault::Escrow) => Some(&mut self.wallet_to_escrow),
            (Vault::Escrow, Vault::Pool) => Some(&mut self.escrow_to_pool),
            (Vault::Escrow, Vault::Verifiers) => Some(&mut self.escrow_to_verifiers),
            (Vault::Escrow, Vault::Worker) => Some(&mut self.escrow_to_worker),
            (Vault::Escrow, Vault::Burned) => Some(&mut self.escrow_burn),
            (Vault::Worker, Vault::Escrow) => Some(&mut self.worker_to_escrow),
            (Vault::Worker, Vault::Wallet) => Some(&mut self.worker_to_finder),
            (Vault::Worker, Vault::Burned) => Some(&mut self.worker_burn),
            _ => None,
        }
    }
}

fn less(number: u64, amount: u64) -> Result<u64> {
    number.checked_sub(amount).ok_or_else(|| HmmError::Overflow.refuse(amount, number))
}
