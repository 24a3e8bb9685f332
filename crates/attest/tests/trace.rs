//! Traces: of an honest one no link is ever refuted, of any other one exactly the wrong links are; and the network forgets nothing.
use hmm_attest::Reason::{self, *};
use hmm_attest::merkle::{self, Tree};
use hmm_attest::trace::*;
use hmm_attest::{Hash, Refusal, hash};
use std::collections::HashSet;

fn root(name: &str, number: u32) -> Hash {
    hash(&[name.as_bytes(), &number.to_le_bytes()])
}

/// A claim with everything behind it.
#[derive(Clone)]
struct Trace {
    claim: Claim,
    states: Vec<State>,
}

impl Trace {
    fn honest(seed: u32, depth: u8) -> Trace {
        let (model_root, input_root) = (root("model", seed), root("input", seed));
        let mut states = vec![initial_state(&model_root, &input_root)];
        for _ in 0..1 << depth {
            states.push(step(&model_root, states.last().unwrap()));
        }
        let output_root = states.pop().unwrap();
        Trace { claim: Claim { model_root, input_root, depth, trace_root: [0; 32], output_root }, states }.sealed()
    }
    /// Commits to what the states are now.
    fn sealed(mut self) -> Trace {
        self.claim.trace_root = self.tree().root();
        self
    }
    fn with(&self, change: impl FnOnce(&mut Trace)) -> Trace {
        let mut other = self.clone();
        change(&mut other);
        other.sealed()
    }
    fn tree(&self) -> Tree {
        Tree::new(self.claim.depth, &self.states).unwrap()
    }
    fn last_link(&self) -> u32 {
        1 << self.claim.depth
    }
    /// The links that are shown to be wrong; every other one must be told to be right.
    fn wrong_links(&self) -> Vec<u32> {
        let tree = self.tree();
        let wrong = |link: &u32| match self.claim.refute(*link, &items(&tree, &self.states, *link).unwrap()) {
            Ok(()) => true,
            Err(refusal) => {
                assert_eq!(refusal, Honest.refuse(31, 32));
                false
            }
        };
        (0..=self.last_link()).filter(wrong).collect()
    }
    /// By the definition.
    fn is_honest(&self) -> bool {
        let model = &self.claim.model_root;
        let first = initial_state(model, &self.claim.input_root);
        let right = self.states.iter().scan(first, |state, _| Some(std::mem::replace(state, step(model, state))));
        right.eq(self.states.iter().copied()) && step(model, self.states.last().unwrap()) == self.claim.output_root
    }
}

fn reason(got: Result<(), Refusal>) -> Option<Reason> {
    got.err().map(|refusal| refusal.reason)
}

#[test]
fn honest_traces_have_no_wrong_link() {
    for seed in 0..20 {
        for depth in 0..=6 {
            let trace = Trace::honest(seed, depth);
            assert!(trace.is_honest());
            assert_eq!(trace.wrong_links(), []);
        }
    }
    let deepest = Trace::honest(0, MAX_DEPTH);
    assert_eq!(deepest.wrong_links(), []);
}

/// Every list of items that can be made from what there is: states, leaves, nodes, roots, and a stranger. All lists of up to four items,
/// and of longer ones those that differ from the right one in one or two places.
#[test]
fn nothing_refutes_an_honest_trace() {
    let (mut lists, mut opened) = (0u64, 0u64);
    for depth in 0..=3u8 {
        let trace = Trace::honest(7, depth);
        let (claim, tree) = (trace.claim, trace.tree());
        let mut pool = trace.states.clone();
        pool.extend([claim.output_root, claim.trace_root, claim.model_root, claim.input_root, merkle::ABSENT, [7; 32]]);
        pool.push(step(&claim.model_root, &claim.output_root));
        for index in 0..1 << depth {
            pool.extend(tree.proof(index).unwrap());
            pool.push(merkle::leaf(index, &trace.states[index as usize]));
        }
        pool.sort();
        pool.dedup();
        let mut attempt = |link: u32, items: &[Hash]| {
            let got = reason(claim.refute(link, items)).expect("an honest trace is refuted");
            assert!([Root, Honest, ProofLength].contains(&got));
            lists += 1;
            opened += u64::from(got == Honest);
        };
        for link in 0..=1u32 << depth {
            let right = items(&tree, &trace.states, link).unwrap();
            if right.len() <= 4 {
                for count in 0..=right.len() {
                    for number in 0..pool.len().pow(count as u32) {
                        let list: Vec<Hash> = (0..count).map(|at| pool[number / pool.len().pow(at as u32) % pool.len()]).collect();
                        attempt(link, &list);
                    }
                }
            }
            for other in 0..=1u32 << depth {
                attempt(other, &right);
            }
            for (i, j) in (0..right.len()).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                for (first, second) in pool.iter().flat_map(|first| pool.iter().map(move |second| (first, second))) {
                    let mut list = right.clone();
                    (list[i], list[j]) = (*first, *second);
                    attempt(link, &list);
                }
            }
        }
    }
    println!("{lists} lists of items, {opened} of them open a link");
}

