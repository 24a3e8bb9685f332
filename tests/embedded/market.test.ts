// A market in process: creation, addresses, layouts.
import { beforeAll, describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { kappa } from '@hanzo/hmm/math';
import { decodedByAnchor, fieldsOf } from '../support/anchor.js';
import { Embedded } from '../support/embedded.js';
import { Market, RESOURCES, UNITS } from '../support/market.js';

let network: Embedded;
let market: Market;
beforeAll(async () => {
  network = await Embedded.start();
  market = await Market.create(network, 5);
});

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
    expect(network.data(market.pool).length).toBe(hmm.getPoolSize());
    expect(network.data(market.address).length).toBe(hmm.getMarketSize());
    expect(network.data(pool.observations).length).toBe(hmm.getObservationsSize());
  });

  it('is decoded the same by the Anchor client', async () => {
    for (const [name, address, ours] of [
      ['Pool', market.pool, hmm.getPoolDecoder().decode(network.data(market.pool))],
      ['Market', market.address, hmm.getMarketDecoder().decode(network.data(market.address))],
    ] as const) {
      expect(fieldsOf(ours)).toEqual(decodedByAnchor(name, network.data(address)));
    }
  });
});
