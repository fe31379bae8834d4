import { setTimeout as wait } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import pino from 'pino';
import { createApi, serve, type ApiDependencies, type Server } from '../../../api/index.js';
import { loadCatalogue } from '../../../bin/catalogue.js';
import type { Accounts } from '../../../model/accounts.js';
import type { ClusterRecord } from '../../../model/cluster.js';
import type { JobEventBody } from '../../../model/event.js';
import type { JobRecord } from '../../../model/job.js';
import { connect } from '../../../store/connection.js';
import type { Claim } from '../../../store/contract.js';
import { OutboxRelay } from '../../../store/outbox.js';
import { queueNames, queueOptions } from '../../../store/queue.js';
import { Store } from '../../../store/store.js';
import { startRedis, type TestRedis } from '../../support/redis.js';

export const accounts: Accounts = {
  default: {
    aws: {
      provider: 'aws',
      accountId: '123456789012',
      roleArn: 'arn:aws:iam::123456789012:role/clusterwright',
      reach: { type: 'peering', vpcId: 'vpc-0c1d5e70worker000', cidr: '10.0.0.0/16', routeTableIds: ['rtb-0c1d5e70worker000'] },
    },
  },
};

/** What a worker writes of a cluster that has a control plane. */
export const connection = { endpoint: 'https://api.x.clusterwright.internal:6443', address: '127.0.0.2', certificateAuthority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' };

/** An API with a Redis, store and queue of its own, and no worker: the test plays the worker. */
export interface RunningApi {
  readonly url: string;
  readonly redis: TestRedis;
  readonly store: Store;
  readonly server: Server;
  /** Lines that were logged. */
  readonly logged: string[];
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Claims a queued job as a worker does. */
  claim(jobId: string): Promise<Claim>;
  /** Ends a claimed job; its cluster is `ready` or `failed` then, but for `change`. */
  end(claim: Claim, end?: JobEndOf): Promise<JobRecord>;
  /** Ends a queued job at once, as a worker would; answers the record as it ended. */
  finish(jobId: string, end?: JobEndOf): Promise<JobRecord>;
  stop(): Promise<void>;
}

/** How a test's worker ends a job. */
export interface JobEndOf {
  state?: 'succeeded' | 'failed' | 'cancelled';
  events?: JobEventBody[];
  change?: Partial<ClusterRecord> | 'gone';
}

const owner = { worker: 'test', host: 'localhost', pid: process.pid, startedAt: new Date().toISOString() };

/** Starts an API on a free port. */
export async function startApi(overrides: Partial<ApiDependencies> = {}): Promise<RunningApi> {
  const redis = await startRedis();
  const connection = connect(redis.url, 'test-api');
  await answering(connection);
  const store = new Store(connection);
  const queues = { operations: new Queue(queueNames.operations, queueOptions(connection)), previews: new Queue(queueNames.previews, queueOptions(connection)) };
  for (const queue of Object.values(queues)) queue.on('error', () => undefined);
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const relay = new OutboxRelay(store, queues, log);
  relay.start();
  const app = createApi({
    store,
    relay,
    catalogue: await loadCatalogue(),
    accounts,
    simulated: true,
    log,
    backendCheck: () => Promise.resolve('unknown'),
    queueDepth: async () => (await queues.operations.getWaitingCount()) + (await queues.previews.getWaitingCount()),
    ...overrides,
  });
  const server = await serve(app, '127.0.0.1', 0);

  const claim = async (jobId: string): Promise<Claim> => {
    const claimed = await store.claimJob(jobId, owner, 30_000);
    if (!claimed) throw new Error(`job ${jobId} could not be claimed`);
    return claimed;
  };
  const end = async ({ job, cluster, lease }: Claim, { state = 'succeeded', events = [], change }: JobEndOf = {}): Promise<JobRecord> => {
    const ended: JobRecord = { ...job, state, endedAt: new Date().toISOString() };
    const next = job.kind === 'preview' ? undefined : cluster && change !== 'gone' ? { ...cluster, state: state === 'succeeded' ? 'ready' as const : 'failed' as const, ...change } : change === 'gone' ? change : undefined;
    await store.finish(lease, { job: ended, cluster: next, events });
    return ended;
  };
  return {
    url: server.url,
    redis,
    store,
    server,
    logged,
    send: (method, path, body, headers = {}) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      return fetch(server.url + path, {
        method, headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers }, body: body === undefined ? null : JSON.stringify(body),
      });
    },
    claim,
    end,
    finish: async (jobId, how) => end(await claim(jobId), how),
    async stop() {
      await server.stop(500);
      await relay.stop();
      await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
      connection.disconnect();
      await redis.stop();
    },
  };
}

async function answering(connection: Redis): Promise<void> {
  while (connection.status !== 'ready') await wait(5);
}

const id = (digit: number): string => `${String(digit).repeat(8)}-${String(digit).repeat(4)}-4${String(digit).repeat(3)}-8${String(digit).repeat(3)}-${String(digit).repeat(12)}`;

/** The least that a template needs. */
export function request(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, template: 'production', provider: 'aws', access: { entra: { tenantId: id(1), clientId: id(2) }, groups: [{ id: id(3), role: 'admin' }] }, ...more };
}