/// Every bit of every leaf and of the output, in traces that were right before: the two links beside it are wrong, no other.
#[test]
fn every_corruption_of_one_state() {
    for (seed, depth) in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)] {
        let honest = Trace::honest(seed, depth);
        let last = honest.last_link();
        for at in 0..=last {
            for bit in 0..256usize {
                let corrupt = honest.with(|it| {
                    let state = it.states.get_mut(at as usize).unwrap_or(&mut it.claim.output_root);
                    state[bit / 8] ^= 1 << (bit % 8);
                });
                assert!(!corrupt.is_honest());
                // a step may forget a bit (a sum is divided), but then only the link behind is right
                let expected = if at == last { vec![at] } else { vec![at, at + 1] };
                let wrong = corrupt.wrong_links();
                assert!(wrong == expected || wrong == [at] && at != last, "{depth} {at} {bit}: {wrong:?}");
            }
        }
    }
}

/// A worker that goes on correctly from a wrong state has one wrong link alone, wherever it is, and that one is found.
#[test]
fn every_single_wrong_link() {
    for depth in 0..=4 {
        let honest = Trace::honest(8, depth);
        let last = honest.last_link();
        for at in 0..=last {
            let other = honest.with(|it| {
                let mut state = [at as u8; 32];
                for i in at..last {
                    it.states[i as usize] = state;
                    state = step(&it.claim.model_root, &state);
                }
                it.claim.output_root = state;
            });
            assert_eq!(other.wrong_links(), [at]);
        }
        // the honest computation of something else
        let claim = honest.claim;
        let model = honest.with(|it| it.claim.model_root = root("model", 9));
        assert_eq!(model.wrong_links(), (0..=last).collect::<Vec<_>>());
        let input = honest.with(|it| it.claim.input_root = root("input", 9));
        assert_eq!(input.wrong_links(), [0]);
        let stopped = honest.with(|it| it.claim.output_root = *it.states.last().unwrap());
        assert_eq!(stopped.wrong_links(), [last]);
        let reversed = honest.with(|it| it.states.reverse());
        assert_eq!(reversed.wrong_links().is_empty(), depth == 0);
        assert_eq!(honest.with(|_| ()).claim, claim);
    }
}

/// All traces whose states and output are each right, wrong, or a step from what is before them: refuted unless they are honest.
#[test]
fn a_trace_is_refuted_unless_it_is_honest() {
    for depth in 0..=2u8 {
        let honest = Trace::honest(11, depth);
        let places = honest.states.len() + 1;
        let (mut right, mut wrong) = (0, 0);
        for choice in 0..4usize.pow(places as u32) {
            let mut before: Option<State> = None;
            let told: Vec<State> = (0..places)
                .map(|at| {
                    let state = match choice >> (2 * at) & 3 {
                        0 => *honest.states.get(at).unwrap_or(&honest.claim.output_root),
                        1 => before.map_or(honest.states[0], |before| step(&honest.claim.model_root, &before)),
                        2 => [0; 32],
                        _ => honest.states[0],
                    };
                    before = Some(state);
                    state
                })
                .collect();
            let trace = honest.with(|it| {
                it.states = told[..places - 1].to_vec();
                it.claim.output_root = told[places - 1];
            });
            assert_eq!(trace.wrong_links().is_empty(), trace.is_honest());
            if trace.is_honest() { right += 1 } else { wrong += 1 }
        }
        assert!(right > 1 && wrong > right);
    }
}

