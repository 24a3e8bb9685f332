//! Traces: the network's steps, and refutations. SHA-256 is the system call on the VM, a library on the host.

use hmm_attest::trace::{self, Claim, MAX_DEPTH};

use crate::{Out, SCRATCH};

/// Items of the longest refutation.
const ITEMS: usize = 2 * MAX_DEPTH as usize;
/// Words of a case of `refute`: four roots, depth, link, number of items, items.
pub const REFUTE: usize = 4 * 4 + 3 + 4 * ITEMS;

fn bytes(words: &[u64]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, word) in bytes.chunks_exact_mut(8).zip(words) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// A case: model root, state.
pub fn step(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let next = trace::step(&bytes(&case[..4]), &bytes(&case[4..]));
    next.chunks_exact(8).for_each(|word| out.put(u64::from_le_bytes(word.try_into().unwrap())));
}

/// A case: model root, input root, trace root, output root, depth, link, number of items, items.
pub fn refute(case: &[u64], _: &mut [u8; SCRATCH], out: &mut Out) {
    let mut items = [[0; 32]; ITEMS];
    for (item, words) in items.iter_mut().zip(case[19..].chunks_exact(4)) {
        *item = bytes(words);
    }
    let (model_root, input_root) = (bytes(&case[..4]), bytes(&case[4..8]));
    let (trace_root, output_root) = (bytes(&case[8..12]), bytes(&case[12..16]));
    let claim = Claim { model_root, input_root, depth: case[16] as u8, trace_root, output_root };
    match claim.refute(case[17] as u32, &items[..case[18] as usize]) {
        Ok(()) => out.put(1u64),
        Err(refusal) => {
            out.put(0u64);
            out.put(refusal.reason as u64);
            out.put(refusal.expected);
            out.put(refusal.found);
        }
    }
}
