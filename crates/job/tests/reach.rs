//! Every reachable state of small jobs, every silence, every transition, and the way out.

mod common;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use common::{Act, TheJob, World, cranks, name, terms};
use hmm_job::{Actor, Event, JobEvent, Phase, TABLE, Terms};

/// Who may fall silent; a bit of a mask each.
const CLIENT: u8 = 1;
const WORKERS: [u8; 2] = [2, 4];
const VERIFIERS: u8 = 8;
const CHALLENGERS: u8 = 16;
const EVERYBODY: u8 = 31;

/// Everything that parties who are not silent can do at all; the machine refuses what it refuses.
fn acts(world: &World, workers: usize, silent: u8) -> Vec<(Actor, Act)> {
    let mut acts = vec![(Actor::Anyone, Act::Job(JobEvent::Close))];
    let on = |i, event| Act::On(i, event);
    if silent & CLIENT == 0 {
        acts.push((Actor::Client, Act::Job(JobEvent::Cancel)));
        if world.job.lots.iter().all(|l| l.units().unwrap() == 0) && world.assignments.is_empty() {
            acts.push((Actor::Client, Act::Job(JobEvent::Fill { resource: 0, units: 4, paid: 9, burned: 1 })));
        }
        if world.assignments.len() < workers {
            acts.push((Actor::Router, Act::Assign { units: [2, 0], value: 4, free: 9 }));
        }
    }
    for (i, (a, worker)) in world.assignments.iter().zip(WORKERS).enumerate() {
        acts.extend(cranks(9).into_iter().chain(cranks(0)).map(|event| (Actor::Anyone, on(i, event))));
        if silent & CLIENT == 0 {
            acts.push((Actor::Client, on(i, Event::Release)));
        }
        if silent & worker == 0 {
            acts.push((Actor::Worker, on(i, Event::Start { held: [3, 0], value: [4, 0], burned: 1, free: 9 })));
            acts.push((Actor::Worker, on(i, Event::Decline)));
            acts.extend([false, true].map(|receipt| (Actor::Worker, on(i, Event::Submit { receipt }))));
        }
        if silent & VERIFIERS == 0 {
            let seats = a.seats;
            acts.extend([0, 10_000].map(|score| (Actor::Anyone, on(i, Event::Tally { revealed: seats, score }))));
        }
        if silent & CHALLENGERS == 0 {
            // Two challengers are enough to see joining.
            if a.challengers < 2 {
                acts.push((Actor::Anyone, on(i, Event::Challenge)));
            }
            acts.push((Actor::Anyone, on(i, Event::ProveFraud { revealed: 0 })));
            acts.push((Actor::Anyone, on(i, Event::Appeal)));
        }
    }
    acts
}

/// The seconds at which anything can change: the next end of a window.
fn next_time(world: &World) -> Option<i64> {
    let t = &world.job.terms;
    [t.assign_by, t.start_by, t.submit_by]
        .into_iter()
        .chain(world.assignments.iter().filter(|a| a.phase != Phase::Done).map(|a| a.until))
        .filter(|&at| at > world.now)
        .min()
}

/// With everybody silent: cranks and time only, until it is closed. Returns the rounds; `known` has those of states seen before.
fn way_out(world: &World, eligible: u8, sampled: bool, known: &mut HashMap<u64, u32>, seen: &mut Seen) -> u32 {
    let (mut world, mut path) = (world.clone(), vec![]);
    let rest = loop {
        if let Some(&rest) = known.get(&key(&world)) {
            break rest;
        }
        if world.job.closed.is_some() {
            world.check_empty();
            break 0;
        }
        path.push(key(&world));
        assert!(path.len() < 40, "no way out of {world:?}");
        let mut moved = false;
        for i in 0..world.assignments.len() {
            for event in cranks(eligible) {
                if !matches!(event, Event::Draw { random, .. } if (random == 0) != sampled) {
                    moved |= step(&mut world, Actor::Anyone, Act::On(i, event), seen);
                }
            }
        }
        moved |= step(&mut world, Actor::Anyone, Act::Job(JobEvent::Close), seen);
        if !moved {
            world.now = next_time(&world).unwrap_or_else(|| panic!("stuck: {world:?}"));
        }
    };
    for (key, steps) in path.iter().rev().zip(rest + 1..) {
        known.insert(*key, steps);
    }
    rest + u32::try_from(path.len()).unwrap()
}

