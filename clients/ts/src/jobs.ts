// Jobs: their state at one slot, and the instructions of their life. Token accounts are the associated ones, and must exist.
import {
  fetchEncodedAccounts,
  type Address,
  type Commitment,
  type GetMultipleAccountsApi,
  type Instruction,
  type ReadonlyUint8Array,
  type Rpc,
  type TransactionSigner,
} from '@solana/kit';
import {
  decodeAssignment,
  decodeJob,
  decodeMarket,
  findAssignmentPda,
  findBondPda,
  findClientPda,
  findJobPda,
  getAssignInstructionAsync,
  getClaimJobInstructionAsync,
  getCloseJobInstructionAsync,
  getDepositVouchersInstructionAsync,
  getExpireInstructionAsync,
  getFillInstructionAsync,
  getOpenJobInstructionAsync,
  getRegisterClientInstructionAsync,
  getStartInstructionAsync,
  getTopUpInstructionAsync,
  getUnassignInstructionAsync,
  type Assignment,
  type Job,
  type Leg,
  type LineSpecArgs,
  type Market,
  type OpenJobInstructionDataArgs,
} from './generated/index.js';
import { CLOCK_ADDRESS, clockOf, fetchExisting, NOBODY, type ClusterClock, type MarketState } from './market.js';
import { nameBytes, type PoolState } from './pool.js';
import { creditsAccount, vouchersAccount } from './tokens.js';

/** One worker's part of a job. */
export interface Part {
  address: Address;
  assignment: Assignment;
}

/** A job, its market, the assignments whose accounts exist, and the clock: all of one slot. */
export interface JobState {
  address: Address;
  job: Job;
  market: Market;
  parts: Part[];
  clock: ClusterClock;
}

/** Reads a job with all that belongs to it. */
export async function fetchState(rpc: Rpc<GetMultipleAccountsApi>, address: Address, commitment: Commitment = 'confirmed'): Promise<JobState> {
  const first = decodeJob((await fetchExisting(rpc, [address], commitment))[0]!).data;
  const places = await Promise.all(Array.from({ length: first.assigned }, (_, index) => findAssignmentPda({ job: address, index })));
  const addresses = [address, first.market, CLOCK_ADDRESS, ...places.map(([place]) => place)];
  const [job, market, clock, ...parts] = await fetchEncodedAccounts(rpc, addresses, { commitment });
  if (!job?.exists || !market?.exists || !clock?.exists) throw new Error(`the job ${address} is gone`);
  return {
    address,
    job: decodeJob(job).data,
    market: decodeMarket(market).data,
    parts: parts.flatMap((part) => (part.exists ? [{ address: part.address, assignment: decodeAssignment(part).data }] : [])),
    clock: clockOf(clock),
  };
}

/** The assignment of this index; throws if its account is gone, or never was. */
export function partOf({ address, parts }: JobState, index: number): Part {
  const part = parts.find(({ assignment }) => assignment.index === index);
  if (part === undefined) throw new RangeError(`the job ${address} has no assignment ${index}`);
  return part;
}

/** The market of a job. */
export const marketOf = ({ job, market }: JobState): MarketState => ({ address: job.market, market });

/** Where the client's job of this number is; numbers count up from 0, the client's account has the next one. */
export async function jobAddress(market: Address, owner: Address, id: bigint | number): Promise<Address> {
  const [client] = await findClientPda({ market, owner });
  const [job] = await findJobPda({ client, id });
  return job;
}

const creditsOf = async (market: Market, owner: Address): Promise<Address> => (await creditsAccount(owner, market)).address;

/** The accounts that instructions of a job share. */
const accounts = ({ address, job, market: { creditMint, creditTokenProgram } }: JobState) => ({ job: address, market: job.market, escrow: job.escrow, creditMint, creditTokenProgram });

/** Those that instructions of an assignment share besides. */
async function withWorker(state: JobState, { address, assignment: { worker } }: Part) {
  const [workerVault] = await findBondPda({ worker });
  return { ...accounts(state), assignment: address, worker, workerVault };
}

/** Registers a client with a market: once, before its first job. */
export const register = (market: Address, owner: TransactionSigner): Promise<Instruction> => getRegisterClientInstructionAsync({ owner, market });

type Args = OpenJobInstructionDataArgs;

/** What a client wants. What is left out asks for nothing. Amounts are raw. */
export interface JobSpec extends Partial<Pick<Args, 'maxLatencyMs' | 'privacyTier' | 'minQuality' | 'proofLevel' | 'traceDepth' | 'gang' | 'router'>> {
  lines: LineSpecArgs[];
  /** Regions of a pool by their names, at most four; any if there is none. */
  regions?: string[];
  modelRoot: ReadonlyUint8Array;
  inputRoot: ReadonlyUint8Array;
  /** Credits to lock. */
  budget: bigint;
  /** End of filling and assigning, unix seconds. */
  assignBy: bigint;
  /** End of starting. */
  startBy: bigint;
  /** End of submitting. */
  submitBy: bigint;
}

