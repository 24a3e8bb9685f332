// What a node does and an embedded VM does not: confirmation, preflight, subscriptions, scans, a clock that goes on.
import {
  blockhash,
  getAddressEncoder,
  getBase58Decoder,
  getBase64EncodedWireTransaction,
  getBase64Encoder,
  getSignatureFromTransaction,
  isSolanaError,
  signTransactionMessageWithSigners,
  SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
  type Base58EncodedBytes,
} from '@solana/kit';
import { beforeAll, describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { LegKind } from '@hanzo/hmm';
import { CREDITS, Market, UNITS } from '../support/market.js';
import { Node } from '../support/node.js';

const RISK_WINDOW = 10n; // slots: a short one, to wait less
const PLENTY = 10n ** 12n;
const base58 = (bytes: Parameters<ReturnType<typeof getBase58Decoder>['decode']>[0]) => getBase58Decoder().decode(bytes) as Base58EncodedBytes;

let node: Node;
let market: Market;
beforeAll(async () => {
  node = await Node.connect();
  market = await Market.create(node, 8, { riskWindow: Number(RISK_WINDOW) });
});

const buy = (resource: number, units: bigint): hmm.Terms => ({ resource, kind: LegKind.BuyExactOut, amount: units });

const swap = (terms: hmm.Terms[], trader = node.payer) => hmm.prepareSwap(node.rpc, { pool: market.pool, trader, terms });

/** One that the program refuses. */
async function refused() {
  const legs = [{ ...buy(0, UNITS), limit: 1n }];
  const state = await market.state();
  const instructions = [await hmm.getVectorSwapInstruction({ state, trader: node.payer, legs, netLimit: PLENTY })];
  return { found: hmm.quote(state, legs.map(hmm.unlimited)).legs[0]!.credits, instructions };
}

describe('confirmation', () => {
  it('follows a swap from processed to confirmed, and its events can be fetched', async () => {
    const trader = await market.trader(PLENTY);
    const { quote, instructions } = await swap([buy(0, UNITS), buy(1, 2n * UNITS)], trader);
    const transaction = await node.sign(instructions, { payer: trader, priorityFee: 1_000n, computeUnitLimit: 400_000 });
    const signature = getSignatureFromTransaction(transaction);
    const abort = new AbortController();
    const seen = await Promise.all([
      (async () => {
        const updates = await node.subscriptions.signatureNotifications(signature, { commitment: 'confirmed' }).subscribe({ abortSignal: abort.signal });
        for await (const { value } of updates) return value;
        return undefined;
      })(),
      node.rpc.sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' }).send(),
    ]);
    abort.abort();
    expect(seen).toEqual([{ err: null }, signature]);
    const { value: [status] } = await node.rpc.getSignatureStatuses([signature]).send();
    expect(status).toMatchObject({ err: null });
    expect(['confirmed', 'finalized']).toContain(status!.confirmationStatus);
    expect(await hmm.fetchEvents(node.rpc, signature)).toMatchObject([{ name: 'Swapped', data: { trader: trader.address, net: quote.net } }]);
    // The priority fee is charged for the limit, not for what was used.
    const { meta } = (await node.rpc.getTransaction(signature, { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 }).send())!;
    expect(meta!.fee).toBe(5_000n + (400_000n * 1_000n) / 1_000_000n);
  });

  it('refuses a blockhash it does not know', async () => {
    const { instructions } = await swap([buy(0, UNITS)]);
    const lifetime = { blockhash: blockhash('4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZAMdL4VZHirAn'), lastValidBlockHeight: 1n };
    const expired = await signTransactionMessageWithSigners(hmm.toMessage(instructions, { payer: node.payer, lifetime }));
    const error = await node.rpc.sendTransaction(getBase64EncodedWireTransaction(expired), { encoding: 'base64' }).send().catch((error: unknown) => error);
    expect(isSolanaError((error as Error).cause, SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND)).toBe(true);
    expect(await hmm.fetchEvents(node.rpc, getSignatureFromTransaction(expired))).toEqual([]);
  });
});

describe('a refused swap', () => {
  it('fails in preflight, with what was expected and found in the error', async () => {
    const { found, instructions } = await refused();
    const wire = getBase64EncodedWireTransaction(await node.sign(instructions));
    const error = await node.rpc.sendTransaction(wire, { encoding: 'base64' }).send().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    const refusal = hmm.HmmRefusal.fromError(error);
    expect(refusal).toMatchObject({ code: hmm.HMM_ERROR__LEG_LIMIT_CROSSED, subject: 0, expected: 1n, found });
    expect(refusal!.message).toBe(`A leg's limit was crossed (6014: expected 1, found ${found})`);
  });

  it('without preflight lands as a failed transaction, with the same in its logs, and changes nothing', async () => {
    const { found, instructions } = await refused();
    const before = await market.state();
    const transaction = await node.sign(instructions);
    const signature = await node.rpc.sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64', skipPreflight: true }).send();
    const landed = await until(async () => node.rpc.getTransaction(signature, { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 }).send());
    expect(landed.meta!.err).toEqual({ InstructionError: [0n, { Custom: BigInt(hmm.HMM_ERROR__LEG_LIMIT_CROSSED) }] });
    expect(hmm.HmmRefusal.fromLogs(landed.meta!.logMessages!)).toMatchObject({ expected: 1n, found });
    expect(await hmm.fetchEvents(node.rpc, signature)).toEqual([]);
    expect((await market.state()).pool).toEqual(before.pool);
  });
});

/** The first answer that is not null. */
async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no answer in ten seconds');
}

