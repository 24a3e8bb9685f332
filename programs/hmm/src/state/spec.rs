//! What a client asks for when it opens a job. Source: protocol.md, *Jobs* 1.

use alloc::vec::Vec;

use anchor_lang::prelude::*;
use hmm_attest::trace;
use hmm_job::PPM;

use super::{Job, Line, MAX_LINES, MAX_REGIONS, require_name};
use crate::errors::HmmError;

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

impl JobSpec {
    /// Errors: `LineCount`, `ZeroAmount` and `DuplicateLine` about a line, `JobSpecOutOfRange`, `BadName`.
    pub fn validate(&self) -> Result<()> {
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
    pub fn store(&self, job: &mut Job) {
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
