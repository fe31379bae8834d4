import type { ClusterSpec } from '../../../model/spec.js';

/**
 * What names of images begin with in the mirrors of `machines.registryMirrors`, by registry: for pods that pull images themselves, as the nodes' runtime does by its own files. A mirror is an
 * address of the registry protocol, `https://HOST/v2/PATH`, and the name of the same images is `HOST/PATH`. One whose path does not begin like that is left out: no name leads there.
 */
export function mirroredRegistries({ machines }: ClusterSpec): Record<string, string> {
  return Object.fromEntries(Object.entries(machines.registryMirrors).flatMap(([registry, mirror]) => {
    const { host, pathname } = new URL(mirror);
    const path = pathname.replace(/\/+$/, '');
    return path === '' || /^\/v2(\/|$)/.test(path) ? [[registry, `${host}${path.slice('/v2'.length)}`]] : [];
  }));
}
