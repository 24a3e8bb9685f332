//! What workers do, honest and not, and what verifiers find.
use std::cell::RefCell;
use std::collections::BTreeSet;

use hmm_agents::judge::{MAX_SCORE, ONE, SAMPLE_TAG, sampled_links};
use hmm_agents::work::{NoTrace, REPORT_TAG, report, report_digest};
use hmm_agents::{Fraud, Judgement, Published, TraceSource, Vote, Work, judge};
use hmm_attest::digest::{Domain, TAGS};
use hmm_attest::merkle::Tree;
use hmm_attest::trace::{Claim, STATE_TAG, WEIGHTS_TAG, step};
use hmm_attest::{Hash, Reason, hash};

const SALT: Hash = [5; 32];

fn honest(depth: u8) -> Work {
    Work::run([1; 32], [2; 32], depth).unwrap()
}

/// A worker that goes wrong at one state and on from there; its claim is what it attests.
fn forged(depth: u8, at: usize) -> (Claim, Published) {
    let work = honest(depth);
    let mut states = work.states().to_vec();
    states[at][0] ^= 1;
    for i in at + 1..states.len() {
        states[i] = step(&[1; 32], &states[i - 1]);
    }
    let output_root = step(&[1; 32], states.last().unwrap());
    let claim = Claim { trace_root: Tree::new(depth, &states).unwrap().root(), output_root, ..*work.claim() };
    (claim, Published::read(&states.concat()).unwrap())
}

/// A source that shows nothing of some links, and remembers what it was asked.
struct Hiding<'a, S> {
    source: &'a S,
    hidden: BTreeSet<u32>,
    asked: RefCell<Vec<u32>>,
}

impl<S: TraceSource> TraceSource for Hiding<'_, S> {
    fn open(&self, link: u32) -> Option<Vec<Hash>> {
        self.asked.borrow_mut().push(link);
        self.source.open(link).filter(|_| !self.hidden.contains(&link))
    }
}

#[test]
fn honest_work_has_the_best_score() {
    for depth in [0, 1, 2, 5, 8] {
        let work = honest(depth);
        let published = Published::read(&work.publish()).unwrap();
        for samples in [0, 1, 3, 40, u32::MAX] {
            let found = judge(work.claim(), &published, &SALT, samples).unwrap();
            assert_eq!(found, judge(work.claim(), &work, &SALT, samples).unwrap());
            let opened = (1 << depth) + 1;
            let expected = Judgement {
                score: MAX_SCORE,
                delta_i: found.delta_i,
                delta_u: ONE,
                fraud: None,
                opened: opened.min(samples.saturating_add(2)),
                withheld: None,
            };
            assert_eq!(found, expected);
            assert!((1..=ONE).contains(&found.delta_i));
        }
    }
}

/// Every place of every small trace: whoever looks at the whole trace finds the one wrong link, and what it found refutes the claim.
#[test]
fn every_forgery_is_found_by_looking_everywhere() {
    for depth in [0, 1, 3, 5] {
        for at in 0..1usize << depth {
            let (claim, published) = forged(depth, at);
            let found = judge(&claim, &published, &SALT, u32::MAX).unwrap();
            let Fraud { link, items } = found.fraud.clone().unwrap();
            assert_eq!((found.score, found.delta_i, found.delta_u), (0, 0, -ONE));
            assert_eq!((link as usize, found.opened as usize, found.withheld), (at, at + 1, None));
            claim.refute(link, &items).unwrap();
            assert_eq!(honest(depth).claim().refute(link, &items).unwrap_err().reason, Reason::Root);
        }
        let work = honest(depth);
        let echo = Claim { output_root: *work.states().last().unwrap(), ..*work.claim() };
        assert_eq!(judge(&echo, &work, &SALT, 0).unwrap().fraud.unwrap().link, 1 << depth);
        let other = Claim { input_root: [3; 32], ..*work.claim() };
        assert_eq!(judge(&other, &work, &SALT, 0).unwrap().fraud.unwrap().link, 0);
    }
}

