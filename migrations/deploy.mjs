#!/usr/bin/env node
// Puts a market and a pool on a network. A migration that was interrupted goes on where it stopped, one that was done changes nothing.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkConfig, localDecimals, readConfig, UsageError } from './config.mjs';
import { Network } from './network.mjs';
import * as steps from './steps.mjs';
import { requireDeposit, requireVerifiers, requireWorker } from './supply.mjs';
import { openWallet } from './wallet.mjs';

const USAGE = `Usage: node deploy.mjs CONFIG.json [options]

  --url URL        JSON-RPC of the network [default: SOLANA_RPC_URL, or http://127.0.0.1:8899]
  --ws URL         its WebSocket [default: SOLANA_WS_URL where the network is SOLANA_RPC_URL, or the same host, where a port is given the next one]
  --keypair FILE   who signs and pays: the market's authority and the pool's creator; a local network makes one where there is none
                   [default: on a local network one in the user's cache]
  --program FILE   what a local network is given where it has no program [default: target/deploy/hmm.so]
  --help           this text

Exit codes: 0 everything is there, 2 wrong usage or configuration, 1 anything else.`;

const PROGRAM = fileURLToPath(new URL('../target/deploy/hmm.so', import.meta.url));

function options() {
  const text = { type: 'string' };
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals: true, options: { url: text, ws: text, keypair: text, program: text, help: { type: 'boolean' } } });
  } catch (error) {
    throw new UsageError(`${error.message}\n\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  if (!values.help && positionals.length !== 1) throw new UsageError(`${positionals.length} configurations, not one\n\n${USAGE}`);
  const url = checkUrl(values.url ?? process.env.SOLANA_RPC_URL ?? 'http://127.0.0.1:8899', 'http');
  const ws = checkUrl(values.ws ?? (values.url === undefined ? process.env.SOLANA_WS_URL : undefined) ?? webSocketOf(url), 'ws');
  return { program: PROGRAM, ...values, config: positionals[0], url, ws };
}

function checkUrl(text, scheme) {
  if (!URL.canParse(text) || ![`${scheme}:`, `${scheme}s:`].includes(new URL(text).protocol)) throw new UsageError(`${text} is no ${scheme} or ${scheme}s URL`);
  return text;
}

/** By convention the WebSocket of a node is on the next port, and that of a service at the same place. */
function webSocketOf(url) {
  const ws = new URL(url);
  ws.protocol = ws.protocol.replace('http', 'ws');
  if (ws.port) ws.port = String(Number(ws.port) + 1);
  return ws.href;
}

/** What can be done now. */
function next(network, pool, keypair, { pool: { resources }, local }) {
  const there = `--url ${network.url}${network.local ? '' : ` --pool ${pool}`}`;
  const buy = `--buy ${resources[0].name}=1`;
  const trade = [`hmm quote ${there} ${buy}`, `hmm swap ${there} --keypair ${keypair} ${buy}`, `hmm wallet ${there} --keypair ${keypair}`];
  console.log('\nNext, with hmm from `cd vm && cargo build -p hmm-cli` (vm/target/debug/hmm):');
  for (const command of [`hmm pool show ${there}`, ...(local ? trade : [])]) console.log(`  ${command}`);
  if (!local) console.log('The first deposit is the creator\'s and fixes the prices: see migrations/README.md.');
}

async function main() {
  const { help, config: path, url, ws, keypair, program } = options();
  if (help) return console.log(USAGE);
  const file = basename(path);
  const json = await readConfig(path);
  const decimals = localDecimals(json, file);
  if (decimals !== undefined) checkConfig(json, file, decimals); // before anything is asked of a network

  const network = await Network.connect(url, ws);
  if (decimals !== undefined && !network.local) throw new UsageError(`${file}.local is for local networks, and ${url} is none: name a creditMint instead`);
  const wallet = await openWallet(keypair, network.local);
  network.payer = wallet.signer;
  console.log(`${url}  ${network.kind}, genesis ${network.genesis}\nwallet ${wallet.path}\n`);

  const mint = await steps.findMint(network, json.creditMint, decimals);
  const config = checkConfig(json, file, mint.decimals);
  await steps.fund(network);
  await steps.requireProgram(network, program);
  await steps.requireMint(network, mint, config);
  const market = await steps.requireMarket(network, mint, config);
  const pool = await steps.requirePool(network, market, config);
  await steps.requireResources(network, pool, config);
  if (config.local) {
    const place = await requireVerifiers(network, pool);
    await requireWorker(network, pool, place, config);
    await requireDeposit(network, pool, config);
  }
  next(network, pool, wallet.path, config);
}

main().then(
  () => process.exit(0), // the WebSocket would stay open
  (error) => {
    console.error(`deploy: ${error.message}`);
    if (process.env.DEBUG) console.error(error);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
