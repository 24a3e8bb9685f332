// What a migration says of what it finds and makes.

/** One thing: what became of it, its name, what there is to say. */
export const report = (state, what, detail) => console.log(`${state.padEnd(8)}${what.padEnd(13)}${detail}`);

/** Whole units, for people's eyes. */
export const whole = (raw, decimals) => (raw / 10n ** BigInt(decimals)).toLocaleString('en');
