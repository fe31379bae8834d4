import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ensureSandboxAccounts } from '../bin/sandbox-process.js';
import { startEmbeddedRedis } from '../store/index.js';

/** The API alone on a Redis of its own, without a worker. */
export interface BenchApi {
  readonly url: string;
  readonly home: string;
  readonly pid: number;
  readonly redisUrl: string;
  /** The environment that it was started with, for workers beside it. */
  readonly environment: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** Starts a Redis as the service embeds it, and `npm run api` on it. */
export async function startBenchApi(): Promise<BenchApi> {
  const home = await mkdtemp(path.join(tmpdir(), 'clusterwright-bench-api-'));
  const redis = await startEmbeddedRedis(home, { warn: (_fields, message) => console.error(message) });
  await ensureSandboxAccounts(path.join(home, 'accounts.yaml'));
  const environment = { ...process.env, CLUSTERWRIGHT_HOME: home, PORT: '0', REDIS_URL: redis.url, CLUSTERWRIGHT_SHARED_BACKEND: 'asserted', CLUSTERWRIGHT_CLOUD: 'sandbox' };
  const child = spawn(process.execPath, [fileURLToPath(new URL('../bin/api.js', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'], env: environment });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
  if (child.pid === undefined) throw new Error('the API did not start');
  return {
    url,
    home,
    pid: child.pid,
    redisUrl: redis.url,
    environment,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await redis.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
