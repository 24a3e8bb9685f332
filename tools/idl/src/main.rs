//! Writes the IDL of an Anchor program: `hmm-idl PROGRAM_DIR IDL_JSON [--check]`.
//!
//! The same builder that the Anchor CLI uses, so the same JSON. `--check` writes nothing and fails when the file differs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, bail};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hmm-idl: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Where the builder compiles: beside the IDL.
fn target_folder(idl: &Path) -> Result<PathBuf> {
    let folder = idl.parent().context("the IDL needs a folder")?;
    fs::create_dir_all(folder)?;
    Ok(fs::canonicalize(folder)?.join("build"))
}

fn run() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let (program, output, check) = match args.as_slice() {
        [program, output] => (program, PathBuf::from(output), false),
        [program, output, flag] if flag == "--check" => (program, PathBuf::from(output), true),
        _ => bail!("usage: hmm-idl PROGRAM_DIR IDL_JSON [--check]"),
    };
    let program = fs::canonicalize(program).with_context(|| format!("no program at {program}"))?;

    // SAFETY: nothing else runs yet in this process. Every rustup proxy sets the first variable, and when it is set the
    // builder calls `rustup toolchain install`. The builder also sets RUSTFLAGS: with a target folder of its own it does
    // not make everybody else's builds start anew.
    unsafe {
        env::remove_var("RUSTUP_TOOLCHAIN");
        env::set_var("CARGO_TARGET_DIR", target_folder(&output)?);
    }

    let idl = IdlBuilder::new().program_path(program).cargo_args(vec!["--lib".to_owned(), "--locked".to_owned()]).build()?;
    let mut json = serde_json::to_string_pretty(&idl)?;
    json.push('\n');

    if check {
        let present = fs::read_to_string(&output).unwrap_or_default();
        if present != json {
            bail!("{} is not the IDL of the program", output.display());
        }
        return Ok(());
    }
    fs::write(&output, json).with_context(|| format!("cannot write {}", output.display()))
}
