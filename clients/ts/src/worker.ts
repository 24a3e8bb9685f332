// Workers: registration, bond, the key that verifiers vouch for, vouchers. Token accounts are the associated ones, and must exist.
import {
  getAddressEncoder,
  getProgramDerivedAddress,
  getU64Encoder,
  getU8Encoder,
  getUtf8Encoder,
  type Address,
  type Instruction,
  type ReadonlyUint8Array,
  type TransactionSigner,
} from '@solana/kit';
import { enclaveLeaf, merkleTree } from './attest.js';
import {
  findApprovalPda,
  findRegistryPda,
  findVaultPda,
  findVerifierSetPda,
  findWorkerPda,
  getDepositBondInstructionAsync,
  getEnactRootInstructionAsync,
  getMintVouchersInstructionAsync,
  getProposeRootInstructionAsync,
  getRegisterKeyInstructionAsync,
  getRegisterWorkerInstructionAsync,
  getSupplyInstructionAsync,
  HMM_PROGRAM_ADDRESS,
} from './generated/index.js';
import type { PoolState } from './pool.js';
import { creditsAccount, vouchersAccount } from './tokens.js';

const NOBODY = '11111111111111111111111111111111' as Address;

/** The worker of an owner in a pool, and its account of credits. */
export async function workerAccounts(pool: Address, owner: Address): Promise<{ worker: Address; vault: Address }> {
  const [worker] = await findWorkerPda({ pool, owner });
  const [vault] = await findVaultPda({ worker });
  return { worker, vault };
}

/** Registers a worker of the pool; the owner pays the rent. `profile` is where clients find it: at most 64 bytes of text. */
export function registerWorker(input: { state: PoolState; owner: TransactionSigner; profile?: string; operator?: Address }): Promise<Instruction> {
  const { address: pool, market } = input.state;
  const text = getUtf8Encoder().encode(input.profile ?? '');
  if (text.length > 64) throw new RangeError(`a profile of ${text.length} bytes, 64 are allowed`);
  const profile = new Uint8Array(64);
  profile.set(text);
  const { creditMint, creditTokenProgram } = market;
  return getRegisterWorkerInstructionAsync({ owner: input.owner, market: input.state.pool.market, pool, creditMint, creditTokenProgram, profile, operator: input.operator ?? NOBODY });
}

/** Adds to the bond of the owner's worker. */
export async function depositBond(input: { state: PoolState; owner: Address; payer: TransactionSigner; credits: bigint }): Promise<Instruction> {
  const { state, payer, credits } = input;
  const { creditMint, creditTokenProgram } = state.market;
  const { address: payerCredits } = await creditsAccount(payer.address, state.market);
  const accounts = await workerAccounts(state.address, input.owner);
  return getDepositBondInstructionAsync({ payer, market: state.pool.market, ...accounts, payerCredits, creditMint, creditTokenProgram, credits });
}

/** Mints vouchers against the bond, into an account of `to`. */
export async function mintVouchers(input: { state: PoolState; owner: TransactionSigner; resource: number; rawUnits: bigint; to: Address }): Promise<Instruction> {
  const { state, owner, resource, rawUnits } = input;
  const { worker } = await workerAccounts(state.address, owner.address);
  const { address: destination, mint: voucherMint } = await vouchersAccount(input.to, state.pool, resource);
  return getMintVouchersInstructionAsync({ owner, market: state.pool.market, pool: state.address, worker, voucherMint, destination, resource, rawUnits });
}

/** Sells capacity for at least `minProceeds`, which are held until it is delivered. */
export async function supply(input: { state: PoolState; owner: TransactionSigner; resource: number; rawUnits: bigint; minProceeds: bigint }): Promise<Instruction> {
  const { state, owner, resource, rawUnits, minProceeds } = input;
  const { worker, vault: workerVault } = await workerAccounts(state.address, owner.address);
  const { creditMint, creditTokenProgram } = state.market;
  return getSupplyInstructionAsync({ owner, market: state.pool.market, pool: state.address, worker, workerVault, creditMint, creditTokenProgram, resource, rawUnits, minProceeds });
}

/** What verifiers found in the enclave of a worker. */
export interface KeyLeaf {
  worker: Address;
  measurement: ReadonlyUint8Array;
  /** The enclave's ed25519 key. */
  key: Address;
  /** Raw units an hour, for each of eight resources. */
  capacity: readonly bigint[];
  /** Unix seconds. */
  expiry: bigint;
}

/**
 * Where one verifier has two thirds of the stake: has it propose the root of a tree of this one leaf, as number `number` of the market's registry, puts the root in
 * force, and registers the key as the worker's owner or operator. `place` is the verifier's in its set.
 */
export async function vouchForKey(input: {
  market: Address;
  genesisHash: ReadonlyUint8Array;
  verifier: TransactionSigner;
  place: number;
  number: bigint;
  signer: TransactionSigner;
  leaf: KeyLeaf;
}): Promise<Instruction[]> {
  const { market, verifier, leaf, number } = input;
  const depth = 0;
  const value = { ...leaf, capacity: [...leaf.capacity] };
  const { root, proof } = await merkleTree(depth, [await enclaveLeaf.digest({ program: HMM_PROGRAM_ADDRESS, genesis: input.genesisHash, market }, value)]);
  const [[registry], [verifierSet], [approval]] = await Promise.all([
    findRegistryPda({ market }),
    findVerifierSetPda({ market }),
    findApprovalPda({ market, measurement: leaf.measurement }),
  ]);
  const [proposal] = await getProgramDerivedAddress({
    programAddress: HMM_PROGRAM_ADDRESS,
    seeds: ['root', getAddressEncoder().encode(registry), getU64Encoder().encode(number), getU8Encoder().encode(depth), root],
  });
  return [
    await getProposeRootInstructionAsync({ verifier, registry, verifierSet, proposal, root, depth, index: input.place }),
    await getEnactRootInstructionAsync({ registry, verifierSet, proposal, rentPayer: verifier.address }),
    await getRegisterKeyInstructionAsync({ signer: input.signer, market, registry, worker: leaf.worker, approval, key: leaf.key, capacity: [...leaf.capacity], expiry: leaf.expiry, index: 0, proof: proof(0) }),
  ];
}
