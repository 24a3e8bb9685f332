use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use hmm_job::{Code, Outcome, Phase};

use super::{JobTerms, Pool};
use crate::{
    constants::VOUCHER_DECIMALS,
    errors::{HmmError, SUBJECT_CALL},
};

/// Layout of this account.
pub const JOB_VERSION: u8 = 1;
/// Most kinds of resources of one job.
pub const MAX_LINES: usize = 8;
/// What a pool does not offer, as the subject of `PoolUnfit`: its latency,
pub const UNFIT_LATENCY: u8 = 0;
/// its privacy tier,
pub const UNFIT_PRIVACY: u8 = 1;
/// its region,
pub const UNFIT_REGION: u8 = 2;
/// or a series that ends too early.
pub const UNFIT_SERIES: u8 = 3;
/// Most regions a job can name.
pub const MAX_REGIONS: usize = 4;

/// One job: what its client wants and under which terms, its credits and vouchers, how far its assignments are.
///
/// PDA `["job", client, id]`; ids are counted up by the client's account and never return. Its escrow, PDA `["escrow", job]`, holds
/// `credits + set_aside + client_claim`, and whatever was donated, which counts for nothing. Vouchers of a job are numbers.
/// The state that the world sees (`Open`, `Filled`, …) is derived: `hmm_job::Job::state`. Source: protocol.md, *Jobs*.
#[account]
pub struct Job {
    pub version: u8,
    pub bump: u8,
    /// Lines in use; entries from here on are zero.
    pub line_count: u8,
    pub region_count: u8,
    /// Least tier that the client accepts.
    pub privacy_tier: u8,
    /// 0: attested only; 1: the program itself re-executes a step that is disputed.
    pub proof_level: u8,
    /// Depth of the tree of the trace: 2^depth steps.
    pub trace_depth: u8,
    pub gang: PodBool,
    /// Of a gang: all have started.
    pub launched: PodBool,
    /// Of a gang that missed `start_by`, whether all vouchers were assigned: 0 not known yet, 1 no, 2 yes.
    pub sealed: u8,
    /// Work was accepted.
    pub accepted: PodBool,
    /// The worst outcome of an assignment plus one, or 0. Outcomes: `hmm_job::Outcome`.
    pub worst: u8,
    /// Why it closed: an outcome plus one, or 0 while it is not closed.
    pub closed: u8,
    /// Assignments made.
    pub assigned: u8,
    /// Assignments by phase (`hmm_job::Phase`).
    pub counts: [u8; 10],
    /// Longest latency that the client accepts, milliseconds.
    pub max_latency_ms: u32,
    /// Least quality of a worker, parts per million.
    pub min_quality: u32,
    /// γ at the opening, parts per million.
    pub gamma: u32,
    /// Number of the next event.
    pub sequence: u32,
    /// Accounts of its assignments that have not been closed; the job's own is closed after them.
    pub open_assignments: u8,
    pub _reserved: [u8; 7],
    pub id: u64,
    /// Credits in escrow that are free for the job.
    pub credits: u64,
    /// Credits in escrow for others or set aside: fees, bonds of challengers, claims.
    pub set_aside: u64,
    /// Credits in escrow that the client of a closed job may take out.
    pub client_claim: u64,
    /// End of filling and assigning, unix time.
    pub assign_by: i64,
    /// End of starting.
    pub start_by: i64,
    /// End of submitting.
    pub submit_by: i64,
    pub terms: JobTerms,
    pub lines: [Line; 8],
    pub market: Address,
    /// The client's account.
    pub client: Address,
    /// The client.
    pub owner: Address,
    /// Who besides the client may fill and assign; zero if nobody.
    pub router: Address,
    pub escrow: Address,
    /// Who paid the rent, and gets it back.
    pub rent_payer: Address,
    pub model_root: [u8; 32],
    pub input_root: [u8; 32],
    /// Regions the client accepts; any if there is none.
    pub regions: [[u8; 16]; 4],
}

/// One kind of resource of a job.
#[repr(C)]
#[derive(Clone, Copy, Default, Pod, Zeroable, IdlType)]
pub struct Line {
    pub pool: Address,
    /// The resource's index in the pool.
    pub resource: u8,
    pub _reserved: [u8; 7],
    /// Units that the job needs, raw.
    pub wanted: u64,
    /// The most that is paid, fees included, raw credits for a whole unit.
    pub max_price: u64,
    /// Units that came in so far, bought or from the wallet; at most `wanted`.
    pub filled: u64,
    /// Vouchers that are not assigned.
    pub lot: Lot,
    /// Vouchers that the client of a closed job may take out.
    pub claim: u64,
}

/// A `hmm_job::Lot`, as it is stored.
#[repr(C)]
#[derive(Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable, IdlType)]
pub struct Lot {
    /// Units bought with the job's credits.
    pub bought: u64,
    /// Units from the client's wallet.
    pub wallet: u64,
    /// Credits paid for `bought`, fees included.
    pub paid: u64,
    /// Fees burned by those purchases.
    pub burned: u64,
}

impl Lot {
    /// All units. Errors: `Overflow`.
    pub fn units(&self) -> Result<u64> {
        super::add(self.bought, self.wallet)
    }
}

impl From<Lot> for hmm_job::Lot {
    #[inline(always)]
    fn from(lot: Lot) -> Self {
        Self { bought: lot.bought, wallet: lot.wallet, paid: lot.paid, burned: lot.burned }
    }
}

impl From<hmm_job::Lot> for Lot {
    #[inline(always)]
    fn from(lot: hmm_job::Lot) -> Self {
        Self { bought: lot.bought, wallet: lot.wallet, paid: lot.paid, burned: lot.burned }
    }
}

