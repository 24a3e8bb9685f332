// Verification and settlement: what is signed, who is drawn, and the instructions. Token accounts are the associated ones, and must exist.
import {
  getBase64Encoder,
  signBytes,
  type Address,
  type Commitment,
  type GetMultipleAccountsApi,
  type Instruction,
  type KeyPairSigner,
  type ReadonlyUint8Array,
  type Rpc,
  type SimulateTransactionApi,
  type TransactionSigner,
} from '@solana/kit';
import { attestation, ed25519Instruction } from './attest.js';
import { HmmRefusal } from './errors.js';
import {
  decodeRound,
  findApprovalPda,
  findBondPda,
  findEnclaveKeyPda,
  findRoundPda,
  findVerifierSetPda,
  getAppealInstructionAsync,
  getChallengeInstructionAsync,
  getClaimAssignmentInstructionAsync,
  getCloseRoundInstructionAsync,
  getDrawInstructionAsync,
  getProveLeafInstructionAsync,
  getRoundDecoder,
  getSettleInstructionAsync,
  getSubmitAttestationInstructionAsync,
  getTallyInstructionAsync,
  type Assignment,
  type Round,
} from './generated/index.js';
import { marketOf, type JobState, type Part } from './jobs.js';
import { domainOf, fetchExisting, NOBODY } from './market.js';
import { Phase } from './status.js';
import { creditsAccount } from './tokens.js';
import { toSimulated } from './transaction.js';

/** What an enclave says of its work. */
export interface Report {
  reportDigest: ReadonlyUint8Array;
  outputRoot: ReadonlyUint8Array;
  traceRoot: ReadonlyUint8Array;
  /** Raw units, per resource of the worker's pool, eight numbers. */
  usage: bigint[];
}

const creditsOf = async ({ market }: JobState, owner: Address): Promise<Address> => (await creditsAccount(owner, market)).address;

/** The accounts that these instructions share. */
const accounts = ({ address, job, market: { creditMint, creditTokenProgram } }: JobState, part: Part) => ({
  market: job.market,
  job: address,
  assignment: part.address,
  escrow: job.escrow,
  creditMint,
  creditTokenProgram,
});

// --- attestation

/** What the enclave signs. */
export const digest = (state: JobState, { address, assignment: { worker } }: Part, measurement: ReadonlyUint8Array, report: Report): Promise<Uint8Array> => {
  const { modelRoot, inputRoot } = state.job;
  return attestation.digest(domainOf(marketOf(state)), { job: state.address, assignment: address, worker, modelRoot, inputRoot, measurement, ...report });
};

/** What an enclave has signed: its key, the measurement that the key is registered with, the signature of the {@link digest}. */
export interface Signed {
  key: Address;
  measurement: ReadonlyUint8Array;
  signature: ReadonlyUint8Array;
}

/** Signs as an enclave whose key is at hand. */
export async function sign(state: JobState, part: Part, enclave: KeyPairSigner, measurement: ReadonlyUint8Array, report: Report): Promise<Signed> {
  const signature = await signBytes(enclave.keyPair.privateKey, await digest(state, part, measurement, report));
  return { key: enclave.address, measurement, signature };
}

/** Attests, as the worker's owner or operator: the ed25519 instruction, then the submission, which has to follow it at once. */
export async function submit(state: JobState, part: Part, signer: TransactionSigner, report: Report, { key, measurement, signature }: Signed): Promise<[Instruction, Instruction]> {
  const { market } = state.job;
  const { worker } = part.assignment;
  const [[enclaveKey], [approval]] = await Promise.all([findEnclaveKeyPda({ worker, key }), findApprovalPda({ market, measurement })]);
  return [
    ed25519Instruction(key, signature, await digest(state, part, measurement, report)),
    await getSubmitAttestationInstructionAsync({ ...accounts(state, part), signer, worker, enclaveKey, approval, ...report }),
  ];
}

// --- committees

const DISPUTES: readonly number[] = [Phase.Disputed, Phase.Appealed];
const DRAWN: readonly number[] = [Phase.Submitted, Phase.Verifying, ...DISPUTES];

/** The number of the round that was drawn last, or will be drawn. */
export function roundNumber({ phase, seats, rounds }: Assignment): number {
  const waits = seats === 0 && DRAWN.includes(phase);
  return waits || rounds === 0 ? rounds : rounds - 1;
}

/** Where that round is. */
export async function roundAddress({ address: assignment, assignment: data }: Part, number: number = roundNumber(data)): Promise<Address> {
  const [round] = await findRoundPda({ assignment, number });
  return round;
}

/** Reads a round. */
export async function fetchRound(rpc: Rpc<GetMultipleAccountsApi>, address: Address, commitment: Commitment = 'confirmed'): Promise<Round> {
  const [account] = await fetchExisting(rpc, [address], commitment);
  return decodeRound(account!).data;
}

