// What a trade would do: by the mathematics here, or by the program in a simulation. Both give the program's own `Quote`.
import {
  getBase64Encoder,
  isSome,
  none,
  some,
  type Address,
  type Commitment,
  type Rpc,
  type SimulateTransactionApi,
} from '@solana/kit';
import * as generated from './generated/index.js';
import { getQuoteDecoder, getQuoteInstruction, LegKind, type Leg, type LegArgs, type LegQuote, type Quote, type RefusalData } from './generated/index.js';
import { Kind, priceFloor, Refusal, rotate, trade, type Reserve } from './math/index.js';
import { HmmRefusal } from './errors.js';
import { feesOf, reserveOf, type PoolState } from './pool.js';
import { toSimulated } from './transaction.js';

const U64_MAX = (1n << 64n) - 1n;
const I64_MAX = (1n << 63n) - 1n;
const MAX_LEGS = 8;
/** The subject of a refusal that is about the call as a whole. */
export const SUBJECT_CALL = 255;
/** Half a percent. */
export const DEFAULT_SLIPPAGE_BPS = 50;

/** What a leg fixes, without a limit. Amounts are raw. */
export interface Terms {
  /** The resource's place in the pool. */
  resource: number;
  kind: LegKind;
  amount: bigint;
}

export const isBuy = (kind: LegKind): boolean => kind === LegKind.BuyExactIn || kind === LegKind.BuyExactOut;
const isExactIn = (kind: LegKind): boolean => kind === LegKind.BuyExactIn || kind === LegKind.SellExactIn;

/** A leg that accepts any result; for quotes. */
export const unlimited = (terms: Terms): Leg => ({ ...terms, limit: worst(terms.kind) });
const worst = (kind: LegKind): bigint => (kind === LegKind.BuyExactOut || kind === LegKind.SellExactOut ? U64_MAX : 0n);

/** Codes of what the mathematics refuses, as in programs/hmm/src/errors.rs. */
const CODES: Record<string, number> = {
  ZeroAmount: generated.HMM_ERROR__ZERO_AMOUNT,
  BadWeight: generated.HMM_ERROR__WEIGHT_OUT_OF_RANGE,
  BadCurvature: generated.HMM_ERROR__CURVATURE_OUT_OF_RANGE,
  BadScale: generated.HMM_ERROR__SCALE_OUT_OF_RANGE,
  Overflow: generated.HMM_ERROR__OVERFLOW,
  Drained: generated.HMM_ERROR__CURVE_DRAINED,
  BelowMinPsi: generated.HMM_ERROR__BELOW_MIN_PSI,
  BelowMinTheta: generated.HMM_ERROR__BELOW_MIN_THETA,
  FeeAboveMax: generated.HMM_ERROR__FEE_ABOVE_MAX,
  InvariantDecreased: generated.HMM_ERROR__INVARIANT_DECREASED,
  PriceOverflow: generated.HMM_ERROR__PRICE_OVERFLOW,
  BadFee: generated.HMM_ERROR__FEE_OUT_OF_RANGE,
  BadWindow: generated.HMM_ERROR__WINDOW_OUT_OF_RANGE,
  TooFewShares: generated.HMM_ERROR__TOO_FEW_SHARES,
  SharesAboveSupply: generated.HMM_ERROR__SHARES_OUTSIDE_LIMITS,
  BadKind: generated.HMM_ERROR__UNKNOWN_LEG_KIND,
  MoveAboveBound: generated.HMM_ERROR__MOVE_ABOVE_BOUND,
};

/** A refusal on its way out of a quote. */
class Refused extends Error {
  constructor(readonly data: RefusalData) {
    super();
  }
}
const refuse = (code: number, subject: number, expected: bigint, found: bigint) => new Refused({ code, subject, expected, found });

/** Runs `f`; what the mathematics refuses is about `subject`. */
function about<T>(subject: number, f: () => T): T {
  try {
    return f();
  } catch (error) {
    const code = error instanceof Refusal ? CODES[error.reason] : undefined;
    throw error instanceof Refusal && code !== undefined ? refuse(code, subject, error.expected, error.found) : error;
  }
}

const price = ({ curve, psi, theta }: Reserve): bigint => priceFloor(curve, psi, theta);

/** Quotes one leg. */
function quoteLeg({ pool, market, clock }: PoolState, leg: Leg, place: number): LegQuote {
  const reserve = reserveOf(pool, leg.resource);
  if (reserve === undefined) throw refuse(generated.HMM_ERROR__UNKNOWN_RESOURCE, place, BigInt(pool.resourceCount), BigInt(leg.resource));
  const end = pool.deliveryEnd[leg.resource]!;
  if (end !== 0n && clock.unixTimestamp >= end) throw refuse(generated.HMM_ERROR__SERIES_OVER, place, end, clock.unixTimestamp);
  return about(place, () => {
    const before = rotate(reserve, clock.slot, market.riskWindow);
    const priceBefore = price(before);
    const { reserve: after, fill } = trade(before, leg.kind as number as Kind, leg.amount, clock.slot, feesOf(market));
    const result = leg.kind === LegKind.BuyExactIn || leg.kind === LegKind.SellExactOut ? fill.units : fill.credits;
    if (worst(leg.kind) === 0n ? result < leg.limit : result > leg.limit) {
      throw refuse(generated.HMM_ERROR__LEG_LIMIT_CROSSED, place, leg.limit, result);
    }
    return {
      units: fill.units,
      credits: fill.credits,
      fee: fill.fee.total,
      burn: fill.fee.burn,
      toLps: fill.fee.lp,
      toTreasury: fill.fee.treasury,
      feeRate: fill.rate,
      priceBefore,
      priceAfter: price(after),
    };
  });
}

