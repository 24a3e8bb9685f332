// What a worker and its liquidators do, as instructions; the keys that verifiers vouch for. Token accounts are the associated ones, and
// must exist.
import { getUtf8Encoder, type Address, type Instruction, type ReadonlyUint8Array, type TransactionSigner } from '@solana/kit';
import { enclaveLeaf, merkleTree, type MerkleTree } from './attest.js';
import {
  findApprovalPda,
  findWorkerPda,
  getClaimWorkerInstructionAsync,
  getCloseKeyInstructionAsync,
  getDepositBondInstructionAsync,
  getLiquidateInstructionAsync,
  getMintVouchersInstructionAsync,
  getNotifyWorkerInstructionAsync,
  getRegisterKeyInstructionAsync,
  getRegisterWorkerInstructionAsync,
  getRetireInstructionAsync,
  getSetOperatorInstruction,
  getSupplyInstructionAsync,
  getUnbondInstructionAsync,
  getWithdrawBondInstructionAsync,
  findEnclaveKeyPda,
} from './generated/index.js';
import { domainOf, NOBODY, type MarketState } from './market.js';
import type { PoolState } from './pool.js';
import { creditsAccount, vouchersAccount } from './tokens.js';

/** The worker of an owner in a pool. */
export async function workerAddress(pool: Address, owner: Address): Promise<Address> {
  const [worker] = await findWorkerPda({ pool, owner });
  return worker;
}

/** The accounts that these instructions share. */
async function accounts({ address: pool, pool: { market }, market: { creditMint, creditTokenProgram } }: PoolState, owner: Address) {
  return { worker: await workerAddress(pool, owner), pool, market, creditMint, creditTokenProgram };
}

const creditsOf = async (state: PoolState, owner: Address): Promise<Address> => (await creditsAccount(owner, state.market)).address;

const PROFILE = 64;

/** Registers a worker of the pool; the owner pays the rent. `profile` tells clients where they find it: at most 64 bytes of text. */
export async function register(
  state: PoolState,
  owner: TransactionSigner,
  { profile = '', operator = NOBODY }: { profile?: string; operator?: Address } = {},
): Promise<Instruction> {
  const text = getUtf8Encoder().encode(profile);
  if (text.length > PROFILE) throw new RangeError(`the profile has ${text.length} bytes, ${PROFILE} are allowed`);
  const padded = new Uint8Array(PROFILE);
  padded.set(text);
  return getRegisterWorkerInstructionAsync({ ...(await accounts(state, owner.address)), owner, profile: padded, operator });
}

/** Sets the key that may start, attest and decline besides the owner. */
export async function setOperator(state: PoolState, owner: TransactionSigner, operator: Address = NOBODY): Promise<Instruction> {
  return getSetOperatorInstruction({ worker: await workerAddress(state.address, owner.address), owner, operator });
}

/** Adds to the bond of `owner`'s worker, from the payer's credits. */
export async function depositBond(state: PoolState, owner: Address, payer: TransactionSigner, credits: bigint): Promise<Instruction> {
  const payerCredits = await creditsOf(state, payer.address);
  return getDepositBondInstructionAsync({ ...(await accounts(state, owner)), payer, payerCredits, credits });
}

/** Puts bond on its way out. */
export async function unbond(state: PoolState, owner: TransactionSigner, credits: bigint): Promise<Instruction> {
  return getUnbondInstructionAsync({ ...(await accounts(state, owner.address)), owner, credits });
}

/** Pays the bond whose delay is over to the owner. Anybody may send it. */
export async function withdrawBond(state: PoolState, owner: Address): Promise<Instruction> {
  return getWithdrawBondInstructionAsync({ ...(await accounts(state, owner)), destination: await creditsOf(state, owner) });
}

/** Pays what the worker has earned to the owner. Anybody may send it. */
export async function claim(state: PoolState, owner: Address): Promise<Instruction> {
  return getClaimWorkerInstructionAsync({ ...(await accounts(state, owner)), destination: await creditsOf(state, owner) });
}

