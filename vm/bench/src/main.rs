//! Measures the built program: compute units of every instruction in every shape with both token programs, sizes of the accounts
//! and of the program itself. All keys and states are fixed, so equal programs give equal figures.
//!
//! `hmm-bench` writes `target/bench/`; `--write` also the snapshot and the tables of `docs/`; `--check` fails if those differ.

mod idl;
mod meter;
mod shapes;
mod snapshot;
mod tables;

use std::{collections::BTreeMap, env, fs, path::PathBuf, process::ExitCode};

use hmm_client::HMM_ID;
use hmm_vm::{TokenFlavour, vm::program_path};
use serde::{Deserialize, Serialize};

use crate::{idl::Idl, meter::Timeline, shapes::Shape};

type Result<T> = std::result::Result<T, String>;

/// Compute units of one instruction: `total = token_cpis + framework + curve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub instruction: String,
    pub shape: String,
    pub token_program: String,
    pub total: u64,
    pub token_cpis: u64,
    pub framework: u64,
    pub curve: u64,
}

/// Bytes of the program or of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub name: String,
    pub bytes: u64,
}

/// A measurement with what it was made from.
pub struct Measured {
    pub units: Units,
    /// Of the framework's part: the calls that carry events.
    pub events: u64,
    /// Of the instrumented build.
    pub timeline: Timeline,
}

/// All of it.
pub struct Measurements {
    pub measured: Vec<Measured>,
    pub sizes: Vec<Size>,
}

/// The project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The name under which the figures of a token program go.
pub const fn token_program(flavour: TokenFlavour) -> &'static str {
    match flavour {
        TokenFlavour::PToken => "p-token",
        TokenFlavour::SplToken => "spl-token",
    }
}

/// The instrumented build: `HMM_BENCH_SO`, or `target/bench/hmm.so`.
fn bench_path() -> PathBuf {
    env::var_os("HMM_BENCH_SO").map_or_else(|| root().join("target/bench/hmm.so"), PathBuf::from)
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}; `make bench` builds it", path.display()))
}

/// How far the instrumented build, its marks taken off, may be from the shipped one: 2 % and a few instructions. Beyond that its
/// phases say nothing about the shipped one.
fn is_alike(shipped: u64, unmarked: u64) -> bool {
    shipped.abs_diff(unmarked) <= shipped / 50 + 20
}

fn run(shape: &Shape, program: Option<&[u8]>) -> Result<Timeline> {
    let failed = |reason: &dyn std::fmt::Display| format!("{} {}: {reason}", shape.instruction, shape.name);
    let mut vm = shape.world.vm.clone();
    if let Some(program) = program {
        vm.svm.add_program(HMM_ID, program).map_err(|error| failed(&error))?;
    }
    vm.svm = vm.svm.with_log_bytes_limit(None);
    let instructions: Vec<_> = shape.before.iter().chain([&shape.call]).cloned().collect();
    let receipt = vm.send(&instructions, &[&shape.signer]).map_err(|failure| failed(&failure))?;
    let timeline = Timeline::read(&receipt.logs).map_err(|error| failed(&error))?;
    // What stands before the call has units of its own.
    if shape.before.is_empty() && timeline.total != receipt.compute_units {
        return Err(failed(&format!("the log says {} units, the transaction {}", timeline.total, receipt.compute_units)));
    }
    Ok(timeline)
}

fn measure(shape: &Shape, flavour: TokenFlavour, bench: &[u8]) -> Result<Measured> {
    let (shipped, timeline) = (run(shape, None)?, run(shape, Some(bench))?);
    let (total, unmarked) = (shipped.total, timeline.unmarked() - timeline.phase("solve"));
    if !is_alike(total, unmarked) {
        let Shape { instruction, name, .. } = shape;
        return Err(format!(
            "{instruction} {name}: {total} units, but {unmarked} in the instrumented build; is target/bench/hmm.so stale?"
        ));
    }
    let (token_cpis, curve) = (shipped.token_calls(), timeline.phase("curve"));
    let units = Units {
        instruction: shape.instruction.to_owned(),
        shape: shape.name.clone(),
        token_program: token_program(flavour).to_owned(),
        total,
        token_cpis,
        framework: total.checked_sub(token_cpis + curve).ok_or("the parts are more than the whole")?,
        curve,
    };
    Ok(Measured { units, events: shipped.event_calls(), timeline })
}

