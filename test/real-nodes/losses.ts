import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Ground } from './ground.js';
import { startProbe } from './probe.js';
import { scheduledSnapshot } from './snapshots.js';

const statusSchema = z.tuple([z.object({ Status: z.object({ header: z.object({ member_id: z.number() }), leader: z.number() }) })]);

/** What is lost, and comes back: data, the leader of etcd, the majority of control planes. */
export function losses({ cluster, portal }: Ground): void {
  it('saves etcd to the object store by its schedule, and comes back from it with what was deleted since', async () => {
    await cluster.kubectl(['create', 'namespace', 'kept']);
    await cluster.kubectl(['--namespace', 'kept', 'create', 'configmap', 'what', '--from-literal', 'word=kept']);
    const key = await scheduledSnapshot(cluster);
    expect(key).toMatch(/^etcd\//);
    // Its job lists what the schedule has saved as well.
    expect(await portal.change('POST', `/clusters/${cluster.name}/backups`)).toMatchObject({ state: 'succeeded', error: null });
    await cluster.kubectl(['delete', 'namespace', 'kept', '--wait', '--timeout', '60s', '--request-timeout', '70s']);

    expect(await portal.change('POST', `/clusters/${cluster.name}/restore`, { from: key })).toMatchObject({ kind: 'restore', state: 'succeeded', error: null });

    await expect.poll(() => cluster.lines('configmaps', '{.data.word}', '--namespace', 'kept', '--field-selector', 'metadata.name=what').catch(String), { timeout: 60_000 }).toEqual(['kept']);
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  }, 8 * 60_000);

  it('answers through the load balancer while the control plane that leads etcd dies, and has it back by switching it on', async () => {
    const leads = await Promise.all(cluster.controlPlanes.map(async (host) => {
      const [{ Status: { header, leader } }] = statusSchema.parse(JSON.parse(await cluster.etcdctl(host, 'endpoint', 'status', '--write-out', 'json')));
      return header.member_id === leader;
    }));
    const victim = cluster.controlPlanes[leads.indexOf(true)];
    if (victim === undefined) throw new Error('no member of etcd leads');
    const probe = await startProbe(await cluster.adminFile());
    await wait(1_000);
    await cluster.power(victim, false);
    await wait(10_000);
    expect(await probe.stop()).toBeLessThanOrEqual(3_000);
    const later = await startProbe(await cluster.adminFile());
    await wait(5_000);
    expect(await later.stop()).toBe(0);

    await cluster.power(victim, true);
    await expect.poll(async () => {
      await cluster.look();
      return cluster.hasHealthyEtcd();
    }, { timeout: 120_000 }).toBe(true);
  });

  it('stops with two of three control planes gone, and is back with them, nothing lost', async () => {
    await cluster.kubectl(['create', 'configmap', 'before', '--from-literal', 'word=before']);
    const [one, two] = cluster.controlPlanes;
    for (const host of [one, two]) if (host !== undefined) await cluster.power(host, false);
    await expect.poll(() => cluster.kubectl(['get', 'configmap', 'before']).then(() => 'answers', () => 'stopped'), { timeout: 60_000 }).toBe('stopped');
    for (const host of [one, two]) if (host !== undefined) await cluster.power(host, true);
    await expect.poll(() => cluster.lines('configmaps', '{.data.word}', '--field-selector', 'metadata.name=before').catch(String), { timeout: 120_000 }).toEqual(['before']);
    // Two members are enough for that; the third may still be on its way.
    await expect.poll(async () => {
      await cluster.look();
      return cluster.hasHealthyEtcd();
    }, { timeout: 120_000 }).toBe(true);
  });

  it('gets a control plane whose machine was deleted back by a repair, as a new member of etcd', async () => {
    // An API server that has just come back may be asked before it knows the roles.
    let names: string[] = [];
    await expect.poll(async () => (names = await cluster.lines('nodes', '{.metadata.name}').catch(() => [])).length, { timeout: 60_000 }).toBe(5);
    const before = await cluster.etcdctl(cluster.controlPlane, 'member', 'list');
    await cluster.terminate(cluster.controlPlane);

    expect((await portal.change('POST', '/clusters/real/repair')).error).toBeNull();

    await cluster.look();
    expect(cluster.controlPlanes).toHaveLength(3);
    expect((await cluster.lines('nodes', '{.metadata.name}')).sort()).toEqual(names.sort());
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(5).fill('True'));
    expect(await cluster.hasHealthyEtcd()).toBe(true);
    const ids = (list: string): string[] => list.trim().split('\n').map((line) => line.split(',')[0] ?? '');
    const after = ids(await cluster.etcdctl(cluster.controlPlane, 'member', 'list'));
    expect(after.filter((id) => !ids(before).includes(id))).toHaveLength(1);
    expect(after).toHaveLength(3);
  });
}
