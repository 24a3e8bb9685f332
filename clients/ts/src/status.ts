// Where a job stands, why, and who can do what next from when on: the words of the Rust client.
import type { Assignment, Job } from './generated/index.js';

/** Where an assignment is. */
export const Phase = {
  /** Named; nothing signed. */
  Reserved: 0,
  /** The worker has signed its start (and, of a gang, waits for the others). */
  Running: 1,
  /** Attested; the draw is to come. */
  Submitted: 2,
  /** A committee is to be drawn again (no seats) or votes. */
  Verifying: 3,
  /** A verdict stands and may be challenged. */
  Window: 4,
  /** Challenged: joiners, then the draw, then votes of the second committee. */
  Disputed: 5,
  /** The second committee has ruled; one appeal may come. */
  Ruled: 6,
  /** Appealed: the draw, then votes of the last committee. */
  Appealed: 7,
  /** The verdict is final. */
  Final: 8,
  /** Everything is paid out. */
  Done: 9,
} as const;

/** How an assignment, and by the worst of them a job, ended, in rising order of severity. */
export const OUTCOMES = [
  'Cancelled',
  'Expired',
  'Declined',
  'Released',
  'Passed',
  'BasePay',
  'Unwound',
  'NoShow',
  'Refunded',
  'Late',
  'Failed',
  'Fraud',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the world sees of a job: derived, never stored. */
export type State =
  | 'Open'
  | 'Filled'
  | 'Assigned'
  | 'Running'
  | 'Submitted'
  | 'Verifying'
  | 'Challenge'
  | 'Settled'
  | 'Cancelled'
  | 'Refunded'
  | 'Slashed';

const VERDICTS = ['has passed', 'has failed', 'was proven fraudulent', 'found no quorum twice'] as const;

/** What a stored outcome is: 0 is none, else one more than its number. */
export const outcomeOf = (stored: number): Outcome | undefined => OUTCOMES[stored - 1];

/** Who can do a step: the client or its router, the worker, the verifiers of a round, anybody. */
export type Party = 'Client' | 'Worker' | 'Verifiers' | 'Anyone';
const PARTIES: readonly Party[] = ['Client', 'Worker', 'Verifiers', 'Anyone'];

/** Something that can be done. */
export interface Step {
  /** The instruction, by its name in the program. */
  name: string;
  who: Party;
  /** Of this assignment; undefined for the job as a whole. */
  assignment?: number;
  /** From this unix second on. */
  from: bigint;
  /** Before this one; undefined without end. */
  until?: bigint;
}

/** Where a job stands. */
export interface JobStatus {
  state: State;
  /** In words. */
  why: string;
  /** What whoever the job waits for can do now, or soon, in order of time. */
  steps: Step[];
  /** The first step that anybody can do: what happens if nobody else does anything. */
  default?: Step;
}

const count = ({ counts }: Job, phase: number): number => counts[phase] ?? 0;
/** Assignments that are not done. */
const live = (job: Job): number => job.assigned - count(job, Phase.Done);
/** No voucher waits for an assignment. */
const isSealed = ({ lines }: Job): boolean => lines.every(({ lot }) => lot.bought === 0n && lot.wallet === 0n);

/** The state of a job, from its counters. */
export function jobState(job: Job): State {
  const closed = outcomeOf(job.closed);
  if (closed !== undefined) {
    if (closed === 'Late' || closed === 'Failed' || closed === 'Fraud') return 'Slashed';
    if (job.accepted) return 'Settled';
    return closed === 'Cancelled' || closed === 'Expired' ? 'Cancelled' : 'Refunded';
  }
  if (count(job, Phase.Reserved) > 0) return 'Assigned';
  if (count(job, Phase.Running) > 0) return 'Running';
  if (count(job, Phase.Submitted) > 0) return 'Submitted';
  if (count(job, Phase.Verifying) > 0) return 'Verifying';
  if (live(job) > 0) return 'Challenge';
  return job.assigned === 0 && isSealed(job) ? 'Open' : 'Filled';
}

/** The status of a job, with those of its assignments whose accounts still exist, at unix second `now`. */
export function jobStatus(job: Job, assignments: readonly Assignment[], now: bigint): JobStatus {
  const steps = assignments.flatMap((assignment) => ofAssignment(job, assignment));
  if (job.closed !== 0) {
    if (claims(job)) steps.push(anyone('claim_job', undefined, now));
  } else {
    if (now < job.assignBy && !job.launched) {
      const wants = job.lines.some(({ filled, wanted }) => filled < wanted);
      for (const [name, can] of [['assign', !isSealed(job)], ['fill', wants]] as const) {
        if (can) steps.push({ name, who: 'Client', from: now, until: job.assignBy });
      }
    }
    if (live(job) === 0) {
      steps.push({ name: 'close_job', who: 'Client', from: now });
      steps.push(anyone('close_job', undefined, job.assignBy));
    }
  }
  const open = steps.filter(({ until }) => until === undefined || now < until);
  const begins = ({ from }: Step) => (from < now ? now : from);
  const byTime = (a: bigint, b: bigint) => Number(a > b) - Number(a < b);
  open.sort((a, b) => byTime(begins(a), begins(b)) || PARTIES.indexOf(a.who) - PARTIES.indexOf(b.who));
  const [first] = open.filter(({ who }) => who === 'Anyone').sort((a, b) => byTime(a.from, b.from));
  return { state: jobState(job), why: why(job, assignments, now), steps: open, ...(first && { default: first }) };
}

const anyone = (name: string, assignment: number | undefined, from: bigint): Step => ({
  name,
  who: 'Anyone',
  from,
  ...(assignment !== undefined && { assignment }),
});

function claims({ clientClaim, lines, setAside, openAssignments }: Job): boolean {
  return clientClaim !== 0n || lines.some(({ claim }) => claim !== 0n) || (setAside === 0n && openAssignments === 0);
}

/** The steps of one assignment: those of whoever it waits for, and the way out if they do nothing. */
function ofAssignment(job: Job, { index, phase, until, seats }: Assignment): Step[] {
  const by = (name: string, who: Party, until: bigint): Step => ({ name, who, assignment: index, from: 0n, until });
  const draw = [anyone('draw', index, until)];
  switch (phase) {
    case Phase.Reserved:
      return [by('start', 'Worker', job.startBy), anyone('expire', index, job.startBy)];
    case Phase.Running:
      if (job.gang && !job.launched) return [anyone('expire', index, job.startBy)];
      return [by('submit_attestation', 'Worker', job.submitBy), anyone('expire', index, job.submitBy)];
    case Phase.Submitted:
      return draw;
    case Phase.Verifying:
    case Phase.Disputed:
    case Phase.Appealed:
      return seats === 0 ? draw : [by('commit', 'Verifiers', until), anyone('tally', index, until)];
    case Phase.Window:
      return [by('challenge', 'Anyone', until), anyone('settle', index, until)];
    case Phase.Ruled:
      return [by('appeal', 'Anyone', until), anyone('settle', index, until)];
    case Phase.Final:
      return [anyone('settle', index, 0n)];
    default:
      return [];
  }
}

function why(job: Job, assignments: readonly Assignment[], now: bigint): string {
  const reason = outcomeOf(job.closed);
  if (reason !== undefined) return `closed: ${reason}${job.clientClaim === 0n ? '' : `; ${job.clientClaim} raw credits are the client's to claim`}`;
  const alive = live(job);
  if (alive === 0) {
    if (now < job.assignBy && isSealed(job) && job.assigned === 0) return 'no vouchers yet: the client or its router fills it';
    if (now < job.assignBy && !isSealed(job)) return 'it holds vouchers that no worker is named for';
    return job.assigned === 0 ? 'the time to assign is over, and nobody was' : `all ${job.assigned} assignments are over`;
  }
  const parts = assignments.flatMap((assignment) => {
    const what = ofPhase(job, assignment);
    return what === undefined ? [] : [`assignment ${assignment.index} ${what}`];
  });
  return parts.length > 0 ? parts.join('; ') : `${alive} assignments are live`;
}

/** What one assignment waits for. */
function ofPhase({ gang, launched, startBy, submitBy }: Job, { phase, until, seats, verdict }: Assignment): string | undefined {
  const judged = VERDICTS[verdict - 1] ?? 'is judged';
  switch (phase) {
    case Phase.Reserved:
      return `waits for its worker to start, until ${startBy}`;
    case Phase.Running:
      if (gang && !launched) return `has started and waits for the rest of its gang, until ${startBy}`;
      return `is running, its attestation due by ${submitBy}`;
    case Phase.Submitted:
      return `has attested; whether it is verified is drawn from ${until} on`;
    case Phase.Verifying:
      return seats === 0 ? `waits for a committee, drawn from ${until} on` : `is before ${seats} verifiers, until ${until}`;
    case Phase.Window:
      return `${judged} and can be challenged until ${until}`;
    case Phase.Disputed:
      return seats === 0 ? `is challenged; its second committee is drawn from ${until} on` : `is before a second committee of ${seats}, until ${until}`;
    case Phase.Ruled:
      return `${judged} in dispute and can be appealed until ${until}`;
    case Phase.Appealed:
      return seats === 0 ? `is appealed; its last committee is drawn from ${until} on` : `is before the last committee of ${seats}, until ${until}`;
    case Phase.Final:
      return `${judged}, finally: anybody can settle it`;
    default:
      return undefined;
  }
}