/// What decides the future: the ledger's inside equals it (`World::check`), the outside has no say.
fn key(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    (world.now, &world.job, &world.assignments).hash(&mut hasher);
    hasher.finish()
}

type Seen = BTreeSet<(String, &'static str, String)>;

fn step(world: &mut World, by: Actor, act: Act, seen: &mut Seen) -> bool {
    let before = world.clone();
    if world.act(by, act).is_err() {
        assert_eq!(before, *world);
        return false;
    }
    world.check();
    assert_eq!(world.ledger.totals(), before.ledger.totals());
    let whole = |job: &TheJob| if job.closed.is_some() { "closed" } else { "open" }.to_string();
    match act {
        Act::On(i, event) => {
            let phase = |w: &World| format!("{:?}", w.assignments[i].phase);
            seen.insert((phase(&before), name(&event), phase(world)));
        }
        Act::Assign { .. } => drop(seen.insert(("-".into(), "Assign", "Reserved".into()))),
        Act::Job(event) => {
            let name = match event {
                JobEvent::TopUp { .. } => "TopUp",
                JobEvent::Fill { .. } => "Fill",
                JobEvent::Deposit { .. } => "Deposit",
                JobEvent::Cancel => "Cancel",
                JobEvent::Close => "Close",
            };
            seen.insert((whole(&before.job), name, whole(&world.job)));
        }
        Act::Wait(_) => {}
    }
    true
}

/// All states that can be reached with these parties silent; from each the way out, for each luck of the draw.
fn explore(gang: bool, workers: usize, silent: u8, seen: &mut Seen) -> (usize, u32) {
    let terms = Terms { draw_delay: 10, round: 10, challenge: 10, appeal: 10, ..terms(gang) };
    let start = World::new(terms, 80, 100);
    let (mut states, mut queue, mut longest) = (HashSet::from([key(&start)]), vec![start], 0);
    let mut known = [(0, true), (9, true), (9, false)].map(|luck| (luck, HashMap::new()));
    while let Some(world) = queue.pop() {
        for ((eligible, sampled), known) in &mut known {
            longest = longest.max(way_out(&world, *eligible, *sampled, known, seen));
        }
        let mut reach = |next: World| {
            if states.insert(key(&next)) {
                queue.push(next);
            }
        };
        for (by, act) in acts(&world, workers, silent) {
            let mut next = world.clone();
            if step(&mut next, by, act, seen) {
                reach(next);
            }
        }
        if let Some(at) = next_time(&world) {
            reach(World { now: at, ..world });
        }
    }
    (states.len(), longest)
}

/// One worker with every silence of the others; two workers with every silence in which nobody challenges.
#[test]
fn a_way_out_of_every_state_for_every_silence_and_no_other_transition() {
    let mut seen = Seen::new();
    for workers in [1, 2] {
        for gang in [false, true] {
            let (mut states, mut longest) = (0, 0);
            for silent in (0..=EVERYBODY).filter(|s| workers == 1 || s & CHALLENGERS != 0) {
                let (n, rounds) = explore(gang, workers, silent, &mut seen);
                (states, longest) = (states + n, longest.max(rounds));
            }
            println!("{workers} workers, gang {gang}: {states} states over all silences, longest way out {longest} rounds");
        }
    }
    // `TopUp` and `Deposit` are the client's alone and lead nowhere new.
    let mut world = World::new(terms(false), 80, 100);
    step(&mut world, Actor::Client, Act::Job(JobEvent::TopUp { amount: 1 }), &mut seen);
    step(&mut world, Actor::Client, Act::Job(JobEvent::Deposit { resource: 0, units: 1 }), &mut seen);
    seen.insert(("-".into(), "Open", "open".into()));
    let table: Seen = TABLE.iter().map(|row| (row.from.into(), row.event, row.to.into())).collect();
    assert_eq!(seen, table);
}
