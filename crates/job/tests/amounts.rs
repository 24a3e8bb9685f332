//! The rules of amounts and the exact seconds, one by one.

mod common;

use common::{Act, World, cranks, terms};
use hmm_job::{Actor, Event, JobEvent, Outcome, Phase, Place, Reason, State, Terms};

const START: Event<2> = Event::Start { held: [600, 0], value: [1_000, 0], burned: 20, free: 9_999 };
const DRAW: Event<2> = Event::Draw { eligible: 9, random: 0, newcomer: false };

fn on(world: &mut World, by: Actor, event: Event<2>) -> Result<(), Reason> {
    world.act(by, Act::On(0, event)).map_err(|refusal| refusal.reason)?;
    world.check();
    Ok(())
}

/// 100 units bought for 1,000 credits, of which 30 were burned; the worker's share of held is 600.
fn running() -> World {
    let mut world = World::new(Terms { reservation: 100_000, ..terms(false) }, 1_200, 10_000);
    world.act(Actor::Client, Act::Job(JobEvent::Fill { resource: 0, units: 100, paid: 1_000, burned: 30 })).unwrap();
    world.act(Actor::Router, Act::Assign { units: [100, 0], value: 1_000, free: 100 }).unwrap();
    assert_eq!(world.job.state(), State::Assigned);
    assert_eq!(world.assignments[0].bond, 100);
    on(&mut world, Actor::Worker, START).unwrap();
    let a = &world.assignments[0];
    // bond = (1,000 − 600)⁺ + 0.5·600
    assert_eq!((a.payment, a.cost, a.bond), (600, 1_000, 700));
    assert_eq!(world.ledger.credits(Place::WorkerClaim(0)), 3);
    world
}

fn attested() -> World {
    let mut world = running();
    on(&mut world, Actor::Worker, Event::Submit { receipt: true }).unwrap();
    world
}

/// After a first committee with this score, at the begin of the window.
fn judged(score: u16) -> World {
    let mut world = attested();
    world.now = 2;
    on(&mut world, Actor::Anyone, DRAW).unwrap();
    on(&mut world, Actor::Anyone, Event::Tally { revealed: 3, score }).unwrap();
    world
}

/// What these places got.
fn got(world: &World) -> [u64; 4] {
    [Place::WorkerClaim(0), Place::Job, Place::FinderClaim(0), Place::Burned].map(|place| world.ledger.credits(place))
}

const BUDGET_LEFT: u64 = 1_200 - 1_000 - 3;

#[test]
fn pass_pays_payment_and_bond() {
    let mut world = judged(9_000);
    world.now += 4;
    let mut job = world.job;
    let mut a = world.assignments[0];
    let effects = job.apply(&mut a, Actor::Anyone, world.now, Event::Settle).unwrap();
    // min(5 % of 1,000, 90 % of 30 + 20)
    assert_eq!((effects.bonus, effects.ban), (45, false));
    on(&mut world, Actor::Anyone, Event::Settle).unwrap();
    assert_eq!(got(&world), [3 + 600 + 700, BUDGET_LEFT - 3, 0, 0]);
    assert_eq!(world.ledger.credits(Place::VerifierClaim(0)), 3);
    world.now = 30;
    world.act(Actor::Anyone, Act::Job(JobEvent::Close)).unwrap();
    assert_eq!(world.job.state(), State::Settled);
    world.check_empty();
}

#[test]
fn fail_makes_the_client_whole_and_slashes_half_of_the_rest() {
    let mut world = judged(4_999);
    world.now += 4;
    on(&mut world, Actor::Anyone, Event::Settle).unwrap();
    // 1,000 = 600 + 400 of 700; half of 300 burns: nobody found it.
    assert_eq!(got(&world), [3, BUDGET_LEFT - 3 + 1_000, 0, 150]);
    assert_eq!(world.ledger.credits(Place::Free(0)), 10_000 - 700 + 150);
    assert_eq!(world.assignments[0].outcome, Some(Outcome::Failed));
}

