import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import pino from 'pino';
import type { ClusterRecord } from '../../../model/cluster.js';
import type { JobKind, JobRecord } from '../../../model/job.js';
import type { Delivery } from '../../../model/webhook-delivery.js';
import { allowedTargetsSchema } from '../../../model/webhook-targets.js';
import type { Webhook } from '../../../model/webhooks.js';
import { connect } from '../../../store/connection.js';
import { Store } from '../../../store/store.js';
import { startWebhooks, type RunningWebhooks, type WebhookParts } from '../../../worker/webhooks/index.js';
import { defaultRetryPolicy } from '../../../worker/webhooks/verdict.js';
import { startReceiver, type Answering, type Received, type Receiver } from '../../support/receiver.js';
import { ended, inState, someCluster, someJob } from '../../support/records.js';
import { startRedis, type TestRedis } from '../../support/redis.js';

export const secret = 'planted-signing-secret-0123456789';

/** A store whose jobs' lives are told to webhooks; the test plays API and worker. */
export interface WebhookSetting {
  readonly server: TestRedis;
  readonly redis: Redis;
  readonly store: Store;
  /** Lines that were logged. */
  readonly logged: string[];
  /** Starts to deliver, with waits that tests can wait for. */
  deliver(changes?: Partial<WebhookParts>): RunningWebhooks;
  /** Starts a receiver, which ends with the setting; it answers 204 unless told otherwise. */
  receiver(answer?: Answering, host?: string): Promise<Receiver>;
  /** A new cluster with its queued job. */
  create(name: string, webhooks: readonly Webhook[]): Promise<JobRecord>;
  /** Begins a change of a settled cluster. */
  change(name: string, kind: Exclude<JobKind, 'preview'>): Promise<JobRecord>;
  /** Claims a job and ends it. */
  run(job: JobRecord, state?: 'succeeded' | 'failed', cluster?: ClusterRecord['state'] | 'gone'): Promise<void>;
  /** Waits until a cluster's deliveries are as wanted, the oldest first. */
  deliveries(name: string, wanted: (deliveries: readonly Delivery[]) => boolean): Promise<readonly Delivery[]>;
  end(): Promise<void>;
}

export const owner = { worker: 'worker-1', host: 'host-1', pid: 4711, startedAt: '2026-01-01T00:00:00.000Z' };

export async function webhookSetting(): Promise<WebhookSetting> {
  const server = await startRedis();
  const redis = connect(server.url, 'test');
  const store = new Store(redis);
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const running = new Set<RunningWebhooks>();
  const receivers: Receiver[] = [];
  return {
    server, redis, store, logged,
    deliver: (changes = {}) => {
      const started = startWebhooks({
        store, redisUrl: server.url, log, webhooks: [], secrets: [secret], allowed: allowedTargetsSchema.parse('127.0.0.0/8'),
        retry: { ...defaultRetryPolicy, firstMs: 100, factor: 1.5, longestMs: 5_000 }, times: { sweepMs: 50, repeatMs: 60_000 }, ...changes,
      });
      running.add(started);
      return { stop: () => { running.delete(started); return started.stop(); } };
    },
    receiver: async (answer, host) => {
      const started = await startReceiver(answer, host);
      receivers.push(started);
      return started;
    },
    create: async (name, webhooks) => {
      const { cluster, job } = someCluster(name, { webhooks: [...webhooks] });
      return (await store.createCluster(cluster, job)).job;
    },
    change: async (name, kind) => {
      const cluster = await store.getCluster(name);
      if (!cluster) throw new Error(`there is no cluster ${name}`);
      return (await store.changeCluster(name, { state: kind === 'delete' ? 'deleting' : 'updating', job: someJob(kind, cluster) })).job;
    },
    run: async (job, state = 'succeeded', cluster = state === 'succeeded' ? 'ready' : 'failed') => {
      const claim = await store.claimJob(job.id, owner, 30_000);
      if (!claim) throw new Error('the job was not to be had');
      await store.finish(claim.lease, { job: ended(claim.job, state), cluster: cluster === 'gone' ? cluster : inState(claim.cluster, cluster) });
    },
    deliveries: async (name, wanted) => {
      for (const deadline = Date.now() + 60_000; ;) {
        const { items } = await store.webhooks.list(name, { limit: 200 });
        const found = items.reverse();
        if (wanted(found)) return found;
        if (Date.now() > deadline) throw new Error(`not as wanted: ${JSON.stringify(found)}`);
        await wait(20);
      }
    },
    end: async () => {
      for (const started of running) await started.stop();
      for (const receiver of receivers) await receiver.stop();
      redis.disconnect();
      await server.stop();
    },
  };
}

/** Whether all are made or given up. */
export function settled(deliveries: readonly Delivery[]): boolean {
  return deliveries.length > 0 && deliveries.every(({ state }) => state !== 'pending');
}

/** What a receiver was told, in the order in which it happened: event, kind of job and state of the cluster. */
export function toldTo({ received }: Receiver): string[] {
  return inOrder(received).map(({ body }) => `${body.type} ${body.job?.kind ?? body.type} ${body.cluster.state}`);
}

/** Requests in the order of what they tell; they may come in another one. */
export function inOrder(received: readonly Received[]): Received[] {
  return received.toSorted((a, b) => (a.body.id < b.body.id ? -1 : 1));
}
