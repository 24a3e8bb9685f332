// What a test needs of a network; the embedded VM and an RPC node are both one.
import type { Address, GetMultipleAccountsApi, Instruction, KeyPairSigner, Rpc, SimulateTransactionApi, TransactionSigner } from '@solana/kit';
import type { HmmEvent, MessageConfig } from '@hanzo/hmm';

/** What a transaction did. */
export interface Receipt {
  events: HmmEvent[];
  logs: readonly string[];
  computeUnits: bigint;
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
