// The other side of clients/wasm: arguments and results as words in the module's buffer.
import wasm from './module.js';

type Call = () => number;
interface Exports extends Record<string, WebAssembly.ExportValue> {
  memory: WebAssembly.Memory;
  hmm_words: Call;
}

let exports: Exports | undefined;

/** The module is small enough to be compiled where it is first used, so nothing here is asynchronous. */
function load(): Exports {
  const bytes = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;
}

const module = (): Exports => (exports ??= load());

/** A value as words: how it is written to the buffer, and read from it. */
export interface Codec<T> {
  put(value: T, words: Cursor): void;
  take(words: Cursor): T;
}

/** A place in the buffer. */
export class Cursor {
  private next = 0;
  private readonly view: BigUint64Array;
  constructor() {
    // 128 words, as in clients/wasm/src/words.rs
    this.view = new BigUint64Array(module().memory.buffer, module().hmm_words(), 128);
  }
  take(): bigint {
    const word = this.view[this.next++];
    if (word === undefined) throw new RangeError('too many words');
    return word;
  }
  put(word: bigint): void {
    if (this.next >= this.view.length) throw new RangeError('too many words');
    this.view[this.next++] = word;
  }
}

function checked(value: number | bigint, bits: number, name: string): bigint {
  const word = BigInt(value);
  if (word < 0n || word >> BigInt(bits) !== 0n) throw new RangeError(`${value} is not a ${name}`);
  return word;
}

export const u64: Codec<bigint> = {
  put: (value, words) => words.put(checked(value, 64, 'u64')),
  take: (words) => words.take(),
};

export const u32: Codec<number> = {
  put: (value, words) => words.put(checked(value, 32, 'u32')),
  take: (words) => Number(words.take()),
};

/** An integer of several words, the least significant first. */
const wide = (count: number): Codec<bigint> => ({
  put(value, words) {
    checked(value, 64 * count, `u${64 * count}`);
    for (let i = 0; i < count; i++) words.put(BigInt.asUintN(64, value >> BigInt(64 * i)));
  },
  take(words) {
    let value = 0n;
    for (let i = 0; i < count; i++) value |= words.take() << BigInt(64 * i);
    return value;
  },
});

export const u128 = wide(2);
export const u256 = wide(4);

/** Fields in the order of the Rust struct. */
export function struct<T extends object>(fields: { [K in keyof T]: Codec<T[K]> }): Codec<T> {
  const names = Object.keys(fields) as (keyof T)[];
  return {
    put(value, words) {
      for (const name of names) fields[name].put(value[name], words);
    },
    take(words) {
      return Object.fromEntries(names.map((name) => [name, fields[name].take(words)])) as T;
    },
  };
}

/** Nothing. */
export const none: Codec<void> = { put() {}, take() {} };

/** The mathematics refused: why, what was expected, what was found. What the two mean is documented at `Reason` in hmm-math. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    /** The name of the reason, as in hmm-math. */
    readonly reason: string,
    readonly expected: bigint,
    readonly found: bigint,
    message: string,
  ) {
    super(`${message} (${reason}: expected ${expected}, found ${found})`);
  }
}

/** Name and message of a reason, from the module. */
function describe(reason: number): [string, string] {
  const { memory, hmm_reason } = module();
  if ((hmm_reason as (reason: number) => number)(reason) === 0) throw new RangeError(`no reason ${reason}`);
  const words = new Cursor();
  const text = () => {
    const [start, length] = [Number(words.take()), Number(words.take())];
    return new TextDecoder().decode(new Uint8Array(memory.buffer, start, length));
  };
  return [text(), text()];
}

/** A function of the module. */
export function bind<P extends unknown[], R>(name: string, parameters: [...{ [I in keyof P]: Codec<P[I]> }], result: Codec<R>) {
  return (...values: P): R => {
    const words = new Cursor();
    parameters.forEach((codec: Codec<unknown>, i) => codec.put(values[i], words));
    const status = (module()[name] as Call)();
    const answer = new Cursor();
    if (status === 0) return result.take(answer);
    const [expected, found] = [answer.take(), answer.take()];
    const [reason, message] = describe(status - 1);
    throw new Refusal(reason, expected, found, message);
  };
}
