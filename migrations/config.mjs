// The configuration: what a market and its pool begin with. Everything is checked before anything is sent.
import { readFile } from 'node:fs/promises';
import { isAddress } from '@solana/kit';
import { math, nameBytes } from '@hanzo/hmm';

/** Wrong words on the command line, or a wrong configuration. */
export class UsageError extends Error {}

const VOUCHER_DECIMALS = 6;
const MAX_RESOURCES = 8;
const U32_MAX = 2 ** 32 - 1;
const U64_MAX = (1n << 64n) - 1n;

const shown = (value) => (value === undefined ? 'nothing' : JSON.stringify(value));

/** A check takes a value and its place in the file, and gives the value as the migration uses it. */
const wrong = (at, value, wanted) => {
  throw new UsageError(`${at} is ${shown(value)}, not ${wanted}`);
};

const integer = (least, most) => (value, at) =>
  Number.isSafeInteger(value) && value >= least && value <= most ? value : wrong(at, value, `a whole number from ${least} to ${most}`);

const address = (value, at) => (typeof value === 'string' && isAddress(value) ? value : wrong(at, value, 'an address'));

const optional = (check) => (value, at) => (value === undefined ? undefined : check(value, at));

const name = (value, at) => {
  try {
    nameBytes(value);
    return value;
  } catch {
    return wrong(at, value, '1 to 16 characters of printable ASCII');
  }
};

/** Whole units, as text so that none of their decimals is lost; gives raw ones. */
const amount = (decimals) => (value, at) => {
  const [, whole, fraction = ''] = (typeof value === 'string' && /^(\d+)(?:\.(\d+))?$/.exec(value)) || wrong(at, value, 'an amount in quotes, like "100" or "12.5"');
  if (fraction.length > decimals) wrong(at, value, `an amount with at most ${decimals} decimals`);
  const raw = BigInt(whole + fraction.padEnd(decimals, '0'));
  return raw <= U64_MAX ? raw : wrong(at, value, 'an amount that fits 64 bits');
};

const object = (fields) => (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(at, value, 'an object');
  for (const key of Object.keys(value)) {
    if (!(key in fields)) throw new UsageError(`${at} has an unknown field "${key}": it takes ${Object.keys(fields).join(', ')}`);
  }
  return Object.fromEntries(Object.entries(fields).map(([key, check]) => [key, check(value[key], `${at}.${key}`)]));
};

const list = (least, most, check) => (value, at) =>
  Array.isArray(value) && value.length >= least && value.length <= most
    ? value.map((entry, i) => check(entry, `${at}[${i}]`))
    : wrong(at, Array.isArray(value) ? value.length : value, `a list of ${least === most ? least : `${least} to ${most}`}`);

const u32 = integer(0, U32_MAX);

const market = object({
  marketFee: u32,
  riskFee: u32,
  maxFee: u32,
  burnShare: u32,
  lpShare: u32,
  riskWindow: u32,
  guardian: optional(address),
  treasury: optional(address),
});

const pool = (creditDecimals) =>
  object({
    id: integer(0, Number.MAX_SAFE_INTEGER),
    lambda: u32,
    maxLatencyMs: u32,
    privacyTier: integer(0, 255),
    region: name,
    resources: list(
      1,
      MAX_RESOURCES,
      object({ name, weight: u32, psiScale: u32, thetaScale: u32, minPsi: amount(VOUCHER_DECIMALS), minTheta: amount(creditDecimals) }),
    ),
  });

const local = (creditDecimals, resources) =>
  object({
    creditDecimals: () => creditDecimals,
    credits: amount(creditDecimals),
    bond: amount(creditDecimals),
    deposit: list(
      resources,
      resources,
      object({ issued: amount(VOUCHER_DECIMALS), units: amount(VOUCHER_DECIMALS), credits: amount(creditDecimals) }),
    ),
  });

/** What the mathematics refuses, at its place. */
const accepted = (at, validate, value) => {
  try {
    validate(value);
  } catch (error) {
    throw new UsageError(`${at}: ${error.message}`);
  }
};

/** The configuration in the file, without what depends on the credit mint's decimals. */
export async function readConfig(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error.message}`);
  }
}

/** The decimals of the credit mint, if it is one that the migration makes. */
export function localDecimals(json, at) {
  const top = object({ creditMint: optional(address), market: (value) => value, pool: (value) => value, local: (value) => value })(json, at);
  if ((top.creditMint === undefined) === (top.local === undefined)) {
    throw new UsageError(`${at} must have either "creditMint", the address of one that exists, or "local", what a local network gets`);
  }
  return top.local === undefined ? undefined : integer(0, 18)(top.local?.creditDecimals, `${at}.local.creditDecimals`);
}

/** The configuration, checked, in raw amounts. Throws a UsageError that names the place. */
export function checkConfig(json, at, creditDecimals) {
  const config = {
    creditMint: json.creditMint,
    market: market(json.market, `${at}.market`),
    pool: pool(creditDecimals)(json.pool, `${at}.pool`),
  };
  accepted(`${at}.market`, math.validateFees, config.market);
  const { resources, lambda } = config.pool;
  resources.forEach(({ name, weight, psiScale, thetaScale }, i) => {
    const place = `${at}.pool.resources[${i}]`;
    if (resources.findIndex((other) => other.name === name) < i) throw new UsageError(`${place}.name: there are two of the name "${name}"`);
    accepted(place, math.validateCurve, { weight, lambda, psiScale, thetaScale });
  });
  if (json.local !== undefined) {
    config.local = local(creditDecimals, resources.length)(json.local, `${at}.local`);
    checkDeposit(config, `${at}.local`);
  }
  return config;
}

function checkDeposit({ pool, local }, at) {
  local.deposit.forEach(({ issued, units, credits }, i) => {
    const { minPsi, minTheta } = pool.resources[i];
    const place = `${at}.deposit[${i}]`;
    if (units < minPsi || units === 0n) throw new UsageError(`${place}.units is below the resource's minPsi`);
    if (credits < minTheta || credits === 0n) throw new UsageError(`${place}.credits is below the resource's minTheta`);
    if (issued < units) throw new UsageError(`${place}.issued is less than ${place}.units`);
  });
  const needed = local.deposit.reduce((sum, { credits }) => sum + credits, local.bond);
  if (local.credits < needed) throw new UsageError(`${at}.credits is less than what the bond and the deposit take`);
}
