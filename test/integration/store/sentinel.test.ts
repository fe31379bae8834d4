import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtRedis } from '../../../bin/checks/redis.js';
import { connect, connectForWorker } from '../../../store/connection.js';
import { freePort } from '../../../store/embedded.js';
import { Store } from '../../../store/store.js';
import { until } from '../../support/until.js';

const password = 'p@ss:word/1';
const name = 'clusterwright';

describe('a Redis behind Sentinels', () => {
  let folder: string;
  let url: string;
  const ports: number[] = [];
  const servers = new Map<number, ChildProcess>();

  /** Starts a server with these lines of configuration. */
  const start = async (port: number, lines: readonly string[], ...args: string[]): Promise<void> => {
    const file = path.join(folder, `${port}.conf`);
    await writeFile(file, ['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, `requirepass ${password}`, ...lines, ''].join('\n'));
    servers.set(port, spawn('redis-server', [file, ...args], { stdio: 'ignore' }));
  };
  const asked = async <T>(port: number, ask: (redis: ReturnType<typeof connect>) => Promise<T>): Promise<T> => {
    const redis = connect(`redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`, 'test');
    try {
      await until(async () => redis.status === 'ready', 10_000);
      return await ask(redis);
    } finally {
      redis.disconnect();
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sentinel-'));
    for (let index = 0; index < 5; index += 1) ports.push(await freePort());
    const [primary = 0, replica = 0, ...sentinels] = ports;
    const durable = (port: number): string[] => ['appendonly yes', 'appendfsync always', `appenddirname aof-${port}`, `dbfilename ${port}.rdb`, 'maxmemory-policy noeviction', 'save ""', `masterauth ${password}`, 'repl-diskless-sync-delay 0'];
    await start(primary, durable(primary));
    await start(replica, [...durable(replica), `replicaof 127.0.0.1 ${primary}`]);
    for (const port of sentinels) {
      await start(port, [`sentinel monitor ${name} 127.0.0.1 ${primary} 2`, `sentinel auth-pass ${name} ${password}`, `sentinel down-after-milliseconds ${name} 1000`, `sentinel failover-timeout ${name} 5000`], '--sentinel');
    }
    url = `redis+sentinel://:${encodeURIComponent(password)}@${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/${name}?sentinelAuth=same`;
    await until(() => asked(primary, async (redis) => /state=online/.test(await redis.info('replication'))), 30_000);
    for (const port of sentinels) {
      await until(() => asked(port, async (redis) => /slaves=1,sentinels=3/.test(await redis.info('sentinel'))), 30_000);
    }
  });

  afterAll(async () => {
    for (const server of servers.values()) server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('is found, and what a failover could lose is told', async () => {
    const { findings } = await lookAtRedis(url, { redisDurabilityAsserted: false });
    expect(findings.filter(({ level }) => level === 'missing')).toEqual([]);
    expect(findings).toContainEqual({ about: 'Redis', level: 'warn', text: expect.stringContaining('min-replicas-to-write is 0') });
  });

  it('keeps store and queue at work when the primary dies, with the same connections', async () => {
    const redis = connect(url, 'test');
    const store = new Store(redis);
    await store.workerBeat('before', { at: new Date().toISOString(), host: 'here', pid: 1, running: 0, backend: 'ok' });
    const queue = new Queue('test', { connection: redis, prefix: '{test}' });
    queue.on('error', () => undefined);
    const blocking = connectForWorker(url, 'test-worker');
    const worked: string[] = [];
    const worker = new Worker('test', async (job) => void worked.push(job.name), { connection: blocking, prefix: '{test}' });
    worker.on('error', () => undefined);
    await queue.add('one', {});
    await until(async () => worked.includes('one'), 10_000);

    const [primary = 0, replica = 0] = ports;
    const server = servers.get(primary);
    const gone = server === undefined ? undefined : once(server, 'exit');
    server?.kill('SIGKILL');
    await gone;
    const started = Date.now();
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' });
    await until(async () => store.ping().then(() => true, () => false), 60_000);
    console.log(`the store answers again ${((Date.now() - started) / 1000).toFixed(1)} s after its primary was killed`);

    expect((await store.workers()).map(({ id }) => id)).toEqual(['before']);
    expect(await redis.config('GET', 'port')).toEqual(['port', String(replica)]);
    await until(async () => queue.add('two', {}).then(() => true, () => false), 20_000);
    await until(async () => worked.includes('two'), 60_000);
    await worker.close(true);
    await queue.close();
    blocking.disconnect();
    redis.disconnect();
  });
});
