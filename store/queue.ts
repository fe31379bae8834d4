import type { JobsOptions, QueueOptions, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { JobKind } from '../model/job.js';
import { queueNames, type QueueName } from './contract.js';
import { hashTag } from './keys.js';

export { queueNames };

/** BullMQ's key prefix: the hash tag, so that its keys share our slot. */
export const queuePrefix = hashTag;

/** All that BullMQ carries: which job to look at. Records are read from the store. */
export const wakeUpSchema = z.strictObject({ id: z.ulid(), attempt: z.int().min(1) });
export type WakeUpData = z.infer<typeof wakeUpSchema>;

/** One try and no traces: whether a job runs, and what becomes of it, is decided in the store. */
const jobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const satisfies JobsOptions;

/** BullMQ's side of traces. */
export type QueueTelemetry = NonNullable<QueueOptions['telemetry']>;

/** Options of a `Queue`. `redis` is the caller's to close; the fail-fast one of `connect()` suits it. */
export function queueOptions(redis: Redis, telemetry?: QueueTelemetry): QueueOptions {
  return { connection: redis, prefix: queuePrefix, defaultJobOptions: jobOptions, ...(telemetry ? { telemetry } : {}) };
}

/**
 * Options of a `Worker`. `redis` comes from `connectForWorker()`, since BullMQ's blocking reads wait for ever. A wake-up is never run
 * again by BullMQ (`maxStalledCount: 0`): the store's outbox repeats it until somebody has claimed the job.
 */
export function workerOptions(redis: Redis, concurrency: number, telemetry?: QueueTelemetry): WorkerOptions {
  return {
    ...(telemetry ? { telemetry } : {}),
    connection: redis,
    prefix: queuePrefix,
    concurrency,
    maxStalledCount: 0,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  };
}

/** BullMQ's own id of a wake-up: adding it twice wakes once. */
export function wakeUpId(jobId: string, attempt: number): string {
  return `${jobId}.${attempt}`;
}

/** The queue that jobs of a kind go through. */
export function queueOf(kind: JobKind): QueueName {
  switch (kind) {
    case 'preview':
      return 'previews';
    case 'create':
    case 'update':
    case 'repair':
    case 'delete':
    case 'backup':
    case 'upgrade':
    case 'drift':
    case 'drill':
    case 'cluster-drill':
    case 'rotate':
    case 'restore':
    case 'restore-objects':
    case 'hibernate':
    case 'wake':
      return 'operations';
  }
}
