import { addonNamespaces, type AddonNamespace, type Platform } from '../../model/platform.js';
import { providers, type ClusterSpec } from '../../model/spec.js';
import { benchmarkNamespace } from './benchmark.js';
import type { AddonName, Chart } from './chart.js';
import { charts } from './pinned-charts.js';

export type { AddonName, Chart } from './chart.js';
export { charts } from './pinned-charts.js';

/** The release that brings the pod network and the kinds of its policies, by choice. */
export const networkReleases: Readonly<Record<Platform['cni'], AddonName>> = { cilium: 'cilium', calico: 'tigera-operator', flannel: 'flannel', 'aws-vpc-cni': 'aws-vpc-cni' };

/** The charts that a cluster of this spec has, in the order of installation. */
export function chartsOf(spec: ClusterSpec): Chart[] {
  return charts.filter((chart) => (chart.clouds ?? providers).includes(spec.provider) && (chart.when?.(spec) ?? true));
}

/** The namespaces of add-ons that a cluster of this spec has. */
export function addonNamespacesOf(spec: ClusterSpec): AddonNamespace[] {
  const used = new Set<string>([...chartsOf(spec).map((chart) => chart.namespace), ...(spec.platform.benchmark === 'kube-bench' ? [benchmarkNamespace] : [])]);
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
