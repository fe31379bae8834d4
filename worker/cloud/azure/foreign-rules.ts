import { z } from 'zod';
import type { ClusterScope, ForeignRule, HeldResource } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { AzureRefusal, calling } from './errors.js';
import { azureTypes } from './types.js';

const groupType = 'azure-native:network:NetworkSecurityGroup';
const apiVersion = azureTypes['azure-native:network:SecurityRule']?.apiVersion ?? '';

/** Names that the cloud controller gives the rules of services, today and before 1.30. https://github.com/kubernetes-sigs/cloud-provider-azure/tree/master/pkg/provider/loadbalancer/securitygroup */
const byController = /^(k8s-azure-lb_|a[0-9a-f]{31,32}-)/;

const prefixes = z.array(z.string()).nullish();
const ruleSchema = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    direction: z.enum(['Inbound', 'Outbound']), access: z.string(), protocol: z.string(), destinationPortRange: z.string().nullish(), destinationPortRanges: prefixes,
    sourceAddressPrefix: z.string().nullish(), sourceAddressPrefixes: prefixes, destinationAddressPrefix: z.string().nullish(), destinationAddressPrefixes: prefixes,
  }),
});

/** Rules of the stack's groups that are not in the stack, without the cloud controller's. */
export async function foreignRules(connection: AzureConnection, scope: ClusterScope, held: readonly HeldResource[]): Promise<ForeignRule[]> {
  const groups = held.flatMap(({ type, id }) => (type === groupType && id !== undefined ? id : []));
  const known = new Set([...scope.known].map((id) => id.toLowerCase()));
  return calling(`reading the rules of the security groups of ${scope.name}`, async () => {
    const rules = await Promise.all(groups.map(async (group) => {
      const listed = await connection.list('management', AzureConnection.management(`${group}/securityRules`, apiVersion), ruleSchema);
      return listed.filter(({ id, name }) => !known.has(id.toLowerCase()) && !byController.test(name)).map((rule) => foreignRule(group, rule));
    }));
    return rules.flat();
  });
}

/** Takes a rule away. The answer may come before the cloud is done. */
export async function removeRule(connection: AzureConnection, { id }: ForeignRule): Promise<void> {
  await calling(`removing the rule ${id}`, async () => {
    try {
      await connection.send('management', AzureConnection.management(id, apiVersion), { method: 'DELETE' });
    } catch (error) {
      if (!(error instanceof AzureRefusal && error.isMissing)) throw error;
    }
  });
}

function foreignRule(group: string, { id, properties }: z.infer<typeof ruleSchema>): ForeignRule {
  const inwards = properties.direction === 'Inbound';
  const all = (one: string | null | undefined, several: readonly string[] | null | undefined): string => [...(several ?? []), ...(one ? [one] : [])].join(', ') || 'anywhere';
  const peer = inwards ? all(properties.sourceAddressPrefix, properties.sourceAddressPrefixes) : all(properties.destinationAddressPrefix, properties.destinationAddressPrefixes);
  const ports = all(properties.destinationPortRange, properties.destinationPortRanges);
  return { id, group, direction: inwards ? 'in' : 'out', words: `${properties.access.toLowerCase()} ${properties.protocol.toLowerCase()} ${ports} ${inwards ? 'in from' : 'out to'} ${peer}` };
}
