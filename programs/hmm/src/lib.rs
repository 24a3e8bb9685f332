//! HMM, the Hamiltonian Market Maker: a market that prices AI compute with a conserved invariant.
//!
//! Clients buy GPU, memory, CPU, network and disk capacity as one bundle; workers sell it; liquidity providers stand between
//! them. A pool holds, for each resource, units Ψ and credits Θ, and keeps `2H = 2w·xy + λ(x² + y²)` of the scaled reserves: a
//! buy moves credits in and units out along that curve, a sell the other way, and a trade of several resources is atomic. Units
//! are numbers in the pool and vouchers in a wallet.
//!
//! Instructions check, call, and account; every sum they move comes from the `hmm_math` crate, which clients share. An
//! instruction is a file in `instructions/`; what is stored is in `state/`; `legs` is what `quote` and `swap` have in common.
#![cfg_attr(not(any(test, feature = "idl-build")), no_std)]

extern crate alloc;

mod bench;
pub mod books;
pub mod constants;
pub mod errors;
pub mod events;
pub mod expect;
pub mod instructions;
pub mod legs;
pub mod marks;
pub mod metadata;
pub mod payout;
mod security;
pub mod state;
pub mod sysvars;
pub mod token;
pub mod token_calls;

use alloc::vec::Vec;

use anchor_lang::prelude::*;
use events::Amounts;
use instructions::{
    job,
    market::{self, initialize_market::MarketConfig},
    pool::{self, create_pool::PoolConfig, quote::Quote},
    round::{self, submit_attestation::Report},
    series, verifier, worker,
};
use legs::Leg;
use state::{JobSpec, JobTerms, ResourceConfig, SupplyTerms, VerifierTerms};

declare_id!("HMMeokuLa8JaWw43cba9FJPdgPQ3AgTjDwN7fvHXopgQ");

// Dispatch compares discriminators in this order: what is called most stands first.
#[program]
pub mod hmm {
    use super::*;

    /// Trades legs atomically.
    pub fn swap(ctx: &mut Context<pool::swap::Swap>, legs: Vec<Leg>, net_limit: i64, deadline: i64) -> Result<()> {
        pool::swap::handler(ctx, legs, net_limit, deadline)
    }

    /// What `swap` would do now, as return data.
    pub fn quote(ctx: &mut Context<pool::quote::QuoteAccounts>, legs: Vec<Leg>) -> Result<Quote> {
        pool::quote::handler(ctx, legs)
    }

    /// Deposits in proportion to the reserves, for shares.
    pub fn add_liquidity(
        ctx: &mut Context<pool::add_liquidity::AddLiquidity>,
        most: Vec<Amounts>,
        min_shares: u64,
        max_shares: u64,
        deadline: i64,
    ) -> Result<()> {
        pool::add_liquidity::handler(ctx, most, min_shares, max_shares, deadline)
    }

    /// Burns shares for their part of every reserve.
    pub fn remove_liquidity(
        ctx: &mut Context<pool::remove_liquidity::RemoveLiquidity>,
        shares: u64,
        least: Vec<Amounts>,
        deadline: i64,
    ) -> Result<()> {
        pool::remove_liquidity::handler(ctx, shares, least, deadline)
    }

    /// Buys what a job needs of one pool, with the job's credits.
    pub fn fill(ctx: &mut Context<job::fill::Fill>, legs: Vec<Leg>) -> Result<()> {
        job::fill::handler(ctx, legs)
    }

    /// Names a worker for units of a job.
    pub fn assign(ctx: &mut Context<job::assign::Assign>, units: Vec<u64>) -> Result<()> {
        job::assign::handler(ctx, units)
    }

    /// Starts an assignment: its vouchers end, the worker's pay is fixed.
    pub fn start(ctx: &mut Context<job::start::Start>) -> Result<()> {
        job::start::handler(ctx)
    }

    /// Opens a job with credits in an escrow of its own.
    pub fn open_job(ctx: &mut Context<job::open_job::OpenJob>, spec: JobSpec, budget: u64) -> Result<()> {
        job::open_job::handler(ctx, &spec, budget)
    }

