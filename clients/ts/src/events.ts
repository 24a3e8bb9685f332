// Events: the program emits them by calling itself, so they are inner instructions of a transaction.
import {
  containsBytes,
  decodeTransactionFromRpcResponse,
  walkInstructions,
  type Address,
  type GetTransactionApi,
  type ReadonlyUint8Array,
  type Rpc,
  type Signature,
} from '@solana/kit';
import { decodeHmmEvent, HMM_PROGRAM_ADDRESS, type HmmEvent } from './generated/index.js';

/** What the data of such an instruction begins with: sha256("anchor:event")[..8], reversed. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** The events among instructions, in order. Those of other programs are skipped. */
export function eventsOf(instructions: Iterable<{ programAddress: Address; data?: ReadonlyUint8Array }>): HmmEvent[] {
  const events: HmmEvent[] = [];
  for (const { programAddress, data } of instructions) {
    if (programAddress !== HMM_PROGRAM_ADDRESS || data === undefined || !containsBytes(data, TAG, 0)) continue;
    const event = decodeHmmEvent(data.slice(TAG.length));
    if (event !== undefined) events.push(event);
  }
  return events;
}

/** The events of a transaction; none if it is not there or failed. */
export async function fetchEvents(rpc: Rpc<GetTransactionApi>, signature: Signature): Promise<HmmEvent[]> {
  const transaction = await rpc
    .getTransaction(signature, { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 })
    .send();
  if (transaction === null || transaction.meta?.err != null) return [];
  const { compiledMessage, loadedAddresses } = decodeTransactionFromRpcResponse(transaction);
  // Only the program can call itself with its event authority's signature: an outer instruction is nobody's event.
  return eventsOf(walkInstructions({ compiledMessage, loadedAddresses, meta: transaction.meta }).filter(({ trace }) => trace.kind === 'inner'));
}
