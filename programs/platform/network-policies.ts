import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1/networkPolicy.js';
import { apiServerPort } from '../../model/names.js';
import type { ClusterSpec } from '../../model/spec.js';
import { podRanges } from '../../model/vpc-cni.js';
import type { PlatformContext } from './context.js';
import { databaseOperator } from './databases.js';
import { managedLabels } from './names.js';

/** All pods of a namespace by its name, as the peer of a policy. */
export const inNamespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });

/** Prometheus, as the peer of a policy. */
export const prometheus = { namespaceSelector: inNamespace('monitoring'), podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } };

/** What every fenced namespace has: nothing gets in or out but name resolution and traffic within the namespace. */
export const closedNamespace = {
  'default-deny': { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  'allow-dns': {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{
      to: [{ namespaceSelector: inNamespace('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
      ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }],
    }],
  },
  'allow-same-namespace': { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [{ podSelector: {} }] }], egress: [{ to: [{ podSelector: {} }] }] },
};

/** The addresses of pods: with Amazon's network, parts of the cluster's own. */
export const podsByAddress = ({ network, platform }: ClusterSpec): string[] => (platform.cni === 'aws-vpc-cni' ? podRanges(network.cidr) : [network.podCidr]);

/** Nodes and the API server as the peer of a policy, where the network knows them by their addresses: Cilium does not. */
export const nodesByAddress = (spec: ClusterSpec) => ({ ipBlock: { cidr: spec.network.cidr, ...(spec.platform.cni === 'aws-vpc-cni' ? { except: podsByAddress(spec) } : {}) } });

/**
 * The network policies of a team's namespace by name. Nothing gets in or out but what one of them allows; what a team needs beyond is added by policies of
 * their own, which operators write.
 */
export function networkPolicies(spec: ClusterSpec) {
  const operator = databaseOperator(spec.platform);
  return {
    ...closedNamespace,
    ...(spec.platform.monitoring === 'prometheus' ? {
      'allow-monitoring': { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [prometheus] }] },
    } : {}),
    ...(spec.platform.ingress === 'traefik' ? {
      'allow-ingress': {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ namespaceSelector: inNamespace('traefik'), podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } } }] }],
      },
    } : {}),
    ...(spec.platform.tracing === 'tempo' ? {
      'allow-traces': {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{
          to: [{ namespaceSelector: inNamespace('tracing'), podSelector: { matchLabels: { 'app.kubernetes.io/name': 'opentelemetry-collector' } } }],
          ports: [{ protocol: 'TCP', port: 4317 }, { protocol: 'TCP', port: 4318 }],
        }],
      },
    } : {}),
    ...(operator ? {
      // The operator asks each instance how it is, and changes it over.
      'allow-database-operator': {
        podSelector: { matchLabels: Object.fromEntries([operator.instance]) },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ namespaceSelector: inNamespace(operator.namespace) }], ports: operator.ports.map((port) => ({ protocol: 'TCP', port })) }],
      },
      // Each instance keeps there who leads. Cilium has a policy of its own for it.
      ...(spec.platform.cni === 'cilium' ? {} : {
        'allow-databases-api': {
          podSelector: { matchLabels: Object.fromEntries([operator.instance]) },
          policyTypes: ['Egress'],
          egress: [{ to: [nodesByAddress(spec)], ports: [{ protocol: 'TCP', port: apiServerPort }] }],
        },
      }),
    } : {}),
  };
}

/** Declares the network policies of every namespace of the spec. */
export function fenceNamespaces({ input: { spec }, options }: PlatformContext, namespaces: ReadonlyMap<string, Namespace>): void {
  for (const [name, namespace] of namespaces) {
    for (const [policy, rules] of Object.entries(networkPolicies(spec))) {
      new NetworkPolicy(`policy-${name}-${policy}`, { metadata: { name: policy, namespace: namespace.metadata.name, labels: managedLabels }, spec: rules }, options);
    }
  }
}
