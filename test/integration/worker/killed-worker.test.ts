import { describe, expect, it } from 'vitest';
import { operationProcesses, workerOf } from '../../chaos/processes.js';
import { stateFaults } from '../../chaos/truths.js';
import { shortRequest } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

describe('a worker that is killed', () => {
  // Slow enough to be in the midst of it.
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_LATENCY: '0.2' });

  it('leaves no process of its operations, and the next one runs its job again to its end', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('killed'));
    await until(async () => (await portal.inventory('killed')).items.length > 3, 60_000);
    const before = (await operationProcesses(service.home)).map(({ pid }) => pid);
    expect(before.length).toBeGreaterThanOrEqual(2);

    process.kill(await workerOf(service.process), 'SIGKILL');

    await until(async () => (await operationProcesses(service.home)).every(({ pid }) => !before.includes(pid)), 5_000);
    const job = await portal.ended(id);
    expect(job.error).toBeNull();
    expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await portal.cluster('killed')).toMatchObject({ state: 'ready' });
    expect(await stateFaults(service.home, 'killed', await portal.inventory('killed'))).toEqual([]);
    expect((await operationProcesses(service.home))).toEqual([]);
  });

  it('is replaced by one that takes jobs', async () => {
    const preview = await portal.change('POST', '/clusters?dryRun=true', shortRequest('next'));
    expect(preview).toMatchObject({ state: 'succeeded', kind: 'preview' });
  });
});