/** Sells capacity for at least `minProceeds`. */
export async function supply(
  state: PoolState,
  owner: TransactionSigner,
  { resource, rawUnits, minProceeds = 0n }: { resource: number; rawUnits: bigint; minProceeds?: bigint },
): Promise<Instruction> {
  return getSupplyInstructionAsync({ ...(await accounts(state, owner.address)), owner, resource, rawUnits, minProceeds });
}

/** Mints vouchers against the bond, to `to`'s account of them. */
export async function mintVouchers(
  state: PoolState,
  owner: TransactionSigner,
  { resource, rawUnits, to = owner.address }: { resource: number; rawUnits: bigint; to?: Address },
): Promise<Instruction> {
  const { mint: voucherMint, address: destination } = await vouchersAccount(to, state.pool, resource);
  return getMintVouchersInstructionAsync({ ...(await accounts(state, owner.address)), owner, voucherMint, destination, resource, rawUnits });
}

/** Burns the owner's vouchers against what its worker owes. */
export async function retire(state: PoolState, owner: TransactionSigner, resource: number, units: bigint): Promise<Instruction> {
  const { mint: voucherMint, address: ownerVouchers } = await vouchersAccount(owner.address, state.pool, resource);
  return getRetireInstructionAsync({ ...(await accounts(state, owner.address)), owner, voucherMint, ownerVouchers, resource, units });
}

/** Gives `owner`'s worker notice of a liquidation, or takes it back. Anybody may send it. */
export async function notify(state: PoolState, owner: Address): Promise<Instruction> {
  return getNotifyWorkerInstructionAsync(await accounts(state, owner));
}

/** Burns at most `units` of the liquidator's vouchers against what `owner`'s worker owes. */
export async function liquidate(state: PoolState, owner: Address, liquidator: TransactionSigner, resource: number, units: bigint): Promise<Instruction> {
  const { mint: voucherMint, address: liquidatorVouchers } = await vouchersAccount(liquidator.address, state.pool, resource);
  const liquidatorCredits = await creditsOf(state, liquidator.address);
  return getLiquidateInstructionAsync({ ...(await accounts(state, owner)), liquidator, voucherMint, liquidatorVouchers, liquidatorCredits, resource, units });
}

// --- the keys of enclaves

/** What verifiers found in the enclave of a worker. */
export interface KeyLeaf {
  worker: Address;
  measurement: ReadonlyUint8Array;
  /** The enclave's ed25519 key. */
  key: Address;
  /** Raw units an hour, per resource of the worker's pool, eight numbers. */
  capacity: bigint[];
  /** Unix seconds. */
  expiry: bigint;
}

/** The tree whose root verifiers vote for. */
export interface KeyTree extends MerkleTree {
  market: Address;
  depth: number;
  leaves: readonly KeyLeaf[];
}

/** The least deep tree of the leaves, or the one of this depth. */
export async function keyTree(market: MarketState, leaves: readonly KeyLeaf[], depth: number = Math.ceil(Math.log2(leaves.length || 1))): Promise<KeyTree> {
  const domain = domainOf(market);
  const tree = await merkleTree(depth, await Promise.all(leaves.map((leaf) => enclaveLeaf.digest(domain, leaf))));
  return { ...tree, market: market.address, depth, leaves };
}

/** Registers the key of leaf `index`, as the worker's owner or operator. */
export async function registerKey(tree: KeyTree, signer: TransactionSigner, index: number): Promise<Instruction> {
  const proof = tree.proof(index);
  const { measurement, ...leaf } = tree.leaves[index]!;
  const [approval] = await findApprovalPda({ market: tree.market, measurement });
  return getRegisterKeyInstructionAsync({ ...leaf, signer, market: tree.market, approval, index, proof });
}

/** Closes an expired key; `rentPayer` registered it. */
export async function closeKey(worker: Address, key: Address, rentPayer: Address): Promise<Instruction> {
  const [enclaveKey] = await findEnclaveKeyPda({ worker, key });
  return getCloseKeyInstructionAsync({ enclaveKey, rentPayer });
}
