// Trades in process: the quote by WebAssembly, the quote by the program and the swap agree to the unit.
import { isNone, isSome } from '@solana/kit';
import { beforeAll, describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { LegKind } from '@hanzo/hmm';
import { Embedded } from '../support/embedded.js';
import { CREDITS, Market, UNITS } from '../support/market.js';
import { MAX_WIRE_SIZE, wireSize } from '../support/network.js';
import { Random } from '../support/random.js';

const SEED = Number(process.env.HMM_SEED ?? 20_26);
const PLENTY = 10n ** 15n;

/** Random terms; amounts from dust to far too much. */
const randomTerms = (random: Random, resources: number): hmm.Terms[] =>
  random.some(resources).map((resource) => ({ resource, kind: random.below(4) as LegKind, amount: random.amount(2_000n * UNITS) }));

async function bothQuotes(market: Market, legs: hmm.Leg[]): Promise<[hmm.Quote, hmm.Quote]> {
  const state = await market.state();
  const { rpc, payer } = market.network;
  return [hmm.quote(state, legs), await hmm.simulateQuote(rpc, { pool: market.pool, market: market.address, legs, payer: payer.address })];
}

describe('a trade', () => {
  let network: Embedded;
  let market: Market;
  beforeAll(async () => {
    network = await Embedded.start();
    market = await Market.create(network, 5);
  });

  it('buys a bundle, creating the token accounts it needs', async () => {
    const trader = await market.trader(PLENTY);
    const state = await market.state();
    const terms = [
      { resource: hmm.resourceIndex(state.pool, 'gpu'), kind: LegKind.BuyExactOut, amount: 5n * UNITS },
      { resource: hmm.resourceIndex(state.pool, 'vram'), kind: LegKind.BuyExactOut, amount: 12n * UNITS },
    ];
    const quote = hmm.accepted(hmm.quote(state, terms.map(hmm.unlimited)));
    const instructions = await hmm.getSwapInstructions(network.rpc, { state, trader, ...hmm.withSlippage(terms, quote) });
    expect(instructions).toHaveLength(3);
    const { events } = await network.send(instructions, { payer: trader, priorityFee: 1_000n, computeUnitLimit: 300_000 });

    expect(events).toHaveLength(1);
    const event = events[0]!;
    if (event.name !== 'Swapped') throw new Error(`${event.name}`);
    expect(event.data.net).toBe(quote.net);
    expect(event.data.trader).toBe(trader.address);
    expect(event.data.legs.map(({ units, credits }) => ({ units, credits }))).toEqual(quote.legs.map(({ units, credits }) => ({ units, credits })));
    expect(await market.balance(await market.creditsAccount(trader.address))).toBe(PLENTY - quote.net);
    expect(await market.balance(await hmm.vouchersAccount(trader.address, state.pool, terms[1]!.resource))).toBe(12n * UNITS);

    // The accounts exist now, and the next event has the next number.
    const again = await market.state();
    const second = await hmm.getSwapInstructions(network.rpc, { state: again, trader, ...hmm.withSlippage(terms, hmm.quote(again, terms.map(hmm.unlimited))) });
    expect(second).toHaveLength(1);
    const next = (await network.send(second, { payer: trader })).events[0]!;
    expect(next.data).toMatchObject({ sequence: event.data.sequence + 1n });
  });

  it('trades one resource for another', async () => {
    const trader = await market.trader(PLENTY);
    await market.issue(trader, 0, 10n * UNITS);
    const state = await market.state();
    const terms = [
      { resource: 0, kind: LegKind.SellExactIn, amount: 10n * UNITS },
      { resource: 3, kind: LegKind.BuyExactIn, amount: 5n * CREDITS },
    ];
    const quote = hmm.accepted(hmm.quote(state, terms.map(hmm.unlimited)));
    expect(quote.net).toBeLessThan(0n);
    await network.send(await hmm.getSwapInstructions(network.rpc, { state, trader, ...hmm.withSlippage(terms, quote) }), { payer: trader });
    expect(await market.balance(await market.creditsAccount(trader.address))).toBe(PLENTY - quote.net);
    expect(await market.balance(await hmm.vouchersAccount(trader.address, state.pool, 3))).toBe(quote.legs[1]!.units);
    expect(await market.balance(await hmm.vouchersAccount(trader.address, state.pool, 0))).toBe(0n);
  });

  it('is quoted the same by WebAssembly and the program, and traded as quoted: random legs', async () => {
    const random = new Random(SEED);
    const { payer } = network;
    let [traded, refused] = [0, 0];
    for (let i = 0; i < 300; i++) {
      const terms = randomTerms(random, 5);
      const legs = terms.map(hmm.unlimited);
      const [ours, theirs] = await bothQuotes(market, legs);
      expect(ours, `seed ${SEED}, case ${i}`).toEqual(theirs);
      const state = await market.state();
      if (isNone(ours.refusal)) {
        const instruction = await hmm.getVectorSwapInstruction({ state, trader: payer, ...hmm.withSlippage(terms, ours, 0) });
        const { events } = await network.send([instruction], { computeUnitLimit: 1_400_000 });
        const [event] = events;
        if (event?.name !== 'Swapped') throw new Error('no event');
        expect(event.data.net).toBe(ours.net);
        expect(event.data.legs.map(({ units, credits, fee, burned, toLps }) => [units, credits, fee, burned, toLps])).toEqual(
          ours.legs.map(({ units, credits, fee, burn, toLps }) => [units, credits, fee, burn, toLps]),
        );
        traded++;
      } else {
        const instruction = await hmm.getVectorSwapInstruction({ state, trader: payer, legs, netLimit: (1n << 63n) - 1n });
        const error = await network.send([instruction], { computeUnitLimit: 1_400_000 }).catch((error: unknown) => error);
        const { code, subject, expected, found } = ours.refusal.value;
        expect(hmm.HmmRefusal.fromError(error), `seed ${SEED}, case ${i}: ${error}`).toMatchObject({ code, subject, expected, found });
        expect((await market.state()).pool).toEqual(state.pool);
        refused++;
      }
      await network.passSlots(BigInt(random.below(60)));
    }
    expect(traded).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
    expect(await market.identity()).toBe(true);
  });

  it('shows fees, prices and price impact', async () => {
    await network.passSlots(1_000n);
    const [small, large] = [1n, 100n].map((whole) => ({ resource: 1, kind: LegKind.BuyExactOut, amount: whole * UNITS }));
    const state = await market.state();
    const [one, hundred] = [small!, large!].map((terms) => hmm.accepted(hmm.quote(state, [hmm.unlimited(terms)])).legs[0]!);
    expect(one!.fee).toBe(one!.burn + one!.toLps + one!.toTreasury);
    expect(one!.priceAfter).toBeGreaterThan(one!.priceBefore);
    expect(hmm.priceImpact(LegKind.BuyExactOut, one!)).toBeGreaterThan(0);
    expect(hmm.priceImpact(LegKind.BuyExactOut, hundred!)).toBeGreaterThan(50 * hmm.priceImpact(LegKind.BuyExactOut, one!));
    const sold = hmm.accepted(hmm.quote(state, [hmm.unlimited({ resource: 1, kind: LegKind.SellExactIn, amount: 100n * UNITS })])).legs[0]!;
    expect(hmm.priceImpact(LegKind.SellExactIn, sold)).toBeGreaterThan(0);
  });

  it('refuses a result worse than its limits', async () => {
    const terms = [{ resource: 0, kind: LegKind.BuyExactOut, amount: UNITS }];
    const state = await market.state();
    const quote = hmm.accepted(hmm.quote(state, terms.map(hmm.unlimited)));
    const { legs, netLimit } = hmm.withSlippage(terms, quote, 0);
    const worse = await bothQuotes(market, [{ ...legs[0]!, limit: legs[0]!.limit - 1n }]);
    expect(worse[0]).toEqual(worse[1]);
    expect(isSome(worse[0].refusal) && worse[0].refusal.value).toEqual({
      code: hmm.HMM_ERROR__LEG_LIMIT_CROSSED,
      subject: 0,
      expected: quote.legs[0]!.credits - 1n,
      found: quote.legs[0]!.credits,
    });
    expect(() => hmm.accepted(worse[0])).toThrow(hmm.HmmRefusal);
    const instruction = await hmm.getVectorSwapInstruction({ state, trader: network.payer, legs, netLimit: netLimit - 1n });
    const error = await network.send([instruction]).catch((error: unknown) => error);
    expect(hmm.HmmRefusal.fromError(error)).toMatchObject({ code: hmm.HMM_ERROR__NET_LIMIT_CROSSED, expected: netLimit - 1n, found: netLimit });
  });
});

describe('slippage', () => {
  const leg = (kind: LegKind) => ({ resource: 0, kind, amount: 1n });
  const result = (units: bigint, credits: bigint) => ({ units, credits }) as hmm.LegQuote;
  const quote = (net: bigint, legs: hmm.LegQuote[]) => ({ net, legs }) as hmm.Quote;

  it('is half a percent, to the trader\'s disadvantage, rounded towards the quote\'s worse side', () => {
    const kinds = [LegKind.BuyExactIn, LegKind.BuyExactOut, LegKind.SellExactIn, LegKind.SellExactOut];
    const { legs } = hmm.withSlippage(kinds.map(leg), quote(0n, kinds.map(() => result(1_001n, 2_001n))));
    expect(legs.map(({ limit }) => limit)).toEqual([995n, 2_012n, 1_990n, 1_007n]);
    expect(hmm.withSlippage([], quote(1_001n, [])).netLimit).toBe(1_007n);
    expect(hmm.withSlippage([], quote(-1_001n, [])).netLimit).toBe(-995n);
    expect(() => hmm.withSlippage([leg(0)], quote(0n, []))).toThrow(RangeError);
    expect(() => hmm.withSlippage([], quote(0n, []), -1)).toThrow(RangeError);
  });
});

describe('many legs', () => {
  let network: Embedded;
  let market: Market;
  beforeAll(async () => {
    network = await Embedded.start();
    market = await Market.create(network, 8);
  });

  /** Buys of the first resources, with the token accounts a new wallet needs. */
  async function bundle(count: number) {
    const trader = await market.trader(PLENTY);
    const state = await market.state();
    const terms = Array.from({ length: count }, (_, resource) => ({ resource, kind: LegKind.BuyExactOut, amount: UNITS }));
    const quote = hmm.accepted(hmm.quote(state, terms.map(hmm.unlimited)));
    const instructions = await hmm.getSwapInstructions(network.rpc, { state, trader, ...hmm.withSlippage(terms, quote) });
    expect(instructions).toHaveLength(count + 1);
    return { trader, state, quote, instructions, config: { payer: trader, priorityFee: 1_000n, computeUnitLimit: 1_400_000 } };
  }
  const size = async (...[instructions, config]: Parameters<Embedded['sign']>) => network.sign(instructions, config).then(wireSize, () => Infinity);

  it('up to five fit a transaction as they are', async () => {
    expect([5, 6].map(hmm.needsLookupTable)).toEqual([false, true]);
    const { quote, instructions, config } = await bundle(5);
    expect(await size(instructions, config)).toBeLessThanOrEqual(MAX_WIRE_SIZE);
    const { events } = await network.send(instructions, config);
    expect(events).toMatchObject([{ name: 'Swapped', data: { net: quote.net } }]);
  });

  it('eight fit with a lookup table, their token accounts too', async () => {
    const { trader, state, quote, instructions, config } = await bundle(8);
    const addresses = await hmm.poolAddresses(state);
    const { slot } = network.svm.getClock();
    network.svm.setSlotHashes([{ slot, hash: network.svm.latestBlockhash() }]); // the VM makes no blocks
    const { table, instruction: create } = await hmm.getCreateLookupTableInstruction(trader, slot);
    await network.passSlots(1n);
    await network.send([create, hmm.getExtendLookupTableInstruction(table, trader, addresses)], { payer: trader });
    await network.passSlots(1n);

    const lookupTables = { [table]: addresses };
    const [written, compressed] = [await size(instructions, config), await size(instructions, { ...config, lookupTables })];
    console.log(`eight legs and accounts: ${written} bytes written out, ${compressed} with a lookup table`);
    expect(written).toBeGreaterThan(MAX_WIRE_SIZE);
    expect(compressed).toBeLessThanOrEqual(MAX_WIRE_SIZE);
    const { events } = await network.send(instructions, { ...config, lookupTables });
    expect(events).toMatchObject([{ name: 'Swapped', data: { net: quote.net } }]);
  });
});
