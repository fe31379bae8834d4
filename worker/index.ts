import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { accountOf, type Accounts, type Account } from '../model/accounts.js';
import type { Settings } from '../model/settings.js';
import type { ClusterSpec } from '../model/spec.js';
import { connectForWorker } from '../store/connection.js';
import { queueNames, wakeUpSchema, workerOptions, type QueueTelemetry } from '../store/queue.js';
import type { Owner, QueueName } from '../store/contract.js';
import type { Store } from '../store/store.js';
import { followCalendars } from './calendars.js';
import type { Engine } from './engine/binary.js';
import { InstallationCheck, prepareBackend, verifyInstallation, type InstallationOptions } from './installation.js';
import { Observer } from './observer.js';
import { operationEnvironment } from './operation/environment.js';
import { clearFinishedWork } from './operation/earlier-attempts.js';
import type { OperationOptions } from './operation/options.js';
import { Operations } from './operations.js';
import { takeOverOrphans } from './reconciler.js';
import { Slots } from './slots.js';
import { beginWaitingJobs } from './waiting-jobs.js';

export { findEngine, type Engine } from './engine/binary.js';
export { verifyInstallation, type InstallationSecrets } from './installation.js';

/** What a worker is made of. The connections stay the caller's to close, after `stop()`. */
export interface WorkerParts {
  readonly store: Store;
  readonly redisUrl: string;
  /** Carries wake-ups that an API could not: told to look when something may be waiting. */
  readonly relay: { nudge(): void };
  readonly settings: Pick<Settings, 
    'home' | 'cloud' | 'concurrency' | 'backendUrl' | 'secretsProvider' | 'passphraseFile' | 'cancelGraceSeconds' | 'shutdownSeconds' | 'stallMinutes' | 'drainMinutes' | 'operationMemoryMiB'>;
  readonly accounts: Accounts;
  readonly log: Logger;
  readonly engine: Engine;
  /** BullMQ's side of traces, where there are any. */
  readonly telemetry?: QueueTelemetry | undefined;
  /** The script that is run for each operation, in place of ours: benchmarks put a stand-in there. */
  readonly operationProgram?: string | undefined;
  /** The service's environment, of which operations get an allow-listed part. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface RunningWorker {
  readonly id: string;
  /**
   * Takes no more jobs, lets running operations go on for `graceMs` (default: the setting), then interrupts them, and kills what does not end within a
   * minute. Their jobs are left to the next worker, which goes on with them.
   */
  stop(graceMs?: number): Promise<void>;
  /** Kills the running operations; `stop` then ends at once. */
  hurry(): void;
}

/** Previews at once per worker: they take no cluster's slot and write nothing. */
const previewsAtOnce = 2;
/** How long a stopping worker waits for the queue, in milliseconds. */
const queueCloseMs = 5_000;
const beatMs = 5_000;
const reconcileMs = 3_000;
const calendarMs = 30_000;

/**
 * Starts a worker: compares backend, Redis and settings first (throws `installation-mismatch`, `secrets-key-mismatch`, `backend-unavailable`),
 * then takes jobs. The queue only wakes it up; the store decides who runs a job.
 */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { store, settings, log, engine } = parts;
  const owner: Owner = { worker: `${os.hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`, host: os.hostname(), pid: process.pid, startedAt: new Date(Date.now() - process.uptime() * 1_000).toISOString() };
  const workRoot = path.join(settings.home, 'work');
  const environment = operationEnvironment(parts.environment ?? process.env, { engine, ...settings });
  const installationOptions: InstallationOptions = {
    store, engine, backendUrl: settings.backendUrl, secretsProvider: settings.secretsProvider, mode: settings.cloud, workRoot, environment,
  };
  await prepareBackend(settings.backendUrl);
  const found = await verifyInstallation(installationOptions);
  const installation = new InstallationCheck(installationOptions, found);
  log.info({ worker: owner.worker, installation: found.id, engine: engine.version }, 'the installation is verified');

  const account = (spec: ClusterSpec): Account => accountOf(parts.accounts, spec);
  const options: OperationOptions = {
    store, log, engine, backendUrl: settings.backendUrl, environment, program: parts.operationProgram, workRoot, installation: () => installation.current(), account,
    limits: { stallMs: settings.stallMinutes * 60_000, memoryBytes: settings.operationMemoryMiB * 2 ** 20 },
    cancelGraceMs: settings.cancelGraceSeconds * 1_000,
    drainLimitMs: settings.drainMinutes * 60_000,
  };
  await clearFinishedWork(store, workRoot);
  const slotsOf = (queue: QueueName, size: number): Slots => new Slots(size, (atOnce) => {
    const consumer = consumers.get(queue);
    if (consumer) consumer.worker.concurrency = atOnce;
  });
  const slots = { operations: slotsOf('operations', settings.concurrency), previews: slotsOf('previews', previewsAtOnce) };
  const operations = new Operations({ store, owner, options, slots, log });
  const consumers = new Map((Object.keys(queueNames) as QueueName[]).map((queue) => {
    const redis = connectForWorker(parts.redisUrl, `worker-${queue}`);
    const worker = new Worker(queueNames[queue], (job) => operations.claim(wakeUpSchema.parse(job.data).id, queue), workerOptions(redis, slots[queue].size, parts.telemetry));
    worker.on('error', (error) => log.debug({ err: error, queue }, 'the queue is not reachable'));
    worker.on('failed', (job, error) => {
      // The outbox wakes somebody up again: nothing was claimed.
      log.warn({ err: error, job: wakeUpSchema.safeParse(job?.data).data?.id }, 'a wake-up could not be followed');
      parts.relay.nudge();
    });
    return [queue, { worker, redis }] as const;
  }));

  const observer = new Observer({ store, relay: parts.relay, log, account });
  const beat = async (): Promise<void> => store.workerBeat(owner.worker, {
    at: new Date().toISOString(), host: owner.host, pid: owner.pid, running: operations.running, backend: await installation.backendState(),
  });
  const stops = [
    every(beatMs, beat, log),
    every(reconcileMs, () => takeOverOrphans({ store, operations, slots }), log),
    every(calendarMs, () => followCalendars({ store, relay: parts.relay, log }), log),
    every(calendarMs, () => store.webhooks.noteEnds(new Date()), log),
    every(calendarMs, () => beginWaitingJobs({ store, relay: parts.relay, log }), log),
    observer.start(),
  ];
  return {
    id: owner.worker,
    stop: async (graceMs = settings.shutdownSeconds * 1_000) => {
      for (const stop of stops) stop();
      // Nothing new is taken from now on; what runs goes on.
      const closed = Promise.all([...consumers.values()].map(({ worker }) => worker.close()));
      await operations.stop(graceMs);
      // Without Redis the queue cannot say good-bye; what it would say is known by silence too.
      await Promise.race([closed, wait(queueCloseMs, undefined, { ref: false })]).catch((error: unknown) => log.debug({ err: error }, 'the queue is not reachable'));
      for (const { redis } of consumers.values()) redis.disconnect();
      await observer.idle();
    },
    hurry: () => operations.hurry(),
  };
}

/** Repeats a task, at once and then every `ms`, never twice at a time. Returns what ends it. Failures are logged: the next round may do better. */
function every(ms: number, task: () => Promise<void>, log: Logger): () => void {
  let busy = false;
  const round = (): void => {
    if (busy) return;
    busy = true;
    task().catch((error: unknown) => log.debug({ err: error }, 'a periodic task failed')).finally(() => (busy = false));
  };
  round();
  const timer = setInterval(round, ms);
  return () => clearInterval(timer);
}
