// What the program refused, from the logs of a simulation, a preflight or a failed transaction.
import { getBase64Encoder, type Address } from '@solana/kit';
import { decodeHmmEvent, getHmmErrorMessage, HMM_PROGRAM_ADDRESS, type HmmError, type RefusalData, type RefusedAccount } from './generated/index.js';

/** The program said no: which code, about what, what it expected and what it found. */
export class HmmRefusal extends Error {
  override readonly name = 'HmmRefusal';
  private constructor(
    readonly code: HmmError,
    /** A leg or resource by its number; 255 for the call as a whole. */
    readonly subject: number,
    /** Numbers, or addresses when an account was refused. */
    readonly expected: bigint | Address,
    readonly found: bigint | Address,
  ) {
    super(`${getHmmErrorMessage(code)} (${code}: expected ${expected}, found ${found})`);
  }

  /** Of a refusal as data. */
  static of({ code, subject, expected, found }: RefusalData | RefusedAccount): HmmRefusal {
    return new HmmRefusal(code as HmmError, subject, expected, found);
  }

  /** The last refusal that the program itself logged; undefined if there is none (the framework's own errors log no data). */
  static fromLogs(logs: readonly string[]): HmmRefusal | undefined {
    for (const bytes of dataLogs(logs).reverse()) {
      const event = decodeHmmEvent(bytes);
      if (event?.name === 'Refused') return HmmRefusal.of(event.data.refusal);
      if (event?.name === 'RefusedAccount') return HmmRefusal.of(event.data);
    }
    return undefined;
  }

  /** The refusal in an error thrown by the RPC (a failed preflight carries the logs). */
  static fromError(error: unknown): HmmRefusal | undefined {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      const logs = (cause as { context?: { logs?: unknown } }).context?.logs;
      if (Array.isArray(logs)) return HmmRefusal.fromLogs(logs);
    }
    return undefined;
  }
}

/** Data logged while the program itself was running: another program in the transaction may log what it likes. */
function dataLogs(logs: readonly string[]): Uint8Array[] {
  const running: string[] = [];
  const data: Uint8Array[] = [];
  for (const line of logs) {
    const [, program, event] = /^Program (\w+) (invoke|success|failed)/.exec(line) ?? [];
    if (event === 'invoke') running.push(program!);
    else if (event !== undefined) running.pop();
    else if (line.startsWith('Program data: ') && running.at(-1) === HMM_PROGRAM_ADDRESS) {
      data.push(new Uint8Array(getBase64Encoder().encode(line.slice('Program data: '.length))));
    }
  }
  return data;
}
