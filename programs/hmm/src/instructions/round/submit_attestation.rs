use anchor_lang::prelude::*;
use hmm_attest::digest::{Attestation, Domain};
use hmm_job::{Actor, committee};

use super::apply;
use crate::{
    books::Event,
    errors::{HmmError, SUBJECT_CALL},
    events::{Attested, emit_by_cpi},
    expect,
    state::{Assignment, EnclaveKey, Job, Market, Measurement, Worker},
    sysvars::require_signed,
};

/// What the enclave says of its work. Usage is in raw units, per resource of the worker's pool.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct Report {
    pub report_digest: [u8; 32],
    pub output_root: [u8; 32],
    pub trace_root: [u8; 32],
    pub usage: [u64; 8],
}

#[event_cpi]
#[derive(Accounts)]
pub struct SubmitAttestation {
    /// The worker's owner or operator.
    pub signer: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    #[account(expect::address = assignment.worker)]
    pub worker: Account<Worker>,
    pub enclave_key: Account<EnclaveKey>,
    #[account(expect::address = enclave_key.approval)]
    pub approval: Account<Measurement>,
    pub instructions: UncheckedAccount,
}

/// Attests the work of an assignment, once and for good.
///
/// The instruction right before this one is the ed25519 program's, in its one layout: the worker's enclave key signs the digest of all of it.
///
/// Specification (protocol.md, *Jobs* 4, *Ed25519 introspection*):
/// 1. The worker's owner or operator; after the start, before `submit_by`; once.
/// 2. The digest is recomputed from the market (its genesis hash), job, assignment, worker, model and input that are stored, and from what
///    is submitted: nothing signed for another of them counts.
/// 3. The receipt is valid if the key has not expired and its measurement is not revoked. Without it the work can still be judged.
/// 4. The slot whose hash draws the committee is named now: `draw_slots` from here.
pub fn handler(ctx: &mut Context<SubmitAttestation>, report: Report) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let clock = Clock::get()?;
    accounts.require_worker()?;
    let digest = accounts.digest(&report);
    require_signed(accounts.instructions.account(), accounts.enclave_key.key.as_array(), &digest)?;

    let live = clock.unix_timestamp < accounts.enclave_key.expiry;
    let receipt = live && !bool::from(accounts.approval.revoked);
    let (job, assignment) = (&mut accounts.job, &mut accounts.assignment);
    apply(job, assignment, Actor::Worker, clock.unix_timestamp, Event::Submit { receipt })?;
    assignment.report_digest = report.report_digest;
    assignment.output_root = report.output_root;
    assignment.trace_root = report.trace_root;
    assignment.measurement = accounts.enclave_key.measurement;
    assignment.usage = report.usage;
    assignment.submitted_at = clock.unix_timestamp;
    assignment.draw_slot = committee::draw_slot(clock.slot, job.terms.draw_slots, 0);
    let event = Attested {
        job: *job.address(),
        sequence: job.next_sequence(),
        assignment: *assignment.address(),
        worker: assignment.worker,
        receipt,
        output_root: report.output_root,
        draw_slot: assignment.draw_slot,
    };
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

impl SubmitAttestation {
    /// Errors `Unauthorized` unless the worker's owner or operator signed; `WrongAccount` unless the key is the worker's.
    fn require_worker(&self) -> Result<()> {
        let (worker, signer) = (&self.worker, self.signer.address());
        if *signer != worker.owner && *signer != worker.operator {
            return Err(HmmError::Unauthorized.refuse_account(SUBJECT_CALL, &worker.owner, signer));
        }
        if !anchor_lang::address_eq(&self.enclave_key.worker, worker.address()) {
            return Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, worker.address(), &self.enclave_key.worker));
        }
        Ok(())
    }

    #[inline(never)]
    fn digest(&self, report: &Report) -> [u8; 32] {
        let (market, job) = (&self.market, &self.job);
        let domain = Domain { program: crate::ID.to_bytes(), genesis: market.genesis_hash, market: market.address().to_bytes() };
        Attestation {
            job: job.address().to_bytes(),
            assignment: self.assignment.address().to_bytes(),
            worker: self.worker.address().to_bytes(),
            model_root: job.model_root,
            input_root: job.input_root,
            report_digest: report.report_digest,
            output_root: report.output_root,
            trace_root: report.trace_root,
            measurement: self.enclave_key.measurement,
            usage: report.usage,
        }
        .digest(&domain)
    }
}
