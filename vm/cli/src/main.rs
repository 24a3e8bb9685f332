//! The `hmm` command line.

mod act;
mod agent;
mod amount;
mod backend;
mod calls;
mod commands;
mod demo;
mod error;
mod job;
mod leaves;
mod legs;
mod limits;
mod money;
mod number;
mod place;
mod receipt;
mod refusal;
mod session;
mod standing;
mod table;
mod told;
mod view;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::{commands::Command, error::Error};

/// Trades AI compute on HMM, the Hamiltonian Market Maker.
#[derive(Parser)]
#[command(name = "hmm", version, after_help = "Exit codes: 0 done, 1 refused by a program, 2 wrong usage, 3 anything else.")]
struct Cli {
    /// Print one line of JSON instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let (json, done) = match Cli::try_parse() {
        Ok(cli) => (cli.json, cli.command.run(cli.json)),
        // --help and --version are no errors; and without JSON clap says it best itself
        Err(error) if !error.use_stderr() || !std::env::args().any(|arg| arg == "--json") => error.exit(),
        Err(error) => (true, Err(Error::usage(error.to_string().trim()))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.tell(json);
            ExitCode::from(error.exit_code())
        }
    }
}
