// The end of a series: its stop, the sweep of its workers, the redemption of its vouchers. Token accounts are the associated ones, and must exist.
import type { Address, Instruction, TransactionSigner } from '@solana/kit';
import {
  getRedeemInstructionAsync,
  getStopSeriesInstructionAsync,
  getSweepSeriesInstructionAsync,
  type Pool,
} from './generated/index.js';
import type { PoolState } from './pool.js';
import { creditsAccount, vouchersAccount } from './tokens.js';
import { workerAddress } from './workers.js';

/** Writes down the last price of a series that is over. Anybody may send it. */
export const stop = (state: PoolState, resource: number): Promise<Instruction> =>
  getStopSeriesInstructionAsync({ market: state.pool.market, pool: state.address, observations: state.pool.observations, resource });

/** Brings what the owner's worker holds for a stopped series into its fund. Anybody may send it. */
export async function sweep({ address, pool, market }: PoolState, owner: Address, resource: number): Promise<Instruction> {
  const worker = await workerAddress(address, owner);
  return getSweepSeriesInstructionAsync({
    market: pool.market,
    pool: address,
    worker,
    creditVault: pool.creditVault,
    creditMint: market.creditMint,
    voucherMint: (await vouchersAccount(owner, pool, resource)).mint,
    creditTokenProgram: market.creditTokenProgram,
    resource,
  });
}

/** Burns the holder's vouchers for at least `minCredits`. */
export async function redeem(
  { address, pool, market }: PoolState,
  holder: TransactionSigner,
  resource: number,
  units: bigint,
  minCredits = 0n,
): Promise<Instruction> {
  const vouchers = await vouchersAccount(holder.address, pool, resource);
  return getRedeemInstructionAsync({
    holder,
    market: pool.market,
    pool: address,
    voucherMint: vouchers.mint,
    holderVouchers: vouchers.address,
    holderCredits: (await creditsAccount(holder.address, market)).address,
    creditVault: pool.creditVault,
    creditMint: market.creditMint,
    creditTokenProgram: market.creditTokenProgram,
    resource,
    units,
    minCredits,
  });
}

/** The price at which a series was stopped, Q64.64 raw credits per raw unit; 0 while it was not. */
export function stopPrice(pool: Pool, resource: number): bigint {
  const [low, high] = pool.stopPrice[resource]!;
  return (high! << 64n) | low!;
}

/** What `units` vouchers are paid, given the supply of their mint; undefined while the series was not stopped or somebody owes units of it. */
export function redemption(pool: Pool, resource: number, units: bigint, supply: bigint): bigint | undefined {
  const price = stopPrice(pool, resource);
  const vouchers = supply + pool.inJobs[resource]!;
  if (price === 0n || pool.issued[resource] !== 0n || units === 0n || units > vouchers) return undefined;
  const [part, most] = [(pool.fund[resource]! * units) / vouchers, (units * price) >> 64n];
  return part < most ? part : most;
}
