import type { Job, Receipt } from '../../client/index.js';
import { formatDuration } from '../durations.js';
import { planRows } from './plan.js';
import { columns, properties } from './table.js';

/** Jobs, a line each. */
export function jobList(jobs: readonly Job[]): string {
  const rows = jobs.map(({ id, cluster, kind, state, phase, progress, createdAt, requestedBy }) => [id, cluster, kind, state, phase ?? '', `${progress.percent} %`, createdAt, requestedBy]);
  return columns(['job', 'cluster', 'kind', 'state', 'phase', 'done', 'asked for', 'by'], rows);
}

/** A job with its phases, and what came of it: error, plan or receipt. */
export function jobDetails(job: Job): string {
  const { id, cluster, kind, state, simulated, attempt, requestedBy, createdAt, phases, progress, error, plan, receipt, retryOf, cancellation } = job;
  return properties([
    ['job', `${id} (${kind} of ${cluster}${simulated ? ', simulated' : ''})`],
    ['state', `${state}, ${progress.percent} %${attempt > 1 ? `, attempt ${attempt}` : ''}`],
    ['asked for', `${createdAt} by ${requestedBy}`],
    ...(retryOf === null ? [] : [['another try of', retryOf] as const]),
    ...(cancellation === null ? [] : [['cancelled', `${cancellation.requestedAt}${cancellation.force ? ', by force' : ''}`] as const]),
    ...phases.map((phase): [string, string] => ['phases', `${phase.name}: ${phase.state}${phase.startedAt !== null && phase.endedAt !== null ? ` (${formatDuration(Date.parse(phase.endedAt) - Date.parse(phase.startedAt))})` : ''}`]),
    ['took', tookOf(job)],
    ...(error === null ? [] : errorRows(error)),
    ...(plan === undefined || plan === null ? [] : planRows(plan)),
    ...(receipt === undefined || receipt === null ? [] : receiptRows(receipt)),
  ]);
}

/** Why a job failed, and what to do next. */
export function errorRows({ code, title, detail, resource, hint }: NonNullable<Job['error']>): [string, string][] {
  return [['error', `${title} (${code})`], ['what', detail], ...(resource === null ? [] : [['resource', resource] as [string, string]]), ['next', hint]];
}

/** What the scan after a deletion found. */
export function receiptRows({ checked, leftovers, retained }: Receipt): [string, string][] {
  return [
    ['receipt', `${checked.length} kinds checked, ${leftovers.length} resources left`],
    ...leftovers.map(({ kind, id, reason }): [string, string] => ['left', `${kind} ${id}: ${reason}`]),
    ...retained.map(({ kind, id, reason, until }): [string, string] => ['kept', `${kind} ${id}: ${reason}${until === null ? '' : ` until ${until}`}`]),
  ];
}

/** How long a job took, or has taken. */
export function tookOf({ startedAt, endedAt }: Job): string {
  if (startedAt === null) return endedAt === null ? 'has not begun' : 'never begun';
  return endedAt === null ? `since ${startedAt}` : formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
}
