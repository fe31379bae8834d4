import { z } from 'zod';
import { cancellationSchema, isFinished, isRetryable, jobErrorSchema, jobRecordSchema, phaseStatusSchema, type JobRecord } from '../../model/job.js';
import { accessChangeSchema } from '../../model/job-request.js';
import { planSchema } from '../../model/plan.js';
import { receiptSchema } from '../../model/receipt.js';
import { reportSchema } from '../../model/report.js';
import { clusterPath } from './cluster.js';
import { timeSchema } from './times.js';

const record = jobRecordSchema.shape;

/** A job as callers see it. */
export const jobViewSchema = z.strictObject({
  id: z.string().describe('A ULID: ids sort by the time of creation'),
  cluster: z.string(),
  kind: record.kind,
  simulated: z.boolean(),
  state: record.state,
  phase: record.phase.describe('The phase it is in, or was in last: of two that run side by side the first, or the one that failed'),
  progress: record.progress,
  phases: z.array(phaseStatusSchema.meta({ id: 'Phase' })),
  requestedBy: z.string(),
  createdAt: timeSchema,
  notBefore: timeSchema.optional().describe('In what waits, or has waited, for a maintenance window of the cluster: it does not begin before this'),
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  attempt: z.int().describe('Grows when another worker takes the job over'),
  cancellation: cancellationSchema.nullable().describe('Since when somebody wants it to end, and whether its processes are killed after the grace period'),
  retryOf: z.string().nullable().describe('The job that it is another try of'),
  error: jobErrorSchema.meta({ id: 'JobError' }).nullable(),
  plan: planSchema.meta({ id: 'Plan', description: 'In previews only; null until the job has succeeded' }).nullable().optional(),
  receipt: receiptSchema.meta({ id: 'Receipt', description: 'In deletions, and in drills that delete the cluster they have made; null until it is deleted' }).nullable().optional(),
  report: reportSchema.meta({ id: 'Report', description: 'What the job found out about the cluster, in those that are for that; absent until it has' }).optional(),
  access: accessChangeSchema.meta({ id: 'AccessChange' }).optional().describe('The temporary access that an update, or its preview, gives or takes away'),
  links: z.strictObject({
    self: z.string(),
    events: z.string(),
    cluster: z.string(),
    cancel: z.string().optional().describe('Where it can be cancelled (POST), while it is unfinished'),
    retry: z.string().optional().describe('Where it can be tried again (POST), when it has failed or was cancelled and no later job has followed'),
  }),
}).meta({ id: 'Job' });
export type JobView = z.infer<typeof jobViewSchema>;

/** Path of a job. */
export function jobPath(id: string): string {
  return `/jobs/${id}`;
}

/** What ended while it waited for a maintenance window was no job of the cluster's yet: it is asked for again. */
function neverBegan({ notBefore, startedAt }: JobRecord): boolean {
  return notBefore !== undefined && startedAt === null;
}

/** What callers see of a job: no spec, uid or intent. */
export function jobView(job: JobRecord): JobView {
  const self = jobPath(job.id);
  return {
    id: job.id,
    cluster: job.cluster,
    kind: job.kind,
    simulated: job.simulated,
    state: job.state,
    phase: job.phase,
    progress: job.progress,
    phases: job.phases,
    requestedBy: job.requestedBy,
    createdAt: job.createdAt,
    ...(job.notBefore === undefined ? {} : { notBefore: job.notBefore }),
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    attempt: job.attempt,
    cancellation: job.cancellation,
    retryOf: job.intent.retryOf,
    error: job.error,
    ...(job.kind === 'preview' ? { plan: job.plan } : {}),
    ...(job.kind === 'delete' || job.kind === 'cluster-drill' ? { receipt: job.receipt } : {}),
    ...(job.report === undefined ? {} : { report: job.report }),
    ...(job.intent.request?.kind === 'update' ? { access: job.intent.request.access } : {}),
    links: {
      self,
      events: `${self}/events`,
      cluster: clusterPath(job.cluster),
      ...(isFinished(job.state) ? {} : { cancel: `${self}/cancel` }),
      ...(isRetryable(job.state) && !neverBegan(job) ? { retry: `${self}/retry` } : {}),
    },
  };
}
