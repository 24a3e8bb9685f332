//! The files: what `target/bench` gets every time, what is committed, and whether the two still agree.

use std::{fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};

use crate::{Measurements, Result, Size, Units, idl::Idl, root, tables};

const UNITS: &str = "compute_units.json";
const SIZES: &str = "sizes.json";
const TOOLCHAIN: &str = "toolchain.txt";

pub struct Outputs {
    units: Vec<Units>,
    sizes: Vec<Size>,
    /// Path in the project, and text.
    docs: Vec<(&'static str, String)>,
}

impl Outputs {
    pub fn of(all: &Measurements, idl: &Idl) -> Result<Self> {
        Ok(Self {
            units: all.measured.iter().map(|m| m.units.clone()).collect(),
            sizes: all.sizes.clone(),
            docs: vec![
                ("docs/compute-units.md", tables::compute_units(all)),
                ("docs/accounts.md", tables::accounts(all, idl)),
                ("docs/errors.md", tables::errors(idl)),
                ("docs/instructions.md", tables::instructions(all, idl)),
                ("README.md", readme(&tables::goals(all))?),
            ],
        })
    }

    /// Writes `target/bench`.
    pub fn write_target(&self) -> Result<()> {
        self.write_json(&root().join("target/bench"))
    }

    /// Writes the snapshot and the tables.
    pub fn write_committed(&self) -> Result<()> {
        self.write_json(&snapshot())?;
        write(&snapshot().join(TOOLCHAIN), &toolchain()?)?;
        self.docs.iter().try_for_each(|(name, text)| write(&root().join(name), text))
    }

    /// Errors with every figure that is not as committed, and every table that is stale.
    ///
    /// A compiler of another version makes another program of the same source. Its figures are compared with the committed ones within
    /// [`TOLERANCE`], and the tables not at all.
    pub fn check_committed(&self) -> Result<()> {
        let (committed_by, built_by) = (read(&snapshot().join(TOOLCHAIN))?, toolchain()?);
        let same = committed_by == built_by;
        let tolerance = if same { 0 } else { TOLERANCE };
        let units = |u: &Units| {
            let name = format!("{} {} {}", u.instruction, u.shape, u.token_program);
            let figures = [("total", u.total), ("token_cpis", u.token_cpis), ("framework", u.framework), ("curve", u.curve)];
            let figures = figures.into_iter().take(if same { 4 } else { 1 });
            figures.map(|(figure, value)| (format!("{name} {figure}"), value)).collect()
        };
        let mut drift = compare(&committed::<Units>(UNITS)?, &self.units, tolerance, units);
        drift.extend(compare(&committed::<Size>(SIZES)?, &self.sizes, tolerance, |s| vec![(format!("{} bytes", s.name), s.bytes)]));
        if same {
            let stale = self.docs.iter().filter(|(name, text)| fs::read_to_string(root().join(name)).ok().as_ref() != Some(text));
            drift.extend(stale.map(|(name, _)| format!("{name} is stale")));
        } else {
            eprintln!("the snapshot was built by\n{committed_by}and this by\n{built_by}so figures are compared within {TOLERANCE} %");
        }
        if drift.is_empty() {
            return Ok(());
        }
        Err(format!(
            "not as committed:\n  {}\n`make bench` writes the snapshot and the tables anew; commit them if this is meant",
            drift.join("\n  ")
        ))
    }

    fn write_json(&self, folder: &PathBuf) -> Result<()> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        write(&folder.join(UNITS), &list(&self.units))?;
        write(&folder.join(SIZES), &list(&self.sizes))
    }
}

const README_BEGIN: &str = "<!-- goals: written by `make bench` -->";
const README_END: &str = "<!-- /goals -->";

/// Per cent by which a figure may differ when the program was built by another compiler.
const TOLERANCE: u64 = 5;

/// What the measured program was built by.
fn toolchain() -> Result<String> {
    read(&hmm_vm::vm::program_path().with_extension("toolchain"))
}

fn read(path: &PathBuf) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn snapshot() -> PathBuf {
    root().join("vm/bench/snapshot")
}

/// The README with the table of goals of these measurements between its marks.
fn readme(table: &str) -> Result<String> {
    let path = root().join("README.md");
    let text = read(&path)?;
    let (head, rest) = text.split_once(README_BEGIN).ok_or("README.md: the mark before the table is missing")?;
    let (_, tail) = rest.split_once(README_END).ok_or("README.md: the mark after the table is missing")?;
    Ok(format!("{head}{README_BEGIN}\n{table}{README_END}{tail}"))
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// A JSON list, an entry a line, so that a change of one figure is a change of one line.
fn list<T: Serialize>(entries: &[T]) -> String {
    let lines: Vec<String> = entries.iter().map(|entry| serde_json::to_string(entry).expect("numbers and names")).collect();
    format!("[\n  {}\n]\n", lines.join(",\n  "))
}

fn committed<T: DeserializeOwned>(name: &str) -> Result<Vec<T>> {
    let path = snapshot().join(name);
    let text = read(&path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// A line for every named figure that changed by more than `tolerance` per cent, came or went.
fn compare<T>(old: &[T], new: &[T], tolerance: u64, figures: impl Fn(&T) -> Vec<(String, u64)>) -> Vec<String> {
    let (old, new): (Vec<_>, Vec<_>) = (old.iter().flat_map(&figures).collect(), new.iter().flat_map(&figures).collect());
    let find = |list: &[(String, u64)], name: &str| list.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
    let mut lines = Vec::new();
    for (name, before) in &old {
        match find(&new, name) {
            Some(after) if after.abs_diff(*before) * 100 <= *before * tolerance => {}
            Some(after) => lines.push(format!("{name}: {before} -> {after} ({:+})", i128::from(after) - i128::from(*before))),
            None => lines.push(format!("{name}: {before} -> not measured")),
        }
    }
    lines.extend(new.iter().filter(|(name, _)| find(&old, name).is_none()).map(|(name, value)| format!("{name}: new, {value}")));
    lines
}
