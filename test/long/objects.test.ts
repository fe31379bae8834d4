import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clusterOf, KubernetesCaller } from '../support/kubernetes.js';
import { shortRequest } from '../support/portal.js';
import { until } from '../support/until.js';
import { useService } from '../support/use-service.js';

const savedSchema = z.object({ report: z.object({ backups: z.array(z.object({ id: z.string(), of: z.string(), state: z.string().optional() })) }) });
const labelsSchema = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) });

describe('objects of a simulated cluster on aws, and of one on azure', () => {
  const { service, portal } = useService();
  const request = (name: string, provider: 'aws' | 'azure') => ({
    ...shortRequest(name), provider, platform: { backup: 'velero' }, namespaces: [{ name: 'payments', quota: { cpu: '8', memory: '16Gi' }, podSecurity: 'baseline' }],
  });
  const opened = async (name: string): Promise<KubernetesCaller> => KubernetesCaller.open(service, await clusterOf(portal, name));
  let backup = '';

  beforeAll(async () => {
    const made = await Promise.all([portal.change('POST', '/clusters', request('first', 'aws')), portal.change('POST', '/clusters', request('second', 'azure'))]);
    expect(made).toMatchObject([{ state: 'succeeded', error: null }, { state: 'succeeded', error: null }]);
    const first = await opened('first');
    await first.call('POST', '/api/v1/namespaces/payments/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices' }, data: { tea: '2' } });
    await first.call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/payments/rolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'of-the-platform', labels: { 'app.kubernetes.io/managed-by': 'clusterwright' } }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [],
    });
    await first.close();
  }, 20 * 60_000);

  const has = (kubernetes: KubernetesCaller, resource: string): Promise<boolean> => kubernetes.call('GET', resource).then(() => true, () => false);

  it('are saved on demand, and listed beside snapshots of etcd', async () => {
    const saved = await portal.change('POST', '/clusters/first/backups', { of: ['etcd', 'objects'] });

    expect(saved).toMatchObject({ kind: 'backup', state: 'succeeded', error: null });
    const { report: { backups } } = savedSchema.parse(saved);
    expect(new Set(backups.map(({ of }) => of))).toEqual(new Set(['etcd', 'objects']));
    backup = backups.find(({ id, state }) => id.startsWith('velero/on-demand-') && state === 'completed')?.id ?? '';
    expect(backup).not.toBe('');
    expect(await portal.cluster('first')).toMatchObject({ state: 'ready' });
  });

  it('come back into a namespace that was deleted, which is fenced as before, and without access that was not the team\'s to keep', async () => {
    const first = await opened('first');
    await first.call('DELETE', '/api/v1/namespaces/payments');
    await until(async () => !(await has(first, '/api/v1/namespaces/payments')), 60_000);

    const job = await portal.change('POST', '/clusters/first/restore', { from: backup });

    expect(job).toMatchObject({ kind: 'restore-objects', state: 'succeeded', error: null });
    expect(await first.call('GET', '/api/v1/namespaces/payments/configmaps/prices')).toMatchObject({ data: { tea: '2' } });
    expect(await has(first, '/api/v1/namespaces/payments/resourcequotas/quota')).toBe(true);
    expect(await has(first, '/apis/rbac.authorization.k8s.io/v1/namespaces/payments/rolebindings/of-the-platform')).toBe(false);
    await first.close();
    expect(await portal.cluster('first')).toMatchObject({ state: 'ready' });
    expect(await portal.change('PATCH', '/clusters/first?dryRun=true', {})).toMatchObject({ state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0 } });
  });

  it('come into the other cluster, on the other cloud, by a copy that says whose it is', async () => {
    const job = await portal.change('POST', '/clusters/second/restore', { from: backup, sourceCluster: 'first', namespaces: ['payments'] });

    expect(job).toMatchObject({ kind: 'restore-objects', state: 'succeeded', error: null });
    const second = await opened('second');
    const restored = await second.call('GET', '/api/v1/namespaces/payments/configmaps/prices');
    expect(restored).toMatchObject({ data: { tea: '2' } });
    expect(labelsSchema.parse(restored).metadata.labels['velero.io/backup-name']).toMatch(/^first-[0-9a-z]{6}\.on-demand-/);
    expect(await has(second, '/apis/rbac.authorization.k8s.io/v1/namespaces/payments/rolebindings/of-the-platform')).toBe(false);
    await second.close();
    expect(await portal.cluster('second')).toMatchObject({ state: 'ready' });
  });
});
