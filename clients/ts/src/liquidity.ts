// Deposits and withdrawals: what they would move, and their instructions.
import type { Address, Instruction, TransactionSigner } from '@solana/kit';
import { getAddLiquidityInstructionAsync, getRemoveLiquidityInstructionAsync, type Amounts } from './generated/index.js';
import { depositCeil, firstSharesFloor, rotate, sharesForFloor, withdrawFloor, type Reserve } from './math/index.js';
import { reserveOf, type PoolState } from './pool.js';
import { creditsAccount, sharesAccount, vouchersAccount } from './tokens.js';

/** Locked for ever out of the first deposit. */
export const MINIMUM_SHARES = 1_000n;
const U64_MAX = (1n << 64n) - 1n;
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Shares and what they cost or pay, for each resource. */
export interface LiquidityQuote {
  shares: bigint;
  amounts: Amounts[];
}

/** The reserves as the program finds them: at the clock's slot. */
const reserves = ({ pool, market, clock }: PoolState): Reserve[] =>
  Array.from({ length: pool.resourceCount }, (_, i) => rotate(reserveOf(pool, i)!, clock.slot, market.riskWindow));

/** What a deposit of at most `most` of each side would mint and take. The first deposit takes `most` exactly. */
export function quoteAddLiquidity(state: PoolState, most: readonly Amounts[], maxShares: bigint = U64_MAX): LiquidityQuote {
  const { shares: supply, resourceCount } = state.pool;
  if (most.length !== resourceCount) throw new RangeError(`${most.length} amounts for ${resourceCount} resources`);
  const held = reserves(state);
  if (supply === 0n) {
    const sides = held.map(({ curve }, i) => ({ curve, psi: most[i]!.units, theta: most[i]!.credits }));
    return { shares: firstSharesFloor(sides) - MINIMUM_SHARES, amounts: [...most] };
  }
  const shares = held.reduce((shares, { psi, theta }, i) => {
    const { units, credits } = most[i]!;
    return least(shares, least(sharesForFloor(units, psi, supply), sharesForFloor(credits, theta, supply)));
  }, maxShares);
  const amounts = held.map(({ psi, theta }) => ({ units: depositCeil(shares, psi, supply), credits: depositCeil(shares, theta, supply) }));
  return { shares, amounts };
}

/** What shares would pay. */
export function quoteRemoveLiquidity(state: PoolState, shares: bigint): LiquidityQuote {
  const supply = state.pool.shares;
  const amounts = reserves(state).map(({ psi, theta }) => ({ units: withdrawFloor(shares, psi, supply), credits: withdrawFloor(shares, theta, supply) }));
  return { shares, amounts };
}

interface Provider {
  state: PoolState;
  provider: TransactionSigner;
  /** Unix seconds; 0 for none. */
  deadline?: bigint;
}

/** The accounts both instructions share; all are associated ones and must exist. */
async function accounts({ state, provider }: Provider) {
  const { address, pool, market } = state;
  const vouchers: Address[] = [];
  for (let resource = 0; resource < pool.resourceCount; resource++) {
    const account = await vouchersAccount(provider.address, pool, resource);
    vouchers.push(account.mint, account.address);
  }
  return {
    provider,
    market: pool.market,
    pool: address,
    observations: pool.observations,
    creditMint: market.creditMint,
    providerCredits: (await creditsAccount(provider.address, market)).address,
    creditVault: pool.creditVault,
    lpMint: pool.lpMint,
    providerShares: (await sharesAccount(provider.address, pool)).address,
    creditTokenProgram: market.creditTokenProgram,
    vouchers,
  };
}

/** A deposit of at most `most`, for at least `minShares` and at most `maxShares`. */
export async function getDepositInstruction(
  input: Provider & { most: Amounts[]; minShares: bigint; maxShares?: bigint },
): Promise<Instruction> {
  const { most, minShares, maxShares = U64_MAX, deadline = 0n } = input;
  return getAddLiquidityInstructionAsync({ ...(await accounts(input)), most, minShares, maxShares, deadline });
}

/** A withdrawal of shares for at least `least` of each side. */
export async function getWithdrawInstruction(input: Provider & { shares: bigint; least: Amounts[] }): Promise<Instruction> {
  const { shares, least, deadline = 0n } = input;
  return getRemoveLiquidityInstructionAsync({ ...(await accounts(input)), shares, least, deadline });
}
