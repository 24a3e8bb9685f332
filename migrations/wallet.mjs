// Who signs.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createKeyPairSignerFromBytes } from '@solana/kit';
import { UsageError } from './config.mjs';

/** The well-known wallet of local networks. */
const LOCAL = join(process.env.HMM_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hmm'), 'localnet/wallet.json');

/** The keypair in a file, and where that is. On a local network there is a default, and a file that does not exist is made. */
export async function openWallet(file, local) {
  const path = file ?? (local ? LOCAL : undefined);
  if (path === undefined) throw new UsageError('who signs? Give --keypair FILE: only a local network has a wallet of its own');
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT' || !local) throw new UsageError(`${path} cannot be read: ${error.message}`);
    text = await newKeypair(path);
  }
  try {
    return { path, signer: await createKeyPairSignerFromBytes(Uint8Array.from(JSON.parse(text))) };
  } catch {
    throw new UsageError(`${path} is not a keypair, 64 numbers in JSON`);
  }
}

/** Writes a new keypair for the owner's eyes only: 32 bytes of secret, 32 of the address, as Solana's tools do. */
async function newKeypair(path) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const secret = new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey)).slice(-32); // PKCS #8 ends with it
  const text = JSON.stringify([...secret, ...new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))]);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  return text;
}
