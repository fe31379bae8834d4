import { highlyAvailable, type ValuesInput } from './context.js';

/** The NFS driver: replicas of the controller, of which one leads. */
export function csiDriverNfs({ spec }: ValuesInput): Record<string, unknown> {
  return { controller: { replicas: highlyAvailable(spec) ? 2 : 1 } };
}
