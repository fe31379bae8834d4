import type { Item, ItemRef } from '../inventory/item.js';
import { tagMap } from '../inventory/tags.js';
import type { PropertyMap } from '../protocol/values.js';
import { Lifecycle } from '../provider/lifecycle.js';
import type { Vendor } from '../provider/vendor.js';
import { lookUp, type Cloud } from './cloud.js';
import { AwsError } from './errors.js';
import type { ResourceType } from './resource-type.js';
import { schemaOf } from './schema/schema.js';
import { resourceType } from './types/index.js';

/** How resources live on AWS. */
export const aws: Vendor<Cloud> = {
  resourceType,
  schemaOf,
  regionOfGlobal: 'us-east-1',
  lookUp,
  taken: (id) => new AwsError('ResourceAlreadyExists', `${id} already exists`, 409),
  gone: (id) => new AwsError('ResourceNotFoundException', `${id} does not exist`),
  common(type, inputs, region) {
    const { outputs } = schemaOf(type.token);
    return {
      ...(outputs.includes('tagsAll') ? { tagsAll: { ...tagMap(inputs['tags']) } } : {}),
      ...(region !== null && outputs.includes('region') ? { region } : {}),
    };
  },
};

/** Creates an item as `Lifecycle.admitNew` does, for those who are no provider: groups that launch instances, the clusters' controllers. */
export function admitNew(cloud: Cloud, type: ResourceType, region: string | null, inputs: PropertyMap, launcher?: ItemRef): Item {
  return new Lifecycle(aws, cloud).admitNew(type, region, inputs, launcher);
}
