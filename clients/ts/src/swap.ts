// A vector swap as instructions.
import { type Address, type GetMultipleAccountsApi, type Instruction, type Rpc, type TransactionSigner } from '@solana/kit';
import { getSwapInstructionAsync, type Leg, type Quote } from './generated/index.js';
import { fetchPoolState, type PoolState } from './pool.js';
import { accepted, isBuy, quote, unlimited, withSlippage, type Terms } from './quote.js';
import { createTokenAccount, creditsAccount, missingTokenAccounts, vouchersAccount } from './tokens.js';

export interface VectorSwapInput {
  state: PoolState;
  trader: TransactionSigner;
  legs: Leg[];
  /** Credits paid at most; negative: received at least. */
  netLimit: bigint;
  /** Unix seconds; 0 for none. */
  deadline?: bigint;
  /** The trader's account of credits, if it is not the associated one. */
  traderCredits?: Address;
}

/** The swap alone. The trader's voucher accounts are the associated ones, and must exist. */
export async function getVectorSwapInstruction({ state, trader, legs, netLimit, deadline = 0n, traderCredits }: VectorSwapInput): Promise<Instruction> {
  const { address, pool, market } = state;
  const vouchers = await Promise.all(legs.map(({ resource }) => vouchersAccount(trader.address, pool, resource)));
  return getSwapInstructionAsync({
    trader,
    market: pool.market,
    pool: address,
    observations: pool.observations,
    creditMint: market.creditMint,
    traderCredits: traderCredits ?? (await creditsAccount(trader.address, market)).address,
    creditVault: pool.creditVault,
    creditTokenProgram: market.creditTokenProgram,
    legs,
    netLimit,
    deadline,
    vouchers: vouchers.flatMap(({ mint, address }) => [mint, address]),
  });
}

/** The swap, preceded by the creation of the trader's token accounts that it pays into and that do not exist. */
export async function getSwapInstructions(rpc: Rpc<GetMultipleAccountsApi>, input: VectorSwapInput): Promise<Instruction[]> {
  const { state, trader, legs, netLimit, traderCredits } = input;
  const bought = legs.filter(({ kind }) => isBuy(kind));
  const receiving = await Promise.all(bought.map(({ resource }) => vouchersAccount(trader.address, state.pool, resource)));
  if (netLimit < 0n && traderCredits === undefined) receiving.push(await creditsAccount(trader.address, state.market));
  const missing = await missingTokenAccounts(rpc, receiving);
  return [...missing.map((account) => createTokenAccount(trader, account)), await getVectorSwapInstruction(input)];
}

/** The whole way: reads the pool, quotes, sets limits, and gives the instructions. Throws an `HmmRefusal` where the program would refuse. */
export async function prepareSwap(
  rpc: Rpc<GetMultipleAccountsApi>,
  { pool, trader, terms, slippageBps, deadline }: { pool: Address; trader: TransactionSigner; terms: Terms[]; slippageBps?: number; deadline?: bigint },
): Promise<{ state: PoolState; quote: Quote; instructions: Instruction[] }> {
  const state = await fetchPoolState(rpc, pool);
  const quoted = accepted(quote(state, terms.map(unlimited)));
  const instructions = await getSwapInstructions(rpc, { state, trader, ...withSlippage(terms, quoted, slippageBps), deadline });
  return { state, quote: quoted, instructions };
}
