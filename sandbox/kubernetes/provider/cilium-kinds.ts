import type { KubeObject } from '../json.js';

/** Cilium's operator registers its kinds; this is the one that is used here. */
export const clusterwidePolicies: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
  metadata: { name: 'ciliumclusterwidenetworkpolicies.cilium.io' },
  spec: {
    group: 'cilium.io', scope: 'Cluster', names: { kind: 'CiliumClusterwideNetworkPolicy', plural: 'ciliumclusterwidenetworkpolicies', shortNames: ['ccnp'] },
    versions: [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }, subresources: { status: {} } }],
  },
};
