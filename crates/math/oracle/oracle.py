"""An independent statement of the mathematics in plain Python integers, and the vectors made from it.

Everything is written from the definitions (the smallest integer reserve that does not lower K, exact fractions, one rounding at the
end), not from the Rust code. `python3 oracle.py` writes ../vectors.json, which Rust, TypeScript (WASM) and the virtual
machine all check, and from `protocol.py` ../vectors-protocol.json; `python3 oracle.py --check` only compares them with the files.
"""

import json
import math
import random
import sys
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import protocol

U32 = 2**32 - 1
U64 = 2**64 - 1
PPM = 10**6
PPB = 10**9
MAX_WEIGHT = 10**6
MAX_FEE = 500_000
MINIMUM_SHARES = 1_000
KINDS = ["BuyExactIn", "BuyExactOut", "SellExactIn", "SellExactOut"]


class Refusal(Exception):
    def __init__(self, reason, expected, found):
        super().__init__(reason)
        self.reason, self.expected, self.found = reason, min(expected, U64), min(found, U64)


OVERFLOW = ("Overflow", U64, U64)
ZERO = ("ZeroAmount", 1, 0)


def fit(value):
    if value > U64:
        raise Refusal(*OVERFLOW)
    return value


# ---------------------------------------------------------------------------------------------------------------- curve


@dataclass(frozen=True)
class Curve:
    weight: int
    lambda_: int
    psi_scale: int
    theta_scale: int

    def validate(self):
        if not 0 < self.weight <= MAX_WEIGHT:
            raise Refusal("BadWeight", MAX_WEIGHT, self.weight)
        if self.lambda_ >= self.weight:
            raise Refusal("BadCurvature", self.weight - 1, self.lambda_)
        if self.psi_scale == 0 or self.theta_scale == 0:
            raise Refusal("BadScale", 1, 0)

    def kappa(self, psi, theta):
        x, y = self.psi_scale * psi, self.theta_scale * theta
        return 2 * self.weight * x * y + self.lambda_ * (x * x + y * y)

    def solve_psi(self, kappa, theta):
        return self._smallest(lambda psi: self.kappa(psi, theta), kappa, theta)

    def solve_theta(self, kappa, psi):
        return self._smallest(lambda theta: self.kappa(psi, theta), kappa, psi)

    def _smallest(self, k, kappa, given):
        """The smallest reserve with k(reserve) ≥ κ: k grows with it, so by bisection."""
        self.validate()
        if k(0) >= kappa or (self.lambda_ == 0 and given == 0):
            raise Refusal("Drained", 0, given)
        if k(U64) < kappa:
            raise Refusal(*OVERFLOW)
        low, high = 0, U64
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if k(middle) >= kappa else (middle, high)
        return high

    def price(self, psi, theta):
        """∂K/∂Ψ / ∂K/∂Θ, an exact fraction."""
        x, y, w, l = self.psi_scale * psi, self.theta_scale * theta, self.weight, self.lambda_
        by_psi, by_theta = self.psi_scale * (2 * w * y + 2 * l * x), self.theta_scale * (2 * w * x + 2 * l * y)
        if by_theta == 0:
            return None
        return Fraction(by_psi, by_theta)

    def price_floor(self, psi, theta):
        self.validate()
        price = self.price(psi, theta)
        scaled = None if price is None else math.floor(price * 2**64)
        if scaled is None or scaled >= 2**128:
            raise Refusal("PriceOverflow", U64, U64)
        return scaled


# ----------------------------------------------------------------------------------------------------------------- fees


