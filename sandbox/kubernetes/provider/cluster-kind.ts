import type { KubeObject } from '../json.js';

/** A kind without a namespace whose objects may hold anything, as charts that cannot be had would define it. */
export function clusterKind(group: string, version: string, kind: string, plural: string): KubeObject {
  return definition('Cluster', group, version, kind, plural);
}

/** The same within namespaces. */
export function namespacedKind(group: string, version: string, kind: string, plural: string): KubeObject {
  return definition('Namespaced', group, version, kind, plural);
}

function definition(scope: 'Cluster' | 'Namespaced', group: string, version: string, kind: string, plural: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group, scope, names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
    },
  };
}
