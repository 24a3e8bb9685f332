// The steps of a migration. Each looks first: what is there is left as it is, what is missing is made.
import { readFile } from 'node:fs/promises';
import { createAddressWithSeed } from '@solana/kit';
import { getCreateAccountWithSeedInstruction } from '@solana-program/system';
import { getInitializeMint2Instruction, getMintDecoder, getMintSize, getMintToInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import * as hmm from '@hanzo/hmm';
import { UsageError } from './config.mjs';
import { report, whole } from './report.mjs';

const SOL = 1_000_000_000n;
/** A local wallet with less is given more. */
const LEAST_LAMPORTS = 10n * SOL;
const AIRDROP = 100n * SOL;
/** Seconds until a stake counts on a local network. */
const LOCAL_ACTIVATION = 1;
const TOKEN_2022_PROGRAM_ADDRESS = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const NATIVE_MINT = 'So11111111111111111111111111111111111111112';
const confirmed = { commitment: 'confirmed' };

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
