import { createHash } from 'node:crypto';

const longest = 24;

/** A name for files and namespaces that stands for an id of a cloud: the id itself where it can be one, else its end with a part of its digest. */
export function shortName(id: string): string {
  if (id.length <= longest && /^[a-z0-9][a-z0-9-]*$/.test(id)) return id;
  const end = id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(-longest).replace(/^-+/, '');
  return `${end}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
}
