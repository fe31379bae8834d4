import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../sandbox/inventory/journal.js';
import { ClusterApi } from '../../../sandbox/kubernetes/api-server/cluster-api.js';
import { endGrants } from '../../../sandbox/kubernetes/nodes/expired-grants.js';

let folder: string;
let journal: Journal;
let now = Date.parse('2026-05-04T12:00:00Z');
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clusterwright-grants-'));
  journal = await Journal.open(path.join(folder, 'objects.jsonl'));
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

describe('temporary access in a simulated cluster', () => {
  it('is gone when its time has passed, and nothing else is', () => {
    const api = new ClusterApi(journal, () => now, { workloadStart: 0, namespaceEnd: 0 }, endGrants);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'clusterwright:operator' };
    const bind = (kind: 'ClusterRoleBinding' | 'RoleBinding', name: string, labels: Record<string, string>, annotations: Record<string, string>): void => api.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name, ...(kind === 'RoleBinding' ? { namespace: 'default' } : {}), labels, annotations }, roleRef, subjects: [],
    });
    const until = { 'clusterwright.io/until': '2026-05-04T16:00:00Z' };
    bind('ClusterRoleBinding', 'granted', { 'clusterwright.io/grant': 'a' }, until);
    bind('RoleBinding', 'granted', { 'clusterwright.io/grant': 'b' }, until);
    bind('ClusterRoleBinding', 'for-good', {}, until);
    const names = (): string[] => {
      api.settle();
      return ['clusterrolebindings', 'rolebindings'].flatMap((plural) => api.objects(`rbac.authorization.k8s.io/${plural}`).map(({ kind, metadata: { name } }) => `${kind} ${name}`));
    };

    now += 4 * 3_600_000 - 1;
    expect(names()).toEqual(['ClusterRoleBinding granted', 'ClusterRoleBinding for-good', 'RoleBinding granted']);
    now += 1;
    expect(names()).toEqual(['ClusterRoleBinding for-good']);
    bind('ClusterRoleBinding', 'unclear', { 'clusterwright.io/grant': 'c' }, {});
    expect(names()).toEqual(['ClusterRoleBinding for-good']);
  });
});
