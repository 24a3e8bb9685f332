//! Agents that are asked again and again, stop anywhere, and start anew: what they do, and that they lose nothing.
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use hmm_agents::keystore::Cost;
use hmm_agents::turn::{Assigned, Crank, Error, FraudTurn, Judged, Kept, KeptAssignment, KeptJob, SeatTurn, Seated, Stage, WorkerTurn};
use hmm_agents::{Fraud, Keystore, Passphrase, Vote, Work, judge};
use hmm_attest::digest::Domain;
use hmm_attest::{Hash, Reason};
use hmm_job::{Phase, Verdict};

const DOMAIN: Domain = Domain { program: [1; 32], genesis: [2; 32], market: [3; 32] };
/// A round from 1,000 to 1,600: commitments before 1,300.
const SEATED: Seated =
    Seated { round: [4; 32], seat: 2, stage: Stage::Drawn, until: 1_600, length: 600, all_committed: false, counted: false };

struct Verifier {
    path: PathBuf,
    work: Work,
    judged: Cell<u32>,
}

impl Verifier {
    fn new(test: &str) -> Verifier {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("turn").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("verifier.keys");
        Keystore::create(&path, &Passphrase::new(b"p"), Cost { memory: 8, passes: 1, lanes: 1 }).unwrap();
        Verifier { path, work: Work::run([1; 32], [2; 32], 3).unwrap(), judged: Cell::new(0) }
    }
    fn open(&self) -> Keystore {
        Keystore::open(&self.path, &Passphrase::new(b"p")).unwrap()
    }
    /// One turn of an agent that starts, is asked once, and stops.
    fn turn(&self, seated: Seated, now: i64) -> Result<SeatTurn, Error> {
        seated.turn(now, &DOMAIN, &mut self.open(), |salt| {
            self.judged.set(self.judged.get() + 1);
            judge(self.work.claim(), &self.work, salt, 2)
        })
    }
    fn kept(&self) -> Option<Vote> {
        self.open().vote(&SEATED.round).unwrap()
    }
    fn commit(&self) -> Hash {
        match self.turn(SEATED, 1_000).unwrap() {
            SeatTurn::Commit(commitment) => commitment,
            other => panic!("{other:?}"),
        }
    }
}

/// The whole life of a vote, with a restart between any two turns: one judgement, one commitment, one reveal.
#[test]
fn a_vote_survives_restarts() {
    let verifier = Verifier::new("restarts");
    let commitment = verifier.commit();
    // the transaction is lost, or not seen yet
    for now in [1_000, 1_100, 1_299] {
        assert_eq!(verifier.turn(SEATED, now).unwrap(), SeatTurn::Commit(commitment));
    }
    let committed = Seated { stage: Stage::Committed(commitment), ..SEATED };
    assert_eq!(verifier.turn(committed, 1_299).unwrap(), SeatTurn::Rest);
    let vote = verifier.kept().unwrap();
    assert_eq!((vote.seat, vote.score, vote.commitment(&DOMAIN, &SEATED.round)), (2, 10_000, commitment));
    for (seated, now) in [(Seated { all_committed: true, ..committed }, 1_001), (committed, 1_300), (committed, 1_599)] {
        assert_eq!(verifier.turn(seated, now).unwrap(), SeatTurn::Reveal(vote));
    }
    assert_eq!(verifier.kept(), Some(vote));
    assert_eq!(verifier.turn(Seated { stage: Stage::Revealed, ..SEATED }, 1_400).unwrap(), SeatTurn::Rest);
    assert_eq!((verifier.kept(), verifier.judged.get()), (None, 1));
}

#[test]
fn what_is_too_late_is_left() {
    let verifier = Verifier::new("late");
    // drawn, and asked for the first time in the second half
    assert_eq!(verifier.turn(SEATED, 1_300).unwrap(), SeatTurn::Rest);
    assert_eq!((verifier.kept(), verifier.judged.get()), (None, 0));
    let commitment = verifier.commit();
    assert_eq!(verifier.turn(SEATED, 1_300).unwrap(), SeatTurn::Rest);
    assert!(verifier.kept().is_some());
    let committed = Seated { stage: Stage::Committed(commitment), ..SEATED };
    assert_eq!(verifier.turn(committed, 1_600).unwrap(), SeatTurn::Rest);
    assert_eq!(verifier.kept(), None);
    verifier.commit();
    assert_eq!(verifier.turn(Seated { counted: true, ..SEATED }, 1_100).unwrap(), SeatTurn::Rest);
    assert_eq!(verifier.kept(), None);
}

