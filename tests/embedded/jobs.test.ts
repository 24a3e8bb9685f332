// The whole life of a job, in process: from credits in escrow to everybody's pay, with every vault's books.
import { beforeAll, describe, expect, it } from 'vitest';
import { generateKeyPairSigner, type Address } from '@solana/kit';
import * as hmm from '@hanzo/hmm';
import { decodedByAnchor, fieldsOf } from '../support/anchor.js';
import { Embedded } from '../support/embedded.js';
import { CREDITS, MEASUREMENT, UNITS } from '../support/market.js';
import { GPU, Work, type Sent } from '../support/work.js';

let network: Embedded;
let work: Work;
beforeAll(async () => {
  network = await Embedded.start();
  work = await Work.create(network, 3);
});

const refusal = async (sent: Promise<unknown>) => hmm.HmmRefusal.fromError(await sent.then(() => undefined, (error: unknown) => error));
const names = ({ events }: { events: hmm.HmmEvent[] }) => events.map(({ name }) => name);

describe('a job', () => {
  it('is filled, run, verified and paid in twelve transactions, two of them the client\'s', async () => {
    const wallet = await work.credits(work.client.address);
    const pay = await work.credits(work.worker.address);
    const outstanding = (await work.workerState()).outstanding[GPU]!;
    work.takeSent();

    const job = await work.open();
    const { assignBy, startBy, submitBy } = (await work.job(job)).job;
    expect(await work.status(job)).toMatchObject({
      state: 'Open',
      why: 'no vouchers yet: the client or its router fills it',
      steps: [{ name: 'fill', who: 'Client', until: assignBy }, { name: 'close_job', who: 'Client' }, { name: 'close_job', who: 'Anyone', from: assignBy }],
      default: { name: 'close_job', from: assignBy },
    });
    expect(await work.credits(work.client.address)).toBe(wallet - 200n * CREDITS);

    const placed = await work.placeWith(job, 20n * UNITS);
    expect(names(placed)).toEqual(['JobFilled', 'JobAssigned']);
    expect(await work.status(job)).toMatchObject({
      state: 'Assigned',
      why: `assignment 0 waits for its worker to start, until ${startBy}`,
      default: { name: 'expire', assignment: 0, from: startBy },
    });
    expect(await work.faults([job])).toEqual([]);

    const { events: [started] } = await work.start(job);
    expect(started).toMatchObject({ name: 'AssignmentStarted', data: { job, index: 0, worker: await work.workerAddress() } });
    expect((await work.workerState()).outstanding[GPU]).toBe(outstanding - 20n * UNITS);
    expect(await work.status(job)).toMatchObject({ state: 'Running', why: `assignment 0 is running, its attestation due by ${submitBy}` });
    expect(await work.faults([job])).toEqual([]);

    const { events: [attested] } = await work.attest(job);
    expect(attested).toMatchObject({ name: 'Attested', data: { job, receipt: true } });
    const { until } = (await work.trial(job))[1].assignment;
    expect(await work.status(job)).toMatchObject({
      state: 'Submitted',
      why: `assignment 0 has attested; whether it is verified is drawn from ${until} on`,
      default: { name: 'draw', from: until },
    });

    await work.passToDraw(job);
    const counted = await work.judge(job, 9_000, 8_500, 2_000);
    expect(names(counted)).toEqual(['VoteRevealed', 'VotesCounted']);
    expect(counted.events[1]).toMatchObject({ data: { revealed: 3, seats: 3, score: 8_500, deltaI: 30n, deltaU: -10n } });
    const window = (await work.trial(job))[1].assignment.until;
    expect(await work.status(job)).toMatchObject({
      state: 'Challenge',
      why: `assignment 0 has passed and can be challenged until ${window}`,
      steps: [{ name: 'fill', who: 'Client' }, { name: 'challenge', who: 'Anyone', until: window }, { name: 'settle', who: 'Anyone', from: window }],
      default: { name: 'challenge' },
    });
    expect(await work.faults([job])).toEqual([]);

    const [state, part] = await work.trial(job);
    const round = await hmm.rounds.roundAddress(part);
    for (const [name, address, ours] of [
      ['Job', job, state.job],
      ['Assignment', part.address, part.assignment],
      ['Round', round, await hmm.rounds.fetchRound(network.rpc, round)],
      ['Worker', await work.workerAddress(), await work.workerState()],
      ['VerifierSet', (await hmm.findVerifierSetPda({ market: work.market.address }))[0], await work.verifierSet()],
      ['Registry', (await hmm.findRegistryPda({ market: work.market.address }))[0], await work.market.registry()],
    ] as const) {
      expect(fieldsOf(ours), name).toEqual(decodedByAnchor(name, network.data(address)));
    }
    await work.passWindow(job);
    const settled = await work.settle(job);
    expect(names(settled)).toEqual(['AssignmentSettled', 'WorkerPaid', 'AssignmentClaimed']);
    expect(settled.events[0]).toMatchObject({ data: { outcome: hmm.OUTCOMES.indexOf('Passed'), score: 8_500, banned: false } });
    expect(settled.events[2]).toMatchObject({ data: { closed: true } });
    expect(await work.status(job)).toMatchObject({ state: 'Filled', why: 'all 1 assignments are over', default: { name: 'close_job' } });

    const closed = await work.close(job, [round]);
    expect(names(closed)).toEqual(['JobClosed', 'JobClaimed', 'RoundClosed']);
    expect(closed.events[1]).toMatchObject({ data: { done: true } });
    await expect(work.job(job)).rejects.toThrow();

    const sent = work.takeSent();
    const row = ({ what, by, size, computeUnits }: Sent, i: number) => `${i + 1}`.padStart(2) + `  ${by.padEnd(11)}${what.padEnd(42)}${size} bytes  ${computeUnits} CU`;
    console.log(sent.map(row).join('\n'));
    expect(sent.length).toBeLessThanOrEqual(12);
    expect(sent.filter(({ by }) => by === 'client').length).toBeLessThanOrEqual(2);

    // The client paid for its vouchers and for verification, and has the rest back; the worker has what it earned.
    const [filled, assigned] = placed.events as [Extract<hmm.HmmEvent, { name: 'JobFilled' }>, Extract<hmm.HmmEvent, { name: 'JobAssigned' }>];
    const { seatFee } = (await work.marketState()).market.jobs;
    const spent = wallet - (await work.credits(work.client.address));
    expect(spent).toBe(filled.data.paid + assigned.data.fee + 3n * seatFee);
    const earned = (await work.credits(work.worker.address)) - pay;
    expect(settled.events[1]).toMatchObject({ data: { credits: earned } });
    expect(earned).toBeGreaterThan(0n);
    const { verifiers } = await work.verifierSet();
    expect(verifiers.slice(0, 3).map(({ earned }) => earned)).toEqual([seatFee, seatFee, seatFee]);
    expect(await work.faults()).toEqual([]);
  });

  it('whose worker does not come is refunded, in vouchers and credits', async () => {
    const wallet = await work.credits(work.client.address);
    const { pool } = await work.market.state();
    const vouchers = await hmm.vouchersAccount(work.client.address, pool, GPU);
    await network.send([hmm.createTokenAccount(work.market.authority, vouchers)]);
    const finder = work.verifiers[1]!;
    const found = await work.credits(finder.address);

    const job = await work.open();
    const { events: [filled] } = await work.placeWith(job, 20n * UNITS);
    const [before, part] = await work.trial(job);
    const early = await refusal(network.send([await hmm.jobs.expire(before, part, finder.address)]));
    expect(early).toMatchObject({ code: hmm.HMM_ERROR__JOB_EARLY, expected: before.job.startBy, found: before.clock.unixTimestamp });
    await work.passTo(before.job.startBy);
    const late = await refusal(network.send([await hmm.jobs.start(before, part, work.worker)], { payer: work.worker }));
    expect(late).toMatchObject({ code: hmm.HMM_ERROR__JOB_LATE, expected: before.job.startBy });

    const { events: [ended] } = await work.send('expire', finder, [await hmm.jobs.expire(before, part, finder.address)]);
    expect(ended).toMatchObject({ name: 'AssignmentEnded', data: { outcome: hmm.OUTCOMES.indexOf('NoShow') } });
    const { toFinder } = (ended as Extract<hmm.HmmEvent, { name: 'AssignmentEnded' }>).data;
    expect(toFinder).toBeGreaterThan(0n);
    expect(await work.credits(finder.address)).toBe(found + toFinder);

    await work.close(job);
    const { paid } = (filled as Extract<hmm.HmmEvent, { name: 'JobFilled' }>).data;
    expect(await work.market.balance(vouchers)).toBe(20n * UNITS);
    expect(await work.credits(work.client.address)).toBe(wallet - paid);
    expect(await work.faults()).toEqual([]);
  });

  it('can be topped up, given vouchers, released and cancelled', async () => {
    const job = await work.open();
    const pool = await work.market.state();
    const wallet = await work.market.balance(await hmm.vouchersAccount(work.client.address, pool.pool, GPU));
    const state = await work.job(job);
    await work.send('top_up', work.client, [await hmm.jobs.topUp(state, work.client, CREDITS)]);
    await work.send('deposit_vouchers', work.client, [await hmm.jobs.depositVouchers(state, work.client, pool, GPU, 5n * UNITS)]);
    expect(await work.status(job)).toMatchObject({ state: 'Filled', why: 'it holds vouchers that no worker is named for' });
    await work.send('assign', work.client, [await hmm.jobs.assign(state, work.client, pool.address, await work.workerAddress(), [5n * UNITS])]);
    const { events: [released] } = await work.send('unassign', work.client, [await hmm.jobs.unassign(...(await work.trial(job)), work.client)]);
    expect(released).toMatchObject({ name: 'AssignmentEnded', data: { outcome: hmm.OUTCOMES.indexOf('Released') } });
    await work.send('close_job', work.client, [await hmm.jobs.close(state, work.client)]);
    const left = await work.job(job);
    expect(hmm.jobState(left.job)).toBe('Refunded');
    expect(await work.status(job)).toMatchObject({
      why: `closed: Released; ${left.job.clientClaim} raw credits are the client's to claim`,
      default: { name: 'claim_job', who: 'Anyone' },
    });
    await work.send('claim_job', work.client, [await hmm.jobs.claim(left, [pool])]);
    expect(await work.market.balance(await hmm.vouchersAccount(work.client.address, pool.pool, GPU))).toBe(wallet);
    expect(await work.faults()).toEqual([]);
  });
});

