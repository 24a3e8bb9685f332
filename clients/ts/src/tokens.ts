// The token accounts a trade or a deposit needs.
import {
  fetchEncodedAccounts,
  type Address,
  type GetMultipleAccountsApi,
  type Instruction,
  type Rpc,
  type TransactionSigner,
} from '@solana/kit';
import { findAssociatedTokenPda, getCreateAssociatedTokenIdempotentInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import type { Market, Pool } from './generated/index.js';

/** An associated token account, and what creating it takes. */
export interface TokenAccount {
  address: Address;
  owner: Address;
  mint: Address;
  tokenProgram: Address;
}

async function associated(owner: Address, mint: Address, tokenProgram: Address): Promise<TokenAccount> {
  const [address] = await findAssociatedTokenPda({ owner, mint, tokenProgram });
  return { address, owner, mint, tokenProgram };
}

/** The owner's account of the market's credits. */
export const creditsAccount = (owner: Address, { creditMint, creditTokenProgram }: Market): Promise<TokenAccount> =>
  associated(owner, creditMint, creditTokenProgram);

/** The owner's account of a pool's shares. */
export const sharesAccount = (owner: Address, { lpMint }: Pool): Promise<TokenAccount> => associated(owner, lpMint, TOKEN_PROGRAM_ADDRESS);

/** The owner's account of a resource's vouchers. */
export function vouchersAccount(owner: Address, { voucherMints, resourceCount }: Pool, resource: number): Promise<TokenAccount> {
  const mint = resource < resourceCount ? voucherMints[resource] : undefined;
  if (mint === undefined) throw new RangeError(`the pool has no resource ${resource}`);
  return associated(owner, mint, TOKEN_PROGRAM_ADDRESS);
}

/** The instruction that creates an account, or does nothing if it exists. */
export const createTokenAccount = (payer: TransactionSigner, { address, owner, mint, tokenProgram }: TokenAccount): Instruction =>
  getCreateAssociatedTokenIdempotentInstruction({ payer, ata: address, owner, mint, tokenProgram });

/** Those of the accounts that do not exist. */
export async function missingTokenAccounts(rpc: Rpc<GetMultipleAccountsApi>, accounts: readonly TokenAccount[]): Promise<TokenAccount[]> {
  const found = await fetchEncodedAccounts(rpc, accounts.map(({ address }) => address));
  return accounts.filter((_, i) => !found[i]!.exists);
}
