import { createHash } from 'node:crypto';

const longest = 24;

/** Begins the names of all that a sandbox has on this machine outside of its home. */
export function sandboxPrefix(home: string): string {
  return `cw${createHash('sha256').update(home).digest('hex').slice(0, 6)}`;
}

/** A name for files and namespaces that stands for an id of a cloud: the id itself where it can be one, else its end with a part of its digest. */
export function shortName(id: string): string {
  if (id.length <= longest && /^[a-z0-9][a-z0-9-]*$/.test(id)) return id;
  const end = id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(-longest).replace(/^-+/, '');
  return `${end}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
}