/// One wrong link in 64, 8 samples between the ends: found as often as 8 in 63.
#[test]
fn sampling_finds_as_often_as_it_should() {
    let (claim, published) = forged(6, 20);
    let salts = (0..2_000u32).map(|n| hash(&[&n.to_le_bytes()]));
    let found = salts.filter(|salt| judge(&claim, &published, salt, 8).unwrap().fraud.is_some()).count();
    let expected = 2_000.0 * 8.0 / 63.0;
    println!("{found} of 2,000 find it, {expected:.0} expected");
    // five standard deviations
    assert!((found as f64 - expected).abs() < 5.0 * (expected * (1.0 - 8.0 / 63.0)).sqrt());
}

#[test]
fn the_salt_alone_chooses_the_links() {
    let claim = *honest(6).claim();
    let mut all = BTreeSet::new();
    for n in 0..200u32 {
        let salt = hash(&[&n.to_le_bytes()]);
        let links = sampled_links(&claim, &salt, 5).unwrap();
        assert_eq!(links, sampled_links(&claim, &salt, 5).unwrap());
        assert!(links.len() == 7 && links.contains(&0) && links.contains(&64) && *links.last().unwrap() == 64);
        all.extend(links);
    }
    assert_eq!(all, (0..=64).collect());
    let elsewhere = Claim { trace_root: [0; 32], ..claim };
    assert_ne!(sampled_links(&claim, &SALT, 5).unwrap(), sampled_links(&elsewhere, &SALT, 5).unwrap());
    assert_eq!(sampled_links(&Claim { depth: 11, ..claim }, &SALT, 5).unwrap_err().reason, Reason::Depth);
}

/// What is not opened is judged by doing all of it anew: an honest worker out of reach passes, one that hides its forgery does not.
#[test]
fn hiding_does_not_help() {
    let work = honest(4);
    for link in 0..=16 {
        let source = Hiding { source: &work, hidden: BTreeSet::from([link]), asked: RefCell::default() };
        let found = judge(work.claim(), &source, &SALT, u32::MAX).unwrap();
        assert_eq!((found.score, found.withheld, found.fraud), (MAX_SCORE, Some(link), None));
        assert_eq!(*source.asked.borrow(), (0..=link).collect::<Vec<_>>());

        let (claim, published) = forged(4, link.min(15) as usize);
        let hidden = BTreeSet::from([link.min(15)]);
        let source = Hiding { source: &published, hidden, asked: RefCell::default() };
        let found = judge(&claim, &source, &SALT, u32::MAX).unwrap();
        assert_eq!((found.score, found.delta_u, found.withheld, found.fraud), (0, -ONE, Some(link.min(15)), None));
    }
    assert_eq!(judge(work.claim(), &(), &SALT, 3).unwrap().score, MAX_SCORE);
    assert_eq!(judge(&Claim { output_root: [0; 32], ..*work.claim() }, &(), &SALT, 3).unwrap().score, 0);
}

/// What a worker shows instead of its trace never makes honest work look forged, nor forged work honest.
#[test]
fn what_is_shown_is_not_believed() {
    let (work, (claim, forgery)) = (honest(4), forged(4, 7));
    let shows_forgery = judge(work.claim(), &forgery, &SALT, u32::MAX).unwrap();
    assert_eq!((shows_forgery.score, shows_forgery.fraud, shows_forgery.withheld), (MAX_SCORE, None, Some(0)));
    let shows_honest = judge(&claim, &work, &SALT, u32::MAX).unwrap();
    assert_eq!((shows_honest.score, shows_honest.fraud, shows_honest.withheld), (0, None, Some(0)));
    let other_depth = Published::read(&honest(3).publish()).unwrap();
    assert_eq!(judge(work.claim(), &other_depth, &SALT, 2).unwrap().score, MAX_SCORE);
    struct Noise;
    impl TraceSource for Noise {
        fn open(&self, link: u32) -> Option<Vec<Hash>> {
            Some(vec![[link as u8; 32]; 1_000])
        }
    }
    assert_eq!(judge(work.claim(), &Noise, &SALT, 2).unwrap().score, MAX_SCORE);
    assert_eq!(judge(&claim, &Noise, &SALT, 2).unwrap().score, 0);
    assert_eq!(judge(&Claim { depth: 11, ..claim }, &Noise, &SALT, 2).unwrap_err().reason, Reason::Depth);
}

