import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { accountOf, type Accounts, type AwsAccount } from '../model/accounts.js';
import type { Settings } from '../model/settings.js';
import type { ClusterSpec } from '../model/spec.js';
import { connectForWorker } from '../store/connection.js';
import { queueNames, wakeUpSchema, workerOptions } from '../store/queue.js';
import type { Owner, QueueName } from '../store/contract.js';
import type { Store } from '../store/store.js';
import type { Engine } from './engine/binary.js';
import { InstallationCheck, prepareBackend, verifyInstallation, type InstallationOptions } from './installation.js';
import { Observer } from './observer.js';
import { operationEnvironment } from './operation/environment.js';
import { leaseTimes } from './operation/lease-keeper.js';
import { runOperation, type OperationOptions } from './operation/parent.js';
import { settleOrphans } from './reconciler.js';

export { findEngine, type Engine } from './engine/binary.js';
export { verifyInstallation, type InstallationSecrets } from './installation.js';

/** What a worker is made of. The connections stay the caller's to close, after `stop()`. */
export interface WorkerParts {
  readonly store: Store;
  readonly redisUrl: string;
  /** Carries wake-ups that an API could not: told to look when something may be waiting. */
  readonly relay: { nudge(): void };
  readonly settings: Pick<Settings, 'home' | 'cloud' | 'concurrency' | 'backendUrl' | 'secretsProvider' | 'passphraseFile'>;
  readonly accounts: Accounts;
  readonly log: Logger;
  readonly engine: Engine;
  /** The service's environment, of which operations get an allow-listed part. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface RunningWorker {
  readonly id: string;
  /** Takes no more jobs, lets running operations end for `graceMs` (default 20 s), then kills them and leaves their jobs to the reconciler. */
  stop(graceMs?: number): Promise<void>;
}

/** Previews at once per worker: they take no cluster's slot and write nothing. */
const previewsAtOnce = 2;
const beatMs = 5_000;
const reconcileMs = 10_000;

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

  const account = (spec: ClusterSpec): AwsAccount => accountOf(parts.accounts, spec);
  const options: OperationOptions = { store, log, engine, backendUrl: settings.backendUrl, environment, workRoot, installation: () => installation.current(), account };
  const killing = new AbortController();
  // Every running operation listens.
  setMaxListeners(0, killing.signal);
  const running = new Set<Promise<void>>();

  const follow = async (data: unknown): Promise<void> => {
    const { id } = wakeUpSchema.parse(data);
    const claim = await store.claimJob(id, owner, leaseTimes.ttl);
    // Somebody else has it, or it has run already: a wake-up may come twice.
    if (claim === undefined) return;
    const operation = runOperation(claim, options, killing.signal);
    running.add(operation);
    await operation.finally(() => running.delete(operation));
  };
  const consumers = (Object.keys(queueNames) as QueueName[]).map((queue) => {
    const redis = connectForWorker(parts.redisUrl, `worker-${queue}`);
    const worker = new Worker(queueNames[queue], (job) => follow(job.data), workerOptions(redis, queue === 'operations' ? settings.concurrency : previewsAtOnce));
    worker.on('error', (error) => log.debug({ err: error, queue }, 'the queue is not reachable'));
    worker.on('failed', (job, error) => {
      // The outbox wakes somebody up again: nothing was claimed.
      log.warn({ err: error, job: wakeUpSchema.safeParse(job?.data).data?.id }, 'a wake-up could not be followed');
      parts.relay.nudge();
    });
    return { worker, redis };
  });

  const observer = new Observer({ store, log, account });
  const beat = async (): Promise<void> => store.workerBeat(owner.worker, {
    at: new Date().toISOString(), host: owner.host, pid: owner.pid, running: running.size, backend: await installation.backendState(),
  });
  const stops = [
    every(beatMs, beat, log),
    every(reconcileMs, () => settleOrphans(store, owner, log), log),
    observer.start(),
  ];
  return {
    id: owner.worker,
    stop: async (graceMs = 20_000) => {
      for (const stop of stops) stop();
      // Nothing new is taken from now on; what runs goes on.
      const closed = Promise.all(consumers.map(({ worker }) => worker.close()));
      await Promise.race([closed, wait(graceMs, undefined, { ref: false })]);
      killing.abort();
      await Promise.allSettled(running);
      await closed;
      for (const { redis } of consumers) redis.disconnect();
      await observer.idle();
    },
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
