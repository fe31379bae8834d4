import type { ObjectStore } from '../../kubernetes/object-store.js';
import type { Cloud } from '../cloud.js';
import type { Blobs } from '../data-planes/blobs.js';
import { containerOf } from './rendezvous.js';

/** The blobs of the container at a URL; undefined where there is no such container. */
export function containerStore(cloud: Cloud, blobs: Blobs, url: string): ObjectStore | undefined {
  const container = containerOf(cloud, url);
  if (container === undefined) return undefined;
  return {
    get(key) {
      const found = blobs.get(container.id, key);
      return found && Buffer.from(found.body, 'base64');
    },
    put: (key, content, contentType) => void blobs.put(container.id, key, Buffer.from(content), contentType),
    list: (prefix) => blobs.list(container.id, prefix).map(({ name }) => name),
    delete: (key) => blobs.delete(container.id, key),
  };
}
