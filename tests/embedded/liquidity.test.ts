// Deposits, withdrawals, fees and the pause, in process.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as hmm from '@hanzo/hmm';
import { LegKind } from '@hanzo/hmm';
import { Embedded } from '../support/embedded.js';
import { CREDITS, Market, UNITS } from '../support/market.js';

let network: Embedded;
let market: Market;
beforeAll(async () => {
  network = await Embedded.start();
  market = await Market.create(network, 5);
});

const refusal = async (sent: Promise<unknown>) => hmm.HmmRefusal.fromError(await sent.then(() => undefined, (error: unknown) => error));

/** Trades enough for fees to be due, and lets part of them drip. */
async function trade(): Promise<void> {
  const state = await market.state();
  const terms = [{ resource: 0, kind: LegKind.BuyExactIn, amount: 20n * CREDITS }, { resource: 2, kind: LegKind.SellExactIn, amount: 9n * UNITS }];
  const quote = hmm.accepted(hmm.quote(state, terms.map(hmm.unlimited)));
  await network.send([await hmm.getVectorSwapInstruction({ state, trader: network.payer, ...hmm.withSlippage(terms, quote) })]);
  await network.passSlots(200n);
}

describe('liquidity', () => {
  it('comes and goes as the client quotes it, and never gains', async () => {
    await trade();
    const state = await market.state();
    const most = Array.from({ length: 5 }, (_, i) => ({ units: 100n * UNITS + BigInt(i), credits: 777n * CREDITS }));
    const quote = hmm.quoteAddLiquidity(state, most);
    const provider = network.payer;
    const { events: [added] } = await network.send(
      [await hmm.getDepositInstruction({ state, provider, most, minShares: quote.shares })],
      { computeUnitLimit: 400_000 },
    );
    expect(added).toMatchObject({ name: 'LiquidityAdded', data: { shares: quote.shares, amounts: quote.amounts } });

    const after = await market.state();
    const back = hmm.quoteRemoveLiquidity(after, quote.shares);
    const { events: [removed] } = await network.send(
      [await hmm.getWithdrawInstruction({ state: after, provider, shares: quote.shares, least: back.amounts })],
      { computeUnitLimit: 400_000 },
    );
    expect(removed).toMatchObject({ name: 'LiquidityRemoved', data: { shares: quote.shares, amounts: back.amounts } });
    back.amounts.forEach(({ units, credits }, i) => {
      expect(units).toBeLessThanOrEqual(quote.amounts[i]!.units);
      expect(credits).toBeLessThanOrEqual(quote.amounts[i]!.credits);
    });
    expect(await market.identity()).toBe(true);
  });

  it('has limits', async () => {
    const state = await market.state();
    const most = Array.from({ length: 5 }, () => ({ units: UNITS, credits: 777n * CREDITS }));
    const { shares } = hmm.quoteAddLiquidity(state, most);
    const provider = network.payer;
    const deposit = await hmm.getDepositInstruction({ state, provider, most, minShares: shares + 1n });
    expect(await refusal(network.send([deposit]))).toMatchObject({ code: hmm.HMM_ERROR__SHARES_OUTSIDE_LIMITS, expected: shares + 1n, found: shares });
    const { amounts } = hmm.quoteRemoveLiquidity(state, 1_000_000n);
    const least = amounts.map(({ units, credits }, i) => ({ units, credits: i === 3 ? credits + 1n : credits }));
    const withdrawal = await hmm.getWithdrawInstruction({ state, provider, shares: 1_000_000n, least });
    expect(await refusal(network.send([withdrawal], { computeUnitLimit: 400_000 }))).toMatchObject({
      code: hmm.HMM_ERROR__AMOUNT_OUTSIDE_LIMITS,
      subject: 3,
      expected: amounts[3]!.credits + 1n,
      found: amounts[3]!.credits,
    });
  });
});

