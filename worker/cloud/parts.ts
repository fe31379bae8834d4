const prefix = 'pool-';

/** The pool that a part of a cluster is the group of machines of: `pool-NAME`, as the programs call it; undefined for any other part. */
export function poolOfPart(part: string | undefined): string | undefined {
  return part?.startsWith(prefix) ? part.slice(prefix.length) : undefined;
}

/** What the programs call a pool's group of machines. */
export function partOfPool(pool: string): string {
  return prefix + pool;
}

/** Whether a part of a cluster is a machine of its control plane: `cp-1`, as the programs call it. */
export function isControlPlanePart(part: string | undefined): part is string {
  return part !== undefined && /^cp-\d+$/.test(part);
}
