import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AwsAccount } from '../../model/accounts.js';
import { ClusterwrightError } from '../../model/errors.js';
import { jobError, type JobError } from '../../model/job.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { Claim } from '../../store/contract.js';
import type { Store } from '../../store/store.js';
import type { Engine } from '../engine/binary.js';
import type { InstallationSecrets } from '../installation.js';
import { packageRoot } from '../package-root.js';
import { LeaseKeeper } from './lease-keeper.js';
import { fromOperationSchema, type FromOperation, type ToOperation } from './protocol.js';
import { applyMessage, claimedRecord, endedRecord } from './record.js';
import { RecordWriter } from './record-writer.js';

/** What an operation is run with. */
export interface OperationOptions {
  readonly store: Pick<Store, 'renew' | 'write' | 'finish' | 'observe'>;
  readonly log: Logger;
  readonly engine: Engine;
  readonly backendUrl: string;
  /** The allow-listed environment of the operation. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder for work directories. */
  readonly workRoot: string;
  /** The installation as the backend has it, checked not long ago. Throws when backend, key or mode are not those of this service. */
  installation(): Promise<InstallationSecrets>;
  /** The account of a spec. Throws `account-unknown`. */
  account(spec: ClusterSpec): AwsAccount;
}

/** Guarded children are at most this long in ending by themselves, in milliseconds. */
const patienceMs = 3_000;

/**
 * Runs a claimed job in a guarded child process: starts it, keeps the lease, writes what it reports, and ends the job with what came of it.
 * The signal kills it and leaves the job to the reconciler. Resolves when no process of the operation is left; never rejects.
 */
export async function runOperation(claim: Claim, options: OperationOptions, signal: AbortSignal): Promise<void> {
  const log = options.log.child({ job: claim.job.id, cluster: claim.job.cluster, kind: claim.job.kind, requestId: claim.job.requestId });
  await mkdir(options.workRoot, { recursive: true });
  const workDir = await mkdtemp(path.join(options.workRoot, `${claim.job.id}-`));
  const operation = new GuardedOperation(claim, options, workDir, log);
  const kill = (): void => operation.kill('the worker is stopping');
  signal.addEventListener('abort', kill, { once: true });
  try {
    if (signal.aborted) kill();
    await operation.run();
  } catch (error) {
    log.error({ err: error }, 'the operation could not be run');
  } finally {
    signal.removeEventListener('abort', kill);
    await rm(workDir, { recursive: true, force: true });
  }
}

class GuardedOperation {
  readonly #child: ChildProcess;
  readonly #keeper: LeaseKeeper;
  readonly #writer: RecordWriter;
  readonly #exited: Promise<unknown>;
  #record;
  #result: JobError | null | undefined;
  #settled: () => void = () => undefined;
  /** Settles when the child has told its result or can tell none any more. */
  readonly #told = new Promise<void>((resolve) => (this.#settled = resolve));
  #lost = false;

