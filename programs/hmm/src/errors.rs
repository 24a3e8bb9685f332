//! Every way in which the program says no.
//!
//! A refusal is a code of [`HmmError`] plus what was expected and what was found. Just before an instruction fails, the
//! refusal is logged as an event ([`Refused`] for numbers, [`RefusedAccount`] for addresses), so a client sees both in the
//! logs of a simulation, a preflight or a failed transaction. `quote` hands the same refusal back as data instead.
//! Source: protocol.md, *Trading* ("an error is a code in the IDL").

use anchor_lang::prelude::*;
use hmm_math::{Reason, Refusal};

/// Codes start at 6000, in this order; an order that only ever grows at the end.
#[error_code]
pub enum HmmError {
    #[msg("The amount is zero, or so small that nothing would move")]
    ZeroAmount,
    #[msg("A weight must be at least 1 and at most 1,000,000")]
    WeightOutOfRange,
    #[msg("The curvature must be smaller than every weight")]
    CurvatureOutOfRange,
    #[msg("A scale must be at least 1")]
    ScaleOutOfRange,
    #[msg("A result does not fit its integer type")]
    Overflow,
    #[msg("The curve has no state on the far side of this trade")]
    CurveDrained,
    #[msg("The trade would take the resource reserve below its floor")]
    BelowMinPsi,
    #[msg("The trade would take the credit reserve below its floor")]
    BelowMinTheta,
    #[msg("The fee rate would exceed the market's maximum")]
    FeeAboveMax,
    #[msg("The invariant would decrease")]
    InvariantDecreased,
    #[msg("The marginal price does not fit Q64.64")]
    PriceOverflow,
    #[msg("A fee parameter is out of its range")]
    FeeOutOfRange,
    #[msg("The risk window must be at least one slot")]
    WindowOutOfRange,
    #[msg("Too few shares: the first deposit must be worth more than the locked minimum")]
    TooFewShares,
    #[msg("A leg's limit was crossed")]
    LegLimitCrossed,
    /// Expected: the most to pay, or the least to receive. Found: the payment, or the receipt (0 for a payment).
    #[msg("The limit on the net payment was crossed")]
    NetLimitCrossed,
    #[msg("The deadline has passed")]
    DeadlinePassed,
    #[msg("A trade needs between one and eight legs")]
    LegCount,
    #[msg("Two legs name the same resource")]
    DuplicateResource,
    #[msg("The pool has no such resource")]
    UnknownResource,
    #[msg("The pool is not in the state this instruction needs")]
    PoolStatus,
    #[msg("The pool already holds its eight resources")]
    PoolFull,
    #[msg("The market is paused")]
    Paused,
    #[msg("The market has used up its pauses for today")]
    PauseQuota,
    #[msg("The signer may not do this")]
    Unauthorized,
    #[msg("An account is not the one this instruction expects")]
    WrongAccount,
    #[msg("The credit mint belongs to neither token program")]
    CreditMintProgram,
    #[msg("The credit mint has a freeze authority")]
    CreditMintFreezable,
    #[msg("The credit mint has an extension that is not on the allow-list")]
    CreditMintExtension,
    #[msg("The shares are outside the caller's limits")]
    SharesOutsideLimits,
    #[msg("An amount is outside the caller's limit")]
    AmountOutsideLimits,
    #[msg("The list of amounts must have one entry for each resource")]
    AmountCount,
    #[msg("The list of remaining accounts has the wrong length")]
    AccountCount,
    #[msg("There is nothing to collect")]
    NothingToCollect,
    #[msg("Vouchers of this pool are outstanding")]
    VouchersOutstanding,
    #[msg("More vouchers would exist than were issued")]
    Unbacked,
    #[msg("A name must be 1 to 16 bytes of printable ASCII, padded with zeros")]
    BadName,
    #[msg("No such kind of leg")]
    UnknownLegKind,
    #[msg("The trade moves the reserve more than its fee was charged for")]
    MoveAboveBound,
    #[msg("Wrapped SOL cannot be credits: it cannot be burned")]
    CreditMintNative,
    #[msg("A term of the market is out of its range")]
    TermsOutOfRange,
    #[msg("The signer may not send this event of the job")]
    JobActor,
    #[msg("The job or assignment is not in a phase that knows this event")]
    JobPhase,
    #[msg("The window of this event has not begun")]
    JobEarly,
    #[msg("The window of this event is over")]
    JobLate,
    #[msg("An amount of the job is zero or outside its range")]
    JobAmount,
    #[msg("The job's credits do not cover it")]
    JobBudget,
    #[msg("The job holds fewer vouchers")]
    JobVouchers,
    #[msg("The worker's bond does not cover it")]
    WorkerBond,
    #[msg("All places are taken")]
    JobFull,
    #[msg("The gang is not sealed, not complete, or already launched")]
    JobGang,
    #[msg("Assignments are still live")]
    JobLive,
    #[msg("The terms contradict each other")]
    JobTermsContradict,
    #[msg("The token account does not belong to whom it is paid to")]
    NotPayee,
    #[msg("The worker owes fewer vouchers")]
    MoreThanOutstanding,
    #[msg("What the worker has does not stand for what it owes")]
    MarginCrossed,
    #[msg("The worker's attested capacity does not deliver that much in time")]
    AboveCapacity,
    #[msg("The worker has no enclave key that is valid now")]
    KeyLapsed,
    #[msg("The series closes: nothing more is supplied to it")]
    SeriesClosing,
    #[msg("The worker is banned")]
    WorkerBanned,
    #[msg("The bond's delay is not over")]
    BondLocked,
    #[msg("There is nothing to take out")]
    NothingToClaim,
    #[msg("There is no cause to liquidate the worker")]
    WorkerSound,
    #[msg("No notice of a liquidation has run out, or it has lapsed")]
    NoNotice,
    #[msg("All places of the verifier set are taken")]
    VerifierSetFull,
    #[msg("The verifier at this place is another one")]
    NotVerifier,
    #[msg("The stake would be less than the least stake, or less than what is asked back")]
    StakeTooSmall,
    #[msg("The last change of this stake is too recent for another one")]
    StakeChanging,
    /// Expected: the seconds of history that make marks. Found: the seconds there are.
    #[msg("The resource has no mark: too little history in a deep pool, and no bootstrap mark")]
    NoMark,
    /// Expected: the last observation. Found: the last one that found the pool deep.
    #[msg("The pool is too shallow for anybody to be punished by its marks")]
    PoolShallow,
    /// Expected: fewer seconds of history. Found: the seconds there are.
    #[msg("The resource has marks of its own and takes no bootstrap mark")]
    MarkMature,
    #[msg("A bootstrap mark was set within the last day")]
    BootstrapEarly,
    /// Expected: the bound. Found: the price. Both as Q32.32.
    #[msg("A bootstrap mark moves by a factor of two at most")]
    BootstrapStep,
    #[msg("The verifier has no stake in effect")]
    NoVotingPower,
    #[msg("The verifier has voted for this root")]
    RootVoted,
    #[msg("The proposal is not for the next root")]
    RootOutdated,
    #[msg("The time to vote for this root is over")]
    RootVoteOver,
    #[msg("The root can still be voted for")]
    RootVoteOpen,
    #[msg("Less than two thirds of the stake in effect voted for the root")]
    RootQuorum,
    #[msg("The measurement is revoked")]
    MeasurementRevoked,
    #[msg("The enclave key expires too late")]
    KeyExpiryTooLate,
    #[msg("The enclave key attests no capacity")]
    KeyWithoutCapacity,
    #[msg("The enclave key is still valid")]
    KeyLive,
    #[msg("The Merkle tree is deeper than it may be")]
    MerkleDepth,
    #[msg("The Merkle tree has no such leaf")]
    MerkleLeaf,
    #[msg("The Merkle proof is not as long as the tree is deep")]
    MerkleProofLength,
    /// Expected: 32. Found: bytes of the root that agree.
    #[msg("The Merkle proof leads to another root")]
    MerkleRoot,
    #[msg("The instruction before this one is not of the ed25519 program")]
    Ed25519Program,
    /// The subject says which part: the number of the reason in `hmm_attest`.
    #[msg("The ed25519 instruction does not have its one layout")]
    Ed25519Layout,
    /// Expected: 32. Found: bytes of the key that agree.
    #[msg("Another key signed")]
    Ed25519Key,
    /// Expected: 32. Found: bytes of the digest that agree.
    #[msg("Something else was signed")]
    Ed25519Message,
    #[msg("The trace has no such link")]
    TraceLink,
    #[msg("The trace is right at this link")]
    TraceHonest,
    /// Expected: its end, unix time, or 0 if it was stopped already. Found: now.
    #[msg("The series is over")]
    SeriesOver,
    /// Expected: its end, unix time (0 for a perpetual resource), or no units owed. Found: now, or the units.
    #[msg("The series is not over yet")]
    SeriesRuns,
    #[msg("A job names between one and eight kinds of resources")]
    LineCount,
    #[msg("Two lines of the job name the same resource")]
    DuplicateLine,
    #[msg("Part of the job's description is out of its range")]
    JobSpecOutOfRange,
    #[msg("The job would last longer than the market allows")]
    JobTooLong,
    #[msg("The job asks for no such resource")]
    UnknownLine,
    #[msg("The job needs no more of this resource")]
    LineFull,
    #[msg("A unit costs more than the job allows")]
    PriceAboveLine,
    #[msg("A job only buys")]
    JobOnlyBuys,
    #[msg("The pool does not offer what the job asks for")]
    PoolUnfit,
    #[msg("The worker's quality is below what the job asks for")]
    QualityTooLow,
    #[msg("The seat is another verifier's")]
    NotSeated,
    #[msg("The seat has committed to its vote")]
    AlreadyCommitted,
    #[msg("The seat has no commitment that waits for its vote")]
    NotCommitted,
    /// Expected: 32. Found: bytes of the digest that agree.
    #[msg("The vote is not the one that was committed to")]
    OtherVote,
    #[msg("The votes of this round are counted")]
    RoundCounted,
    /// Expected: after this slot. Found: the slot.
    #[msg("The slot whose hash draws has not passed")]
    DrawEarly,
    /// Expected: not before this slot. Found: the newest slot with a hash.
    #[msg("There is no hash yet that draws")]
    NoSlotHash,
    /// Expected: 1. Found: the job's proof level.
    #[msg("The job's steps are not of the kind that the program can re-execute")]
    NotRecomputable,
}

