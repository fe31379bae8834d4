import { Agent, request } from 'undici';
import type { z } from 'zod';
import { clusterRecordSchema } from '../model/cluster.js';
import { jobRecordSchema } from '../model/job.js';
import { newJobId, newUid } from '../model/ids.js';
import { connect, Store } from '../store/index.js';
import { startBenchApi } from './api.js';
import { readP99 } from './reads.js';
import { clusterRequest } from './requests.js';
import type { Figure } from './target.js';

const few = 100;
const many = 10_000;
const reads = 600;

/** p99 of reads with 10,000 clusters in the store against 100: what a caller waits for must not grow with the fleet. */
export async function scale(): Promise<Figure[]> {
  const api = await startBenchApi();
  const redis = connect(api.redisUrl, 'bench');
  const agent = new Agent({ connections: 4, pipelining: 1 });
  try {
    const seeder = await Seeder.of(new Store(redis), api.url, agent);
    const kinds = ['list page', 'cluster', 'job'] as const;
    const measured = new Map<number, Record<(typeof kinds)[number], number>>();
    for (const size of [few, many]) {
      await seeder.grow(size);
      const [name, id] = seeder.middle();
      const paths = { 'list page': '/clusters?limit=50', cluster: `/clusters/${name}`, job: `/jobs/${id}` };
      // Once round for warmth, then what counts.
      for (const kind of kinds) await readP99(`${api.url}${paths[kind]}`, agent, reads / 4);
      measured.set(size, { 'list page': await readP99(`${api.url}${paths['list page']}`, agent, reads), cluster: await readP99(`${api.url}${paths.cluster}`, agent, reads), job: await readP99(`${api.url}${paths.job}`, agent, reads) });
    }
    return kinds.map((kind) => {
      const [before = 0, after = 0] = [measured.get(few)?.[kind], measured.get(many)?.[kind]];
      return { name: `p99 of a ${kind}, ${many} clusters / ${few}`, value: after / before, unit: '×', target: { atMost: 1.5 }, basis: `${after.toFixed(1)} ms against ${before.toFixed(1)} ms, ${reads} reads, four at a time` };
    });
  } finally {
    await agent.close();
    redis.disconnect();
    await api.stop();
  }
}

/** Fills the store with clusters, written as the API writes them, after the model of one that came through the API. */
class Seeder {
  readonly #written: [name: string, job: string][] = [];

  private constructor(private readonly store: Store, private readonly cluster: z.infer<typeof clusterRecordSchema>, private readonly job: z.infer<typeof jobRecordSchema>) {}

  static async of(store: Store, url: string, agent: Agent): Promise<Seeder> {
    const answer = await request(`${url}/clusters`, { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json' }, body: JSON.stringify(clusterRequest('model')) });
    await answer.body.dump();
    const cluster = clusterRecordSchema.parse(await store.getCluster('model'));
    return new Seeder(store, cluster, jobRecordSchema.parse(await store.getJob(cluster.activeJob ?? '')));
  }

  async grow(size: number): Promise<void> {
    while (this.#written.length < size) {
      const batch = Array.from({ length: Math.min(100, size - this.#written.length) }, (_, index) => `fleet-${this.#written.length + index}`);
      await Promise.all(batch.map(async (name) => {
        const [id, uid, spec] = [newJobId(), newUid(), { ...this.cluster.spec, name }];
        await this.store.createCluster({ ...this.cluster, name, uid, spec, activeJob: id }, { ...this.job, id, uid, cluster: name, spec });
        this.#written.push([name, id]);
      }));
    }
  }

  /** A cluster from the middle of the fleet, with its job. */
  middle(): [name: string, job: string] {
    return this.#written[Math.floor(this.#written.length / 2)] ?? ['model', this.job.id];
  }
}
