import type { Fault } from './errors.js';
import { isJsonObject, type Json } from './merge-patch.js';

/** What people know by its name and ask for, and no cluster can have. */
export interface NotOffered {
  /** The field of `platform` that it would be a choice of. */
  readonly field: string;
  readonly word: string;
  /** Why not, in words. */
  readonly why: string;
  /** What to write in its place. */
  readonly instead: string;
}

/** What is known and not offered. It is no value of any capability, so that nothing else has to reckon with it: who asks for it is told why. docs/platform.md has the same table, with sources in docs/addons.md. */
export const notOffered: readonly NotOffered[] = [
  {
    field: 'loadBalancers', word: 'metallb',
    why: 'MetalLB announces addresses by ARP or BGP, which the networks of AWS and Azure do not take from machines',
    instead: 'leave the field out: the cloud controller, which every cluster has, makes the load balancers',
  },
  {
    field: 'scanning', word: 'clair',
    why: 'Clair looks at images that a registry sends it, and not at those that a cluster runs',
    instead: 'take "trivy" or "snyk", and let Clair stay with the registry',
  },
  {
    field: 'backup', word: 'kasten',
    why: 'Kasten takes its rights in the cloud by keys that are kept, or by a webhook that these clusters do not have, and its terms and licence are for its owner to accept',
    instead: 'take "velero"',
  },
];

/** The faults of a spec, with the reason where the schema refused something that is known and not offered. */
export function tellWhy(document: Json, faults: readonly Fault[]): Fault[] {
  const platform = isJsonObject(document) && isJsonObject(document['platform']) ? document['platform'] : {};
  return faults.map((fault) => {
    const known = notOffered.find(({ field, word }) => fault.pointer === `/platform/${field}` && platform[field] === word);
    return known ? { ...fault, detail: `"${known.word}" is not offered: ${known.why}; ${known.instead}` } : fault;
  });
}
