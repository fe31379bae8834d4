import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1/networkPolicy.js';
import type * as pulumi from '@pulumi/pulumi';
import { mailPortsOf } from '../../model/alerting.js';
import { apiServerPort } from '../../model/names.js';
import type { AddonNamespace } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import { fences, flows } from './addon-fences.js';
import { addonNamespacesOf } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { closedNamespace, inNamespace, nodesByAddress, podsByAddress, prometheus } from './network-policies.js';

const tcp = (ports: readonly number[]) => ports.map((port) => ({ protocol: 'TCP', port }));

/** The network policies of an add-on's namespace by name: its fence, under Cilium without what is said about nodes and the API server, which it does not know by their addresses. */
export function addonPolicies(namespace: AddonNamespace, spec: ClusterSpec) {
  const { alone, api, webhooks, metrics, open, nodes, outside, outsideWhen, pods } = fences[namespace];
  const byAddress = spec.platform.cni !== 'cilium';
  const present = addonNamespacesOf(spec);
  const calling = flows.filter(({ from, to }) => to === namespace && present.includes(from));
  const called = flows.filter(({ from, to }) => from === namespace && present.includes(to));
  const into = (ingress: object[]) => ({ podSelector: {}, policyTypes: ['Ingress'], ingress });
  const outOf = (egress: object[]) => ({ podSelector: {}, policyTypes: ['Egress'], egress });
  return {
    ...(alone ? { 'default-deny': closedNamespace['default-deny'] } : closedNamespace),
    ...(metrics && spec.platform.monitoring === 'prometheus' ? { 'allow-monitoring': into([{ from: [prometheus], ports: tcp(metrics) }]) } : {}),
    ...(byAddress && api ? { 'allow-api': outOf([{ to: [nodesByAddress(spec)], ports: tcp([apiServerPort]) }]) } : {}),
    ...(byAddress && nodes ? { 'allow-nodes': outOf([{ to: [nodesByAddress(spec)], ports: tcp(nodes) }]) } : {}),
    // The API server's calls come out of the overlay with an address of the pod network, so no peer can be told from others.
    ...(byAddress && webhooks ? { 'allow-webhooks': into([{ ports: tcp(webhooks) }]) } : {}),
    ...(open ? { 'allow-clients': into([{ ports: tcp(open) }]) } : {}),
    ...(calling.length > 0 ? { 'allow-callers': into(calling.map(({ from, ports }) => ({ from: [{ namespaceSelector: inNamespace(from) }], ports: tcp(ports) }))) } : {}),
    ...(called.length > 0 ? { 'allow-called': outOf(called.map(({ to, ports }) => ({ to: [{ namespaceSelector: inNamespace(to) }], ports: tcp(ports) }))) } : {}),
    ...(pods ? {
      'allow-pods': outOf([{
        to: [{ namespaceSelector: {}, ...(pods.labels ? { podSelector: { matchLabels: pods.labels } } : {}) }],
        ...(pods.ports ? { ports: tcp(pods.ports) } : {}),
      }]),
    } : {}),
    // Neither other pods nor the machines' metadata service and its like are meant.
    ...(outside && (outsideWhen?.(spec) ?? true) ? { 'allow-outside': outOf([{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [...podsByAddress(spec), '169.254.0.0/16', '168.63.129.16/32'] } }], ports: tcp([...outside, ...(namespace === 'monitoring' ? mailPortsOf(spec.alerting) : [])]) }]) } : {}),
  };
}

/**
 * What a fence says about nodes and the API server, as a policy of Cilium: to Cilium their addresses are no addresses but identities, which no `ipBlock` selects. The API server's own calls arrive as those of
 * the node that it runs on, since it runs on the host network. https://docs.cilium.io/en/stable/security/policy/language/#entities-based
 */
export function ciliumFence(namespace: AddonNamespace) {
  const { api, webhooks, nodes } = fences[namespace];
  const toPorts = (ports: readonly number[]) => [{ ports: ports.map((port) => ({ port: String(port), protocol: 'TCP' })) }];
  const egress = [
    ...(api ? [{ toEntities: ['kube-apiserver'], toPorts: toPorts([apiServerPort]) }] : []),
    ...(nodes ? [{ toEntities: ['host', 'remote-node'], toPorts: toPorts(nodes) }] : []),
  ];
  return {
    endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace } },
    // The namespace is closed by its policies of Kubernetes; this one only opens.
    enableDefaultDeny: { ingress: false, egress: false },
    ...(webhooks ? { ingress: [{ fromEntities: ['host', 'remote-node', 'kube-apiserver'], toPorts: toPorts(webhooks) }] } : {}),
    ...(egress.length > 0 ? { egress } : {}),
  };
}

/**
 * Declares the fences of the add-ons' namespaces and gives them by namespace: releases come after theirs and go before it, for a job of theirs that ends an installation needs the API server. The way
 * there is opened before anything is closed.
 */
export function fenceAddons({ input: { spec }, options }: PlatformContext, namespaces: ReadonlyMap<AddonNamespace, Namespace>, network: pulumi.Resource): Map<AddonNamespace, pulumi.Resource[]> {
  return new Map(Array.from(namespaces, ([name, namespace]) => {
    const opened = ciliumFence(name);
    const nodes = spec.platform.cni === 'cilium' && (opened.ingress || opened.egress) ? [new CustomResource(`policy-${name}-nodes`, {
      apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicy', metadata: { name: `allow-${name}-nodes`, labels: managedLabels }, spec: opened,
    }, { ...options, dependsOn: network })] : [];
    const policies = Object.entries(addonPolicies(name, spec)).map(([policy, rules]) =>
      new NetworkPolicy(`policy-${name}-${policy}`, { metadata: { name: policy, namespace: namespace.metadata.name, labels: managedLabels }, spec: rules }, { ...options, dependsOn: nodes }));
    return [name, [...nodes, ...policies]];
  }));
}
