import { isRecord, listAt, stringsOf, type JsonRecord, type KubeObject } from '../json.js';
import { standInWorkload } from './release-workload.js';

/** A release as far as its objects depend on it. */
export interface ReleaseContent {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  readonly values: JsonRecord;
}

/** What a release puts into a simulated cluster: its workload first, then what others of the chart's objects stand upon. */
export function releaseObjects(release: ReleaseContent): [KubeObject, ...KubeObject[]] {
  switch (release.chart) {
    case 'aws-ebs-csi-driver':
      return [standInWorkload(release), ...storageClasses(release)];
    case 'cilium':
      return [standInWorkload(release), clusterwidePolicies];
    default:
      return [standInWorkload(release)];
  }
}

/** Cilium's operator registers its kinds; this is the one that is used here. */
const clusterwidePolicies: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
  metadata: { name: 'ciliumclusterwidenetworkpolicies.cilium.io' },
  spec: {
    group: 'cilium.io', scope: 'Cluster', names: { kind: 'CiliumClusterwideNetworkPolicy', plural: 'ciliumclusterwidenetworkpolicies', shortNames: ['ccnp'] },
    versions: [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }, subresources: { status: {} } }],
  },
};

/** The EBS driver's chart makes the storage classes that its values list. */
function storageClasses({ name, namespace, values }: ReleaseContent): KubeObject[] {
  return listAt(values, 'storageClasses').filter(isRecord).map((given) => {
    const { name: className, annotations, labels, ...rest } = given;
    return {
      apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'ebs.csi.aws.com', ...rest,
      metadata: {
        name: String(className), labels: { ...stringsOf(labels), 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { ...stringsOf(annotations), 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace },
      },
    };
  });
}
