//! Merkle trees of a fixed depth ≤ 20: leaf `H(0x00 ‖ index u32 LE ‖ data)`, node `H(0x01 ‖ left ‖ right)`.
//!
//! # Padding
//! A tree of depth d has 2^d places. A place without a leaf holds [`ABSENT`], 32 zero bytes, of which nobody knows a preimage; the
//! nodes above it are computed like all others, and none is duplicated or left out. So, for a known depth, a root fixes the hash of
//! every place, and the hash of a leaf fixes its index and data: another list of leaves with the same root is a collision of
//! SHA-256. A place that is absent cannot be proven, and a node (0x01) is never a leaf (0x00). The depth has to be known to who
//! verifies: it is stored beside the root, not taken from the proof.

use crate::{Hash, Reason, Result, hash};

/// The deepest tree.
pub const MAX_DEPTH: u8 = 20;
/// What a place without a leaf holds.
pub const ABSENT: Hash = [0; 32];

/// The hash of a leaf. `data` of one tree has one meaning; its length may vary, as it comes last.
#[inline]
pub fn leaf(index: u32, data: &[u8]) -> Hash {
    hash(&[&[0], &index.to_le_bytes(), data])
}

/// The hash of a node.
#[inline]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

/// Checks that `data` is leaf `index` of the tree of `depth` under `root`; `proof` holds the siblings, from the leaf upwards.
///
/// # Errors
/// [`Reason::Depth`], [`Reason::LeafIndex`], [`Reason::ProofLength`], [`Reason::Root`].
pub fn verify(root: &Hash, depth: u8, index: u32, data: &[u8], proof: &[Hash]) -> Result<()> {
    check(depth, index)?;
    if proof.len() != usize::from(depth) {
        return Err(Reason::ProofLength.refuse(depth.into(), proof.len() as u64));
    }
    Reason::Root.unless_equal(root, &climb(leaf(index, data), index, proof))
}

/// How many hashes prove the leaves `index` and `index + 1` of a tree of `depth` together: at most `2 * (depth - 1)`.
///
/// # Errors
/// [`Reason::Depth`]; [`Reason::LeafIndex`] if `index + 1` is not a leaf.
pub fn neighbours_length(depth: u8, index: u32) -> Result<usize> {
    check(depth, index.saturating_add(1))?;
    Ok(usize::from(depth).saturating_add(apart(index)).saturating_sub(1))
}

/// Checks that `left` and `right` are the leaves `index` and `index + 1` of the tree of `depth` under `root`. `proof` holds the siblings
/// of the left one below the node where both paths meet, those of the right one, then those of that node, each from below upwards: the
/// way that both have in common is told once.
///
/// # Errors
/// Those of [`verify`], [`Reason::LeafIndex`] also if `index + 1` is not a leaf.
pub fn verify_neighbours(root: &Hash, depth: u8, index: u32, left: &[u8], right: &[u8], proof: &[Hash]) -> Result<()> {
    let length = neighbours_length(depth, index)?;
    let refusal = Reason::ProofLength.refuse(length as u64, proof.len() as u64);
    if proof.len() != length {
        return Err(refusal);
    }
    let (of_left, rest) = proof.split_at_checked(apart(index)).ok_or(refusal)?;
    let (of_right, of_both) = rest.split_at_checked(apart(index)).ok_or(refusal)?;
    let next = index.saturating_add(1);
    let left = climb(leaf(index, left), index, of_left);
    let right = climb(leaf(next, right), next, of_right);
    let meeting = next >> apart(index) >> 1;
    Reason::Root.unless_equal(root, &climb(node(&left, &right), meeting, of_both))
}

/// Levels that the paths of a leaf and the next one climb before they are siblings.
fn apart(index: u32) -> usize {
    index.trailing_ones() as usize
}

/// Where a hash leads from its place, by the siblings upwards.
fn climb(mut hash: Hash, mut place: u32, siblings: &[Hash]) -> Hash {
    for sibling in siblings {
        hash = if place & 1 == 0 { node(&hash, sibling) } else { node(sibling, &hash) };
        place >>= 1;
    }
    hash
}

/// The depth is allowed, and the tree has the place.
fn check(depth: u8, index: u32) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Reason::Depth.refuse(MAX_DEPTH.into(), depth.into()));
    }
    let last = !(u32::MAX << depth);
    if index > last {
        return Err(Reason::LeafIndex.refuse(last.into(), index.into()));
    }
    Ok(())
}

/// A tree on a host.
#[cfg(feature = "std")]
pub struct Tree {
    /// From the leaves to the root; what is beyond the end of a level is made of absent leaves alone.
    levels: std::vec::Vec<std::vec::Vec<Hash>>,
    /// What such a place holds, per level.
    absent: std::vec::Vec<Hash>,
}

#[cfg(feature = "std")]
impl Tree {
    /// The tree of `depth` whose first leaves hold `data`.
    ///
    /// # Errors
    /// [`Reason::Depth`]; [`Reason::LeafIndex`] if there are more leaves than places.
    pub fn new<D: AsRef<[u8]>>(depth: u8, data: &[D]) -> Result<Tree> {
        check(depth, u32::try_from(data.len().saturating_sub(1)).unwrap_or(u32::MAX))?;
        let mut level: std::vec::Vec<Hash> = (0..).zip(data).map(|(index, data)| leaf(index, data.as_ref())).collect();
        let mut pad = ABSENT;
        let (mut levels, mut absent) = (std::vec![], std::vec![]);
        for _ in 0..depth {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => node(left, right),
                _ => pair.first().map_or(pad, |left| node(left, &pad)),
            });
            let above = above.collect();
            levels.push(core::mem::replace(&mut level, above));
            absent.push(pad);
            pad = node(&pad, &pad);
        }
        levels.push(level);
        absent.push(pad);
        Ok(Tree { levels, absent })
    }

    fn place(&self, level: usize, index: usize) -> Hash {
        let held = self.levels.get(level).and_then(|hashes| hashes.get(index));
        held.or_else(|| self.absent.get(level)).copied().unwrap_or(ABSENT)
    }

    /// The depth.
    pub fn depth(&self) -> u8 {
        u8::try_from(self.levels.len().saturating_sub(1)).unwrap_or(MAX_DEPTH)
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.place(self.depth().into(), 0)
    }

    /// The siblings of a leaf, from the leaf upwards.
    ///
    /// # Errors
    /// [`Reason::LeafIndex`] if the leaf is absent.
    pub fn proof(&self, index: u32) -> Result<std::vec::Vec<Hash>> {
        let leaves = self.levels.first().map_or(0, |leaves| leaves.len());
        if index as usize >= leaves {
            return Err(Reason::LeafIndex.refuse(leaves.saturating_sub(1) as u64, index.into()));
        }
        Ok((0..self.depth()).map(|level| self.place(level.into(), (index >> level ^ 1) as usize)).collect())
    }

    /// What [`verify_neighbours`] takes for the leaves `index` and `index + 1`.
    ///
    /// # Errors
    /// [`Reason::LeafIndex`] if one of them is absent.
    pub fn neighbours(&self, index: u32) -> Result<std::vec::Vec<Hash>> {
        let (mut left, mut right) = (self.proof(index)?, self.proof(index.saturating_add(1))?);
        let mut both = left.split_off(apart(index));
        right.truncate(apart(index));
        both.remove(0);
        left.append(&mut right);
        left.append(&mut both);
        Ok(left)
    }
}