@dataclass(frozen=True)
class FeeParams:
    market_fee: int = 3_000
    risk_fee: int = 100_000
    max_fee: int = 100_000
    burn_share: int = 250_000
    lp_share: int = 800_000
    risk_window: int = 150

    def validate(self):
        for found, bound in [
            (self.max_fee, MAX_FEE),
            (self.market_fee, self.max_fee),
            (self.risk_fee, PPM),
            (self.burn_share, PPM),
            (self.lp_share, PPM),
        ]:
            if found > bound:
                raise Refusal("BadFee", bound, found)
        if self.risk_window == 0:
            raise Refusal("BadWindow", 1, 0)

    def rate_ceil(self, recent, moved):
        looked_at = min(2 * recent + moved, U64)
        rate = self.market_fee * 1000 + math.ceil(Fraction(self.risk_fee * looked_at, PPM))
        if rate > self.max_fee * 1000:
            raise Refusal("FeeAboveMax", self.max_fee * 1000, rate)
        return rate

    def split_floor(self, total, rate):
        burn = math.floor(Fraction(self.burn_share * total, PPM))
        rest = total - burn
        market = Fraction(self.market_fee, PPM)
        f = Fraction(rate, PPB)
        lp = 0 if rate == 0 else math.floor(rest * (f - market + market * Fraction(self.lp_share, PPM)) / f)
        return {"total": total, "burn": burn, "lp": lp, "treasury": rest - lp}


def fee_ceil(gross, rate):
    return math.ceil(gross * Fraction(min(rate, PPB), PPB))


def gross_up_ceil(net, rate):
    if rate >= PPB:
        raise Refusal(*OVERFLOW)
    return fit(math.ceil(net / (1 - Fraction(rate, PPB))))


def move_ceil(units, larger):
    return PPB if units >= larger else math.ceil(Fraction(units * PPB, larger))


# -------------------------------------------------------------------------------------------------------------- windows


@dataclass(frozen=True)
class Windows:
    window: int = 0
    move_cur: int = 0
    move_prev: int = 0
    pending_cur: int = 0
    pending_prev: int = 0
    dripped: int = 0

    def rotated(self, slot, risk_window):
        """(the windows at this slot, the credits that drip)"""
        length = max(risk_window, 1)
        now, elapsed = slot // length, slot % length
        w, drip = self, 0
        if now == w.window + 1:
            drip = w.pending_prev - w.dripped
            w = Windows(now, 0, w.move_cur, 0, w.pending_cur, 0)
        elif now != w.window:
            drip = w.pending_prev - w.dripped + w.pending_cur
            w = Windows(now)
        due = math.floor(Fraction(w.pending_prev * elapsed, length))
        if due > w.dripped:
            drip += due - w.dripped
            w = replace(w, dripped=due)
        return w, drip

    def recent_move_ceil(self, slot, risk_window):
        length = max(risk_window, 1)
        left = length - slot % length
        return min(self.move_cur + math.ceil(Fraction(self.move_prev * left, length)), U64)


# --------------------------------------------------------------------------------------------------------------- trades


