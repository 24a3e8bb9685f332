// Bonds, keys, vouchers and stakes, and how each is refused.
import { beforeAll, describe, expect, it } from 'vitest';
import { generateKeyPairSigner } from '@solana/kit';
import * as hmm from '@hanzo/hmm';
import { Embedded } from '../support/embedded.js';
import { CREDITS, MEASUREMENT, UNITS } from '../support/market.js';
import { GPU, Work } from '../support/work.js';

const DAY = 86_400n;

let network: Embedded;
let work: Work;
beforeAll(async () => {
  network = await Embedded.start();
  work = await Work.create(network, 3);
});

const refusal = async (sent: Promise<unknown>) => hmm.HmmRefusal.fromError(await sent.then(() => undefined, (error: unknown) => error));
const byWorker = (...instructions: Parameters<Embedded['send']>[0]) => network.send(instructions, { payer: work.worker });

describe('a worker', () => {
  it('is where the client says, with its profile, its key and what it owes', async () => {
    const worker = await work.workerState();
    expect(new TextDecoder().decode(worker.profile.filter((byte) => byte !== 0))).toBe('https://worker.example');
    expect(worker).toMatchObject({ owner: work.worker.address, operator: hmm.NOBODY, key: work.enclave.address, bond: 1_000n * CREDITS });
    expect(worker.vault).toBe((await hmm.findBondPda({ worker: await work.workerAddress() }))[0]);
    expect(worker.outstanding[GPU]).toBe(100n * UNITS); // a new worker is worth one half
    expect(worker.held[GPU]).toBeGreaterThan(90n * CREDITS);
    expect(await work.faults()).toEqual([]);
  });

  it('owes no more than it stands for, nor more than it can deliver', async () => {
    const state = await work.market.state();
    const beyond = await refusal(byWorker(await hmm.workers.supply(state, work.worker, { resource: GPU, rawUnits: 2_000n * UNITS })));
    expect(beyond).toMatchObject({ code: hmm.HMM_ERROR__MARGIN_CROSSED });
    expect(beyond!.expected).toBeGreaterThan(beyond!.found as bigint);
    const meagre = await refusal(byWorker(await hmm.workers.supply(state, work.worker, { resource: GPU, rawUnits: UNITS, minProceeds: CREDITS })));
    expect(meagre).toMatchObject({ code: hmm.HMM_ERROR__LEG_LIMIT_CROSSED, expected: CREDITS });
  });

  it('mints vouchers against its bond and retires them', async () => {
    const state = await work.market.state();
    const account = await hmm.vouchersAccount(work.worker.address, state.pool, GPU);
    const mint = await hmm.workers.mintVouchers(state, work.worker, { resource: GPU, rawUnits: 20n * UNITS });
    const { events: [minted] } = await byWorker(hmm.createTokenAccount(work.worker, account), mint);
    expect(minted).toMatchObject({ name: 'VouchersMinted', data: { units: 10n * UNITS, to: account.address } });
    expect(await work.market.balance(account)).toBe(10n * UNITS);
    const { events: [retired] } = await byWorker(await hmm.workers.retire(state, work.worker, GPU, 10n * UNITS));
    expect(retired).toMatchObject({ name: 'Retired', data: { units: 10n * UNITS } });
    const { outstanding } = await work.workerState();
    expect(await refusal(byWorker(await hmm.workers.retire(state, work.worker, GPU, outstanding[GPU]! + 1n)))).toMatchObject({
      code: hmm.HMM_ERROR__MORE_THAN_OUTSTANDING,
      expected: outstanding[GPU],
      found: outstanding[GPU]! + 1n,
    });
    expect(await work.faults()).toEqual([]);
  });

  it('takes out what it earned at once, and its bond after a week', async () => {
    const state = await work.market.state();
    const before = await work.credits(work.worker.address);
    const { claimable } = await work.workerState();
    expect(claimable).toBeGreaterThan(0n); // of the retired vouchers
    await network.send([await hmm.workers.claim(state, work.worker.address)]);
    expect(await work.credits(work.worker.address)).toBe(before + claimable);
    expect(await refusal(network.send([await hmm.workers.claim(state, work.worker.address)]))).toMatchObject({ code: hmm.HMM_ERROR__NOTHING_TO_CLAIM });

    await byWorker(await hmm.workers.unbond(state, work.worker, 100n * CREDITS));
    const { unbondAt } = await work.workerState();
    const withdrawal = await hmm.workers.withdrawBond(state, work.worker.address);
    expect(await refusal(network.send([withdrawal]))).toMatchObject({ code: hmm.HMM_ERROR__BOND_LOCKED, expected: unbondAt });
    await network.passSeconds(7n * DAY);
    await network.send([withdrawal]);
    expect(await work.credits(work.worker.address)).toBe(before + claimable + 100n * CREDITS);
    expect(await work.faults()).toEqual([]);
  });

  it('may name another key to work with', async () => {
    const operator = await generateKeyPairSigner();
    const state = await work.market.state();
    await byWorker(await hmm.workers.setOperator(state, work.worker, operator.address));
    expect((await work.workerState()).operator).toBe(operator.address);
    await byWorker(await hmm.workers.setOperator(state, work.worker));
    expect((await work.workerState()).operator).toBe(hmm.NOBODY);
    await expect(hmm.workers.register(state, work.worker, { profile: 'x'.repeat(65) })).rejects.toThrow(RangeError);
  });
});