/// What `expected` and `found` are about: a leg or resource by its number, or the call as a whole.
pub const SUBJECT_CALL: u8 = u8::MAX;

/// A numeric refusal, before it becomes an error or, in `quote`, data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct RefusalData {
    /// The error code, 6000 and up.
    pub code: u32,
    /// The leg or resource it is about, 255 for the call as a whole.
    pub subject: u8,
    /// What was expected; a bound, an amount, a rate: what, the code's message says.
    pub expected: u64,
    /// What was found instead.
    pub found: u64,
}

/// Logged before a numeric refusal.
#[event]
pub struct Refused {
    pub refusal: RefusalData,
}

/// Logged before an account is refused.
#[event]
pub struct RefusedAccount {
    pub code: u32,
    /// The place of the account in the instruction's list, as far as the program knows it, or the leg.
    pub subject: u8,
    pub expected: Address,
    pub found: Address,
}

impl HmmError {
    /// The number that reaches the client.
    pub const fn code(self) -> u32 {
        match (self as u32).checked_add(6000) {
            Some(code) => code,
            None => u32::MAX,
        }
    }

    /// A refusal of this kind.
    pub const fn about(self, subject: u8, expected: u64, found: u64) -> RefusalData {
        RefusalData { code: self.code(), subject, expected, found }
    }

