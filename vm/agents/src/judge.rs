//! What a verifier does: redoes the steps of a trace at places that only it knows beforehand.
//!
//! # What is looked at
//! Both ends of the trace, and as many links between as the verifier wants, chosen by the salt of its vote. The salt is secret until the
//! reveal, so a worker cannot know what will be opened; after it, anybody can repeat the judgement. One wrong link among n is found with
//! probability samples/n; the whole trace is looked at if there are as many samples as links.
//!
//! # The figures
//! * **Score**: 10,000 if every link that was looked at is right, else 0. An output is right or it is not: a part of the points for most
//!   of the links would pay for a trace that is forged in one place.
//! * **ΔI**, in millionths: how far the output tells something else than the input. Of the 240 bits of the neurons, h differ between the
//!   first state and the output; ΔI = min(h, 240 − h)/120. It is 0 for an echo of the input or its complement, about 0.95 for an output
//!   that is independent of it.
//! * **ΔU**, in millionths: 1 for a right answer, −1 for a wrong one: who relies on it is worse off than without.
//!
//! A score of 0 has ΔI = 0. All three follow from the attested claim and the score, so honest verifiers reveal the same.

use std::collections::BTreeSet;

use hmm_attest::digest::TAG_LENGTH;
use hmm_attest::trace::{self, Claim};
use hmm_attest::{Hash, Reason, Refusal, hash};

use crate::work::Work;

/// The best score.
pub const MAX_SCORE: u16 = 10_000;
/// One, in ΔI and ΔU.
pub const ONE: i64 = 1_000_000;
/// What the preimage of a choice of links begins with.
pub const SAMPLE_TAG: [u8; TAG_LENGTH] = *b"hmm:sample\0\0\0\0\0\0";

/// Where a worker's trace is read from.
pub trait TraceSource {
    /// What the worker shows for a link, or nothing if it shows nothing. It need not be true.
    fn open(&self, link: u32) -> Option<Vec<Hash>>;
}

/// Nothing was published, or nothing can be reached.
impl TraceSource for () {
    fn open(&self, _: u32) -> Option<Vec<Hash>> {
        None
    }
}

/// A link that is shown to be wrong: what `prove_leaf` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fraud {
    /// The link.
    pub link: u32,
    /// What opens it.
    pub items: Vec<Hash>,
}

/// What a verifier found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// 0 or 10,000.
    pub score: u16,
    /// Information gain, millionths.
    pub delta_i: i64,
    /// Utility gain, millionths.
    pub delta_u: i64,
    /// The proof, if a wrong link was found.
    pub fraud: Option<Fraud>,
    /// Links that were opened.
    pub opened: u32,
    /// The first link that the worker did not open. The computation was then done anew, whole, to judge by its roots.
    pub withheld: Option<u32>,
}

/// Judges a claim by the ends of its trace and `samples` links between, chosen by the salt.
///
/// A worker that does not open a link may hide something, or be out of reach for a moment: then the whole computation is done anew, and
/// its roots decide.
///
/// # Errors
/// `Depth`: of a claim that no job can make.
pub fn judge(claim: &Claim, source: &impl TraceSource, salt: &Hash, samples: u32) -> Result<Judgement, Refusal> {
    let mut opened = 0;
    for link in sampled_links(claim, salt, samples)? {
        let items = source.open(link).unwrap_or_default();
        match claim.refute(link, &items) {
            Ok(()) => {
                let fraud = Some(Fraud { link, items });
                return Ok(Judgement { fraud, ..Judgement::new(claim, false, opened + 1) });
            }
            Err(refusal) if refusal.reason == Reason::Honest => opened += 1,
            Err(_) => {
                let right = Work::run(claim.model_root, claim.input_root, claim.depth)?.claim() == claim;
                return Ok(Judgement { withheld: Some(link), ..Judgement::new(claim, right, opened) });
            }
        }
    }
    Ok(Judgement::new(claim, true, opened))
}

impl Judgement {
    /// The same, of work that fails for another reason than its trace.
    pub fn failed(self) -> Judgement {
        Judgement { score: 0, delta_i: 0, delta_u: -ONE, ..self }
    }

    fn new(claim: &Claim, right: bool, opened: u32) -> Judgement {
        let (score, delta_i, delta_u) = if right { (MAX_SCORE, information(claim), ONE) } else { (0, 0, -ONE) };
        Judgement { score, delta_i, delta_u, fraud: None, opened, withheld: None }
    }
}

/// ΔI of a right output.
fn information(claim: &Claim) -> i64 {
    let first = trace::initial_state(&claim.model_root, &claim.input_root);
    let differ: u32 = first.iter().zip(&claim.output_root).take(30).map(|(a, b)| (a ^ b).count_ones()).sum();
    ONE * i64::from(differ.min(240 - differ)) / 120
}

/// The links that a verifier with this salt looks at, in order: both ends, and `samples` others or as many as there are.
///
/// # Errors
/// `Depth`.
pub fn sampled_links(claim: &Claim, salt: &Hash, samples: u32) -> Result<BTreeSet<u32>, Refusal> {
    let last = claim.last_link()?;
    let between = last - 1;
    if samples >= between {
        return Ok((0..=last).collect());
    }
    let mut links = BTreeSet::from([0, last]);
    let mut counter = 0u64;
    while links.len() < samples as usize + 2 {
        let drawn = hash(&[&SAMPLE_TAG, salt, &claim.trace_root, &counter.to_le_bytes()]);
        let number = drawn.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        links.extend(u32::try_from(number % u64::from(between)).map(|at| at + 1));
        counter += 1;
    }
    Ok(links)
}
