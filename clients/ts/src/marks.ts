// Marks: the prices that obligations are judged by, as the program would have them now.
import type { Observations } from './generated/index.js';
import { observe, rotate } from './math/index.js';
import { reserveOf, type PoolState } from './pool.js';

/** The marks of a resource. Prices are Q64.64 raw credits per raw unit. */
export interface ResourceMarks {
  /** The larger of the two means, or the bootstrap mark. Where somebody is trusted with the spot price in view: the larger of this and `spot`. */
  hi: bigint;
  /** The smaller of the two means, or the bootstrap mark: where somebody is punished. */
  lo: bigint;
  /** The marginal price now. */
  spot: bigint;
  /** Whether these are the resource's own, not its bootstrap mark. */
  own: boolean;
  /** Whether anybody may be punished by them: own, and the pool is deep. */
  punish: boolean;
}

/** The marks of a resource at the state's clock, from the pool's observations (`fetchObservations`); undefined if it has none, or the pool has no such resource. */
export function marksOf(state: PoolState, observations: Observations, resource: number): ResourceMarks | undefined {
  const reserve = reserveOf(state.pool, resource);
  const ring = observations.rings[resource];
  if (!reserve || !ring) return undefined;
  const { slot, unixTimestamp } = state.clock;
  const rotated = rotate(reserve, slot, state.market.riskWindow);
  const { deep, ended, hi, lo, spot } = observe(ring, rotated, unixTimestamp, state.market.supply.markDepth);
  if (lo !== 0n) return { hi, lo, spot, own: true, punish: deep };
  // a mature history that ends with this observation takes the bootstrap mark with it
  const mark = ended ? 0n : observations.bootstrap[resource]!;
  return mark === 0n ? undefined : { hi: mark, lo: mark, spot, own: false, punish: false };
}
