import type { Receipt } from '../../model/receipt.js';
import type { FoundResource, Search } from '../cloud/index.js';
import type { StateResource } from '../engine/export.js';

/** What a receipt is made of. */
export interface ReceiptInput {
  /** What the infrastructure's stack held before it was destroyed; empty when an earlier run has destroyed it. */
  readonly before: readonly StateResource[];
  /** What is still there, among what was searched. */
  readonly search: Search;
  readonly retain: 'backups' | 'none';
  readonly at: Date;
}

/**
 * The receipt of a deletion. `checked` has every kind that the stack held or that was searched, with how many are still there; `leftovers` what should not
 * be; `retained` what was kept on purpose, and what the cloud itself keeps for a while. Pure.
 */
export function receiptOf({ before, search: { kinds, found }, retain, at }: ReceiptInput): Receipt {
  const checked = [...new Set([...before.map(({ type }) => type), ...kinds, ...found.map(({ kind }) => kind)])].sort();
  const judged = found.map((resource) => ({ resource, kept: reasonToKeep(resource, retain) }));
  return {
    checked: checked.map((kind) => ({ kind, count: found.filter((resource) => resource.kind === kind).length })),
    leftovers: judged.flatMap(({ resource: { id, kind, region }, kept }) => (kept === undefined ? { id, kind, region, reason: 'it is still there' } : [])),
    retained: judged.flatMap(({ resource: { id, kind, region, keptUntil }, kept }) => (kept === undefined ? [] : { id, kind, region, reason: kept, until: keptUntil ?? null })),
    at: at.toISOString(),
  };
}

/** Why something may be there after the deletion; undefined where it may not. */
function reasonToKeep({ keptUntil, backups }: FoundResource, retain: 'backups' | 'none'): string | undefined {
  if (keptUntil !== undefined) return 'the cloud keeps what was deleted for its waiting period';
  return retain === 'backups' ? backups : undefined;
}