    /// Creates the account that counts a client's jobs.
    pub fn register_client(ctx: &mut Context<job::register_client::RegisterClient>) -> Result<()> {
        job::register_client::handler(ctx)
    }

    /// Adds credits to a job.
    pub fn top_up(ctx: &mut Context<job::top_up::TopUp>, amount: u64) -> Result<()> {
        job::top_up::handler(ctx, amount)
    }

    /// Brings vouchers from the client's wallet into its job.
    pub fn deposit_vouchers(ctx: &mut Context<job::deposit_vouchers::DepositVouchers>, resource: u8, units: u64) -> Result<()> {
        job::deposit_vouchers::handler(ctx, resource, units)
    }

    /// Ends a reservation: the worker declines, or client or router release it.
    pub fn unassign(ctx: &mut Context<job::unassign::Unassign>) -> Result<()> {
        job::unassign::handler(ctx)
    }

    /// Ends an assignment that missed its time.
    pub fn expire(ctx: &mut Context<job::expire::Expire>) -> Result<()> {
        job::expire::handler(ctx)
    }

    /// Ends a job without live assignments.
    pub fn close_job(ctx: &mut Context<job::close_job::CloseJob>) -> Result<()> {
        job::close_job::handler(ctx)
    }

    /// Pays a closed job out to its client.
    pub fn claim_job(ctx: &mut Context<job::claim_job::ClaimJob>) -> Result<()> {
        job::claim_job::handler(ctx)
    }

    /// Creates a market for one credit mint.
    pub fn initialize_market(ctx: &mut Context<market::initialize_market::InitializeMarket>, config: MarketConfig) -> Result<()> {
        market::initialize_market::handler(ctx, config)
    }

    /// Sets f_m, parts per million.
    pub fn set_market_fee(ctx: &mut Context<market::SetParameter>, market_fee: u32) -> Result<()> {
        market::set_market_fee::handler(ctx, market_fee)
    }

    /// Sets λ_r, parts per million.
    pub fn set_risk_fee(ctx: &mut Context<market::SetParameter>, risk_fee: u32) -> Result<()> {
        market::set_risk_fee::handler(ctx, risk_fee)
    }

    /// Sets the highest fee rate, parts per million.
    pub fn set_max_fee(ctx: &mut Context<market::SetParameter>, max_fee: u32) -> Result<()> {
        market::set_max_fee::handler(ctx, max_fee)
    }

    /// Sets ζ, parts per million.
    pub fn set_burn_share(ctx: &mut Context<market::SetParameter>, burn_share: u32) -> Result<()> {
        market::set_burn_share::handler(ctx, burn_share)
    }

    /// Sets the LPs' share of the market fee, parts per million.
    pub fn set_lp_share(ctx: &mut Context<market::SetParameter>, lp_share: u32) -> Result<()> {
        market::set_lp_share::handler(ctx, lp_share)
    }

    /// Sets the risk window, slots.
    pub fn set_risk_window(ctx: &mut Context<market::SetParameter>, risk_window: u32) -> Result<()> {
        market::set_risk_window::handler(ctx, risk_window)
    }

    /// Sets what is asked of workers.
    pub fn set_supply_terms(ctx: &mut Context<market::SetParameter>, terms: SupplyTerms) -> Result<()> {
        market::set_supply_terms::handler(ctx, terms)
    }

    /// Sets what jobs run under.
    pub fn set_job_terms(ctx: &mut Context<market::SetParameter>, terms: JobTerms) -> Result<()> {
        market::set_job_terms::handler(ctx, terms)
    }

    /// Sets what is asked of verifiers.
    pub fn set_verifier_terms(ctx: &mut Context<market::SetParameter>, terms: VerifierTerms) -> Result<()> {
        market::set_verifier_terms::handler(ctx, terms)
    }

    /// Says whether token calls are made as one batch; refused by a token program that takes none.
    pub fn set_batch_token_calls(ctx: &mut Context<market::set_batch_token_calls::SetBatchTokenCalls>, batched: bool) -> Result<()> {
        market::set_batch_token_calls::handler(ctx, batched)
    }