/// Sizes of the program's accounts as they are on the VM: every account of a measured instruction that bears a discriminator of the IDL.
fn account_sizes(shapes: &[Shape], idl: &Idl) -> Result<Vec<Size>> {
    let mut sizes = BTreeMap::new();
    for shape in shapes {
        for meta in &shape.call.accounts {
            let Some(account) = shape.world.vm.svm.get_account(&meta.pubkey).filter(|account| account.owner == HMM_ID) else { continue };
            let name = idl.account_of(&account.data).ok_or_else(|| format!("{}: an account the IDL does not know", meta.pubkey))?;
            let bytes = account.data.len() as u64;
            if *sizes.entry(name.to_owned()).or_insert(bytes) != bytes {
                return Err(format!("{name}: accounts of different sizes"));
            }
        }
    }
    let missing = idl.accounts.iter().find(|account| !sizes.contains_key(&account.name));
    match missing {
        Some(account) => Err(format!("no measured instruction touches a {}", account.name)),
        None => Ok(sizes.into_iter().map(|(name, bytes)| Size { name, bytes }).collect()),
    }
}

fn measure_all(idl: &Idl) -> Result<Measurements> {
    let bench = read(&bench_path())?;
    let program = Size { name: "hmm.so".to_owned(), bytes: read(&program_path())?.len() as u64 };
    let (mut measured, mut sizes) = (Vec::new(), vec![program]);
    for flavour in [TokenFlavour::PToken, TokenFlavour::SplToken] {
        let shapes = shapes::all(flavour);
        if flavour == TokenFlavour::PToken {
            sizes.extend(account_sizes(&shapes, idl)?);
        }
        for shape in &shapes {
            measured.push(measure(shape, flavour, &bench)?);
        }
    }
    if measured.iter().all(|m| m.timeline.phase("solve") == 0) {
        return Err(format!("{}: not an instrumented build", bench_path().display()));
    }
    within_limit(&measured)?;
    // One instruction's shapes together, in the order of the IDL.
    measured.sort_by_key(|m| (m.units.token_program.clone(), idl.instructions.iter().position(|i| i.name == m.units.instruction)));
    for instruction in &idl.instructions {
        if !measured.iter().any(|m| m.units.instruction == instruction.name) {
            return Err(format!("{}: an instruction of the IDL that nothing measures; add it to shapes.rs", instruction.name));
        }
    }
    Ok(Measurements { measured, sizes })
}

/// What an instruction may use without asking the runtime for more, and the part of it that the worst case may: what is left is for
/// the searches for addresses, which may be longer than the measured ones, and for instructions that stand beside it.
const LIMIT: u64 = 200_000;
const PART: u64 = 60;

/// Errors if a shape, with either token program, uses more than [`PART`] per cent of [`LIMIT`].
fn within_limit(measured: &[Measured]) -> Result<()> {
    match measured.iter().map(|m| &m.units).find(|units| units.total * 100 > LIMIT * PART) {
        Some(u) => Err(format!("{} {} {}: {} units are more than {PART} % of {LIMIT}", u.instruction, u.shape, u.token_program, u.total)),
        None => Ok(()),
    }
}

fn main() -> ExitCode {
    match try_main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn try_main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let write = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => None,
        ["--write"] => Some(true),
        ["--check"] => Some(false),
        _ => return Err("usage: hmm-bench [--write | --check]".to_owned()),
    };
    let idl = Idl::read(&root().join("target/idl/hmm.json"))?;
    let all = measure_all(&idl)?;
    let outputs = snapshot::Outputs::of(&all, &idl)?;
    outputs.write_target()?;
    print!("{}", tables::goals(&all));
    match write {
        None => Ok(()),
        Some(true) => outputs.write_committed(),
        Some(false) => outputs.check_committed(),
    }
}
