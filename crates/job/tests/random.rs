//! A million random steps: nothing is overdrawn, forgotten, or stuck.

mod common;

use common::{Act, Random, World, cranks, terms};
use hmm_job::{Actor, Event, JobEvent, Terms};

const STEPS: u64 = 1_000_000;

fn random_act(r: &mut Random, world: &World) -> (Actor, Act) {
    let by = [Actor::Client, Actor::Router, Actor::Worker, Actor::Anyone][r.below(4) as usize];
    let small = |r: &mut Random| r.below(60);
    let pick = r.below(24);
    let i = r.below(world.assignments.len().max(1) as u64) as usize;
    let act = match pick {
        0 => Act::Job(JobEvent::TopUp { amount: small(r) }),
        1 => Act::Job(JobEvent::Fill { resource: r.below(3) as usize, units: small(r), paid: small(r), burned: r.below(4) }),
        2 => Act::Job(JobEvent::Deposit { resource: r.below(3) as usize, units: r.below(20) }),
        3 if r.below(20) == 0 => Act::Job(JobEvent::Cancel),
        4 => Act::Job(JobEvent::Close),
        // All that is there, or some.
        5 => {
            let units = world.job.lots.map(|lot| lot.units().unwrap());
            Act::Assign { units, value: small(r), free: small(r) }
        }
        6 => Act::Assign { units: [r.below(30), r.below(30)], value: small(r), free: small(r) },
        7 => Act::Wait(r.below(3) as i64),
        _ if world.assignments.is_empty() => Act::Wait(0),
        8..=10 => {
            let event = Event::Start { held: [small(r), small(r)], value: [small(r), small(r)], burned: r.below(9), free: 2 * small(r) };
            Act::On(i, event)
        }
        11 => Act::On(i, if r.below(4) == 0 { Event::Decline } else { Event::Challenge }),
        12 => Act::On(i, if r.below(4) == 0 { Event::Release } else { Event::Appeal }),
        13 | 14 => Act::On(i, Event::Submit { receipt: r.below(2) == 0 }),
        15 => Act::On(i, Event::ProveFraud { revealed: r.below(4) as u8 }),
        16 | 17 => Act::On(i, Event::Tally { revealed: r.below(12) as u8, score: r.below(10_002) as u16 }),
        18 | 19 => Act::On(i, Event::Draw { eligible: r.below(12) as u8, random: r.next(), newcomer: r.below(3) == 0 }),
        20 => Act::On(i, Event::Challenge),
        _ => {
            let all = cranks(9);
            Act::On(i, all[r.below(all.len() as u64) as usize])
        }
    };
    (by, act)
}

#[test]
fn a_million_random_steps_conserve_and_end() {
    let mut r = Random(7);
    let (mut tried, mut taken, mut jobs) = (0, 0, 0);
    let mut ends = std::collections::BTreeMap::<_, u64>::new();
    while taken < STEPS {
        jobs += 1;
        let odd = Terms {
            gamma: 1_000_000 + r.below(1_000_000) as u32,
            reservation: 1 + r.below(1_000_000) as u32,
            reservation_fee: r.below(8),
            high_value: r.below(80),
            min_bond: 10 + r.below(9),
            ..terms(r.below(2) == 0)
        };
        let mut world = World::new(odd, 150 + r.below(900), 20_000);
        let totals = world.ledger.totals();
        let mut idle = 0;
        while world.job.closed.is_none() {
            let (by, act) = random_act(&mut r, &world);
            let state = world.job.state();
            tried += 1;
            if world.act(by, act).is_ok() {
                taken += u64::from(!matches!(act, Act::Wait(_)));
                world.check();
                assert_eq!(world.ledger.totals(), totals);
            }
            assert!(world.job.closed.is_some() || world.job.state() <= hmm_job::State::Challenge, "{state:?}");
            idle += 1;
            assert!(idle < 100_000, "does not end: {world:?}");
        }
        world.check_empty();
        for a in &world.assignments {
            *ends.entry(a.outcome.unwrap()).or_default() += 1;
        }
        *ends.entry(world.job.closed.unwrap()).or_default() += 0;
    }
    println!("{taken} steps of {tried} tried, {jobs} jobs, ends of assignments: {ends:?}");
    assert_eq!(ends.len(), 12, "an outcome was never reached");
}
