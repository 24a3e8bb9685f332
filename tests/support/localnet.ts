// Starts the local network before the tests of the rpc project and ends it afterwards. SOLANA_RPC_URL and SOLANA_WS_URL name another one instead.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { HMM_PROGRAM_ADDRESS } from '@hanzo/hmm';
import type { TestProject } from 'vitest/node';
import { PROGRAM } from './network.js';

declare module 'vitest' {
  export interface ProvidedContext {
    rpcUrl: string;
    wsUrl: string;
  }
}

const BINARY = process.env.HMM_LOCALNET ?? new URL('../../vm/localnet/target/release/hmm-localnet', import.meta.url).pathname;

/** A port nobody listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export interface Localnet {
  rpcUrl: string;
  wsUrl: string;
  /** Ends it and waits for its end. */
  stop(): Promise<void>;
}

/** Starts a local network, with the program on it unless told otherwise. */
export async function start({ program = true } = {}): Promise<Localnet> {
  for (const file of [BINARY, PROGRAM]) if (!existsSync(file)) throw new Error(`${file} is missing: build it first`);
  const [port, wsPort] = [await freePort(), await freePort()];
  const programs = program ? ['--program', PROGRAM, '--program-id', HMM_PROGRAM_ADDRESS] : [];
  const child = spawn(BINARY, ['--port', String(port), '--ws-port', String(wsPort), ...programs], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^ready rpc=(\S+) ws=(\S+)$/.exec(line);
    if (ready) return { rpcUrl: ready[1]!, wsUrl: ready[2]!, stop };
  }
  throw new Error('the local network ended before it was ready');
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { SOLANA_RPC_URL: rpc, SOLANA_WS_URL: ws } = process.env;
  if (rpc && ws) {
    project.provide('rpcUrl', rpc);
    project.provide('wsUrl', ws);
    return async () => {};
  }
  const { rpcUrl, wsUrl, stop } = await start();
  project.provide('rpcUrl', rpcUrl);
  project.provide('wsUrl', wsUrl);
  return stop;
}
