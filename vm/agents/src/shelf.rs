//! Where traces are published: a folder, which a web server may serve, or its address. A trace is found by its root; what is found is
//! not trusted, it is opened against the root.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, process};

use hmm_attest::Hash;
use hmm_attest::trace::MAX_DEPTH;

use crate::work::{Published, Work};

/// The longest trace, bytes.
const MOST: u64 = 32 << MAX_DEPTH;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A place of traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// A folder.
    Folder(PathBuf),
    /// What comes before the name of a file: `https://worker.example/traces/`.
    Url(String),
}

/// The name of a trace's file.
fn name(trace_root: &Hash) -> String {
    let mut name = String::new();
    trace_root.iter().for_each(|byte| _ = write!(name, "{byte:02x}"));
    name + ".trace"
}

impl Shelf {
    /// `http://…` and `https://…` are addresses, everything else is a folder.
    pub fn new(place: &str) -> Shelf {
        if place.starts_with("http://") || place.starts_with("https://") { Shelf::Url(place.into()) } else { Shelf::Folder(place.into()) }
    }

    /// Publishes the trace of finished work: the file is there whole or not at all.
    ///
    /// # Errors
    /// Of the file system; `Unsupported` at an address.
    pub fn publish(&self, work: &Work) -> io::Result<()> {
        let Shelf::Folder(folder) = self else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "traces are published in a folder"));
        };
        fs::create_dir_all(folder)?;
        let name = name(&work.claim().trace_root);
        let new = folder.join(format!(".{name}.{}", process::id()));
        fs::write(&new, work.publish())?;
        fs::rename(new, folder.join(name))
    }

    /// The trace under a root, if it can be had.
    pub fn find(&self, trace_root: &Hash) -> Option<Published> {
        let name = name(trace_root);
        let mut bytes = vec![];
        match self {
            Shelf::Folder(folder) => fs::File::open(folder.join(name)).ok()?.take(MOST + 1).read_to_end(&mut bytes).ok()?,
            Shelf::Url(prefix) => {
                let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
                let answer = agent.get(format!("{prefix}{name}")).call().ok()?;
                answer.into_body().into_reader().take(MOST + 1).read_to_end(&mut bytes).ok()?
            }
        };
        Published::read(&bytes).ok()
    }
}
