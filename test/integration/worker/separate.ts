import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ensureSandboxAccounts } from '../../../bin/sandbox-process.js';
import { Portal } from '../../support/portal.js';
import { startRedis, type TestRedis } from '../../support/redis.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** A worker in a process of its own. */
export interface SeparateWorker {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Settles with the exit code when the worker has ended. */
  readonly ended: Promise<number | null>;
  /** What it has logged so far. */
  log(): string;
}

/** API, Redis and sandbox as separate processes, to which workers can be added: `npm run api` and `npm run worker` on one machine. */
export interface SeparateService {
  readonly home: string;
  readonly redis: TestRedis;
  readonly portal: Portal;
  startWorker(environment?: Record<string, string>): Promise<SeparateWorker>;
  stop(): Promise<void>;
}

/** Starts everything but a worker. `latency` is the factor on the clouds' own. */
export async function startSeparateService(latency = '0'): Promise<SeparateService> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-separate-'));
  await writeFile(path.join(home, 'passphrase'), randomBytes(32).toString('base64url'), { mode: 0o600 });
  await ensureSandboxAccounts(path.join(home, 'accounts.yaml'));
  const redis = await startRedis();
  const common = {
    ...process.env, PATH: `${path.join(root, 'tools/bin')}:${process.env['PATH'] ?? ''}`, CLUSTERWRIGHT_HOME: home, REDIS_URL: redis.url,
    CLUSTERWRIGHT_SHARED_BACKEND: 'asserted', CLUSTERWRIGHT_SANDBOX_LATENCY: latency, PORT: '0',
  };
  const children: Child[] = [];
  const start = (file: string, environment: Record<string, string> = {}): Child => {
    const child = new Child(file, { ...common, ...environment });
    children.push(child);
    return child;
  };
  const sandbox = z.object({ control: z.url() }).parse(await start('dist/sandbox/main.js').line(() => true));
  const api = z.object({ url: z.url() }).parse(await start('dist/bin/api.js').line((line) => line.includes('the service is ready')));
  return {
    home,
    redis,
    portal: new Portal({ url: api.url, control: sandbox.control }),
    startWorker: async (environment) => {
      const worker = start('dist/bin/worker.js', environment);
      await worker.line((line) => line.includes('the worker is ready'));
      return worker;
    },
    stop: async () => {
      // The workers first, and none of them waits for what still runs.
      for (const child of children.reverse()) {
        child.signal('SIGCONT');
        child.signal('SIGTERM');
        child.signal('SIGKILL');
        await child.ended;
      }
      await redis.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

class Child implements SeparateWorker {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly ended: Promise<number | null>;

  constructor(private readonly file: string, env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, ['--enable-source-maps', path.join(root, file)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => this.#lines.push(line));
    this.#child = child;
    this.ended = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  log(): string {
    return this.#lines.join('\n');
  }

  /** The first line that is looked for, as JSON. Throws with everything printed where the process ends before. */
  async line(wanted: (line: string) => boolean): Promise<unknown> {
    let over = false;
    void this.ended.then(() => (over = true));
    for (;;) {
      const found = this.#lines.find(wanted);
      if (found !== undefined) return JSON.parse(found);
      if (over) throw new Error(`${this.file} has ended:\n${this.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
