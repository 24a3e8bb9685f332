//! The randomness of a draw: a seed from the hash of a slot, and words from the seed.

use crate::digest::TAG_LENGTH;
use crate::{Hash, Key, hash};

/// What the preimage of a seed begins with.
pub const SEED_TAG: [u8; TAG_LENGTH] = *b"hmm:draw\0\0\0\0\0\0\0\0";
/// What the preimage of four words begins with.
pub const WORDS_TAG: [u8; TAG_LENGTH] = *b"hmm:words\0\0\0\0\0\0\0";
/// The block of the word that no place has.
const OWN: u32 = u32::MAX;

/// The seed of one draw: `H(tag ‖ slot hash ‖ assignment ‖ number u8)`. 81 bytes.
pub fn seed(slot_hash: &Hash, assignment: &Key, number: u8) -> Hash {
    hash(&[&SEED_TAG, slot_hash, assignment, &[number]])
}

/// Block n of the words: `H(tag ‖ seed ‖ n u32 LE)` as four little-endian numbers. 52 bytes.
fn block(seed: &Hash, n: u32) -> [u64; 4] {
    let hash = hash(&[&WORDS_TAG, seed, &n.to_le_bytes()]);
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(hash.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// The words of the places 0, 1, 2, …: each uniform in 0..2⁶⁴.
pub fn words(seed: &Hash) -> impl Iterator<Item = u64> {
    (0..OWN).flat_map(|n| block(seed, n))
}

/// The word of the draw itself, which says whether there is a committee at all.
pub fn word(seed: &Hash) -> u64 {
    let [word, ..] = block(seed, OWN);
    word
}
