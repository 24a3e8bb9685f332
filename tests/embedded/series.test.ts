// The end of a series: its last price, what its workers held, what its vouchers are paid.
import { describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { Embedded } from '../support/embedded.js';
import { CREDITS, Market, UNITS } from '../support/market.js';

const DAY = 86_400n;
const refusal = async (sent: Promise<unknown>) => hmm.HmmRefusal.fromError(await sent.then(() => undefined, (error: unknown) => error));

describe('a series', () => {
  it('is stopped, swept and redeemed for what the client says', async () => {
    const network = await Embedded.start();
    const end = network.svm.getClock().unixTimestamp + 3n * DAY;
    const market = await Market.create(network, 1, {}, end);
    const holder = await market.trader(100n * CREDITS);
    const { instructions } = await hmm.prepareSwap(network.rpc, { pool: market.pool, trader: holder, terms: [{ resource: 0, kind: hmm.LegKind.BuyExactOut, amount: 10n * UNITS }] });
    await network.send(instructions, { payer: holder });

    const early = await refusal(network.send([await hmm.series.stop(await market.state(), 0)]));
    expect(early).toMatchObject({ code: hmm.HMM_ERROR__SERIES_RUNS, expected: end });
    await network.passSeconds(3n * DAY);
    const late = await refusal(network.send([await hmm.workers.supply(await market.state(), market.authority, { resource: 0, rawUnits: UNITS })]));
    expect(late).toMatchObject({ code: hmm.HMM_ERROR__SERIES_CLOSING, expected: end - DAY });

    const { events: [stopped] } = await network.send([await hmm.series.stop(await market.state(), 0)]);
    const state = await market.state();
    expect(stopped).toMatchObject({ name: 'SeriesStopped', data: { resource: 0, price: hmm.series.stopPrice(state.pool, 0) } });
    expect(hmm.series.redemption(state.pool, 0, 10n * UNITS, await market.supply(state.pool.voucherMints[0]!))).toBeUndefined();

    const { events: [swept] } = await network.send([await hmm.series.sweep(state, market.authority.address, 0)]);
    expect(swept).toMatchObject({ name: 'SeriesSwept', data: { shortfall: 0n } });
    const { pool } = await market.state();
    expect(pool.issued[0]).toBe(0n);

    const due = hmm.series.redemption(pool, 0, 10n * UNITS, await market.supply(pool.voucherMints[0]!))!;
    expect(due).toBeGreaterThan(9n * CREDITS); // ten units at about a credit
    const before = await market.balance(await market.creditsAccount(holder.address));
    const greedy = await refusal(network.send([await hmm.series.redeem(state, holder, 0, 10n * UNITS, due + 1n)], { payer: holder }));
    expect(greedy).toMatchObject({ code: hmm.HMM_ERROR__AMOUNT_OUTSIDE_LIMITS, subject: 0, expected: due + 1n, found: due });
    const { events: [redeemed] } = await network.send([await hmm.series.redeem(state, holder, 0, 10n * UNITS, due)], { payer: holder });
    expect(redeemed).toMatchObject({ name: 'SeriesRedeemed', data: { holder: holder.address, units: 10n * UNITS, credits: due } });
    expect(await market.balance(await market.creditsAccount(holder.address))).toBe(before + due);

    const { pool: after } = await market.state();
    const pending = after.pendingCurrent[0]! + after.pendingPrevious[0]! - after.dripped[0]!;
    expect(await market.balance({ address: after.creditVault })).toBe(after.theta[0]! + pending + after.burnDue + after.treasuryDue + after.fund[0]!);
  });
});
