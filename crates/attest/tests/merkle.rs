//! Trees and proofs: every leaf proves itself and nothing else does.
use hmm_attest::Reason::{self, *};
use hmm_attest::merkle::*;
use hmm_attest::{Hash, Refusal};

fn leaves(count: usize) -> Vec<[u8; 64]> {
    (0..count).map(|i| std::array::from_fn(|at| (i * 31 + at) as u8)).collect()
}
fn reason(got: Result<(), Refusal>) -> Option<Reason> {
    got.err().map(|refusal| refusal.reason)
}
fn altered(proof: &[Hash], change: impl FnOnce(&mut Vec<Hash>)) -> Vec<Hash> {
    let mut proof = proof.to_vec();
    change(&mut proof);
    proof
}

#[test]
fn every_leaf_proves_itself_at_its_index_alone() {
    for depth in 0..=5u8 {
        for count in 1..=1usize << depth {
            let data = leaves(count);
            let tree = Tree::new(depth, &data).unwrap();
            for (index, leaf) in (0u32..).zip(&data) {
                let proof = tree.proof(index).unwrap();
                for other in 0..1 << depth {
                    let expected = (other != index).then_some(Root);
                    assert_eq!(reason(verify(&tree.root(), depth, other, leaf, &proof)), expected);
                }
                // an index above the tree, though its low bits lead to the root
                for high in [1 << depth, 1 << 31, u32::MAX << depth] {
                    let got = verify(&tree.root(), depth, index | high, leaf, &proof);
                    assert_eq!(got, Err(LeafIndex.refuse((1 << depth) - 1, (index | high).into())));
                }
            }
        }
    }
}

#[test]
fn proofs_of_another_length_or_depth() {
    for (depth, count) in [(0u8, 1usize), (1, 2), (3, 8), (3, 5), (6, 33)] {
        let data = leaves(count);
        let tree = Tree::new(depth, &data).unwrap();
        let root = tree.root();
        for (index, leaf) in (0u32..).zip(&data) {
            let proof = tree.proof(index).unwrap();
            for length in (0..=usize::from(MAX_DEPTH) + 2).filter(|length| *length != proof.len()) {
                let other = altered(&proof, |proof| proof.resize(length, ABSENT));
                assert_eq!(verify(&root, depth, index, leaf, &other), Err(ProofLength.refuse(depth.into(), length as u64)));
                // with the depth that it would need
                let needed = u8::try_from(length).unwrap();
                let expected = if needed > MAX_DEPTH {
                    Depth
                } else if index >> needed != 0 {
                    LeafIndex
                } else {
                    Root
                };
                assert_eq!(reason(verify(&root, needed, index, leaf, &other)), Some(expected));
            }
            for deep in [MAX_DEPTH + 1, 32, 33, u8::MAX] {
                let long = vec![ABSENT; deep.into()];
                assert_eq!(verify(&root, deep, index, leaf, &long), Err(Depth.refuse(20, deep.into())));
            }
        }
    }
}

/// A node offered as a leaf, at every height, as its hash, as its children, and with the prefix of a leaf or node before them.
#[test]
fn inner_nodes_are_not_leaves() {
    let data = leaves(13);
    let tree = Tree::new(4, &data).unwrap();
    for index in 0..13u32 {
        let proof = tree.proof(index).unwrap();
        let mut hash = leaf(index, &data[index as usize]);
        for height in 0..4 {
            let at = index >> height;
            let (left, right) = if at & 1 == 0 { (hash, proof[height]) } else { (proof[height], hash) };
            hash = node(&left, &right);
            let children = [left, right].concat();
            let mut with_index = (at >> 1).to_le_bytes().to_vec();
            with_index.extend(&children);
            for fake in [hash.to_vec(), children.clone(), [&[1u8][..], &children].concat(), [&[0u8][..], &children].concat(), with_index] {
                let rest = &proof[height + 1..];
                let depth = u8::try_from(rest.len()).unwrap();
                assert_eq!(reason(verify(&tree.root(), depth, at >> 1, &fake, rest)), Some(Root));
                assert_eq!(reason(verify(&tree.root(), 4, at >> 1, &fake, rest)), Some(ProofLength));
            }
        }
        assert_eq!(hash, tree.root());
    }
}

/// Nothing is duplicated: lists that end in copies of the last leaf, in empty leaves, or in leaves that look absent, all differ.
#[test]
fn lists_of_leaves_have_distinct_roots() {
    let mut roots = Vec::new();
    for depth in 0..=6u8 {
        for count in 0..=(1usize << depth).min(33) {
            roots.push(Tree::new(depth, &leaves(count)).unwrap().root());
            for filler in [leaves(count).last().map_or(vec![], |last| last.to_vec()), vec![], vec![0; 32], ABSENT.to_vec()] {
                let mut longer: Vec<Vec<u8>> = leaves(count).iter().map(|leaf| leaf.to_vec()).collect();
                longer.push(filler);
                if longer.len() <= 1 << depth {
                    roots.push(Tree::new(depth, &longer).unwrap().root());
                }
            }
        }
    }
    let all = roots.len();
    roots.sort();
    roots.dedup();
    // counted twice above: the fillers that are the same bytes (two of 32 zeros; of no leaves, the copy of nothing)
    let same: usize = (0..=6u32).map(|depth| (1usize << depth).min(34)).sum::<usize>() + 7;
    assert_eq!(roots.len() + same, all);
}

