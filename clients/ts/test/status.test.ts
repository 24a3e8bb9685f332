// The words of `jobStatus` are those of the Rust client: every sentence that one can say, the other can.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Assignment, Job } from '../src/generated/index.js';
import { jobStatus, OUTCOMES, Phase } from '../src/status.js';

const rust = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const lot = (units = 0n) => ({ bought: units, wallet: 0n, paid: 0n, burned: 0n });

/** A job with assignments of these phases; what is left out is as in a new one. */
function job(over: Partial<Job> = {}, phases: number[] = [], unassigned = 0n): Job {
  const counts = Object.values(Phase).map((phase) => phases.filter((other) => other === phase).length);
  const lines = [{ lot: lot(unassigned), claim: 0n, wanted: 10n, filled: 5n }];
  const flags = { closed: 0, accepted: false, gang: false, launched: false };
  const credits = { clientClaim: 0n, setAside: 0n };
  const times = { assignBy: 100n, startBy: 200n, submitBy: 300n };
  const fresh = { counts, lines, assigned: phases.length, openAssignments: phases.length, ...flags, ...credits, ...times };
  return { ...fresh, ...over } as unknown as Job;
}

const assignment = (phase: number, over: Partial<Assignment> = {}): Assignment =>
  ({ index: 0, phase, seats: 0, verdict: 1, until: 400n, ...over }) as unknown as Assignment;

/** A status of a job with one assignment. */
const of = (phase: number, over: Partial<Assignment> = {}, jobOver: Partial<Job> = {}) => jobStatus(job(jobOver, [phase]), [assignment(phase, over)], 50n);

const everything = () => [
  of(Phase.Reserved),
  of(Phase.Running),
  of(Phase.Running, {}, { gang: true }),
  of(Phase.Submitted),
  of(Phase.Verifying),
  of(Phase.Verifying, { seats: 3 }),
  ...[0, 1, 2, 3, 4].map((verdict) => of(Phase.Window, { verdict })),
  of(Phase.Disputed),
  of(Phase.Disputed, { seats: 6 }),
  of(Phase.Ruled),
  of(Phase.Appealed),
  of(Phase.Appealed, { seats: 6 }),
  of(Phase.Final),
  of(Phase.Done),
  jobStatus(job(), [], 50n),
  jobStatus(job({}, [], 5n), [], 50n),
  jobStatus(job(), [], 100n),
  jobStatus(job({}, [Phase.Reserved]), [], 50n),
  jobStatus(job({ closed: 1 }), [], 50n),
  jobStatus(job({ closed: 2, clientClaim: 7n }), [], 50n),
];

/** What is between quotes, with something in the place of each hole. */
const literals = (source: string) =>
  [...source.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!).filter((text) => text !== '; ' && text !== '');

describe('the status of a job', () => {
  const source = rust('clients/rust/src/jobs/status.rs');
  const words = literals(source.slice(source.indexOf('\nfn why')));
  const pattern = (text: string) => new RegExp(text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]*\}/g, '.+?'));

  it('says each of the sentences of Rust', () => {
    const said = everything().map(({ why }) => why);
    expect(words.length).toBeGreaterThan(25);
    expect(words.filter((text) => !said.some((sentence) => pattern(text).test(sentence)))).toEqual([]);
  });

  it('says nothing that Rust does not', () => {
    const wholes = words.filter((text) => !/^(has|was|found|is judged)/.test(text) || text.includes('{'));
    const judged = words.filter((text) => !wholes.includes(text)).join('|');
    const sentence = (text: string) => `(assignment \\d+ )?${text.startsWith('{}') ? `(${judged})${pattern(text.slice(2)).source}` : pattern(text).source}`;
    const whole = new RegExp(`^(${wholes.map(sentence).join('|')})+$`);
    expect(everything().map(({ why }) => why).filter((why) => !whole.test(why))).toEqual([]);
  });

  it('names the steps of Rust', () => {
    const names = new Set(everything().flatMap(({ steps }) => steps.map(({ name }) => name)));
    const theirs = literals(source.slice(source.indexOf('pub fn status'), source.indexOf('\nfn why')));
    expect([...names].sort()).toEqual([...new Set(theirs)].sort());
  });

  it('knows the phases and outcomes of the machine, by their numbers', () => {
    const variants = (path: string, name: string) => {
      const text = rust(path);
      const from = text.indexOf(`pub enum ${name} {`);
      return [...text.slice(from, text.indexOf('\n}', from)).matchAll(/^ {4}(\w+),$/gm)].map(([, variant]) => variant);
    };
    expect(Object.keys(Phase)).toEqual(variants('crates/job/src/assignment.rs', 'Phase'));
    expect(Object.values(Phase)).toEqual(Object.values(Phase).map((_, i) => i));
    expect(OUTCOMES).toEqual(variants('crates/job/src/job.rs', 'Outcome'));
  });

  it('has the steps in order of time, and what happens if nobody does anything', () => {
    const status = of(Phase.Window);
    expect(status.steps.map(({ name, who }) => [name, who])).toEqual([['fill', 'Client'], ['challenge', 'Anyone'], ['settle', 'Anyone']]);
    expect(status.default).toMatchObject({ name: 'challenge' });
    expect(of(Phase.Reserved, {}, { assignBy: 0n })).toMatchObject({
      steps: [{ name: 'start', until: 200n }, { name: 'expire', from: 200n }],
      default: { name: 'expire', assignment: 0 },
    });
    expect(jobStatus(job({ closed: 1 }), [], 50n)).toMatchObject({ state: 'Cancelled', steps: [{ name: 'claim_job', who: 'Anyone' }] });
  });
});