    /// Logs what was expected and found, and gives the error to return.
    #[cold]
    #[inline(never)]
    pub fn refuse(self, expected: u64, found: u64) -> Error {
        self.about(SUBJECT_CALL, expected, found).into()
    }

    /// The same for an address.
    #[cold]
    #[inline(never)]
    pub fn refuse_account(self, subject: u8, expected: &Address, found: &Address) -> Error {
        // The linker keeps only what is reached: this cold path is where the program holds on to its security.txt.
        core::hint::black_box(crate::security::SECURITY_TXT);
        emit!(RefusedAccount { code: self.code(), subject, expected: *expected, found: *found });
        Error::Custom(self.code())
    }
}

impl From<RefusalData> for Error {
    #[cold]
    #[inline(never)]
    fn from(refusal: RefusalData) -> Self {
        emit!(Refused { refusal });
        Error::Custom(refusal.code)
    }
}

/// A refusal of the mathematics, in the program's terms.
#[cold]
pub fn from_math(subject: u8, refusal: Refusal) -> RefusalData {
    let error = match refusal.reason {
        Reason::ZeroAmount => HmmError::ZeroAmount,
        Reason::BadWeight => HmmError::WeightOutOfRange,
        Reason::BadCurvature => HmmError::CurvatureOutOfRange,
        Reason::BadScale => HmmError::ScaleOutOfRange,
        Reason::Overflow => HmmError::Overflow,
        Reason::Drained => HmmError::CurveDrained,
        Reason::BelowMinPsi => HmmError::BelowMinPsi,
        Reason::BelowMinTheta => HmmError::BelowMinTheta,
        Reason::FeeAboveMax => HmmError::FeeAboveMax,
        Reason::InvariantDecreased => HmmError::InvariantDecreased,
        Reason::PriceOverflow => HmmError::PriceOverflow,
        Reason::BadFee => HmmError::FeeOutOfRange,
        Reason::BadWindow => HmmError::WindowOutOfRange,
        Reason::TooFewShares => HmmError::TooFewShares,
        Reason::SharesAboveSupply => HmmError::SharesOutsideLimits,
        Reason::BadKind => HmmError::UnknownLegKind,
        Reason::MoveAboveBound => HmmError::MoveAboveBound,
    };
    error.about(subject, refusal.expected, refusal.found)
}