    /// Sets the treasury's token account.
    pub fn set_treasury(ctx: &mut Context<market::set_treasury::SetTreasury>) -> Result<()> {
        market::set_treasury::handler(ctx)
    }

    /// Sets the guardian.
    pub fn set_guardian(ctx: &mut Context<market::SetParameter>, guardian: Address) -> Result<()> {
        market::set_guardian::handler(ctx, guardian)
    }

    /// Proposes a new authority.
    pub fn propose_authority(ctx: &mut Context<market::SetParameter>, authority: Address) -> Result<()> {
        market::propose_authority::handler(ctx, authority)
    }

    /// Accepts the authority, as the proposed one.
    pub fn accept_authority(ctx: &mut Context<market::accept_authority::AcceptAuthority>) -> Result<()> {
        market::accept_authority::handler(ctx)
    }

    /// Halts trading and deposits for half an hour.
    pub fn pause(ctx: &mut Context<market::pause::Pause>) -> Result<()> {
        market::pause::handler(ctx)
    }

    /// Ends a pause.
    pub fn unpause(ctx: &mut Context<market::pause::Pause>) -> Result<()> {
        market::unpause::handler(ctx)
    }

    /// Creates an empty pool.
    pub fn create_pool(ctx: &mut Context<pool::create_pool::CreatePool>, config: PoolConfig) -> Result<()> {
        pool::create_pool::handler(ctx, config)
    }

    /// Appends a resource to a pool that waits for its first deposit.
    pub fn add_resource(ctx: &mut Context<pool::add_resource::AddResource>, config: ResourceConfig) -> Result<()> {
        pool::add_resource::handler(ctx, config)
    }

    /// Gives a voucher mint, or with 255 the LP mint, its name and symbol.
    pub fn describe_mint(ctx: &mut Context<pool::describe_mint::DescribeMint>, resource: u8) -> Result<()> {
        pool::describe_mint::handler(ctx, resource)
    }

    /// Closes a pool that never had a deposit.
    pub fn close_pool(ctx: &mut Context<pool::close_pool::ClosePool>) -> Result<()> {
        pool::close_pool::handler(ctx)
    }

    /// Sets the mark of a resource that has none of its own yet.
    pub fn set_bootstrap_mark(ctx: &mut Context<pool::set_bootstrap_mark::SetBootstrapMark>, resource: u8, price: u128) -> Result<()> {
        pool::set_bootstrap_mark::handler(ctx, resource, price)
    }

    /// Writes down the last price of a series that has ended.
    pub fn stop_series(ctx: &mut Context<series::stop_series::StopSeries>, resource: u8) -> Result<()> {
        series::stop_series::handler(ctx, resource)
    }

    /// Takes what a worker has for undelivered units of a stopped series.
    pub fn sweep_series(ctx: &mut Context<series::sweep_series::SweepSeries>, resource: u8) -> Result<()> {
        series::sweep_series::handler(ctx, resource)
    }

    /// Burns vouchers of a series that is over, for their part of its fund.
    pub fn redeem(ctx: &mut Context<series::redeem::Redeem>, resource: u8, units: u64, min_credits: u64) -> Result<()> {
        series::redeem::handler(ctx, resource, units, min_credits)
    }

    /// Burns and pays out what the fees owe.
    pub fn collect_fees(ctx: &mut Context<pool::collect_fees::CollectFees>) -> Result<()> {
        pool::collect_fees::handler(ctx)
    }

    /// Creates the verifier set of a market, with its registry of enclave keys.
    pub fn create_verifier_set(ctx: &mut Context<verifier::create_verifier_set::CreateVerifierSet>) -> Result<()> {
        verifier::create_verifier_set::handler(ctx)
    }

    /// Makes the signer a verifier, or adds to its stake.
    pub fn stake(ctx: &mut Context<verifier::stake::Stake>, amount: u64) -> Result<()> {
        verifier::stake::handler(ctx, amount)
    }

    /// Asks stake back.
    pub fn unstake(ctx: &mut Context<verifier::unstake::Unstake>, index: u8, amount: u64) -> Result<()> {
        verifier::unstake::handler(ctx, index, amount)
    }

