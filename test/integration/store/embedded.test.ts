import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assertDurable, connect } from '../../../store/connection.js';
import { startEmbeddedRedis, type EmbeddedRedis } from '../../../store/embedded.js';
import { Store } from '../../../store/store.js';
import { someCluster } from '../../support/records.js';
import { until } from '../../support/until.js';
import { codeOf } from './setting.js';

let home: string;
const log = { warn: vi.fn() };
const servers: EmbeddedRedis[] = [];
const connections: Redis[] = [];
beforeEach(async () => (home = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-home-'))));
afterEach(async () => {
  for (const redis of connections.splice(0)) redis.disconnect();
  for (const server of servers.splice(0)) await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedRedis> {
  const server = await startEmbeddedRedis(home, log);
  servers.push(server);
  return server;
}

function open(server: EmbeddedRedis): Redis {
  const redis = connect(server.url, 'test');
  connections.push(redis);
  return redis;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the embedded Redis', () => {
  it('is durable, and its password is in no argument and in no file that others can read', async () => {
    const server = await start();
    const redis = open(server);
    await assertDurable(redis, false);
    expect(await redis.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always']);

    const { password, port } = new URL(server.url);
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
    expect(stdout).not.toContain(password);
    for (const file of await readdir(path.join(home, 'redis'), { withFileTypes: true })) {
      if (!file.isFile() || !(await readFile(path.join(home, 'redis', file.name), 'utf8')).includes(password)) continue;
      expect((await stat(path.join(home, 'redis', file.name))).mode & 0o077).toBe(0);
    }
    const stranger = connect(`redis://127.0.0.1:${port}`, 'stranger');
    connections.push(stranger);
    expect(await codeOf(new Store(stranger).ping())).toBe('store-unavailable');
  });

  it('is started again after kill -9 at the same address, with nothing lost', async () => {
    const server = await start();
    const store = new Store(open(server));
    const written = await Promise.all(Array.from({ length: 50 }, async (_, index) => {
      const { cluster, job } = someCluster(`kept-${index}`);
      await store.createCluster(cluster, job);
      return cluster.name;
    }));
    const before = server.pid;

    process.kill(before, 'SIGKILL');
    await until(async () => (await codeOf(store.ping())) === 'no error' && server.pid !== before);

    const { items } = await store.listClusters({}, { limit: 200 });
    expect(items.map(({ cluster }) => cluster.name)).toEqual(written.toSorted());
    expect(await store.dueWakeUps(100)).toHaveLength(50);
    expect(log.warn).toHaveBeenCalled();
  });

  it('keeps everything over a stop and a start, and leaves no process', async () => {
    const server = await start();
    const { cluster, job } = someCluster('over');
    await new Store(open(server)).createCluster(cluster, job);
    const { pid } = server;
    await server.stop();
    expect(isAlive(pid)).toBe(false);

    const next = await start();
    expect(await new Store(open(next)).getCluster('over')).toEqual(cluster);
  });

  it('takes the place of a server that a killed service has left', async () => {
    // As the guard is killed too, nothing ends this one but the next start.
    const folder = path.join(home, 'redis');
    await start().then((server) => server.stop());
    servers.splice(0);
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const leftover = spawn('redis-server', ['--port', String(port), '--dir', folder, '--appendonly', 'yes'], { stdio: 'ignore' });
    const ended = once(leftover, 'exit');
    const url = `redis://127.0.0.1:${port}`;
    await writeFile(path.join(folder, 'server.json'), JSON.stringify({ pid: leftover.pid, url }));
    const old = connect(url, 'test');
    connections.push(old);
    await until(async () => (await codeOf(new Store(old).ping())) === 'no error');
    const { cluster, job } = someCluster('left');
    await new Store(old).createCluster(cluster, job);

    const server = await start();

    await ended;
    expect(await new Store(open(server)).getCluster('left')).toEqual(cluster);
  });

  it('leaves a stranger alone whose pid an old server had', async () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    await start().then((server) => server.stop());
    servers.splice(0);
    await writeFile(path.join(home, 'redis', 'server.json'), JSON.stringify({ pid: stranger.pid, url: 'redis://127.0.0.1:6379' }));
    await start();
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
  });

  it('goes with its service, however that ends', async () => {
    const module = fileURLToPath(new URL('../../../dist/store/embedded.js', import.meta.url));
    const script = `const { startEmbeddedRedis } = await import(${JSON.stringify(module)});
      const server = await startEmbeddedRedis(${JSON.stringify(home)}, { warn() {} });
      console.log(server.pid);`;
    const service = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(service.stdout, 'data');
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);

    service.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});
