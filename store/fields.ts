import { z } from 'zod';
import { clusterRecordSchema, observationSchema, type ClusterRecord, type Observation } from '../model/cluster.js';
import { cancellationSchema, jobRecordSchema, type Cancellation, type JobRecord } from '../model/job.js';
import { reportSchema, type ReportKind, type ReportOf } from '../model/report.js';
import { parse, parseJson } from './parsing.js';
import { specFrom } from './specs.js';

/**
 * Records are hashes. What scripts check or set (state, attempt, version, activeJob, …) are plain fields; the rest lies in a few JSON texts by
 * how it changes: `spec` and `fixed` never or seldom, `live` and `base` with the worker's writes. Scripts pass these on without looking
 * inside. `scripts/shared.lua` has the same lists.
 */
export const jobFields = ['fixed', 'spec', 'live', 'state', 'attempt', 'startedAt', 'cancellation'] as const;
export const clusterFields = ['base', 'spec', 'state', 'version', 'activeJob', 'lastJob', 'updatedAt', 'nextJob'] as const;

const jobWithoutSpecSchema = jobRecordSchema.omit({ spec: true });
const clusterWithoutSpecSchema = clusterRecordSchema.omit({ spec: true });

/**
 * A job as it may be stored, its fields in one order: what could not be read again is refused before it is written. The spec is left
 * aside: it is by far the largest part, it was parsed when the request came, and no write changes it.
 */
export function checkedJobWithoutSpec({ spec: _, ...rest }: JobRecord): Omit<JobRecord, 'spec'> {
  return parse(rest, 'job to be stored', jobWithoutSpecSchema);
}

/** The same for a cluster. */
export function checkedClusterWithoutSpec({ spec: _, ...rest }: ClusterRecord): Omit<ClusterRecord, 'spec'> {
  return parse(rest, 'cluster to be stored', clusterWithoutSpecSchema);
}

/** The part of a job that never changes, but for the spec. */
export function fixedText({ id, cluster, uid, kind, simulated, requestedBy, requestId, trace, createdAt, notBefore, intent }: Omit<JobRecord, 'spec'>): string {
  return JSON.stringify({ id, cluster, uid, kind, simulated, requestedBy, requestId, trace, createdAt, notBefore, intent });
}

type LivePart = Pick<JobRecord, 'phase' | 'progress' | 'phases' | 'endedAt' | 'error' | 'plan' | 'receipt' | 'report'>;

/** The part of a job that its worker writes. */
export function liveText({ phase, progress, phases, endedAt, error, plan, receipt, report }: LivePart): string {
  return JSON.stringify({ phase, progress, phases, endedAt, error, plan, receipt, report });
}

/** The part of a cluster that workers write. */
export function baseText({ name, uid, slot, simulated, zones, connection, conditions, createdAt }: Omit<ClusterRecord, 'spec'>): string {
  return JSON.stringify({ name, uid, slot, simulated, zones, connection, conditions, createdAt });
}

const partsSchema = z.array(z.string().nullable());
const parts = (reply: unknown): string[] | undefined => {
  const texts = partsSchema.parse(reply);
  return texts.length === 0 || texts[0] === null ? undefined : texts.map((text) => text ?? '');
};

/** A job out of its fields; undefined when there is none. */
export function jobFrom(reply: unknown): JobRecord | undefined {
  const texts = parts(reply);
  if (texts === undefined) return undefined;
  const [fixed = '', spec = '', live = '', state, attempt, startedAt, cancellation = ''] = texts;
  const rest = parse({
    ...parseObject(fixed, 'stored job'), ...parseObject(live, 'stored job'), state, attempt: Number(attempt), startedAt: startedAt === '' ? null : startedAt,
    cancellation: cancellationFrom(cancellation),
  }, 'stored job', jobWithoutSpecSchema);
  return { ...rest, spec: specFrom(spec) };
}

/** A cluster out of its fields; undefined when there is none. */
export function clusterFrom(reply: unknown): ClusterRecord | undefined {
  const texts = parts(reply);
  if (texts === undefined) return undefined;
  const [base = '', spec = '', state, version, activeJob, lastJob = '', updatedAt, nextJob] = texts;
  const rest = parse({
    ...parseObject(base, 'stored cluster'),
    state, version: Number(version), activeJob: activeJob === '' ? null : activeJob, nextJob: nextJob === '' ? null : nextJob, lastJob: parseJson(lastJob, 'stored cluster'), updatedAt,
  }, 'stored cluster', clusterWithoutSpecSchema);
  return { ...rest, spec: specFrom(spec) };
}

/** What somebody wants of a job, out of its text. */
export function cancellationFrom(text: string): Cancellation | null {
  return text === '' ? null : parse(parseJson(text, 'stored cancellation'), 'stored cancellation', cancellationSchema);
}

/** An observation out of its text. */
export function observationFrom(text: string | null): Observation | undefined {
  return text === null ? undefined : parse(parseJson(text, 'stored observation'), 'stored observation', observationSchema);
}

/** A report out of its text. */
export function reportFrom<Kind extends ReportKind>(text: string | null, kind: Kind): ReportOf<Kind> | undefined {
  if (text === null) return undefined;
  const report = parse(parseJson(text, 'stored report'), 'stored report', reportSchema);
  return report.kind === kind ? (report as ReportOf<Kind>) : undefined;
}

function parseObject(text: string, what: string): object {
  const value = parseJson(text, what);
  return typeof value === 'object' && value !== null ? value : {};
}
