const prefix = 'pool-';

/** The pool that a part of a cluster is the group of machines of: `pool-NAME`, as the programs call it; undefined for any other part. */
export function poolOfPart(part: string | undefined): string | undefined {
  return part?.startsWith(prefix) ? part.slice(prefix.length) : undefined;
}
