import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureSecret } from '../bin/home.js';
import { startSandbox } from '../bin/sandbox-process.js';
import { readSettings } from '../model/settings.js';
import { startBenchApi, type BenchApi } from './api.js';

/** A service as it is run on several machines: an API, a Redis, two workers; and a sandbox. */
export interface FleetService extends BenchApi {
  /** Where the sandbox can be looked into. */
  readonly control: string;
  /** The processes whose memory counts, by name. */
  readonly processes: Readonly<Record<string, number>>;
}

/** What the workers of a fleet are: ours, or ones whose operations are stand-ins. */
export const workerPrograms = { ours: '../bin/worker.js', 'stand-in': './stand-in-worker.js' } as const;

/** Starts it. @param concurrency operations of each worker at once */
export async function startFleetService(program: keyof typeof workerPrograms, concurrency: number): Promise<FleetService> {
  const api = await startBenchApi();
  const environment = { ...api.environment, CLUSTERWRIGHT_CONCURRENCY: String(concurrency), CLUSTERWRIGHT_SANDBOX_LATENCY: '0', CLUSTERWRIGHT_LOG_LEVEL: 'info' };
  const settings = readSettings(environment, process.cwd());
  await ensureSecret(settings.passphraseFile);
  await ensureSecret(settings.webhooks.secretFile);
  const sandbox = await startSandbox(settings, 'inherit');
  // The first one makes the installation, which the second finds.
  const workers = [await startWorker(program, environment), await startWorker(program, environment)];
  return {
    ...api,
    control: sandbox.control,
    processes: Object.fromEntries([['API', api.pid], ...workers.map(({ pid }, index): [string, number] => [`worker ${index + 1}`, pid ?? 0])]),
    stop: async () => {
      for (const worker of workers) {
        worker.kill('SIGTERM');
        await once(worker, 'exit');
      }
      await sandbox.stop();
      await api.stop();
    },
  };
}

async function startWorker(program: keyof typeof workerPrograms, environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(workerPrograms[program], import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'], env: environment });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('the worker is ready')) continue;
    child.stdout.resume();
    return child;
  }
  throw new Error('a worker did not start');
}
