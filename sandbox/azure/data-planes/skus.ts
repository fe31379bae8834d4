import { azureMachineTypes, azureRegions } from '../../../model/clouds/azure.js';
import { AzureError } from '../errors.js';

/** VM sizes of a region: all of the catalogue, in every zone. https://learn.microsoft.com/rest/api/compute/resource-skus/list */
export function skus(filter: string): object[] {
  const [, region = ''] = /^location eq '([a-z0-9]+)'$/.exec(filter) ?? [];
  if (!azureRegions.includes(region)) throw new AzureError('InvalidParameter', `the sandbox imitates SKUs of one of its regions, and not of the filter ${filter}`);
  return azureMachineTypes().map((name) => ({ resourceType: 'virtualMachines', name, locations: [region], locationInfo: [{ location: region, zones: ['1', '2', '3'], zoneDetails: [] }], capabilities: [], restrictions: [] }));
}
