//! Seeds and limits. Every PDA of the program is derived from what stands here.

use anchor_lang::prelude::*;

/// `["market", authority, credit_mint]`: a market belongs to the authority that signed for it, so nobody can take the address of another's.
#[constant]
pub const MARKET_SEED: &[u8] = b"market";
/// `["pool", market, id: u64 LE]`; ids are counted up by the market and never return.
#[constant]
pub const POOL_SEED: &[u8] = b"pool";
/// `["vault", pool]`: the pool's one credit account.
#[constant]
pub const VAULT_SEED: &[u8] = b"vault";
/// `["lp", pool]`: the mint of the pool's shares.
#[constant]
pub const LP_SEED: &[u8] = b"lp";
/// `["observations", pool]`.
#[constant]
pub const OBSERVATIONS_SEED: &[u8] = b"observations";
/// `["voucher", pool, index: u8]`: the mint of one resource.
#[constant]
pub const VOUCHER_SEED: &[u8] = b"voucher";
/// `["worker", pool, owner]`.
#[constant]
pub const WORKER_SEED: &[u8] = b"worker";
/// `["bond", worker]`: the worker's one credit account.
#[constant]
pub const BOND_SEED: &[u8] = b"bond";
/// `["client", market, owner]`: counts a client's jobs.
#[constant]
pub const CLIENT_SEED: &[u8] = b"client";
/// `["job", client account, id: u64 LE]`; ids are counted up by the client's account and never return.
#[constant]
pub const JOB_SEED: &[u8] = b"job";
/// `["escrow", job]`: the job's one credit account.
#[constant]
pub const ESCROW_SEED: &[u8] = b"escrow";
/// `["assignment", job, index: u8]`; an index is used once.
#[constant]
pub const ASSIGNMENT_SEED: &[u8] = b"assignment";
/// `["verifiers", market]`.
#[constant]
pub const VERIFIERS_SEED: &[u8] = b"verifiers";
/// `["stake", verifier set]`: the set's one credit account.
#[constant]
pub const STAKE_SEED: &[u8] = b"stake";
/// `["registry", market]`.
#[constant]
pub const REGISTRY_SEED: &[u8] = b"registry";
/// `["root", registry, number: u64 LE, depth: u8, root]`: a proposal.
#[constant]
pub const ROOT_SEED: &[u8] = b"root";
/// `["measurement", market, measurement]`.
#[constant]
pub const MEASUREMENT_SEED: &[u8] = b"measurement";
/// `["key", worker, key]`.
#[constant]
pub const KEY_SEED: &[u8] = b"key";
/// `["round", assignment, number: u8]`; a number is used once.
#[constant]
pub const ROUND_SEED: &[u8] = b"round";
/// `["bonus", market]`: the credits from which bonuses are paid.
#[constant]
pub const BONUS_SEED: &[u8] = b"bonus";
/// `["__event_authority"]`: signs the self-CPI that carries an event (the framework's own convention).
pub const EVENT_AUTHORITY_SEED: &[u8] = b"__event_authority";

/// Most resources a pool can hold. Eight legs with their token accounts fill one legacy transaction.
pub const MAX_RESOURCES: usize = 8;
/// Decimals of every voucher: one whole voucher is one quality-adjusted unit-hour.
pub const VOUCHER_DECIMALS: u8 = 6;
/// Quality below which nobody is given a job, parts per million.
pub const LEAST_QUALITY: u32 = 300_000;
/// Longest a single pause lasts, in seconds.
pub const PAUSE_SECONDS: i64 = 30 * 60;
/// Pauses that may begin within one day (unix time / 86,400).
pub const PAUSES_PER_DAY: u32 = 3;
/// Least time between two bootstrap marks of one resource, in seconds.
pub const BOOTSTRAP_SECONDS: i64 = 86_400;
/// Seconds of a day, for counting pauses.
pub const DAY_SECONDS: i64 = 86_400;
/// How long a root of the registry can be voted for, in seconds.
pub const ROOT_VOTE_SECONDS: i64 = DAY_SECONDS;
/// The furthest expiry of an enclave key that is registered, in seconds from now.
pub const MAX_KEY_SECONDS: i64 = 366 * DAY_SECONDS;
/// How long a worker's key may be lapsed before what it owes is liquidated, in seconds.
pub const LAPSED_SECONDS: i64 = DAY_SECONDS;
/// How long a notice of a liquidation can be acted on, in seconds; then the worker is to be given notice again.
pub const NOTICE_SECONDS: i64 = DAY_SECONDS;
/// What stands for the LP mint where a resource's number is asked for.
pub const LP_SUBJECT: u8 = u8::MAX;
/// The token metadata program.
pub const METADATA_PROGRAM: Address = Address::from_str_const("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");