describe('fees', () => {
  it('are burned and paid out', async () => {
    await trade();
    const { pool, market: parameters } = await market.state();
    const supply = await market.supply(market.creditMint);
    const treasury = await market.balance({ address: parameters.treasury });
    const instruction = await hmm.getCollectFeesInstructionAsync({
      market: market.address,
      pool: market.pool,
      creditMint: market.creditMint,
      treasury: parameters.treasury,
      creditTokenProgram: parameters.creditTokenProgram,
    });
    const { events: [collected] } = await network.send([instruction]);
    expect(collected).toMatchObject({ name: 'FeesCollected', data: { burned: pool.burnDue, toTreasury: pool.treasuryDue } });
    expect(pool.burnDue).toBeGreaterThan(0n);
    expect(await market.supply(market.creditMint)).toBe(supply - pool.burnDue);
    expect(await market.balance({ address: parameters.treasury })).toBe(treasury + pool.treasuryDue);
    expect(await refusal(network.send([instruction]))).toMatchObject({ code: hmm.HMM_ERROR__NOTHING_TO_COLLECT });
  });
});

describe('refusals', () => {
  it('of an account name the account', async () => {
    const stranger = await market.trader(0n);
    const instruction = hmm.getSetMarketFeeInstruction({ market: market.address, authority: stranger, marketFee: 1 });
    const error = await network.send([instruction], { payer: stranger }).catch((error: unknown) => error);
    expect(String(error)).toMatch(/6024/);
    const credits = await market.creditsAccount(stranger.address);
    const state = await market.state();
    const swap = await hmm.getVectorSwapInstruction({ state, trader: network.payer, legs: [hmm.unlimited({ resource: 0, kind: LegKind.BuyExactOut, amount: 1n })], netLimit: 10n });
    const other = { ...swap, accounts: swap.accounts!.map((account) => (account.address === state.pool.voucherMints[0] ? { ...account, address: credits.address } : account)) };
    expect(await refusal(network.send([other]))).toMatchObject({
      code: hmm.HMM_ERROR__WRONG_ACCOUNT,
      expected: state.pool.voucherMints[0],
      found: credits.address,
    });
  });

  it('of a passed deadline and of a pause are the same in a quote', async () => {
    const clock = network.svm.getClock();
    clock.unixTimestamp = 1_800_000_000n;
    network.svm.setClock(clock);
    const state = await market.state();
    const legs = [hmm.unlimited({ resource: 0, kind: LegKind.BuyExactOut, amount: UNITS })];
    const late = await hmm.getVectorSwapInstruction({ state, trader: network.payer, legs, netLimit: 10n * CREDITS, deadline: 1_799_999_999n });
    expect(await refusal(network.send([late]))).toMatchObject({ code: hmm.HMM_ERROR__DEADLINE_PASSED, expected: 1_799_999_999n, found: 1_800_000_000n });

    await network.send([hmm.getPauseInstruction({ market: market.address, signer: network.payer })]);
    const paused = await market.state();
    const instruction = await hmm.getVectorSwapInstruction({ state: paused, trader: network.payer, legs, netLimit: 10n * CREDITS });
    const refused = { code: hmm.HMM_ERROR__PAUSED, expected: 1_800_001_800n, found: 1_800_000_000n };
    expect(await refusal(network.send([instruction]))).toMatchObject(refused);
    expect(() => hmm.accepted(hmm.quote(paused, legs))).toThrow(expect.objectContaining(refused));
    const simulated = await hmm.simulateQuote(network.rpc, { pool: market.pool, market: market.address, legs, payer: network.payer.address });
    expect(simulated).toEqual(hmm.quote(paused, legs));
    await network.send([hmm.getUnpauseInstruction({ market: market.address, signer: network.payer })]);
    await network.send([instruction]);
  });

  it('are not taken from another program\'s logs', () => {
    const idl = JSON.parse(readFileSync(new URL('../../target/idl/hmm.json', import.meta.url), 'utf8'));
    const { discriminator } = idl.events.find(({ name }: { name: string }) => name === 'Refused');
    const refused = hmm.getRefusedEncoder().encode({ refusal: { code: 6000, subject: 255, expected: 1n, found: 0n } });
    const data = Buffer.from([...discriminator, ...refused]).toString('base64');
    const line = (program: string) => [
      `Program ${program} invoke [1]`,
      `Program data: ${data}`,
      `Program ${program} failed: custom program error: 0x1770`,
    ];
    expect(hmm.HmmRefusal.fromLogs(line(hmm.HMM_PROGRAM_ADDRESS))).toMatchObject({ code: 6000, subject: 255, expected: 1n, found: 0n });
    expect(hmm.HmmRefusal.fromLogs(line('11111111111111111111111111111111'))).toBeUndefined();
    expect(hmm.HmmRefusal.fromLogs([])).toBeUndefined();
  });
});
