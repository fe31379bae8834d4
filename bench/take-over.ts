import { z } from 'zod';
import { workerOf } from '../test/chaos/processes.js';
import { until } from '../test/support/until.js';
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
    await until(async () => (await job(service, id)).phase === 'infrastructure', 60_000);
    const killed = performance.now();
    process.kill(await workerOf(service), 'SIGKILL');
    await until(async () => (await job(service, id)).attempt === 2, 60_000);
    seconds.push((performance.now() - killed) / 1000);
    await finished(service.url, id, 200);
  }
  return [{ name: 'from SIGKILL of a worker to the take-over of its job', value: median(seconds), unit: 's', target: { atMost: 15 }, basis: `median of ${rounds}, the longest ${Math.max(...seconds).toFixed(1)} s` }];
}

async function job(service: BenchService, id: string): Promise<z.infer<typeof jobSchema>> {
  return jobSchema.parse(await (await fetch(`${service.url}/jobs/${id}`)).json());
}
