//! The other half of the story: two workers sell capacity, a client's job names both. One works, attests and is paid what was fixed when it
//! sold; the other never comes, is slashed, and the client is made whole.

use hmm_agents::{Work, judge};
use hmm_client::{
    KeyLeaf, Leg, LegKind, address,
    generated::types::LineSpec,
    jobs, registry,
    rounds::{self, Report, Vote},
    verifier, worker,
};
use hmm_job::Outcome;
use hmm_vm::{
    verify::{MEASUREMENT, verifier_key},
    world::{CREDIT, UNIT, keypair},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::stage::{Stage, Stopped};

/// Who works, and who never comes.
pub const WORKERS: [&str; 2] = ["worker", "no-show"];
/// Verifiers that stake, besides the first.
const VERIFIERS: std::ops::Range<usize> = 1..5;
/// What each worker stands for its work with, raw credits.
const BOND: u64 = 1_000 * CREDIT;
/// Whole units of gpu and vram that each sells, of which it is worth one half, having shown nothing yet.
const SOLD: [u64; 2] = [100, 400];
/// Whole units of gpu and vram that the job needs, and of which each worker is to deliver.
const WANTED: [u64; 2] = [40, 160];
const SHARES: [[u64; 2]; 2] = [[30, 120], [10, 40]];
/// What the client locks, raw credits.
const BUDGET: u64 = 150 * CREDIT;
/// What the market is funded with for bonuses, raw credits.
const BONUS: u64 = 100 * CREDIT;
/// 2^depth steps are computed.
const TRACE_DEPTH: u8 = 8;
/// Steps that a verifier redoes.
const SAMPLES: u32 = 32;
/// Seconds.
const YEAR: i64 = 365 * 86_400;
const MODEL: [u8; 32] = *b"the model's root, of 32 bytes...";
const INPUT: [u8; 32] = *b"the input's root, of 32 bytes...";

/// Plays it.
pub fn play(stage: &mut Stage) -> Result<(), Stopped> {
    verifiers(stage)?;
    for name in WORKERS {
        bond(stage, name)?;
    }
    vouch(stage)?;
    for name in WORKERS {
        supply(stage, name)?;
    }
    let job = open(stage)?;
    allocate(stage, &job)?;
    let work = work(stage, &job)?;
    verify(stage, &job, &work)?;
    no_show(stage, &job)?;
    settle(stage, &job)?;
    close(stage, &job)
}

/// More verifiers: a committee is three of those who are neither worker nor client.
fn verifiers(stage: &mut Stage) -> Result<(), Stopped> {
    let (market, account) = (stage.world.market, stage.world.market_account());
    for i in VERIFIERS {
        let key = verifier_key(i);
        let stake = verifier::stake(market, &account, key.pubkey(), account.verification.min_stake);
        stage.play("stake", "a verifier stakes", &[stake], &[&key])?;
    }
    // A stake counts after its activation; meanwhile the pool's own prices become marks.
    stage.world.pass(account.verification.activation.into());
    Ok(())
}

fn bond(stage: &mut Stage, name: &'static str) -> Result<(), Stopped> {
    let (state, key) = (stage.world.state(), keypair(name));
    let register = worker::register(&state, key.pubkey(), [0; 64], Address::default());
    stage.play("register_worker", &format!("the {name} registers"), &[register], &[&key])?;
    let deposit = worker::deposit_bond(&state, &key.pubkey(), key.pubkey(), BOND);
    let done = stage.play("deposit_bond", &format!("the {name} bonds"), &[deposit], &[&key])?;
    stage.checks().equal("bond received = bond paid", done.gain(vault(name), "credits"), -done.gain(name, "credits"));
    Ok(())
}

/// The verifiers have seen both enclaves: each votes for the root of a tree with both keys, and each worker proves its own.
fn vouch(stage: &mut Stage) -> Result<(), Stopped> {
    let expiry = stage.world.state().unix_timestamp + YEAR;
    let leaf = |name: &str| KeyLeaf {
        worker: address::worker(&stage.world.pool, &keypair(name).pubkey()),
        measurement: MEASUREMENT,
        key: enclave(name).pubkey(),
        capacity: [1_000 * UNIT; 8],
        expiry,
    };
    let tree = stage.world.key_tree(WORKERS.map(leaf).to_vec());
    let (market, number) = (stage.world.market, stage.world.registry().number + 1);
    let place = |stage: &Stage, key: &Keypair| stage.world.place(key);
    let voters: Vec<Keypair> = VERIFIERS.map(verifier_key).collect();
    let (first, others) = (&voters[0], &voters[1..]);
    let propose = tree.propose(first.pubkey(), place(stage, first), number);
    stage.play("propose_root", "a verifier has seen both enclaves", &[propose], &[first])?;
    let votes: Vec<_> = others.iter().map(|key| registry::vote(&market, tree.proposal(number), key.pubkey(), place(stage, key))).collect();
    stage.play("vote_root", "so have three others", &votes, &others.iter().collect::<Vec<_>>())?;
    let enact = registry::enact(&market, tree.proposal(number), first.pubkey());
    stage.play("enact_root", "two thirds of the stake agree", &[enact], &[first])?;
    for (index, name) in (0u32..).zip(WORKERS) {
        let key = keypair(name);
        let register = tree.register(key.pubkey(), index).map_err(|refusal| stage.stop(&format!("{refusal:?}")))?;
        stage.play("register_key", &format!("the {name} proves its enclave's key and capacity"), &[register], &[&key])?;
    }
    Ok(())
}

fn supply(stage: &mut Stage, name: &'static str) -> Result<(), Stopped> {
    let key = keypair(name);
    for (resource, units) in (0u8..).zip(SOLD) {
        let before = stage.world.worker(&key.pubkey()).held.iter().sum::<u64>();
        let supply = worker::supply(&stage.world.state(), key.pubkey(), resource, 2 * units * UNIT, 0);
        let asset = &stage.world.state().resource_names()[usize::from(resource)];
        let title = format!("the {name} sells {units} {asset}; the proceeds are held until it delivers");
        let done = stage.play("supply", &title, &[supply], &[&key])?;
        let worker = stage.world.worker(&key.pubkey());
        let checks = stage.checks();
        checks.equal("held grew by the proceeds", done.gain(vault(name), "credits"), i128::from(worker.held.iter().sum::<u64>() - before));
        checks.equal("it owes what it sold", worker.outstanding[usize::from(resource)], units * UNIT);
        checks.equal("its wallet gets nothing yet", done.gain(name, "credits"), 0);
    }
    Ok(())
}

/// The client locks credits for a job; whatever the market's parameters become, it keeps these.
fn open(stage: &mut Stage) -> Result<Address, Stopped> {
    let (client, market) = (keypair("client"), stage.world.market);
    let funder = stage.world.creator();
    let fund = rounds::fund_bonus(market, &stage.world.market_account(), funder.pubkey(), BONUS);
    stage.play("fund_bonus", "the creator funds bonuses for good work", &[fund], &[&funder])?;

    let prices = [4 * CREDIT, CREDIT / 10];
    let line =
        |((resource, wanted), max_price): ((u8, u64), u64)| LineSpec { pool: stage.world.pool, resource, wanted: wanted * UNIT, max_price };
    let lines = (0u8..).zip(WANTED).zip(prices).map(line).collect();
    let mut spec = stage.world.spec(lines, BUDGET);
    (spec.model_root, spec.input_root, spec.trace_depth, spec.router) = (MODEL, INPUT, TRACE_DEPTH, keypair("router").pubkey());
    let register = jobs::register(market, client.pubkey());
    let open = jobs::open(market, &stage.world.market_account(), client.pubkey(), 0, spec);
    let done = stage.play(
        "open_job",
        "the client locks 150 credits for 40 gpu and 160 vram, and names a router",
        &[register, open],
        &[&client],
    )?;
    stage.checks().equal("credits locked in the escrow", done.gain("escrow", "credits"), BUDGET.into());
    Ok(super::job(&stage.world))
}

/// The router buys the bundle with the job's credits, and names both workers.
fn allocate(stage: &mut Stage, job: &Address) -> Result<(), Stopped> {
    let router = keypair("router");
    let legs = (0u8..).zip(WANTED).map(|(resource, units)| Leg::unlimited(resource, LegKind::BuyExactOut, units * UNIT)).collect();
    let fill = stage.world.job(job).fill(&stage.world.state(), router.pubkey(), legs);
    let done = stage.play("fill", "the router buys the bundle; the vouchers are numbers of the job", &[fill], &[&router])?;
    let state = stage.world.job(job);
    let checks = stage.checks();
    checks.equal("the pool's vault gains what the escrow pays", done.gain("pool vault", "credits"), -done.gain("escrow", "credits"));
    checks.all_equal("the job holds what it wanted", &[0, 1].map(|i| state.job.lines[i].lot.bought), &WANTED.map(|units| units * UNIT));
    for (name, share) in WORKERS.into_iter().zip(SHARES) {
        let worker = address::worker(&stage.world.pool, &keypair(name).pubkey());
        let assign = stage.world.job(job).assign(&stage.world.state(), worker, router.pubkey(), share.map(|units| units * UNIT).to_vec());
        stage.play("assign", &format!("the router names the {name} for {} gpu and {} vram", share[0], share[1]), &[assign], &[&router])?;
        let reserved = stage.world.worker_at(&worker).reserved;
        stage.checks().at_least("a reservation bond is set aside", reserved, 1);
    }
    Ok(())
}

/// The worker starts, computes, and attests through its enclave's key.
fn work(stage: &mut Stage, job: &Address) -> Result<Work, Stopped> {
    let key = keypair(WORKERS[0]);
    let assignment = stage.world.assignment(job, 0);
    let start = stage.world.job(job).start(&stage.world.state(), &assignment, &stage.world.worker(&key.pubkey()), key.pubkey());
    stage.play("start", "the worker starts: its share of what is held becomes the payment", &[start], &[&key])?;
    let assignment = stage.world.assignment(job, 0);
    let price = i128::from(assignment.payment);
    stage.checks().at_least("the payment is fixed before the work", price, 1);

    let work = Work::run(MODEL, INPUT, TRACE_DEPTH).map_err(|refusal| stage.stop(&format!("{refusal:?}")))?;
    let trial = stage.world.trial(job, 0);
    let usage = assignment.raw_units;
    let attested = work.attestation(job.to_bytes(), trial.address.to_bytes(), assignment.worker.to_bytes(), MEASUREMENT, usage);
    let report =
        Report { report_digest: attested.report_digest, output_root: attested.output_root, trace_root: attested.trace_root, usage };
    let signer = enclave(WORKERS[0]);
    let digest = trial.digest(&report, MEASUREMENT);
    let signature = signer.sign_message(&digest).into();
    let stored = stage.world.enclave_key(&assignment.worker, &signer.pubkey()).ok_or_else(|| stage.stop("no enclave key"))?;
    let key_address = address::enclave_key(&assignment.worker, &signer.pubkey());
    let instructions = [rounds::signed(&signer.pubkey(), &signature, &digest), trial.submit(key.pubkey(), key_address, &stored, report)];
    stage.play("submit_attestation", "it computes, and its enclave signs what came out", &instructions, &[&key])?;
    let receipt = u8::from(stage.world.assignment(job, 0).receipt);
    stage.checks().equal("the receipt is valid", receipt, 1);
    Ok(work)
}

/// A committee is drawn, redoes steps of its own choice, commits, reveals; the median decides.
fn verify(stage: &mut Stage, job: &Address, work: &Work) -> Result<(), Stopped> {
    let creator = stage.world.creator();
    stage.world.pass_to_draw(job, 0);
    let draw = stage.world.trial(job, 0).draw(creator.pubkey());
    stage.play("draw", "a slot's hash, unknown when the work was attested, draws a committee by stake", &[draw], &[&creator])?;
    let (trial, seated) = (stage.world.trial(job, 0), stage.world.seated(job, 0));
    stage.checks().equal("seats", seated.len(), 3);

    let mut votes = Vec::new();
    for (seat, verifier) in (0u8..).zip(&seated) {
        let salt = [seat + 1; 32];
        let judgement = judge(work.claim(), work, &salt, SAMPLES).map_err(|refusal| stage.stop(&format!("{refusal:?}")))?;
        let vote = Vote { score: judgement.score, delta_i: judgement.delta_i, delta_u: judgement.delta_u, salt };
        let commitment = vote.commitment(&trial.domain(), &trial.round(), seat);
        let commit = rounds::commit(trial.round(), verifier.pubkey(), seat, commitment);
        stage.play("commit", "a verifier redoes steps that only it chose, and commits to its vote", &[commit], &[verifier])?;
        votes.push(vote);
    }
    for ((seat, verifier), vote) in (0u8..).zip(&seated).zip(&votes) {
        let reveal = rounds::reveal(stage.world.market, trial.round(), verifier.pubkey(), seat, vote);
        stage.play("reveal", "and reveals it", &[reveal], &[verifier])?;
    }
    let tally = stage.world.trial(job, 0).tally();
    let done = stage.play("tally", "the median decides; the verifiers' fees go to their vault", &[tally], &[&creator])?;
    let fees = 3 * stage.world.job(job).job.terms.seat_fee;
    let score = stage.world.assignment(job, 0).score;
    let checks = stage.checks();
    checks.equal("fees of three seats", done.gain("stakes", "credits"), fees.into());
    checks.equal("the median score", score, votes[0].score);
    Ok(())
}

/// The other worker never started. Anybody ends its part.
fn no_show(stage: &mut Stage, job: &Address) -> Result<(), Stopped> {
    let (trader, name) = (stage.world.trader(), WORKERS[1]);
    until(stage, stage.world.job(job).job.start_by);
    let assignment = stage.world.assignment(job, 1);
    let finder = address::token_account(&trader.pubkey(), &stage.world.credit_mint, &address::TOKEN_PROGRAM);
    let expire = stage.world.job(job).expire(&assignment, &stage.world.worker_at(&assignment.worker), finder);
    let done = stage.play("expire", "the no-show is slashed; its vouchers and fees go back to the job", &[expire], &[&trader])?;
    let state = stage.world.job(job);
    let slash = -done.gain(vault(name), "credits");
    let share = SHARES[1].map(|units| units * UNIT);
    let checks = stage.checks();
    checks.equal("a tenth of the reservation bond is slashed", slash, i128::from(assignment.bond.div_ceil(10)));
    checks.equal("a fifth of the slash goes to whoever found it", done.gain("trader", "credits"), slash / 5);
    checks.equal("the rest is burned", i128::from(done.before.credits - done.after.credits), slash - slash / 5);
    checks.all_equal("the job holds the vouchers again", &[0, 1].map(|i| state.job.lines[i].lot.bought), &share);
    Ok(())
}

/// After the window to challenge: payment, bond and bonus for the worker.
fn settle(stage: &mut Stage, job: &Address) -> Result<(), Stopped> {
    let creator = stage.world.creator();
    let (trial, name) = (stage.world.trial(job, 0), WORKERS[0]);
    until(stage, trial.assignment.until);
    let settle = trial.settle(&stage.world.worker_at(&trial.assignment.worker));
    let done = stage.play("settle", "nobody challenged: payment, bond and bonus are the worker's to take", &[settle], &[&creator])?;
    let bonus = done.gain(vault(name), "credits");
    let terms = stage.world.job(job).job.terms;
    let most = u128::from(trial.assignment.burned) * u128::from(terms.bonus_cap) / 1_000_000;
    let worker = stage.world.worker(&keypair(name).pubkey());
    let checks = stage.checks();
    checks.equal("the bonus comes out of what was funded", bonus, -done.gain("bonus vault", "credits"));
    checks.at_least("the bonus is at most 0.9 of the fees its own units burned", most.cast_signed(), bonus);
    let due = trial.assignment.payment + trial.assignment.bond + terms.reservation_fee;
    checks.equal("payment, bond, reservation fee and bonus are claimable", i128::from(worker.claimable), i128::from(due) + bonus);

    let claim = stage.world.trial(job, 0).claim(&[]);
    stage.play("claim_assignment", "nothing is left in the assignment; its account is closed", &[claim], &[&creator])?;
    let round = address::round(&trial.address, 0);
    let close = rounds::close_round(round, &stage.world.round(job, 0, 0));
    stage.play("close_round", "so is the round's; the rent goes back to who paid it", &[close], &[&creator])?;
    let owner = keypair(name);
    let claimable = worker.claimable;
    let claim = worker::claim(&stage.world.state(), &owner.pubkey());
    let done = stage.play("claim_worker", "the worker takes what it earned", &[claim], &[&owner])?;
    stage.checks().equal("credits received = claimable", done.gain(name, "credits"), claimable.into());
    Ok(())
}

/// The client has its vouchers of the part that nobody did, and every credit that was not spent.
fn close(stage: &mut Stage, job: &Address) -> Result<(), Stopped> {
    let (client, router) = (keypair("client"), keypair("router"));
    let left = stage.world.job(job).job.credits;
    let close = stage.world.job(job).close(client.pubkey());
    stage.play("close_job", "the client closes the job", &[close], &[&client])?;
    let outcome = jobs::outcome(stage.world.job(job).job.closed);
    stage.checks().equal("the typed reason: a worker did not come", u8::from(outcome == Some(Outcome::NoShow)), 1);
    let claim = stage.world.job(job).claim(&[&stage.world.state()]);
    let done = stage.play(
        "claim_job",
        "whoever sends it: vouchers and credits go to the client, the rent to who paid it",
        &[claim],
        &[&router],
    )?;
    let names = stage.world.state().resource_names();
    let vouchers: Vec<i128> = names.iter().take(2).map(|name| done.gain("client", name)).collect();
    let checks = stage.checks();
    checks.equal("unspent credits are back", done.gain("client", "credits"), left.into());
    checks.all_equal("the no-show's vouchers are back", &vouchers, &SHARES[1].map(|units| i128::from(units * UNIT)));
    checks.equal("the escrow is empty", done.after.of("escrow", "credits"), 0);
    Ok(())
}

/// The books' name of a worker's vault.
fn vault(name: &str) -> &'static str {
    if name == WORKERS[0] { "worker's vault" } else { "no-show's vault" }
}

fn enclave(name: &str) -> Keypair {
    keypair(&format!("{name}'s enclave"))
}

/// Lets the time pass to that very second.
fn until(stage: &mut Stage, time: i64) {
    let now = stage.world.vm.clock().unix_timestamp;
    stage.world.pass((time - now).max(0));
}
