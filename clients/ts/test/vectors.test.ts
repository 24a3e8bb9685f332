// The vectors that Rust and the VM use too: every function of the module, results and refusals.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as math from '../src/math/index.js';

interface Json {
  [key: string]: Json;
}
const vectors: Record<string, Json[]> = JSON.parse(
  readFileSync(new URL('../../../crates/math/vectors.json', import.meta.url), 'utf8'),
);

const curve = (v: Json): math.Curve => ({
  weight: Number(v.weight),
  lambda: Number(v.lambda),
  psiScale: Number(v.psi_scale),
  thetaScale: Number(v.theta_scale),
});
const u = (v: Json | undefined): bigint => BigInt(String(v));
const windows = (v: Json): math.Windows => ({
  window: u(v.window),
  moveCurrent: u(v.move_cur),
  movePrevious: u(v.move_prev),
  pendingCurrent: u(v.pending_cur),
  pendingPrevious: u(v.pending_prev),
  dripped: u(v.dripped),
});
const reserve = (v: Json): math.Reserve => ({
  curve: curve(v.curve!),
  psi: u(v.psi),
  theta: u(v.theta),
  kappa: u(v.kappa),
  minPsi: u(v.min_psi),
  minTheta: u(v.min_theta),
  windows: windows(v.windows!),
});
const fees = (v: Json): math.FeeParams => ({
  marketFee: Number(v.market_fee),
  riskFee: Number(v.risk_fee),
  maxFee: Number(v.max_fee),
  burnShare: Number(v.burn_share),
  lpShare: Number(v.lp_share),
  riskWindow: Number(v.risk_window),
});
const fee = (v: Json): math.Fee => ({ total: u(v.total), burn: u(v.burn), lp: u(v.lp), treasury: u(v.treasury) });
const fill = (v: Json): math.Fill => ({
  units: u(v.units),
  curveCredits: u(v.curve_credits),
  credits: u(v.credits),
  fee: fee(v.fee!),
  rate: u(v.rate),
});

/** What a function gives, or why it refuses, in the form of the vectors. */
function outcome(f: () => unknown) {
  try {
    return { result: f() };
  } catch (error) {
    if (!(error instanceof math.Refusal)) throw error;
    return { error: { reason: error.reason, expected: String(error.expected), found: String(error.found) } };
  }
}

const functions: Record<string, (v: Json) => [() => unknown, (result: Json) => unknown]> = {
  kappa: (v) => [() => math.kappa(curve(v.curve!), u(v.psi), u(v.theta)), u],
  solve_psi: (v) => [() => math.solvePsi(curve(v.curve!), u(v.kappa), u(v.theta)), u],
  solve_theta: (v) => [() => math.solveTheta(curve(v.curve!), u(v.kappa), u(v.psi)), u],
  price: (v) => [() => math.priceFloor(curve(v.curve!), u(v.psi), u(v.theta)), u],
  fee_ceil: (v) => [() => math.feeCeil(u(v.amount), u(v.rate)), u],
  gross_up_ceil: (v) => [() => math.grossUpCeil(u(v.amount), u(v.rate)), u],
  rate_ceil: (v) => [() => math.rateCeil(fees(v.fees!), u(v.recent), u(v.moved)), u],
  split_floor: (v) => [() => math.splitFloor(fees(v.fees!), u(v.total), u(v.rate)), fee],
  deposit_ceil: (v) => [() => math.depositCeil(u(v.shares), u(v.reserve), u(v.supply)), u],
  withdraw_floor: (v) => [() => math.withdrawFloor(u(v.shares), u(v.reserve), u(v.supply)), u],
  shares_for_floor: (v) => [() => math.sharesForFloor(u(v.max_in), u(v.reserve), u(v.supply)), u],
  first_shares_floor: (v) => [
    () => math.firstSharesFloor((v.reserves as unknown as Json[]).map((r) => ({ curve: curve(r.curve!), psi: u(r.psi), theta: u(r.theta) }))),
    u,
  ],
  trade: (v) => [
    () => math.trade(reserve(v.reserve!), math.Kind[String(v.kind) as keyof typeof math.Kind], u(v.amount), u(v.slot), fees(v.fees!)),
    () => ({ reserve: reserve(v.after!), fill: fill(v.fill!) }),
  ],
  windows: (v) => [
    () => math.rotateWindows(windows(v.before!), u(v.slot), Number(v.risk_window)),
    () => ({ windows: windows(v.after!), drip: u(v.drip), recentMove: u(v.recent_move) }),
  ],
};

describe('vectors', () => {
  for (const [section, cases] of Object.entries(vectors)) {
    it(`${section}: ${cases.length} cases`, () => {
      expect(cases.length).toBeGreaterThan(0);
      for (const v of cases) {
        const [call, result] = functions[String(v.function ?? section)]!(v);
        const expected = v.error ? { error: v.error } : { result: result((v.result ?? v[section])!) };
        expect(outcome(call), JSON.stringify(v)).toEqual(expected);
      }
    });
  }
});

describe('arguments', () => {
  it('refuses what does not fit its type', () => {
    expect(() => math.feeCeil(-1n, 0n)).toThrow(RangeError);
    expect(() => math.feeCeil(1n << 64n, 0n)).toThrow(RangeError);
    expect(() => math.kappa({ weight: 2 ** 32, lambda: 0, psiScale: 1, thetaScale: 1 }, 1n, 1n)).toThrow(RangeError);
    expect(() => math.kappa({ weight: 0.5, lambda: 0, psiScale: 1, thetaScale: 1 }, 1n, 1n)).toThrow(RangeError);
    expect(() => math.firstSharesFloor(Array(22).fill({ curve: { weight: 1, lambda: 0, psiScale: 1, thetaScale: 1 }, psi: 1n, theta: 1n }))).toThrow(RangeError);
  });

  it('names every reason', () => {
    expect(() => math.validateCurve({ weight: 0, lambda: 0, psiScale: 1, thetaScale: 1 })).toThrow('the weight is zero or above one million (BadWeight: expected 1000000, found 0)');
    expect(() => math.validateFees({ marketFee: 1, riskFee: 0, maxFee: 0, burnShare: 0, lpShare: 0, riskWindow: 1 })).toThrow(/BadFee/);
  });
});