describe('a key', () => {
  const leaf = async (): Promise<hmm.workers.KeyLeaf> => ({
    worker: await work.workerAddress(),
    key: (await generateKeyPairSigner()).address,
    measurement: MEASUREMENT,
    capacity: Array<bigint>(8).fill(1_000n * UNITS),
    expiry: (await work.market.now()) + 30n * DAY,
  });

  it('counts under the root that two thirds of the stake voted for, and not under another', async () => {
    const market = await work.marketState();
    const tree = await hmm.workers.keyTree(market, [await leaf(), await leaf(), await leaf()]);
    expect(tree.depth).toBe(2);
    const other = await refusal(byWorker(await hmm.workers.registerKey(tree, work.worker, 2)));
    expect(other).toMatchObject({ code: hmm.HMM_ERROR__MERKLE_LEAF, expected: 1n, found: 2n });

    const { number } = await work.market.registry();
    const proposal = await hmm.verifiers.proposalAddress(tree, number + 1n);
    const [first, second] = work.verifiers;
    await network.send([await hmm.verifiers.propose(tree, first!, 0, number + 1n)]);
    const enact = await hmm.verifiers.enact(market.address, proposal, first!.address);
    expect(await refusal(network.send([enact]))).toMatchObject({ code: hmm.HMM_ERROR__ROOT_QUORUM });
    const vote = await hmm.verifiers.vote(market.address, second!, 1, proposal);
    await network.send([vote], { payer: second! });
    expect(await refusal(network.send([vote], { payer: second! }))).toMatchObject({ code: hmm.HMM_ERROR__ROOT_VOTED });
    const { events: [enacted] } = await network.send([enact]);
    expect(enacted).toMatchObject({ name: 'RootEnacted', data: { number: number + 1n, root: tree.root } });
    await byWorker(await hmm.workers.registerKey(tree, work.worker, 2));
    expect((await work.workerState()).key).toBe(tree.leaves[2]!.key);

    // When it has expired it can go.
    const close = await hmm.workers.closeKey(tree.leaves[2]!.worker, tree.leaves[2]!.key, work.worker.address);
    expect(await refusal(network.send([close]))).toMatchObject({ code: hmm.HMM_ERROR__KEY_LIVE, expected: tree.leaves[2]!.expiry });
    await work.passTo(tree.leaves[2]!.expiry);
    await network.send([close]);
    const late = await refusal(byWorker(await hmm.workers.supply(await work.market.state(), work.worker, { resource: GPU, rawUnits: UNITS })));
    expect(late).toMatchObject({ code: hmm.HMM_ERROR__KEY_LAPSED, expected: tree.leaves[2]!.expiry });
  });

  it('of a revoked measurement is refused, and a root that failed can be closed', async () => {
    const market = await work.marketState();
    const measurement = new Uint8Array(32).fill(9);
    await network.send([await hmm.verifiers.approve(market, work.market.authority, measurement)]);
    await network.send([await hmm.verifiers.revoke(market, work.market.authority, measurement)]);
    const tree = await hmm.workers.keyTree(market, [{ ...(await leaf()), measurement }]);
    const { number } = await work.market.registry();
    const proposal = await hmm.verifiers.proposalAddress(tree, number + 1n);
    await network.send([await hmm.verifiers.propose(tree, work.verifiers[0]!, 0, number + 1n)]);
    expect(await refusal(byWorker(await hmm.workers.registerKey(tree, work.worker, 0)))).toMatchObject({ code: hmm.HMM_ERROR__MEASUREMENT_REVOKED });
    const close = await hmm.verifiers.closeRoot(market.address, proposal, work.market.authority.address);
    expect(await refusal(network.send([close]))).toMatchObject({ code: hmm.HMM_ERROR__ROOT_VOTE_OPEN });
    await network.passSeconds(DAY);
    expect(await network.send([close])).toMatchObject({ events: [{ name: 'RootClosed' }] });
  });
});

describe('a verifier', () => {
  it('gets its stake back after the delay, in parts that leave enough', async () => {
    const market = await work.marketState();
    const verifier = work.verifiers[2]!;
    const index = hmm.verifiers.place(await work.verifierSet(), verifier.address)!;
    expect(hmm.verifiers.place(await work.verifierSet(), work.client.address)).toBeUndefined();
    const { minStake } = market.market.verification;
    const some = await refusal(network.send([await hmm.verifiers.unstake(market, verifier, index, 1n)], { payer: verifier }));
    expect(some).toMatchObject({ code: hmm.HMM_ERROR__STAKE_TOO_SMALL, expected: minStake, found: minStake - 1n });
    const other = await refusal(network.send([await hmm.verifiers.unstake(market, verifier, 1, minStake)], { payer: verifier }));
    expect(other).toMatchObject({ code: hmm.HMM_ERROR__NOT_VERIFIER, expected: work.verifiers[1]!.address, found: verifier.address });
    const before = await work.credits(verifier.address);
    await network.send([await hmm.verifiers.unstake(market, verifier, index, minStake)], { payer: verifier });
    await network.passSeconds(7n * DAY);
    await network.send([await hmm.verifiers.withdraw(market, verifier.address, index)]);
    expect(await work.credits(verifier.address)).toBe(before + minStake);
    expect(await work.faults()).toEqual([]);
  });
});
