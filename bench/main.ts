import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { z } from 'zod';
import { clusterSpecSchema } from '../model/spec.js';
import { findEngine } from '../worker/engine/binary.js';
import { OperationMemory } from './memory.js';
import { pollLatencies } from './reads.js';
import { clusterRequest, finished, submit } from './requests.js';
import { startBenchApi } from './api.js';
import { startBenchService, type BenchService } from './service.js';
import { median, quantile } from './statistics.js';
import { reportLine, type Figure } from './target.js';

// `npm run bench`: what the service costs beside what it is built on. Every figure is a ratio or a bound with its target.
const rounds = 5;
const json = (body: object): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

/** Time of a whole job, from the request to its end, against a bare script; both take turns, so that a slow machine is slow for both. */
async function jobTime(service: BenchService): Promise<Figure> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const name = `turn-${round}`;
    const started = performance.now();
    await finished(service.url, await submit(`${service.url}/clusters`, json(clusterRequest(name))), 20);
    const mine = performance.now() - started;
    const cluster = z.object({ spec: clusterSpecSchema }).parse(await (await fetch(`${service.url}/clusters/${name}`)).json());
    const theirs = await bareRun(service, { ...cluster.spec, name: `bare-${round}` }, 1000 + round);
    // The first turn warms caches on both sides and does not count.
    if (round > 0) {
      ours.push(mine);
      bare.push(theirs);
    }
    await finished(service.url, await submit(`${service.url}/clusters/${name}?retain=none`, { method: 'DELETE' }));
  }
  return {
    name: 'job time / bare Automation API script',
    value: median(ours) / median(bare), unit: '×', target: { atMost: 1.25 },
    basis: `medians of ${rounds}: ${(median(ours) / 1000).toFixed(2)} s against ${(median(bare) / 1000).toFixed(2)} s`,
  };
}

async function bareRun(service: BenchService, spec: object, slot: number): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL('./bare/main.js', import.meta.url)), service.home, JSON.stringify(spec), String(slot)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...service.sandbox, PATH: `${path.dirname((await findEngine()).command)}:${process.env['PATH'] ?? ''}` },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the bare script ended with ${code}`);
  return performance.now() - started;
}

/** `POST /clusters` per second against raw `queue.add`, both on one Redis as the service embeds it. No worker runs: only the acceptance is measured. */
async function requestRate(): Promise<Figure> {
  const count = 1000;
  const api = await startBenchApi();
  const queue = new Queue('raw', { connection: { url: api.redisUrl } });
  await queue.waitUntilReady();
  const raw: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    raw.push(await perSecond(count, (index) => queue.add('raw', { index })));
    ours.push(await perSecond(count, (index) => submit(`${api.url}/clusters`, json(clusterRequest(`rate-${round}-${index}`)))));
  }
  await queue.close();
  await api.stop();
  return {
    name: 'POST /clusters per second / raw queue.add per second', value: median(ours) / median(raw), unit: '×', target: { atLeast: 0.4 },
    basis: `${median(ours).toFixed(0)}/s against ${median(raw).toFixed(0)}/s, medians of 3 × ${count}, 50 at a time`,
  };
}

async function perSecond(count: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: 50 }, async () => {
    while (next < count) await call(next++);
  }));
  return (count * 1000) / (performance.now() - started);
}

/** Memory of operations, four at a time. */
async function operationMemory(service: BenchService): Promise<Figure> {
  const memory = new OperationMemory();
  memory.start();
  const ids = await fourJobs(service);
  await Promise.all(ids.map((id) => finished(service.url, id, 500)));
  const peaks = memory.stop();
  return { name: 'memory of a running operation', value: median(peaks), unit: 'MiB', target: { atMost: 260 }, basis: `median of the peaks of ${peaks.length} operations: guard, program and engine, proportional set size` };
}

function fourJobs(service: BenchService): Promise<string[]> {
  return Promise.all([1, 2, 3, 4].map((index) => submit(`${service.url}/clusters`, json(clusterRequest(`four-${index}`)))));
}

/** p99 of `GET /jobs/{id}` for 200 clients that poll twice a second while four jobs run. */
async function readsWhileJobsRun(service: BenchService): Promise<Figure> {
  const ids = await fourJobs(service);
  const done = new AbortController();
  const jobs = Promise.all(ids.map((id) => finished(service.url, id, 500))).finally(() => done.abort());
  const latencies = await pollLatencies(`${service.url}/jobs/${ids[0]}`, 200, 500, done.signal);
  await jobs;
  return { name: 'p99 of GET /jobs/{id}', value: quantile(latencies, 0.99), unit: 'ms', target: { atMost: 25 }, basis: `200 clients polling twice a second, 4 jobs running, ${latencies.length} reads, median ${median(latencies).toFixed(1)} ms` };
}

/** The benchmarks by name, each on a service of its own; `npm run bench -- NAME` runs one. */
const benchmarks: Readonly<Record<string, () => Promise<Figure>>> = {
  'job-time': () => onService(jobTime),
  reads: () => onService(readsWhileJobsRun),
  memory: () => onService(operationMemory),
  requests: requestRate,
};

async function onService(measure: (service: BenchService) => Promise<Figure>): Promise<Figure> {
  const service = await startBenchService();
  try {
    return await measure(service);
  } finally {
    await service.stop();
  }
}

const chosen = process.argv.slice(2);
for (const [name, run] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(reportLine(await run()));
}
