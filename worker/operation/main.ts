import { setMaxListeners } from 'node:events';
import { jobError, type JobError } from '../../model/job.js';
import { stackKinds, stackName, type StackKind } from '../../model/names.js';
import { openCloud } from '../cloud/index.js';
import { EngineCommand } from '../engine/command.js';
import { EngineStack } from '../engine/stack.js';
import type { OperationContext } from './context.js';
import { loadPrograms } from './programs.js';
import { toOperationSchema, type FromOperation, type StartMessage } from './protocol.js';
import { runPhases } from './run.js';
import { tidyBackend } from './tidy.js';

/** Interrupts the running phase, and with it the engine. Everything that waits listens. */
const interrupt = new AbortController();
setMaxListeners(0, interrupt.signal);
let settling = false;

/**
 * One operation, in a process of its own. It is told what to do over IPC, reports all it does the same way, and ends when the worker has
 * taken its result. The worker keeps the records; nothing here knows Redis.
 */
function main(): void {
  process.on('message', (message) => {
    const received = toOperationSchema.parse(message);
    switch (received.type) {
      case 'start':
        loadPrograms(received.account.provider);
        // What an earlier attempt left is settled even if the job was cancelled before: that alone is no success, and no failure.
        settling = received.job.cancellation !== null;
        void operate(received).then(conclude);
        return;
      case 'interrupt':
        interrupt.abort();
        return;
      case 'taken':
        process.exit(0);
    }
  });
  process.once('disconnect', () => process.exit(1));
  // While a program runs, the SDK takes such errors for the program's and fails it in order; it has its own listeners then.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (process.listenerCount(event) > 1) return;
      log(error);
      conclude(jobError(error));
    });
  }
}

async function operate(start: StartMessage): Promise<JobError | null> {
  try {
    const context = await contextOf(start);
    await runPhases(context, interrupt.signal).finally(() => tidyBackend(context));
    return null;
  } catch (error) {
    // What ends because it was interrupted has no fault of its own; the worker tells why it was.
    const interrupted = interrupt.signal.aborted && error instanceof Error && error.name === 'AbortError';
    if (!interrupted) log(error);
    return jobError(error);
  }
}

async function contextOf({ job, cluster, installation, encryption, account, source, engine, backendUrl, drainLimitMs, workDir }: StartMessage): Promise<OperationContext> {
  const command = new EngineCommand(engine, process.env, interrupt.signal);
  const stack = (kind: StackKind): EngineStack => new EngineStack(stackName(job.cluster, kind), command, { workDir, encryption });
  return {
    job, cluster, installation, account, engine, command, backendUrl, drainLimitMs, workDir,
    spec: job.spec,
    uid: job.uid,
    slot: cluster?.slot ?? 1,
    cloud: await openCloud({ name: job.spec.name, uid: job.uid, region: job.spec.region }, account),
    source: source === null ? undefined : await openCloud(source.cluster, source.account),
    stacks: { infrastructure: stack(stackKinds[0]), platform: stack(stackKinds[1]) },
    report: send,
    states: { infrastructure: undefined, platform: undefined },
    rollout: undefined,
    lost: false,
    doubts: { infrastructure: false, platform: false },
    platformReady: Promise.resolve(),
    outputs: undefined,
    nodeWatch: undefined,
    connection: undefined,
    nodesJoined: undefined,
    failure: undefined,
  };
}

let concluded = false;

/** Tells the result, once. */
function conclude(error: JobError | null): void {
  if (concluded) return;
  concluded = true;
  send({ type: 'result', error, interrupted: error !== null && (settling || interrupt.signal.aborted) });
}

function send(message: FromOperation): void {
  process.send?.(message);
}

/** What went wrong, for the service's log: names and our own words. Causes stay out: what engine and providers print may hold anything. */
function log(error: unknown): void {
  const { code, detail } = jobError(error);
  const place = error instanceof Error && code === 'internal-error' ? `${error.name} ${error.stack?.split('\n').slice(1, 4).map((line) => line.trim()).join(' ') ?? ''}` : '';
  send({ type: 'log', level: 'error', message: `${code}: ${detail} ${place}`.trim() });
}

main();
