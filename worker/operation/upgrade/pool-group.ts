import { ClusterwrightError } from '../../../model/errors.js';
import type { PoolGroup } from '../../cloud/index.js';
import type { OperationContext } from '../context.js';

/** The group of machines that the cloud has for a pool of the spec. Throws `resource-failed` where it has none. */
export async function poolGroup({ cloud }: Pick<OperationContext, 'cloud'>, name: string): Promise<PoolGroup> {
  const group = (await cloud.pools()).find(({ pool }) => pool === name);
  if (group === undefined) throw new ClusterwrightError('resource-failed', `The cloud has no group of machines for the pool ${name}.`, { resource: name });
  return group;
}
