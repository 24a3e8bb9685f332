// A seeded generator: a failing case can be run again.
export class Random {
  constructor(private state: number) {}

  /** xorshift32 */
  next(): number {
    let x = this.state | 0 || 1;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  below(n: number): number {
    return this.next() % n;
  }

  /** Between 1 and `max`, every order of magnitude as likely as any other. */
  amount(max: bigint): bigint {
    const bits = 1 + this.below(max.toString(2).length);
    const value = ((BigInt(this.next()) << 32n) | BigInt(this.next())) & ((1n << BigInt(bits)) - 1n);
    return value === 0n ? 1n : value > max ? max : value;
  }

  /** Some of 0 … n − 1, in random order, at least one. */
  some(n: number): number[] {
    const all = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    return all.slice(0, 1 + this.below(n));
  }
}
