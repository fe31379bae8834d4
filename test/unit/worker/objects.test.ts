import { describe, expect, it } from 'vitest';
import type { KubernetesClient } from '../../../worker/kubernetes/client.js';
import { veleroBackups } from '../../../worker/kubernetes/velero.js';
import { onDemandName } from '../../../worker/operation/objects/save-objects.js';
import { sourceOf } from '../../../worker/operation/objects/source-cluster.js';
import { restoreSpec } from '../../../worker/operation/phases/restore-objects.js';
import { someCluster, someJob, someSpec } from '../../support/records.js';

/** A server that has these Backups; undefined: none that serves the kind. */
function serverWith(backups: readonly object[] | undefined): KubernetesClient {
  const client: Pick<KubernetesClient, 'objects'> = {
    objects: (path, item) => {
      expect(path).toBe('/apis/velero.io/v1/namespaces/velero/backups');
      return Promise.resolve(backups?.map((backup) => item.parse(backup)));
    },
  };
  return client as KubernetesClient;
}

const made = { creationTimestamp: '2026-11-29T02:17:00Z' };

describe('what Velero has saved', () => {
  it('is told with what it holds, whether it is whole, and until when it is kept', async () => {
    const backups = await veleroBackups(serverWith([
      { metadata: { name: 'velero-daily-20261129021700', ...made }, spec: { excludedNamespaces: ['monitoring'], defaultVolumesToFsBackup: true }, status: { phase: 'Completed', startTimestamp: '2026-11-29T02:17:05Z', expiration: '2026-12-29T02:17:05Z', progress: { totalItems: 120, itemsBackedUp: 120 } } },
      { metadata: { name: 'partial', ...made }, spec: { includedNamespaces: ['payments'] }, status: { phase: 'PartiallyFailed', errors: 2 } },
      { metadata: { name: 'refused', ...made }, spec: { includedNamespaces: null }, status: { phase: 'FailedValidation', validationErrors: ['no'] } },
      { metadata: { name: 'new', ...made }, spec: {} },
      { metadata: { name: 'under-way', ...made }, spec: {}, status: { phase: 'FinalizingPartiallyFailed' } },
      { metadata: { name: 'going', ...made }, spec: {}, status: { phase: 'Deleting' } },
    ]), { provider: 'aws' });

    expect(backups?.[0]).toEqual({
      id: 'velero/velero-daily-20261129021700', of: 'objects', at: '2026-11-29T02:17:05Z', state: 'completed', errors: 0, includedNamespaces: ['*'], excludedNamespaces: ['monitoring'], items: 120, files: true, expiresAt: '2026-12-29T02:17:05Z',
    });
    expect(backups?.slice(1).map(({ id, state, errors, at }) => [id, state, errors, at])).toEqual([
      ['velero/partial', 'partial', 2, made.creationTimestamp], ['velero/refused', 'failed', 0, made.creationTimestamp], ['velero/new', 'running', 0, made.creationTimestamp], ['velero/under-way', 'running', 0, made.creationTimestamp],
    ]);
    expect(backups?.[1]?.includedNamespaces).toEqual(['payments']);
  });

  it('is nothing where the cluster has no Velero', async () => {
    expect(await veleroBackups(serverWith(undefined), { provider: 'azure' })).toBeUndefined();
  });

  it('on demand has a name of the job\'s own, the same in each attempt', () => {
    expect(onDemandName({ id: '01M8M2NV8360ZCY49GZBHM1MCE', createdAt: '2026-11-30T09:24:31.123Z' })).toBe('on-demand-20261130092431-1mce');
  });
});

describe('what Velero is told to restore', () => {
  const request = { kind: 'restore-objects' as const, backup: 'b', source: null, namespaces: ['payments'], existing: 'keep' as const };
  const notOurs = { matchExpressions: [{ key: 'app.kubernetes.io/managed-by', operator: 'NotIn', values: ['clusterwright'] }] };

  it('is what teams have, and nothing that the platform declares: access of another time or cluster stays out', () => {
    expect(restoreSpec(request, 'copy')).toEqual({ backupName: 'copy', includedNamespaces: ['payments'], labelSelector: notOurs, existingResourcePolicy: 'none' });
  });

  it('leaves out what cannot be changed where objects become what they were', () => {
    expect(restoreSpec({ ...request, existing: 'update' }, 'copy')).toMatchObject({ labelSelector: notOurs, existingResourcePolicy: 'update', excludedResources: ['persistentvolumeclaims', 'persistentvolumes', 'pods'] });
  });
});

describe('the other cluster whose backup is brought back', () => {
  const { cluster: target } = someCluster('target');
  const { cluster: other } = someCluster('other');
  const account = { provider: 'aws', accountId: '123456789012', reach: { type: 'public' } } as const;
  const job = (uid: string) => ({ ...someJob('restore-objects', target), intent: { ...someJob('restore-objects', target).intent, request: { kind: 'restore-objects' as const, backup: 'b', source: { name: 'other', uid, provider: 'aws' as const }, namespaces: ['payments'], existing: 'keep' as const } } });
  const having = (found: typeof other | undefined) => ({ store: { getCluster: () => Promise.resolve(found) }, account: () => account });

  it('is told with its account', async () => {
    expect(await sourceOf(job(other.uid), having(other))).toEqual({ cluster: { name: 'other', uid: other.uid, region: 'eu-west-1' }, account });
    expect(await sourceOf(someJob('repair', target), having(other))).toBeNull();
  });

  it.each([['is gone', undefined], ['is another of that name', { ...other, uid: 'another' }], ['has another owner by now', { ...other, spec: someSpec('other', { owner: 'search' }) }]])('is none where it %s', async (_, found) => {
    await expect(sourceOf(job(other.uid), having(found))).rejects.toMatchObject({ code: 'backup-unusable' });
    // A drill has a cluster to take away, whatever has become of the other.
    const drill = someJob('cluster-drill', target);
    expect(await sourceOf({ ...drill, intent: { ...drill.intent, request: { kind: 'cluster-drill', backup: 'nightly', at: '2026-11-29T02:17:00.000Z', source: { name: 'other', uid: other.uid, provider: 'aws' } } } }, having(found))).toBeNull();
  });
});