#[test]
fn refusals_tell_what_was_found() {
    let trace = Trace::honest(1, 3);
    let claim = trace.claim;
    let right = items(&trace.tree(), &trace.states, 4).unwrap();
    assert_eq!(right.len(), 2 * 3);
    assert_eq!(claim.refute(4, &right), Err(Honest.refuse(31, 32)));
    assert_eq!(claim.refute(9, &right), Err(Link.refuse(8, 9)));
    assert_eq!(claim.refute(u32::MAX, &right), Err(Link.refuse(8, u32::MAX.into())));
    assert_eq!(claim.refute(4, &right[1..]), Err(ProofLength.refuse(6, 5)));
    assert_eq!(claim.refute(4, &[]), Err(ProofLength.refuse(6, 0)));
    assert_eq!(claim.refute(3, &right), Err(ProofLength.refuse(4, 6)));
    assert_eq!(reason(claim.refute(2, &right[..5])), Some(Root));
    for depth in [MAX_DEPTH + 1, 20, 21, 31, 32, u8::MAX] {
        let deep = Claim { depth, ..claim };
        assert_eq!(deep.refute(4, &right), Err(Depth.refuse(10, depth.into())));
        assert_eq!(deep.last_link(), Err(Depth.refuse(10, depth.into())));
    }
    assert_eq!(items(&trace.tree(), &trace.states, 9).unwrap_err().reason, LeafIndex);
}

/// 20 items at most: 640 bytes.
#[test]
fn refutations_are_short() {
    for depth in 0..=MAX_DEPTH {
        let claim = Claim { depth, ..Trace::honest(0, 0).claim };
        let longest = (0..=claim.last_link().unwrap()).map(|link| claim.items(link).unwrap()).max().unwrap();
        assert_eq!(longest, usize::from(depth) * 2 + usize::from(depth == 0));
    }
    let trace = Trace::honest(1, MAX_DEPTH).with(|it| it.states[1 << 9][0] ^= 1);
    let items = items(&trace.tree(), &trace.states, 1 << 9).unwrap();
    assert_eq!(items.len(), 20);
    trace.claim.refute(1 << 9, &items).unwrap();
}

/// The committed weights are what the network is made of: neurons are sums of the state's bytes, in 8 bits, folded.
#[test]
fn a_step_is_the_network() {
    let model = root("model", 3);
    let number = |byte: u8| i32::from(byte) - 128;
    for seed in 0..200 {
        let state = root("state", seed);
        let next = step(&model, &state);
        for (row, neuron) in next[..30].iter().enumerate() {
            let weights = hash(&[b"hmm:weights\0\0\0\0\0", &model, &[row as u8]]);
            let sum: i32 = weights.iter().zip(&state).map(|(w, x)| number(*w) * number(*x)).sum();
            let v = sum.div_euclid(128).rem_euclid(512);
            assert_eq!(i32::from(*neuron), v.min(511 - v));
        }
        let clock = u16::from_le_bytes([state[30], state[31]]);
        assert_eq!(next[30..], clock.wrapping_add(1).to_le_bytes());
    }
}

/// No state returns, not even without its clock; different inputs stay different to the end; neurons use their whole range; a bit of
/// the state soon changes everything.
#[test]
fn the_network_forgets_nothing() {
    let mut outputs = HashSet::new();
    for seed in 0..40 {
        let (model, depth) = (root("model", seed % 4), if seed < 8 { 13 } else { 9 });
        let mut state = initial_state(&model, &root("input", seed));
        assert_eq!(state[30..], [0, 0]);
        let (mut seen, mut values) = (HashSet::new(), vec![HashSet::new(); 30]);
        for count in 0..1u32 << depth {
            assert!(seen.insert(state[..30].to_vec()), "model {seed}: a state returns after {count} steps");
            values.iter_mut().zip(state).for_each(|(values, byte)| _ = values.insert(byte));
            state = step(&model, &state);
        }
        assert_eq!(u32::from(u16::from_le_bytes([state[30], state[31]])), 1 << depth);
        assert!(values.iter().all(|values| values.len() > 200), "{:?}", values.iter().map(HashSet::len).min());
        assert!(outputs.insert(state[..30].to_vec()));
    }
    for bit in 0..256 {
        let (model, mut one) = (root("model", bit), root("state", bit));
        let mut other = one;
        other[bit as usize / 8] ^= 1 << (bit % 8);
        (0..16).for_each(|_| (one, other) = (step(&model, &one), step(&model, &other)));
        let differ = one[..30].iter().zip(&other[..30]).filter(|(a, b)| a != b).count();
        assert!(differ >= 24, "bit {bit}: {differ} neurons differ");
    }
}
