// The life of a job over RPC, where time passes by itself and by travel.
import { beforeAll, describe, expect, it } from 'vitest';
import { getBase64EncodedWireTransaction } from '@solana/kit';
import * as hmm from '@hanzo/hmm';
import { UNITS } from '../support/market.js';
import { Node } from '../support/node.js';
import { Work } from '../support/work.js';

let node: Node;
let work: Work;

// Another network's time does not travel.
describe.skipIf(process.env.SOLANA_RPC_URL)('a job', () => {
  beforeAll(async () => {
    node = await Node.connect();
    work = await Work.create(node, 3);
  });

  it('lives over RPC: filled, run, verified, settled and closed', async () => {
    const job = await work.open();
    await work.placeWith(job, 20n * UNITS);
    await work.start(job);
    const { events: [attested] } = await work.attest(job);
    expect(attested).toMatchObject({ name: 'Attested', data: { job, receipt: true } });
    await work.passToDraw(job);
    const { events: [, counted] } = await work.judge(job, 8_000);
    expect(counted).toMatchObject({ name: 'VotesCounted', data: { revealed: 3, score: 8_000 } });
    expect((await work.status(job)).state).toBe('Challenge');
    expect(await work.faults([job])).toEqual([]);

    const round = await hmm.rounds.roundAddress((await work.trial(job))[1]);
    await work.passWindow(job);
    const { events: [settled] } = await work.settle(job);
    expect(settled).toMatchObject({ name: 'AssignmentSettled', data: { outcome: hmm.OUTCOMES.indexOf('Passed') } });
    await work.close(job, [round]);
    await expect(work.job(job)).rejects.toThrow();
    expect(await work.faults()).toEqual([]);
  });

  it('whose worker starts too late is refused in preflight, with the time in the error', async () => {
    const job = await work.open();
    await work.placeWith(job, 5n * UNITS);
    const [state, part] = await work.trial(job);
    await work.passTo(state.job.startBy);
    const wire = getBase64EncodedWireTransaction(await node.sign([await hmm.jobs.start(state, part, work.worker)], { payer: work.worker }));
    const error = await node.rpc.sendTransaction(wire, { encoding: 'base64' }).send().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    const refusal = hmm.HmmRefusal.fromError(error);
    expect(refusal).toMatchObject({ code: hmm.HMM_ERROR__JOB_LATE, expected: state.job.startBy });
    expect(refusal!.message).toContain('The window of this event is over');
  });
});
