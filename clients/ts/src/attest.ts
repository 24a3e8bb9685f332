/**
 * What workers and verifiers sign: digests, Merkle proofs, the instruction of the ed25519 program; the traces of jobs. The layouts are those of the crate
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
const tag = (name: string) => fixEncoderSize(getUtf8Encoder(), 16).encode(name);

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
function digestType<T>(name: string, fields: Encoder<T>): DigestType<T> {
  const head = tag(name);
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
  return equal(await climb(await merkleLeaf(index, data), index, proof), root) ? undefined : 'Root';
}

const equal = (a: ReadonlyUint8Array, b: ReadonlyUint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Where a hash leads from its place, by the siblings upwards. */
async function climb(from: Uint8Array, place: number, siblings: readonly ReadonlyUint8Array[]): Promise<Uint8Array> {
  let at = from;
  for (const [level, sibling] of siblings.entries()) {
    at = (place >> level) & 1 ? await merkleNode(sibling, at) : await merkleNode(at, sibling);
  }
  return at;
}

/** Levels that the paths of a leaf and the next one climb before they are siblings. */
const apart = (index: number) => 31 - Math.clz32(~index & (index + 1));

/** Where the leaves `index` and `index + 1` lead together: siblings of the left one, of the right one, of what is above both. */
async function climbTogether(index: number, left: ReadonlyUint8Array, right: ReadonlyUint8Array, proof: readonly ReadonlyUint8Array[]) {
  const levels = apart(index);
  const low = await climb(await merkleLeaf(index, left), index, proof.slice(0, levels));
  const high = await climb(await merkleLeaf(index + 1, right), index + 1, proof.slice(levels, 2 * levels));
  return climb(await merkleNode(low, high), index >> (levels + 1), proof.slice(2 * levels));
}

/** A tree of a fixed depth. */
export interface MerkleTree {
  root: Uint8Array;
  /** The siblings of a leaf, from the leaf upwards. */
  proof(index: number): Uint8Array[];
  /** The siblings of the leaves `index` and `index + 1`: of the left one, of the right one, then of what is above both. */
  neighbours(index: number): Uint8Array[];
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
  const proof = (index: number) => {
    if (!(index in leaves)) throw new RangeError(`no leaf ${index}`);
    return siblings.map((sibling, height) => sibling(index >> height));
  };
  return {
    root: level[0] ?? absent,
    proof,
    neighbours(index) {
      const [left, right, levels] = [proof(index), proof(index + 1), apart(index)];
      return [...left.slice(0, levels), ...right.slice(0, levels), ...left.slice(levels + 1)];
    },
  };
}

// --- traces: the reference computation, of which the program can redo any step

/** The deepest trace: 1,024 steps. */
export const MAX_TRACE_DEPTH = 10;
const NEURONS = 30;

/** The state before the first step. */
export async function initialState(modelRoot: ReadonlyUint8Array, inputRoot: ReadonlyUint8Array): Promise<Uint8Array> {
  const state = await hash(tag('hmm:state'), bytes32.encode(modelRoot), bytes32.encode(inputRoot));
  return state.fill(0, NEURONS);
}

/** The rows of weights of a model. */
const weights = (modelRoot: ReadonlyUint8Array): Promise<Uint8Array[]> =>
  Promise.all(Array.from({ length: NEURONS }, (_, row) => hash(tag('hmm:weights'), bytes32.encode(modelRoot), new Uint8Array([row]))));

/** The state after a step: a byte b stands for b − 128; neurons are dot products over 128, folded; then a clock, u16. */
function stepWith(rows: readonly Uint8Array[], state: ReadonlyUint8Array): Uint8Array {
  const next = bytes32.encode(state).slice();
  for (const [row, weight] of rows.entries()) {
    const quotient = weight.reduce((sum, w, i) => sum + (w - 128) * (state[i]! - 128), 0) >> 7;
    next[row] = quotient & 256 ? ~quotient : quotient;
  }
  const clock = new DataView(next.buffer);
  clock.setUint16(NEURONS, clock.getUint16(NEURONS, true) + 1, true);
  return next;
}

/** The state after a step. */
export async function step(modelRoot: ReadonlyUint8Array, state: ReadonlyUint8Array): Promise<Uint8Array> {
  return stepWith(await weights(modelRoot), state);
}

/** What a worker attested, and what it was asked for. */
export interface Claim {
  modelRoot: ReadonlyUint8Array;
  inputRoot: ReadonlyUint8Array;
  /** The trace has 2^depth steps, its tree as many leaves. */
  depth: number;
  traceRoot: ReadonlyUint8Array;
  /** The state after the last step. */
  outputRoot: ReadonlyUint8Array;
}

/** The reference computation with its trace. */
export async function runTrace(modelRoot: ReadonlyUint8Array, inputRoot: ReadonlyUint8Array, depth: number) {
  if (depth > MAX_TRACE_DEPTH) throw new RangeError(`a trace of depth ${depth}`);
  const rows = await weights(modelRoot);
  const states = [await initialState(modelRoot, inputRoot)];
  while (states.length <= 2 ** depth) states.push(stepWith(rows, states.at(-1)!));
  const outputRoot = states.pop()!;
  const tree = await merkleTree(depth, states);
  const claim: Claim = { modelRoot, inputRoot, depth, traceRoot: tree.root, outputRoot };
  return { claim, states, tree };
}

/** What opens a link of a trace: the states beside it, one at the ends and two elsewhere, then their proof. */
export function linkItems(tree: MerkleTree, states: readonly Uint8Array[], link: number): Uint8Array[] {
  const before = Math.max(link - 1, 0);
  const single = link === 0 || link === states.length;
  return [...states.slice(before, before + (single ? 1 : 2)), ...(single ? tree.proof(before) : tree.neighbours(before))];
}

/** Why items do not refute a claim. */
export type Upheld = 'Depth' | 'Link' | 'ProofLength' | 'Root' | 'Honest';

/** Why the items do not show that the link is wrong, or undefined if they do: then the claim is a fraud. */
export async function upheld(claim: Claim, link: number, items: readonly ReadonlyUint8Array[]): Promise<Upheld | undefined> {
  const { depth, modelRoot } = claim;
  if (depth > MAX_TRACE_DEPTH) return 'Depth';
  const last = 2 ** depth;
  if (!Number.isInteger(link) || link < 0 || link > last) return 'Link';
  const before = Math.max(link - 1, 0);
  const single = link === 0 || link === last;
  if (items.length !== depth + 1 + (single ? 0 : apart(before))) return 'ProofLength';
  const [first, second] = [items[0]!, items[1]!];
  const root = single
    ? await climb(await merkleLeaf(before, first), before, items.slice(1))
    : await climbTogether(before, first, second, items.slice(2));
  if (!equal(root, claim.traceRoot)) return 'Root';
  const right = link === 0 ? await initialState(modelRoot, claim.inputRoot) : await step(modelRoot, first);
  const found = link === 0 ? first : single ? claim.outputRoot : second;
  return equal(found, right) ? 'Honest' : undefined;
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
