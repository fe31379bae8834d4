import { afterAll, beforeAll } from 'vitest';
import { Portal } from './portal.js';
import { startTestService, type RunningService } from './service.js';

/** A service with a caller of its API. Both can be had at once, and be used from the first hook or test on. */
export interface UsedService {
  readonly service: Omit<RunningService, 'stop'>;
  readonly portal: Portal;
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
  afterAll(() => running?.stop());
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
  return { service, portal: new Portal(service) };
}
