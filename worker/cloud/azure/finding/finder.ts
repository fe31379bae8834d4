import { ClusterwrightError } from '../../../../model/errors.js';
import type { Declaration, ResourceFinder } from '../../cloud.js';
import { isThere } from '../confirm.js';
import type { AzureConnection } from '../connection.js';
import { calling } from '../errors.js';
import { armId } from '../types.js';
import { ways } from './ways.js';

/** Finds a cluster's resources by the table of `ways`: an id follows from a resource's names, and the resource manager says whether it is there. */
export class AzureFinder implements ResourceFinder {
  constructor(private readonly connection: AzureConnection, private readonly subscriptionId: string) {}

  async idsOf(declared: Declaration): Promise<readonly string[]> {
    const way = ways[declared.type];
    if (way === undefined) throw new ClusterwrightError('program-failed', `There is no way to find what exists of ${declared.type}.`, { resource: declared.name });
    switch (way.by) {
      case 'id': {
        const id = armId(this.subscriptionId, declared);
        if (id === undefined) return [];
        return (await calling(`looking for ${declared.name}`, () => isThere(this.connection, id, way.apiVersion))) ? [id] : [];
      }
      case 'again':
        return [];
    }
  }
}
