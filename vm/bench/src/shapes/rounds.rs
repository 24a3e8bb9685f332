//! Verification and settlement.

use hmm_attest::{
    merkle::Tree,
    trace::{self, initial_state, step},
};
use hmm_client::rounds::{self, Report};
use hmm_vm::{
    World,
    rounds::{Case, report, vote},
    world::CREDIT,
};
use solana_address::Address;
use solana_signer::Signer;

use super::{Shape, Shapes, registry::write};

/// Deepest trace that is measured, and the link whose refutation is the longest: the two leaves share nothing.
const DEPTH: u8 = 10;
const FORGED: usize = 1 << (DEPTH - 1);

impl Shapes {
    /// A running assignment of a job, with 24 verifiers.
    fn running(&self, case: Case) -> (World, Address) {
        let mut world = World::active(self.config(2));
        world.convene(case.verifiers);
        let job = world.run_case(&case);
        (world, job)
    }

    /// From the attestation to a settlement without a dispute.
    pub(super) fn rounds(&mut self) {
        let (mut world, job) = self.running(Case::default());
        let (creator, labourer) = (world.creator(), world.labourer());
        let fund = rounds::fund_bonus(world.market, &world.market_account(), creator.pubkey(), CREDIT);
        self.push("fund_bonus", "default", &world, fund, world.creator());
        let [signed, submit] = world.attest_ixs(&labourer.pubkey(), &job, 0, report());
        self.shapes.push(Shape {
            instruction: "submit_attestation",
            name: "default".into(),
            world: world.clone(),
            before: vec![signed],
            call: submit,
            signer: world.labourer(),
        });
        world.attest(&labourer, &job, 0, report()).expect("an attestation");
        world.pass_to_draw(&job, 0);
        self.push("draw", "3-of-24", &world, world.trial(&job, 0).draw(creator.pubkey()), world.creator());
        world.draw(&creator, &job, 0).expect("a draw");
        let (trial, seated) = (world.trial(&job, 0), world.seated(&job, 0));
        let (round, vote) = (trial.round(), vote(9_000));
        let commit = rounds::commit(round, seated[0].pubkey(), 0, vote.commitment(&trial.domain(), &round, 0));
        self.push("commit", "default", &world, commit, seated[0].insecure_clone());
        for seat in 0..3 {
            world.commit(&job, 0, seat, &vote).expect("a commitment");
        }
        let reveal = rounds::reveal(world.market, round, seated[0].pubkey(), 0, &vote);
        self.push("reveal", "default", &world, reveal, seated[0].insecure_clone());
        for seat in 0..3 {
            world.reveal(&job, 0, seat, &vote).expect("a vote");
        }
        self.push("tally", "3-seats", &world, trial.tally(), world.creator());
        world.tally(&creator, &job, 0).expect("the count");
        self.push("challenge", "first", &world, world.trial(&job, 0).challenge(creator.pubkey()), world.creator());
        self.settle("passed", &mut world, &job);
        self.push("claim_assignment", "close", &world, world.trial(&job, 0).claim(&[]), world.creator());
        let close = rounds::close_round(round, &world.round(&job, 0, 0));
        self.push("close_round", "default", &world, close, world.creator());
    }

    /// From a challenge to the last claim.
    pub(super) fn disputes(&mut self) {
        let case = Case { proof_level: 1, trace_depth: DEPTH, ..Case::default() };
        let (mut world, job) = self.running(case);
        let (creator, labourer, client) = (world.creator(), world.labourer(), world.client());
        let model = world.job(&job).job;
        let mut states = vec![initial_state(&model.model_root, &model.input_root)];
        while states.len() < 1 << DEPTH {
            states.extend(states.last().map(|state| step(&model.model_root, state)));
        }
        states[FORGED][0] ^= 1;
        let tree = Tree::new(DEPTH, &states).expect("a tree");
        let report = Report { trace_root: tree.root(), ..report() };
        world.attest(&labourer, &job, 0, report).expect("an attestation");
        world.draw(&creator, &job, 0).expect("a draw");
        world.judge(&job, 0, &[9_000; 3]);
        world.tally(&creator, &job, 0).expect("the count");
        world.challenge(&creator, &job, 0).expect("a challenge");
        self.push("challenge", "join", &world, world.trial(&job, 0).challenge(client.pubkey()), world.client());
        world.pass_to_draw(&job, 0);
        self.push("draw", "6-of-24-disputed", &world, world.trial(&job, 0).draw(creator.pubkey()), world.creator());
        world.draw(&creator, &job, 0).expect("a draw");
        let link = u32::try_from(FORGED).expect("a link");
        let items = trace::items(&tree, &states, link).expect("items");
        self.push("prove_leaf", "1024-steps", &world, world.trial(&job, 0).prove(creator.pubkey(), link, items), world.creator());
        world.judge(&job, 0, &[0; 6]);
        self.push("tally", "6-seats", &world, world.trial(&job, 0).tally(), world.creator());
        world.tally(&creator, &job, 0).expect("the count");
        self.push("appeal", "default", &world, world.trial(&job, 0).appeal(client.pubkey()), world.client());
        self.settle("failed", &mut world, &job);
        let trial = world.trial(&job, 0);
        self.push("claim_assignment", "challenger", &world, trial.claim(&trial.payees()), world.creator());
    }

    /// The largest committees out of the largest set.
    pub(super) fn crowds(&mut self) {
        let mut world = World::active(self.config(2));
        let mut market = world.market_account();
        (market.jobs.seats, market.jobs.seats_high) = (8, 8);
        let address = world.market;
        write(&mut world, address, borsh::to_vec(&market).expect("bytes"));
        world.convene(120);
        let job = world.run_case(&Case::default());
        let (creator, labourer) = (world.creator(), world.labourer());
        world.attest(&labourer, &job, 0, report()).expect("an attestation");
        world.pass_to_draw(&job, 0);
        self.push("draw", "8-of-120", &world, world.trial(&job, 0).draw(creator.pubkey()), world.creator());
        world.draw(&creator, &job, 0).expect("a draw");
        world.judge(&job, 0, &[9_000; 8]);
        world.tally(&creator, &job, 0).expect("the count");
        world.challenge(&creator, &job, 0).expect("a challenge");
        world.pass_to_draw(&job, 0);
        self.push("draw", "16-of-120-disputed", &world, world.trial(&job, 0).draw(creator.pubkey()), world.creator());
        world.draw(&creator, &job, 0).expect("a draw");
        world.judge(&job, 0, &[0; 16]);
        self.push("tally", "16-seats", &world, world.trial(&job, 0).tally(), world.creator());
    }

    /// Settles when the window is over.
    fn settle(&mut self, name: &str, world: &mut World, job: &Address) {
        let until = world.assignment(job, 0).until;
        let wait = until - world.vm.clock().unix_timestamp;
        world.pass(wait);
        let trial = world.trial(job, 0);
        let settle = trial.settle(&world.worker_at(&trial.assignment.worker));
        self.push("settle", name, world, settle, world.creator());
        let creator = world.creator();
        World::settle(world, &creator, job, 0).expect("the settlement");
    }
}
