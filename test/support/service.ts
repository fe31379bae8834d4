import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { packageRoot } from '../../worker/package-root.js';

const root = packageRoot();

/** A whole service in processes of its own, as `npm start` starts it, on a home of its own. */
export interface RunningService {
  readonly url: string;
  readonly home: string;
  /** The sandbox's control endpoint. */
  readonly control: string;
  readonly process: ChildProcess;
  /** Everything that the service and its worker have printed. */
  output(): string;
  /** Ends the service and waits; with `keepHome`, another one can be started on what it leaves. */
  stop(options?: { keepHome?: boolean; signal?: NodeJS.Signals }): Promise<void>;
}

/** Starts a service at zero latency on a free port. Rejects with its output where it does not become ready. */
export async function startTestService(environment: Record<string, string> = {}, existingHome?: string): Promise<RunningService> {
  const home = existingHome ?? (await mkdtemp(path.join(tmpdir(), 'clusterwright-service-')));
  const child = spawn(process.execPath, ['--enable-source-maps', path.join(root, 'dist/bin/start.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CLUSTERWRIGHT_HOME: home, PORT: '0', CLUSTERWRIGHT_SANDBOX_LATENCY: '0', ...environment },
  });
  const printed: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(`${line}\n`);
      const ready = readyLine(line);
      if (ready) resolve(ready);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code} before it was ready:\n${printed.join('')}`)));
  });
  const sandbox = z.object({ control: z.url() }).parse(JSON.parse(await readFile(path.join(home, 'sandbox.json'), 'utf8')));
  return {
    url,
    home,
    control: sandbox.control,
    process: child,
    output: () => printed.join(''),
    stop: async ({ keepHome = false, signal = 'SIGTERM' } = {}) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, 'exit');
      }
      if (!keepHome && !existingHome) await rm(home, { recursive: true, force: true });
    },
  };
}

function readyLine(line: string): string | undefined {
  if (!line.includes('the service is ready')) return undefined;
  return z.object({ url: z.url() }).parse(JSON.parse(line)).url;
}
