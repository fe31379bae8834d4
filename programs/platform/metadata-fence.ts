import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import type * as pulumi from '@pulumi/pulumi';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/**
 * Keeps pods away from Azure's metadata service and from the host's agent endpoint, which would give them their machine's identity and settings: there is no hop limit as
 * on AWS. Only pods on the host network, which no policy of Cilium holds for, still reach them. Name resolution, at the agent's address too, stays open.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
export function fenceMetadata({ input: { spec }, options }: PlatformContext, network: pulumi.Resource): void {
  if (spec.provider !== 'azure') return;
  const tcp = (port: string) => ({ port, protocol: 'TCP' });
  new CustomResource('policy-metadata', {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: 'deny-instance-metadata', labels: managedLabels },
    spec: {
      endpointSelector: {},
      // A denial alone: without this, whatever is not allowed would be closed for every pod.
      enableDefaultDeny: { ingress: false, egress: false },
      egressDeny: [
        { toCIDR: ['169.254.169.254/32'] },
        { toCIDR: ['168.63.129.16/32'], toPorts: [{ ports: [tcp('80'), tcp('32526')] }] },
      ],
    },
  }, { ...options, dependsOn: network });
}