describe('accounts', () => {
  it('tell subscribers of a swap', async () => {
    const { quote, instructions } = await swap([buy(2, 3n * UNITS)]);
    const before = await market.state();
    const abort = new AbortController();
    const updates = await node.subscriptions
      .accountNotifications(market.pool, { commitment: 'confirmed', encoding: 'base64' })
      .subscribe({ abortSignal: abort.signal });
    const [pool] = await Promise.all([
      (async () => {
        for await (const { value } of updates) return hmm.getPoolDecoder().decode(getBase64Encoder().encode(value.data[0]));
        throw new Error('no update');
      })(),
      node.send(instructions),
    ]);
    abort.abort();
    expect(pool.sequence).toBe(before.pool.sequence + 1n);
    expect(pool.psi[2]).toBe(before.pool.psi[2]! - quote.legs[0]!.units);
  });

  it('tell subscribers of the program\'s logs', async () => {
    const { instructions } = await swap([buy(3, UNITS)]);
    const abort = new AbortController();
    const updates = await node.subscriptions.logsNotifications({ mentions: [market.pool] }, { commitment: 'confirmed' }).subscribe({ abortSignal: abort.signal });
    const [logs] = await Promise.all([
      (async () => {
        for await (const { value } of updates) return value.logs;
        throw new Error('no logs');
      })(),
      node.send(instructions),
    ]);
    abort.abort();
    expect(logs).toContain(`Program ${hmm.HMM_PROGRAM_ADDRESS} success`);
  });

  it('are found by their discriminator and their market', async () => {
    const other = await Market.create(await Node.connect(), 1);
    const discriminator = { memcmp: { offset: 0n, bytes: base58(hmm.getPoolDiscriminatorBytes()), encoding: 'base58' } } as const;
    const scan = async (...filters: object[]) => {
      const found = await node.rpc.getProgramAccounts(hmm.HMM_PROGRAM_ADDRESS, { commitment: 'confirmed', encoding: 'base64', filters: filters as never }).send();
      return (found as unknown as { pubkey: string }[]).map(({ pubkey }) => pubkey);
    };
    const pools = await scan(discriminator, { dataSize: BigInt(hmm.getPoolSize()) });
    expect(pools).toEqual(expect.arrayContaining([market.pool, other.pool]));
    expect(pools).not.toContain(market.address);
    const { pool } = await market.state();
    const bytes = hmm.getPoolEncoder().encode(pool);
    const offset = BigInt(Buffer.from(bytes).indexOf(Buffer.from(getAddressEncoder().encode(market.address))));
    expect(await scan(discriminator, { memcmp: { offset, bytes: market.address, encoding: 'base58' } })).toEqual([market.pool]);
  });
});

describe('a quote', () => {
  it('by simulation is the one by WebAssembly, and the swap does what it says', async () => {
    const terms = [buy(4, 7n * UNITS), { resource: 5, kind: LegKind.SellExactIn, amount: 2n * UNITS }, { resource: 6, kind: LegKind.BuyExactIn, amount: 3n * CREDITS }];
    const legs = terms.map(hmm.unlimited);
    const state = await market.state();
    const simulated = await hmm.simulateQuote(node.rpc, { pool: market.pool, market: market.address, legs, payer: node.payer.address });
    // The drip of fees depends on the slot, and the clock has gone on by none or a few.
    const later = Array.from({ length: 10 }, (_, i) => ({ ...state, clock: { ...state.clock, slot: state.clock.slot + BigInt(i) } }));
    expect(later.map((state) => hmm.quote(state, legs))).toContainEqual(simulated);
    const { instructions } = await swap(terms);
    const { events } = await node.send(instructions, { computeUnitLimit: 800_000 });
    expect(events).toHaveLength(1);
  });

  it('of a refused trade says why', async () => {
    const legs = [hmm.unlimited(buy(9, 1n))];
    const quote = await hmm.simulateQuote(node.rpc, { pool: market.pool, market: market.address, legs, payer: node.payer.address });
    expect(() => hmm.accepted(quote)).toThrow(expect.objectContaining({ code: hmm.HMM_ERROR__UNKNOWN_RESOURCE, subject: 0, expected: 8n, found: 9n }));
  });

  it('changes as fees drip while the clock goes on', async () => {
    await node.send((await swap([buy(7, 50n * UNITS)])).instructions);
    const pending = (await market.state()).pool.pendingCurrent[7]!;
    expect(pending).toBeGreaterThan(0n);
    await node.passSlots(RISK_WINDOW + 5n); // into the next risk window
    const state = await market.state();
    const rotated = hmm.math.rotate(hmm.reserveOf(state.pool, 7)!, state.clock.slot, state.market.riskWindow);
    expect(rotated.theta).toBeGreaterThan(state.pool.theta[7]!);
    expect(rotated.theta).toBeLessThanOrEqual(state.pool.theta[7]! + pending);
  });
});

describe('a lookup table', () => {
  it('carries eight legs', async () => {
    const trader = await market.trader(PLENTY);
    const terms = Array.from({ length: 8 }, (_, resource) => buy(resource, UNITS));
    const { state, instructions } = await swap(terms, trader);
    const addresses = await hmm.poolAddresses(state);
    const slot = await node.rpc.getSlot({ commitment: 'finalized' }).send();
    const { table, instruction } = await hmm.getCreateLookupTableInstruction(trader, slot);
    await node.send([instruction, hmm.getExtendLookupTableInstruction(table, trader, addresses)], { payer: trader });
    await node.passSlots(2n);
    const { events } = await node.send(instructions, { payer: trader, computeUnitLimit: 1_400_000, lookupTables: { [table]: addresses } });
    expect(events).toMatchObject([{ name: 'Swapped', data: { trader: trader.address } }]);
    expect(await market.identity()).toBe(true);
  });
});
