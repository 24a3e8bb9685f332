use alloc::vec::Vec;

use anchor_lang::prelude::*;
use anchor_spl::{
    token,
    token_interface::{TokenAccount, TokenInterface},
};
use hmm_attest::trace;
use hmm_job::PPM;

use crate::{
    constants::{ESCROW_SEED, JOB_SEED},
    errors::{HmmError, OrRefuseJob},
    events::{JobOpened, emit_by_cpi},
    expect,
    state::{Client, JOB_VERSION, Job, Line, MAX_LINES, MAX_REGIONS, Market, require_name},
    token::Credits,
};

/// What a client wants. Amounts are raw.
#[derive(Clone, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct JobSpec {
    /// One to eight kinds of resources, each once.
    pub lines: Vec<LineSpec>,
    /// Longest latency of a pool, milliseconds.
    pub max_latency_ms: u32,
    /// Least privacy tier of a pool.
    pub privacy_tier: u8,
    /// Regions of a pool, at most four; any if there is none.
    pub regions: Vec<[u8; 16]>,
    /// Least quality of a worker, parts per million.
    pub min_quality: u32,
    pub model_root: [u8; 32],
    pub input_root: [u8; 32],
    /// 0: attested only; 1: the program itself re-executes a step that is disputed.
    pub proof_level: u8,
    /// Depth of the tree of the trace; 0 without one.
    pub trace_depth: u8,
    /// All assignments start, or none does.
    pub gang: bool,
    /// Who besides the client may fill and assign; zero for nobody.
    pub router: Address,
    /// End of filling and assigning, unix time.
    pub assign_by: i64,
    /// End of starting.
    pub start_by: i64,
    /// End of submitting.
    pub submit_by: i64,
}

/// One kind of resource of a job.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct LineSpec {
    pub pool: Address,
    /// The resource's index in the pool.
    pub resource: u8,
    /// Units that the job needs.
    pub wanted: u64,
    /// The most that is paid, fees included, credits for a whole unit.
    pub max_price: u64,
}

/// What is out of its range, as the subject of `JobSpecOutOfRange`: the number of regions,
pub const SPEC_REGIONS: u8 = 0;
/// the least quality,
pub const SPEC_QUALITY: u8 = 1;
/// the proof level,
pub const SPEC_PROOF: u8 = 2;
/// or the depth of the trace.
pub const SPEC_DEPTH: u8 = 3;

#[event_cpi]
#[derive(Accounts)]
pub struct OpenJob {
    #[account(mut, expect::signer = client.owner)]
    pub owner: Signer,
    #[account(expect::address = client.market)]
    pub market: Account<Market>,
    #[account(mut)]
    pub client: Account<Client>,
    #[account(init, payer = owner, seeds = [JOB_SEED, client.address().as_ref(), client.jobs.to_le_bytes()], bump)]
    pub job: Account<Job>,
    #[account(expect::address = market.credit_mint)]
    pub credit_mint: UncheckedAccount,
    #[account(
        init, payer = owner, seeds = [ESCROW_SEED, job.address().as_ref()], bump,
        token::mint = credit_mint, token::authority = job, token::token_program = credit_token_program
    )]
    pub escrow: InterfaceAccount<TokenAccount>,
    #[account(mut)]
    pub owner_credits: UncheckedAccount,
    #[account(expect::address = market.credit_token_program)]
    pub credit_token_program: Interface<'static, TokenInterface>,
    pub system_program: Program<System>,
}

