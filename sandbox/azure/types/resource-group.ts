import { length, pattern } from '../../provider/checks.js';
import { text } from '../../provider/properties.js';
import { normalised } from '../arm.js';
import { AzureError } from '../errors.js';
import { groupId } from '../ids.js';
import type { ResourceType } from '../resource-type.js';
import { azureRegions } from '../../../model/clouds/azure.js';
import * as tokens from './tokens.js';

/** Deleting a group deletes all that is in it, in whatever order Azure finds. */
export const resourceGroup: ResourceType = {
  token: tokens.resourceGroup,
  latency: { create: 2, update: 1, delete: 45 },
  replaces: ['resourceGroupName', 'location'],
  autoname: { property: 'resourceGroupName', longest: 90 },
  checks: [length('resourceGroupName', 1, 90), pattern('resourceGroupName', /^[-\w.()]*[-\w()]$/, 'contain letters, digits and -_.(), and not end with a period')],
  admit({ inputs }) {
    const location = text(inputs, 'location') ?? '';
    if (!azureRegions.includes(normalised(location))) {
      throw new AzureError('LocationNotAvailableForResourceGroup', `The provided location '${location}' is not available for resource group. List of available regions is '${azureRegions.join(',')}'.`);
    }
  },
  id: ({ inputs }) => groupId(text(inputs, 'resourceGroupName') ?? ''),
  computed: ({ inputs }) => ({
    name: text(inputs, 'resourceGroupName') ?? '',
    location: normalised(text(inputs, 'location') ?? ''),
    type: 'Microsoft.Resources/resourceGroups',
    azureApiVersion: '2024-03-01',
    properties: { provisioningState: 'Succeeded' },
  }),
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
  },
};
