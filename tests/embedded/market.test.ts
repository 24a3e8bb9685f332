// A market in process: creation, addresses, layouts.
import { BorshCoder, type Idl } from '@anchor-lang/core';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { kappa } from '@hanzo/hmm/math';
import { Embedded } from '../support/embedded.js';
import { Market, RESOURCES, UNITS } from '../support/market.js';

let network: Embedded;
let market: Market;
beforeAll(async () => {
  network = await Embedded.start();
  market = await Market.create(network, 5);
});

const data = (address: hmm.PoolState['address']): Uint8Array => {
  const account = network.svm.getAccount(address);
  if (!account.exists) throw new Error(`no account ${address}`);
  return account.data as Uint8Array;
};

describe('a new market', () => {
  it('has the addresses that the client derives', async () => {
    const { pool } = await market.state();
    const of = { pool: market.pool };
    expect(pool.market).toBe(market.address);
    expect([pool.creditVault]).toEqual([(await hmm.findCreditVaultPda(of))[0]]);
    expect([pool.lpMint]).toEqual([(await hmm.findLpMintPda(of))[0]]);
    expect([pool.observations]).toEqual([(await hmm.findObservationsPda(of))[0]]);
    for (let resource = 0; resource < 5; resource++) {
      expect(pool.voucherMints[resource]).toBe((await hmm.findVoucherMintPda({ ...of, resource }))[0]);
    }
  });

  it('holds what the first deposit brought', async () => {
    const { pool } = await market.state();
    expect(hmm.resourceNames(pool)).toEqual(RESOURCES.slice(0, 5));
    expect(hmm.resourceIndex(pool, 'cpu')).toBe(2);
    expect(() => hmm.resourceIndex(pool, 'gpus')).toThrow(RangeError);
    expect(hmm.nameOf(pool.region)).toBe('us-west');
    for (let i = 0; i < 5; i++) {
      const { curve, psi, theta, kappa: stored } = hmm.reserveOf(pool, i)!;
      expect(psi).toBe(1_000n * UNITS);
      expect(stored).toBe(kappa(curve, psi, theta));
    }
    expect(hmm.reserveOf(pool, 5)).toBeUndefined();
    expect(await market.identity()).toBe(true);
  });

  it('has accounts of the sizes that the IDL says', async () => {
    const { pool } = await market.state();
    expect(data(market.pool).length).toBe(hmm.getPoolSize());
    expect(data(market.address).length).toBe(hmm.getMarketSize());
    expect(data(pool.observations).length).toBe(hmm.getObservationsSize());
  });

  it('is decoded the same by the Anchor client', async () => {
    const idl: Idl = JSON.parse(readFileSync(new URL('../../target/idl/hmm.json', import.meta.url), 'utf8'));
    const coder = new BorshCoder(idl);
    const plain = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (_, v) =>
          typeof v === 'bigint' || v?.constructor?.name === 'BN' ? String(v) : v instanceof Uint8Array ? [...v] : v,
        ),
      );
    const camel = (object: object): object =>
      Object.fromEntries(
        Object.entries(object).map(([key, v]) => [key.replace(/^_/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), strings(v)]),
      );
    const strings = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(strings);
      if (['BN', 'PublicKey'].includes(value?.constructor?.name ?? '')) return String(value);
      return value?.constructor === Object ? camel(value) : value;
    };
    for (const [name, address, ours] of [
      ['Pool', market.pool, hmm.getPoolDecoder().decode(data(market.pool))],
      ['Market', market.address, hmm.getMarketDecoder().decode(data(market.address))],
    ] as const) {
      const { discriminator: _, ...fields } = ours;
      const theirs = camel(coder.accounts.decode<object>(name, Buffer.from(data(address))));
      expect(plain(theirs)).toEqual(plain(fields));
    }
  });
});
