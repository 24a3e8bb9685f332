//! A world around the machine: a ledger of every place, which refuses to overdraw and never forgets a credit.
#![allow(dead_code)]

use std::collections::BTreeMap;

use hmm_job::{Actor, Asset, Assignment, Effects, Event, Job, JobEvent, Phase, Place, Result, Terms};

pub const R: usize = 2;
pub type TheJob = Job<R>;
pub type TheAssignment = Assignment<R>;

pub fn terms(gang: bool) -> Terms {
    Terms {
        gang,
        assign_by: 10,
        start_by: 20,
        submit_by: 30,
        notice: 10,
        draw_delay: 2,
        round: 3,
        challenge: 4,
        appeal: 5,
        gamma: 1_500_000,
        reservation: 500_000,
        reservation_fee: 3,
        seat_fee: 1,
        seats: 3,
        seats_high: 5,
        high_value: 1_000_000,
        min_bond: 11,
        pass_score: 5_000,
        bonus_score: 9_000,
        bonus: 50_000,
        bonus_cap: 900_000,
        sample_margin: 1_250_000,
        sample_min: 50_000,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Copy)]
pub enum Key {
    Credits(Place),
    Voucher(u8, Place),
}

/// What lies where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger(pub BTreeMap<Key, u64>);

impl Ledger {
    pub fn with(start: &[(Key, u64)]) -> Self {
        Self(start.iter().copied().collect())
    }

    pub fn get(&self, key: Key) -> u64 {
        self.0.get(&key).copied().unwrap_or(0)
    }

    pub fn credits(&self, place: Place) -> u64 {
        self.get(Key::Credits(place))
    }

    pub fn apply(&mut self, effects: &Effects) {
        for m in effects.moves() {
            let key = |place| match m.asset {
                Asset::Credits => Key::Credits(place),
                Asset::Voucher(r) => Key::Voucher(r, place),
            };
            let have = self.get(key(m.from));
            assert!(m.amount > 0 && have >= m.amount, "overdraws: {m:?}, there are {have}");
            match have - m.amount {
                0 => self.0.remove(&key(m.from)),
                rest => self.0.insert(key(m.from), rest),
            };
            *self.0.entry(key(m.to)).or_default() += m.amount;
        }
    }

    /// Sum of credits and of vouchers of each resource.
    pub fn totals(&self) -> [u128; 1 + R] {
        let mut totals = [0; 1 + R];
        for (key, &amount) in &self.0 {
            totals[match key {
                Key::Credits(_) => 0,
                Key::Voucher(r, _) => 1 + usize::from(*r),
            }] += u128::from(amount);
        }
        totals
    }
}

/// The world: clock, job, assignments, ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub now: i64,
    pub job: TheJob,
    pub assignments: Vec<TheAssignment>,
    pub ledger: Ledger,
}

/// Whatever can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    Job(JobEvent),
    Assign { units: [u64; R], value: u64, free: u64 },
    On(usize, Event<R>),
    Wait(i64),
}

impl World {
    pub fn new(terms: Terms, budget: u64, purse: u64) -> Self {
        let mut start = vec![
            (Key::Credits(Place::Client), purse + budget),
            (Key::Voucher(0, Place::Client), purse),
            (Key::Voucher(1, Place::Client), purse),
            (Key::Voucher(0, Place::Pool), purse),
            (Key::Voucher(1, Place::Pool), purse),
        ];
        for i in 0..8 {
            for place in [Place::Free(i), Place::Held(i), Place::Challengers(i), Place::Appellant(i)] {
                start.push((Key::Credits(place), purse));
            }
        }
        let mut ledger = Ledger::with(&start);
        let (job, effects) = Job::open(terms, 0, budget).unwrap();
        ledger.apply(&effects);
        Self { now: 0, job, assignments: Vec::new(), ledger }
    }

