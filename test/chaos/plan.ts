import { phasesOf } from '../../model/job.js';
import type { PhaseName } from '../../model/phases.js';
import { Random } from './random.js';

/** Jobs that rounds are made of, in the order of one cluster's life. */
export const chain = ['create', 'update', 'repair', 'delete'] as const;
export type RoundKind = (typeof chain)[number];

/** Processes that are ended by SIGKILL. */
export const victims = ['engine', 'operation', 'guard', 'worker', 'service', 'redis', 'everything'] as const;
/** Requests and signals that end a job in order, or nearly so. */
export const requests = ['cancel', 'force-cancel', 'stop-worker'] as const;
/** What the cloud does to one resource type. */
export const faults = ['fail', 'throttle', 'stall', 'lose-answer'] as const;

/** What a round does to the job. */
export type Strike =
  | { readonly kind: (typeof victims)[number] | (typeof requests)[number] }
  | { readonly kind: (typeof faults)[number]; readonly type: string; readonly operation: 'create' | 'delete' };

/** One round: a job, and what happens to it when. */
export interface Round {
  readonly number: number;
  readonly job: RoundKind;
  readonly strike: Strike;
  /** The phase in which it strikes, and milliseconds after it has begun. Faults lie in wait from the beginning. */
  readonly phase: PhaseName;
  readonly delayMs: number;
}

/**
 * The rounds of a seed. Each round's plan depends on the seed and its own number only, so a run can be resumed, and a single round repeated. All
 * kinds of strikes and all phases come in turn; the moment within the phase is random. `types` are the resource types that faults go through in turn.
 */
export function roundOf(seed: number, number: number, types: readonly [string, ...string[]]): Round {
  const random = new Random(seed * 7919 + number);
  const job = chain[number % chain.length] ?? 'create';
  const turn = Math.floor(number / chain.length);
  const phases = phasesOf[job];
  const phase = phases[turn % phases.length] ?? 'preflight';
  return { number, job, phase, delayMs: random.whole(0, 1_500), strike: strikeOf(random, job, turn, types) };
}

function strikeOf(random: Random, job: RoundKind, turn: number, types: readonly [string, ...string[]]): Strike {
  // Three rounds in ten are the cloud's doing, where the job asks enough of it.
  if ((job === 'create' || job === 'delete') && random.next() < 0.3) {
    const type = types[turn % types.length] ?? types[0];
    return { kind: random.one(faults), type, operation: job };
  }
  const rest = [...victims, ...requests] as const;
  return { kind: rest[(turn + chain.indexOf(job) * 3) % rest.length] ?? 'engine' };
}
