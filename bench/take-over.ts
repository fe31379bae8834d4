import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { clusterRequest, finished, post, submit } from './requests.js';
import type { BenchService } from './service.js';
import { median } from './statistics.js';
import type { Figure } from './target.js';

const rounds = 3;
const jobSchema = z.object({ state: z.string(), attempt: z.int(), phase: z.string().nullable() });

/** Time from the SIGKILL of a worker to the moment when the next one has taken its job over, on the same host. */
export async function takeOver(service: BenchService): Promise<Figure[]> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const id = await submit(`${service.url}/clusters`, post(clusterRequest(`orphan-${round}`)));
    await until(async () => (await job(service, id)).phase === 'infrastructure');
    const killed = performance.now();
    process.kill(await workerOf(service.pid), 'SIGKILL');
    await until(async () => (await job(service, id)).attempt === 2);
    seconds.push((performance.now() - killed) / 1000);
    await finished(service.url, id, 200);
  }
  return [{ name: 'from SIGKILL of a worker to the take-over of its job', value: median(seconds), unit: 's', target: { atMost: 15 }, basis: `median of ${rounds}, the longest ${Math.max(...seconds).toFixed(1)} s` }];
}

async function job(service: BenchService, id: string): Promise<z.infer<typeof jobSchema>> {
  return jobSchema.parse(await (await fetch(`${service.url}/jobs/${id}`)).json());
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(20);
}

/** The pid of a service's worker, which is its child. */
async function workerOf(service: number): Promise<number> {
  const children = (await readFile(`/proc/${service}/task/${service}/children`, 'utf8')).trim().split(' ');
  for (const pid of children) if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('bin/worker.js')) return Number(pid);
  throw new Error('the service has no worker');
}