    /// All or nothing, as a transaction.
    pub fn act(&mut self, by: Actor, act: Act) -> Result<()> {
        let mut job = self.job;
        let effects = match act {
            Act::Wait(seconds) => {
                self.now += seconds;
                return Ok(());
            }
            Act::Job(event) => job.apply_job(by, self.now, event)?,
            Act::Assign { units, value, free } => {
                let (assignment, effects) = job.assign(by, self.now, &units, value, free)?;
                self.assignments.push(assignment);
                effects
            }
            Act::On(i, event) => {
                let mut a = self.assignments[i];
                let effects = job.apply(&mut a, by, self.now, event)?;
                self.assignments[i] = a;
                effects
            }
        };
        self.job = job;
        self.ledger.apply(&effects);
        Ok(())
    }

    /// Solvency: every place inside the job holds exactly what job and assignments say, and nothing else lies there.
    pub fn check(&self) {
        let l = &self.ledger;
        assert_eq!(l.credits(Place::Job), self.job.credits);
        for (r, lot) in self.job.lots.iter().enumerate() {
            assert_eq!(l.get(Key::Voucher(r as u8, Place::Job)), lot.units().unwrap());
        }
        for a in &self.assignments {
            let i = a.index;
            assert_eq!(l.credits(Place::ReservationFee(i)), a.fee);
            assert_eq!(l.credits(Place::FeeBudget(i)), a.fees);
            assert_eq!(l.credits(Place::Bond(i)), a.bond);
            assert_eq!(l.credits(Place::Payment(i)), a.payment);
            assert_eq!(l.credits(Place::ChallengeBonds(i)), a.challenge_bond * u64::from(a.challengers));
            assert_eq!(l.credits(Place::AppealBond(i)), if a.appealed { a.challenge_bond } else { 0 });
            for (r, lot) in a.lots.iter().enumerate() {
                let before = if a.phase == Phase::Reserved { lot.units().unwrap() } else { 0 };
                assert_eq!(l.get(Key::Voucher(r as u8, Place::Lots(i))), before);
            }
            // From the start on the client is covered: payment and bond hold its cost.
            if !matches!(a.phase, Phase::Reserved | Phase::Done) {
                assert!(a.payment + a.bond >= a.cost);
            }
        }
        for phase in PHASES {
            let count = self.assignments.iter().filter(|a| a.phase == phase).count();
            assert_eq!(usize::from(self.job.count(phase)), count);
        }
    }

    /// Nothing is left inside: every party's claim is a wallet, a claim, a free bond, or burned.
    pub fn check_empty(&self) {
        assert!(self.job.closed.is_some());
        for key in self.ledger.0.keys() {
            let place = match key {
                Key::Credits(place) | Key::Voucher(_, place) => place,
            };
            let inside = matches!(
                place,
                Place::Job
                    | Place::Lots(_)
                    | Place::ReservationFee(_)
                    | Place::FeeBudget(_)
                    | Place::Bond(_)
                    | Place::Payment(_)
                    | Place::ChallengeBonds(_)
                    | Place::AppealBond(_)
            );
            assert!(!inside, "left behind: {key:?} in {self:?}");
        }
    }
}

pub const PHASES: [Phase; Phase::COUNT] = [
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

/// Cranks that anybody can send; `eligible` is how many verifiers there are, and none of them reveals.
pub fn cranks(eligible: u8) -> Vec<Event<R>> {
    let mut cranks = vec![Event::NoShow, Event::Unwind, Event::Lapse, Event::Settle, Event::Tally { revealed: 0, score: 0 }];
    for random in [0, u64::MAX] {
        cranks.push(Event::Draw { eligible, random, newcomer: false });
    }
    cranks
}

pub fn name(event: &Event<R>) -> &'static str {
    match event {
        Event::Start { .. } => "Start",
        Event::Decline => "Decline",
        Event::Release => "Release",
        Event::NoShow => "NoShow",
        Event::Unwind => "Unwind",
        Event::Submit { .. } => "Submit",
        Event::Lapse => "Lapse",
        Event::Draw { .. } => "Draw",
        Event::Tally { .. } => "Tally",
        Event::Challenge => "Challenge",
        Event::ProveFraud { .. } => "ProveFraud",
        Event::Appeal => "Appeal",
        Event::Settle => "Settle",
    }
}

/// A small, fixed generator (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}
