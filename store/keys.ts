/** Hash tag of all keys: records, streams and BullMQ's queues share one slot, so that a script may touch any of them. */
export const hashTag = '{clusterwright}';

/** What every key of the store starts with. Scripts get it as their only declared key and build names from it. */
export const keyPrefix = `${hashTag}:`;

/** Name of a key: its parts joined by colons under the common prefix. The scripts' `key()` builds the same names. */
export function key(...parts: readonly string[]): string {
  return keyPrefix + parts.join(':');
}
