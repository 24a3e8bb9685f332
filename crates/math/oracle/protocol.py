"""An independent statement of the price ring, its logarithms and the quality of workers; `oracle.py` writes and checks the vectors.

Logarithms come from 60 decimal digits, the ring is walked second by second, roots are exact integers, and the quality is
compared as an exact fraction.
"""

from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil, floor
from random import Random

getcontext().prec = 60
LN2 = Decimal(2).ln()
U128 = 2**128 - 1
LOG_ONE = 2**40
WINDOWS = {"half_hour": (1_800, 60), "day": (86_400, 3_600)}
ONE = 2**32


def log_vectors(r):
    """log₂ of a Q64.64 price in units of 2⁻⁸⁰, and the price of a logarithm in units of 2⁻⁴⁰, both rounded down."""
    prices = [1, 2, 3, 2**63, 2**64 - 1, 2**64, 2**64 + 1, 2**65 - 1, 2**127, U128]
    prices += [(2**64 * i) // 128 + d for i in range(128, 257, 8) for d in (-1, 0, 1)]
    prices += [r.getrandbits(r.randint(1, 128)) | 1 for _ in range(300)]
    rows = []
    for price in prices:
        log = (Decimal(price).ln() / LN2 - 64) * 2**80
        rows.append({"price": price, "log_80": int(log.to_integral_value("ROUND_FLOOR"))})
    logs = [-64 * LOG_ONE, -LOG_ONE, -1, 0, 1, LOG_ONE - 1, LOG_ONE, 64 * LOG_ONE - 1]
    logs += [r.randint(-64 * LOG_ONE, 64 * LOG_ONE - 1) for _ in range(300)]
    for log in logs:
        whole, part = divmod(log, LOG_ONE)  # apart, so that powers of two are exact
        rows.append({"log": log, "price": int(2 ** (whole + 64) * (Decimal(part) / LOG_ONE * LN2).exp())})
    return rows


class Ring:
    """Every second since the first observation is kept."""

    def __init__(self):
        self.first = self.last = None

    def observe(self, now, log, rate):
        if self.first is None:
            self.first = self.last = now
            self.recorded, self.sums = log, [0]
        while self.last < now:
            self.last += 1
            self.recorded += max(-rate, min(rate, log - self.recorded))
            self.sums.append(self.sums[-1] + self.recorded)

    def mean(self, window):
        length, unit = WINDOWS[window]
        if self.last - self.first < length:
            return {"error": "Young", "expected": length, "found": self.last - self.first}
        start = max((self.last - length) // unit * unit, self.first)
        return {"mean": (self.sums[-1] - self.sums[start - self.first]) // (self.last - start)}


def ring_vectors(r):
    rows = []
    for scenario in range(12):
        ring, now = Ring(), r.choice([1, 59, 60, 3_600, 1_700_000_000 + r.randrange(10**6)])
        log, left = r.randint(-64 * LOG_ONE, 64 * LOG_ONE), 200_000
        observations = []
        while left > 0 and len(observations) < 150:
            kind = r.randrange(8)
            if kind == 0:
                log = r.randint(-64 * LOG_ONE, 64 * LOG_ONE)
            elif kind < 6:
                log = max(-64 * LOG_ONE, min(64 * LOG_ONE, log + r.randint(-(2**36), 2**36)))
            rate = r.choice([0, 1, 158_618_066, 158_618_066, r.getrandbits(40), 2**64 - 1])
            ring.observe(now, log, rate)
            means = {name: ring.mean(name) for name in WINDOWS}
            observations.append({"now": now, "log": log, "rate": rate, "recorded": ring.recorded, **means})
            longest = 90_000 if scenario % 3 == 0 else 4_000
            step = r.choice([0, 1, 2, r.randrange(60), 59, 60, 61, r.randrange(3_600), 1_800, 3_600, r.randrange(longest)])
            now, left = now + step, left - step
        rows.append({"observations": observations})
    return rows


def root_30(n):
    """⌊n^(1/30)⌋"""
    low, high = 0, 1 << (n.bit_length() // 30 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**30 <= n else (low, middle - 1)
    return low


def faded_floor(value, epochs):
    """⌊value · 2^(−epochs/30)⌋, exactly."""
    return root_30(value**30 >> epochs)


def quality_floor(good, bad):
    """The most parts per million that are at most μ − 1.28σ; half while α + β − 2 < 5."""
    if good + bad < 5 * ONE:
        return 500_000
    a, b = Fraction(good, ONE) + 1, Fraction(bad, ONE) + 1
    mean = a / (a + b)
    variance = a * b / ((a + b) ** 2 * (a + b + 1))
    low, high = 0, 10**6
    while low < high:
        middle = (low + high + 1) // 2
        over = mean - Fraction(middle, 10**6)
        low, high = (middle, high) if over >= 0 and over**2 >= Fraction(128, 100) ** 2 * variance else (low, middle - 1)
    return low


def quality_vectors(r):
    rows = []

    def amount():
        return r.choice([0, 1, ONE, 5 * ONE, r.getrandbits(r.randint(1, 60)), r.randrange(100 * ONE), r.randrange(8 * ONE)])

    for _ in range(400):
        good, bad = amount(), amount()
        epochs = r.choice([0, 1, 29, 30, 31, 60, r.randrange(400), r.randrange(3000)])
        # the decayed evidence: a value is between the floor and one more
        faded = {"good_floor": faded_floor(good, epochs), "bad_floor": faded_floor(bad, epochs)}
        rows.append({"good": good, "bad": bad, "epochs": epochs, **faded, "quality": quality_floor(good, bad)})
    for _ in range(200):
        score, weight, fault = r.choice([0, 10_000, r.randrange(10_001)]), r.choice([0, 1, ONE, r.getrandbits(40)]), r.randrange(2)
        share = Fraction(score, 10_000)
        good, bad = weight * share, weight * (8 if fault else 1) * (1 - share)
        rows.append({"score": score, "weight": weight, "fault": fault, "good": floor(good), "bad": ceil(bad)})
    return rows


def sections():
    return {"log": log_vectors(Random(11)), "ring": ring_vectors(Random(12)), "quality": quality_vectors(Random(13))}
