import type { KubeObject } from '../json.js';

/** Kinds of Gatekeeper's constraints that are used here, which its controller makes out of templates. */
const constraints = ['ClusterwrightTrustedRegistries', 'ClusterwrightFixedImageTags', 'ClusterwrightRequestsAndLimits', 'ClusterwrightReadOnlyRoot'];

/** Gatekeeper's templates, as its chart brings their kind, and the kinds that come of them. */
export const gatekeeperKinds: readonly KubeObject[] = [
  clusterKind('templates.gatekeeper.sh', 'v1', 'ConstraintTemplate', 'constrainttemplates'),
  ...constraints.map((kind) => clusterKind('constraints.gatekeeper.sh', 'v1beta1', kind, kind.toLowerCase())),
];

function clusterKind(group: string, version: string, kind: string, plural: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group, scope: 'Cluster', names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
    },
  };
}
