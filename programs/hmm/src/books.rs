//! What an event of the machine moves, booked: first the numbers of job, assignment and worker, then, as [`Flows`], what has to go
//! from one vault to another. No other place of the program knows in which vault a place of the machine lies.
//! Source: protocol.md, *Jobs*.

use anchor_lang::prelude::*;
use hmm_job::{Asset, Effects, Place};

use crate::{
    errors::HmmError,
    state::{Assignment, Job, Worker, add},
};

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

/// Books the credits that `effects` moves. `assignment` and `worker` are those of the event; of the job as a whole there are none.
/// What a worker holds per resource, and vouchers, are the caller's. Errors: `Overflow`, if a number would fall below zero or not fit.
pub fn book(effects: &Effects, job: &mut Job, mut party: Option<(&mut Assignment, &mut Worker)>) -> Result<Flows> {
    let mut flows = Flows::default();
    for step in effects.moves() {
        if step.asset != Asset::Credits {
            continue;
        }
        let proven = party.as_ref().is_some_and(|(assignment, _)| assignment.finder != Address::default());
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
        if let Some(flow) = flows.between(from, to) {
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
