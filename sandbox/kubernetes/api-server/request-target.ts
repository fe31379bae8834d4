import { noSuchResource } from './status-error.js';
import { isPod, type KindEntry } from './kinds.js';
import type { KindRegistry } from './kind-registry.js';

/** What a request path names. */
export interface RequestTarget {
  kind: KindEntry;
  namespace?: string;
  name?: string;
  subresource?: string;
}

/**
 * Reads `/api/v1/…` and `/apis/<group>/<version>/…`: `[namespaces/<ns>/]<plural>[/<name>[/<subresource>]]`.
 * @throws StatusError 404 where no such kind is served, or its scope does not fit the path.
 */
export function parseTarget(kinds: KindRegistry, path: readonly string[]): RequestTarget {
  const core = path[0] === 'api';
  const [group, version] = core ? ['', path[1]] : [path[1], path[2]];
  let rest = path.slice(core ? 2 : 3);
  if ((!core && path[0] !== 'apis') || group === undefined || version === undefined || rest.length === 0) throw noSuchResource();
  let namespace: string | undefined;
  // `namespaces/<name>` and `namespaces/<name>/status` are the namespace itself.
  if (rest[0] === 'namespaces' && rest.length > 2 && !(core && rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize'))) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural, name, subresource, ...more] = rest;
  const kind = plural === undefined ? undefined : kinds.find(group, version, plural);
  if (kind === undefined || more.length > 0) throw noSuchResource();
  if (namespace !== undefined && !kind.namespaced) throw noSuchResource();
  if (namespace === undefined && kind.namespaced && name !== undefined) throw noSuchResource();
  if (subresource !== undefined && !isServed(kind, subresource)) throw noSuchResource();
  return { kind, namespace, name, subresource };
}

function isServed(kind: KindEntry, subresource: string): boolean {
  return (subresource === 'status' && kind.hasStatus !== false) || (subresource === 'eviction' && isPod(kind));
}
