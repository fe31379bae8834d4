import { setTimeout as wait } from 'node:timers/promises';
import type { Portal } from '../support/portal.js';
import { redisOf } from '../support/redis.js';
import type { RunningService } from '../support/service.js';
import type { Strike } from './plan.js';
import { childrenOf, isRunning, operationProcesses, type RunningProcess } from './processes.js';

/** What a strike needs. */
export interface Scene {
  readonly service: RunningService;
  readonly portal: Portal;
  readonly jobId: string;
}

/** Strikes, and says what was hit. The service itself may be gone afterwards: `isRunning` tells. */
export async function strike(kind: Strike['kind'], scene: Scene): Promise<string> {
  const { service, portal, jobId } = scene;
  const main = service.process.pid ?? 0;
  const [operations, children] = await Promise.all([operationProcesses(service.home), childrenOf(main)]);
  const worker = children.filter(({ command }) => command.includes('bin/worker.js'));
  switch (kind) {
    case 'engine':
      return kill(operations.filter(isEngine));
    case 'operation':
      return kill(operations.filter(({ command }) => command.includes('operation/main.js') && !command.startsWith('sh ')));
    case 'guard':
      return kill(operations.filter(({ command }) => command.startsWith('sh ')));
    case 'worker':
      return kill(worker);
    case 'redis':
      return kill([{ pid: (await redisOf(service.home)).pid, command: 'redis-server', session: 0 }]);
    case 'service':
      return kill([{ pid: main, command: 'start.js', session: 0 }]);
    case 'everything':
      return kill([...operations, ...worker, { pid: (await redisOf(service.home)).pid, command: 'redis-server', session: 0 }, { pid: main, command: 'start.js', session: 0 }]);
    case 'stop-worker':
      worker.forEach(({ pid }) => process.kill(pid, 'SIGTERM'));
      return `${worker.length} worker asked to stop`;
    case 'cancel':
      return `cancel: ${(await portal.send('POST', `/jobs/${jobId}/cancel`)).status}`;
    case 'force-cancel':
      return `cancel with force: ${(await portal.send('POST', `/jobs/${jobId}/cancel`, { force: true })).status}`;
    case 'fail':
    case 'throttle':
    case 'stall':
    case 'lose-answer':
      return 'the fault lies in wait';
  }
}

function isEngine({ command }: RunningProcess): boolean {
  return /(^|\/)pulumi /.test(command);
}

function kill(processes: readonly RunningProcess[]): string {
  const hit = processes.filter(({ pid }) => {
    try {
      process.kill(pid, 'SIGKILL');
      return true;
    } catch {
      // It ended by itself a moment before.
      return false;
    }
  });
  return hit.length === 0 ? 'nothing was there to hit' : `killed ${hit.map(({ pid, command }) => `${pid} (${command.split(' ').slice(0, 2).join(' ').slice(-40)})`).join(', ')}`;
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  while (await isRunning(pid)) await wait(50);
}
