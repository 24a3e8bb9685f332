// What a test needs of a network; the embedded VM and an RPC node are both one.
import {
  getBase64EncodedWireTransaction,
  getBase64Encoder,
  type Address,
  type GetMultipleAccountsApi,
  type Instruction,
  type KeyPairSigner,
  type Rpc,
  type SimulateTransactionApi,
  type TransactionSigner,
} from '@solana/kit';
import type { HmmEvent, MessageConfig } from '@hanzo/hmm';

/** What a transaction did. */
export interface Receipt {
  events: HmmEvent[];
  logs: readonly string[];
  computeUnits: bigint;
  /** Bytes on the wire. */
  size: number;
}

export interface SendConfig extends Partial<Pick<MessageConfig, 'computeUnitLimit' | 'priorityFee' | 'lookupTables'>> {
  payer?: TransactionSigner;
}

export interface Network {
  /** Pays for everything unless told otherwise. */
  payer: KeyPairSigner;
  rpc: Rpc<GetMultipleAccountsApi & SimulateTransactionApi>;
  airdrop(address: Address): Promise<void>;
  /** Sends a transaction and waits for it; throws what the network throws if it fails. */
  send(instructions: readonly Instruction[], config?: SendConfig): Promise<Receipt>;
  /** Lets at least so many slots go by. */
  passSlots(count: bigint): Promise<void>;
  /** Lets at least so many seconds go by, and the slots that go with them. */
  passSeconds(count: bigint): Promise<void>;
}

export const PROGRAM = new URL('../../target/deploy/hmm.so', import.meta.url).pathname;

/** Bytes of a transaction that a node accepts. */
export const MAX_WIRE_SIZE = 1_232;

/** Bytes of a signed transaction. */
export const wireSize = (transaction: Parameters<typeof getBase64EncodedWireTransaction>[0]): number =>
  getBase64Encoder().encode(getBase64EncodedWireTransaction(transaction)).length;
