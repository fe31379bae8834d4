import type { ObjectStore } from '../../kubernetes/object-store.js';
import type { Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';

/** The objects of a bucket; undefined where there is no such bucket. */
export function bucketStore({ inventory, objects }: Cloud, bucket: string): ObjectStore | undefined {
  if (inventory.get(tokens.bucket, bucket) === undefined) return undefined;
  return {
    get(key) {
      const found = objects.get(bucket, key);
      return found && Buffer.from(found.body, 'base64');
    },
    put: (key, content, contentType) => void objects.put(bucket, key, content, { contentType }),
    list: (prefix) => objects.list(bucket, prefix).map(({ key }) => key),
    delete: (key) => void objects.delete(bucket, key),
  };
}
