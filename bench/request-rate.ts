import { Queue } from 'bullmq';
import { Agent, request } from 'undici';
import { startBenchApi } from './api.js';
import { clusterRequest } from './requests.js';
import { median } from './statistics.js';
import type { Figure } from './target.js';

const rounds = 3;

/** `POST /clusters` per second against raw `queue.add`, both on one Redis as the service embeds it. No worker runs: only the acceptance is measured. */
export async function requestRate(): Promise<Figure[]> {
  const api = await startBenchApi();
  const queue = new Queue('raw', { connection: { url: api.redisUrl } });
  await queue.waitUntilReady();
  const agent = new Agent({ connections: 50, pipelining: 1 });
  const figures: Figure[] = [];
  for (const [wide, count] of [[50, 1000], [1, 300]] as const) {
    const raw: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      raw.push(await perSecond(wide, count, (index) => queue.add('raw', { index })));
      ours.push(await perSecond(wide, count, async (index) => {
        const body = JSON.stringify(clusterRequest(`rate-${wide}-${round}-${index}`));
        const answer = await request(`${api.url}/clusters`, { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json' }, body });
        if (answer.statusCode !== 202) throw new Error(`POST /clusters was answered with ${answer.statusCode}: ${await answer.body.text()}`);
        await answer.body.dump();
      }));
    }
    figures.push({
      name: `POST /clusters per second / raw queue.add per second, ${wide === 1 ? 'one after the other' : `${wide} at a time`}`,
      value: median(ours) / median(raw), unit: '×', target: { atLeast: 0.4 },
      basis: `${median(ours).toFixed(0)}/s against ${median(raw).toFixed(0)}/s, medians of ${rounds} × ${count}`,
    });
  }
  await agent.close();
  await queue.close();
  await api.stop();
  return figures;
}

async function perSecond(wide: number, count: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: wide }, async () => {
    while (next < count) await call(next++);
  }));
  return (count * 1000) / (performance.now() - started);
}