#[test]
fn strange_commitments_are_told() {
    let verifier = Verifier::new("strange");
    let committed = Seated { stage: Stage::Committed([9; 32]), ..SEATED };
    assert!(matches!(verifier.turn(committed, 1_400), Err(Error::LostVote)));
    let commitment = verifier.commit();
    assert!(matches!(verifier.turn(committed, 1_400), Err(Error::LostVote)));
    // the same vote in another market's round
    let other = Domain { market: [8; 32], ..DOMAIN };
    let seated = Seated { stage: Stage::Committed(commitment), ..SEATED };
    assert!(matches!(seated.turn(1_400, &other, &mut verifier.open(), |_| unreachable!()), Err(Error::LostVote)));
    let elsewhere = Seated { round: [5; 32], ..SEATED };
    let refusal = Reason::Depth.refuse(10, 11);
    assert!(matches!(elsewhere.turn(1_000, &DOMAIN, &mut verifier.open(), |_| Err(refusal)), Err(Error::Claim(found)) if found == refusal));
    assert_eq!(verifier.open().vote(&[5; 32]).unwrap(), None);
    assert!(verifier.kept().is_some());
}

/// The draw gave another seat than was foreseen: the same vote is for it. Whichever the transaction bound that landed can be revealed.
#[test]
fn a_vote_follows_its_verifier_to_another_seat() {
    let verifier = Verifier::new("seats");
    let commitment = verifier.commit();
    let foreseen = verifier.kept().unwrap();
    let moved = Seated { seat: 5, ..SEATED };
    let vote = Vote { seat: 5, ..foreseen };
    let other = vote.commitment(&DOMAIN, &SEATED.round);
    assert_eq!(verifier.turn(moved, 1_000).unwrap(), SeatTurn::Commit(other));
    assert_ne!(other, commitment);
    for (seated, commitment, vote) in [(moved, other, vote), (SEATED, commitment, foreseen)] {
        let bound = Seated { stage: Stage::Committed(commitment), all_committed: true, ..seated };
        assert_eq!(verifier.turn(bound, 1_000).unwrap(), SeatTurn::Reveal(vote));
    }
    let wrong = Seated { stage: Stage::Committed(commitment), ..moved };
    assert!(matches!(verifier.turn(wrong, 1_000), Err(Error::LostVote)));
    assert_eq!(verifier.judged.get(), 1);
}

#[test]
fn salts_are_never_the_same() {
    let verifier = Verifier::new("salts");
    let commitments = (0..20).map(|number| match verifier.turn(Seated { round: [number; 32], ..SEATED }, 1_000).unwrap() {
        SeatTurn::Commit(_) => verifier.open().vote(&[number; 32]).unwrap().unwrap().salt,
        other => panic!("{other:?}"),
    });
    assert_eq!(commitments.collect::<std::collections::BTreeSet<_>>().len(), 20);
}

const PHASES: [Phase; Phase::COUNT] = [
    Phase::Reserved,
    Phase::Running,
    Phase::Submitted,
    Phase::Verifying,
    Phase::Window,
    Phase::Disputed,
    Phase::Ruled,
    Phase::Appealed,
    Phase::Final,
    Phase::Done,
];

#[test]
fn workers_start_decline_and_submit_in_time() {
    for phase in PHASES {
        for (now, able, waits_for_others) in
            [99, 100, 199, 200].into_iter().flat_map(|now| [(now, true, true), (now, true, false), (now, false, true), (now, false, false)])
        {
            let turn = Assigned { phase, start_by: 100, submit_by: 200, waits_for_others, able }.turn(now);
            let expected = match phase {
                Phase::Reserved if now == 99 && !able => WorkerTurn::Decline,
                Phase::Reserved if now == 99 && !waits_for_others => WorkerTurn::Start,
                Phase::Running if now < 200 && !waits_for_others => WorkerTurn::Submit,
                _ => WorkerTurn::Rest,
            };
            assert_eq!(turn, expected, "{phase:?} {now}");
        }
    }
}

