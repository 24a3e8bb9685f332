// Transactions: fees, and lookup tables for trades of many legs.
import {
  appendTransactionMessageInstruction,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createNoopSigner,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageComputeUnitPrice,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  type Address,
  type AddressesByLookupTableAddress,
  type Base64EncodedWireTransaction,
  type Instruction,
  type TransactionSigner,
} from '@solana/kit';

export interface MessageConfig {
  payer: TransactionSigner;
  lifetime: Parameters<typeof setTransactionMessageLifetimeUsingBlockhash>[0];
  /** Compute units asked for; the priority fee is this times the price. */
  computeUnitLimit?: number;
  /** Micro-lamports a compute unit. */
  priorityFee?: bigint;
  /** Tables with the addresses that need not be written out. */
  lookupTables?: AddressesByLookupTableAddress;
}

/** Instructions as a transaction message, ready to be signed. */
export const toMessage = (instructions: readonly Instruction[], { payer, lifetime, computeUnitLimit, priorityFee, lookupTables = {} }: MessageConfig) =>
  pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => setTransactionMessageComputeUnitLimit(computeUnitLimit, message),
    (message) => setTransactionMessageComputeUnitPrice(priorityFee, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    (message) => compressTransactionMessageUsingAddressLookupTables(message, lookupTables),
  );

/** Any hash will do: the node puts a recent one in its place. */
const NO_BLOCKHASH = blockhash('11111111111111111111111111111111');
/** A simulation costs nothing: it may take what a transaction may take at most. */
const MAX_COMPUTE_UNITS = 1_400_000;

/** An instruction as a transaction that is only simulated: unsigned, with all the compute units there are. */
export function toSimulated(instruction: Instruction, payer: Address): Base64EncodedWireTransaction {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(createNoopSigner(payer), message),
    (message) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: NO_BLOCKHASH, lastValidBlockHeight: 0n }, message),
    (message) => setTransactionMessageComputeUnitLimit(MAX_COMPUTE_UNITS, message),
    (message) => appendTransactionMessageInstruction(instruction, message),
  );
  return getBase64EncodedWireTransaction(compileTransaction(message));
}

/** Most legs of a swap that fit a transaction with all its addresses written out, with its token accounts to create and a priority fee. */
export const MAX_LEGS_WITHOUT_TABLE = 5;

/** Whether a swap of so many legs needs a lookup table. */
export const needsLookupTable = (legs: number): boolean => legs > MAX_LEGS_WITHOUT_TABLE;

