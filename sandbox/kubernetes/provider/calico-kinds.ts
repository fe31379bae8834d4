import type { KubeObject } from '../json.js';

/** Calico's definitions that are used here, as the chart with all of them brings them. */
export const calicoKinds: readonly KubeObject[] = [clusterKind('Tier', 'tiers'), clusterKind('GlobalNetworkPolicy', 'globalnetworkpolicies')];

function clusterKind(kind: string, plural: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.crd.projectcalico.org` },
    spec: {
      group: 'crd.projectcalico.org', scope: 'Cluster', names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
    },
  };
}
