import { z } from 'zod';
import { clusterSpecSchema } from '../model/spec.js';
import { BareCluster } from './bare-run.js';
import { clusterRequest, finished, post, submit } from './requests.js';
import type { BenchService } from './service.js';
import { median } from './statistics.js';
import type { Figure } from './target.js';

const rounds = 5;

/** Time of a whole creation, from the request to its end, and of an update that changes nothing, against a bare script. Both take turns, so that a slow machine is slow for both. */
export async function jobTime(service: BenchService): Promise<Figure[]> {
  const times: Record<'ours' | 'bare' | 'ourNoOp' | 'bareNoOp', number[]> = { ours: [], bare: [], ourNoOp: [], bareNoOp: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const name = `turn-${round}`;
    const ours = await timed(async () => finished(service.url, await submit(`${service.url}/clusters`, post(clusterRequest(name))), 20));
    const cluster = z.object({ spec: clusterSpecSchema }).parse(await (await fetch(`${service.url}/clusters/${name}`)).json());
    const bareCluster = await BareCluster.of(service, { ...cluster.spec, name: `bare-${round}` }, 1000 + round);
    const bare = await bareCluster.run();
    const ourNoOp = await timed(async () => finished(service.url, await submit(`${service.url}/clusters/${name}`, { method: 'PATCH', body: '{}' }), 20));
    const bareNoOp = await bareCluster.run();
    await bareCluster.forget();
    // The first turn warms caches on both sides and does not count.
    if (round > 0) {
      times.ours.push(ours);
      times.bare.push(bare);
      times.ourNoOp.push(ourNoOp);
      times.bareNoOp.push(bareNoOp);
    }
    await finished(service.url, await submit(`${service.url}/clusters/${name}?retain=none`, { method: 'DELETE' }));
  }
  const figure = (name: string, ours: readonly number[], bare: readonly number[], atMost: number): Figure => ({
    name, value: median(ours) / median(bare), unit: '×', target: { atMost },
    basis: `medians of ${rounds}: ${(median(ours) / 1000).toFixed(2)} s against ${(median(bare) / 1000).toFixed(2)} s`,
  });
  return [
    figure('job time / bare Automation API script', times.ours, times.bare, 1.25),
    figure('update without a change / the same script run again', times.ourNoOp, times.bareNoOp, 1.5),
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
