/**
 * The program's own mathematics (hmm-math, compiled to WebAssembly): exact integers, the same results to the unit.
 *
 * Reserves and amounts are raw token units, κ is an integer of at most 214 bits, prices are Q64.64 raw credits per raw resource
 * unit, fee rates and moves are parts per 10⁹. What the mathematics refuses is thrown as a {@link Refusal}.
 */
import { bind, none, struct, u128, u256, u32, u64, type Codec } from './words.js';

export { Refusal } from './words.js';

/** The curve of a resource: 0 ≤ λ < w ≤ 10⁶, scales at least 1. */
export interface Curve {
  weight: number;
  lambda: number;
  psiScale: number;
  thetaScale: number;
}

/** Recent moves (parts per 10⁹) and pending fees (credits), of this window and the one before. */
export interface Windows {
  window: bigint;
  moveCurrent: bigint;
  movePrevious: bigint;
  pendingCurrent: bigint;
  pendingPrevious: bigint;
  dripped: bigint;
}

/** One resource of a pool: everything a trade reads or writes. */
export interface Reserve {
  curve: Curve;
  psi: bigint;
  theta: bigint;
  kappa: bigint;
  minPsi: bigint;
  minTheta: bigint;
  windows: Windows;
}

/** A market's fee parameters, parts per million; the window in slots. */
export interface FeeParams {
  marketFee: number;
  riskFee: number;
  maxFee: number;
  burnShare: number;
  lpShare: number;
  riskWindow: number;
}

/** What a trade fixes. "In" and "out" are the trader's. The numbers are those of the program's `LegKind`. */
export enum Kind {
  BuyExactIn,
  BuyExactOut,
  SellExactIn,
  SellExactOut,
}

/** A fee in credits and its parts: total = burn + lp + treasury. */
export interface Fee {
  total: bigint;
  burn: bigint;
  lp: bigint;
  treasury: bigint;
}

/** What a trade did. */
export interface Fill {
  /** Units bought or sold. */
  units: bigint;
  /** Credits the curve got or gave. */
  curveCredits: bigint;
  /** Credits the trader pays (buy) or receives (sell). */
  credits: bigint;
  fee: Fee;
  /** The fee rate, parts per 10⁹. */
  rate: bigint;
}

const curve = struct<Curve>({ weight: u32, lambda: u32, psiScale: u32, thetaScale: u32 });
const windows = struct<Windows>({
  window: u64,
  moveCurrent: u64,
  movePrevious: u64,
  pendingCurrent: u64,
  pendingPrevious: u64,
  dripped: u64,
});
const reserve = struct<Reserve>({ curve, psi: u64, theta: u64, kappa: u256, minPsi: u64, minTheta: u64, windows });
const feeParams = struct<FeeParams>({ marketFee: u32, riskFee: u32, maxFee: u32, burnShare: u32, lpShare: u32, riskWindow: u32 });
const fee = struct<Fee>({ total: u64, burn: u64, lp: u64, treasury: u64 });
const fill = struct<Fill>({ units: u64, curveCredits: u64, credits: u64, fee, rate: u64 });
const kind: Codec<Kind> = u32;

/** Checks a curve. */
export const validateCurve = bind('hmm_validate_curve', [curve], none);
/** K(Ψ, Θ). */
export const kappa = bind('hmm_kappa', [curve, u64, u64], u256);
/** The smallest Ψ′ with K(Ψ′, Θ′) ≥ κ: (curve, κ, Θ′). */
export const solvePsi = bind('hmm_solve_psi', [curve, u256, u64], u64);
/** The smallest Θ′ with K(Ψ′, Θ′) ≥ κ: (curve, κ, Ψ′). */
export const solveTheta = bind('hmm_solve_theta', [curve, u256, u64], u64);
/** The marginal price at (Ψ, Θ), Q64.64, rounded down. */
export const priceFloor = bind('hmm_price_floor', [curve, u64, u64], u128);
/** Brings a reserve to a slot: (reserve, slot, risk window). */
export const rotate = bind('hmm_rotate', [reserve, u64, u32], reserve);
/** Trades on a rotated reserve: (reserve, kind, amount, slot, fees). The reserve given is left as it is. */
export const trade = bind('hmm_trade', [reserve, kind, u64, u64, feeParams], struct<{ reserve: Reserve; fill: Fill }>({ reserve, fill }));
/** Brings the windows alone to a slot: (windows, slot, risk window). */
export const rotateWindows = bind(
  'hmm_rotate_windows',
  [windows, u64, u32],
  struct<{ windows: Windows; drip: bigint; recentMove: bigint }>({ windows, drip: u64, recentMove: u64 }),
);
/** Checks fee parameters. */
export const validateFees = bind('hmm_validate_fees', [feeParams], none);
/** The fee rate of a move after recent moves: (fees, recent, move). */
export const rateCeil = bind('hmm_rate_ceil', [feeParams, u64, u64], u64);
/** Who gets a fee: (fees, total, rate). */
export const splitFloor = bind('hmm_split_floor', [feeParams, u64, u64], fee);
/** The fee on a gross amount: (gross, rate). */
export const feeCeil = bind('hmm_fee_ceil', [u64, u64], u64);
/** The gross amount that leaves a net one: (net, rate). */
export const grossUpCeil = bind('hmm_gross_up_ceil', [u64, u64], u64);
/** What one side pays for shares: (shares, reserve, supply). */
export const depositCeil = bind('hmm_deposit_ceil', [u64, u64, u64], u64);
/** What one side returns for shares: (shares, reserve, supply). */
export const withdrawFloor = bind('hmm_withdraw_floor', [u64, u64, u64], u64);
/** The most shares a maximum allows: (maximum, reserve, supply). */
export const sharesForFloor = bind('hmm_shares_for_floor', [u64, u64, u64], u64);

interface Side {
  curve: Curve;
  psi: bigint;
  theta: bigint;
}
const side = struct<Side>({ curve, psi: u64, theta: u64 });
const sides: Codec<readonly Side[]> = {
  put(values, words) {
    words.put(BigInt(values.length));
    for (const value of values) side.put(value, words);
  },
  take: () => [],
};
/** Shares of the first deposit, the locked minimum included. */
export const firstSharesFloor = bind('hmm_first_shares_floor', [sides], u64);

/** A Q64.64 price as a number, for people's eyes. */
export const priceToNumber = (price: bigint): number => Number(price) / 2 ** 64;
