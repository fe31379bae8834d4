import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';
import { connect } from './connection.js';
import { becomesReady } from './link.js';

const guard = fileURLToPath(new URL('./embedded-guard.sh', import.meta.url));

/** How long the server may take to load its file, and to end, in ms. */
const startLimitMs = 60_000;
const stopLimitMs = 10_000;
/** Pause before a server that died is started again, in ms. */
const restartMs = 500;

/** The Redis of one home, as a child of this process. */
export interface EmbeddedRedis {
  /** With its password: not for logs. Stays the same while this process lives. */
  readonly url: string;
  /** The server's pid; another one after a restart. */
  readonly pid: number;
  /** Ends the server; everything is on disk. */
  stop(): Promise<void>;
}

/** What the embedded server writes about itself. */
export interface EmbeddedRedisLog {
  warn(fields: object, message: string): void;
}

/**
 * Starts a redis-server for a home: data in `<home>/redis`, every write on disk before it is answered, nothing evicted, loopback only with
 * a password of its own. It ends with this process, is started again when it dies, and takes the place of one that a killed service left.
 * The caller holds the home's lock. Throws `prerequisite-missing` when it cannot be started.
 */
export async function startEmbeddedRedis(home: string, log: EmbeddedRedisLog): Promise<EmbeddedRedis> {
  const folder = path.join(home, 'redis');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await endLeftover(folder);
  const server = new EmbeddedServer(folder, log);
  await server.start();
  return server;
}

class EmbeddedServer implements EmbeddedRedis {
  readonly #folder: string;
  readonly #log: EmbeddedRedisLog;
  readonly #password = randomBytes(24).toString('base64url');
  #port = 0;
  #pid = 0;
  #guard: ChildProcess | undefined;
  #stopping = false;

  constructor(folder: string, log: EmbeddedRedisLog) {
    this.#folder = folder;
    this.#log = log;
  }

  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#pid;
  }

  async start(): Promise<void> {
    // A free port may be taken by the time the server binds it.
    for (let tries = 0; tries < 5; tries++) {
      this.#port = await freePort();
      if (await this.#launch()) return;
    }
    throw new ClusterwrightError('prerequisite-missing', `The embedded Redis did not start; ${path.join(this.#folder, 'redis.log')} says why.`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#guard;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.stdin?.end();
    const inTime = await Promise.race([ended.then(() => true), sleep(stopLimitMs, false, { ref: false })]);
    if (!inTime) {
      // The append-only file has every write: nothing is lost by this.
      killQuietly(this.#pid);
      await ended;
    }
    await rm(path.join(this.#folder, 'server.json'), { force: true });
  }

  /** Whether the server came up. */
  async #launch(): Promise<boolean> {
    const configuration = path.join(this.#folder, 'redis.conf');
    await writeFile(configuration, this.#configuration(), { mode: 0o600 });
    // A process group of its own: Ctrl-C ends the service first, which still needs its Redis.
    const child = spawn('sh', [guard, configuration, path.join(this.#folder, 'redis.log')], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    const exited = once(child, 'exit').then(() => false, () => false);
    child.stdin.on('error', () => undefined);
    this.#guard = child;
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exited.then(() => ['0'])]);
    this.#pid = Number(line);
    await writeFile(path.join(this.#folder, 'server.json'), JSON.stringify({ pid: this.#pid, url: this.url }), { mode: 0o600 });
    const up = await Promise.race([this.#answers(), exited]);
    if (up) void exited.then(() => this.#startAgain());
    return up;
  }

  async #answers(): Promise<boolean> {
    const redis = connect(this.url, 'start');
    try {
      await becomesReady(redis, startLimitMs);
      return true;
    } catch {
      return false;
    } finally {
      redis.disconnect();
    }
  }

  async #startAgain(): Promise<void> {
    while (!this.#stopping) {
      this.#log.warn({ pid: this.#pid }, 'the embedded Redis ended; starting it again');
      await sleep(restartMs);
      if (this.#stopping || await this.#launch()) return;
    }
  }

  #configuration(): string {
    return [
      'bind 127.0.0.1',
      `port ${this.#port}`,
      `requirepass ${this.#password}`,
      `dir ${JSON.stringify(path.resolve(this.#folder))}`,
      'appendonly yes',
      'appendfsync always',
      'maxmemory-policy noeviction',
      'save ""',
      'daemonize no',
      '',
    ].join('\n');
  }
}

const leftoverSchema = z.object({ pid: z.int().positive(), url: z.string() });

/** Ends the server of a service that was killed together with its guard: two servers on one file would ruin it. */
async function endLeftover(folder: string): Promise<void> {
  const text = await readFile(path.join(folder, 'server.json'), 'utf8').catch(() => undefined);
  const leftover = leftoverSchema.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!leftover.success) return;
  const { pid, url } = leftover.data;
  const deadline = Date.now() + stopLimitMs;
  let signal: NodeJS.Signals = 'SIGTERM';
  while (await isThatServer(pid, new URL(url).port)) {
    if (Date.now() > deadline) signal = 'SIGKILL';
    killQuietly(pid, signal);
    await sleep(100);
  }
}

/** Whether a pid is (still) the redis-server of a port, by the title that Redis gives its process. */
async function isThatServer(pid: number, port: string): Promise<boolean> {
  const title = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).then(({ stdout }) => stdout, () => '');
  return title.includes('redis-server') && title.includes(`:${port}`);
}

function killQuietly(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // 0 would be this process' own group.
  if (pid <= 0) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

/** A port of the loopback interface that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
