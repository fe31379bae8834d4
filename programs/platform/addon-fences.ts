import type { AddonNamespace } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';

/** What the pods of an add-on's namespace may do beyond talking to each other and to cluster DNS. All ports are TCP; what is not listed is closed, in both directions. */
export interface Fence {
  /** Calls the API server. */
  readonly api: boolean;
  /** Nobody to talk to at all, not even cluster DNS or each other. */
  readonly alone?: true;
  /** Ports on which the API server calls it: webhooks. */
  readonly webhooks?: readonly number[];
  /** Ports that Prometheus reads. */
  readonly metrics?: readonly number[];
  /** Ports that are open to everybody who gets as far: pods and load balancers. */
  readonly open?: readonly number[];
  /** Ports of nodes, and so of pods on the host network, that it calls. */
  readonly nodes?: readonly number[];
  /** Ports of addresses outside the pod network that it calls: the cloud's services, registries, repositories, sign-in. Machines get out on 80 and 443 alone, and where alerts go by mail on its port, which is open to `monitoring`. */
  readonly outside?: readonly number[];
  /** What the spec must ask for that it calls them; absent: it always does. */
  readonly outsideWhen?: (spec: ClusterSpec) => boolean;
  /** Pods of whatever namespace that it calls; without labels all of them, without ports on every port. */
  readonly pods?: { readonly labels?: Readonly<Record<string, string>>; readonly ports?: readonly number[] };
}

/**
 * The fence of every add-on's namespace. Ports are those that the charts' pods listen on. `kube-system` has none: what runs there is the cluster itself, half of it on the host network, where no policy holds,
 * and a mistake about the other half would take away name resolution and with it the way to mend it.
 */
export const fences: Readonly<Record<AddonNamespace, Fence>> = {
  // Prometheus reads whatever a monitor names, in every namespace: kubelets, node-exporter and Cilium on the nodes too. Grafana signs in and Alertmanager sends outside. The webhook is the operator's.
  'monitoring': { api: true, webhooks: [10250], nodes: [9100, 9962, 9963, 10250], outside: [443], pods: {} },
  // The store, and the token service before it.
  'logging': { api: true, metrics: [3100], outside: [443] },
  'log-shipper': { api: true, metrics: [12345] },
  // The shipper asks the API server about pods; the keys of Entra ID, by which tokens of readers are checked, are outside.
  'opensearch': { api: true, metrics: [2020], outside: [443] },
  // The store, disks and their snapshots.
  'velero': { api: true, metrics: [8085], outside: [443] },
  // The store, and the token service before it.
  'rancher-backup': { api: true, metrics: [8080], outside: [443] },
  // ACME servers and DNS zones; on port 80 it looks whether a challenge can be read.
  'cert-manager': { api: true, webhooks: [10250], metrics: [9402], outside: [80, 443] },
  // The cloud's secret store, and the token service before it.
  'external-secrets': { api: true, webhooks: [10250], metrics: [8080], outside: [443] },
  // The cloud's zones, and the token service before them.
  'external-dns': { api: true, metrics: [7979], outside: [443] },
  // Clients come through the cloud's load balancer, and go on to the pods of every team.
  'traefik': { api: true, metrics: [9100], open: [8000, 8443], pods: {} },
  // Registries, and the log of Sigstore, where signatures are looked at.
  'kyverno': { api: true, webhooks: [9443], metrics: [8000], outside: [443], outsideWhen: ({ policies }) => policies.signedImages.length > 0 },
  'gatekeeper-system': { api: true, webhooks: [8443], metrics: [8888] },
  // Repositories, charts, sign-in.
  'argocd': { api: true, metrics: [8080, 8082, 8083, 8084], outside: [443] },
  // Repositories, charts, buckets and who is told; 9292 is where they call back.
  'flux-system': { api: true, metrics: [8080], open: [9292], outside: [443] },
  'argo-rollouts': { api: true, metrics: [8090] },
  // Each instance tells how it is on 8000; 5432 is PostgreSQL itself.
  'cnpg-system': { api: true, webhooks: [9443], metrics: [8080], pods: { labels: { 'cnpg.io/podRole': 'instance' }, ports: [5432, 8000] } },
  // Patroni tells how an instance is on 8008.
  'postgres-operator': { api: true, pods: { labels: { application: 'spilo' }, ports: [5432, 8008] } },
  // Registries, and the database of what is known.
  'trivy-system': { api: true, metrics: [8080], outside: [443] },
  // Registries, and Snyk.
  'snyk-monitor': { api: true, outside: [443] },
  // Kubelets, and Datadog.
  'datadog': { api: true, nodes: [10250], outside: [443] },
  // What the proxies of the nodes carry for pods is those pods' own, and meets their policies.
  'istio-system': { api: true, webhooks: [15017], metrics: [15014, 15020] },
  'falco': { api: false, metrics: [8765] },
  // Applications send it their traces; the store, and the token service before it.
  'tracing': { api: true, metrics: [3200, 8888], open: [4317, 4318], outside: [443] },
  // The operator is on the host network, where no policy of pods holds. What it makes in `calico-system` is as open as `kube-system`.
  'tigera-operator': { api: true },
  'vertical-pod-autoscaler': { api: true, webhooks: [8000] },
  'kube-bench': { api: false, alone: true },
};

/** Add-ons that call each other. */
export const flows: readonly { readonly from: AddonNamespace; readonly to: AddonNamespace; readonly ports: readonly number[] }[] = [
  { from: 'log-shipper', to: 'logging', ports: [3100] },
  // Grafana shows the logs.
  { from: 'monitoring', to: 'logging', ports: [3100] },
  // And the traces.
  { from: 'monitoring', to: 'tracing', ports: [3200] },
  // It looks whether a challenge can be read: where the load balancer has an address, Cilium leads there without leaving the cluster.
  { from: 'cert-manager', to: 'traefik', ports: [8000, 8443] },
  // An analysis asks Prometheus how the new version does.
  { from: 'argo-rollouts', to: 'monitoring', ports: [9090] },
];
