// A market with its address, and what is read together with it.
import {
  assertAccountsExist,
  decodeAccount,
  fetchEncodedAccounts,
  getI64Decoder,
  getStructDecoder,
  getU64Decoder,
  type Address,
  type Commitment,
  type EncodedAccount,
  type GetMultipleAccountsApi,
  type Rpc,
} from '@solana/kit';
import type { Domain } from './attest.js';
import { decodeMarket, HMM_PROGRAM_ADDRESS, type Market } from './generated/index.js';

/** A market at one slot. */
export interface MarketState {
  address: Address;
  market: Market;
}

/** Cluster time: what the program reads as the clock. */
export interface ClusterClock {
  slot: bigint;
  /** Unix seconds. */
  unixTimestamp: bigint;
}

export const CLOCK_ADDRESS = 'SysvarC1ock11111111111111111111111111111111' as Address;
/** Nobody: where an account names no operator, no router. */
export const NOBODY = '11111111111111111111111111111111' as Address;

const clockDecoder = getStructDecoder([
  ['slot', getU64Decoder()],
  ['epochStartTimestamp', getI64Decoder()],
  ['epoch', getU64Decoder()],
  ['leaderScheduleEpoch', getU64Decoder()],
  ['unixTimestamp', getI64Decoder()],
]);

/** The clock in its account. */
export function clockOf(account: EncodedAccount): ClusterClock {
  const { slot, unixTimestamp } = decodeAccount(account, clockDecoder).data;
  return { slot, unixTimestamp };
}

/** Accounts of one slot, all of which must exist. */
export async function fetchExisting(rpc: Rpc<GetMultipleAccountsApi>, addresses: Address[], commitment: Commitment): Promise<EncodedAccount[]> {
  const accounts = await fetchEncodedAccounts(rpc, addresses, { commitment });
  assertAccountsExist(accounts);
  return accounts;
}

/** Reads a market. */
export async function fetchMarketState(rpc: Rpc<GetMultipleAccountsApi>, address: Address, commitment: Commitment = 'confirmed'): Promise<MarketState> {
  const [account] = await fetchExisting(rpc, [address], commitment);
  return { address, market: decodeMarket(account!).data };
}

/** Where what is signed for a market is valid. */
export const domainOf = ({ address, market }: MarketState): Domain => ({ program: HMM_PROGRAM_ADDRESS, genesis: market.genesisHash, market: address });