/// `r.or_refuse(leg)?`: a refusal of the mathematics becomes the program's error.
pub trait OrRefuse<T> {
    fn or_refuse(self, subject: u8) -> Result<T>;
}

/// The same for a refusal of the machine of jobs.
pub trait OrRefuseJob<T> {
    fn or_refuse(self) -> Result<T>;
}

impl<T> OrRefuseJob<T> for hmm_job::Result<T> {
    #[inline(always)]
    fn or_refuse(self) -> Result<T> {
        self.map_err(from_job)
    }
}

/// A refusal of the machine of jobs, in the program's terms.
#[cold]
#[inline(never)]
pub fn from_job(refusal: hmm_job::Refusal) -> Error {
    use hmm_job::Reason;
    let error = match refusal.reason {
        Reason::Actor => HmmError::JobActor,
        Reason::Phase => HmmError::JobPhase,
        Reason::Early => HmmError::JobEarly,
        Reason::Late => HmmError::JobLate,
        Reason::Amount => HmmError::JobAmount,
        Reason::Budget => HmmError::JobBudget,
        Reason::Vouchers => HmmError::JobVouchers,
        Reason::Bond => HmmError::WorkerBond,
        Reason::Full => HmmError::JobFull,
        Reason::Gang => HmmError::JobGang,
        Reason::Live => HmmError::JobLive,
        Reason::Terms => HmmError::JobTermsContradict,
        Reason::Overflow => HmmError::Overflow,
    };
    error.refuse(refusal.expected, refusal.found)
}

/// The same for a refusal of what was signed or proven.
pub trait OrRefuseProof<T> {
    fn or_refuse(self) -> Result<T>;
}

impl<T> OrRefuseProof<T> for hmm_attest::Result<T> {
    #[inline(always)]
    fn or_refuse(self) -> Result<T> {
        self.map_err(from_attest)
    }
}

/// A refusal of what was signed or proven, in the program's terms.
#[cold]
#[inline(never)]
pub fn from_attest(refusal: hmm_attest::Refusal) -> Error {
    use hmm_attest::Reason;
    let (error, subject) = match refusal.reason {
        Reason::Program => (HmmError::Ed25519Program, SUBJECT_CALL),
        Reason::Key => (HmmError::Ed25519Key, SUBJECT_CALL),
        Reason::Message => (HmmError::Ed25519Message, SUBJECT_CALL),
        Reason::Depth => (HmmError::MerkleDepth, SUBJECT_CALL),
        Reason::LeafIndex => (HmmError::MerkleLeaf, SUBJECT_CALL),
        Reason::ProofLength => (HmmError::MerkleProofLength, SUBJECT_CALL),
        Reason::Root => (HmmError::MerkleRoot, SUBJECT_CALL),
        Reason::Link => (HmmError::TraceLink, SUBJECT_CALL),
        Reason::Honest => (HmmError::TraceHonest, SUBJECT_CALL),
        layout => (HmmError::Ed25519Layout, layout as u8),
    };
    error.about(subject, refusal.expected, refusal.found).into()
}

impl<T> OrRefuse<T> for hmm_math::Result<T> {
    #[inline(always)]
    fn or_refuse(self, subject: u8) -> Result<T> {
        self.map_err(|refusal| from_math(subject, refusal).into())
    }
}
