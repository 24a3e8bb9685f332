use alloc::vec::Vec;

use anchor_lang::prelude::*;
use hmm_attest::trace::Claim;
use hmm_job::Actor;

use super::{apply, pay_seats, require_running};
use crate::{
    books::Event,
    errors::{HmmError, OrRefuseProof, SUBJECT_CALL},
    events::{FraudProven, emit_by_cpi},
    expect,
    payout::SignerSeeds,
    state::{Assignment, Job, Market, Round, VerifierSet},
    token::Credits,
};

#[event_cpi]
#[derive(Accounts)]
pub struct ProveLeaf {
    pub prover: Signer,
    #[account(expect::address = job.market)]
    pub market: Account<Market>,
    #[account(mut, expect::address = assignment.job)]
    pub job: Account<Job>,
    #[account(mut)]
    pub assignment: Account<Assignment>,
    /// The committee that is at work; absent while there is none.
    #[account(mut)]
    pub round: Option<Account<Round>>,
    #[account(mut)]
    pub verifier_set: Account<VerifierSet>,
    #[account(mut, expect::address = job.escrow)]
    pub escrow: UncheckedAccount,
    #[account(mut, expect::address = verifier_set.vault)]
    pub stake_vault: UncheckedAccount,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: UncheckedAccount,
}

/// Proves a fraud: opens two neighbouring places of the attested trace and shows that the step between them is wrong.
///
/// Specification (protocol.md, *Jobs* 4, 6; docs/decisions/traces.md):
/// 1. Anybody may, in a dispute or an appeal, of a job whose steps the program can re-execute (proof level 1).
/// 2. What is opened is under the attested trace root; the program itself re-executes the step. An honest trace cannot be refuted.
/// 3. It ends the committee's work: seats that have revealed by now are paid, nobody is slashed for the rest.
/// 4. The prover is the finder.
pub fn handler(ctx: &mut Context<ProveLeaf>, link: u32, items: Vec<[u8; 32]>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    accounts.verifier_set.require_market(accounts.market.address())?;
    let prover = *accounts.prover.address();
    let revealed = accounts.revealed()?;
    let flows = apply(&mut accounts.job, &mut accounts.assignment, Actor::Anyone, now, Event::ProveFraud { revealed })?;
    accounts.claim()?.refute(link, &items).or_refuse()?;
    accounts.assignment.finder = prover;
    if let Some(round) = &mut accounts.round {
        pay_seats(&mut accounts.verifier_set, round, accounts.job.terms.seat_fee)?;
        round.counted = true.into();
    }
    let event = FraudProven {
        job: *accounts.job.address(),
        sequence: accounts.job.next_sequence(),
        assignment: *accounts.assignment.address(),
        prover,
        link,
        fees: flows.escrow_to_verifiers,
    };
    accounts.pay(flows.escrow_to_verifiers);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

impl ProveLeaf {
    /// Seats that have revealed so far. Errors: `WrongAccount` if a committee is at work and its round is not given, or another one is.
    fn revealed(&self) -> Result<u8> {
        let address = self.assignment.address();
        match (&self.round, self.assignment.seats) {
            (None, 0) => Ok(0),
            (Some(round), 1..) => require_running(round, &self.assignment, address).map(|()| round.revealed),
            (round, _) => {
                let found = round.as_ref().map(|round| *round.address()).unwrap_or_default();
                Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, &Address::default(), &found))
            }
        }
    }

    /// What the worker attested. Errors: `NotRecomputable`.
    fn claim(&self) -> Result<Claim> {
        let (job, assignment) = (&self.job, &self.assignment);
        if job.proof_level != 1 {
            return Err(HmmError::NotRecomputable.refuse(1, job.proof_level.into()));
        }
        Ok(Claim {
            model_root: job.model_root,
            input_root: job.input_root,
            depth: job.trace_depth,
            trace_root: assignment.trace_root,
            output_root: assignment.output_root,
        })
    }

    fn pay(&self, fees: u64) {
        if fees == 0 {
            return;
        }
        let signer = SignerSeeds::of_job(&self.job);
        let credits = Credits {
            program: self.credit_token_program.address(),
            mint: self.credit_mint.account(),
            decimals: self.market.credit_decimals,
        };
        credits.transfer(self.escrow.account(), self.stake_vault.account(), self.job.account(), fees, &[&signer.seeds()]);
    }
}
