import { ClusterwrightError } from '../../../../model/errors.js';
import type { Declaration, FoundResource, ResourceFinder } from '../../cloud.js';
import type { AwsConnection } from '../connection.js';
import { confirmed } from '../confirm.js';
import { findByUid } from '../tags.js';
import { AwsLookups } from './lookups.js';
import { ways, type Way } from './ways.js';

/** Finds a cluster's resources by the table of `ways`. The tags are searched once, with the first question. */
export class AwsFinder implements ResourceFinder {
  readonly #lookups: AwsLookups;
  #tagged: Promise<readonly FoundResource[]> | undefined;

  constructor(private readonly connection: AwsConnection, private readonly uid: string) {
    this.#lookups = new AwsLookups(connection);
  }

  async idsOf(declared: Declaration): Promise<readonly string[]> {
    const way = ways[declared.type];
    if (way === undefined) throw new ClusterwrightError('program-failed', `There is no way to find what exists of ${declared.type}.`, { resource: declared.name });
    switch (way.by) {
      case 'tag':
        return (await this.#byTag(declared, way)).map(way.id);
      case 'name':
      case 'parent': {
        const id = await way.find(declared.inputs, this.#lookups);
        return id === undefined ? [] : [id];
      }
      case 'again':
        return [];
    }
  }

  async #byTag({ type, name }: Declaration, { kinds }: Extract<Way, { by: 'tag' }>): Promise<string[]> {
    // The index shows what was terminated beside what took its place: only what is really there counts.
    const tagged = await (this.#tagged ??= findByUid(this.connection, this.uid).then((hits) => confirmed(this.connection, hits)));
    return tagged.filter(({ kind, part }) => part === name && (kinds ?? [type]).includes(kind)).map(({ id }) => id);
  }
}
