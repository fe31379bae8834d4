import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import type * as pulumi from '@pulumi/pulumi';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/** Where instance metadata answers, and the host's agent endpoint with its ports, which leave name resolution at the same address open. */
const metadata = '169.254.169.254/32';
const agent = { address: '168.63.129.16/32', ports: [80, 32526] };

/** A tier goes before the policies of namespaces; what it does not deny it leaves to them. */
const tier = 'clusterwright';

/**
 * Keeps pods away from Azure's metadata service and from the host's agent endpoint, which would give them their machine's identity and settings: there is no hop limit as
 * on AWS. Only pods on the host network, which no policy holds for, still reach them. Name resolution, at the agent's address too, stays open.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
export function fenceMetadata({ input: { spec }, options }: PlatformContext, network: pulumi.Resource): void {
  if (spec.provider !== 'azure') return;
  const dependsOn = { ...options, dependsOn: network };
  switch (spec.platform.cni) {
    case 'cilium':
      new CustomResource('policy-metadata', {
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumClusterwideNetworkPolicy',
        metadata: { name: 'deny-instance-metadata', labels: managedLabels },
        spec: {
          endpointSelector: {},
          // A denial alone: without this, whatever is not allowed would be closed for every pod.
          enableDefaultDeny: { ingress: false, egress: false },
          egressDeny: [
            { toCIDR: [metadata] },
            { toCIDR: [agent.address], toPorts: [{ ports: agent.ports.map((port) => ({ port: String(port), protocol: 'TCP' })) }] },
          ],
        },
      }, dependsOn);
      return;
    case 'calico': {
      const above = new CustomResource('policy-tier', {
        apiVersion: 'crd.projectcalico.org/v1', kind: 'Tier', metadata: { name: tier, labels: managedLabels }, spec: { order: 100, defaultAction: 'Pass' },
      }, dependsOn);
      new CustomResource('policy-metadata', {
        apiVersion: 'crd.projectcalico.org/v1',
        kind: 'GlobalNetworkPolicy',
        // Calico finds the tier of a policy by its name too.
        metadata: { name: `${tier}.deny-instance-metadata`, labels: { ...managedLabels, 'projectcalico.org/tier': tier } },
        spec: {
          tier,
          order: 0,
          selector: 'has(projectcalico.org/namespace)',
          types: ['Egress'],
          egress: [
            { action: 'Deny', destination: { nets: [metadata] } },
            { action: 'Deny', protocol: 'TCP', destination: { nets: [agent.address], ports: agent.ports } },
          ],
        },
      }, { ...options, dependsOn: above });
      return;
    }
    case 'flannel':
      // Kubernetes' own policies cannot forbid a thing to all pods, so the machines' firewall does, before their kubelet starts: templates/nodes/azure-flannel.
      return;
    case 'aws-vpc-cni':
      // Of AWS alone.
      return;
  }
}
