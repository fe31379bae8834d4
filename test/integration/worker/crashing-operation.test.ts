import { afterAll, describe, expect, it } from 'vitest';
import { operationProcesses } from '../../chaos/processes.js';
import { leftovers } from '../../chaos/truths.js';
import { Portal, shortRequest } from '../../support/portal.js';
import { startTestService, type RunningService } from '../../support/service.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

describe('an operation process that dies', () => {
  const { service, portal } = useService();

  async function kill(): Promise<void> {
    const find = async (): Promise<number | undefined> => (await operationProcesses(service.home)).find(({ command }) => /^\S*node \S*operation\/main\.js/.test(command))?.pid;
    await until(async () => (await find()) !== undefined, 60_000);
    const pid = await find();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }

  it('is no end of its job: the same worker runs it again', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('once'));
    await until(async () => (await portal.job(id))['phase'] === 'infrastructure', 60_000);
    await kill();
    expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null });
  });

  it('again and again ends its job after five attempts', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('doomed'));
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await until(async () => (await portal.job(id)).attempt === attempt && (await portal.job(id)).state === 'running', 60_000);
      await kill();
    }
    expect(await portal.ended(id)).toMatchObject({ state: 'failed', attempt: 5, error: { code: 'operation-crashed', hint: expect.stringContaining('repair') } });
    expect(await portal.cluster('doomed')).toMatchObject({ state: 'needs-repair' });
    expect(await leftovers(service.home)).toEqual([]);
  });
});

describe('an operation beyond its limits', () => {
  let service: RunningService;
  let portal: Portal;

  afterAll(async () => {
    await service.stop();
  });

  it('that says nothing is interrupted; one that takes too much memory is killed', async () => {
    service = await startTestService({ CLUSTERWRIGHT_STALL_MINUTES: '0.4' });
    portal = new Portal(service);
    await portal.plantFault({ cluster: 'silent', type: 'aws:ec2/instance:Instance', operation: 'create', kind: 'stall', times: 1000 });
    const stalled = await portal.change('POST', '/clusters', shortRequest('silent'));
    expect(stalled).toMatchObject({ state: 'failed', error: { code: 'operation-stalled', resource: 'infrastructure', detail: expect.stringContaining('Provision the infrastructure') } });
    expect(await portal.cluster('silent')).toMatchObject({ state: 'failed' });
    await service.stop({ keepHome: true });

    service = await startTestService({ CLUSTERWRIGHT_OPERATION_MEMORY_MIB: '64' }, service.home);
    portal = new Portal(service);
    const greedy = await portal.change('POST', '/clusters', shortRequest('greedy'));
    expect(greedy).toMatchObject({ state: 'failed', error: { code: 'operation-out-of-memory', detail: expect.stringMatching(/had \d+ MiB together; 64 are allowed/) } });
    expect(await portal.cluster('greedy')).toMatchObject({ state: 'failed' });
    expect(await operationProcesses(service.home)).toEqual([]);
  });
});
