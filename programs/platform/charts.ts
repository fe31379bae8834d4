import type { AddonIdentity } from '../provider.js';
import { providers, type ClusterSpec, type PodSecurityLevel, type Provider } from '../../model/spec.js';
import type { ChartValueFile } from '../../templates/charts/index.js';

/** The add-ons that this version installs; each is named as its Helm release and its values file. */
export type AddonName = ChartValueFile;

/** A chart of the platform. */
export interface Chart {
  readonly name: AddonName;
  readonly chart: string;
  readonly version: string;
  readonly repository: string;
  readonly namespace: 'kube-system' | AddonNamespace;
  /** Releases that must be there first, where they are installed at all. */
  readonly after: readonly AddonName[];
  /** The clouds that it belongs to; absent: all. */
  readonly clouds?: readonly Provider[];
  /** Whether the spec asks for it; absent: every cluster has it. */
  readonly when?: (spec: ClusterSpec) => boolean;
  /** Whether no node becomes Ready without it: it is installed while nodes still join, and may take as long as they do. */
  readonly makesNodesReady?: boolean;
  /** The identity in the cloud that its pods take, if any. */
  readonly identity?: AddonIdentity;
  /** How long Helm waits for all of it to be ready, in seconds. */
  readonly timeoutSeconds: number;
}

/**
 * Namespaces of add-ons and their Pod Security level. `privileged` where pods need the host: node-exporter, Velero's node agent. kube-system
 * is the cluster's own and stays as it is.
 */
export const addonNamespaces = { monitoring: 'privileged', logging: 'baseline', velero: 'privileged' } as const satisfies Record<string, PodSecurityLevel>;
export type AddonNamespace = keyof typeof addonNamespaces;

/**
 * Every chart, pinned, in the order of installation. The cloud controller comes first: it runs on the host network and talks to the API server's
 * stable name, so it needs no pod network, and until it has seen the nodes nothing but Cilium's own agents could run. Azure's chart knows only the service
 * address, which Cilium's agents serve, so there the two are installed side by side: the agents start, then the cloud controller, then what waits for both.
 */
export const charts: readonly Chart[] = [
  {
    name: 'aws-cloud-controller-manager', chart: 'aws-cloud-controller-manager', version: '0.0.11', repository: 'https://kubernetes.github.io/cloud-provider-aws',
    namespace: 'kube-system', after: [], clouds: ['aws'], makesNodesReady: true, identity: 'cloud-controller-manager', timeoutSeconds: 1800,
  },
  {
    name: 'cloud-provider-azure', chart: 'cloud-provider-azure', version: '1.36.0', repository: 'https://raw.githubusercontent.com/kubernetes-sigs/cloud-provider-azure/master/helm/repo',
    namespace: 'kube-system', after: [], clouds: ['azure'], makesNodesReady: true, identity: 'cloud-controller-manager', timeoutSeconds: 1800,
  },
  {
    name: 'cilium', chart: 'cilium', version: '1.19.6', repository: 'https://helm.cilium.io/',
    namespace: 'kube-system', after: ['aws-cloud-controller-manager'], makesNodesReady: true, timeoutSeconds: 1800,
  },
  {
    name: 'aws-ebs-csi-driver', chart: 'aws-ebs-csi-driver', version: '2.64.0', repository: 'https://kubernetes-sigs.github.io/aws-ebs-csi-driver',
    namespace: 'kube-system', after: ['cilium'], clouds: ['aws'], identity: 'disk-csi', timeoutSeconds: 600,
  },
  {
    // 1.35 is the first chart that takes volumes, and so a token, for the controller.
    name: 'azuredisk-csi-driver', chart: 'azuredisk-csi-driver', version: '1.35.0', repository: 'https://kubernetes-sigs.github.io/azuredisk-csi-driver',
    namespace: 'kube-system', after: ['cilium', 'cloud-provider-azure'], clouds: ['azure'], identity: 'disk-csi', timeoutSeconds: 600,
  },
  {
    name: 'metrics-server', chart: 'metrics-server', version: '3.13.1', repository: 'https://kubernetes-sigs.github.io/metrics-server/',
    namespace: 'kube-system', after: ['cilium'], timeoutSeconds: 300,
  },
  {
    name: 'kube-prometheus-stack', chart: 'kube-prometheus-stack', version: '88.5.3', repository: 'https://prometheus-community.github.io/helm-charts',
    namespace: 'monitoring', after: ['aws-ebs-csi-driver', 'azuredisk-csi-driver'], when: (spec) => spec.platform.monitoring === 'prometheus', timeoutSeconds: 900,
  },
  {
    // After the Prometheus operator, whose definitions its ServiceMonitor needs.
    name: 'loki', chart: 'loki', version: '18.11.0', repository: 'https://grafana-community.github.io/helm-charts',
    namespace: 'logging', after: ['aws-ebs-csi-driver', 'azuredisk-csi-driver', 'kube-prometheus-stack'], when: (spec) => spec.platform.logging === 'loki', identity: 'loki', timeoutSeconds: 900,
  },
  {
    name: 'velero', chart: 'velero', version: '12.1.0', repository: 'https://vmware-tanzu.github.io/helm-charts',
    namespace: 'velero', after: ['cilium', 'kube-prometheus-stack'], when: (spec) => spec.platform.backup === 'velero', identity: 'velero', timeoutSeconds: 600,
  },
];

/** The charts that a cluster of this spec has, in the order of installation. */
export function chartsOf(spec: ClusterSpec): Chart[] {
  return charts.filter((chart) => (chart.clouds ?? providers).includes(spec.provider) && (chart.when?.(spec) ?? true));
}

/** The namespaces of add-ons that a cluster of this spec has. */
export function addonNamespacesOf(spec: ClusterSpec): AddonNamespace[] {
  const used = new Set<string>(chartsOf(spec).map((chart) => chart.namespace));
  return (Object.keys(addonNamespaces) as AddonNamespace[]).filter((namespace) => used.has(namespace));
}

/** An add-on as stack output and status show it. */
export interface InstalledAddon {
  readonly name: string;
  readonly chart: string;
  readonly version: string;
  readonly namespace: string;
}

/** The add-ons that the platform program installs for this spec: what a spec merely accepts, such as `gitops: argocd`, is not among them. */
export function installedAddons(spec: ClusterSpec): InstalledAddon[] {
  return chartsOf(spec).map(({ name, chart, version, namespace }) => ({ name, chart, version, namespace }));
}
