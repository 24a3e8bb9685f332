// What happens to work that somebody doubts: a second committee, an appeal, a proof of fraud, and the end of a worker that cheated.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '@solana/kit';
import * as hmm from '@hanzo/hmm';
import { Embedded } from '../support/embedded.js';
import { UNITS } from '../support/market.js';
import { GPU, Work } from '../support/work.js';

const VERIFIERS = 12; // three sit first, six in a dispute, three are left for the appeal
const outcome = (name: hmm.Outcome) => hmm.OUTCOMES.indexOf(name);

let network: Embedded;
let work: Work;
beforeEach(async () => {
  network = await Embedded.start();
  work = await Work.create(network, VERIFIERS);
});

const why = async (job: Address) => (await work.status(job)).why;
const until = async (job: Address) => (await work.trial(job))[1].assignment.until;
const refusal = async (sent: Promise<unknown>) => hmm.HmmRefusal.fromError(await sent.then(() => undefined, (error: unknown) => error));

/** A job that has been attested. */
async function attested(over: Partial<hmm.jobs.JobSpec> = {}, report?: hmm.rounds.Report): Promise<Address> {
  const job = await work.open(over);
  await work.placeWith(job, 20n * UNITS);
  await work.start(job);
  await work.attest(job, report);
  return job;
}

describe('a dispute', () => {
  it('goes to a second committee and, appealed, to a last one; nobody sits twice', async () => {
    const job = await attested();
    await work.passToDraw(job);
    await work.judge(job, 9_000);
    const [state, part] = await work.trial(job);
    const wallet = await work.credits(work.client.address);

    const { events: [challenged] } = await work.send('challenge', work.client, [await hmm.rounds.challenge(state, part, work.client)]);
    expect(challenged).toMatchObject({ name: 'Challenged', data: { challenger: work.client.address, challengers: 1 } });
    const { bond } = (challenged as Extract<hmm.HmmEvent, { name: 'Challenged' }>).data;
    expect(await work.credits(work.client.address)).toBe(wallet - bond);
    expect(await why(job)).toBe(`assignment 0 is challenged; its second committee is drawn from ${await until(job)} on`);
    expect(await work.faults([job])).toEqual([]);

    await work.passToDraw(job);
    const second = await work.judge(job, 1_000);
    expect(second.events[1]).toMatchObject({ name: 'VotesCounted', data: { number: 1, seats: 6, revealed: 6, score: 1_000 } });
    expect(await why(job)).toBe(`assignment 0 has failed in dispute and can be appealed until ${await until(job)}`);

    await work.send('appeal', work.worker, [await hmm.rounds.appeal(...(await work.trial(job)), work.worker)]);
    expect(await why(job)).toBe(`assignment 0 is appealed; its last committee is drawn from ${await until(job)} on`);
    await work.passToDraw(job);
    const third = await work.judge(job, 2_000);
    expect(third.events[1]).toMatchObject({ name: 'VotesCounted', data: { number: 2, score: 2_000 } });
    expect(await why(job)).toBe('assignment 0 has failed, finally: anybody can settle it');

    const [, judged] = await work.trial(job);
    expect(judged.assignment.rounds).toBe(3);
    const addresses = await Promise.all([0, 1, 2].map((number) => hmm.rounds.roundAddress(judged, number)));
    const rounds = await Promise.all(addresses.map((address) => hmm.rounds.fetchRound(network.rpc, address)));
    const seated = rounds.flatMap(({ seats, seatCount }) => seats.slice(0, seatCount).map(({ verifier }) => verifier));
    expect(new Set(seated).size).toBe(seated.length);
    expect(await work.faults([job])).toEqual([]);

    const { events: [settled] } = await work.send('settle', work.market.authority, [await hmm.rounds.settle(...(await work.trial(job)))]);
    expect(settled).toMatchObject({ name: 'AssignmentSettled', data: { outcome: outcome('Failed'), banned: false } });
    const [after, owing] = await work.trial(job);
    expect(hmm.rounds.payees(owing.assignment)).toEqual([work.client.address]);
    const before = await work.credits(work.client.address);
    const { events: [claimed] } = await work.send('claim_assignment', work.market.authority, [await hmm.rounds.claim(after, owing)]);
    expect(claimed).toMatchObject({ name: 'AssignmentClaimed', data: { paid: owing.assignment.challengerClaim, closed: true } });
    expect(await work.credits(work.client.address)).toBe(before + owing.assignment.challengerClaim);
    expect(owing.assignment.challengerClaim).toBeGreaterThanOrEqual(bond);
    await work.passTo(after.job.assignBy);
    await work.close(job, addresses);
    await expect(work.job(job)).rejects.toThrow();
    expect(await work.faults()).toEqual([]);
  });
});

