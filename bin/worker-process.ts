import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { ChildOutput } from './child-output.js';
import { stepSessionBack, workerNiceness } from './priority.js';

/** The worker of a service, in a process of its own, started again when it dies. */
export interface WorkerProcess {
  /** Settles when the worker has started for the first time and is ready, or has ended before that: then with what to say about it. */
  readonly started: Promise<string | undefined>;
  /** Lets the worker stop in order: see CLUSTERWRIGHT_SHUTDOWN_SECONDS. */
  stop(): Promise<void>;
  /** A worker that is stopping, or will be, kills its operations instead of waiting for them. */
  hurry(): void;
}

/** Longest wait between two starts of a worker that keeps dying, in milliseconds. */
const longestPause = 30_000;

/** Exit code of a worker that refuses to start: another start would not help. */
export const refusedExitCode = 78;

/** Starts the worker and keeps it running until it is stopped. */
export function superviseWorker(environment: NodeJS.ProcessEnv, output: ChildOutput, log: Logger): WorkerProcess {
  const stopping = new AbortController();
  const hurrying = new AbortController();
  let settle: (reason: string | undefined) => void = () => undefined;
  const started = new Promise<string | undefined>((resolve) => (settle = resolve));

  const run = async (): Promise<void> => {
    for (let pause = 500; !stopping.signal.aborted; pause = Math.min(longestPause, pause * 2)) {
      const begun = Date.now();
      const child = spawn(process.execPath, ['--enable-source-maps', fileURLToPath(new URL('./worker.js', import.meta.url))], {
        detached: true,
        // The worker ends when its standard input does: it never outlives the service unnoticed. It says over IPC when it is ready.
        stdio: ['pipe', output, output, 'ipc'],
        env: { ...environment, CLUSTERWRIGHT_ATTACHED: '1' },
      });
      void stepSessionBack(child.pid, workerNiceness);
      child.once('message', () => settle(undefined));
      const stop = (): void => void child.kill('SIGTERM');
      const hurry = (): void => void child.send('hurry', () => undefined);
      stopping.signal.addEventListener('abort', stop);
      hurrying.signal.addEventListener('abort', hurry);
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      stopping.signal.removeEventListener('abort', stop);
      hurrying.signal.removeEventListener('abort', hurry);
      if (stopping.signal.aborted) return;
      if (code === refusedExitCode) return settle('the worker refused to start; its log says why');
      if (Date.now() - begun > 60_000) pause = 500;
      log.error({ code, signal, restartInMs: pause }, 'the worker ended; it is started again');
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const ended = run();
  return {
    started,
    stop: async () => {
      stopping.abort();
      await ended;
    },
    hurry: () => hurrying.abort(),
  };
}
