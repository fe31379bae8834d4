import { describe, expect, it } from 'vitest';
import { objectsRequest } from '../../../api/routes/restore.js';
import { checkDocument } from '../../../model/faults.js';
import { restoreRequestSchema } from '../../../model/job-request.js';
import type { ObjectsBackup } from '../../../model/report.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { ClusterwrightError } from '../../../model/errors.js';
import { someCluster, someSpec } from '../../support/records.js';

const now = new Date('2026-11-30T09:00:00Z');
const from = 'velero/velero-daily-20261129021700';
const backup: ObjectsBackup = {
  id: from, of: 'objects', at: '2026-11-29T02:17:00Z', state: 'completed', errors: 0, sizeBytes: 1, includedNamespaces: ['*'], excludedNamespaces: ['monitoring'], items: 100, files: true, expiresAt: '2026-12-29T02:17:00Z',
};
const namespaces = (...names: string[]): Pick<ClusterSpec, 'namespaces'> => ({ namespaces: names.map((name) => ({ name, quota: { cpu: '20', memory: '64Gi' }, podSecurity: 'restricted', mesh: false })) as ClusterSpec['namespaces'] });
const target = someCluster('target', namespaces('payments', 'ledger', 'target-only')).cluster;
const other = someCluster('other', namespaces('ledger', 'payments', 'other-only')).cluster;

/** The faults that a request comes to, by pointer. */
function faultsOf(request: () => unknown): string[] {
  try {
    request();
  } catch (error) {
    if (error instanceof ClusterwrightError) return (error.faults ?? []).map(({ pointer }) => pointer);
    throw error;
  }
  return [];
}

describe('a request to restore', () => {
  const faults = (body: unknown): unknown[] => (checkDocument(restoreRequestSchema, body).faults ?? []).map(({ pointer }) => pointer);

  it('takes what is about objects only with a backup of objects', () => {
    expect(faults({ from: 'etcd/2026-11-29T10-03-11Z' })).toEqual([]);
    expect(faults({ from: 'etcd/2026-11-29T10-03-11Z', sourceCluster: 'other', namespaces: ['payments'], existing: 'keep' })).toEqual(['/sourceCluster', '/namespaces', '/existing']);
    expect(faults({ from, sourceCluster: 'other', namespaces: ['payments'], existing: 'update' })).toEqual([]);
  });

  it('names namespaces of teams', () => {
    expect(faults({ from, namespaces: ['payments', 'kube-system', 'velero', 'default'] })).toEqual(['/namespaces/1', '/namespaces/2', '/namespaces/3']);
  });

  it('names each namespace once', () => {
    expect(faults({ from, namespaces: ['payments', 'ledger', 'payments'] })).toEqual(['/namespaces/2']);
  });

  it('has every fault told at once', () => {
    expect(faults({ from: '', namespaces: [], existing: 'overwrite', of: 'x' })).toEqual(['/from', '/namespaces', '/existing', '/of']);
  });
});

describe('what brings objects back', () => {
  it('is about all namespaces of the spec where the backup is the cluster\'s own', () => {
    expect(objectsRequest({ from }, target, null, [backup], now)).toEqual({ kind: 'restore-objects', backup: 'velero-daily-20261129021700', source: null, namespaces: ['payments', 'ledger', 'target-only'], existing: 'keep' });
  });

  it('is about those that both specs and the backup have where it is another\'s', () => {
    expect(objectsRequest({ from, existing: 'update' }, target, other, [{ ...backup, excludedNamespaces: ['ledger'] }], now))
      .toEqual({ kind: 'restore-objects', backup: 'velero-daily-20261129021700', source: { name: 'other', uid: other.uid, provider: 'aws' }, namespaces: ['payments'], existing: 'update' });
  });

  it('may be about others that are named', () => {
    expect(objectsRequest({ from, namespaces: ['other-only'] }, target, other, [backup], now).namespaces).toEqual(['other-only']);
    expect(faultsOf(() => objectsRequest({ from, namespaces: ['payments', 'elsewhere'] }, target, other, [{ ...backup, includedNamespaces: ['payments'] }], now))).toEqual(['/namespaces/1']);
  });

  it('is refused where there is nothing in common', () => {
    expect(faultsOf(() => objectsRequest({ from }, someCluster('target', namespaces('apart')).cluster, other, [backup], now))).toEqual(['/namespaces']);
  });

  it.each([
    ['another name', { id: 'velero/other' }], ['one that is not complete', { state: 'running' as const }], ['one that failed', { state: 'failed' as const }], ['one whose time has passed', { expiresAt: '2026-11-30T08:59:59Z' }],
  ])('is refused with %s', (_, changes) => {
    expect(faultsOf(() => objectsRequest({ from }, target, null, [{ ...backup, ...changes }], now))).toEqual(['/from']);
  });

  it('takes a backup that is not whole', () => {
    expect(objectsRequest({ from }, target, null, [{ ...backup, state: 'partial' }], now).backup).toBe('velero-daily-20261129021700');
  });

  it('says of another owner\'s cluster what it says of one that does not exist, and needs Velero', () => {
    const foreign = { ...other, spec: someSpec('other', { owner: 'search' }) };
    const without = someCluster('target', { platform: { ...target.spec.platform, backup: 'none' } }).cluster;

    const messages = [foreign, undefined].map((one) => {
      try {
        return objectsRequest({ from, namespaces: ['payments'] }, without, one, [backup], now);
      } catch (error) {
        return error instanceof ClusterwrightError ? error.faults : error;
      }
    });

    expect(messages[0]).toEqual(messages[1]);
    expect(messages[0]).toMatchObject([{ pointer: '/from' }, { pointer: '/sourceCluster' }]);
  });
});