  constructor(private readonly claim: Claim, private readonly options: OperationOptions, private readonly workDir: string, private readonly log: Logger) {
    const onLost = (reason: string): void => {
      this.#lost = true;
      this.kill(reason);
    };
    this.#record = claimedRecord(claim.job, claim.cluster);
    this.#writer = new RecordWriter(options.store, claim.lease, this.#record, onLost);
    this.#keeper = new LeaseKeeper(options.store, claim.lease, { onLost, onRenewed: () => this.#child.stdin?.write('.') });
    this.#child = startGuarded(options.environment, workDir);
    this.#exited = once(this.#child, 'exit').catch((error: unknown) => log.error({ err: error }, 'the operation could not be started'));
    this.#child.on('message', (message) => this.#receive(message));
    this.#child.once('disconnect', () => this.#settled());
    this.#child.once('error', () => this.#settled());
    this.#child.stdin?.on('error', () => undefined);
    logLines(this.#child.stdout, log, 'stdout');
    logLines(this.#child.stderr, log, 'stderr');
  }

  /** Ends every process of the operation: the guard does it when its standard input closes. */
  kill(reason: string): void {
    this.log.warn({ reason }, 'the operation is killed');
    this.#writer.close();
    this.#child.stdin?.destroy();
  }

  async run(): Promise<void> {
    this.#keeper.start();
    try {
      // The child loads its programs while the installation is checked.
      await this.#start();
      await this.#told;
      const error = this.#result === undefined
        ? jobError(new ClusterwrightError('operation-crashed', 'The operation process ended before it had told its result.'))
        : this.#result;
      if (!this.#lost) await this.#finish(error);
      if (this.#child.connected) this.#send({ type: 'taken' });
      await this.#end();
    } finally {
      this.#keeper.stop();
    }
  }

  async #start(): Promise<void> {
    const { job, cluster } = this.claim;
    try {
      const account = this.options.account(job.spec);
      const { id, encryption } = await this.options.installation();
      const { engine, backendUrl } = this.options;
      this.#send({ type: 'start', job, cluster: cluster ?? null, installation: id, encryption, account, engine: { ...engine }, backendUrl, workDir: this.workDir });
    } catch (error) {
      this.log.error({ err: error }, 'the operation cannot start');
      this.#result = jobError(error);
      this.#settled();
    }
  }

  async #finish(error: JobError | null): Promise<void> {
    const done = await this.#writer.finish(endedRecord(this.#record, error, new Date()));
    if (!done) return this.log.warn('the operation ended without its lease; its job is left to the one who has it');
    if (error === null) this.log.info('the job succeeded');
    else this.log.warn({ code: error.code, resource: error.resource }, 'the job failed');
  }

  #receive(message: unknown): void {
    const parsed = fromOperationSchema.safeParse(message);
    if (!parsed.success) return this.log.error({ issues: parsed.error.issues.map(({ path: place }) => place.join('.')) }, 'the operation sent what the protocol does not know');
    this.#apply(parsed.data);
  }

  #apply(message: FromOperation): void {
    if (this.#result !== undefined || this.#lost) return;
    switch (message.type) {
      case 'log':
        return this.log[message.level](message.message);
      case 'observation':
        return this.#writer.observe(message.observation);
      case 'result':
        this.#result = message.error;
        return this.#settled();
      case 'phase':
      case 'event':
      case 'progress':
      case 'cluster':
      case 'plan':
      case 'receipt': {
        const { record, events, urgent } = applyMessage(this.#record, message, new Date());
        this.#record = record;
        this.#writer.push(record, events, urgent);
      }
    }
  }

  #send(message: ToOperation): void {
    // A child that is gone is told by its exit.
    this.#child.send(message, () => undefined);
  }

  /** Waits for the guard, and helps where it does not end. */
  async #end(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (await settledWithin(this.#exited, patienceMs)) return;
    this.#child.stdin?.destroy();
    if (await settledWithin(this.#exited, patienceMs)) return;
    this.log.error({ pid }, 'the guard did not end; its process group is killed');
    process.kill(-pid, 'SIGKILL');
    await this.#exited;
  }
}

/** Starts the guard with the operation, as the leader of a session of its own. */
function startGuarded(environment: Readonly<Record<string, string>>, workDir: string): ChildProcess {
  const folder = path.join(packageRoot(), 'dist', 'worker', 'operation');
  return spawn('sh', [path.join(folder, 'guard.sh'), '25', process.execPath, path.join(folder, 'main.js')], {
    cwd: workDir,
    detached: true,
    env: { ...environment },
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
}

/** What the operation prints is for those who look for a fault in it; what it has to say comes as messages. */
function logLines(stream: Readable | null, log: Logger, name: string): void {
  if (stream === null) return;
  createInterface({ input: stream }).on('line', (line) => log.debug({ stream: name }, line));
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return Promise.race([promise.then(() => true), wait(ms, false, { ref: false })]);
}