#[test]
fn absent_places_cannot_be_proven() {
    for (depth, count) in [(1u8, 1usize), (3, 5), (3, 0)] {
        let tree = Tree::new(depth, &leaves(count)).unwrap();
        for index in count as u32..1 << depth {
            assert_eq!(tree.proof(index).unwrap_err().reason, LeafIndex);
        }
    }
    // the siblings of the absent place, as they are
    let data = leaves(3);
    let tree = Tree::new(2, &data).unwrap();
    let siblings = [leaf(2, &data[2]), node(&leaf(0, &data[0]), &leaf(1, &data[1]))];
    assert_eq!(node(&siblings[1], &node(&siblings[0], &ABSENT)), tree.root());
    for fake in [&[][..], &[0], &ABSENT, &[0; 64]] {
        assert_eq!(reason(verify(&tree.root(), 2, 3, fake, &siblings)), Some(Root));
    }
}

#[test]
fn every_bit_counts() {
    let data = leaves(6);
    let tree = Tree::new(3, &data).unwrap();
    for index in 0..6u32 {
        let (leaf, proof) = (data[index as usize], tree.proof(index).unwrap());
        for bit in 0..512 {
            let mut other = leaf;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(reason(verify(&tree.root(), 3, index, &other, &proof)), Some(Root));
        }
        for bit in 0..3 * 256 {
            let other = altered(&proof, |proof| proof[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8));
            assert_eq!(reason(verify(&tree.root(), 3, index, &leaf, &other)), Some(Root));
        }
        for bit in 0..256 {
            let mut root = tree.root();
            root[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(&root, 3, index, &leaf, &proof), Err(Root.refuse(32, bit as u64 / 8)));
        }
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            assert_eq!(reason(verify(&tree.root(), 3, index, &leaf, &altered(&proof, |proof| proof.swap(i, j)))), Some(Root));
        }
    }
}

#[test]
fn the_deepest_tree() {
    let data = leaves(3);
    let tree = Tree::new(MAX_DEPTH, &data).unwrap();
    for index in 0..3u32 {
        verify(&tree.root(), MAX_DEPTH, index, &data[index as usize], &tree.proof(index).unwrap()).unwrap();
    }
    let full: Vec<[u8; 4]> = (0..1u32 << MAX_DEPTH).map(u32::to_le_bytes).collect();
    let tree = Tree::new(MAX_DEPTH, &full).unwrap();
    for index in [0, 1, 0x5_5555, (1 << MAX_DEPTH) - 1] {
        verify(&tree.root(), MAX_DEPTH, index, &index.to_le_bytes(), &tree.proof(index).unwrap()).unwrap();
    }
    assert_eq!(Tree::new(MAX_DEPTH + 1, &data).err(), Some(Depth.refuse(20, 21)));
    assert_eq!(Tree::new(1, &data).err(), Some(LeafIndex.refuse(1, 2)));
}

/// Two neighbouring leaves with one proof: each pair proves itself at its index alone, in as few hashes as the tree allows.
#[test]
fn every_two_neighbours_prove_themselves() {
    for depth in 0..=5u8 {
        for count in 1..=1usize << depth {
            let data = leaves(count);
            let tree = Tree::new(depth, &data).unwrap();
            let root = tree.root();
            for index in 0..count as u32 - 1 {
                let (left, right) = (&data[index as usize], &data[index as usize + 1]);
                let proof = tree.neighbours(index).unwrap();
                // one path to the root, and the other up to where they meet
                let apart = (0..depth).find(|level| index >> level >> 1 == (index + 1) >> level >> 1).unwrap();
                assert_eq!(proof.len(), usize::from(depth - 1 + apart));
                assert_eq!(neighbours_length(depth, index), Ok(proof.len()));
                verify_neighbours(&root, depth, index, left, right, &proof).unwrap();
                assert_eq!(reason(verify_neighbours(&root, depth, index, right, left, &proof)), Some(Root));
                for other in (0..(1 << depth) - 1).filter(|other| *other != index) {
                    let got = reason(verify_neighbours(&root, depth, other, left, right, &proof));
                    assert_eq!(got, Some(if neighbours_length(depth, other) == Ok(proof.len()) { Root } else { ProofLength }));
                }
                for length in (0..2 * usize::from(depth) + 2).filter(|length| *length != proof.len()) {
                    let got = verify_neighbours(&root, depth, index, left, right, &altered(&proof, |it| it.resize(length, ABSENT)));
                    assert_eq!(got, Err(ProofLength.refuse(proof.len() as u64, length as u64)));
                }
                for bit in 0..proof.len() * 256 {
                    let other = altered(&proof, |proof| proof[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8));
                    assert_eq!(reason(verify_neighbours(&root, depth, index, left, right, &other)), Some(Root));
                }
            }
            assert_eq!(tree.neighbours(count as u32 - 1).unwrap_err().reason, LeafIndex);
            // the last leaf has no neighbour, though the low bits of its index lead to one
            for index in [(1 << depth) - 1, 1 << depth, u32::MAX - 1, u32::MAX] {
                let got = reason(verify_neighbours(&root, depth, index, &data[0], &data[0], &[]));
                assert_eq!(got, Some(LeafIndex));
            }
        }
    }
    let deep = [ABSENT; 40];
    assert_eq!(verify_neighbours(&ABSENT, 21, 0, &[], &[], &deep), Err(Depth.refuse(20, 21)));
    assert_eq!(neighbours_length(20, (1 << 19) - 1), Ok(38));
}
