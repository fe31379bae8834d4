import { describe, expect, it } from 'vitest';
import { stateFaults } from '../../chaos/truths.js';
import { shortRequest } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

describe('a cluster in doubt', () => {
  const { service, portal } = useService();

  const count = async (type: string): Promise<number> => (await portal.inventory('doubtful')).items.filter((item) => item.type === type).length;

  it('is made by another try after a lost answer, nothing twice, and repaired after something was deleted by hand', async () => {
    await portal.plantFault({ cluster: 'doubtful', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', kind: 'lose-answer' });
    const id = await portal.submit('POST', '/clusters', shortRequest('doubtful'));
    expect(await portal.ended(id)).toMatchObject({ state: 'failed', error: { code: 'resource-failed' } });

    const retried = await portal.change('POST', `/jobs/${id}/retry`);
    expect(retried).toMatchObject({ state: 'succeeded', error: null });
    expect(await count('aws:ec2/natGateway:NatGateway')).toBe(1);
    const events = await portal.events(retried.id);
    expect(events.map(({ event }) => event)).toContainEqual(expect.objectContaining({ type: 'resource', op: 'import', name: 'nat-a', state: 'succeeded' }));

    const before = (await portal.inventory('doubtful')).items.length;
    const route = (await portal.inventory('doubtful')).items.find(({ type }) => type === 'aws:ec2/route:Route');
    await fetch(`${service.control}/resources/${encodeURIComponent(route?.id ?? '')}/delete`, { method: 'POST' });
    expect((await portal.inventory('doubtful')).items).toHaveLength(before - 1);
    expect(await portal.change('POST', '/clusters/doubtful/repair')).toMatchObject({ kind: 'repair', state: 'succeeded', error: null });
    expect((await portal.inventory('doubtful')).items).toHaveLength(before);
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready' });
    expect(await stateFaults(service.home, 'doubtful', await portal.inventory('doubtful'))).toEqual([]);
  });

  it('is saved on demand by a control plane, stays what it is, and lists what it can come back to', async () => {
    const before = await portal.cluster('doubtful');
    const saved = await portal.change('POST', '/clusters/doubtful/backups');
    expect(saved).toMatchObject({ kind: 'backup', state: 'succeeded', error: null, report: { kind: 'backups', backups: [{ of: 'etcd', kubernetesRelease: expect.any(String) as string }] } });
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', spec: before.spec, lastJob: { id: saved.id, kind: 'backup' } });
    expect(await (await fetch(`${service.url}/clusters/doubtful/backups`)).json()).toMatchObject({ items: [{ of: 'etcd', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }] });
  });
});