describe('refusals', () => {
  let job: Address;
  beforeAll(async () => {
    job = await work.open({ budget: 10n * CREDITS });
  });

  it('of what costs more than the job has, or than a unit may cost', async () => {
    const { job: { credits } } = await work.job(job);
    const over = await refusal(work.placeWith(job, 20n * UNITS));
    expect(over).toMatchObject({ code: hmm.HMM_ERROR__JOB_BUDGET, expected: credits });
    expect(over!.found).toBeGreaterThan(credits);
    const cheap = await work.open({ lines: [{ pool: work.market.pool, resource: GPU, wanted: 50n * UNITS, maxPrice: CREDITS / 2n }] });
    const dear = await refusal(work.placeWith(cheap, UNITS));
    expect(dear).toMatchObject({ code: hmm.HMM_ERROR__PRICE_ABOVE_LINE, subject: 0 });
    expect(await refusal(work.placeWith(cheap, 51n * UNITS))).toMatchObject({ code: hmm.HMM_ERROR__LINE_FULL, expected: 50n * UNITS, found: 51n * UNITS });
  });

  it('of what is said too late', async () => {
    const other = await work.open();
    const { job: { assignBy } } = await work.job(other);
    await work.passTo(assignBy);
    expect(await refusal(work.placeWith(other, UNITS))).toMatchObject({ code: hmm.HMM_ERROR__JOB_LATE, expected: assignBy, found: await work.market.now() });
    await work.close(other);
  });

  it('of whoever is not the worker, and of whatever its enclave did not sign', async () => {
    const other = await work.open();
    await work.placeWith(other, 5n * UNITS);
    const stranger = work.verifiers[2]!;
    const [state, part] = await work.trial(other);
    const start = network.send([await hmm.jobs.start(state, part, stranger)], { payer: stranger });
    expect(await refusal(start)).toMatchObject({ code: hmm.HMM_ERROR__JOB_ACTOR });
    await work.start(other);

    const byStranger = network.send(await work.attesting(other, { signer: stranger }), { payer: stranger });
    expect(await refusal(byStranger)).toMatchObject({ code: hmm.HMM_ERROR__UNAUTHORIZED, expected: work.worker.address, found: stranger.address });
    const attest = (instructions: Parameters<typeof network.send>[0]) => refusal(network.send(instructions, { payer: work.worker }));
    // A signature of another key than the registered one, in an instruction that says so.
    const enclave = await generateKeyPairSigner();
    const report = { reportDigest: MEASUREMENT, outputRoot: MEASUREMENT, traceRoot: MEASUREMENT, usage: Array<bigint>(8).fill(0n) };
    const forged = await hmm.rounds.sign(state, part, enclave, MEASUREMENT, report);
    const [ed25519] = await hmm.rounds.submit(state, part, work.worker, report, forged);
    const [, submit] = await work.attesting(other);
    const otherKey = await attest([ed25519, submit!]);
    expect(otherKey).toMatchObject({ code: hmm.HMM_ERROR__ED25519_KEY, expected: 32n });
    expect(otherKey!.found).toBeLessThan(32n);
    // The right key signed another report.
    const [genuine] = await work.attesting(other, { report });
    expect(await attest([genuine!, submit!])).toMatchObject({ code: hmm.HMM_ERROR__ED25519_MESSAGE, expected: 32n });
    expect(await attest([submit!])).toMatchObject({ code: hmm.HMM_ERROR__ED25519_PROGRAM });
    // What the precompile itself refuses never reaches the program.
    await expect(network.send(await work.attesting(other, { enclave }), { payer: work.worker })).rejects.toThrow();
  });

  it('of votes from elsewhere, and of others than were committed to', async () => {
    const other = await work.open();
    await work.placeWith(other, 5n * UNITS);
    await work.start(other);
    await work.attest(other);
    const market = await work.marketState();
    const [state, part] = await work.trial(other);
    const early = hmm.rounds.simulateDraw(network.rpc, state, part, work.market.authority);
    await expect(early).rejects.toMatchObject({ name: 'HmmRefusal', code: hmm.HMM_ERROR__DRAW_EARLY, expected: part.assignment.drawSlot, found: state.clock.slot });
    await work.passToDraw(other);
    const { seats, number } = (await hmm.rounds.simulateDraw(network.rpc, state, part, work.market.authority))!;
    const round = await hmm.rounds.roundAddress(part, number);
    const seated = seats.slice(0, 3).map(({ verifier }) => work.verifiers.find(({ address }) => address === verifier)!);
    const vote = { score: 7_000, deltaI: 0n, deltaU: 0n, salt: hmm.verifiers.newSalt() };
    await network.send([await hmm.rounds.draw(state, part, work.market.authority), await hmm.verifiers.commit(market, round, 0, seated[0]!, vote)], { computeUnitLimit: 600_000 });
    const [, drawn] = await work.trial(other);
    expect(await work.status(other)).toMatchObject({ state: 'Verifying', why: `assignment 0 is before 3 verifiers, until ${drawn.assignment.until}` });
    expect(await hmm.rounds.fetchRound(network.rpc, round)).toMatchObject({ seats: seats.map(({ verifier, index }) => ({ verifier, index })) });

    const by = (verifier = seated[0]!) => ({ payer: verifier });
    const elsewhere = network.send([await hmm.verifiers.commit(market, round, 1, seated[0]!, vote)], by());
    expect(await refusal(elsewhere)).toMatchObject({ code: hmm.HMM_ERROR__NOT_SEATED, expected: seated[1]!.address, found: seated[0]!.address });
    const twice = network.send([await hmm.verifiers.commit(market, round, 0, seated[0]!, vote)], by());
    expect(await refusal(twice)).toMatchObject({ code: hmm.HMM_ERROR__ALREADY_COMMITTED });
    const soon = network.send([await hmm.verifiers.reveal(market, round, 0, seated[0]!, vote)], by());
    expect(await refusal(soon)).toMatchObject({ code: hmm.HMM_ERROR__JOB_EARLY });
    await work.passTo(drawn.assignment.until - 300n);
    const changed = network.send([await hmm.verifiers.reveal(market, round, 0, seated[0]!, { ...vote, score: 9_000 })], by());
    expect(await refusal(changed)).toMatchObject({ code: hmm.HMM_ERROR__OTHER_VOTE, expected: 32n });
    await network.send([await hmm.verifiers.reveal(market, round, 0, seated[0]!, vote)], by());

    // The others stay silent: no quorum, another committee, and part of their stakes burns.
    const tally = [await hmm.rounds.tally(...(await work.trial(other)))];
    expect(await refusal(network.send(tally))).toMatchObject({ code: hmm.HMM_ERROR__JOB_EARLY, expected: drawn.assignment.until });
    await work.passTo(drawn.assignment.until);
    const { nonRevealSlash } = market.market.verification;
    expect(await network.send(tally)).toMatchObject({ events: [{ name: 'VotesCounted', data: { revealed: 1, seats: 3, slashed: 2n * nonRevealSlash } }] });
    const { until } = (await work.trial(other))[1].assignment;
    expect(await work.status(other)).toMatchObject({ state: 'Verifying', why: `assignment 0 waits for a committee, drawn from ${until} on` });
    expect(await network.send([await hmm.verifiers.burnSlashed(market)])).toMatchObject({ events: [{ name: 'SlashBurned', data: { amount: 2n * nonRevealSlash } }] });
  });
});
