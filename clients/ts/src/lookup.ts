// Address lookup tables. (Their generated client does not exist for this kit; these are the two instructions that are needed.)
import {
  AccountRole,
  getAddressEncoder,
  getArrayEncoder,
  getProgramDerivedAddress,
  getStructEncoder,
  getU32Encoder,
  getU64Encoder,
  getU8Encoder,
  type Address,
  type Instruction,
  type TransactionSigner,
} from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { findEventAuthorityPda } from './generated/index.js';
import type { PoolState } from './pool.js';

export const LOOKUP_TABLE_PROGRAM_ADDRESS = 'AddressLookupTab1e1111111111111111111111111' as Address;

/** The instruction that creates an empty table, and the table's address. `recentSlot` must be one of the last 512. */
export async function getCreateLookupTableInstruction(authority: TransactionSigner, recentSlot: bigint): Promise<{ table: Address; instruction: Instruction }> {
  const [table, bump] = await getProgramDerivedAddress({
    programAddress: LOOKUP_TABLE_PROGRAM_ADDRESS,
    seeds: [getAddressEncoder().encode(authority.address), getU64Encoder().encode(recentSlot)],
  });
  const data = getStructEncoder([
    ['instruction', getU32Encoder()],
    ['recentSlot', getU64Encoder()],
    ['bump', getU8Encoder()],
  ]).encode({ instruction: 0, recentSlot, bump });
  return { table, instruction: withAccounts(table, authority, data) };
}

/** The instruction that appends addresses to a table; about 20 fit a transaction. They can be used from the next slot on. */
export function getExtendLookupTableInstruction(table: Address, authority: TransactionSigner, addresses: Address[]): Instruction {
  const data = getStructEncoder([
    ['instruction', getU32Encoder()],
    ['addresses', getArrayEncoder(getAddressEncoder(), { size: getU64Encoder() })],
  ]).encode({ instruction: 2, addresses });
  return withAccounts(table, authority, data);
}

const withAccounts = (table: Address, authority: TransactionSigner, data: Instruction['data']): Instruction =>
  ({
    programAddress: LOOKUP_TABLE_PROGRAM_ADDRESS,
    accounts: [
      { address: table, role: AccountRole.WRITABLE },
      { address: authority.address, role: AccountRole.READONLY_SIGNER, signer: authority },
      { address: authority.address, role: AccountRole.WRITABLE_SIGNER, signer: authority },
      { address: SYSTEM_PROGRAM_ADDRESS, role: AccountRole.READONLY },
    ],
    data,
  }) as Instruction;

/** The addresses of a pool that every trader's swap names: what a table for it should hold. */
export async function poolAddresses({ address, pool, market }: PoolState): Promise<Address[]> {
  const [eventAuthority] = await findEventAuthorityPda();
  return [
    ...new Set([
      address,
      pool.market,
      pool.observations,
      pool.creditVault,
      market.creditMint,
      market.creditTokenProgram,
      TOKEN_PROGRAM_ADDRESS,
      SYSTEM_PROGRAM_ADDRESS,
      eventAuthority,
      ...pool.voucherMints.slice(0, pool.resourceCount),
    ]),
  ];
}
