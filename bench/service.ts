import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A whole service on a home of its own, its sandbox at zero latency. */
export interface BenchService {
  readonly url: string;
  readonly home: string;
  readonly pid: number;
  /** What leads a program to the sandbox. */
  readonly sandbox: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const announcementSchema = z.object({ providers: z.record(z.string(), z.int()), endpoints: z.object({ aws: z.url() }) });

/** Starts the service as `npm start` does. */
export async function startBenchService(): Promise<BenchService> {
  const home = await mkdtemp(path.join(tmpdir(), 'clusterwright-bench-'));
  const child = spawn(process.execPath, [fileURLToPath(new URL('../bin/start.js', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CLUSTERWRIGHT_HOME: home, PORT: '0', CLUSTERWRIGHT_SANDBOX_LATENCY: '0', CLUSTERWRIGHT_LOG_LEVEL: 'info', REDIS_URL: '' },
  });
  const lines = createInterface({ input: child.stdout });
  let url: string | undefined;
  for await (const line of lines) {
    if (!line.includes('the service is ready')) continue;
    url = z.object({ url: z.url() }).parse(JSON.parse(line)).url;
    break;
  }
  if (!url || child.pid === undefined) throw new Error('the service did not start');
  child.stdout.resume();
  const { providers, endpoints } = announcementSchema.parse(JSON.parse(await readFile(path.join(home, 'sandbox.json'), 'utf8')));
  return {
    url,
    home,
    pid: child.pid,
    sandbox: {
      PULUMI_DEBUG_PROVIDERS: Object.entries(providers).map(([name, port]) => `${name}:${port}`).join(','),
      AWS_ENDPOINT_URL: endpoints.aws,
      AWS_ACCESS_KEY_ID: 'sandbox',
      AWS_SECRET_ACCESS_KEY: 'sandbox',
    },
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(home, { recursive: true, force: true });
    },
  };
}
