//! The codes of jobs before they are judged. (`jobs.rs` has the bounds to the unit and to the second.)

use hmm_client::{
    HmmError, Leg, LegKind,
    generated::instructions::OpenJobInstructionArgs,
    jobs::{self, JobState},
};
use hmm_vm::{
    World,
    world::{CREDIT, UNIT},
};
use solana_signer::Signer;

use super::{CALL, Codes, small};
use crate::common::{yard::yard, *};

fn seconds(time: i64) -> u64 {
    time.unsigned_abs()
}

/// Descriptions that contradict themselves or the market.
pub fn specs(codes: &mut Codes) {
    let mut world = yard(small());
    let (client, time) = (world.client(), now(&world));
    let longest = i64::from(market(&world).jobs.longest);
    let lines = || vec![world.line(0, 50 * UNIT, 3 * CREDIT)];
    let spec = world.spec(lines(), 100 * CREDIT);
    type Edit = fn(&mut OpenJobInstructionArgs);
    let cases: [(Edit, HmmError, u8, u64, u64); 11] = [
        (|s| s.lines.clear(), HmmError::LineCount, CALL, 8, 0),
        (|s| s.lines = vec![s.lines[0].clone(); 9], HmmError::LineCount, CALL, 8, 9),
        (|s| s.lines.push(s.lines[0].clone()), HmmError::DuplicateLine, 0, 1, 0),
        (|s| s.lines[0].wanted = 0, HmmError::ZeroAmount, 0, 1, 0),
        (|s| s.regions = vec![*b"us-west\0\0\0\0\0\0\0\0\0"; 5], HmmError::JobSpecOutOfRange, 0, 4, 5),
        (|s| s.min_quality = 1_000_001, HmmError::JobSpecOutOfRange, 1, 1_000_000, 1_000_001),
        (|s| s.proof_level = 2, HmmError::JobSpecOutOfRange, 2, 1, 2),
        (|s| s.trace_depth = 255, HmmError::JobSpecOutOfRange, 3, hmm_trace_depth(), 255),
        (|s| s.regions = vec![[0; 16]], HmmError::BadName, CALL, 16, 0),
        (|s| s.start_by = s.submit_by, HmmError::JobTermsContradict, CALL, 0, 0),
        (|s| s.budget = 0, HmmError::JobAmount, CALL, 0, 0),
    ];
    let open = |world: &World, spec| jobs::open(world.market, &market(world), world.client().pubkey(), 0, spec);
    for (edit, error, subject, expected, found) in cases {
        let mut spec = spec.clone();
        edit(&mut spec);
        let open = open(&world, spec);
        codes.number(&mut world.vm, &[&client], open, error, subject, expected, found);
    }
    let mut spec = spec;
    spec.submit_by = time + longest + 1;
    let open = open(&world, spec);
    codes.number(&mut world.vm, &[&client], open, HmmError::JobTooLong, CALL, seconds(time + longest), seconds(time + longest + 1));
}

/// The deepest trace a job may have: the program's constant, which the clients do not know.
fn hmm_trace_depth() -> u64 {
    hmm_attest::trace::MAX_DEPTH.into()
}

