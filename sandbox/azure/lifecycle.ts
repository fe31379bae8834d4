import type { Item, ItemRef } from '../inventory/item.js';
import type { PropertyMap } from '../protocol/values.js';
import { Lifecycle } from '../provider/lifecycle.js';
import type { Vendor } from '../provider/vendor.js';
import { lookUp, type Cloud } from './cloud.js';
import { AzureError } from './errors.js';
import type { ResourceType } from './resource-type.js';
import { schemaOf } from './schema/schema.js';
import { resourceType } from './types/index.js';

/** azure-native looks before it creates, since Azure's PUT would change what is there; these are its words, not Azure's. */
class AlreadyThere extends Error {
  constructor(id: string) {
    super(`cannot create already existing resource '${id}'`);
  }
}

/** How resources live on Azure. */
export const azure: Vendor<Cloud> = {
  resourceType,
  schemaOf,
  regionOfGlobal: 'global',
  lookUp,
  taken: (id) => new AlreadyThere(id),
  gone: (id) => new AzureError('ResourceNotFound', `The Resource '${id.slice(id.indexOf('/providers/') + '/providers/'.length)}' was not found.`, 404),
  common: () => ({}),
};

/** Creates an item as `Lifecycle.admitNew` does, for those who are no provider: scale sets that launch instances, the clusters' controllers. */
export function admitNew(cloud: Cloud, type: ResourceType, region: string | null, inputs: PropertyMap, launcher?: ItemRef): Item {
  return new Lifecycle(azure, cloud).admitNew(type, region, inputs, launcher);
}
