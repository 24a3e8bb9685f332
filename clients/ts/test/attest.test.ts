// The vectors that Rust and Python use too: digests, Merkle trees and proofs, the ed25519 instruction, traces.
import { readFileSync } from 'node:fs';
import { getAddressDecoder, type ReadonlyUint8Array } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import * as attest from '../src/attest.js';

interface Json {
  [key: string]: Json;
}
const vectors: Record<string, Json[]> = JSON.parse(
  readFileSync(new URL('../../../crates/attest/vectors.json', import.meta.url), 'utf8'),
);
const rows = (section: string): Json[] => {
  const found = vectors[section] ?? [];
  expect(found.length).toBeGreaterThan(0);
  return found;
};
const bytes = (v: Json | undefined): Uint8Array => new Uint8Array(Buffer.from(String(v), 'hex'));
const hex = (v: ReadonlyUint8Array): string => Buffer.from(v).toString('hex');
const key = (v: Json | undefined) => getAddressDecoder().decode(bytes(v));
const list = (v: Json | undefined): Json[] => Object.values(v ?? {});
const big = (v: Json | undefined): bigint => BigInt(String(v));

const types: Record<string, (f: Json, domain: attest.Domain) => [Uint8Array, Promise<Uint8Array>]> = {
  Attestation: (f, domain) => {
    const value = {
      job: key(f.job),
      assignment: key(f.assignment),
      worker: key(f.worker),
      modelRoot: bytes(f.model_root),
      inputRoot: bytes(f.input_root),
      reportDigest: bytes(f.report_digest),
      outputRoot: bytes(f.output_root),
      traceRoot: bytes(f.trace_root),
      measurement: bytes(f.measurement),
      usage: list(f.usage).map(big),
    };
    return [attest.attestation.preimage(domain, value), attest.attestation.digest(domain, value)];
  },
  VerifierCommit: (f, domain) => {
    const value = {
      round: key(f.round),
      seat: Number(f.seat),
      score: Number(f.score),
      deltaI: big(f.delta_i),
      deltaU: big(f.delta_u),
      salt: bytes(f.salt),
    };
    return [attest.verifierCommit.preimage(domain, value), attest.verifierCommit.digest(domain, value)];
  },
  EnclaveLeaf: (f, domain) => {
    const value = {
      worker: key(f.worker),
      measurement: bytes(f.measurement),
      key: key(f.key),
      capacity: list(f.capacity).map(big),
      expiry: big(f.expiry),
    };
    return [attest.enclaveLeaf.preimage(domain, value), attest.enclaveLeaf.digest(domain, value)];
  },
};