describe('a fraud', () => {
  const modelRoot = new Uint8Array(32).fill(1);
  const inputRoot = new Uint8Array(32).fill(2);
  const depth = 4;

  /** A run with one step invented, as a cheat would attest it. */
  async function forgery(step: number) {
    const honest = await hmm.attest.runTrace(modelRoot, inputRoot, depth);
    const states = honest.states.map((state, i) => (i === step ? state.map((byte) => byte ^ 1) : state));
    const tree = await hmm.attest.merkleTree(depth, states);
    return { claim: { ...honest.claim, traceRoot: tree.root }, states, tree };
  }

  it('is proven by one step, bans the worker, and pays whoever proved it', async () => {
    const { claim, states, tree } = await forgery(5);
    const report = { reportDigest: new Uint8Array(32), outputRoot: claim.outputRoot, traceRoot: claim.traceRoot, usage: Array<bigint>(8).fill(1n) };
    const job = await attested({ modelRoot, inputRoot, proofLevel: 1, traceDepth: depth }, report);
    await work.passToDraw(job);
    await work.judge(job, 9_000);
    await work.send('challenge', work.client, [await hmm.rounds.challenge(...(await work.trial(job)), work.client)]);

    const prover = work.client;
    const prove = async (link: number) => hmm.rounds.prove(...(await work.trial(job)), prover, link, hmm.attest.linkItems(tree, states, link));
    const honest = await refusal(network.send([await prove(3)], { payer: prover }));
    expect(honest).toMatchObject({ code: hmm.HMM_ERROR__TRACE_HONEST });
    expect(await hmm.attest.upheld(claim, 5, hmm.attest.linkItems(tree, states, 5))).toBeUndefined();
    const { events: [proven] } = await work.send('prove_leaf', prover, [await prove(5)]);
    expect(proven).toMatchObject({ name: 'FraudProven', data: { prover: prover.address, link: 5 } });
    expect(await why(job)).toBe('assignment 0 was proven fraudulent, finally: anybody can settle it');

    const { events: [settled] } = await work.send('settle', work.market.authority, [await hmm.rounds.settle(...(await work.trial(job)))]);
    expect(settled).toMatchObject({ name: 'AssignmentSettled', data: { outcome: outcome('Fraud'), banned: true } });
    const [state, part] = await work.trial(job);
    expect(part.assignment.finderClaim).toBeGreaterThan(0n);
    await work.send('claim_assignment', prover, [await hmm.rounds.claim(state, part)]);
    expect(await work.faults([job])).toEqual([]);

    await liquidateBanned();
    expect(await work.faults([job])).toEqual([]);
  });

  /** Everybody who has vouchers of it is paid out of what the worker has left. */
  async function liquidateBanned(): Promise<void> {
    const liquidator = work.market.authority;
    const owner = work.worker.address;
    const { outstanding } = await work.workerState();
    const units = outstanding[GPU]!;
    expect(units).toBeGreaterThan(0n);
    await network.passSeconds(1_800n); // nobody is punished by a mark that is younger
    const pool = await work.market.state();
    const liquidation = await hmm.workers.liquidate(pool, owner, liquidator, GPU, units);
    expect(await refusal(network.send([liquidation]))).toMatchObject({ code: hmm.HMM_ERROR__NO_NOTICE, expected: 0n });
    const { events: [noticed] } = await work.send('notify_worker', liquidator, [await hmm.workers.notify(pool, owner)]);
    expect(noticed).toMatchObject({ name: 'Noticed', data: { cause: 0, noticeAt: pool.clock.unixTimestamp } });
    await network.passSeconds(3_600n);
    const { events: [liquidated] } = await work.send('liquidate', liquidator, [liquidation]);
    expect(liquidated).toMatchObject({ name: 'Liquidated', data: { liquidator: liquidator.address, units } });
    expect((await work.workerState()).outstanding[GPU]).toBe(0n);
    const supply = await hmm.workers.supply(pool, work.worker, { resource: GPU, rawUnits: UNITS });
    expect(await refusal(network.send([supply], { payer: work.worker }))).toMatchObject({ code: hmm.HMM_ERROR__WORKER_BANNED });
  }
});
