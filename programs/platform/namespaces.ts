import { LimitRange } from '@pulumi/kubernetes/core/v1/limitRange.js';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { ResourceQuota } from '@pulumi/kubernetes/core/v1/resourceQuota.js';
import { addonNamespaces, type AddonNamespace, type PodSecurityLevel } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import { addonNamespacesOf } from './charts.js';
import type { PlatformContext } from './context.js';
import { meshLabels } from './mesh.js';
import { managedLabels } from './names.js';

/**
 * Pod Security labels of a namespace: the level is enforced, and what would not pass `restricted` is warned about and audited, but for namespaces where
 * nothing is. The version is the cluster's minor, so that an upgrade does not tighten the rules by itself.
 */
export function podSecurityLabels(level: PodSecurityLevel, kubernetesVersion: string): Record<string, string> {
  const advised: PodSecurityLevel = level === 'privileged' ? 'privileged' : 'restricted';
  const version = `v${kubernetesVersion}`;
  return Object.fromEntries(Object.entries({ enforce: level, audit: advised, warn: advised }).flatMap(([mode, wanted]) => [
    [`pod-security.kubernetes.io/${mode}`, wanted], [`pod-security.kubernetes.io/${mode}-version`, version],
  ]));
}

/** The quota of a namespace: what its pods may ask for and use together. Limits are bound too, so that a quota is also what is used at most. */
export function quotaLimits({ cpu, memory }: ClusterSpec['namespaces'][number]['quota']): Record<string, string> {
  return { 'requests.cpu': cpu, 'requests.memory': memory, 'limits.cpu': cpu, 'limits.memory': memory };
}

/** What a container gets that says nothing itself: under a quota, a pod without requests and limits is refused. */
export const containerDefaults = { defaultRequest: { cpu: '50m', memory: '128Mi' }, default: { cpu: '500m', memory: '512Mi' } } as const;

/** The namespaces of the spec, each with its Pod Security level, quota and defaults for containers; by name. */
export function teamNamespaces({ input: { spec }, options }: PlatformContext): Map<string, Namespace> {
  return new Map(spec.namespaces.map(({ name, quota, podSecurity }) => {
    const namespace = new Namespace(`namespace-${name}`, { metadata: { name, labels: { ...managedLabels, ...podSecurityLabels(podSecurity, spec.kubernetesVersion), ...meshLabels(spec, name) } } }, options);
    const metadata = (object: string) => ({ name: object, namespace: namespace.metadata.name, labels: managedLabels });
    new ResourceQuota(`quota-${name}`, { metadata: metadata('quota'), spec: { hard: quotaLimits(quota) } }, options);
    new LimitRange(`limits-${name}`, { metadata: metadata('container-defaults'), spec: { limits: [{ type: 'Container', ...containerDefaults }] } }, options);
    return [name, namespace];
  }));
}

/** The namespaces of the add-ons that this cluster has, by name. */
export function platformNamespaces({ input: { spec }, options }: PlatformContext): Map<AddonNamespace, Namespace> {
  return new Map(addonNamespacesOf(spec).map((name) => [
    name,
    new Namespace(`namespace-${name}`, { metadata: { name, labels: { ...managedLabels, ...podSecurityLabels(addonNamespaces[name], spec.kubernetesVersion), ...meshLabels(spec, name) } } }, options),
  ]));
}
