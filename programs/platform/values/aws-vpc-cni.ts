import { apiServerPort, endpointName, kubernetesOwnershipTag, tagKeys } from '../../../model/names.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { monitored, type ValuesInput } from './context.js';

/**
 * Amazon's pod network: the API server's stable name (there is no service address before kube-proxy runs), its identity, its monitor, and the tags of the interfaces that it makes. By those a deletion finds what
 * a machine left behind: they say whose it is, and not which part, for it is none of the stack.
 */
export function awsVpcCni(input: ValuesInput): Record<string, unknown> {
  const { spec, uid, installation } = input;
  const identity = requiredIdentityParts('pod-network', input);
  const tags = { [kubernetesOwnershipTag(spec.name)]: 'owned', [tagKeys.installation]: installation, [tagKeys.uid]: uid, [tagKeys.cluster]: spec.name };
  return {
    env: {
      ...Object.fromEntries(identity.env.map(({ name, value }) => [name, value])),
      CLUSTER_NAME: spec.name,
      CLUSTER_ENDPOINT: `https://${endpointName(spec.name, spec.network.domain)}:${apiServerPort}`,
      ADDITIONAL_ENI_TAGS: JSON.stringify(tags),
    },
    extraVolumes: identity.volumes,
    extraVolumeMounts: identity.mounts,
    serviceAccount: { name: addonServiceAccounts.aws['pod-network'].name },
    podMonitor: { create: monitored(spec) },
  };
}
