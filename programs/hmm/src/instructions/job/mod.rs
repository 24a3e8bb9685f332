//! Jobs: a client's credits and vouchers, the workers named for them, and how each part of it ends before it is judged.

pub mod assign;
pub mod claim_job;
pub mod close_job;
pub mod deposit_vouchers;
pub mod expire;
pub mod fill;
pub mod open_job;
pub mod register_client;
pub mod start;
pub mod top_up;
pub mod unassign;

use anchor_lang::{AccountClose, prelude::*};

use crate::{
    books::Flows,
    events::AssignmentEnded,
    state::{Assignment, Job},
};

/// The event of an assignment that is over, after `flows`.
pub fn ended(job: &mut Account<Job>, assignment: &Assignment, flows: &Flows) -> AssignmentEnded {
    AssignmentEnded {
        sequence: job.next_sequence(),
        job: *job.address(),
        index: assignment.index,
        worker: assignment.worker,
        outcome: assignment.outcome.saturating_sub(1),
        to_job: flows.worker_to_escrow,
        to_worker: flows.escrow_to_worker,
        to_finder: flows.worker_to_finder,
        burned: flows.worker_burn.saturating_add(flows.escrow_burn),
        credits: job.credits,
    }
}

/// Closes the account of an assignment in which nothing is left for anybody; its rent goes back. Comes last: no call to another
/// program may follow a change of lamports.
pub fn close_assignment(job: &mut Job, assignment: &mut Account<Assignment>, rent_payer: &AccountView) -> Result<()> {
    job.open_assignments = job.open_assignments.saturating_sub(1);
    assignment.close(*rent_payer)?;
    Ok(())
}