/** The checks that come before any leg. */
function requireTradable({ pool, market, clock }: PoolState, legs: readonly Leg[]): void {
  const { unixTimestamp } = clock;
  if (unixTimestamp < market.pausedUntil) throw refuse(generated.HMM_ERROR__PAUSED, SUBJECT_CALL, market.pausedUntil, unixTimestamp);
  if (pool.shares === 0n) throw refuse(generated.HMM_ERROR__POOL_STATUS, SUBJECT_CALL, 1n, 0n);
  if (legs.length === 0 || legs.length > MAX_LEGS) throw refuse(generated.HMM_ERROR__LEG_COUNT, SUBJECT_CALL, BigInt(MAX_LEGS), BigInt(legs.length));
  legs.forEach(({ resource }, place) => {
    if (legs.findIndex((leg) => leg.resource === resource) < place) {
      throw refuse(generated.HMM_ERROR__DUPLICATE_RESOURCE, place, 1n, BigInt(resource));
    }
  });
}

/**
 * Quotes legs by the mathematics. The result is what the program's `quote` gives in the same state and slot, to the unit, refusals included.
 */
export function quote(state: PoolState, legs: readonly Leg[]): Quote {
  const quotes: LegQuote[] = [];
  try {
    requireTradable(state, legs);
    let net = 0n;
    legs.forEach((leg, place) => {
      const result = quoteLeg(state, leg, place);
      net += isBuy(leg.kind) ? result.credits : -result.credits;
      quotes.push(result);
    });
    if (net > I64_MAX || net < -I64_MAX - 1n) throw refuse(generated.HMM_ERROR__OVERFLOW, SUBJECT_CALL, I64_MAX, U64_MAX);
    return { net, refusal: none(), legs: quotes };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { net: 0n, refusal: some(error.data), legs: quotes };
  }
}

/**
 * Quotes legs by the program, in a simulation. `payer` is the fee payer the simulation names: any funded account; it does not sign.
 */
export async function simulateQuote(
  rpc: Rpc<SimulateTransactionApi>,
  { pool, market, legs, payer, commitment = 'confirmed' }: { pool: Address; market: Address; legs: LegArgs[]; payer: Address; commitment?: Commitment },
): Promise<Quote> {
  const transaction = toSimulated(getQuoteInstruction({ pool, market, legs }), payer);
  const { value } = await rpc
    .simulateTransaction(transaction, { commitment, encoding: 'base64', replaceRecentBlockhash: true, sigVerify: false })
    .send();
  if (value.err !== null || value.returnData == null) {
    throw HmmRefusal.fromLogs(value.logs ?? []) ?? new Error(`the quote failed: ${JSON.stringify(value.err, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`);
  }
  return decodeQuote(getBase64Encoder().encode(value.returnData.data[0]));
}

/** A quote as return data has it; zeros at its end, which a node cuts off, are put back. */
export function decodeQuote(returnData: Uint8Array | ReturnType<ReturnType<typeof getBase64Encoder>['encode']>): Quote {
  const RETURN_DATA_MAX = 1024;
  const whole = new Uint8Array(RETURN_DATA_MAX);
  whole.set(returnData);
  return getQuoteDecoder().decode(whole);
}

/** The quote, if nothing refuses it; throws an {@link HmmRefusal} otherwise. */
export function accepted(quote: Quote): Quote {
  if (isSome(quote.refusal)) throw HmmRefusal.of(quote.refusal.value);
  return quote;
}

const BPS = 10_000n;
const down = (value: bigint, bps: bigint): bigint => (bps >= BPS ? 0n : (value * (BPS - bps)) / BPS);
const up = (value: bigint, bps: bigint): bigint => (value * (BPS + bps) + BPS - 1n) / BPS;

/**
 * Legs with limits `slippageBps` worse than the quote, and the limit on the net: what is received at least is rounded down, what is paid at most up.
 */
export function withSlippage(terms: readonly Terms[], quote: Quote, slippageBps: number = DEFAULT_SLIPPAGE_BPS): { legs: Leg[]; netLimit: bigint } {
  if (!Number.isInteger(slippageBps) || slippageBps < 0) throw new RangeError(`${slippageBps} is not a number of basis points`);
  if (quote.legs.length !== terms.length) throw new RangeError('the quote is not of these legs');
  const bps = BigInt(slippageBps);
  const legs = terms.map((leg, i): Leg => {
    const { units, credits } = quote.legs[i]!;
    const result = leg.kind === LegKind.BuyExactIn || leg.kind === LegKind.SellExactOut ? units : credits;
    const limit = isExactIn(leg.kind) ? down(result, bps) : up(result, bps);
    return { ...leg, limit: limit > U64_MAX ? U64_MAX : limit };
  });
  const netLimit = quote.net >= 0n ? up(quote.net, bps) : -down(-quote.net, bps);
  return { legs, netLimit: netLimit > I64_MAX ? I64_MAX : netLimit };
}

/**
 * How far the average price of a leg, without its fee, is from the marginal price before it: 0.01 is one percent, always to the trader's disadvantage.
 * For people's eyes.
 */
export function priceImpact(kind: LegKind, { units, credits, fee, priceBefore }: LegQuote): number {
  const curveCredits = isBuy(kind) ? credits - fee : credits + fee;
  const average = Number(curveCredits) / Number(units);
  const impact = average / (Number(priceBefore) / 2 ** 64) - 1;
  return isBuy(kind) ? impact : -impact;
}
