import type { Receipt } from '../../model/receipt.js';
import type { FoundResource, Search } from '../cloud/index.js';
import type { StateResource } from '../engine/export.js';

/** Kind of keys, which every cloud keeps for a while. */
const keyKind = 'aws:kms/key:Key';
const dayMs = 86_400_000;

/** What a receipt is made of. */
export interface ReceiptInput {
  readonly region: string;
  /** What the infrastructure's stack held before it was destroyed; empty when an earlier run has destroyed it. */
  readonly before: readonly StateResource[];
  /** What still carries the cluster's uid, among what was searched. */
  readonly search: Search;
  readonly retain: 'backups' | 'none';
  readonly at: Date;
}

/** Parts that a deletion keeps with the backups. */
const backupParts: readonly string[] = ['backups', 'key'];

/**
 * The receipt of a deletion. `checked` has every kind that the stack held or that was searched, with how many are still there.
 * A key is never a leftover: once the stack is destroyed, the cloud only keeps it for its waiting period. Pure.
 */
export function receiptOf({ region, before, search: { kinds, found }, retain, at }: ReceiptInput): Receipt {
  const checked = [...new Set([...before.map(({ type }) => type), ...kinds, ...found.map(({ kind }) => kind)])].sort();

  const onPurpose = (resource: FoundResource): boolean => retain === 'backups' && resource.part !== undefined && backupParts.includes(resource.part);
  const keptByCloud = (resource: FoundResource): boolean => resource.kind === keyKind;
  const waiting = retain === 'backups' ? [] : before.filter(({ waitingDays, arn, id }) => waitingDays !== undefined && (arn ?? id) !== undefined);
  const waitingIds = new Set(waiting.map(({ arn, id }) => arn ?? id));
  return {
    checked: checked.map((kind) => ({ kind, count: found.filter((resource) => resource.kind === kind).length })),
    leftovers: found.filter((resource) => !onPurpose(resource) && !keptByCloud(resource)).map(({ id, kind, region: where }) => ({ id, kind, region: where, reason: 'it still carries the cluster\'s tag' })),
    retained: [
      ...found.filter(onPurpose).map(({ id, kind, region: where }) => ({ id, kind, region: where, reason: 'kept with the backups, as asked', until: null })),
      ...waiting.map(({ arn, id, waitingDays = 0 }) => ({
        id: arn ?? id ?? '', kind: keyKind, region, reason: `the cloud keeps a deleted key for ${waitingDays} days`, until: new Date(at.getTime() + waitingDays * dayMs).toISOString(),
      })),
      ...found.filter((resource) => keptByCloud(resource) && !onPurpose(resource) && !waitingIds.has(resource.id)).map(({ id, kind, region: where }) => ({
        id, kind, region: where, reason: 'the cloud keeps a deleted key for its waiting period', until: null,
      })),
    ],
    at: at.toISOString(),
  };
}
