import type { NodeStore } from './node-cloud.js';

/** An object of the cluster's store as its schema has it; undefined where there is no such thing. */
export function readObject<T>(store: NodeStore, key: string, schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } }): T | undefined {
  const text = store.get(key)?.toString('utf8');
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
