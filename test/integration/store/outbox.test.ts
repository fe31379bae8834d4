import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect, connectForWorker } from '../../../store/connection.js';
import { OutboxRelay } from '../../../store/outbox.js';
import { queueNames, queueOptions, wakeUpSchema, workerOptions } from '../../../store/queue.js';
import { Store } from '../../../store/store.js';
import { someCluster, someJob } from '../../support/records.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { until } from '../../support/until.js';
import { claimed, worker as owner } from './setting.js';

let server: TestRedis;
beforeAll(async () => (server = await startRedis()));
afterAll(() => server.stop());

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  const redis = connect(server.url, 'flush');
  await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  await redis.flushall();
  redis.disconnect();
});

/** What one API process has. */
async function process() {
  const redis: Redis = connect(server.url, 'api');
  const store = new Store(redis);
  await store.ping();
  const queues = { operations: new Queue(queueNames.operations, queueOptions(redis)), previews: new Queue(queueNames.previews, queueOptions(redis)) };
  for (const queue of Object.values(queues)) queue.on('error', () => undefined);
  const log = { warn: vi.fn(), info: vi.fn() };
  const relay = new OutboxRelay(store, queues, log);
  closing.push(async () => redis.disconnect(), () => Promise.all(Object.values(queues).map((queue) => queue.close())), () => relay.stop());
  return { redis, store, queues, relay, log };
}

/** A worker on a queue, with the ids that it was woken with. */
function listening(queue: 'operations' | 'previews', onWake: (id: string) => Promise<unknown> = async () => undefined) {
  const redis = connectForWorker(server.url, 'worker');
  const woken: { id: string; attempt: number }[] = [];
  const consumer = new Worker(queueNames[queue], async (job) => {
    const wake = wakeUpSchema.parse(job.data);
    woken.push(wake);
    await onWake(wake.id);
  }, workerOptions(redis, 4));
  consumer.on('error', () => undefined);
  closing.push(async () => redis.disconnect(), () => consumer.close(true));
  return woken;
}

describe('a wake-up', () => {
  it('reaches a worker of its queue at once after the write', async () => {
    const { store, relay } = await process();
    const operations = listening('operations', (id) => claimed(store, id));
    const previews = listening('previews', (id) => claimed(store, id));
    const { cluster, job } = someCluster('woken');
    const preview = someJob('preview', cluster);
    await store.createCluster(cluster, job);
    await store.submitPreview(preview);

    relay.nudge();

    await until(() => operations.length === 1 && previews.length === 1, 2_000);
    expect(operations).toEqual([{ id: job.id, attempt: 1 }]);
    expect(previews).toEqual([{ id: preview.id, attempt: 1 }]);
    await until(async () => (await store.getJob(job.id))?.state === 'running');
    expect(await store.dueWakeUps(10)).toEqual([]);
  });

  it('leaves nothing behind in BullMQ', async () => {
    const { store, relay, redis } = await process();
    const woken = listening('operations', (id) => claimed(store, id));
    const { cluster, job } = someCluster('traceless');
    await store.createCluster(cluster, job);
    relay.nudge();
    await until(() => woken.length === 1);
    await until(async () => (await redis.exists(`{clusterwright}:operations:${job.id}.1`)) === 0);
  });

  it('is not lost by a crash between the write and the queue', async () => {
    const crashed = await process();
    const { cluster, job } = someCluster('crashed');
    await crashed.store.createCluster(cluster, job);
    crashed.redis.disconnect();

    const next = await process();
    const woken = listening('operations');
    next.relay.start();

    await until(() => woken.length === 1);
    expect(woken).toEqual([{ id: job.id, attempt: 1 }]);
  });

  it('is repeated until BullMQ has it, and logged once', async () => {
    const { store, queues, log } = await process();
    const { cluster, job } = someCluster('repeated');
    await store.createCluster(cluster, job);
    let failures = 2;
    const failing = { ...queues, operations: { addBulk: (jobs: Parameters<Queue['addBulk']>[0]) => (failures-- > 0 ? Promise.reject(new Error('no')) : queues.operations.addBulk(jobs)) } };
    const relay = new OutboxRelay(store, failing, log);
    closing.push(() => relay.stop());

    relay.start();
    await until(async () => (await queues.operations.getWaitingCount()) === 1);
    await until(() => log.info.mock.calls.length === 1);

    expect(failures).toBe(-1);
    expect(log.warn).toHaveBeenCalledTimes(1);
    expect(await store.dueWakeUps(10)).toEqual([]);
  });

  it('gives up on a queue that does not answer within two seconds', async () => {
    const { store, queues, log } = await process();
    const { cluster, job } = someCluster('hanging');
    await store.createCluster(cluster, job);
    const relay = new OutboxRelay(store, { ...queues, operations: { addBulk: () => new Promise<never>(() => undefined) } }, log);

    relay.nudge();
    await until(() => log.warn.mock.calls.length === 1, 3_000);

    expect(await store.dueWakeUps(10)).toEqual([{ jobId: job.id, attempt: 1, queue: 'operations' }]);
    await relay.stop();
  });

  it('wakes once though two processes relay it', async () => {
    const [one, two] = [await process(), await process()];
    const jobs = await Promise.all(Array.from({ length: 50 }, async (_, index) => {
      const { cluster, job } = someCluster(`twice-${index}`);
      await one.store.createCluster(cluster, job);
      return job.id;
    }));
    one.relay.nudge();
    two.relay.nudge();
    await until(async () => (await one.store.dueWakeUps(1)).length === 0);
    expect(await one.queues.operations.getWaitingCount()).toBe(jobs.length);
  });

  it('that the queue lost is due again after a minute, unless the job was claimed', async () => {
    const { store, redis } = await process();
    const [lost, had] = [someCluster('lost'), someCluster('had')];
    for (const { cluster, job } of [lost, had]) {
      await store.createCluster(cluster, job);
      await store.wokenUp(job.id, 1);
    }
    await store.claimJob(had.job.id, owner('worker-1'), 30_000);
    await store.wokenUp(had.job.id, 1);
    expect(await store.dueWakeUps(10)).toEqual([]);

    const entries = await redis.zrange('{clusterwright}:outbox', 0, '-1', 'WITHSCORES');
    expect(entries[0]).toBe(`operations/${lost.job.id}.1`);
    expect(entries).toHaveLength(2);
    expect(Number(entries[1]) - Date.now()).toBeGreaterThan(55_000);
    await redis.zadd('{clusterwright}:outbox', 0, `operations/${lost.job.id}.1`);
    expect(await store.dueWakeUps(10)).toEqual([{ jobId: lost.job.id, attempt: 1, queue: 'operations' }]);
  });

  it('gets through after Redis was gone', async () => {
    const { store, relay, queues, log } = await process();
    relay.start();
    await until(async () => (await store.dueWakeUps(1)).length === 0);
    const { cluster, job } = someCluster('outage');
    await store.createCluster(cluster, job);
    await server.kill();
    relay.nudge();
    await until(() => log.warn.mock.calls.length === 1);
    await server.start();

    await until(async () => (await queues.operations.getWaitingCount().catch(() => 0)) === 1);
    expect(await queues.operations.getJob(`${job.id}.1`)).toMatchObject({ data: { id: job.id, attempt: 1 } });
  });
});
