import type { KubeObject } from '../json.js';

/** Of the snapshot controller's definitions the one that is used here, as its chart brings it. */
export const snapshotClasses: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
  // An API server takes a group of Kubernetes' own only where it says who has approved it.
  metadata: { name: 'volumesnapshotclasses.snapshot.storage.k8s.io', annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-csi/external-snapshotter/pull/814' } },
  spec: {
    group: 'snapshot.storage.k8s.io', scope: 'Cluster', names: { kind: 'VolumeSnapshotClass', plural: 'volumesnapshotclasses', singular: 'volumesnapshotclass', listKind: 'VolumeSnapshotClassList', shortNames: ['vsclass'] },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
};