describe('attest', () => {
  it('digests', async () => {
    const seen = new Set<string>();
    for (const row of rows('digest')) {
      const d = row.domain!;
      const domain = { program: key(d.program), genesis: bytes(d.genesis), market: key(d.market) };
      const [preimage, digest] = types[String(row.type)]!(row.fields!, domain);
      expect(hex(preimage)).toBe(row.preimage);
      expect(hex(await digest)).toBe(row.digest);
      seen.add(String(row.type));
    }
    expect([...seen].sort()).toEqual(Object.keys(types).sort());
  });

  it('refuses fields of another width', () => {
    const [program, genesis] = [attest.ED25519_PROGRAM_ADDRESS, new Uint8Array(32)];
    const domain = { program, genesis, market: program };
    const commit = { round: program, seat: 0, score: 0, deltaI: 0n, deltaU: 0n, salt: genesis };
    expect(attest.verifierCommit.preimage(domain, commit)).toHaveLength(195);
    expect(() => attest.verifierCommit.preimage(domain, { ...commit, salt: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => attest.verifierCommit.preimage(domain, { ...commit, salt: new Uint8Array(33) })).toThrow(RangeError);
    expect(() => attest.verifierCommit.preimage({ ...domain, genesis: new Uint8Array(33) }, commit)).toThrow(RangeError);
    expect(() => attest.verifierCommit.preimage(domain, { ...commit, seat: 256 })).toThrow();
    expect(() => attest.verifierCommit.preimage(domain, { ...commit, deltaI: 2n ** 63n })).toThrow();
    const leaf = { worker: program, measurement: genesis, key: program, capacity: [1n], expiry: 0n };
    expect(() => attest.enclaveLeaf.preimage(domain, leaf)).toThrow();
  });

  it('Merkle trees', async () => {
    for (const row of rows('merkle')) {
      const [depth, leaves] = [Number(row.depth), list(row.leaves).map(bytes)];
      const tree = await attest.merkleTree(depth, leaves);
      expect(hex(tree.root)).toBe(row.root);
      for (const { index, proof } of list(row.proofs)) {
        const siblings = tree.proof(Number(index));
        expect(siblings.map(hex)).toEqual(list(proof));
        const told = { index: Number(index), data: leaves[Number(index)]!, proof: siblings };
        expect(await attest.proofRefusal(tree.root, depth, told)).toBeUndefined();
      }
      expect(() => tree.proof(leaves.length)).toThrow(RangeError);
    }
    await expect(attest.merkleTree(1, [0, 1, 2].map(() => new Uint8Array()))).rejects.toThrow(RangeError);
    await expect(attest.merkleTree(21, [])).rejects.toThrow(RangeError);
  });

  it('proofs, right and wrong', async () => {
    for (const row of rows('proof')) {
      const told = { index: Number(row.index), data: bytes(row.data), proof: list(row.proof).map(bytes) };
      expect((await attest.proofRefusal(bytes(row.root), Number(row.depth), told)) ?? null, JSON.stringify(row)).toBe(row.refusal);
    }
  });

  it('the ed25519 instruction', () => {
    for (const row of rows('ed25519')) {
      const made = attest.ed25519Instruction(key(row.key), bytes(row.signature), bytes(row.message));
      expect(hex(new Uint8Array(made.data!))).toBe(row.data);
      expect(made).toMatchObject({ programAddress: 'Ed25519SigVerify111111111111111111111111111', accounts: [] });
    }
    const program = attest.ED25519_PROGRAM_ADDRESS;
    expect(() => attest.ed25519Instruction(program, new Uint8Array(63), new Uint8Array(32))).toThrow(RangeError);
    expect(() => attest.ed25519Instruction(program, new Uint8Array(64), new Uint8Array(33))).toThrow(RangeError);
  });

  const claimOf = (row: Json): attest.Claim => ({
    modelRoot: bytes(row.model_root),
    inputRoot: bytes(row.input_root),
    depth: Number(row.depth),
    traceRoot: bytes(row.trace_root),
    outputRoot: bytes(row.output_root),
  });

  it('steps of the reference computation', async () => {
    for (const row of rows('step')) {
      expect(hex(await attest.initialState(bytes(row.model_root), bytes(row.input_root)))).toBe(row.initial);
      expect(hex(await attest.step(bytes(row.model_root), bytes(row.state)))).toBe(row.next);
    }
    await expect(attest.step(new Uint8Array(32), new Uint8Array(31))).rejects.toThrow(RangeError);
    await expect(attest.initialState(new Uint8Array(33), new Uint8Array(32))).rejects.toThrow(RangeError);
  });

  it('traces', async () => {
    for (const row of rows('trace')) {
      const told = claimOf(row);
      const { claim, states, tree } = await attest.runTrace(told.modelRoot, told.inputRoot, told.depth);
      expect([hex(claim.outputRoot), hex(claim.traceRoot)]).toEqual([row.output_root, row.trace_root].map(String));
      for (const { link, items } of list(row.links)) {
        const opened = attest.linkItems(tree, states, Number(link));
        expect(opened.map(hex)).toEqual(list(items));
        expect(await attest.upheld(claim, Number(link), opened)).toBe('Honest');
      }
    }
    await expect(attest.runTrace(new Uint8Array(32), new Uint8Array(32), 11)).rejects.toThrow(RangeError);
  });

  it('refutations, right and wrong', async () => {
    for (const row of rows('refutation')) {
      const upheld = await attest.upheld(claimOf(row), Number(row.link), list(row.items).map(bytes));
      expect(upheld ?? null, JSON.stringify(row)).toBe(row.refusal);
    }
  });
});
