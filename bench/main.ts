import { fleet, fleetOfStandIns } from './fleet.js';
import { jobTime } from './job-time.js';
import { operationMemory, readsWhileJobsRun } from './operations.js';
import { requestRate } from './request-rate.js';
import { scale } from './scale.js';
import { startBenchService, type BenchService } from './service.js';
import { takeOver } from './take-over.js';
import { reportLine, type Figure } from './target.js';

// `npm run bench`: what the service costs beside what it is built on. Every figure is a ratio or a bound with its target.

/** The benchmarks by name, each on a service of its own; `npm run bench -- NAME` runs one. */
const benchmarks: Readonly<Record<string, () => Promise<Figure[]>>> = {
  'job-time': () => onService(jobTime),
  reads: () => onService(readsWhileJobsRun),
  memory: () => onService(operationMemory),
  'take-over': () => onService(takeOver),
  requests: requestRate,
  scale,
  fleet,
  'fleet-stand-in': fleetOfStandIns,
};

/** Benchmarks that take too long to be run unless they are named. */
const byNameOnly = ['fleet', 'fleet-stand-in'];

async function onService(measure: (service: BenchService) => Promise<Figure[]>): Promise<Figure[]> {
  const service = await startBenchService();
  try {
    return await measure(service);
  } finally {
    await service.stop();
  }
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}
for (const [name, run] of Object.entries(benchmarks)) {
  if (chosen.length > 0 ? !chosen.includes(name) : byNameOnly.includes(name)) continue;
  for (const figure of await run()) console.log(reportLine(figure));
}