@dataclass(frozen=True)
class Reserve:
    curve: Curve
    psi: int
    theta: int
    kappa: int
    min_psi: int = 0
    min_theta: int = 0
    windows: Windows = field(default_factory=Windows)

    def trade(self, kind, amount, slot, fees):
        """(the fill, the reserve after it)"""
        if amount == 0:
            raise Refusal(*ZERO)
        self.curve.validate()
        fees.validate()
        window = slot // fees.risk_window
        if window != self.windows.window:
            raise Refusal("BadWindow", window, self.windows.window)
        recent = self.windows.recent_move_ceil(slot, fees.risk_window)
        work = [self.buy_exact_in, self.buy_exact_out, self.sell_exact_in, self.sell_exact_out][KINDS.index(kind)]
        psi, theta, credits, fee, rate, moved = work(amount, recent, fees)

        if psi < self.psi and psi < self.min_psi:
            raise Refusal("BelowMinPsi", self.min_psi, psi)
        if theta < self.theta and theta < self.min_theta:
            raise Refusal("BelowMinTheta", self.min_theta, theta)
        kappa = self.curve.kappa(psi, theta)
        if kappa < self.kappa:
            raise Refusal("InvariantDecreased", self.kappa, kappa)
        parts = fees.split_floor(fee, rate)
        w = self.windows
        move_cur, pending_cur = fit(w.move_cur + moved), fit(w.pending_cur + parts["lp"])
        fit(pending_cur + w.pending_prev)
        fill = {
            "units": abs(psi - self.psi),
            "curve_credits": abs(theta - self.theta),
            "credits": credits,
            "fee": parts,
            "rate": rate,
        }
        windows = replace(w, move_cur=move_cur, pending_cur=pending_cur)
        return fill, replace(self, psi=psi, theta=theta, kappa=kappa, windows=windows)

    def buy_exact_out(self, units, recent, fees):
        if units >= self.psi:
            raise Refusal("Drained", max(self.psi - 1, 0), units)
        psi = self.psi - units
        moved = move_ceil(units, self.psi)
        rate = fees.rate_ceil(recent, moved)
        least = fit(self.theta + 1)
        theta = max(self.curve.solve_theta(self.kappa, psi), least)
        net = theta - self.theta
        gross = gross_up_ceil(net, rate)
        return psi, theta, gross, gross - net, rate, moved

    def buy_exact_in(self, gross, recent, fees):
        rate = fees.rate_ceil(recent, 0)
        if fees.risk_fee:
            psi, _ = self.after_paying(gross, rate)
            rate = fees.rate_ceil(recent, move_ceil(max(self.psi - psi, 0), self.psi))
        psi, theta = self.after_paying(gross, rate)
        if psi >= self.psi:
            raise Refusal(*ZERO)
        return psi, theta, gross, gross - (theta - self.theta), rate, move_ceil(self.psi - psi, self.psi)

    def sell_exact_in(self, units, recent, fees):
        psi = fit(self.psi + units)
        moved = move_ceil(units, psi)
        rate = fees.rate_ceil(recent, moved)
        theta = self.curve.solve_theta(self.kappa, psi)
        gross = max(self.theta - theta, 0)
        fee = fee_ceil(gross, rate)
        if gross == fee:
            raise Refusal(*ZERO)
        return psi, theta, gross - fee, fee, rate, moved

    def sell_exact_out(self, net, recent, fees):
        base = rate = fees.rate_ceil(recent, 0)
        bound = PPB
        if fees.risk_fee:
            least = gross_up_ceil(net, base)
            psi, _ = self.after_receiving(least)
            first = move_ceil(max(psi - self.psi, 0), psi)
            slack = math.ceil(Fraction(first, least)) + math.ceil(Fraction(PPB, max(self.psi, 1))) + 1
            rate = fees.max_fee * 1000
            for _ in range(3):
                bound = math.ceil(Fraction(first * (PPB - base), PPB - rate)) + slack
                rate = fees.rate_ceil(recent, bound)
        gross = gross_up_ceil(net, rate)
        psi, theta = self.after_receiving(gross)
        if psi <= self.psi:
            raise Refusal(*ZERO)
        moved = move_ceil(psi - self.psi, psi)
        if moved > bound:
            raise Refusal("MoveAboveBound", bound, moved)
        return psi, theta, net, gross - net, rate, moved

    def after_paying(self, gross, rate):
        net = gross - fee_ceil(gross, rate)
        if net == 0:
            raise Refusal(*ZERO)
        theta = fit(self.theta + net)
        return self.curve.solve_psi(self.kappa, theta), theta

    def after_receiving(self, gross):
        if gross >= self.theta:
            raise Refusal("Drained", max(self.theta - 1, 0), gross)
        theta = self.theta - gross
        return self.curve.solve_psi(self.kappa, theta), theta


# ------------------------------------------------------------------------------------------------------------ liquidity


