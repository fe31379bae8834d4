import { expect, it } from 'vitest';
import { shortRequest } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

/** As many clusters at once, through one worker. To be called in a `describe` of its own. */
export function fleet(size: number): void {
  const { portal } = useService({ CLUSTERWRIGHT_CONCURRENCY: '4' });

  it('all become ready on four slots, each job run once', async () => {
    const names = Array.from({ length: size }, (_, index) => `fleet-${index + 1}`);
    const ids = await Promise.all(names.map((name) => portal.submit('POST', '/clusters', shortRequest(name))));
    const jobs = await Promise.all(ids.map((id) => portal.ended(id)));

    expect(jobs.filter((job) => job.state !== 'succeeded')).toEqual([]);
    expect(new Set(jobs.map((job) => job.attempt))).toEqual(new Set([1]));
    for (const job of jobs) {
      const started = (await portal.events(job.id)).filter(({ event }) => event.type === 'state' && event['state'] === 'running');
      expect(started).toHaveLength(1);
    }
    const vpcs = (await portal.inventory()).items.filter((item) => item.type === 'aws:ec2/vpc:Vpc' && item.cluster !== null);
    expect(vpcs.map((item) => item.cluster).sort()).toEqual([...names].sort());
    for (const name of names) expect(await portal.cluster(name)).toMatchObject({ state: 'ready' });
  }, 900_000);
}
