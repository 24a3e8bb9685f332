//! The reference computation: a small recurrent network of 8-bit integers, of which the program itself can redo any step.
//!
//! # The network
//! A state has 32 bytes: 30 neurons and a clock, u16. A byte b of a state or weight stands for the number b − 128. Row r of the 30 × 32
//! weights is `H("hmm:weights" filled up to 16 bytes ‖ model root ‖ r)`. A step gives neuron r the dot product of row r with the whole
//! state (the clock's bytes too), divided by 128 rounding down, then folded: with v the quotient modulo 512, the byte v, or 511 − v if v
//! is above 255. The clock counts the steps. The first state is `H("hmm:state" filled up ‖ model root ‖ input root)` with its clock at
//! zero.
//!
//! Because of the clock no state returns within a trace. The activation folds rather than clamps because clamping was found to forget:
//! in 9 of 72 runs it led different inputs of one model to the same state.
//!
//! # The trace
//! A trace of depth d has 2^d steps. Its Merkle tree has 2^d leaves: leaf i holds state i. The output root *is* the state after the
//! last step. Consecutive states are joined by *links*, numbered from 0 to 2^d:
//!
//! | link | right if |
//! | --- | --- |
//! | 0 | leaf 0 is the first state |
//! | 0 < n < 2^d | leaf n is a step from leaf n − 1 |
//! | 2^d | the output root is a step from leaf 2^d − 1 |
//!
//! If every link is right, then by induction every state is, and so is the output. So a trace that is not right has a wrong link, and
//! [`Claim::refute`] shows it; of an honest trace every link is right, and to refute one is to find a collision of SHA-256.
//!
//! A place whose leaf is absent, hidden, or not 32 bytes long cannot be opened and refutes nothing: that is for the committee to judge.

use crate::digest::TAG_LENGTH;
use crate::{Hash, Reason, Result, hash, merkle};

/// 30 neurons and a clock.
pub type State = [u8; 32];

/// The deepest trace: 1,024 steps. Then no refutation has more than 20 items of 32 bytes, and a transaction holds it.
pub const MAX_DEPTH: u8 = 10;

/// Neurons of a state.
const NEURONS: usize = 30;
/// What the preimage of a row of weights begins with.
pub const WEIGHTS_TAG: [u8; TAG_LENGTH] = *b"hmm:weights\0\0\0\0\0";
/// What the preimage of a first state begins with.
pub const STATE_TAG: [u8; TAG_LENGTH] = *b"hmm:state\0\0\0\0\0\0\0";

/// The state before the first step.
pub fn initial_state(model_root: &Hash, input_root: &Hash) -> State {
    let mut state = hash(&[&STATE_TAG, model_root, input_root]);
    if let Some(clock) = state.last_chunk_mut::<2>() {
        *clock = [0; 2];
    }
    state
}

/// The state after a step.
pub fn step(model_root: &Hash, state: &State) -> State {
    let numbers = state.map(|byte| i64::from(byte).wrapping_sub(128));
    // Σ (w − 128)·x = Σ w·x − 128·Σ x, for any row w
    let offset = numbers.iter().fold(0, |sum: i64, x| sum.wrapping_add(*x)) << 7;
    let mut next = *state;
    let (neurons, clock) = next.split_at_mut(NEURONS);
    for (row, neuron) in (0..).zip(neurons) {
        let weights = hash(&[&WEIGHTS_TAG, model_root, &[row]]);
        let product = weights.iter().zip(&numbers).fold(0, |sum: i64, (w, x)| sum.wrapping_add(i64::from(*w).wrapping_mul(*x)));
        *neuron = fold(product.wrapping_sub(offset) >> 7);
    }
    if let Some(clock) = clock.first_chunk_mut::<2>() {
        *clock = u16::from_le_bytes(*clock).wrapping_add(1).to_le_bytes();
    }
    next
}

