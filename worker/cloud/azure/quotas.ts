import { z } from 'zod';
import { azureMachineType } from '../../../model/clouds/azure.js';
import { ClusterwrightError } from '../../../model/errors.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { AzureConnection } from './connection.js';

const usageSchema = z.object({ name: z.object({ value: z.string(), localizedValue: z.string().nullish() }), currentValue: z.number(), limit: z.number() });

/** The usage that counts all vCPUs of a region, whatever their family. */
const regional = 'cores';

/** The usage of a size's family, in small letters: `Standard_D4s_v5` counts for `standardDSv5Family`. The burstable sizes with more memory (`B2ms`) are of the family of the others. */
export function familyUsage(size: string): string {
  const [, letters = '', features = '', version = ''] = /^Standard_([A-Z]+)[0-9-]+([a-z]*)(?:_(v[0-9]+))?$/.exec(size) ?? [];
  return `standard${letters}${letters === 'B' && version === '' ? 's' : features}${version}Family`.toLowerCase();
}

/** vCPUs that a new cluster starts with, by the usage that counts them: all of them, and each family's. Sizes that the catalogue does not have count as nothing. */
export function vcpusByUsage(spec: ClusterSpec): Map<string, number> {
  const needed = new Map<string, number>();
  const machines = [{ count: spec.controlPlane.replicas, size: spec.controlPlane.machineType }, ...spec.nodePools.map((pool) => ({ count: pool.minNodes, size: pool.machineType }))];
  for (const { count, size } of machines) {
    const vcpus = (azureMachineType(size)?.vcpus ?? 0) * count;
    for (const usage of [regional, familyUsage(size)]) needed.set(usage, (needed.get(usage) ?? 0) + vcpus);
  }
  return needed;
}

/**
 * Checks what is left of the subscription's vCPU quotas in the region against what the cluster starts with. An account that may not read its usages is not
 * held up. Throws `quota-exceeded`. https://learn.microsoft.com/azure/virtual-machines/quotas
 */
export async function checkQuotas(connection: AzureConnection, subscriptionId: string, spec: ClusterSpec): Promise<void> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/locations/${spec.region}/usages`;
  const usages = await connection.list('management', AzureConnection.management(path, '2024-07-01'), usageSchema).catch(() => []);
  const needed = vcpusByUsage(spec);
  for (const { name, currentValue, limit } of usages) {
    const vcpus = needed.get(name.value.toLowerCase()) ?? 0;
    if (vcpus > limit - currentValue) {
      throw new ClusterwrightError('quota-exceeded', `The cluster starts with ${vcpus} vCPUs of "${name.localizedValue ?? name.value}", and of that quota in ${spec.region} ${Math.max(0, limit - currentValue)} of ${limit} are left.`, { resource: name.value });
    }
  }
}
