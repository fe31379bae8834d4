import { setTimeout as wait } from 'node:timers/promises';
import { childrenOf } from '../../chaos/processes.js';
import type { RunningService } from '../../support/service.js';

/** Waits for a condition. Throws where it does not come true in time. */
export async function until(condition: () => Promise<boolean>, ms: number): Promise<void> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await wait(50)) if (await condition()) return;
  if (!(await condition())) throw new Error(`the condition did not come true within ${ms} ms: ${condition.toString()}`);
}

/** The pid of a service's worker. */
export async function workerOf(service: RunningService): Promise<number> {
  const worker = (await childrenOf(service.process.pid ?? 0)).find(({ command }) => command.includes('bin/worker.js'));
  if (worker === undefined) throw new Error('the service has no worker');
  return worker.pid;
}