/// Opens a job: locks credits in an escrow of its own, and copies the terms it will run under.
///
/// Specification (protocol.md, *Jobs* 1):
/// 1. Only a registered client, not while the market is paused; its id never returns.
/// 2. No later change of the market's parameters reaches the job.
/// 3. `escrow = credits`.
pub fn handler(ctx: &mut Context<OpenJob>, spec: &JobSpec, budget: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    accounts.market.require_unpaused(now)?;
    spec.validate()?;
    let longest = now.saturating_add(accounts.market.jobs.longest.into());
    if spec.submit_by > longest {
        return Err(HmmError::JobTooLong.refuse(longest.unsigned_abs(), spec.submit_by.unsigned_abs()));
    }

    let id = accounts.client.next_job_id()?;
    let job_address = *accounts.job.address();
    let job = &mut accounts.job;
    job.version = JOB_VERSION;
    job.bump = ctx.bumps.job;
    job.id = id;
    job.market = *accounts.market.address();
    job.client = *accounts.client.address();
    job.owner = *accounts.owner.address();
    job.escrow = *accounts.escrow.address();
    job.rent_payer = *accounts.owner.address();
    job.gamma = accounts.market.supply.gamma;
    job.terms = accounts.market.jobs;
    spec.store(job);
    open(job, now, budget)?;

    let event = JobOpened {
        job: job_address,
        sequence: job.next_sequence(),
        market: job.market,
        client: job.client,
        owner: job.owner,
        router: job.router,
        id,
        budget,
        gang: spec.gang,
        proof_level: spec.proof_level,
        assign_by: spec.assign_by,
        start_by: spec.start_by,
        submit_by: spec.submit_by,
        lines: spec.lines.clone(),
    };
    let credits = Credits {
        program: accounts.credit_token_program.address(),
        mint: accounts.credit_mint.account(),
        decimals: accounts.market.credit_decimals,
    };
    credits.transfer(accounts.owner_credits.account(), accounts.escrow.account(), accounts.owner.account(), budget, &[]);
    emit_by_cpi(&event, &accounts.event_authority, ctx.bumps.event_authority);
    Ok(())
}

/// Lets the machine judge terms and budget.
#[inline(never)]
fn open(job: &mut Job, now: i64, budget: u64) -> Result<()> {
    let (machine, _) = hmm_job::Job::<MAX_LINES>::open(job.machine().terms, now, budget).or_refuse()?;
    job.store(&machine);
    Ok(())
}

impl JobSpec {
    /// Errors: `LineCount`, `ZeroAmount` and `DuplicateLine` about a line, `JobSpecOutOfRange`, `BadName`.
    fn validate(&self) -> Result<()> {
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            return Err(HmmError::LineCount.refuse(MAX_LINES as u64, self.lines.len() as u64));
        }
        for (place, line) in (0u8..).zip(&self.lines) {
            if line.wanted == 0 || line.max_price == 0 {
                return Err(HmmError::ZeroAmount.about(place, 1, 0).into());
            }
            let same = |other: &&LineSpec| other.resource == line.resource && other.pool == line.pool;
            if self.lines.iter().filter(same).count() > 1 {
                return Err(HmmError::DuplicateLine.about(place, 1, line.resource.into()).into());
            }
        }
        let depth = if self.proof_level == 0 { 0..=0 } else { 1..=trace::MAX_DEPTH };
        for (subject, holds, expected, found) in [
            (SPEC_REGIONS, self.regions.len() <= MAX_REGIONS, MAX_REGIONS as u64, self.regions.len() as u64),
            (SPEC_QUALITY, self.min_quality <= PPM, PPM.into(), self.min_quality.into()),
            (SPEC_PROOF, self.proof_level <= 1, 1, self.proof_level.into()),
            (SPEC_DEPTH, depth.contains(&self.trace_depth), (*depth.end()).into(), self.trace_depth.into()),
        ] {
            if !holds {
                return Err(HmmError::JobSpecOutOfRange.about(subject, expected, found).into());
            }
        }
        self.regions.iter().try_for_each(require_name)
    }

    #[allow(clippy::cast_possible_truncation)] // at most eight lines and four regions
    fn store(&self, job: &mut Job) {
        for (line, spec) in job.lines.iter_mut().zip(&self.lines) {
            *line = Line { pool: spec.pool, resource: spec.resource, wanted: spec.wanted, max_price: spec.max_price, ..Line::default() };
        }
        for (region, name) in job.regions.iter_mut().zip(&self.regions) {
            *region = *name;
        }
        job.line_count = self.lines.len() as u8;
        job.region_count = self.regions.len() as u8;
        job.max_latency_ms = self.max_latency_ms;
        job.privacy_tier = self.privacy_tier;
        job.min_quality = self.min_quality;
        job.model_root = self.model_root;
        job.input_root = self.input_root;
        job.proof_level = self.proof_level;
        job.trace_depth = self.trace_depth;
        job.gang = self.gang.into();
        job.router = self.router;
        job.assign_by = self.assign_by;
        job.start_by = self.start_by;
        job.submit_by = self.submit_by;
    }
}
