import { describe, expect, it } from 'vitest';
import { operationProcesses, workerOf } from '../../chaos/processes.js';
import { leftovers, stateFaults } from '../../chaos/truths.js';
import { shortRequest } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

describe('a worker that is killed', () => {
  const { service, portal } = useService();

  it('leaves no process of its operations, and the next one runs its job again to its end', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('killed'));
    await until(async () => (await portal.inventory('killed')).items.length > 3, 400_000);
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

  it('five times with the same job is replaced by one that takes jobs, but the job has failed and its cluster waits for a repair', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('forsaken'));
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await until(async () => {
        const job = await portal.job(id);
        return job.state === 'running' && job.attempt === attempt;
      }, 60_000);
      process.kill(await workerOf(service.process), 'SIGKILL');
    }

    const job = await portal.ended(id);

    expect(job).toMatchObject({ state: 'failed', attempt: 5, error: { code: 'worker-lost', hint: expect.stringContaining('repair') } });
    expect(await portal.cluster('forsaken')).toMatchObject({ state: 'needs-repair' });
    const states = (await portal.allEvents(id)).filter(({ event }) => event.type === 'state').map(({ event }) => `${String(event['state'])} ${String(event['attempt'])}`);
    expect(states).toEqual(['queued 1', 'running 1', 'running 2', 'running 3', 'running 4', 'running 5', 'failed 5']);
    expect(await leftovers(service.home)).toEqual([]);
    expect(await portal.change('DELETE', '/clusters/forsaken?retain=none')).toMatchObject({ state: 'succeeded', attempt: 1 });
  });
});