/** Draws the next committee. In a dispute all earlier rounds are held against it. Anybody may, and pays the round's rent. */
export async function draw(state: JobState, part: Part, payer: TransactionSigner): Promise<Instruction> {
  const { phase, rounds, worker } = part.assignment;
  const [verifierSet] = await findVerifierSetPda({ market: state.job.market });
  const numbers = Array.from({ length: DISPUTES.includes(phase) ? rounds : 0 }, (_, number) => number);
  const earlier = await Promise.all(numbers.map((number) => roundAddress(part, number)));
  return getDrawInstructionAsync({ ...accounts(state, part), payer, worker, verifierSet, round: await roundAddress(part, rounds), earlier });
}

/**
 * Whom the draw would choose now, by the program's own draw in a simulation: so that one of them can commit in the transaction that draws. Undefined
 * where no committee would be seated. Throws an {@link HmmRefusal} where the program refuses.
 */
export async function simulateDraw(
  rpc: Rpc<SimulateTransactionApi>,
  state: JobState,
  part: Part,
  payer: TransactionSigner,
  commitment: Commitment = 'confirmed',
): Promise<Round | undefined> {
  const address = await roundAddress(part, part.assignment.rounds);
  const { value } = await rpc
    .simulateTransaction(toSimulated(await draw(state, part, payer), payer.address), {
      commitment,
      encoding: 'base64',
      replaceRecentBlockhash: true,
      sigVerify: false,
      accounts: { encoding: 'base64', addresses: [address] },
    })
    .send();
  if (value.err !== null) throw HmmRefusal.fromLogs(value.logs ?? []) ?? new Error('the draw failed', { cause: value.err });
  const data = getBase64Encoder().encode(value.accounts[0]?.data[0] ?? '');
  return data.length === 0 ? undefined : getRoundDecoder().decode(data);
}

/** Counts the votes of the round that runs. Anybody may send it. */
export async function tally(state: JobState, part: Part): Promise<Instruction> {
  return getTallyInstructionAsync({ ...accounts(state, part), round: await roundAddress(part) });
}

/** Closes a round of an assignment that is done or gone. Anybody may send it. */
export const closeRound = (address: Address, { rentPayer, assignment }: Round): Promise<Instruction> =>
  getCloseRoundInstructionAsync({ round: address, rentPayer, assignment });

// --- disputes

/** Disputes the verdict, or joins the dispute, with a bond. */
export async function challenge(state: JobState, part: Part, challenger: TransactionSigner): Promise<Instruction> {
  return getChallengeInstructionAsync({ ...accounts(state, part), challenger, challengerCredits: await creditsOf(state, challenger.address) });
}

/** Appeals against the ruling, with a bond. */
export async function appeal(state: JobState, part: Part, appellant: TransactionSigner): Promise<Instruction> {
  return getAppealInstructionAsync({ ...accounts(state, part), appellant, appellantCredits: await creditsOf(state, appellant.address) });
}

/** Proves a fraud by a link of the trace; the items are those of `attest.linkItems`. */
export async function prove(state: JobState, part: Part, prover: TransactionSigner, link: number, items: readonly ReadonlyUint8Array[]): Promise<Instruction> {
  const round = part.assignment.seats > 0 ? await roundAddress(part) : undefined;
  return getProveLeafInstructionAsync({ ...accounts(state, part), prover, round, link, items: [...items] });
}

// --- the end

/** Pays everything out by the final verdict. Anybody may send it. */
export async function settle(state: JobState, part: Part): Promise<Instruction> {
  const { worker } = part.assignment;
  const [workerVault] = await findBondPda({ worker });
  return getSettleInstructionAsync({ ...accounts(state, part), worker, workerVault });
}

/** Whom the assignment owes something: challengers, the appellant, the finder of a fraud. */
export function payees({ challengers, challengerClaim, appellant, appellantClaim, finder, finderClaim }: Assignment): Address[] {
  const owed = [
    ...(challengerClaim > 0n ? challengers.filter((challenger) => challenger !== NOBODY) : []),
    ...(appellantClaim > 0n ? [appellant] : []),
    ...(finderClaim > 0n ? [finder] : []),
  ];
  return [...new Set(owed)];
}

/** Pays them, and closes the assignment if nothing is left in it. Anybody may send it. */
export async function claim(state: JobState, part: Part, to: readonly Address[] = payees(part.assignment)): Promise<Instruction> {
  const accountsOfPayees = await Promise.all(to.map((payee) => creditsOf(state, payee)));
  return getClaimAssignmentInstructionAsync({ ...accounts(state, part), rentPayer: part.assignment.rentPayer, payees: accountsOfPayees });
}