/// By the definition; what a network that forgets its input or repeats it would give is far from what this one gives.
#[test]
fn information_tells_the_output_from_the_input() {
    let mut sum = 0;
    for n in 0..400u32 {
        let work = Work::run([1; 32], hash(&[&n.to_le_bytes()]), 4).unwrap();
        let bits = |at: usize| (0..8).map(move |bit| (at, bit));
        let differ = |(at, bit): (usize, u32)| (work.states()[0][at] ^ work.claim().output_root[at]) >> bit & 1 == 1;
        let count = (0..30).flat_map(bits).filter(|place| differ(*place)).count() as i64;
        let found = judge(work.claim(), &work, &SALT, 0).unwrap().delta_i;
        assert_eq!(found, ONE * count.min(240 - count) / 120);
        sum += found;
    }
    assert!((930_000..970_000).contains(&(sum / 400)), "{}", sum / 400);
}

#[test]
fn published_bytes_are_a_trace_or_refused() {
    let work = honest(3);
    let bytes = work.publish();
    for length in (0..bytes.len()).chain([31, 33, 96, 1 << 19]) {
        let got = Published::read(&vec![0; length]).err();
        let fine = length % 32 == 0 && (length / 32).is_power_of_two() && length / 32 <= 1 << 10;
        assert_eq!(got, (!fine).then_some(NoTrace { found: length }));
    }
    let published = Published::read(&bytes).unwrap();
    for link in 0..=8 {
        assert_eq!(TraceSource::open(&published, link), Some(work.open(link).unwrap()));
    }
    assert_eq!((TraceSource::open(&published, 9), work.open(9).is_err()), (None, true));
    assert_eq!(Work::run([0; 32], [0; 32], 11).err().unwrap().reason, Reason::Depth);
}

#[test]
fn attestations_and_reports_say_what_was_run() {
    let work = honest(3);
    let usage = [8, 7, 6, 5, 4, 3, 2, 1];
    let attested = work.attestation([10; 32], [11; 32], [12; 32], [13; 32], usage);
    let Claim { model_root, input_root, output_root, trace_root, .. } = *work.claim();
    assert_eq!((attested.model_root, attested.input_root), (model_root, input_root));
    assert_eq!((attested.output_root, attested.trace_root), (output_root, trace_root));
    assert_eq!((attested.job, attested.assignment, attested.worker), ([10; 32], [11; 32], [12; 32]));
    assert_eq!((attested.measurement, attested.usage), ([13; 32], usage));
    assert_eq!(attested.report_digest, report_digest(work.claim(), &usage));
    assert_eq!(attested.report_digest, hash(&[&REPORT_TAG, report(work.claim(), &usage).as_bytes()]));
    let mut digests = vec![attested.report_digest];
    let other = [9; 32];
    for claim in [
        Claim { model_root: other, ..*work.claim() },
        Claim { input_root: other, ..*work.claim() },
        Claim { trace_root: other, ..*work.claim() },
        Claim { output_root: other, ..*work.claim() },
        Claim { depth: 4, ..*work.claim() },
    ] {
        digests.push(report_digest(&claim, &usage));
    }
    for resource in 0..8 {
        let mut usage = usage;
        usage[resource] += 1;
        digests.push(report_digest(work.claim(), &usage));
    }
    let all = digests.len();
    assert_eq!(digests.into_iter().collect::<BTreeSet<_>>().len(), all);
    // one tag, one meaning
    let tags = [TAGS, &[WEIGHTS_TAG, STATE_TAG, REPORT_TAG, SAMPLE_TAG]].concat();
    assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), tags.len());
}

#[test]
fn commitments_hide_nothing_but_the_salt() {
    let domain = Domain { program: [1; 32], genesis: [2; 32], market: [3; 32] };
    let work = honest(2);
    let found = judge(work.claim(), &work, &SALT, 1).unwrap();
    let vote = Vote::new(&found, 3, SALT);
    assert_eq!((vote.seat, vote.score, vote.delta_i, vote.delta_u), (3, found.score, found.delta_i, found.delta_u));
    let expected = hmm_attest::digest::VerifierCommit {
        round: [4; 32],
        seat: 3,
        score: found.score,
        delta_i: found.delta_i,
        delta_u: found.delta_u,
        salt: SALT,
    };
    assert_eq!(vote.commitment(&domain, &[4; 32]), expected.digest(&domain));
    assert!(!format!("{vote:?}").contains("5, 5"));
}
