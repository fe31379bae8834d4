import { parseAzureZone } from '../../../model/dns.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { azureDnsConfig } from '../dns-config.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { monitored, type ValuesInput } from './context.js';

/** What the owner's record of a wildcard has for its asterisk, which stands at the beginning of a name only. */
const wildcard = 'wildcard';

/** external-dns: the zones of the spec, records as the cluster's own, its identity, what it reads names from, its monitor. */
export function externalDns(input: ValuesInput): Record<string, unknown> {
  const { spec, uid } = input;
  const identity = requiredIdentityParts('external-dns', input);
  const cloud = ofCloud(input);
  return {
    provider: { name: cloud.provider },
    sources: ['service', 'ingress', ...(spec.platform.gateway === 'traefik' ? ['gateway-httproute', 'gateway-grpcroute'] : [])],
    // No other cluster has it, so none takes the names of another.
    txtOwnerId: uid,
    serviceAccount: { name: addonServiceAccounts[spec.provider]['external-dns'].name },
    env: identity.env,
    extraArgs: { 'zone-id-filter': cloud.zones, 'txt-wildcard-replacement': wildcard, ...cloud.args },
    extraVolumes: [...identity.volumes, ...cloud.volumes],
    extraVolumeMounts: [...identity.mounts, ...cloud.mounts],
    serviceMonitor: { enabled: monitored(spec) },
  };
}

/** What differs between the clouds. */
interface OfCloud {
  readonly provider: string;
  /** Zones are told by the end of their ids. */
  readonly zones: readonly string[];
  readonly args: Readonly<Record<string, string>>;
  readonly volumes: readonly object[];
  readonly mounts: readonly object[];
}

function ofCloud({ spec: { provider, dns } }: ValuesInput): OfCloud {
  switch (provider) {
    case 'aws':
      return { provider: 'aws', zones: dns.zones, args: {}, volumes: [], mounts: [] };
    case 'azure': {
      const zones = dns.zones.flatMap((id) => parseAzureZone(id) ?? []);
      const [first] = zones;
      if (first === undefined) throw new RangeError('external-dns needs a zone');
      return {
        provider: first.kind === 'public' ? 'azure' : 'azure-private-dns',
        // Azure writes the types in its ids small and large; the name of a zone is always small.
        zones: zones.map(({ name }) => `/${name}`),
        args: { 'azure-subscription-id': first.subscriptionId, 'azure-resource-group': first.resourceGroup },
        volumes: [{ name: 'azure-config', configMap: { name: azureDnsConfig } }],
        mounts: [{ name: 'azure-config', mountPath: '/etc/kubernetes', readOnly: true }],
      };
    }
  }
}
