import { stateAfter, stateDuring, withDeletionIncomplete, type ClusterRecord, type Condition } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { JobEventBody } from '../../model/event.js';
import { jobError, percentOf, type JobError, type JobRecord, type PhaseStatus } from '../../model/job.js';
import { phases as phaseTitles, type PhaseName } from '../../model/phases.js';
import type { FromOperation } from './protocol.js';

type Message = Exclude<FromOperation, { type: 'log' | 'observation' | 'result' }>;

/** The records of a running operation, as its messages change them. Pure: whoever holds it writes it to the store. */
export interface OperationRecord {
  readonly job: JobRecord;
  readonly cluster: ClusterRecord | undefined;
  /** Resources of the phases before this one: a job's progress goes on counting, a phase's share of the percentage starts anew. */
  readonly before: { readonly done: number; readonly total: number };
}

/** What one message changes. `urgent` is false for what may wait a little to be written. */
export interface Change {
  readonly record: OperationRecord;
  readonly events: readonly JobEventBody[];
  readonly urgent: boolean;
}

/**
 * The records of an operation that has just been claimed. Another attempt goes through all phases again, so they are shown as pending; one
 * that only has to settle a cancelled job shows how far the job had come.
 */
export function claimedRecord(job: JobRecord, cluster: ClusterRecord | undefined): OperationRecord {
  const before = { done: 0, total: 0 };
  if (job.attempt === 1 || job.cancellation !== null) return { job, cluster, before };
  const phases = job.phases.map(({ name }): PhaseStatus => ({ name, state: 'pending', startedAt: null, endedAt: null }));
  return { job: { ...job, phases, progress: { ...job.progress, resources: before } }, cluster, before };
}

/** Applies one message. */
export function applyMessage(record: OperationRecord, message: Message, at: Date): Change {
  switch (message.type) {
    case 'phase': return applyPhase(record, message.phase, message.state, at.toISOString());
    case 'event': return { record, events: [message.event], urgent: message.event.type !== 'resource' };
    case 'progress': return { record: withProgress(record, message), events: [], urgent: false };
    case 'cluster': {
      const { cluster } = record;
      const changed = cluster && { ...cluster, zones: message.zones ?? cluster.zones, connection: message.connection ?? cluster.connection };
      return { record: { ...record, cluster: changed }, events: [], urgent: true };
    }
    case 'plan': return { record: { ...record, job: { ...record.job, plan: message.plan } }, events: [], urgent: true };
    case 'report': return { record: { ...record, job: { ...record.job, report: message.report } }, events: [], urgent: true };
    case 'receipt': return { record: { ...record, job: { ...record.job, receipt: message.receipt } }, events: [], urgent: true };
  }
}

function applyPhase(record: OperationRecord, name: PhaseName, state: 'running' | 'succeeded' | 'failed', at: string): Change {
  const phases = record.job.phases.map((phase): PhaseStatus => {
    if (phase.name !== name) return phase;
    return state === 'running' ? { name, state, startedAt: at, endedAt: null } : { ...phase, state, endedAt: at };
  });
  const { resources } = record.job.progress;
  const before = state === 'running' ? resources : record.before;
  const own = { done: resources.done - before.done, total: resources.total - before.total };
  const percent = Math.max(record.job.progress.percent, percentOf(phases, own));
  const job: JobRecord = { ...record.job, phase: currentPhase(record.job.phase, phases) ?? name, phases, progress: { resources, percent: Math.min(99, percent) } };
  return {
    record: { ...record, job, before },
    events: [{ type: 'phase', phase: name, state, title: phaseTitles[name] }],
    urgent: true,
  };
}

/** The phase that a job is in, `last` being the one before: the first of those that run side by side, and the first that failed once one has. */
function currentPhase(last: PhaseName | null, phases: readonly PhaseStatus[]): PhaseName | undefined {
  const stateOf = new Map(phases.map(({ name, state }) => [name, state]));
  if (last !== null && stateOf.get(last) === 'failed') return last;
  return (phases.find(({ state }) => state === 'failed') ?? phases.find(({ state }) => state === 'running'))?.name;
}

