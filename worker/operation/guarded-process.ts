import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { packageRoot } from '../package-root.js';
import { leaseTimes } from './lease-keeper.js';
import type { ToOperation } from './protocol.js';

/** Guarded processes are at most this long in ending by themselves, in milliseconds. */
const patienceMs = 3_000;

/** After this time without a renewal the guard ends the operation by itself, in seconds. */
const guardSeconds = (leaseTimes.ttl - leaseTimes.margin) / 1_000;

/** How a guarded process is started. */
export interface GuardedProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** The script that is the operation; ours where it is missing. */
  readonly program?: string | undefined;
  /** Its working directory. */
  readonly workDir: string;
  readonly log: Logger;
  readonly onMessage: (message: unknown) => void;
}

/** An operation's process under its guard, which leads a session of its own. See guard.sh for when the guard ends it. */
export class GuardedProcess {
  /** Settles when the process can tell nothing any more. Never rejects. */
  readonly silent: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #log: Logger;

  constructor({ environment, program, workDir, log, onMessage }: GuardedProcessOptions) {
    const folder = path.join(packageRoot(), 'dist', 'worker', 'operation');
    const child = spawn('sh', [path.join(folder, 'guard.sh'), String(guardSeconds), process.execPath, program ?? path.join(folder, 'main.js')], {
      cwd: workDir, detached: true, env: { ...environment }, stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#log = log;
    this.silent = new Promise((resolve) => child.once('disconnect', resolve).once('error', resolve));
    this.#exited = once(child, 'exit').catch((error: unknown) => log.error({ err: error }, 'the operation could not be started'));
    child.on('message', onMessage);
    // A guard that has ended does not read any more.
    child.stdin?.on('error', () => undefined);
    logLines(child.stdout, log, 'stdout');
    logLines(child.stderr, log, 'stderr');
  }

  /** Id of the session that all processes of the operation are in; undefined where none was started. */
  get session(): number | undefined {
    return this.#child.pid;
  }

  /** Tells the operation. One that is gone is known by its silence. */
  send(message: ToOperation): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Tells the guard that the lease was renewed. */
  renewed(): void {
    this.#child.stdin?.write('.');
  }

  /** Ends every process of the operation: the guard does it when its standard input closes. */
  kill(): void {
    this.#child.stdin?.destroy();
  }

  /** Resolves when no process is left. Helps where they do not end by themselves. */
  async ended(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || (await settledWithin(this.#exited, patienceMs))) return;
    this.kill();
    if (await settledWithin(this.#exited, patienceMs)) return;
    this.#log.error({ pid }, 'the guard did not end; its process group is killed');
    process.kill(-pid, 'SIGKILL');
    await this.#exited;
  }
}

/** What the operation prints is for those who look for a fault in it; what it has to say comes as messages. */
function logLines(stream: Readable | null, log: Logger, name: string): void {
  if (stream === null) return;
  createInterface({ input: stream }).on('line', (line) => log.debug({ stream: name }, line));
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return Promise.race([promise.then(() => true), wait(ms, false, { ref: false })]);
}
