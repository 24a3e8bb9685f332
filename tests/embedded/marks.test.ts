// Marks, in process: what the client says is what the program holds to.
import { parseBase64RpcAccount } from '@solana/kit';
import { beforeAll, describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { LegKind } from '@hanzo/hmm';
import { Embedded } from '../support/embedded.js';
import { Market, UNITS } from '../support/market.js';

const START = 1_800_000_000n;
let network: Embedded;
let market: Market;
beforeAll(async () => {
  network = await Embedded.start();
  setTime(START);
  market = await Market.create(network, 2);
});

function setTime(unixTimestamp: bigint): void {
  const clock = network.svm.getClock();
  clock.unixTimestamp = unixTimestamp;
  network.svm.setClock(clock);
}

async function marks(resource: number): Promise<hmm.ResourceMarks | undefined> {
  const state = await market.state();
  const { value } = await network.rpc.getMultipleAccounts([state.pool.observations]).send();
  const account = hmm.decodeObservations(parseBase64RpcAccount(state.pool.observations, value[0] as never));
  return hmm.marksOf(state, account.data, resource);
}

const setMark = async (resource: number, price: bigint) =>
  network.send([
    await hmm.getSetBootstrapMarkInstructionAsync({
      market: market.address,
      authority: network.payer,
      pool: market.pool,
      observations: (await market.state()).pool.observations,
      resource,
      price,
    }),
  ]);

describe('marks', () => {
  it('are the authority\'s first, and the pool\'s own after half an hour', async () => {
    expect(await marks(0)).toBeUndefined();
    const price = 3n << 64n;
    const { events: [set] } = await setMark(0, price);
    expect(set).toMatchObject({ name: 'BootstrapMarkSet', data: { resource: 0, price } });
    expect(await marks(0)).toMatchObject({ hi: price, lo: price, own: false, punish: false });
    expect(await marks(1)).toBeUndefined();
    expect(await marks(2)).toBeUndefined();

    setTime(START + 1_799n);
    expect(await marks(0)).toMatchObject({ own: false });
    setTime(START + 1_800n);
    const own = (await marks(0))!;
    expect(own).toMatchObject({ own: true, punish: true });
    // the price has not moved: a mean is at most 2^-38 and a unit off
    for (const mean of [own.hi, own.lo]) expect(mean - own.spot <= (own.spot >> 38n) + 1n && own.spot - mean <= (own.spot >> 38n) + 1n).toBe(true);
    const error = await setMark(1, price).then(() => undefined, (error: unknown) => error);
    expect(hmm.HmmRefusal.fromError(error)).toMatchObject({ code: hmm.HMM_ERROR__MARK_MATURE, subject: 1, expected: 1_800n, found: 1_800n });
  });

  it('do not follow a push at once', async () => {
    const before = (await marks(0))!;
    const state = await market.state();
    const terms = [{ resource: 0, kind: LegKind.BuyExactOut, amount: 40n * UNITS }];
    const quote = hmm.accepted(hmm.quote(state, terms.map(hmm.unlimited)));
    await network.send([await hmm.getVectorSwapInstruction({ state, trader: network.payer, ...hmm.withSlippage(terms, quote) })]);
    setTime(START + 1_860n);
    const after = (await marks(0))!;
    const relative = (a: bigint, b: bigint) => hmm.math.priceToNumber(a) / hmm.math.priceToNumber(b) - 1;
    expect(relative(after.spot, before.spot)).toBeGreaterThan(0.07);
    // 60 seconds of a basis point more each, over half an hour
    expect(relative(after.hi, before.hi)).toBeCloseTo((1e-4 * 60 * 61) / 2 / 1_800, 6);
  });
});
