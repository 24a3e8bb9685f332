// What verifiers do: stakes, the votes for a root of the registry, the votes on work. Token accounts are the associated ones, and must exist.
import type { Address, Instruction, ReadonlyUint8Array, TransactionSigner } from '@solana/kit';
import { verifierCommit } from './attest.js';
import {
  findApprovalPda,
  findRegistryPda,
  findRootProposalPda,
  findVerifierSetPda,
  getApproveMeasurementInstructionAsync,
  getBurnSlashedInstructionAsync,
  getCloseRootInstructionAsync,
  getCommitInstructionAsync,
  getCreateVerifierSetInstructionAsync,
  getEnactRootInstructionAsync,
  getFundBonusInstructionAsync,
  getProposeRootInstructionAsync,
  getRevealInstructionAsync,
  getRevokeMeasurementInstructionAsync,
  getStakeInstructionAsync,
  getUnstakeInstructionAsync,
  getVoteRootInstructionAsync,
  getWithdrawStakeInstructionAsync,
  type Round,
  type VerifierSet,
} from './generated/index.js';
import { domainOf, type MarketState } from './market.js';
import { creditsAccount } from './tokens.js';
import type { KeyTree } from './workers.js';

/** The accounts that these instructions share. */
const accounts = ({ address: market, market: { creditMint, creditTokenProgram } }: MarketState) => ({ market, creditMint, creditTokenProgram });

const creditsOf = async ({ market }: MarketState, owner: Address): Promise<Address> => (await creditsAccount(owner, market)).address;

// --- the set and its stakes

/** Creates the verifier set of a market, its vaults and its registry, as the authority. */
export const createSet = (market: MarketState, authority: TransactionSigner): Promise<Instruction> =>
  getCreateVerifierSetInstructionAsync({ ...accounts(market), authority });

/** The place of a verifier in its set, undefined if it has none. */
export function place({ verifiers }: VerifierSet, owner: Address): number | undefined {
  const index = verifiers.findIndex((verifier) => verifier.owner === owner);
  return index < 0 ? undefined : index;
}

/** Stakes. */
export async function stake(market: MarketState, verifier: TransactionSigner, amount: bigint): Promise<Instruction> {
  return getStakeInstructionAsync({ ...accounts(market), verifier, verifierCredits: await creditsOf(market, verifier.address), amount });
}

/** Asks stake back, as the verifier at place `index`. */
export const unstake = (market: MarketState, verifier: TransactionSigner, index: number, amount: bigint): Promise<Instruction> =>
  getUnstakeInstructionAsync({ market: market.address, verifier, index, amount });

/** Pays the verifier at place `index` what is due. Anybody may send it. */
export async function withdraw(market: MarketState, verifier: Address, index: number): Promise<Instruction> {
  return getWithdrawStakeInstructionAsync({ ...accounts(market), verifier, verifierCredits: await creditsOf(market, verifier), index });
}

/** Burns what was slashed. Anybody may send it. */
export const burnSlashed = (market: MarketState): Promise<Instruction> => getBurnSlashedInstructionAsync(accounts(market));

/** Gives credits for bonuses. */
export async function fundBonus(market: MarketState, funder: TransactionSigner, amount: bigint): Promise<Instruction> {
  return getFundBonusInstructionAsync({ ...accounts(market), funder, funderCredits: await creditsOf(market, funder.address), amount });
}

// --- the registry

/** Approves a measurement, as the authority. */
export const approve = ({ address }: MarketState, authority: TransactionSigner, measurement: ReadonlyUint8Array): Promise<Instruction> =>
  getApproveMeasurementInstructionAsync({ market: address, authority, measurement });

/** Revokes a measurement for ever, as the guardian or the authority. */
export async function revoke({ address: market }: MarketState, signer: TransactionSigner, measurement: ReadonlyUint8Array): Promise<Instruction> {
  const [approval] = await findApprovalPda({ market, measurement });
  return getRevokeMeasurementInstructionAsync({ market, signer, approval });
}

async function registryOf(market: Address) {
  const [[registry], [verifierSet]] = await Promise.all([findRegistryPda({ market }), findVerifierSetPda({ market })]);
  return { registry, verifierSet };
}

/** Where the proposal of a tree's root is; `number` is one above that of the root in force. */
export async function proposalAddress({ market, depth, root }: KeyTree, number: bigint): Promise<Address> {
  const { registry } = await registryOf(market);
  const [proposal] = await findRootProposalPda({ registry, number, depth, root });
  return proposal;
}

/** Proposes the root of a tree, as the verifier at place `index`, who pays and votes for it. */
export async function propose(tree: KeyTree, verifier: TransactionSigner, index: number, number: bigint): Promise<Instruction> {
  const { root, depth, market } = tree;
  return getProposeRootInstructionAsync({ ...(await registryOf(market)), verifier, proposal: await proposalAddress(tree, number), root, depth, index });
}

/** Votes for a proposal, as the verifier at place `index`. Six such votes fit a transaction. */
export async function vote(market: Address, verifier: TransactionSigner, index: number, proposal: Address): Promise<Instruction> {
  return getVoteRootInstructionAsync({ ...(await registryOf(market)), verifier, proposal, index });
}

/** Puts a root in force that has enough votes; `rentPayer` proposed it. Anybody may send it. */
export async function enact(market: Address, proposal: Address, rentPayer: Address): Promise<Instruction> {
  return getEnactRootInstructionAsync({ ...(await registryOf(market)), proposal, rentPayer });
}

/** Closes a proposal that failed; `rentPayer` proposed it. Anybody may send it. */
export async function closeRoot(market: Address, proposal: Address, rentPayer: Address): Promise<Instruction> {
  return getCloseRootInstructionAsync({ registry: (await registryOf(market)).registry, proposal, rentPayer });
}

// --- votes on work

/** What a verifier says of the work. */
export interface Vote {
  /** Of 10,000. */
  score: number;
  /** Information gain, fixed point. */
  deltaI: bigint;
  /** Utility gain, fixed point. */
  deltaU: bigint;
  /** 32 bytes, secret until the vote is revealed. */
  salt: ReadonlyUint8Array;
}

/** A salt that nobody guesses. */
export const newSalt = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

/** The seat of a verifier in a round, undefined if it has none. */
export function seatOf({ seats, seatCount }: Round, verifier: Address): number | undefined {
  const seat = seats.slice(0, seatCount).findIndex((seat) => seat.verifier === verifier);
  return seat < 0 ? undefined : seat;
}

/** What binds a seat to a vote. */
export const commitment = (market: MarketState, round: Address, seat: number, vote: Vote): Promise<Uint8Array> =>
  verifierCommit.digest(domainOf(market), { round, seat, ...vote });

/** Binds the verifier to its vote. */
export async function commit(market: MarketState, round: Address, seat: number, verifier: TransactionSigner, vote: Vote): Promise<Instruction> {
  return getCommitInstructionAsync({ verifier, round, seat, commitment: await commitment(market, round, seat, vote) });
}

/** Opens the vote. */
export const reveal = ({ address: market }: MarketState, round: Address, seat: number, verifier: TransactionSigner, vote: Vote): Promise<Instruction> =>
  getRevealInstructionAsync({ verifier, market, round, seat, ...vote });