function withProgress(record: OperationRecord, { done, total }: { done: number; total: number }): OperationRecord {
  const { job, before } = record;
  const resources = { done: before.done + done, total: before.total + total };
  // Totals grow while a program declares, so the share could shrink: the percentage never does.
  const percent = Math.max(job.progress.percent, percentOf(job.phases, { done, total }));
  return { ...record, job: { ...job, progress: { resources, percent } } };
}

/** What is looked at of a record that comes to its end: a claim has it too. */
type EndingRecord = Pick<OperationRecord, 'job' | 'cluster'>;

/**
 * The records when the job has ended: with `cancelled` where its error says so. `needs-repair` is the cluster's state where processes were killed or
 * lost for good, so that nobody knows what they were at; `gone`: its record is to be removed. A drill has deleted the cluster that it was tried in when it ends with what is wrong.
 */
export function endedRecord(record: EndingRecord, error: JobError | null, at: Date, failed: 'failed' | 'needs-repair' = 'failed'): { job: JobRecord; cluster: ClusterRecord | 'gone' | undefined } {
  const time = at.toISOString();
  const { job, cluster } = record;
  const ended: JobRecord = {
    ...job,
    state: error === null ? 'succeeded' : error.code === 'cancelled' ? 'cancelled' : 'failed',
    error,
    endedAt: time,
    phase: job.phase,
    progress: error === null ? { ...job.progress, percent: 100 } : job.progress,
    phases: job.phases.map((phase) => endedPhase(phase, time)),
  };
  if (job.kind === 'preview' || cluster === undefined) return { job: ended, cluster: undefined };
  const isGone = error === null ? job.kind === 'delete' || job.kind === 'cluster-drill' : job.kind === 'cluster-drill' && error.code === 'drill-failed';
  if (isGone) return { job: ended, cluster: 'gone' };
  if (stateDuring[job.kind] === null) return { job: ended, cluster };
  return { job: ended, cluster: { ...cluster, state: error === null ? stateAfter(job.kind) : failed, conditions: endedConditions(record, error, time) } };
}

/** Only a deletion says that it is incomplete, and only a change that succeeded takes that back. */
function endedConditions({ job, cluster }: EndingRecord, error: JobError | null, at: string): Condition[] {
  const conditions = cluster?.conditions ?? [];
  if (error === null) return conditions.filter(({ type }) => type !== 'DeletionIncomplete');
  const hasBegun = job.kind === 'cluster-drill' && job.phases.some(({ name, state }) => name === 'drain' && state !== 'pending');
  return job.kind === 'delete' || hasBegun ? withDeletionIncomplete(conditions, error, at) : conditions;
}

/** What a cancelled job says: how far it had come, and what becomes of that. */
export function cancelledError({ job }: Pick<OperationRecord, 'job'>, killed: boolean): JobError {
  const { done } = job.progress.resources;
  const place = job.phase === null ? 'before its first phase' : `in the phase "${phaseTitles[job.phase]}"`;
  const resources = job.kind === 'preview' || done === 0 ? '' : `, when ${done} ${done === 1 ? 'resource was' : 'resources were'} done`;
  const remains = job.kind === 'preview' ? 'It has changed nothing.'
    : job.kind === 'delete' ? 'What is not deleted yet stays until the cluster is deleted or repaired.'
      : stateDuring[job.kind] === null ? 'The cluster is as it was.'
        : 'What it has made stays until the cluster is changed, repaired or deleted.';
  const doubt = killed ? ' Its processes were killed, so what they were at work on is in doubt until the cluster is repaired.' : '';
  return jobError(new ClusterwrightError('cancelled', `The job was cancelled ${place}${resources}. ${remains}${doubt}`));
}

function endedPhase(phase: PhaseStatus, endedAt: string): PhaseStatus {
  switch (phase.state) {
    case 'running': return { ...phase, state: 'failed', endedAt };
    case 'pending': return { ...phase, state: 'skipped' };
    case 'succeeded': case 'failed': case 'skipped': return phase;
  }
}
