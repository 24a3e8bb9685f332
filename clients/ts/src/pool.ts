// A pool as the clients use it: the decoded accounts, the clock they were read at, and each resource in the terms of the mathematics.
import type { Address, Commitment, GetMultipleAccountsApi, ReadonlyUint8Array, Rpc } from '@solana/kit';
import { decodeMarket, decodePool, type Market, type Pool } from './generated/index.js';
import { CLOCK_ADDRESS, clockOf, fetchExisting, type ClusterClock, type MarketState } from './market.js';
import type { FeeParams, Reserve } from './math/index.js';

/** A pool and its market at one slot: all a quote depends on. */
export interface PoolState {
  address: Address;
  pool: Pool;
  market: Market;
  clock: ClusterClock;
}

/** Reads a pool, its market and the clock, all of one slot. */
export async function fetchPoolState(
  rpc: Rpc<GetMultipleAccountsApi>,
  address: Address,
  config: { commitment?: Commitment; market?: Address } = {},
): Promise<PoolState> {
  const { commitment = 'confirmed' } = config;
  const market = config.market ?? decodePool((await fetchExisting(rpc, [address], commitment))[0]!).data.market;
  const [poolAccount, marketAccount, clockAccount] = await fetchExisting(rpc, [address, market, CLOCK_ADDRESS], commitment);
  return {
    address,
    pool: decodePool(poolAccount!).data,
    market: decodeMarket(marketAccount!).data,
    clock: clockOf(clockAccount!),
  };
}

/** The market of a pool. */
export const marketOf = ({ pool, market }: PoolState): MarketState => ({ address: pool.market, market });

const wide = (limbs: readonly bigint[]): bigint => limbs.reduceRight((value, limb) => (value << 64n) | limb, 0n);

/** A resource of a pool in the terms of the mathematics; undefined if the pool has no such resource. */
export function reserveOf(pool: Pool, resource: number): Reserve | undefined {
  if (!Number.isInteger(resource) || resource < 0 || resource >= pool.resourceCount) return undefined;
  const at = <T>(array: readonly T[]): T => array[resource]!;
  return {
    curve: { weight: at(pool.weights), lambda: pool.lambda, psiScale: at(pool.psiScales), thetaScale: at(pool.thetaScales) },
    psi: at(pool.psi),
    theta: at(pool.theta),
    kappa: wide(at(pool.kappa)),
    minPsi: at(pool.minPsi),
    minTheta: at(pool.minTheta),
    windows: {
      window: at(pool.window),
      moveCurrent: at(pool.moveCurrent),
      movePrevious: at(pool.movePrevious),
      pendingCurrent: at(pool.pendingCurrent),
      pendingPrevious: at(pool.pendingPrevious),
      dripped: at(pool.dripped),
    },
  };
}

/** A market's fee parameters in the terms of the mathematics. */
export const feesOf = ({ marketFee, riskFee, maxFee, burnShare, lpShare, riskWindow }: Market): FeeParams => ({
  marketFee,
  riskFee,
  maxFee,
  burnShare,
  lpShare,
  riskWindow,
});

/** The text of a name as accounts hold it: ASCII, padded with zeros. */
export function nameOf(bytes: ReadonlyUint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.slice(0, end < 0 ? bytes.length : end));
}

/** A name as accounts hold it; throws if it is not 1 to 16 characters of printable ASCII. */
export function nameBytes(text: string): Uint8Array {
  if (!/^[!-~]{1,16}$/.test(text)) throw new RangeError(`"${text}" is not 1 to 16 characters of printable ASCII`);
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

/** The names of a pool's resources, in order. */
export const resourceNames = (pool: Pool): string[] => pool.names.slice(0, pool.resourceCount).map(nameOf);

/** The place of a resource in a pool; throws if it has none of that name. */
export function resourceIndex(pool: Pool, name: string): number {
  const index = resourceNames(pool).indexOf(name);
  if (index < 0) throw new RangeError(`the pool has no resource "${name}": it has ${resourceNames(pool).join(', ')}`);
  return index;
}
