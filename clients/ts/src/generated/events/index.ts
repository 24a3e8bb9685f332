// Generated from the IDL. Do not edit: run `npm run generate`.
import { containsBytes, type ReadonlyUint8Array } from '@solana/kit';
import {
  getBootstrapMarkSetDecoder,
  type BootstrapMarkSet,
  getFeesCollectedDecoder,
  type FeesCollected,
  getLiquidityAddedDecoder,
  type LiquidityAdded,
  getLiquidityRemovedDecoder,
  type LiquidityRemoved,
  getRefusedDecoder,
  type Refused,
  getRefusedAccountDecoder,
  type RefusedAccount,
  getSwappedDecoder,
  type Swapped,
  getVouchersIssuedDecoder,
  type VouchersIssued,
} from '../types/index.js';

/** An event of the program: its name and its fields. */
export type HmmEvent =
  | { name: 'BootstrapMarkSet'; data: BootstrapMarkSet }
  | { name: 'FeesCollected'; data: FeesCollected }
  | { name: 'LiquidityAdded'; data: LiquidityAdded }
  | { name: 'LiquidityRemoved'; data: LiquidityRemoved }
  | { name: 'Refused'; data: Refused }
  | { name: 'RefusedAccount'; data: RefusedAccount }
  | { name: 'Swapped'; data: Swapped }
  | { name: 'VouchersIssued'; data: VouchersIssued };

const EVENTS = [
  { name: 'BootstrapMarkSet', discriminator: [148, 149, 18, 31, 115, 226, 32, 254], decoder: getBootstrapMarkSetDecoder() },
  { name: 'FeesCollected', discriminator: [233, 23, 117, 225, 107, 178, 254, 8], decoder: getFeesCollectedDecoder() },
  { name: 'LiquidityAdded', discriminator: [154, 26, 221, 108, 238, 64, 217, 161], decoder: getLiquidityAddedDecoder() },
  { name: 'LiquidityRemoved', discriminator: [225, 105, 216, 39, 124, 116, 169, 189], decoder: getLiquidityRemovedDecoder() },
  { name: 'Refused', discriminator: [230, 49, 133, 208, 106, 62, 106, 169], decoder: getRefusedDecoder() },
  { name: 'RefusedAccount', discriminator: [142, 224, 193, 3, 246, 77, 137, 83], decoder: getRefusedAccountDecoder() },
  { name: 'Swapped', discriminator: [217, 52, 52, 83, 147, 135, 96, 109], decoder: getSwappedDecoder() },
  { name: 'VouchersIssued', discriminator: [237, 3, 171, 55, 78, 157, 9, 79], decoder: getVouchersIssuedDecoder() },
] as const;

/** Decodes an event, discriminator first; undefined if it is none of this program's. */
export function decodeHmmEvent(bytes: ReadonlyUint8Array): HmmEvent | undefined {
  const event = EVENTS.find(({ discriminator }) => containsBytes(bytes, new Uint8Array(discriminator), 0));
  return event && ({ name: event.name, data: event.decoder.decode(bytes, 8) } as HmmEvent);
}
