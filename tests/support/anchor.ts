// Anchor's own client: an independent decoder of the same IDL.
import { BorshCoder, type Idl } from '@anchor-lang/core';
import { readFileSync } from 'node:fs';

const idl: Idl = JSON.parse(readFileSync(new URL('../../target/idl/hmm.json', import.meta.url), 'utf8'));
const coder = new BorshCoder(idl);

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, v) => (typeof v === 'bigint' || v?.constructor?.name === 'BN' ? String(v) : v instanceof Uint8Array ? [...v] : v)),
  );

const camel = (object: object): object =>
  Object.fromEntries(
    Object.entries(object).map(([key, v]) => [key.replace(/^_/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), strings(v)]),
  );

const strings = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(strings);
  if (['BN', 'PublicKey'].includes(value?.constructor?.name ?? '')) return String(value);
  return value?.constructor === Object ? camel(value) : value;
};

/** An account as Anchor's client decodes it, in plain values and this client's names. */
export const decodedByAnchor = (name: string, data: Uint8Array): unknown => plain(camel(coder.accounts.decode<object>(name, Buffer.from(data))));

/** An account as this client decodes it, in plain values. */
export function fieldsOf({ discriminator: _, ...fields }: { discriminator: unknown }): unknown {
  return plain(fields);
}
