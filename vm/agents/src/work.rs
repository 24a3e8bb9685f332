//! What a worker does: runs the [reference computation](hmm_attest::trace), publishes its states, attests its roots.

use std::fmt::Write as _;

use hmm_attest::digest::{Attestation, TAG_LENGTH};
use hmm_attest::merkle::Tree;
use hmm_attest::trace::{self, Claim, State};
use hmm_attest::{Hash, Key, RESOURCES, Refusal, hash};
use thiserror::Error;

use crate::judge::TraceSource;

/// What the preimage of a report's digest begins with.
pub const REPORT_TAG: [u8; TAG_LENGTH] = *b"hmm:report\0\0\0\0\0\0";

/// A computation that was run to its end, with its trace.
pub struct Work {
    claim: Claim,
    states: Vec<State>,
    tree: Tree,
}

impl Work {
    /// Runs the model on the input for 2^depth steps.
    ///
    /// # Errors
    /// `Depth` above 10.
    pub fn run(model_root: Hash, input_root: Hash, depth: u8) -> Result<Work, Refusal> {
        let claim = Claim { model_root, input_root, depth, trace_root: [0; 32], output_root: [0; 32] };
        let mut state = trace::initial_state(&model_root, &input_root);
        let mut states = vec![];
        for _ in 0..claim.last_link()? {
            states.push(state);
            state = trace::step(&model_root, &state);
        }
        let tree = Tree::new(depth, &states)?;
        Ok(Work { claim: Claim { trace_root: tree.root(), output_root: state, ..claim }, states, tree })
    }

    /// What is attested of it, and what it was asked for.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// The states, one per leaf of the trace.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// What opens a link of the trace to whoever knows its root.
    ///
    /// # Errors
    /// `LeafIndex` behind the last link.
    pub fn open(&self, link: u32) -> Result<Vec<Hash>, Refusal> {
        trace::items(&self.tree, &self.states, link)
    }

    /// What is published for verifiers: the states, one after the other. [`Published`] reads it.
    pub fn publish(&self) -> Vec<u8> {
        self.states.concat()
    }

    /// What the enclave signs.
    pub fn attestation(&self, job: Key, assignment: Key, worker: Key, measurement: Hash, usage: [u64; RESOURCES]) -> Attestation {
        let Claim { model_root, input_root, output_root, trace_root, .. } = self.claim;
        let report_digest = report_digest(&self.claim, &usage);
        Attestation { job, assignment, worker, model_root, input_root, report_digest, output_root, trace_root, measurement, usage }
    }
}

impl TraceSource for Work {
    fn open(&self, link: u32) -> Option<Vec<Hash>> {
        self.open(link).ok()
    }
}

/// The report of a job: what was computed and used, for people. It follows from the attested roots and usage, so a verifier writes it
/// anew and compares the digest.
pub fn report(claim: &Claim, usage: &[u64; RESOURCES]) -> String {
    let mut report = String::from("reference computation\n");
    let roots = [("model", claim.model_root), ("input", claim.input_root), ("trace", claim.trace_root), ("output", claim.output_root)];
    for (name, root) in roots {
        let hex: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(report, "{name} {hex}");
    }
    let _ = writeln!(report, "depth {}", claim.depth);
    for (resource, units) in usage.iter().enumerate() {
        let _ = writeln!(report, "usage {resource} {units}");
    }
    report
}

/// SHA-256 of the tag `hmm:report` and the report.
pub fn report_digest(claim: &Claim, usage: &[u64; RESOURCES]) -> Hash {
    hash(&[&REPORT_TAG, report(claim, usage).as_bytes()])
}

/// Published bytes that are no trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{found} bytes are no trace: expected 32 bytes for each of 2^d states, d ≤ 10")]
pub struct NoTrace {
    /// How many bytes there are.
    pub found: usize,
}

/// States that a worker published. Whether they are those of the attested trace shows when they are opened against its root.
pub struct Published {
    states: Vec<State>,
    tree: Tree,
}

impl Published {
    /// Reads what [`Work::publish`] wrote.
    ///
    /// # Errors
    /// [`NoTrace`] if it cannot be a trace of any depth.
    pub fn read(bytes: &[u8]) -> Result<Published, NoTrace> {
        let refusal = NoTrace { found: bytes.len() };
        let (states, rest) = bytes.as_chunks::<32>();
        let depth = u8::try_from(states.len().trailing_zeros()).unwrap_or(u8::MAX);
        if !rest.is_empty() || !states.len().is_power_of_two() || depth > trace::MAX_DEPTH {
            return Err(refusal);
        }
        let tree = Tree::new(depth, states).map_err(|_| refusal)?;
        Ok(Published { states: states.to_vec(), tree })
    }
}

impl TraceSource for Published {
    fn open(&self, link: u32) -> Option<Vec<Hash>> {
        trace::items(&self.tree, &self.states, link).ok()
    }
}
