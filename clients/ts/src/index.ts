/**
 * Client of HMM, the Hamiltonian market maker, on `@solana/kit`.
 *
 * `generated/` comes from the program's IDL; the helpers here put its pieces together: quotes, swaps, liquidity, token accounts, lookup tables, events, errors.
 * `workers`, `verifiers`, `jobs` and `rounds` are the instructions of work and of its settlement, `jobStatus` says where a job stands;
 * `attest` is what workers and verifiers sign, `math` the program's own mathematics.
 */
export * as attest from './attest.js';
export * from './errors.js';
export * from './events.js';
export * from './generated/index.js';
export * as jobs from './jobs.js';
export * from './liquidity.js';
export * from './lookup.js';
export * from './market.js';
export * as math from './math/index.js';
export * from './pool.js';
export * from './quote.js';
export * as rounds from './rounds.js';
export * as series from './series.js';
export * from './status.js';
export * from './swap.js';
export * from './terms.js';
export * from './tokens.js';
export * from './transaction.js';
export * as verifiers from './verifiers.js';
export * as workers from './workers.js';