def first_shares_floor(reserves):
    supply = 0
    for curve, psi, theta in reserves:
        curve.validate()
        root = math.isqrt(curve.psi_scale * psi * curve.theta_scale * theta)
        supply = fit(supply + fit(root // curve.theta_scale))
    if supply <= MINIMUM_SHARES:
        raise Refusal("TooFewShares", MINIMUM_SHARES + 1, supply)
    return supply


def deposit_ceil(shares, reserve, supply):
    if supply == 0:
        raise Refusal("TooFewShares", 1, 0)
    return fit(math.ceil(Fraction(shares * reserve, supply)))


def withdraw_floor(shares, reserve, supply):
    if shares > supply:
        raise Refusal("SharesAboveSupply", supply, shares)
    if supply == 0:
        raise Refusal("TooFewShares", 1, 0)
    return math.floor(Fraction(shares * reserve, supply))


def shares_for_floor(max_in, reserve, supply):
    if supply == 0:
        raise Refusal("TooFewShares", 1, 0)
    return U64 if reserve == 0 else min(math.floor(Fraction(max_in * supply, reserve)), U64)


# -------------------------------------------------------------------------------------------------------------- vectors


class Draw:
    """Seeded random inputs: sizes are log-uniform, and the edges come often."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def size(self, most, least=0):
        """log-uniform in least..=most"""
        r = self.random
        if r.random() < 0.06:
            return r.choice([least, most, max(least, 1), max(least, most - 1)])
        bits = r.randint(0, most.bit_length())
        return min(max(r.getrandbits(bits) if bits else 0, least), most)

    def near(self, value, most):
        return min(max(value + self.random.choice([-2, -1, -1, 0, 0, 0, 1, 1, 2]), 0), most)

    def curve(self):
        r = self.random
        weight = r.choice([self.size(MAX_WEIGHT, 1), 10**6, r.randint(1, 64)])
        shape = r.random()
        if shape < 0.25:
            lam = 0
        elif shape < 0.5:
            lam = weight // 20
        elif shape < 0.6:
            lam = weight - 1
        else:
            lam = r.randrange(weight)
        scales = [(1, 1), (1000, 37), (self.size(U32, 1), self.size(U32, 1)), (self.size(1000, 1), self.size(1000, 1))]
        return Curve(weight, lam, *r.choice(scales))

    def reserves(self):
        """Ψ and Θ of a pool that somebody could have made: neither far from balance nor always near it."""
        psi = self.size(U64 >> 4, 1)
        theta = min(max(int(psi * 2 ** self.random.uniform(-20, 20)), 1), U64 >> 4)
        return psi, theta

    def fees(self):
        r = self.random
        choice = r.random()
        if choice < 0.2:
            return FeeParams(market_fee=0, risk_fee=0)
        if choice < 0.6:
            return FeeParams()
        max_fee = self.size(MAX_FEE, 1)
        return FeeParams(
            market_fee=r.randint(0, max_fee) if r.random() < 0.3 else min(3_000, max_fee),
            risk_fee=r.choice([0, 50_000, 200_000, self.size(PPM)]),
            max_fee=max_fee,
            burn_share=r.randint(0, PPM),
            lp_share=r.randint(0, PPM),
            risk_window=r.choice([1, 2, 150, self.size(U32, 1)]),
        )

    def windows(self, window):
        r = self.random
        if r.random() < 0.4:
            return Windows(window)
        pending_prev = self.size(U64 >> 2)
        return Windows(window, self.size(PPB), self.size(PPB), self.size(U64 >> 2), pending_prev, r.randint(0, pending_prev))


def curve_json(c):
    return {"weight": c.weight, "lambda": c.lambda_, "psi_scale": c.psi_scale, "theta_scale": c.theta_scale}


def reserve_json(r):
    return {
        "curve": curve_json(r.curve),
        "psi": r.psi,
        "theta": r.theta,
        "kappa": r.kappa,
        "min_psi": r.min_psi,
        "min_theta": r.min_theta,
        "windows": asdict(r.windows),
    }


def outcome(function, *arguments):
    try:
        return {"result": function(*arguments)}
    except Refusal as refusal:
        return {"error": {"reason": refusal.reason, "expected": refusal.expected, "found": refusal.found}}


BAD_CURVES = [
    Curve(0, 0, 1, 1),
    Curve(MAX_WEIGHT + 1, 0, 1, 1),
    Curve(U32, U32, U32, U32),
    Curve(100, 100, 1, 1),
    Curve(100, 101, 1, 1),
    Curve(100, 5, 0, 1),
    Curve(100, 5, 1, 0),
]
EDGE_CURVES = [
    Curve(w, l, a, b)
    for w, l in [(1, 0), (2, 1), (MAX_WEIGHT, 0), (MAX_WEIGHT, MAX_WEIGHT - 1), (MAX_WEIGHT, 1), (MAX_WEIGHT, 50_000)]
    for a, b in [(1, 1), (U32, U32), (1, U32), (U32, 1)]
]
EDGES = [0, 1, 2, 2**32 - 1, 2**32, 2**63, U64 - 1, U64]


def kappa_vectors(draw):
    cases = [(c, p, t) for c in EDGE_CURVES for p, t in [(0, 0), (1, U64), (U64, 1), (U64, U64), (2**32, 2**32 - 1), (0, U64), (U64, 0)]]
    cases += [(draw.curve(), draw.size(U64), draw.size(U64)) for _ in range(250)]
    return [{"curve": curve_json(c), "psi": p, "theta": t, "kappa": c.kappa(p, t)} for c, p, t in cases]


def solve_vectors(draw, side):
    """`side` is what is solved for; the other reserve is given."""
    cases = []

    def add(c, psi, theta, given):
        cases.append((c, c.kappa(psi, theta), given))

    for c in EDGE_CURVES:
        for given in EDGES:
            psi, theta = draw.reserves()
            add(c, psi, theta, given)
        add(c, U64, U64, U64)
        add(c, U64, U64, U64 - 1)
        add(c, 1, 1, 1)
    for _ in range(200):  # a reserve that moves a little, or a lot
        c = draw.curve()
        psi, theta = draw.reserves()
        stays = theta if side == "psi" else psi
        add(c, psi, theta, min(int(stays * 2 ** draw.random.uniform(-3, 3)) + draw.random.randint(0, 2), U64))
    for _ in range(100):  # anything
        c = draw.curve()
        add(c, draw.size(U64), draw.size(U64), draw.size(U64))
    for _ in range(100):  # κ just at, above and below the curve through a point
        c = draw.curve()
        psi, theta = draw.reserves()
        given = theta if side == "psi" else psi
        cases.append((c, max(c.kappa(psi, theta) + draw.random.choice([-1, 0, 1]), 0), given))
    for c in BAD_CURVES:
        cases.append((c, 1000, 10))
    for c in EDGE_CURVES:
        cases.append((c, 0, 1))
        cases.append((c, 2**256 - 1, U64))
    other = "theta" if side == "psi" else "psi"
    rows = []
    for c, kappa, given in cases:
        solve = c.solve_psi if side == "psi" else c.solve_theta
        rows.append({"curve": curve_json(c), "kappa": kappa, other: given, **outcome(solve, kappa, given)})
    return rows


def price_vectors(draw):
    cases = [(c, p, t) for c in EDGE_CURVES for p, t in [(0, 0), (1, U64), (U64, 1), (U64, U64), (0, 1), (1, 0), (1, 1), (U64, 3)]]
    for _ in range(150):
        cases.append((draw.curve(), draw.size(U64), draw.size(U64)))
    for _ in range(150):
        cases.append((draw.curve(), *draw.reserves()))
    cases += [(c, 10, 10) for c in BAD_CURVES]
    return [{"curve": curve_json(c), "psi": p, "theta": t, **outcome(c.price_floor, p, t)} for c, p, t in cases]


def trade_vectors(draw):
    rows = []

    def add(reserve, kind, amount, slot, fees):
        row = {"reserve": reserve_json(reserve), "kind": kind, "amount": amount, "slot": slot, "fees": asdict(fees)}
        got = outcome(reserve.trade, kind, amount, slot, fees)
        if "result" in got:
            fill, after = got["result"]
            got = {"fill": fill, "after": reserve_json(after)}
        rows.append({**row, **got})

    def make(curve, psi, theta, **rest):
        return Reserve(curve, psi, theta, curve.kappa(psi, theta), **rest)

    r = draw.random
    for _ in range(520):
        curve, fees = draw.curve(), draw.fees()
        psi, theta = draw.reserves()
        slot = draw.size(U64 >> 8)
        windows = draw.windows(slot // fees.risk_window)
        if r.random() < 0.8:  # quiet enough for the risk fee to stay below the maximum
            windows = replace(windows, move_cur=windows.move_cur // 10_000, move_prev=windows.move_prev // 10_000)
        kind = r.choice(KINDS)
        side = theta if kind in ("BuyExactIn", "SellExactOut") else psi
        amount = r.choice([max(int(side * 2 ** r.uniform(-16, -1)), 1), max(int(side * 2 ** r.uniform(-10, -4)), 1), draw.size(U64)])
        floors = {"min_psi": int(psi * r.choice([0, 0, 0.5, 0.97])), "min_theta": int(theta * r.choice([0, 0, 0.5, 0.97]))}
        add(make(curve, psi, theta, windows=windows, **floors), kind, amount, slot, fees)

    standard = Curve(1_000_000, 50_000, 1_000, 1)
    free = FeeParams(market_fee=0, risk_fee=0)
    pool = make(standard, 10**12, 10**15, min_psi=10**6, min_theta=10**6)
    for fees in (FeeParams(), free):
        for kind in KINDS:
            for amount in [0, 1, 2, 10**6, 10**9, 10**10, 10**12 - 1, 10**12, 10**13, 10**15 - 1, 10**15, 10**18, U64 - 1, U64]:
                add(pool, kind, amount, 0, fees)
    tiny = make(Curve(20, 1, 1, 1), 5, 7)
    for fees in (FeeParams(max_fee=MAX_FEE), free):
        for kind in KINDS:
            for amount in range(1, 9):
                add(tiny, kind, amount, 149, fees)
    for curve in BAD_CURVES:
        add(Reserve(curve, 1000, 1000, 1000), "BuyExactIn", 10, 0, free)
    for fees in [
        FeeParams(max_fee=MAX_FEE + 1),
        FeeParams(market_fee=100_001),
        FeeParams(risk_fee=PPM + 1),
        FeeParams(burn_share=PPM + 1),
        FeeParams(lp_share=U32),
        FeeParams(risk_window=0),
    ]:
        add(pool, "BuyExactOut", 10**9, 0, fees)
    add(pool, "BuyExactOut", 10**9, 150, FeeParams())  # not rotated
    for kind in KINDS:
        busy = replace(pool, windows=Windows(move_cur=10**9))
        add(busy, kind, 10**9, 0, FeeParams())
        add(replace(pool, windows=Windows(move_cur=U64, move_prev=U64)), kind, 10**9, 0, FeeParams())
        add(replace(pool, windows=Windows(move_cur=U64)), kind, 10**9, 0, replace(free, risk_window=7))
        add(replace(pool, windows=Windows(pending_prev=U64)), kind, 10**9, 0, FeeParams())
        add(replace(pool, windows=Windows(pending_cur=U64)), kind, 10**9, 0, FeeParams())
        add(replace(pool, kappa=pool.kappa * 2), kind, 10**9, 0, free)  # a κ that is not that of the reserves
        add(replace(pool, kappa=pool.kappa // 2), kind, 10**9, 0, free)
        add(make(standard, U64, U64), kind, U64, 0, free)
        add(make(standard, U64 - 5, U64 - 5), kind, 6, 0, free)
        add(make(standard, 0, 0), kind, 1, 0, free)
    return rows


def windows_vectors(draw):
    rows = []
    for _ in range(300):
        r = draw.random
        length = r.choice([0, 1, 2, 150, 150, draw.size(U32)])
        window = draw.size(U64 // max(length, 1))
        before = draw.windows(window)
        jump = r.choice([0, 0, 1, 1, 1, 2, 3, 1000, -1, -window])
        now = min(max(window + jump, 0), U64 // max(length, 1))
        slot = min(now * max(length, 1) + r.choice([0, 1, length // 2, max(length, 1) - 1]), U64)
        after, drip = before.rotated(slot, length)
        recent = after.recent_move_ceil(slot, length)
        rows.append({"before": asdict(before), "slot": slot, "risk_window": length, "drip": drip, "after": asdict(after), "recent_move": recent})
    return rows


def fee_vectors(draw):
    rows = []
    for _ in range(150):
        amount, rate = draw.size(U64), draw.size(PPB + 1)
        rows.append({"function": "fee_ceil", "amount": amount, "rate": rate, **outcome(fee_ceil, amount, rate)})
        rows.append({"function": "gross_up_ceil", "amount": amount, "rate": rate, **outcome(gross_up_ceil, amount, rate)})
    for _ in range(120):
        fees, recent, moved = draw.fees(), draw.size(U64 if draw.random.random() < 0.2 else PPB // 50), draw.size(PPB)
        rows.append({"function": "rate_ceil", "fees": asdict(fees), "recent": recent, "moved": moved, **outcome(fees.rate_ceil, recent, moved)})
    for _ in range(120):
        fees, total = draw.fees(), draw.size(U64)
        rate = draw.random.randint(fees.market_fee * 1000, fees.max_fee * 1000)
        rows.append({"function": "split_floor", "fees": asdict(fees), "total": total, "rate": rate, **outcome(fees.split_floor, total, rate)})
    return rows


def liquidity_vectors(draw):
    rows = []
    for _ in range(120):
        supply, reserve = draw.size(U64), draw.size(U64)
        shares = draw.random.choice([draw.size(U64), draw.size(supply), draw.near(supply, U64)])
        for function in (deposit_ceil, withdraw_floor):
            row = {"function": function.__name__, "shares": shares, "reserve": reserve, "supply": supply}
            rows.append({**row, **outcome(function, shares, reserve, supply)})
        row = {"function": "shares_for_floor", "max_in": shares, "reserve": reserve, "supply": supply}
        rows.append({**row, **outcome(shares_for_floor, shares, reserve, supply)})
    for count in list(range(9)) * 8:
        reserves = [(draw.curve(), *(draw.reserves() if draw.random.random() < 0.8 else (draw.size(U64), draw.size(U64)))) for _ in range(count)]
        if count == 3 and draw.random.random() < 0.3:
            reserves[1] = (draw.random.choice(BAD_CURVES), 10, 10)
        listed = [{"curve": curve_json(c), "psi": p, "theta": t} for c, p, t in reserves]
        rows.append({"function": "first_shares_floor", "reserves": listed, **outcome(first_shares_floor, reserves)})
    one = Curve(1, 0, 1, 1)
    for psi, theta in [(1000, 1000), (1001, 1001), (1001, 1000), (U64, U64), (0, U64)]:
        listed = [{"curve": curve_json(one), "psi": psi, "theta": theta}]
        rows.append({"function": "first_shares_floor", "reserves": listed, **outcome(first_shares_floor, [(one, psi, theta)])})
    return rows


def strings(value):
    """Every number as a decimal string: JSON readers lose integers above 2⁵³."""
    if isinstance(value, dict):
        return {key: strings(v) for key, v in value.items()}
    if isinstance(value, list):
        return [strings(v) for v in value]
    return str(value) if isinstance(value, int) else value


def document():
    sections = {
        "kappa": kappa_vectors(Draw(1)),
        "solve_psi": solve_vectors(Draw(2), "psi"),
        "solve_theta": solve_vectors(Draw(3), "theta"),
        "price": price_vectors(Draw(4)),
        "trade": trade_vectors(Draw(5)),
        "windows": windows_vectors(Draw(6)),
        "fee": fee_vectors(Draw(7)),
        "liquidity": liquidity_vectors(Draw(8)),
    }
    return written(sections)


def written(sections):
    parts = []
    for name, rows in sections.items():
        lines = ",\n".join("  " + json.dumps(strings(row), separators=(",", ":")) for row in rows)
        parts.append(f'"{name}": [\n{lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    folder = Path(__file__).resolve().parent.parent
    for name, text in [("vectors.json", document()), ("vectors-protocol.json", written(protocol.sections()))]:
        path = folder / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif path.read_text() != text:
            sys.exit(f"{name} is stale: run oracle.py")


if __name__ == "__main__":
    main()
