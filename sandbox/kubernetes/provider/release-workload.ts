import type { KubeObject } from '../json.js';

/** What stands for a chart's workloads in a simulated cluster. */
interface StandIn {
  kind: 'Deployment' | 'DaemonSet' | 'StatefulSet';
  replicas?: number;
  /** On every node, whatever its taints, and before the pod network runs. */
  everywhere?: true;
  /** On control planes only, before the pod network runs. */
  controlPlane?: true;
}

/** The kind of a chart's main workload, by chart; a Deployment for those that are not listed. */
const standIns: Readonly<Record<string, StandIn>> = {
  cilium: { kind: 'DaemonSet', everywhere: true },
  'tigera-operator': { kind: 'DaemonSet', everywhere: true },
  flannel: { kind: 'DaemonSet', everywhere: true },
  'aws-vpc-cni': { kind: 'DaemonSet', everywhere: true },
  'aws-cloud-controller-manager': { kind: 'DaemonSet', controlPlane: true },
  'cloud-provider-azure': { kind: 'Deployment', replicas: 1, controlPlane: true },
  'aws-ebs-csi-driver': { kind: 'Deployment', replicas: 2 },
  'azuredisk-csi-driver': { kind: 'Deployment', replicas: 1 },
  'kube-prometheus-stack': { kind: 'StatefulSet', replicas: 2 },
  loki: { kind: 'StatefulSet', replicas: 3 },
  'argo-cd': { kind: 'StatefulSet', replicas: 1 },
  traefik: { kind: 'Deployment', replicas: 3 },
  alloy: { kind: 'DaemonSet', everywhere: true },
  'fluent-bit': { kind: 'DaemonSet', everywhere: true },
};

/** The one workload that a release puts into a simulated cluster: named after it and labelled as charts label theirs. */
export function standInWorkload(release: { name: string; namespace: string; chart: string; version: string }): KubeObject {
  const standIn = standIns[release.chart] ?? { kind: 'Deployment' };
  const selector = { 'app.kubernetes.io/name': release.chart, 'app.kubernetes.io/instance': release.name };
  const labels = { ...selector, 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/version': release.version.replaceAll('+', '_'), 'helm.sh/chart': `${release.chart}-${release.version.replaceAll('+', '_')}` };
  const onControlPlanes = { hostNetwork: true, nodeSelector: { 'node-role.kubernetes.io/control-plane': '' }, tolerations: [{ operator: 'Exists' }] };
  const pod = standIn.controlPlane === true ? onControlPlanes : standIn.everywhere === true ? { hostNetwork: true, tolerations: [{ operator: 'Exists' }] } : {};
  return {
    apiVersion: 'apps/v1',
    kind: standIn.kind,
    metadata: {
      name: release.name, namespace: release.namespace, labels,
      annotations: { 'meta.helm.sh/release-name': release.name, 'meta.helm.sh/release-namespace': release.namespace },
    },
    spec: {
      ...(standIn.kind === 'DaemonSet' ? {} : { replicas: standIn.replicas ?? 1 }),
      ...(standIn.kind === 'StatefulSet' ? { serviceName: release.name } : {}),
      selector: { matchLabels: selector },
      template: { metadata: { labels: { ...selector, 'helm.sh/chart': labels['helm.sh/chart'] } }, spec: { ...pod, containers: [{ name: release.chart, image: `simulated/${release.chart}:${release.version.replaceAll('+', '_')}` }] } },
    },
  };
}
