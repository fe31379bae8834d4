import type { KubeObject } from '../json.js';

const rbac = 'rbac.authorization.k8s.io';
const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { nonResourceURLs: ['*'], verbs: ['*'] }];
const role = (name: string, rules: unknown[]): KubeObject => ({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }, rules });
const binding = (name: string, group: string): KubeObject => ({
  apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ apiGroup: rbac, kind: 'Group', name: group }],
});

/** What kubeadm and the nodes' bootstrap leave in a new cluster, as far as somebody asks for it. */
export const bootstrapObjects: readonly KubeObject[] = [
  role('cluster-admin', everything),
  role('admin', []), role('edit', []), role('view', []),
  binding('cluster-admin', 'system:masters'),
  binding('clusterwright:provisioners', 'clusterwright:provisioners'),
  {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      replicas: 2, selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-dns' } },
        spec: { tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }], containers: [{ name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.13.1' }] },
      },
    },
  },
];