#[test]
fn late_at_the_exact_second() {
    let mut world = running();
    world.now = 29;
    assert_eq!(on(&mut world.clone(), Actor::Anyone, Event::Lapse), Err(Reason::Early));
    assert_eq!(on(&mut world.clone(), Actor::Worker, Event::Submit { receipt: true }), Ok(()));
    world.now = 30;
    assert_eq!(on(&mut world, Actor::Worker, Event::Submit { receipt: true }), Err(Reason::Late));
    on(&mut world, Actor::Anyone, Event::Lapse).unwrap();
    // 25 % of 300 = 75: 15 to the caller, 60 burned.
    assert_eq!(got(&world), [3, BUDGET_LEFT + 1_000, 15, 60]);
}

#[test]
fn no_show_returns_vouchers_not_credits() {
    let mut world = World::new(Terms { reservation: 100_000, ..terms(false) }, 1_200, 10_000);
    world.act(Actor::Client, Act::Job(JobEvent::Fill { resource: 0, units: 100, paid: 1_000, burned: 30 })).unwrap();
    let lots = world.job.lots;
    world.act(Actor::Client, Act::Assign { units: [100, 0], value: 1_000, free: 100 }).unwrap();
    world.now = 19;
    assert_eq!(on(&mut world.clone(), Actor::Anyone, Event::NoShow), Err(Reason::Early));
    assert_eq!(on(&mut world.clone(), Actor::Worker, START), Ok(()));
    world.now = 20;
    assert_eq!(on(&mut world, Actor::Worker, START), Err(Reason::Late));
    assert_eq!(on(&mut world, Actor::Worker, Event::Decline), Err(Reason::Late));
    on(&mut world, Actor::Anyone, Event::NoShow).unwrap();
    assert_eq!(world.job.lots, lots);
    // 10 % of 100: 2 to the caller, 8 burned; the fee is the client's again.
    assert_eq!(got(&world), [0, 200, 2, 8]);
    assert_eq!(world.ledger.credits(Place::Free(0)), 10_000 - 10);
}

#[test]
fn challengers_share_the_finders_part_or_lose_their_bonds() {
    for (score, expected) in [(0, [3, BUDGET_LEFT - 6 - 3 + 1_000, 0, 120]), (10_000, [3 + 600 + 700 + 497, BUDGET_LEFT - 9 + 6, 0, 497])] {
        let mut world = judged(6_000);
        on(&mut world, Actor::Anyone, Event::Challenge).unwrap();
        on(&mut world, Actor::Anyone, Event::Challenge).unwrap();
        assert_eq!(world.ledger.credits(Place::ChallengeBonds(0)), 2 * 500);
        world.now = world.assignments[0].until;
        on(&mut world, Actor::Anyone, DRAW).unwrap();
        assert_eq!(world.assignments[0].seats, 6);
        on(&mut world, Actor::Anyone, Event::Tally { revealed: 6, score }).unwrap();
        assert_eq!(on(&mut world.clone(), Actor::Anyone, Event::Settle), Err(Reason::Early));
        world.now = world.assignments[0].until;
        assert_eq!(on(&mut world.clone(), Actor::Anyone, Event::Appeal), Err(Reason::Late));
        on(&mut world, Actor::Anyone, Event::Settle).unwrap();
        assert_eq!(got(&world), expected);
        let claim = if score == 0 { 1_000 + 30 } else { 0 };
        assert_eq!(world.ledger.credits(Place::ChallengerClaim(0)), claim);
    }
}

#[test]
fn wallet_vouchers_cost_the_lesser_of_mark_and_payment() {
    for (mark, cost) in [(90, 90), (250, 200)] {
        let mut world = World::new(terms(false), 50, 1_000);
        world.act(Actor::Client, Act::Job(JobEvent::Deposit { resource: 1, units: 10 })).unwrap();
        world.act(Actor::Client, Act::Assign { units: [0, 10], value: mark, free: 500 }).unwrap();
        on(&mut world, Actor::Worker, Event::Start { held: [0, 200], value: [0, mark], burned: 0, free: 500 }).unwrap();
        assert_eq!((world.assignments[0].cost, world.assignments[0].bond), (cost, 100));
    }
}

