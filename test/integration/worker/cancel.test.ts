import { describe, expect, it } from 'vitest';
import { operationProcesses, workerOf } from '../../chaos/processes.js';
import { leftovers, stateFaults } from '../../chaos/truths.js';
import { shortRequest, type PortalJob } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

describe('a job that is cancelled', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_CONCURRENCY: '1', CLUSTERWRIGHT_CANCEL_GRACE_SECONDS: '3' });

  const cancel = (id: string, body?: object): Promise<Response> => portal.send('POST', `/jobs/${id}/cancel`, body);
  const phasesOf = (job: PortalJob): unknown => job['phases'];

  /** A creation that the cloud does not go on with: it ends only when it is interrupted. */
  async function stalled(name: string): Promise<string> {
    await portal.plantFault({ cluster: name, type: 'aws:ec2/instance:Instance', operation: 'create', kind: 'stall', times: 1000 });
    const id = await portal.submit('POST', '/clusters', shortRequest(name));
    await until(async () => (await portal.inventory(name)).items.length > 20, 400_000);
    return id;
  }

  async function engineOf(): Promise<number> {
    const engine = (await operationProcesses(service.home)).find(({ command }) => /\/pulumi up/.test(command));
    if (engine === undefined) throw new Error('no engine runs');
    return engine.pid;
  }

  it('ends at once where it is queued, and in order where it runs', async () => {
    const running = await stalled('running');
    const queued = await portal.submit('POST', '/clusters', shortRequest('queued'));

    expect((await cancel(queued)).status).toBe(202);
    expect(await portal.job(queued)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });

    expect((await cancel(running)).status).toBe(202);
    expect((await cancel(running)).status).toBe(202);
    const job = await portal.ended(running);
    expect(job).toMatchObject({ state: 'cancelled', attempt: 1, error: { code: 'cancelled' } });
    expect(job.error?.detail).toMatch(/^The job was cancelled in the phase "Provision the infrastructure", when \d+ resources were done\. What it has made stays/);
    expect(phasesOf(job)).toMatchObject([{ state: 'succeeded' }, { name: 'infrastructure', state: 'failed' }, { state: 'skipped' }, { state: 'skipped' }, { state: 'skipped' }, { state: 'skipped' }]);
    expect(await portal.cluster('running')).toMatchObject({ state: 'failed', lastJob: { id: running, state: 'cancelled' } });
    expect((await cancel(running)).status).toBe(409);
    expect(await stateFaults(service.home, 'running', await portal.inventory('running'))).toEqual([]);
    expect(await leftovers(service.home)).toEqual([]);
  });

  it('is not killed without force however long it takes, and with force once its grace has passed', async () => {
    await portal.clearFaults();
    const id = await stalled('stubborn');
    // An engine that does not end when it is interrupted.
    process.kill(await engineOf(), 'SIGSTOP');

    await cancel(id);
    await until(async () => (await portal.job(id)).state === 'cancelling', 5_000);
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(await portal.job(id)).toMatchObject({ state: 'cancelling' });
    expect((await operationProcesses(service.home)).length).toBeGreaterThan(0);

    expect((await cancel(id, { force: true })).status).toBe(202);
    const job = await portal.ended(id);
    expect(job).toMatchObject({ state: 'cancelled', error: { code: 'cancelled', detail: expect.stringContaining('were killed') } });
    expect(await portal.cluster('stubborn')).toMatchObject({ state: 'needs-repair' });
    expect(await operationProcesses(service.home)).toEqual([]);
  });

  it('and loses its worker is settled by the next one and does not go on', async () => {
    await portal.clearFaults();
    const id = await stalled('orphaned');
    process.kill(await engineOf(), 'SIGSTOP');
    await cancel(id);
    await until(async () => (await portal.job(id)).state === 'cancelling', 5_000);
    const there = (await portal.inventory('orphaned')).items.length;

    process.kill(await workerOf(service.process), 'SIGKILL');

    const job = await portal.ended(id);
    expect(job).toMatchObject({ state: 'cancelled', attempt: 2, error: { code: 'cancelled' } });
    expect(await portal.cluster('orphaned')).toMatchObject({ state: 'failed' });
    expect(await stateFaults(service.home, 'orphaned', await portal.inventory('orphaned'), { completed: false })).toEqual([]);
    expect((await portal.inventory('orphaned')).items.length).toBeLessThanOrEqual(there + 1);
    const begun = (await portal.allEvents(id)).filter(({ event }) => event.type === 'phase' && event['state'] === 'running').map(({ event }) => event['phase']);
    expect(begun).toEqual(['preflight', 'infrastructure', 'preflight']);
    // The cluster of the forced cancellation keeps its lock until somebody repairs it.
    const left = await leftovers(service.home);
    expect(left.filter((fault) => !fault.includes('stubborn-infrastructure'))).toEqual([]);
  });

  it('by force and loses its worker ends without running once its grace has passed', async () => {
    await portal.clearFaults();
    const id = await stalled('lost');
    process.kill(await engineOf(), 'SIGSTOP');
    await cancel(id, { force: true });
    await until(async () => (await portal.job(id)).state === 'cancelling', 5_000);

    process.kill(await workerOf(service.process), 'SIGKILL');

    // The next worker is there before or after the grace has passed: either way the end is the same but for the cluster's state.
    const job = await portal.ended(id);
    expect(job).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
    expect(['failed', 'needs-repair']).toContain((await portal.cluster('lost'))['state']);
    expect(await operationProcesses(service.home)).toEqual([]);
  });

  it('is what a deletion makes of the creation that it does not wait for, and leaves nothing', async () => {
    await portal.clearFaults();
    const id = await stalled('unwanted');
    const deletion = await portal.submit('DELETE', '/clusters/unwanted?cancelRunning=true&retain=none');
    expect(await portal.ended(id)).toMatchObject({ state: 'cancelled' });
    expect(await portal.ended(deletion)).toMatchObject({ state: 'succeeded', receipt: { leftovers: [] } });
    expect((await portal.inventory('unwanted')).items).toEqual([]);
  });
});
