/**
 * What workers and verifiers sign: digests, Merkle proofs, the instruction of the ed25519 program. The layouts are those of the crate
 * `hmm-attest`; both are checked with the same vectors. Integers are little-endian, SHA-256 is WebCrypto's.
 */
import {
  address,
  fixEncoderSize,
  getAddressEncoder,
  getArrayEncoder,
  getBytesEncoder,
  getI64Encoder,
  getStructEncoder,
  getU16Encoder,
  getU64Encoder,
  getU8Encoder,
  getUtf8Encoder,
  transformEncoder,
  type Address,
  type Encoder,
  type Instruction,
  type ReadonlyUint8Array,
} from '@solana/kit';

/** Resources of a pool: the width of what is told per resource. What a pool does not have is zero. */
export const RESOURCES = 8;
/** The deepest Merkle tree. */
export const MAX_DEPTH = 20;
/** The ed25519 program. */
export const ED25519_PROGRAM_ADDRESS = address('Ed25519SigVerify111111111111111111111111111');

/** SHA-256 of the concatenation of the parts. */
export async function hash(...parts: readonly ReadonlyUint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(parts)));
}

function concat(parts: readonly ReadonlyUint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Exactly so many bytes: neither cut nor filled up. */
const exactly = (size: number) =>
  transformEncoder(fixEncoderSize(getBytesEncoder(), size), (bytes: ReadonlyUint8Array) => {
    if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes where ${size} are needed`);
    return bytes;
  });
const key = getAddressEncoder();
const bytes32 = exactly(32);
const perResource = getArrayEncoder(getU64Encoder(), { size: RESOURCES });

// --- digests

/** Where a digest is valid. */
export interface Domain {
  program: Address;
  /** The genesis hash that the market stored when it was made. */
  genesis: ReadonlyUint8Array;
  market: Address;
}
const domainEncoder = getStructEncoder([
  ['program', key],
  ['genesis', bytes32],
  ['market', key],
]);

/** A kind of digest: its preimage is tag (16 bytes) ‖ program ‖ genesis hash ‖ market ‖ fields, of one length. */
export interface DigestType<T> {
  preimage(domain: Domain, value: T): Uint8Array;
  digest(domain: Domain, value: T): Promise<Uint8Array>;
}
function digestType<T>(tag: string, fields: Encoder<T>): DigestType<T> {
  const head = fixEncoderSize(getUtf8Encoder(), 16).encode(tag);
  const preimage = (domain: Domain, value: T) => concat([head, domainEncoder.encode(domain), fields.encode(value)]);
  return { preimage, digest: (domain, value) => hash(preimage(domain, value)) };
}

/** What a worker's enclave signs when a job is done. */
export const attestation = digestType(
  'hmm:attestation',
  getStructEncoder([
    ['job', key],
    ['assignment', key],
    ['worker', key],
    ['modelRoot', bytes32],
    ['inputRoot', bytes32],
    ['reportDigest', bytes32],
    ['outputRoot', bytes32],
    ['traceRoot', bytes32],
    ['measurement', bytes32],
    ['usage', perResource],
  ]),
);

/** What a verifier commits to before anyone reveals. */
export const verifierCommit = digestType(
  'hmm:commit',
  getStructEncoder([
    ['round', key],
    ['seat', getU8Encoder()],
    ['score', getU16Encoder()],
    ['deltaI', getI64Encoder()],
    ['deltaU', getI64Encoder()],
    ['salt', bytes32],
  ]),
);

/** One enclave key of the registry; its digest is the data of the leaf. */
export const enclaveLeaf = digestType(
  'hmm:enclave',
  getStructEncoder([
    ['worker', key],
    ['measurement', bytes32],
    ['key', key],
    ['capacity', perResource],
    ['expiry', getI64Encoder()],
  ]),
);

/** A verifier's vote for a root of the enclave registry. */
export const rootVote = digestType(
  'hmm:root-vote',
  getStructEncoder([
    ['sequence', getU64Encoder()],
    ['root', bytes32],
    ['depth', getU8Encoder()],
  ]),
);

// --- Merkle trees of a fixed depth; a place without a leaf holds 32 zero bytes

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

/** The hash of a leaf: H(0x00 ‖ index u32 ‖ data). */
export function merkleLeaf(index: number, data: ReadonlyUint8Array): Promise<Uint8Array> {
  const place = new Uint8Array(4);
  new DataView(place.buffer).setUint32(0, index, true);
  return hash(LEAF, place, data);
}

/** The hash of a node: H(0x01 ‖ left ‖ right). */
export const merkleNode = (left: ReadonlyUint8Array, right: ReadonlyUint8Array): Promise<Uint8Array> => hash(NODE, left, right);

/** Why a proof is refused. */
export type ProofRefusal = 'Depth' | 'LeafIndex' | 'ProofLength' | 'Root';

/** A leaf with the siblings that lead from it to the root. */
export interface Proof {
  index: number;
  data: ReadonlyUint8Array;
  proof: readonly ReadonlyUint8Array[];
}

/** Why the data is not the leaf of the tree under `root`, or undefined if it is. The depth is what was published with the root. */
export async function proofRefusal(root: ReadonlyUint8Array, depth: number, { index, data, proof }: Proof): Promise<ProofRefusal | undefined> {
  if (depth > MAX_DEPTH) return 'Depth';
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** depth) return 'LeafIndex';
  if (proof.length !== depth) return 'ProofLength';
  let at = await merkleLeaf(index, data);
  for (const [level, sibling] of proof.entries()) {
    at = (index >> level) & 1 ? await merkleNode(sibling, at) : await merkleNode(at, sibling);
  }
  return at.every((byte, i) => byte === root[i]) && root.length === 32 ? undefined : 'Root';
}

/** A tree of a fixed depth. */
export interface MerkleTree {
  root: Uint8Array;
  /** The siblings of a leaf, from the leaf upwards. */
  proof(index: number): Uint8Array[];
}

/** The tree of `depth` whose first leaves hold `leaves`. */
export async function merkleTree(depth: number, leaves: readonly ReadonlyUint8Array[]): Promise<MerkleTree> {
  if (depth > MAX_DEPTH || leaves.length > 2 ** depth) throw new RangeError(`${leaves.length} leaves at depth ${depth}`);
  let level: Uint8Array[] = await Promise.all(leaves.map((data, index) => merkleLeaf(index, data)));
  let absent: Uint8Array = new Uint8Array(32);
  const siblings: ((place: number) => Uint8Array)[] = [];
  for (let height = 0; height < depth; height += 1) {
    const [below, pad] = [level, absent];
    const place = (index: number) => below[index] ?? pad;
    siblings.push((index) => place(index ^ 1));
    level = await Promise.all(Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => merkleNode(place(2 * i), place(2 * i + 1))));
    absent = await merkleNode(pad, pad);
  }
  return {
    root: level[0] ?? absent,
    proof(index) {
      if (!(index in leaves)) throw new RangeError(`no leaf ${index}`);
      return siblings.map((sibling, height) => sibling(index >> height));
    },
  };
}

// --- ed25519

// One signature; offsets and sizes of signature, key and message, each in this very instruction (0xFFFF).
const ED25519_HEADER = new Uint8Array([1, 0, 48, 0, 0xff, 0xff, 16, 0, 0xff, 0xff, 112, 0, 32, 0, 0xff, 0xff]);
const signature64 = exactly(64);

/** The instruction in which `signer` signs a digest, in the one layout that the program accepts. */
export function ed25519Instruction(signer: Address, signature: ReadonlyUint8Array, digest: ReadonlyUint8Array): Instruction {
  const data = concat([ED25519_HEADER, key.encode(signer), signature64.encode(signature), bytes32.encode(digest)]);
  return { programAddress: ED25519_PROGRAM_ADDRESS, accounts: [], data };
}