#[test]
fn a_fraud_is_disputed_in_time_and_proven() {
    let fraud = Fraud { link: 3, items: vec![[1; 32]] };
    let verdicts = [None, Some(Verdict::Pass), Some(Verdict::Fail), Some(Verdict::Fraud), Some(Verdict::NoQuorum)];
    for (phase, verdict, now) in
        PHASES.into_iter().flat_map(|phase| verdicts.map(|verdict| [(phase, verdict, 99), (phase, verdict, 100)])).flatten()
    {
        let undeserved = now < 100 && verdict == Some(Verdict::Pass);
        let expected = match phase {
            Phase::Disputed | Phase::Appealed => FraudTurn::Prove(fraud.clone()),
            Phase::Window if undeserved => FraudTurn::Challenge,
            Phase::Ruled if undeserved => FraudTurn::Appeal,
            _ => FraudTurn::Rest,
        };
        assert_eq!(Judged { phase, until: 100, verdict }.turn(now, &fraud), expected);
    }
}

/// Every phase around every time there is, with all that may hold it up.
#[test]
fn assignments_are_cranked_from_the_very_second() {
    const FLAGS: [bool; 2] = [false, true];
    for (phase, now) in PHASES.into_iter().flat_map(|phase| [99, 100, 199, 200, 299, 300].map(|now| (phase, now))) {
        for (one, other, seats) in FLAGS.into_iter().flat_map(|one| FLAGS.map(|other| [(one, other, 0), (one, other, 3)])).flatten() {
            let kept = KeptAssignment {
                phase,
                start_by: 100,
                submit_by: 200,
                waits_for_others: one,
                until: 300,
                seats,
                revealed: if other { seats } else { 2.min(seats) },
                hash_known: one,
                owes: one,
                payable: one && other,
            };
            let expected = match phase {
                Phase::Reserved => (now >= 100).then_some(Crank::Expire),
                Phase::Running => (now >= if one { 100 } else { 200 }).then_some(Crank::Expire),
                Phase::Submitted => (now >= 300 && one).then_some(Crank::Draw),
                Phase::Verifying | Phase::Disputed | Phase::Appealed if seats == 0 => (now >= 300 && one).then_some(Crank::Draw),
                Phase::Verifying | Phase::Disputed | Phase::Appealed => (now >= 300 || other).then_some(Crank::Tally),
                Phase::Window | Phase::Ruled => (now >= 300).then_some(Crank::Settle),
                Phase::Final => Some(Crank::Settle),
                // what is owed to somebody who cannot be paid waits
                Phase::Done => (!one || other).then_some(Crank::ClaimAssignment),
            };
            assert_eq!(Kept::Assignment(kept).turn(now), expected, "{now} {kept:?}");
        }
    }
}

#[test]
fn jobs_rounds_and_counters_are_cranked_when_there_is_something() {
    let job = KeptJob { closed: false, live: 0, assign_by: 100, payable: false, spent: false };
    for (job, now, expected) in [
        (job, 99, None),
        (job, 100, Some(Crank::CloseJob)),
        (KeptJob { live: 1, ..job }, 100, None),
        // what an open job says of claims is not yet anybody's
        (KeptJob { payable: true, spent: true, ..job }, 99, None),
        (KeptJob { closed: true, ..job }, 100, None),
        (KeptJob { closed: true, payable: true, ..job }, 0, Some(Crank::ClaimJob)),
        (KeptJob { closed: true, spent: true, ..job }, 0, Some(Crank::ClaimJob)),
    ] {
        assert_eq!(Kept::Job(job).turn(now), expected, "{now} {job:?}");
    }
    assert_eq!(Kept::Round { over: false }.turn(i64::MAX), None);
    assert_eq!(Kept::Round { over: true }.turn(0), Some(Crank::CloseRound));
    for (amount, least, due) in [(0, 0, false), (0, 10, false), (9, 10, false), (10, 10, true), (1, 0, true)] {
        assert_eq!(Kept::Verifiers { slashed: amount, least }.turn(0), due.then_some(Crank::BurnSlashed));
        assert_eq!(Kept::Pool { due: amount, least }.turn(0), due.then_some(Crank::CollectFees));
    }
}
