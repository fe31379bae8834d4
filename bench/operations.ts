import { setMaxListeners } from 'node:events';
import { OperationMemory } from './memory.js';
import { pollLatencies } from './reads.js';
import { clusterRequest, finished, post, submit } from './requests.js';
import type { BenchService } from './service.js';
import { median, quantile } from './statistics.js';
import type { Figure } from './target.js';

/** Memory of operations, four at a time. */
export async function operationMemory(service: BenchService): Promise<Figure[]> {
  const memory = new OperationMemory();
  memory.start();
  const ids = await fourJobs(service);
  await Promise.all(ids.map((id) => finished(service.url, id, 500)));
  const peaks = memory.stop();
  return [{ name: 'memory of a running operation', value: median(peaks), unit: 'MiB', target: { atMost: 260 }, basis: `median of the peaks of ${peaks.length} operations: guard, program and engine, proportional set size` }];
}

/** p99 of `GET /jobs/{id}` for 200 clients that poll twice a second while four jobs run. */
export async function readsWhileJobsRun(service: BenchService): Promise<Figure[]> {
  const ids = await fourJobs(service);
  const done = new AbortController();
  // Every client listens.
  setMaxListeners(0, done.signal);
  const jobs = Promise.all(ids.map((id) => finished(service.url, id, 500))).finally(() => done.abort());
  const latencies = await pollLatencies(`${service.url}/jobs/${ids[0]}`, 200, 500, done.signal);
  await jobs;
  return [{ name: 'p99 of GET /jobs/{id}', value: quantile(latencies, 0.99), unit: 'ms', target: { atMost: 25 }, basis: `200 clients polling twice a second, 4 jobs running, ${latencies.length} reads, median ${median(latencies).toFixed(1)} ms` }];
}

function fourJobs(service: BenchService): Promise<string[]> {
  return Promise.all([1, 2, 3, 4].map((index) => submit(`${service.url}/clusters`, post(clusterRequest(`four-${index}`)))));
}
