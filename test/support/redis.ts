import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { connect } from '../../store/connection.js';
import { freePort } from '../../store/embedded.js';
import { becomesReady } from '../../store/link.js';

/** A redis-server of a test, on a free port with its data in a folder of its own. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** The server's pid; another one after `start`. */
  readonly pid: number;
  /** Ends the server at once, as a crash would. The data stays. */
  kill(): Promise<void>;
  /** Stops the process without ending it: Redis hangs. `resume` lets it go on. */
  pause(): void;
  resume(): void;
  /** Starts the server again on the same port and data. */
  start(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Settings of a Redis that keeps its records, as the service demands it. `--save ''`: the append-only file is enough. */
const durable = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' };

/** Starts a Redis for a test: `settings` are put over the durable ones, e.g. `{ appendonly: 'no' }`. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<TestRedis> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const parameters = Object.entries({ ...durable, ...settings, port: String(port), dir: folder, bind: '127.0.0.1' });
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    child = spawn('redis-server', parameters.flatMap(([name, value]) => [`--${name}`, ...(name === 'rename-command' ? value.split(' ') : [value])]), { stdio: 'ignore' });
    await answers(url);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  await start();
  return {
    url,
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    start,
    stop: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where the embedded Redis of a service is, by the service's home. */
export async function redisOf(home: string): Promise<{ url: string; pid: number }> {
  return z.object({ url: z.string(), pid: z.int() }).parse(JSON.parse(await readFile(path.join(home, 'redis', 'server.json'), 'utf8')));
}

async function answers(url: string): Promise<void> {
  const redis = connect(url, 'test-start');
  try {
    await becomesReady(redis, 10_000);
  } finally {
    redis.disconnect();
  }
}