    /// Pays a verifier what is due to it.
    pub fn withdraw_stake(ctx: &mut Context<verifier::withdraw_stake::WithdrawStake>, index: u8) -> Result<()> {
        verifier::withdraw_stake::handler(ctx, index)
    }

    /// Burns what was slashed from verifiers.
    pub fn burn_slashed(ctx: &mut Context<verifier::burn_slashed::BurnSlashed>) -> Result<()> {
        verifier::burn_slashed::handler(ctx)
    }

    /// Proposes the next root of the registry, as a verifier.
    pub fn propose_root(ctx: &mut Context<verifier::propose_root::ProposeRoot>, root: [u8; 32], depth: u8, index: u8) -> Result<()> {
        verifier::propose_root::handler(ctx, root, depth, index)
    }

    /// Votes for a proposed root, as a verifier.
    pub fn vote_root(ctx: &mut Context<verifier::vote_root::VoteRoot>, index: u8) -> Result<()> {
        verifier::vote_root::handler(ctx, index)
    }

    /// Puts a root in force that two thirds of the stake voted for.
    pub fn enact_root(ctx: &mut Context<verifier::enact_root::EnactRoot>) -> Result<()> {
        verifier::enact_root::handler(ctx)
    }

    /// Closes a proposal that failed.
    pub fn close_root(ctx: &mut Context<verifier::close_root::CloseRoot>) -> Result<()> {
        verifier::close_root::handler(ctx)
    }

    /// Lets enclaves run what has this measurement.
    pub fn approve_measurement(ctx: &mut Context<verifier::approve_measurement::ApproveMeasurement>, measurement: [u8; 32]) -> Result<()> {
        verifier::approve_measurement::handler(ctx, measurement)
    }

    /// Takes the approval of a measurement back, for ever.
    pub fn revoke_measurement(ctx: &mut Context<verifier::revoke_measurement::RevokeMeasurement>) -> Result<()> {
        verifier::revoke_measurement::handler(ctx)
    }

    /// Registers an enclave key of a worker by its leaf under the root in force.
    pub fn register_key(
        ctx: &mut Context<verifier::register_key::RegisterKey>,
        key: Address,
        capacity: [u64; 8],
        expiry: i64,
        index: u32,
        proof: Vec<[u8; 32]>,
    ) -> Result<()> {
        verifier::register_key::handler(ctx, key, capacity, expiry, index, proof)
    }

    /// Closes an enclave key that has expired.
    pub fn close_key(ctx: &mut Context<verifier::close_key::CloseKey>) -> Result<()> {
        verifier::close_key::handler(ctx)
    }

    /// Sells a worker's capacity to the pool.
    pub fn supply(ctx: &mut Context<worker::supply::Supply>, resource: u8, raw_units: u64, min_proceeds: u64) -> Result<()> {
        worker::supply::handler(ctx, resource, raw_units, min_proceeds)
    }

    /// Mints vouchers against a worker's bond.
    pub fn mint_vouchers(ctx: &mut Context<worker::mint_vouchers::MintVouchers>, resource: u8, raw_units: u64) -> Result<()> {
        worker::mint_vouchers::handler(ctx, resource, raw_units)
    }

    /// Burns a worker's own vouchers against what it owes.
    pub fn retire(ctx: &mut Context<worker::retire::Retire>, resource: u8, units: u64) -> Result<()> {
        worker::retire::handler(ctx, resource, units)
    }

    /// Burns vouchers against what an unsound worker owes, for a payment out of what it has.
    pub fn liquidate(ctx: &mut Context<worker::liquidate::Liquidate>, resource: u8, units: u64) -> Result<()> {
        worker::liquidate::handler(ctx, resource, units)
    }

    /// Gives a worker notice of a liquidation, or takes it back.
    pub fn notify_worker(ctx: &mut Context<worker::notify_worker::NotifyWorker>) -> Result<()> {
        worker::notify_worker::handler(ctx)
    }