/// The activation: a triangle wave of period 512. Bit 8 of the quotient tells the half in which it falls.
#[inline(always)]
fn fold(quotient: i64) -> u8 {
    let [low, high, ..] = quotient.to_le_bytes();
    if high & 1 == 0 { low } else { !low }
}

/// What a worker attested, and what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Root of the model, as the job was opened with.
    pub model_root: Hash,
    /// Root of the input, as the job was opened with.
    pub input_root: Hash,
    /// Depth of the trace, as the job was opened with.
    pub depth: u8,
    /// Root of the trace, attested.
    pub trace_root: Hash,
    /// The state after the last step, attested.
    pub output_root: Hash,
}

impl Claim {
    /// The number of the last link: 2^depth.
    ///
    /// # Errors
    /// [`Reason::Depth`].
    pub fn last_link(&self) -> Result<u32> {
        if self.depth > MAX_DEPTH {
            return Err(Reason::Depth.refuse(MAX_DEPTH.into(), self.depth.into()));
        }
        Ok(1 << self.depth)
    }

    /// How many items refute a link: at most `2 * depth`, or 1 at depth 0.
    ///
    /// # Errors
    /// [`Reason::Depth`], [`Reason::Link`].
    pub fn items(&self, link: u32) -> Result<usize> {
        let last = self.last_link()?;
        match link {
            0 => Ok(usize::from(self.depth).saturating_add(1)),
            _ if link == last => Ok(usize::from(self.depth).saturating_add(1)),
            _ if link < last => Ok(merkle::neighbours_length(self.depth, link.saturating_sub(1))?.saturating_add(2)),
            _ => Err(Reason::Link.refuse(last.into(), link.into())),
        }
    }

    /// Succeeds if the link is shown to be wrong: then the claim is a fraud. `items` holds the leaves beside the link, one at the ends
    /// and two elsewhere, and then their proof, as [`merkle::verify`] or [`merkle::verify_neighbours`] takes it.
    ///
    /// # Errors
    /// [`Reason::Depth`], [`Reason::Link`]; [`Reason::ProofLength`], counted in items; [`Reason::Root`] if the leaves are not those of
    /// the trace; [`Reason::Honest`] if the link is right.
    pub fn refute(&self, link: u32, items: &[Hash]) -> Result<()> {
        let count = self.items(link)?;
        let refusal = Reason::ProofLength.refuse(count as u64, items.len() as u64);
        if items.len() != count {
            return Err(refusal);
        }
        let (first, rest) = items.split_first().ok_or(refusal)?;
        let before = link.saturating_sub(1);
        if link == 0 {
            merkle::verify(&self.trace_root, self.depth, 0, first, rest)?;
            return unless_right(first, &initial_state(&self.model_root, &self.input_root));
        }
        let after = if link == self.last_link()? {
            merkle::verify(&self.trace_root, self.depth, before, first, rest)?;
            &self.output_root
        } else {
            let (second, proof) = rest.split_first().ok_or(refusal)?;
            merkle::verify_neighbours(&self.trace_root, self.depth, before, first, second, proof)?;
            second
        };
        unless_right(after, &step(&self.model_root, first))
    }
}

/// A state other than the right one is what refutes.
fn unless_right(found: &State, right: &State) -> Result<()> {
    if found == right { Err(Reason::Honest.refuse(31, 32)) } else { Ok(()) }
}

/// The items that open a link to [`Claim::refute`]: the leaves that `states` and its `tree` hold beside it, and their proof.
///
/// # Errors
/// [`Reason::LeafIndex`] if the tree has no such leaf.
#[cfg(feature = "std")]
pub fn items(tree: &merkle::Tree, states: &[State], link: u32) -> Result<std::vec::Vec<Hash>> {
    let before = link.saturating_sub(1);
    let single = link == 0 || link >> tree.depth() != 0;
    let proof = if single { tree.proof(before)? } else { tree.neighbours(before)? };
    let beside = states.iter().skip(before as usize).take(if single { 1 } else { 2 });
    Ok(beside.copied().chain(proof).collect())
}