/// What a job of this world is refused.
pub fn lives(codes: &mut Codes) {
    let mut world = yard(small());
    let (client, worker, trader) = (world.client(), world.labourer(), world.trader());
    let who = worker.pubkey();
    let spec = world.spec(vec![world.line(0, 50 * UNIT, 3 * CREDIT), world.line(1, UNIT, CREDIT)], 60 * CREDIT);
    let job = world.open_job(&client, spec).expect("a job");
    let pool = world.state();
    let buy = |state: &JobState, by, resource, units| state.fill(&pool, by, vec![Leg::unlimited(resource, LegKind::BuyExactOut, units)]);
    let state = world.job(&job);
    let me = client.pubkey();
    let sell = state.fill(&pool, me, vec![Leg::unlimited(0, LegKind::SellExactIn, UNIT)]);
    codes.number(&mut world.vm, &[&client], sell, HmmError::JobOnlyBuys, 0, 1, 2);
    let full = buy(&state, me, 1, UNIT + 1);
    codes.number(&mut world.vm, &[&client], full, HmmError::LineFull, 0, UNIT, UNIT + 1);
    let stranger = buy(&state, trader.pubkey(), 0, UNIT);
    codes.number(&mut world.vm, &[&trader], stranger, HmmError::JobActor, CALL, 0, 0);
    let dear = hmm_client::quote(&pool, &[Leg::unlimited(0, LegKind::BuyExactOut, 30 * UNIT)]).legs[0].credits;
    let broke = buy(&state, me, 0, 30 * UNIT);
    codes.number(&mut world.vm, &[&client], broke, HmmError::JobBudget, CALL, 60 * CREDIT, dear);
    world.fill(&client, &job, 0, 10 * UNIT).expect("a fill");

    // lines the job does not have, prices it does not pay, pools it does not take
    let spec = OpenJobInstructionArgs { max_latency_ms: 49, ..world.spec(vec![world.line(0, UNIT, 1)], CREDIT) };
    let strict = world.open_job(&client, spec).expect("a job");
    let unfit = buy(&world.job(&strict), me, 0, UNIT);
    codes.number(&mut world.vm, &[&client], unfit, HmmError::PoolUnfit, 0, 49, 50);
    let spec = world.spec(vec![world.line(0, UNIT, 1)], 10 * CREDIT);
    let cheap = world.open_job(&client, spec).expect("a job");
    let price = hmm_client::quote(&world.state(), &[Leg::unlimited(0, LegKind::BuyExactOut, UNIT)]).legs[0].credits;
    let ix = buy(&world.job(&cheap), me, 0, UNIT);
    codes.number(&mut world.vm, &[&client], ix, HmmError::PriceAboveLine, 0, 1, price);
    let ix = buy(&world.job(&cheap), me, 1, UNIT);
    codes.number(&mut world.vm, &[&client], ix, HmmError::UnknownLine, 0, 1, 1);
    let nothing = world.job(&cheap).claim(&[]);
    codes.number(&mut world.vm, &[], nothing, HmmError::NothingToClaim, CALL, 1, 0);

    // assignments
    let pool = world.state();
    let assign =
        |world: &World, units: u64| world.job(&job).assign(&pool, hmm_client::address::worker(&world.pool, &who), me, vec![units, 0]);
    let ix = assign(&world, 11 * UNIT);
    codes.number(&mut world.vm, &[&client], ix, HmmError::JobVouchers, CALL, 10 * UNIT, 11 * UNIT);
    let epoch = seconds(now(&world)) / 86_400;
    let before = world.worker(&who);
    edit_worker(&mut world, &who, |w| (w.quality[0].bad, w.quality[0].epoch) = (20 << 32, epoch));
    let ix = assign(&world, UNIT);
    codes.number(&mut world.vm, &[&client], ix, HmmError::QualityTooLow, 0, 400_000, 0);
    edit_worker(&mut world, &who, |w| *w = before.clone());
    edit_worker(&mut world, &who, |w| w.bond = 0);
    let ix = assign(&world, UNIT);
    let failure = refused(&mut world.vm, &[ix], &[&client]);
    codes.note(&failure, HmmError::WorkerBond);
    edit_worker(&mut world, &who, |w| *w = before);
    world.assign(&client, &job, &who, vec![UNIT, 0]).expect("an assignment");
    let ix = world.job(&job).close(me);
    codes.number(&mut world.vm, &[&client], ix, HmmError::JobLive, CALL, 0, 1);
    for _ in 0..7 {
        world.assign(&client, &job, &who, vec![UNIT, 0]).expect("an assignment");
    }
    let ix = assign(&world, UNIT);
    let failure = refused(&mut world.vm, &[ix], &[&client]);
    codes.note(&failure, HmmError::JobFull);

    // windows
    let (state, a) = (world.job(&job), world.assignment(&job, 0));
    let early = state.expire(&a, &world.worker(&who), credits_of(&world, &trader.pubkey()));
    let time = seconds(now(&world));
    codes.number(&mut world.vm, &[], early, HmmError::JobEarly, CALL, seconds(state.job.start_by), time);
    world.start(&worker, &job, 0).expect("a start");
    let again = state.start(&world.state(), &world.assignment(&job, 0), &world.worker(&who), who);
    codes.number(&mut world.vm, &[&worker], again, HmmError::JobPhase, CALL, 0, 1);
    let end = state.job.start_by;
    at(&mut world, end);
    let late = state.start(&world.state(), &world.assignment(&job, 1), &world.worker(&who), who);
    codes.number(&mut world.vm, &[&worker], late, HmmError::JobLate, CALL, seconds(end), seconds(end));

    // a gang that is not sealed
    let mut spec = world.spec(vec![world.line(0, 5 * UNIT, 3 * CREDIT)], 60 * CREDIT);
    spec.gang = true;
    let gang = world.open_job(&client, spec).expect("a job");
    world.fill(&client, &gang, 0, 2 * UNIT).expect("a fill");
    world.assign(&client, &gang, &who, vec![UNIT]).expect("an assignment");
    let start = world.job(&gang).start(&world.state(), &world.assignment(&gang, 0), &world.worker(&who), who);
    codes.number(&mut world.vm, &[&worker], start, HmmError::JobGang, CALL, 0, 0);
}
