import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { Portal } from './portal.js';
import { startTestService, type RunningService } from './service.js';

/** A service with a caller of its API. Both can be had at once, and be used from the first hook or test on. */
export interface UsedService {
  readonly service: Omit<RunningService, 'stop'>;
  readonly portal: Portal;
  /** Kills the sandbox like a power cut, waits until the service has ended with it, and starts both again on what they left. */
  readonly killSandbox: () => Promise<void>;
}

/** Has a service run beneath the tests of a file or of a `describe`: it starts before them and ends behind them. */
export function useService(environment: Record<string, string> = {}): UsedService {
  let running: RunningService | undefined;
  const started = (): RunningService => {
    if (running === undefined) throw new Error('the service runs in hooks and tests only');
    return running;
  };
  beforeAll(async () => {
    running = await startTestService(environment);
  });
  afterAll(async () => {
    await running?.stop();
    // One that was started again leaves its home to who had it before.
    if (running !== undefined) await rm(running.home, { recursive: true, force: true });
  });
  const service: UsedService['service'] = {
    get url() {
      return started().url;
    },
    get home() {
      return started().home;
    },
    get control() {
      return started().control;
    },
    get process() {
      return started().process;
    },
    output: () => started().output(),
  };
  return {
    service,
    portal: new Portal(service),
    async killSandbox() {
      const { home, process: child } = started();
      const { pid } = z.object({ pid: z.int() }).parse(JSON.parse(await readFile(path.join(home, 'sandbox.json'), 'utf8')));
      const ended = once(child, 'exit');
      process.kill(pid, 'SIGKILL');
      await ended;
      running = await startTestService(environment, home);
    },
  };
}
