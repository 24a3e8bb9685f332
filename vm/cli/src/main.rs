//! The `hmm` command line.

mod amount;
mod calls;
mod demo;
mod error;
mod number;
mod refusal;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Trades AI compute on HMM, the Hamiltonian Market Maker.
#[derive(Parser)]
#[command(name = "hmm", version)]
struct Cli {
    /// Print one line of JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play a market from nothing to its first withdrawal on the embedded VM, and check everything that must hold.
    Demo(demo::DemoArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Demo(args) => demo::run(args, cli.json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hmm: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