/// The machine of the program: a job has at most eight lines.
pub type JobMachine = hmm_job::Job<MAX_LINES>;

impl Job {
    /// The job in the terms of the machine.
    pub fn machine(&self) -> JobMachine {
        let mut lots = [hmm_job::Lot::default(); MAX_LINES];
        for (lot, line) in lots.iter_mut().zip(self.lines()) {
            *lot = line.lot.into();
        }
        JobMachine {
            terms: self.terms.of_job(self.gamma, self.gang.into(), self.assign_by, self.start_by, self.submit_by),
            credits: self.credits,
            lots,
            assigned: self.assigned,
            launched: self.launched.into(),
            sealed: self.sealed.checked_sub(1).map(|sealed| sealed != 0),
            accepted: self.accepted.into(),
            worst: Outcome::load(self.worst),
            closed: Outcome::load(self.closed),
            counts: self.counts,
        }
    }

    /// Writes back what an event changed.
    pub fn store(&mut self, machine: &JobMachine) {
        self.credits = machine.credits;
        for (line, lot) in self.lines.iter_mut().take(self.line_count.into()).zip(&machine.lots) {
            line.lot = (*lot).into();
        }
        self.assigned = machine.assigned;
        self.launched = machine.launched.into();
        self.sealed = machine.sealed.map_or(0, |sealed| if sealed { 2 } else { 1 });
        self.accepted = machine.accepted.into();
        self.worst = Outcome::store(machine.worst);
        self.closed = Outcome::store(machine.closed);
        self.counts = machine.counts;
    }

    /// The lines in use.
    pub fn lines(&self) -> &[Line] {
        self.lines.get(..usize::from(self.line_count)).unwrap_or_default()
    }

    /// The index of the line of a pool's resource. Errors: `UnknownLine` about `place`.
    pub fn line_of(&self, place: u8, pool: &Address, resource: u8) -> Result<usize> {
        let is_it = |line: &Line| line.resource == resource && anchor_lang::address_eq(&line.pool, pool);
        let index = self.lines().iter().position(is_it);
        index.ok_or_else(|| HmmError::UnknownLine.about(place, self.line_count.into(), resource.into()).into())
    }

    /// Counts units that come into a line. Errors `LineFull` if they are more than the job needs.
    pub fn take_in(&mut self, index: usize, place: u8, units: u64) -> Result<()> {
        let Some(line) = self.lines.get_mut(index) else { return Ok(()) };
        line.filled = super::add(line.filled, units)?;
        if line.filled > line.wanted {
            return Err(HmmError::LineFull.about(place, line.wanted, line.filled).into());
        }
        Ok(())
    }

    /// Errors `PriceAboveLine` about `place` (expected: the most for so many units; found: what was paid).
    pub fn require_price(&self, index: usize, place: u8, units: u64, paid: u64) -> Result<()> {
        let Some(line) = self.lines.get(index) else { return Ok(()) };
        let most = hmm_job::most_paid_floor(units, line.max_price, VOUCHER_DECIMALS);
        if paid > most {
            return Err(HmmError::PriceAboveLine.about(place, most, paid).into());
        }
        Ok(())
    }

    /// Errors unless the pool offers what the client asked for: `WrongAccount` for a pool of another market; `PoolUnfit` about
    /// [`UNFIT_LATENCY`], [`UNFIT_PRIVACY`] or [`UNFIT_REGION`].
    pub fn require_pool(&self, pool: &Pool) -> Result<()> {
        if !anchor_lang::address_eq(&self.market, &pool.market) {
            return Err(HmmError::WrongAccount.refuse_account(SUBJECT_CALL, &self.market, &pool.market));
        }
        if pool.max_latency_ms > self.max_latency_ms {
            return Err(HmmError::PoolUnfit.about(UNFIT_LATENCY, self.max_latency_ms.into(), pool.max_latency_ms.into()).into());
        }
        if pool.privacy_tier < self.privacy_tier {
            return Err(HmmError::PoolUnfit.about(UNFIT_PRIVACY, self.privacy_tier.into(), pool.privacy_tier.into()).into());
        }
        let regions = self.regions.get(..usize::from(self.region_count)).unwrap_or_default();
        if !regions.is_empty() && !regions.contains(&pool.region) {
            return Err(HmmError::PoolUnfit.about(UNFIT_REGION, self.region_count.into(), 0).into());
        }
        Ok(())
    }

    /// Errors `PoolUnfit` about [`UNFIT_SERIES`] if the pool's resource ends before the job does.
    pub fn require_series(&self, pool: &Pool, resource: u8) -> Result<()> {
        let end = pool.delivery_end.get(usize::from(resource)).copied().unwrap_or_default();
        if end != 0 && end < self.submit_by {
            return Err(HmmError::PoolUnfit.about(UNFIT_SERIES, self.submit_by.unsigned_abs(), end.unsigned_abs()).into());
        }
        Ok(())
    }

    /// The number of the event about to be emitted.
    pub fn next_sequence(&mut self) -> u32 {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        sequence
    }

    /// Nothing is left in it for anybody: it may be closed.
    pub fn is_spent(&self) -> bool {
        let empty = self.credits == 0 && self.set_aside == 0 && self.client_claim == 0 && self.open_assignments == 0;
        self.closed != 0 && empty && self.lines().iter().all(|line| line.claim == 0)
    }

    /// What `who` may do as the job's client or its router.
    pub fn actor(&self, who: &Address) -> hmm_job::Actor {
        if anchor_lang::address_eq(who, &self.owner) {
            hmm_job::Actor::Client
        } else if anchor_lang::address_eq(who, &self.router) {
            hmm_job::Actor::Router
        } else {
            hmm_job::Actor::Anyone
        }
    }
}

const _: () = assert!(Phase::COUNT == 10);
