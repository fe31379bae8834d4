import type { Receipt } from '../../model/receipt.js';
import type { FoundResource, Search } from '../cloud/index.js';
import type { StateResource } from '../engine/export.js';

/** Kinds of what a deletion keeps with the backups, and the part as which the program makes each. */
const backupParts: Readonly<Record<string, string>> = { 'aws:s3/bucket:Bucket': 'backups', 'aws:kms/key:Key': 'key' };

/** What a receipt is made of. */
export interface ReceiptInput {
  /** What the infrastructure's stack held before it was destroyed; empty when an earlier run has destroyed it. */
  readonly before: readonly StateResource[];
  /** What is still there, among what was searched. */
  readonly search: Search;
  readonly retain: 'backups' | 'none';
  /** Names of the secrets that are kept with the backups. */
  readonly keptSecrets: readonly string[];
  readonly at: Date;
}

/**
 * The receipt of a deletion. `checked` has every kind that the stack held or that was searched, with how many are still there; `leftovers` what should not
 * be; `retained` what was kept on purpose, and what the cloud itself keeps for a while. Pure.
 */
export function receiptOf({ before, search: { kinds, found }, retain, keptSecrets, at }: ReceiptInput): Receipt {
  const checked = [...new Set([...before.map(({ type }) => type), ...kinds, ...found.map(({ kind }) => kind)])].sort();
  const judged = found.map((resource) => ({ resource, kept: reasonToKeep(resource, retain, keptSecrets) }));
  return {
    checked: checked.map((kind) => ({ kind, count: found.filter((resource) => resource.kind === kind).length })),
    leftovers: judged.flatMap(({ resource: { id, kind, region }, kept }) => (kept === undefined ? { id, kind, region, reason: 'it is still there' } : [])),
    retained: judged.flatMap(({ resource: { id, kind, region, keptUntil }, kept }) => (kept === undefined ? [] : { id, kind, region, reason: kept, until: keptUntil ?? null })),
    at: at.toISOString(),
  };
}

/** Why something may be there after the deletion; undefined where it may not. */
function reasonToKeep({ id, kind, part, keptUntil }: FoundResource, retain: 'backups' | 'none', keptSecrets: readonly string[]): string | undefined {
  if (keptUntil !== undefined) return 'the cloud keeps a deleted key for its waiting period';
  if (retain === 'none') return undefined;
  if (keptSecrets.includes(id)) return 'the key of etcd\'s contents: without it no backup of etcd can be read';
  return part !== undefined && backupParts[kind] === part ? 'kept with the backups, as asked' : undefined;
}
