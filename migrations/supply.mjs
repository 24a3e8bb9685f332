// The first vouchers of a local market, from verifiers, a worker and marks of its own, and the first deposit. Each step looks first, as all do.
import * as hmm from '@hanzo/hmm';
import { report, whole } from './report.mjs';

/** What the enclave of the local worker is said to run. */
const MEASUREMENT = new Uint8Array(32).fill(0x4d);
const YEAR = 365n * 86_400n;
/** Raw units an hour of each resource: more than the first vouchers ask for. */
const CAPACITY = 1n << 50n;
const confirmed = { commitment: 'confirmed' };

/** The wallet as the market's only verifier, with the least stake, and one approved measurement; gives its place. */
export async function requireVerifiers(network, pool) {
  const { payer, rpc } = network;
  const market = hmm.marketOf(await hmm.fetchPoolState(rpc, pool));
  const [address] = await hmm.findVerifierSetPda({ market: market.address });
  const { exists } = await hmm.fetchMaybeVerifierSet(rpc, address, confirmed);
  if (!exists) {
    await network.send('the verifiers', [
      await hmm.verifiers.createSet(market, payer),
      await hmm.verifiers.approve(market, payer, MEASUREMENT),
      await hmm.verifiers.stake(market, payer, market.market.verification.minStake),
    ]);
  }
  const { data } = await hmm.fetchVerifierSet(rpc, address, confirmed);
  const place = hmm.verifiers.place(data, payer.address);
  if (place === undefined) throw new Error("the wallet is no verifier of the market: it cannot vouch for a worker's key");
  report(exists ? 'exists' : 'created', 'verifiers', address);
  return place;
}

/** The wallet as a worker of the pool: bonded, with a key that it vouches for itself, as the verifier at `place`. */
export async function requireWorker(network, pool, place, { local: { bond } }) {
  const { payer, rpc } = network;
  const state = await hmm.fetchPoolState(rpc, pool);
  const address = await hmm.workers.workerAddress(pool, payer.address);
  const found = await hmm.fetchMaybeWorker(rpc, address, confirmed);
  if (!found.exists) {
    await network.send('the worker', [await hmm.workers.register(state, payer), await hmm.workers.depositBond(state, payer.address, payer, bond)]);
  }
  const complete = found.exists && found.data.keyExpiry > 0n;
  if (!complete) await giveKey(network, state, address, place);
  report(complete ? 'exists' : 'created', 'worker', address);
}

/** Has the verifier at `place` vouch for the worker's key, and registers it. */
async function giveKey(network, state, worker, place) {
  const { payer, rpc } = network;
  const market = hmm.marketOf(state);
  const [registry] = await hmm.findRegistryPda({ market: market.address });
  const { data } = await hmm.fetchRegistry(rpc, registry, confirmed);
  const number = data.number + 1n;
  const now = await afterActivation(network, state);
  const tree = await hmm.workers.keyTree(market, [{ worker, measurement: MEASUREMENT, key: payer.address, capacity: Array(8).fill(CAPACITY), expiry: now + YEAR }]);
  await network.send("the worker's key", [
    await hmm.verifiers.propose(tree, payer, place, number),
    await hmm.verifiers.enact(market.address, await hmm.verifiers.proposalAddress(tree, number), payer.address),
    await hmm.workers.registerKey(tree, payer, 0),
  ]);
}

/** Waits until a stake of now counts; gives the time then. */
async function afterActivation({ rpc }, { address, clock, market }) {
  const from = clock.unixTimestamp + BigInt(market.verification.activation);
  for (;;) {
    const { unixTimestamp } = (await hmm.fetchPoolState(rpc, address)).clock;
    if (unixTimestamp > from) return unixTimestamp;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first vouchers, from the wallet's worker, and the first deposit, which fixes the prices. */
export async function requireDeposit(network, address, { pool: { resources }, local: { deposit } }) {
  const { payer, rpc } = network;
  const state = await hmm.fetchPoolState(rpc, address);
  const { pool, market } = state;
  const shares = (pool) => `${whole(pool.shares, market.creditDecimals)} shares`;
  if (pool.shares > 0n) return report('exists', 'deposit', shares(pool));
  await requireMarks(network, state, resources, deposit);
  for (const [resource, { issued }] of deposit.entries()) {
    const units = issued - pool.issued[resource]; // some were minted if a run was interrupted
    if (units <= 0n) continue;
    await network.send(`vouchers of ${resources[resource].name}`, [
      hmm.createTokenAccount(payer, await hmm.vouchersAccount(payer.address, pool, resource)),
      await hmm.workers.mintVouchers(state, payer, { resource, rawUnits: 2n * units }), // a new worker is worth one half
    ]);
  }
  await network.send('an account of shares', [hmm.createTokenAccount(payer, await hmm.sharesAccount(payer.address, pool))]);
  const most = deposit.map(({ units, credits }) => ({ units, credits }));
  await network.send('the first deposit', [await hmm.getDepositInstruction({ state, provider: payer, most, minShares: 1n })]);
  return report('created', 'deposit', shares((await hmm.fetchPool(rpc, address, confirmed)).data));
}

/** Marks at the prices of the first deposit: the pool has none of its own yet, and what a worker owes is to be valued. */
async function requireMarks(network, { address, pool: { market, observations } }, resources, deposit) {
  const { data: { bootstrap } } = await hmm.fetchObservations(network.rpc, observations, confirmed);
  for (const [resource, { units, credits }] of deposit.entries()) {
    if (bootstrap[resource] > 0n) continue;
    await network.send(`the mark of ${resources[resource].name}`, [
      await hmm.getSetBootstrapMarkInstructionAsync({ market, authority: network.payer, pool: address, resource, price: (credits << 64n) / units }),
    ]);
  }
}
