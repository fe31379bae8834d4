import { isRecord, listAt, recordAt, stringAt, type KubeObject } from '../json.js';
import { builtInKinds, type KindEntry } from './kinds.js';

/** The kinds of one API server: the built-in ones and those that CustomResourceDefinitions add. */
export class KindRegistry {
  private readonly byPath = new Map<string, KindEntry>();
  private readonly byDefinition = new Map<string, KindEntry[]>();

  constructor() {
    for (const kind of builtInKinds) this.byPath.set(pathKey(kind), kind);
  }

  /** The kind that is served at `/apis/<group>/<version>/<plural>`, or undefined. */
  find(group: string, version: string, plural: string): KindEntry | undefined {
    return this.byPath.get(`${group}/${version}/${plural}`);
  }

  /** All kinds, in the order in which they became known. */
  all(): KindEntry[] {
    return [...this.byPath.values()];
  }

  /** Serves what a definition describes, in place of what it described before. */
  define(definition: KubeObject): void {
    this.undefine(definition.metadata.name);
    const kinds = kindsOfDefinition(definition);
    this.byDefinition.set(definition.metadata.name, kinds);
    for (const kind of kinds) this.byPath.set(pathKey(kind), kind);
  }

  /** Stops serving what a definition described; answers those kinds. */
  undefine(name: string): KindEntry[] {
    const kinds = this.byDefinition.get(name) ?? [];
    this.byDefinition.delete(name);
    for (const kind of kinds) this.byPath.delete(pathKey(kind));
    return kinds;
  }
}

function pathKey(kind: KindEntry): string {
  return `${kind.group}/${kind.version}/${kind.plural}`;
}

/** The kinds, one for each served version, that a CustomResourceDefinition describes. */
export function kindsOfDefinition(definition: KubeObject): KindEntry[] {
  const names = recordAt(definition, 'spec', 'names');
  const group = stringAt(definition, 'spec', 'group');
  const kind = stringAt(names, 'kind');
  const plural = stringAt(names, 'plural');
  if (group === undefined || kind === undefined || plural === undefined) return [];
  const shortNames = listAt(names, 'shortNames').filter((name): name is string => typeof name === 'string');
  const namespaced = stringAt(definition, 'spec', 'scope') === 'Namespaced';
  return listAt(definition, 'spec', 'versions').filter(isRecord).flatMap((version) => {
    const name = stringAt(version, 'name');
    if (name === undefined || version['served'] === false) return [];
    const hasStatus = isRecord(recordAt(version, 'subresources')['status']);
    return [{ group, version: name, kind, plural, namespaced, shortNames, custom: true, hasStatus }];
  });
}

