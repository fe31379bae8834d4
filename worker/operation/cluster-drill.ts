import type { DrillReport } from '../../model/drill.js';
import { isClusterwrightError } from '../../model/errors.js';
import { phasesOf, type JobRecord } from '../../model/job.js';
import type { PhaseName } from '../../model/phases.js';
import type { OperationContext } from './context.js';
import { mostAttempts } from './verdict.js';

// A drill of a whole cluster takes away what it has made, whatever came of it: its phases after the comparison run in any case.

const order = phasesOf['cluster-drill'];

/** What an earlier attempt at a drill has come to; undefined for other jobs, and as long as it is not known. What is left to do is to take its cluster away. */
export function earlierResult({ kind, report }: JobRecord): DrillReport | undefined {
  return kind === 'cluster-drill' && report?.kind === 'drill' ? report : undefined;
}

/** Whether a phase's turn has come: in a drill that has failed, or whose result is known, what comes before the comparison is left out. */
export function isDue({ job, failure }: Pick<OperationContext, 'job' | 'failure'>, name: PhaseName): boolean {
  if (job.kind !== 'cluster-drill' || name === 'preflight' || takesAway(name)) return true;
  return earlierResult(job) === undefined && (failure === undefined || name === 'compare-objects');
}

/** Whether a job goes on after a phase has failed like this. An engine that died may do better in the next attempt. */
export function goesOnAfter({ job }: Pick<OperationContext, 'job'>, name: PhaseName, error: unknown): boolean {
  const mayDoBetter = isClusterwrightError(error) && error.code === 'engine-crashed' && job.attempt < mostAttempts;
  return job.kind === 'cluster-drill' && !takesAway(name) && !mayDoBetter;
}

function takesAway(name: PhaseName): boolean {
  return order.indexOf(name) >= order.indexOf('drain');
}
