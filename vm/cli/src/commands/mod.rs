//! One command, one file.

mod add;
mod advance;
mod collect;
mod job;
mod keeper_run;
mod keys;
mod market_show;
mod pool_list;
mod pool_show;
pub mod quote;
mod remove;
mod series;
mod swap;
mod verifier;
mod verifier_run;
mod wallet;
mod worker;
mod worker_run;

use clap::Subcommand;

use crate::{demo, error::Result, legs::AMOUNTS};

#[derive(Subcommand)]
pub enum Command {
    /// Play a market from nothing to its first withdrawal on the embedded VM, and check all that must hold
    Demo(demo::DemoArgs),
    /// Pools: what they hold and what their resources cost
    #[command(subcommand)]
    Pool(PoolCommand),
    /// The market: its fees and roles
    #[command(subcommand)]
    Market(MarketCommand),
    /// What a trade would cost or bring now
    #[command(after_help = AMOUNTS)]
    Quote(quote::QuoteArgs),
    /// Trade: buy and sell several resources at once, all or nothing
    #[command(after_help = format!("{AMOUNTS}\n\n{}", swap::EXAMPLES))]
    Swap(swap::SwapArgs),
    /// Deposit units and credits of every resource in proportion, for shares
    Add(add::AddArgs),
    /// Burn shares for their part of every reserve
    Remove(remove::RemoveArgs),
    /// Burn and pay out what the fees owe to the burn and the treasury
    Collect(collect::CollectArgs),
    /// What the signer holds
    Wallet(wallet::WalletArgs),
    /// The encrypted keys of agents
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Workers: bond, keys, supply, standing, and their agent
    #[command(subcommand)]
    Worker(worker::WorkerCommand),
    /// Jobs: from the credits that are locked to the last claim
    #[command(subcommand)]
    Job(job::JobCommand),
    /// Verifiers: stake, roots of keys, rounds, and their agent
    #[command(subcommand)]
    Verifier(verifier::VerifierCommand),
    /// The end of a resource that has one
    #[command(subcommand)]
    Series(series::SeriesCommand),
    /// Keepers: the agent that does what anybody may
    #[command(subcommand)]
    Keeper(KeeperCommand),
    /// Let slots pass on the embedded VM
    Advance(advance::AdvanceArgs),
}

#[derive(Subcommand)]
pub enum PoolCommand {
    /// One pool
    Show(pool_show::PoolShowArgs),
    /// Every pool
    List(pool_list::PoolListArgs),
}

#[derive(Subcommand)]
pub enum MarketCommand {
    /// The market of a pool
    Show(market_show::MarketShowArgs),
}

#[derive(Subcommand)]
pub enum KeeperCommand {
    /// Draw, count, expire, settle, claim, close and burn, each as soon as it is due; it pays fees, and lends the rent of rounds
    Run(keeper_run::KeeperRunArgs),
}

impl Command {
    pub fn run(&self, json: bool) -> Result<()> {
        match self {
            Self::Demo(args) => demo::run(args, json),
            Self::Pool(PoolCommand::Show(args)) => pool_show::run(args, json),
            Self::Pool(PoolCommand::List(args)) => pool_list::run(args, json),
            Self::Market(MarketCommand::Show(args)) => market_show::run(args, json),
            Self::Quote(args) => quote::run(args, json),
            Self::Swap(args) => swap::run(args, json),
            Self::Add(args) => add::run(args, json),
            Self::Remove(args) => remove::run(args, json),
            Self::Collect(args) => collect::run(args, json),
            Self::Wallet(args) => wallet::run(args, json),
            Self::Keys(command) => keys::run(command, json),
            Self::Worker(command) => command.run(json),
            Self::Job(command) => command.run(json),
            Self::Series(command) => command.run(json),
            Self::Verifier(command) => command.run(json),
            Self::Keeper(KeeperCommand::Run(args)) => keeper_run::run(args, json),
            Self::Advance(args) => advance::run(args, json),
        }
    }
}
