import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { RealCluster } from '../real-nodes/real-cluster.js';
import { useService } from '../support/use-service.js';
import { bareRequest, startWeb, webApplication } from './web-application.js';

const backupsSchema = z.object({ items: z.array(z.object({ id: z.string() })).min(1) });

describe.skipIf(whyNoHosts() !== undefined)('a cluster of real nodes on aws whose control planes are all gone', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
  const cluster = new RealCluster(service, 'lost');
  const pods = (): Promise<string[]> => cluster.lines('pods', '{.metadata.uid} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}', '--selector', 'app=web').catch(() => []);
  const workers = (): Promise<string[]> => cluster.lines('nodes', '{.metadata.name} {.metadata.uid}', '--selector', '!node-role.kubernetes.io/control-plane');

  beforeAll(async () => {
    await startWeb(portal, cluster, bareRequest('lost', 'aws'), webApplication(2));
    await cluster.kubectl(['create', 'configmap', 'before', '--from-literal', 'word=before']);
    await cluster.kubectl(['create', 'secret', 'generic', 'before', '--from-literal', 'word=secret']);
    expect(await portal.change('POST', '/clusters/lost/backups')).toMatchObject({ state: 'succeeded', error: null });
  }, 30 * 60_000);

  it('is not made anew by a repair, and comes back from a backup on new machines, with the workers that it had', async () => {
    const [running, joined] = [(await pods()).sort(), (await workers()).sort()];
    expect([running.length, joined.length]).toEqual([2, 2]);
    await cluster.look();
    const lost = cluster.controlPlanes.map(({ id }) => id);
    expect(lost).toHaveLength(3);
    for (const host of cluster.controlPlanes) await cluster.terminate(host);
    expect(await portal.change('POST', '/clusters/lost/repair')).toMatchObject({ state: 'failed', error: { code: 'control-planes-lost', hint: expect.stringContaining('restore') as string } });

    const begun = Date.now();
    const { items: [backup] } = backupsSchema.parse(await (await portal.send('GET', '/clusters/lost/backups')).json());
    const job = await portal.change('POST', '/clusters/lost/restore', { from: backup?.id });
    process.stderr.write(`restore on new machines: ${((Date.now() - begun) / 1000).toFixed(0)} s until the job had seen all nodes Ready\n`);

    expect(job).toMatchObject({ kind: 'restore', state: 'succeeded', error: null });
    expect(await cluster.lines('configmaps', '{.data.word}', '--field-selector', 'metadata.name=before')).toEqual(['before']);
    // With the key that it had: nobody else could read it.
    expect(await cluster.lines('secrets', '{.data.word}', '--field-selector', 'metadata.name=before')).toEqual([Buffer.from('secret').toString('base64')]);
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(5).fill('True'));
    // Nobody has joined anew, and nothing on the workers was started again.
    expect((await workers()).sort()).toEqual(joined);
    expect((await pods()).sort()).toEqual(running);
    await cluster.look();
    expect(cluster.controlPlanes.filter(({ id }) => lost.includes(id))).toEqual([]);
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  });
});
