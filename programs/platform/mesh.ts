import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AddonNamespace } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { PlatformContext } from './context.js';
import { databaseOperator } from './databases.js';
import { managedLabels } from './names.js';

/** Where Istio's own parts run. */
export const meshNamespace = 'istio-system' satisfies AddonNamespace;

/** The address that the kubelet's probes come from in pods of the mesh: Istio gives them this one to tell them apart. https://istio.io/latest/docs/ambient/usage/networkpolicy/ */
const probes = '169.254.7.127/32';

/** Add-ons that call pods of teams, and so have to be in the mesh where those are: what they say would be refused otherwise. */
const callers: readonly AddonNamespace[] = ['traefik', 'monitoring'];

function hasMesh({ platform }: ClusterSpec): boolean {
  return platform.mesh === 'istio-ambient';
}

/** Labels that take the pods of a namespace into the mesh; none where it is not of it. */
export function meshLabels(spec: ClusterSpec, name: string): Record<string, string> {
  const inside = spec.namespaces.some((namespace) => namespace.mesh && namespace.name === name) || (callers as readonly string[]).includes(name);
  return hasMesh(spec) && inside ? { 'istio.io/dataplane-mode': 'ambient' } : {};
}

/** Lets the kubelet's probes into pods of the mesh, which no policy of Kubernetes closes otherwise: there before any pod is taken in. Nothing where there is no mesh. */
export function letProbesIn({ input: { spec }, options }: PlatformContext, network: pulumi.Resource): pulumi.Resource[] {
  if (!hasMesh(spec)) return [];
  return [new CustomResource('policy-mesh-probes', {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: 'allow-mesh-probes', labels: managedLabels },
    // It opens and closes nothing: without this, whatever is not allowed would be closed for every pod.
    spec: { endpointSelector: {}, enableDefaultDeny: { ingress: false, egress: false }, ingress: [{ fromCIDR: [probes] }] },
  }, { ...options, dependsOn: network })];
}

/**
 * What a namespace of the mesh asks of those who call its pods, by name: a certificate of the mesh. The operator of databases is outside of it, and may call the ports of instances without.
 */
export function peerAuthentications({ platform }: ClusterSpec): Record<string, Record<string, unknown>> {
  const operator = databaseOperator(platform);
  return {
    'certificates-only': { mtls: { mode: 'STRICT' } },
    ...(operator ? {
      'databases': {
        selector: { matchLabels: Object.fromEntries([operator.instance]) },
        mtls: { mode: 'STRICT' },
        portLevelMtls: Object.fromEntries(operator.ports.map((port) => [String(port), { mode: 'PERMISSIVE' }])),
      },
    } : {}),
  };
}

/** Declares what namespaces of the mesh ask for, and what Prometheus reads of the mesh itself; after its control plane, which looks at the first. */
export function secureMesh({ input: { spec }, options }: PlatformContext, namespaces: ReadonlyMap<string, Namespace>, controlPlane: pulumi.Resource): void {
  const after = { ...options, dependsOn: controlPlane };
  for (const { name } of spec.namespaces.filter(({ mesh }) => mesh)) {
    const namespace = namespaces.get(name)?.metadata.name ?? name;
    for (const [policy, rules] of Object.entries(peerAuthentications(spec))) {
      new CustomResource(`mesh-${name}-${policy}`, { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata: { name: policy, namespace, labels: managedLabels }, spec: rules }, after);
    }
  }
  if (spec.platform.monitoring !== 'prometheus') return;
  new CustomResource('mesh-monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'istio', namespace: meshNamespace, labels: managedLabels },
    spec: {
      selector: { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['istiod', 'istio-cni', 'ztunnel'] }] },
      podMetricsEndpoints: ['http-monitoring', 'metrics', 'ztunnel-stats'].map((port) => ({ port, path: '/metrics' })),
    },
  }, after);
}
