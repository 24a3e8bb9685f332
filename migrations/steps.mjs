// The steps of a migration. Each looks first: what is there is left as it is, what is missing is made.
import { readFile } from 'node:fs/promises';
import { createAddressWithSeed } from '@solana/kit';
import { getCreateAccountWithSeedInstruction } from '@solana-program/system';
import { getInitializeMint2Instruction, getMintDecoder, getMintSize, getMintToInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import * as hmm from '@hanzo/hmm';
import { UsageError } from './config.mjs';

const SOL = 1_000_000_000n;
/** A local wallet with less is given more. */
const LEAST_LAMPORTS = 10n * SOL;
const AIRDROP = 100n * SOL;
const TOKEN_2022_PROGRAM_ADDRESS = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const NATIVE_MINT = 'So11111111111111111111111111111111111111112';
/** Seconds until a stake counts on a local network. */
const LOCAL_ACTIVATION = 1;
/** What the enclave of the local worker is said to run. */
const MEASUREMENT = new Uint8Array(32).fill(0x4d);
const YEAR = 365n * 86_400n;
/** Raw units an hour of each resource: more than the first vouchers ask for. */
const CAPACITY = 1n << 50n;
const confirmed = { commitment: 'confirmed' };

const report = (state, what, detail) => console.log(`${state.padEnd(8)}${what.padEnd(13)}${detail}`);

const whole = (raw, decimals) => (raw / 10n ** BigInt(decimals)).toLocaleString('en');

/** SOL to pay with. */
export async function fund(network) {
  const { address } = network.payer;
  const { value: balance } = await network.rpc.getBalance(address, confirmed).send();
  if (network.local && balance < LEAST_LAMPORTS) {
    await network.airdrop(AIRDROP);
    report('funded', 'wallet', `${address}  with ${whole(AIRDROP, 9)} SOL`);
  } else if (balance === 0n) {
    throw new Error(`${address} has no SOL to pay with`);
  } else {
    report('exists', 'wallet', `${address}  with ${whole(balance, 9)} SOL`);
  }
}

/** The program at its address. Only a local network can be given one from here. */
export async function requireProgram(network, file) {
  const address = hmm.HMM_PROGRAM_ADDRESS;
  const found = await network.account(address);
  if (found && !found.executable) throw new Error(`${address} should be the program, but is an account that is not executable`);
  if (found) return report('exists', 'program', address);
  if (!network.local) {
    const deploy = `solana program deploy --url ${network.url} --program-id PROGRAM_KEYPAIR.json target/deploy/hmm.so`;
    throw new Error(`the program ${address} is not on ${network.url}. Deploy it first:\n  ${deploy}\nmigrations/README.md says how to get an address of your own.`);
  }
  const elf = await readFile(file).catch((error) => {
    throw new UsageError(`the program is not on the network, and ${file} cannot be read: ${error.message}`);
  });
  await network.writeProgram(address, elf);
  return report('created', 'program', `${address}  from ${file}`);
}

/**
 * The credit mint: one that exists, or of a local network the wallet's own, whether it exists or not.
 * Its address is made of the wallet's and a word, so that the next run finds it.
 */
export async function findMint(network, named, localDecimals) {
  if (named === undefined) {
    const seed = 'hmm credits';
    const address = await createAddressWithSeed({ baseAddress: network.payer.address, programAddress: TOKEN_PROGRAM_ADDRESS, seed });
    const found = await network.account(address);
    const decimals = found ? getMintDecoder().decode(found.data).decimals : localDecimals;
    if (decimals !== localDecimals) throw new Error(`the credit mint ${address} has ${decimals} decimals, the configuration says ${localDecimals}`);
    return { address, program: TOKEN_PROGRAM_ADDRESS, decimals, seed, exists: found !== null };
  }
  const found = await network.account(named);
  if (found === null) throw new UsageError(`creditMint: there is no ${named} on ${network.url}`);
  if (![TOKEN_PROGRAM_ADDRESS, TOKEN_2022_PROGRAM_ADDRESS].includes(found.owner) || found.data.length < getMintSize()) {
    throw new UsageError(`creditMint: ${named} is not a mint`);
  }
  const { decimals } = getMintDecoder().decode(found.data); // Token-2022 begins as the classic program does
  return { address: named, program: found.owner, decimals, exists: true };
}

const ownCredits = ({ payer }, mint) => hmm.creditsAccount(payer.address, { creditMint: mint.address, creditTokenProgram: mint.program });

/** Creates the local credit mint and the wallet's credits, both or neither. */
export async function requireMint(network, mint, { local }) {
  if (mint.exists) return report('exists', 'credit mint', mint.address);
  const { payer, rpc } = network;
  const account = await ownCredits(network, mint);
  const space = BigInt(getMintSize());
  await network.send('the credit mint', [
    getCreateAccountWithSeedInstruction({
      payer,
      newAccount: mint.address,
      baseAccount: payer,
      base: payer.address,
      seed: mint.seed,
      amount: await rpc.getMinimumBalanceForRentExemption(space).send(),
      space,
      programAddress: mint.program,
    }),
    getInitializeMint2Instruction({ mint: mint.address, decimals: mint.decimals, mintAuthority: payer.address, freezeAuthority: null }),
    hmm.createTokenAccount(payer, account),
    getMintToInstruction({ mint: mint.address, token: account.address, mintAuthority: payer, amount: local.credits }),
  ]);
  return report('created', 'credit mint', `${mint.address}  and ${whole(local.credits, mint.decimals)} credits for the wallet`);
}

/** The wallet's market for the mint. */
export async function requireMarket(network, mint, { market: config }) {
  const { payer, rpc } = network;
  const [address] = await hmm.findMarketPda({ authority: payer.address, creditMint: mint.address });
  const found = await hmm.fetchMaybeMarket(rpc, address, confirmed);
  if (!found.exists) {
    await createMarket(network, address, mint, config);
    return hmm.fetchMarket(rpc, address, confirmed);
  }
  if (!network.genesisBytes.every((byte, i) => byte === found.data.genesisHash[i])) throw new Error(`the market ${address} was made for another network`);
  report('exists', 'market', address);
  // Roles may have changed these since; a migration does not change them back.
  for (const [key, wanted] of Object.entries(config)) {
    if (wanted !== undefined && found.data[key] !== wanted) report('note', key, `is ${found.data[key]}, the configuration says ${wanted}: left as it is`);
  }
  return found;
}

async function createMarket(network, address, mint, { treasury, guardian, ...fees }) {
  const { payer } = network;
  const own = await ownCredits(network, mint);
  const terms = hmm.defaultTerms(10n ** BigInt(mint.decimals));
  if (network.local) terms.verification.activation = LOCAL_ACTIVATION;
  const create = [
    ...(treasury === undefined ? [hmm.createTokenAccount(payer, own)] : []),
    await hmm.getInitializeMarketInstructionAsync({
      authority: payer,
      creditMint: mint.address,
      treasury: treasury ?? own.address,
      guardian: guardian ?? payer.address,
      genesisHash: network.genesisBytes,
      ...terms,
      ...fees,
    }),
  ];
  // The program asks the classic token program, about any mint of its own, for a batch; where it takes none, this instruction fails.
  const classicMint = mint.program === TOKEN_PROGRAM_ADDRESS ? mint.address : NATIVE_MINT;
  const batch = hmm.getSetBatchTokenCallsInstruction({ market: address, authority: payer, classicMint, batched: true });
  const batched = (await network.failingInstruction('the market', [...create, batch])) !== create.length;
  await network.send('the market', batched ? [...create, batch] : create);
  report('created', 'market', `${address}  with${batched ? '' : 'out'} batched token calls`);
}

/** The pool of the configured id; gives its address. */
export async function requirePool(network, market, { pool: config }) {
  const { payer, rpc } = network;
  const [address] = await hmm.findPoolPda({ market: market.address, id: config.id });
  const found = await hmm.fetchMaybePool(rpc, address, confirmed);
  if (found.exists) {
    report('exists', `pool ${config.id}`, address);
    refuseOther(found.data, payer, config);
    return address;
  }
  const { poolCount, creditMint, creditTokenProgram } = market.data;
  if (poolCount !== BigInt(config.id)) throw new UsageError(`pool.id is ${config.id}; the market has had ${poolCount} pools, ids are counted up and never return`);
  await network.send('the pool', [
    await hmm.getCreatePoolInstructionAsync({
      ...config,
      region: hmm.nameBytes(config.region),
      creator: payer,
      market: market.address,
      creditMint,
      pool: address,
      creditTokenProgram,
    }),
  ]);
  report('created', `pool ${config.id}`, address);
  return address;
}

/** A pool never changes what it was created with: one with something else is not the one that was configured. */
function refuseOther(pool, payer, { resources, ...config }) {
  const differences = [];
  const compare = (what, found, wanted) => found === wanted || differences.push(`${what} is ${found}, not ${wanted}`);
  compare('creator', pool.creator, payer.address);
  compare('region', hmm.nameOf(pool.region), config.region);
  for (const key of ['lambda', 'maxLatencyMs', 'privacyTier']) compare(key, pool[key], config[key]);
  // Resources can be added until the first deposit.
  const complete = pool.shares > 0n || pool.resourceCount > resources.length;
  if (complete) compare('the number of resources', pool.resourceCount, resources.length);
  const fields = { weight: 'weights', psiScale: 'psiScales', thetaScale: 'thetaScales', minPsi: 'minPsi', minTheta: 'minTheta' };
  for (const [i, resource] of resources.slice(0, pool.resourceCount).entries()) {
    compare(`resources[${i}].name`, hmm.nameOf(pool.names[i]), resource.name);
    for (const [key, field] of Object.entries(fields)) compare(`resources[${i}].${key}`, pool[field][i], resource[key]);
  }
  if (differences.length > 0) throw new Error(`that pool is another than the configuration's, and stays as it is (another pool.id makes a new one):\n  ${differences.join('\n  ')}`);
}

/** The pool's resources, in order. */
export async function requireResources(network, pool, { pool: { resources } }) {
  const { payer, rpc } = network;
  const { data } = await hmm.fetchPool(rpc, pool, confirmed);
  for (const [i, resource] of resources.entries()) {
    const [voucherMint] = await hmm.findVoucherMintPda({ pool, resource: i });
    const exists = i < data.resourceCount;
    if (!exists) await network.send(resource.name, [hmm.getAddResourceInstruction({ deliveryEnd: 0n, ...resource, name: hmm.nameBytes(resource.name), pool, creator: payer, voucherMint })]);
    report(exists ? 'exists' : 'created', resource.name, `${voucherMint}  its voucher mint`);
  }
}

/** The verifiers of a local market: the wallet alone, with the least stake, and one measurement. */
async function requireVerifiers({ payer, rpc, send }, { market: address }, market) {
  const { creditMint, creditTokenProgram, verification } = market;
  const [verifierSet] = await hmm.findVerifierSetPda({ market: address });
  const [[stakeVault], { address: verifierCredits }] = await Promise.all([hmm.findStakeVaultPda({ verifierSet }), hmm.creditsAccount(payer.address, market)]);
  let set = await hmm.fetchMaybeVerifierSet(rpc, verifierSet, confirmed);
  const state = set.exists ? 'exists' : 'created';
  if (!set.exists) {
    await send('the verifiers', [
      await hmm.getCreateVerifierSetInstructionAsync({ market: address, authority: payer, creditMint, creditTokenProgram }),
      await hmm.getApproveMeasurementInstructionAsync({ market: address, authority: payer, measurement: MEASUREMENT }),
      await hmm.getStakeInstructionAsync({ market: address, verifier: payer, verifierSet, creditMint, verifierCredits, stakeVault, creditTokenProgram, amount: verification.minStake }),
    ]);
    set = await hmm.fetchMaybeVerifierSet(rpc, verifierSet, confirmed);
  }
  const place = set.data.verifiers.findIndex(({ owner }) => owner === payer.address);
  if (place < 0) throw new Error(`the wallet is no verifier of the market: it cannot vouch for a worker's key`);
  report(state, 'verifiers', verifierSet);
  return place;
}

/** The wallet as a worker of the pool: bonded, with a key that it vouches for itself, as a verifier of a local market may. */
async function requireWorker(network, state, place, { bond }) {
  const { payer, rpc } = network;
  const { address: pool, market: { genesisHash } } = state;
  const { market } = state.pool;
  const { worker } = await hmm.workerAccounts(pool, payer.address);
  let found = await hmm.fetchMaybeWorker(rpc, worker, confirmed);
  const complete = found.exists && found.data.keyExpiry > 0n;
  if (!found.exists) {
    await network.send('the worker', [await hmm.registerWorker({ state, owner: payer }), await hmm.depositBond({ state, owner: payer.address, payer, credits: bond })]);
    found = await hmm.fetchMaybeWorker(rpc, worker, confirmed);
  }
  if (found.data.keyExpiry === 0n) {
    const [registry] = await hmm.findRegistryPda({ market });
    const { data: { number } } = await hmm.fetchRegistry(rpc, registry, confirmed);
    const now = await stakeCounts(network, pool, LOCAL_ACTIVATION);
    const leaf = { worker, measurement: MEASUREMENT, key: payer.address, capacity: Array(8).fill(CAPACITY), expiry: now + YEAR };
    await network.send("the worker's key", await hmm.vouchForKey({ market, genesisHash, verifier: payer, place, number: number + 1n, signer: payer, leaf }));
  }
  report(complete ? 'exists' : 'created', 'worker', worker);
}

/** Waits until a stake of now counts; gives the time then. */
async function stakeCounts({ rpc }, pool, activation) {
  const clock = async () => (await hmm.fetchPoolState(rpc, pool)).clock.unixTimestamp;
  const since = await clock();
  for (;;) {
    const now = await clock();
    if (now > since + BigInt(activation)) return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first vouchers, from a worker, and the first deposit, which fixes the prices. */
export async function requireDeposit(network, address, { pool: { resources }, local }) {
  const { payer, rpc } = network;
  const { deposit } = local;
  const state = await hmm.fetchPoolState(rpc, address);
  const { pool, market } = state;
  const place = await requireVerifiers({ payer, rpc, send: network.send.bind(network) }, pool, market);
  await requireWorker(network, state, place, local);
  const shares = (pool) => `${whole(pool.shares, market.creditDecimals)} shares`;
  if (pool.shares > 0n) return report('exists', 'deposit', shares(pool));
  const [observations] = await hmm.findObservationsPda({ pool: address });
  const { data: { bootstrap } } = await hmm.fetchObservations(rpc, observations, confirmed);
  for (const [resource, { units, credits }] of deposit.entries()) {
    if (bootstrap[resource] > 0n) continue;
    // the pool has no prices of its own yet: what a worker owes is valued at the first one
    await network.send(`the mark of ${resources[resource].name}`, [
      await hmm.getSetBootstrapMarkInstructionAsync({ market: pool.market, authority: payer, pool: address, resource, price: (credits << 64n) / units }),
    ]);
  }
  for (const [resource, { issued }] of deposit.entries()) {
    const units = issued - pool.issued[resource]; // some were minted if a run was interrupted
    if (units <= 0n) continue;
    await network.send(`vouchers of ${resources[resource].name}`, [
      hmm.createTokenAccount(payer, await hmm.vouchersAccount(payer.address, pool, resource)),
      await hmm.mintVouchers({ state, owner: payer, resource, rawUnits: 2n * units, to: payer.address }), // a new worker is worth one half
    ]);
  }
  await network.send('an account of shares', [hmm.createTokenAccount(payer, await hmm.sharesAccount(payer.address, pool))]);
  const most = deposit.map(({ units, credits }) => ({ units, credits }));
  await network.send('the first deposit', [await hmm.getDepositInstruction({ state, provider: payer, most, minShares: 1n })]);
  return report('created', 'deposit', shares((await hmm.fetchPool(rpc, address, confirmed)).data));
}
