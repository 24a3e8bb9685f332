//! Gangs, silent disputes, and bonds that do not suffice.

mod common;

use common::{Act, World, terms};
use hmm_job::{Actor, Event, JobEvent, Lot, Outcome, Phase, Place, Reason};

const START: Event<2> = Event::Start { held: [30, 0], value: [40, 0], burned: 0, free: 99 };
const FEW: Event<2> = Event::Draw { eligible: 0, random: 0, newcomer: false };
const MANY: Event<2> = Event::Draw { eligible: 9, random: 0, newcomer: false };

fn assigned(gang: bool) -> World {
    let mut world = World::new(terms(gang), 200, 1_000);
    world.act(Actor::Client, Act::Job(JobEvent::Fill { resource: 0, units: 8, paid: 81, burned: 0 })).unwrap();
    for _ in 0..2 {
        world.act(Actor::Client, Act::Assign { units: [4, 0], value: 40, free: 99 }).unwrap();
    }
    world
}

#[test]
fn a_gang_launches_whole_or_unwinds() {
    let mut world = assigned(true);
    world.act(Actor::Worker, Act::On(0, START)).unwrap();
    let submit = Act::On(0, Event::Submit { receipt: true });
    assert_eq!(world.act(Actor::Worker, submit).unwrap_err().reason, Reason::Gang);
    let mut late = world.clone();
    world.act(Actor::Worker, Act::On(1, START)).unwrap();
    assert!(world.job.launched);
    world.act(Actor::Worker, submit).unwrap();
    late.now = 20;
    // The started one unwinds first; the absent one still pays.
    late.act(Actor::Anyone, Act::On(0, Event::Unwind)).unwrap();
    late.act(Actor::Anyone, Act::On(1, Event::NoShow)).unwrap();
    assert_eq!(late.assignments[1].outcome, Some(Outcome::NoShow));
    assert_eq!(late.job.lots[0], Lot { bought: 8, wallet: 0, paid: 81, burned: 0 });
    assert_eq!(late.ledger.credits(Place::Held(0)), 1_000);
}

#[test]
fn lots_split_by_floor_and_a_small_bond_is_refused() {
    let mut world = assigned(false);
    assert_eq!(world.assignments.iter().map(|a| a.lots[0].paid).collect::<Vec<_>>(), [40, 41]);
    let poor = Event::Start { held: [300, 0], value: [40, 0], burned: 0, free: 129 };
    assert_eq!(world.act(Actor::Worker, Act::On(0, poor)).unwrap_err().reason, Reason::Bond);
}

#[test]
fn a_dispute_without_quorum_returns_bonds() {
    let mut world = assigned(false);
    let on = |world: &mut World, event| world.act(Actor::Worker, Act::On(0, event)).map_err(|r| r.reason);
    let next = |world: &mut World| world.now = world.assignments[0].until;
    for event in [START, Event::Submit { receipt: true }] {
        on(&mut world, event).unwrap();
    }
    next(&mut world);
    for event in [MANY, Event::Tally { revealed: 3, score: 9_999 }, Event::Challenge] {
        on(&mut world, event).unwrap();
    }
    next(&mut world);
    let mut silent = world.clone();
    for event in [FEW, Event::Settle] {
        on(&mut silent, event).unwrap();
    }
    assert_eq!(silent.ledger.credits(Place::ChallengerClaim(0)), silent.assignments[0].challenge_bond);
    on(&mut world, MANY).unwrap();
    assert_eq!(on(&mut world, Event::Challenge), Err(Reason::Phase));
    for event in [Event::Tally { revealed: 6, score: 0 }, Event::Appeal] {
        on(&mut world, event).unwrap();
    }
    next(&mut world);
    for event in [FEW, Event::Settle] {
        on(&mut world, event).unwrap();
    }
    assert_eq!(world.ledger.credits(Place::AppellantClaim(0)), world.assignments[0].challenge_bond);
    assert_eq!((world.assignments[0].phase, world.assignments[0].outcome), (Phase::Done, Some(Outcome::Failed)));
}

#[test]
fn an_unsealed_gang_is_nobodys_fault() {
    let mut world = assigned(true);
    world.act(Actor::Worker, Act::On(0, Event::Decline)).unwrap();
    assert_eq!(world.act(Actor::Worker, Act::On(1, START)).unwrap_err().reason, Reason::Gang);
    world.now = 20;
    world.act(Actor::Anyone, Act::On(1, Event::NoShow)).unwrap();
    assert_eq!(world.assignments[1].outcome, Some(Outcome::Released));
    assert_eq!(world.ledger.credits(Place::Free(1)), 1_000);
}