/** Opens the client's job of this number. */
export async function open(state: MarketState, owner: TransactionSigner, id: bigint | number, { regions = [], ...spec }: JobSpec): Promise<Instruction> {
  const { address: market, market: { creditMint, creditTokenProgram } } = state;
  const [client] = await findClientPda({ market, owner: owner.address });
  return getOpenJobInstructionAsync({
    maxLatencyMs: 2 ** 32 - 1,
    privacyTier: 0,
    minQuality: 0,
    proofLevel: 0,
    traceDepth: 0,
    gang: false,
    router: NOBODY,
    ...spec,
    regions: regions.map(nameBytes),
    owner,
    market,
    client,
    job: await jobAddress(market, owner.address, id),
    creditMint,
    ownerCredits: await creditsOf(state.market, owner.address),
    creditTokenProgram,
  });
}

/** Adds credits. Anybody may. */
export async function topUp(state: JobState, payer: TransactionSigner, amount: bigint): Promise<Instruction> {
  return getTopUpInstructionAsync({ ...accounts(state), payer, payerCredits: await creditsOf(state.market, payer.address), amount });
}

/** Buys of one pool, as the client or its router. */
export const fill = (state: JobState, caller: TransactionSigner, pool: PoolState, legs: Leg[]): Promise<Instruction> =>
  getFillInstructionAsync({ ...accounts(state), caller, pool: pool.address, legs });

/** Brings vouchers of the client's wallet. */
export async function depositVouchers(state: JobState, owner: TransactionSigner, { address: pool, pool: data }: PoolState, resource: number, units: bigint): Promise<Instruction> {
  const { mint: voucherMint, address: ownerVouchers } = await vouchersAccount(owner.address, data, resource);
  return getDepositVouchersInstructionAsync({ owner, job: state.address, pool, voucherMint, ownerVouchers, resource, units });
}

/** Names a worker for `units` by line, as the client or its router. */
export async function assign(state: JobState, caller: TransactionSigner, pool: Address, worker: Address, units: bigint[]): Promise<Instruction> {
  const [assignment] = await findAssignmentPda({ job: state.address, index: state.job.assigned });
  return getAssignInstructionAsync({ ...accounts(state), caller, assignment, worker, pool, units });
}

/** Declines, as the worker, or releases, as the client or its router. */
export async function unassign(state: JobState, part: Part, caller: TransactionSigner): Promise<Instruction> {
  return getUnassignInstructionAsync({ ...(await withWorker(state, part)), caller, rentPayer: part.assignment.rentPayer });
}

/** The pool of an assignment's worker. */
function poolOf({ job: { lines } }: JobState, { assignment: { lots } }: Part): Address {
  return lines[lots.findIndex(({ bought, wallet }) => bought + wallet > 0n)]!.pool;
}

/** Starts, as the worker's owner or operator. */
export async function start(state: JobState, part: Part, operator: TransactionSigner): Promise<Instruction> {
  return getStartInstructionAsync({ ...(await withWorker(state, part)), operator, pool: poolOf(state, part) });
}

/** Ends an assignment that missed its time; a finder's part goes to the finder's account of credits. Anybody may send it. */
export async function expire(state: JobState, part: Part, finder: Address): Promise<Instruction> {
  const finderCredits = await creditsOf(state.market, finder);
  return getExpireInstructionAsync({ ...(await withWorker(state, part)), pool: poolOf(state, part), finderCredits, rentPayer: part.assignment.rentPayer });
}

/** Ends the job, as the client, or as anybody from `assignBy` on. */
export const close = ({ address }: JobState, caller: TransactionSigner): Promise<Instruction> => getCloseJobInstructionAsync({ caller, job: address });

/** Pays a closed job out to the client: its credits and the vouchers of the lines of these pools. Anybody may send it. */
export async function claim(state: JobState, pools: readonly PoolState[] = []): Promise<Instruction> {
  const { owner, lines, lineCount, rentPayer } = state.job;
  const vouchers: Address[] = [];
  for (const { pool: address, resource, claim } of lines.slice(0, lineCount)) {
    const pool = pools.find((pool) => pool.address === address);
    if (claim === 0n || pool === undefined) continue;
    const account = await vouchersAccount(owner, pool.pool, resource);
    vouchers.push(address, account.mint, account.address);
  }
  return getClaimJobInstructionAsync({ ...accounts(state), ownerCredits: await creditsOf(state.market, owner), rentPayer, vouchers });
}
