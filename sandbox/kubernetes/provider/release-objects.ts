import { isRecord, listAt, stringsOf, type JsonRecord, type KubeObject } from '../json.js';
import { calicoKinds } from './calico-kinds.js';
import { clusterwidePolicies } from './cilium-kinds.js';
import { gatekeeperKinds } from './gatekeeper-kinds.js';
import { peerAuthentications, podMonitors } from './mesh-kinds.js';
import { rancherKinds } from './rancher-kinds.js';
import { standInWorkload } from './release-workload.js';
import { snapshotClasses } from './snapshot-kinds.js';
import { veleroObjects } from './velero-objects.js';

/** A release as far as its objects depend on it. */
export interface ReleaseContent {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  readonly values: JsonRecord;
}

/** What a release puts into a simulated cluster: its workload first, where it has one, then what others of the chart's objects stand upon. */
export function releaseObjects(release: ReleaseContent): KubeObject[] {
  switch (release.chart) {
    // Definitions and policies, of kinds that nothing in a simulated cluster looks at.
    case 'rke2-gateway-api-crd':
    case 'kyverno-policies':
      return [];
    case 'prometheus-operator-crds':
      return [podMonitors];
    case 'base':
      return [peerAuthentications];
    case 'aws-ebs-csi-driver':
      return [standInWorkload(release), ...storageClasses(release)];
    case 'cilium':
      return [standInWorkload(release), clusterwidePolicies];
    case 'gatekeeper':
      return [standInWorkload(release), ...gatekeeperKinds];
    case 'snapshot-controller':
      return [standInWorkload(release), snapshotClasses];
    case 'velero':
      return [standInWorkload(release), ...veleroObjects(release)];
    case 'rancher-backup-crd':
      return [...rancherKinds];
    case 'crd.projectcalico.org.v1':
      return [...calicoKinds];
    default:
      return [standInWorkload(release)];
  }
}

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