#[test]
fn cost_is_at_most_gamma_times_the_mark() {
    let mut world = World::new(terms(false), 1_050, 1_000);
    world.act(Actor::Client, Act::Job(JobEvent::Fill { resource: 0, units: 10, paid: 1_000, burned: 0 })).unwrap();
    world.act(Actor::Client, Act::Assign { units: [10, 0], value: 100, free: 500 }).unwrap();
    on(&mut world, Actor::Worker, Event::Start { held: [100, 0], value: [100, 0], burned: 0, free: 50 }).unwrap();
    assert_eq!((world.assignments[0].cost, world.assignments[0].bond), (150, 100));
}

#[test]
fn only_who_may() {
    let mut world = running();
    for by in [Actor::Client, Actor::Router, Actor::Anyone] {
        assert_eq!(on(&mut world, by, Event::Submit { receipt: true }), Err(Reason::Actor));
    }
    assert_eq!(world.act(Actor::Anyone, Act::Job(JobEvent::Cancel)).unwrap_err().reason, Reason::Actor);
    assert_eq!(world.act(Actor::Client, Act::Job(JobEvent::Cancel)).unwrap_err().reason, Reason::Live);
    let assign = Act::Assign { units: [1, 0], value: 1, free: 1 };
    assert_eq!(world.act(Actor::Worker, assign).unwrap_err().reason, Reason::Actor);
}

#[test]
fn terms_that_contradict_themselves() {
    let good = terms(false);
    assert!(good.validate(0).is_ok());
    for bad in [
        Terms { assign_by: 0, ..good },
        Terms { start_by: 19, ..good },
        Terms { submit_by: 20, ..good },
        Terms { gamma: 999_999, ..good },
        Terms { min_bond: 9, ..good },
        Terms { seats: 2, ..good },
        Terms { bonus_cap: 1_000_000, ..good },
        Terms { sample_margin: 1_249_999, ..good },
        Terms { challenge: 0, ..good },
    ] {
        assert_eq!(bad.validate(0).unwrap_err().reason, Reason::Terms);
    }
}

#[test]
fn sampling_has_no_profit_for_garbage() {
    // p·(V + slash·R) ≥ m·V: what is lost if caught outweighs what is won if not.
    for value in [1, 10, 999, 1 << 40] {
        for reserved in [0, 1, 500, 1 << 39, u64::MAX] {
            let rate = u128::from(terms(false).sampling_ceil(value, reserved).unwrap());
            let at_stake = u128::from(value) + u128::from(reserved / 2);
            assert!(rate == 1_000_000 || rate * at_stake >= 1_250_000 * u128::from(value));
            assert!((50_000..=1_000_000).contains(&rate));
        }
    }
}

/// Every sequence of up to 12 events and waits, from one second before the submission's end on: at most one ends the assignment, and
/// nothing moves after that.
#[test]
fn every_interleaving_ends_once() {
    fn walk(world: &World, depth: u32, count: &mut [u64; 2]) {
        count[0] += 1;
        let done = world.assignments[0].phase == Phase::Done;
        count[1] += u64::from(done);
        if depth == 0 {
            return;
        }
        let mut events = cranks(9);
        events.extend([0, 10_000].map(|score| Event::Tally { revealed: 6, score }));
        events.extend([0, 10_000].map(|score| Event::Tally { revealed: 3, score }));
        events.extend([Event::Challenge, Event::Appeal, Event::ProveFraud { revealed: 0 }, Event::Decline, Event::Release, START]);
        events.push(Event::Submit { receipt: true });
        for event in events {
            for by in [Actor::Client, Actor::Worker] {
                let mut next = world.clone();
                if on(&mut next, by, event).is_ok() {
                    assert!(!done, "{event:?} after the end");
                    assert_eq!(next.ledger.totals(), world.ledger.totals());
                    if !matches!(event, Event::Submit { .. } | Event::Decline | Event::Release) && by == Actor::Worker {
                        continue; // anybody's: once is enough
                    }
                    walk(&next, depth - 1, count);
                }
            }
        }
        for wait in [1, 5] {
            let mut next = world.clone();
            next.now += wait;
            if !done && next.now < 60 {
                walk(&next, depth - 1, count);
            }
        }
    }
    let mut world = running();
    world.now = 29;
    let mut count = [0; 2];
    walk(&world, 12, &mut count);
    println!("{} interleavings, {} of them ended", count[0], count[1]);
    assert!(count[1] > 0);
}
