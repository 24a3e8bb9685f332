// The migration, as somebody runs it: on a local network of its own that has nothing, not even the program.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPairSignerFromBytes, getBase58Encoder, type Address } from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import * as hmm from '@hanzo/hmm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Localnet } from '../support/localnet.js';
import { Node } from '../support/node.js';

const DEPLOY = new URL('../../migrations/deploy.mjs', import.meta.url).pathname;
const CONFIG = new URL('../../migrations/localnet.json', import.meta.url).pathname;
const RESOURCES = ['gpu', 'vram', 'cpu', 'net', 'disk'];
const UNIT = 10n ** 6n;
const CREDIT = 10n ** 9n;

let folder: string;
let localnet: Localnet;
let elsewhere: Server;
let node: Node;
let config: any;

/** The same network, saying that it is no local one. */
async function disguise(rpcUrl: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = (await (await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json()) as any;
    if (answer.result?.['surfnet-version']) delete answer.result['surfnet-version'];
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
  /** State and address of each thing by its name. */
  things: Record<string, { state: string; address: string }>;
}

/** Runs the migration; `interrupt` kills it when it has said that. */
async function migrate(options: { config?: string; args?: string[]; away?: boolean; interrupt?: string } = {}): Promise<Run> {
  const url = options.away ? `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}` : localnet.rpcUrl;
  const args = [DEPLOY, options.config ?? CONFIG, '--url', url, '--ws', localnet.wsUrl, ...(options.args ?? [])];
  const child = spawn(process.execPath, args, { env: { ...process.env, HMM_CACHE: folder } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
    if (options.interrupt && stdout.includes(options.interrupt)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (data) => (stderr += data));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = [...stdout.matchAll(/^(created|exists|funded) +(.+?) {2,}(\S+)/gm)];
  return { code, stdout, stderr, things: Object.fromEntries(lines.map(([, state, name, address]) => [name, { state: state!, address: address! }])) };
}

/** The configuration with something else in it, as a file. */
async function changed(change: (config: any) => void): Promise<string> {
  const other = structuredClone(config);
  change(other);
  const path = join(folder, 'changed.json');
  await writeFile(path, JSON.stringify(other));
  return path;
}

const signer = async (path: string) => createKeyPairSignerFromBytes(Uint8Array.from(JSON.parse(await readFile(path, 'utf8'))));

/** Every account of the program and of the token program, and the lamports of a wallet. */
async function everything(wallet: Address) {
  const options = { commitment: 'confirmed', encoding: 'base64' } as const;
  const [ours, tokens] = await Promise.all([hmm.HMM_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS].map((owner) => node.rpc.getProgramAccounts(owner, options).send()));
  const accounts = [...ours!, ...tokens!].map(({ pubkey, account }) => [pubkey, account.lamports, account.data[0]] as const);
  return { lamports: (await node.rpc.getBalance(wallet, { commitment: 'confirmed' }).send()).value, accounts: accounts.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

describe.skipIf(process.env.SOLANA_RPC_URL)('the migration', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hmm-migration-'));
    localnet = await start({ program: false });
    elsewhere = await disguise(localnet.rpcUrl);
    node = await Node.connect(localnet);
    config = JSON.parse(await readFile(CONFIG, 'utf8'));
  });

  afterAll(async () => {
    elsewhere?.close();
    await localnet?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('wants the program, a key and lamports on a network that is not local', async () => {
    const local = await migrate({ away: true });
    expect(local).toMatchObject({ code: 2, stderr: expect.stringContaining('localnet.json.local is for local networks') });

    const away = await changed((config) => {
      delete config.local;
      config.creditMint = 'So11111111111111111111111111111111111111112';
    });
    expect(await migrate({ away: true, config: away })).toMatchObject({ code: 2, stderr: expect.stringContaining('Give --keypair FILE') });
    const key = join(folder, 'stranger.json');
    expect(await migrate({ away: true, config: away, args: ['--keypair', key] })).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') });
    await newKey(key);
    expect(await migrate({ away: true, config: away, args: ['--keypair', key] })).toMatchObject({ code: 1, stderr: expect.stringContaining('has no SOL') });
    await node.airdrop((await signer(key)).address);
    const missing = await migrate({ away: true, config: away, args: ['--keypair', key] });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`the program ${hmm.HMM_PROGRAM_ADDRESS} is not on http`);
    expect(missing.stderr).toContain('solana program deploy');
  });

  it('makes a market on a local network that its wallet can trade on', async () => {
    const run = await migrate();
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { wallet, ...made } = run.things;
    expect(wallet!.state).toBe('funded');
    expect(Object.keys(made)).toEqual(['program', 'credit mint', 'market', 'pool 0', ...RESOURCES, 'verifiers', 'worker', 'deposit']);
    expect(Object.values(made).map(({ state }) => state)).toEqual(Object.values(made).map(() => 'created'));

    const path = join(folder, 'localnet/wallet.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const trader = await signer(path);
    expect(trader.address).toBe(wallet!.address);
    expect(run.stdout).toContain(`hmm swap --url ${localnet.rpcUrl} --keypair ${path} --buy gpu=1`);

    const pool = made['pool 0']!.address as Address;
    const state = await hmm.fetchPoolState(node.rpc, pool);
    const first = [10_000n, 80_000n, 200_000n, 50_000n, 500_000n];
    const credits = [25_000n, 3_200n, 10_000n, 1_000n, 1_000n];
    expect(hmm.resourceNames(state.pool)).toEqual(RESOURCES);
    expect(state.pool.psi.slice(0, 5)).toEqual(first.map((units) => units * UNIT));
    expect(state.pool.theta.slice(0, 5)).toEqual(credits.map((amount) => amount * CREDIT));
    expect(state.pool.issued.slice(0, 5)).toEqual(first.map((units) => 2n * units * UNIT));
    expect(state.pool).toMatchObject({ id: 0n, lambda: 50_000, creator: trader.address, market: made['market']!.address });
    expect(state.market).toMatchObject({ ...config.market, creditMint: made['credit mint']!.address, authority: trader.address, batchTokenCalls: true });
    expect(state.market.genesisHash).toEqual(getBase58Encoder().encode(await node.rpc.getGenesisHash().send()));

    const terms = [{ resource: 0, kind: hmm.LegKind.BuyExactOut, amount: 100n * UNIT }, { resource: 1, kind: hmm.LegKind.BuyExactOut, amount: 512n * UNIT }];
    const { quote, instructions } = await hmm.prepareSwap(node.rpc, { pool, trader, terms });
    const { events } = await node.send(instructions, { payer: trader });
    expect(events).toMatchObject([{ name: 'Swapped', data: { trader: trader.address, net: quote.net } }]);
  });

  it('changes nothing the second time', async () => {
    const { address } = await signer(join(folder, 'localnet/wallet.json'));
    const before = await everything(address);
    expect(before.accounts.length).toBeGreaterThan(10);
    const run = await migrate();
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(run.things)).toEqual(['wallet', 'program', 'credit mint', 'market', 'pool 0', ...RESOURCES, 'verifiers', 'worker', 'deposit']);
    expect(Object.values(run.things).map(({ state }) => state)).toEqual(Object.values(run.things).map(() => 'exists'));
    expect(await everything(address)).toEqual(before);
  });

  it('goes on where it was interrupted', async () => {
    const args = ['--keypair', join(folder, 'interrupted.json')];
    const interrupted = await migrate({ args, interrupt: 'created vram' });
    expect(interrupted.code).not.toBe(0);
    const forming = (await hmm.fetchPool(node.rpc, interrupted.things['pool 0']!.address as Address)).data;
    expect(forming.shares).toBe(0n);

    const run = await migrate({ args });
    expect(run.code).toBe(0);
    expect(run.things).toMatchObject({
      market: { state: 'exists' },
      'pool 0': { state: 'exists', address: interrupted.things['pool 0']!.address },
      vram: { state: 'exists' },
      disk: { state: 'created' },
      deposit: { state: 'created' },
    });
    const { pool } = await hmm.fetchPoolState(node.rpc, run.things['pool 0']!.address as Address);
    expect(hmm.resourceNames(pool)).toEqual(RESOURCES);
    expect(pool.issued.slice(0, 5)).toEqual(config.local.deposit.map(({ issued }: any) => BigInt(issued) * UNIT));
  });

  it('leaves a pool that is another one, and says in what', async () => {
    const { address } = await signer(join(folder, 'localnet/wallet.json'));
    const before = await everything(address);
    const other = await changed(({ market, pool }) => {
      market.marketFee = 4_000;
      pool.lambda = 60_000;
      pool.resources[2].weight = 900_000;
    });
    const run = await migrate({ config: other });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('marketFee    is 3000, the configuration says 4000');
    expect(run.stderr).toContain('lambda is 50000, not 60000');
    expect(run.stderr).toContain('resources[2].weight is 1000000, not 900000');
    expect(await everything(address)).toEqual(before);
  });

  it('stops before the first deposit on a network that is not local', async () => {
    const key = join(folder, 'stranger.json');
    const { things } = await migrate();
    const away = await changed((config) => {
      delete config.local;
      config.creditMint = things['credit mint']!.address;
    });
    const args = ['--keypair', key];
    const run = await migrate({ away: true, config: away, args });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.things).toMatchObject({ program: { state: 'exists' }, 'credit mint': { state: 'exists' }, market: { state: 'created' }, disk: { state: 'created' } });
    expect(run.things['deposit']).toBeUndefined();
    const { pool, market } = await hmm.fetchPoolState(node.rpc, run.things['pool 0']!.address as Address);
    expect([pool.resourceCount, pool.shares, market.creditMint]).toEqual([5, 0n, things['credit mint']!.address]);

    const { address } = await signer(key);
    const before = await everything(address);
    expect((await migrate({ away: true, config: away, args })).code).toBe(0);
    expect(await everything(address)).toEqual(before);
  });

  it('refuses a configuration before it changes anything', async () => {
    const { address } = await signer(join(folder, 'localnet/wallet.json'));
    const before = await everything(address);
    const run = (change: (config: any) => void) => changed(change).then((path) => migrate({ config: path }));
    expect(await run((c) => (c.pool.lambda = -1))).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('changed.json.pool.lambda is -1') });
    expect(await run((c) => (c.pool.id = 7))).toMatchObject({ code: 2, stderr: expect.stringContaining('pool.id is 7; the market has had 1 pools') });
    expect(await run((c) => (c.local.creditDecimals = 8))).toMatchObject({ code: 1, stderr: expect.stringContaining('has 9 decimals, the configuration says 8') });
    expect(await migrate({ args: ['--what'] })).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: ') });
    expect(await everything(address)).toEqual(before);
  });

  it.each<[string, (config: any) => void, string]>([
    ['a number out of range', (c) => (c.pool.resources[0].psiScale = -1), 'pool.resources[0].psiScale is -1, not a whole number from 0 to 4294967295'],
    ['no number', (c) => (c.market.riskWindow = '150'), 'market.riskWindow is "150", not a whole number'],
    ['a number missing', (c) => delete c.pool.lambda, 'pool.lambda is nothing'],
    ['an unknown field', (c) => (c.market.feee = 1), 'market has an unknown field "feee"'],
    ['a name twice', (c) => (c.pool.resources[1].name = 'gpu'), 'pool.resources[1].name: there are two of the name "gpu"'],
    ['a bad name', (c) => (c.pool.region = 'us west'), 'pool.region is "us west"'],
    ['no resources', (c) => (c.pool.resources = []), 'pool.resources is 0, not a list of 1 to 8'],
    ['an amount as a number', (c) => (c.local.credits = 5), 'local.credits is 5, not an amount in quotes'],
    ['too many decimals', (c) => (c.local.deposit[0].units = '1.0000001'), 'local.deposit[0].units is "1.0000001", not an amount with at most 6 decimals'],
    ['an amount beyond 64 bits', (c) => (c.local.credits = '18446744074'), 'local.credits is "18446744074", not an amount that fits 64 bits'],
    ['a curve that is none', (c) => (c.pool.lambda = 1_000_000), 'pool.resources[0]: the curvature is not below the weight'],
    ['fees out of bounds', (c) => (c.market.maxFee = 10), 'market: a fee parameter is out of its bounds'],
    ['a deposit below the floor', (c) => (c.pool.resources[0].minPsi = '10001'), 'local.deposit[0].units is below'],
    ['more deposited than issued', (c) => (c.local.deposit[0].issued = '9999'), 'local.deposit[0].issued is less than'],
    ['a deposit for each resource but one', (c) => c.local.deposit.pop(), 'local.deposit is 4, not a list of 5'],
    ['two ways to a mint', (c) => (c.creditMint = hmm.HMM_PROGRAM_ADDRESS), 'either "creditMint"'],
    ['no address', (c) => (c.creditMint = 'here'), 'creditMint is "here", not an address'],
  ])('refuses %s', async (_, change, message) => {
    const { checkConfig, localDecimals, UsageError } = await import(new URL('../../migrations/config.mjs', import.meta.url).pathname);
    const check = (json: any) => checkConfig(json, 'it', localDecimals(json, 'it'));
    expect(() => check(config)).not.toThrow();
    const other = structuredClone(config);
    change(other);
    expect(() => check(other)).toThrow(UsageError);
    expect(() => check(other)).toThrow(message);
  });
});

it('Anchor.toml and the public keypair are of the program', async () => {
  const anchor = await readFile(new URL('../../Anchor.toml', import.meta.url), 'utf8');
  expect(/\[programs\.localnet\]\nhmm = "(\w+)"/.exec(anchor)?.[1]).toBe(hmm.HMM_PROGRAM_ADDRESS);
  const keypair = new URL('../../migrations/localnet-program-keypair.json', import.meta.url).pathname;
  expect((await signer(keypair)).address).toBe(hmm.HMM_PROGRAM_ADDRESS);
});

/** A keypair file as Solana's tools write it. */
async function newKey(path: string): Promise<void> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']) as CryptoKeyPair;
  const { d } = await crypto.subtle.exportKey('jwk', privateKey);
  const bytes = [...Buffer.from(d!, 'base64url'), ...new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))];
  await writeFile(path, JSON.stringify(bytes));
}