    /// Registers a worker of a pool.
    pub fn register_worker(ctx: &mut Context<worker::register_worker::RegisterWorker>, profile: [u8; 64], operator: Address) -> Result<()> {
        worker::register_worker::handler(ctx, profile, operator)
    }

    /// Sets a worker's operator.
    pub fn set_operator(ctx: &mut Context<worker::set_operator::SetOperator>, operator: Address) -> Result<()> {
        worker::set_operator::handler(ctx, operator)
    }

    /// Adds to a worker's bond.
    pub fn deposit_bond(ctx: &mut Context<worker::deposit_bond::DepositBond>, credits: u64) -> Result<()> {
        worker::deposit_bond::handler(ctx, credits)
    }

    /// Puts bond on its way out.
    pub fn unbond(ctx: &mut Context<worker::unbond::Unbond>, credits: u64) -> Result<()> {
        worker::unbond::handler(ctx, credits)
    }

    /// Pays out the bond whose delay is over, to the worker's owner.
    pub fn withdraw_bond(ctx: &mut Context<worker::TakeOut>) -> Result<()> {
        worker::withdraw_bond::handler(ctx)
    }

    /// Pays out what a worker has earned, to the worker's owner.
    pub fn claim_worker(ctx: &mut Context<worker::TakeOut>) -> Result<()> {
        worker::claim_worker::handler(ctx)
    }

    /// Binds a verifier to a vote that nobody knows yet.
    pub fn commit(ctx: &mut Context<round::commit::Commit>, seat: u8, commitment: [u8; 32]) -> Result<()> {
        round::commit::handler(ctx, seat, commitment)
    }

    /// Opens a vote.
    pub fn reveal(
        ctx: &mut Context<round::reveal::Reveal>,
        seat: u8,
        score: u16,
        delta_i: i64,
        delta_u: i64,
        salt: [u8; 32],
    ) -> Result<()> {
        round::reveal::handler(ctx, seat, score, delta_i, delta_u, salt)
    }

    /// Attests the work of an assignment.
    pub fn submit_attestation(ctx: &mut Context<round::submit_attestation::SubmitAttestation>, report: Report) -> Result<()> {
        round::submit_attestation::handler(ctx, report)
    }

    /// Draws a committee.
    pub fn draw(ctx: &mut Context<round::draw::Draw>) -> Result<()> {
        round::draw::handler(ctx)
    }

    /// Counts the votes of a round.
    pub fn tally(ctx: &mut Context<round::tally::Tally>) -> Result<()> {
        round::tally::handler(ctx)
    }

    /// Pays everything out by the final verdict.
    pub fn settle(ctx: &mut Context<round::settle::Settle>) -> Result<()> {
        round::settle::handler(ctx)
    }

    /// Pays challengers, appellant and finder; closes an assignment in which nothing is left.
    pub fn claim_assignment(ctx: &mut Context<round::claim_assignment::ClaimAssignment>) -> Result<()> {
        round::claim_assignment::handler(ctx)
    }

    /// Disputes a verdict, or joins the dispute.
    pub fn challenge(ctx: &mut Context<round::challenge::Challenge>) -> Result<()> {
        round::challenge::handler(ctx)
    }

    /// Appeals against the ruling of the second committee.
    pub fn appeal(ctx: &mut Context<round::appeal::Appeal>) -> Result<()> {
        round::appeal::handler(ctx)
    }

    /// Proves a fraud by one wrong step of the trace.
    pub fn prove_leaf(ctx: &mut Context<round::prove_leaf::ProveLeaf>, link: u32, items: Vec<[u8; 32]>) -> Result<()> {
        round::prove_leaf::handler(ctx, link, items)
    }

    /// Closes a round that no later committee has to be held against.
    pub fn close_round(ctx: &mut Context<round::close_round::CloseRound>) -> Result<()> {
        round::close_round::handler(ctx)
    }

    /// Gives credits to the vault from which bonuses are paid.
    pub fn fund_bonus(ctx: &mut Context<round::fund_bonus::FundBonus>, amount: u64) -> Result<()> {
        round::fund_bonus::handler(ctx, amount)
    }
}
