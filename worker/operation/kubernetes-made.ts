import { secretNames, type SecretPath } from '../../model/rendezvous.js';
import type { ClusterScope, FoundResource, Removal } from '../cloud/index.js';
import type { OperationContext } from './context.js';
import { listed } from './listed.js';
import { holdsWithin } from './poll.js';

/** How long one goes on trying to delete what is still in use, in milliseconds: a load balancer's network interfaces go some minutes after it. */
const limitMs = 6 * 60_000;
const named = 8;

/** The cluster, and what of it is the engine's business. */
export function scopeOf({ spec, uid, states }: Pick<OperationContext, 'spec' | 'uid' | 'states'>): ClusterScope {
  const resources = states.infrastructure?.resources ?? [];
  return { name: spec.name, uid, known: new Set(resources.flatMap(({ id, arn }) => [id ?? [], arn ?? []].flat())) };
}

/**
 * Deletes by tag what Kubernetes made in the cloud, until nothing is left that can go; with `disksLater` disks in use may stay for now. What cannot go
 * within six minutes is left to the caller, who sees it in the way or in the receipt.
 */
export async function removeByTag(context: OperationContext, signal: AbortSignal, { disksLater }: { disksLater: boolean }): Promise<void> {
  const scope = scopeOf(context);
  let remaining: Removal['remaining'] = [];
  const clear = await holdsWithin(limitMs, signal, async () => {
    const round = await context.cloud.removeMadeByKubernetes(scope);
    tellRemoved(context, round.removed);
    ({ remaining } = round);
    return remaining.every(({ disk }) => disksLater && disk === true);
  });
  if (!clear) tell(context, 'warning', `What Kubernetes made in the cloud is in use and could not be deleted: ${wordsOf(remaining)}.`);
}

/** One round of the same, without waiting. Answers how many things went. */
export async function removeNow(context: OperationContext): Promise<number> {
  const { removed } = await context.cloud.removeMadeByKubernetes(scopeOf(context));
  tellRemoved(context, removed);
  return removed.length;
}

/** The nodes' secrets that a deletion keeps with the backups: those that nothing can be restored without. */
export function keptSecrets({ job }: Pick<OperationContext, 'job'>): SecretPath[] {
  return job.intent.retain === 'backups' ? [secretNames.encryptionKey] : [];
}

/** Tells something about the job in its events. */
export function tell(context: Pick<OperationContext, 'report'>, severity: 'info' | 'warning', text: string): void {
  context.report({ type: 'event', event: { type: 'message', severity, text, resource: null } });
}

function tellRemoved(context: OperationContext, removed: readonly FoundResource[]): void {
  if (removed.length > 0) tell(context, 'info', `Deleted by its tags, as Kubernetes had made it: ${wordsOf(removed)}.`);
}

/** The first few by kind and id; an ARN by its last field, another id by its last part. */
function wordsOf(resources: readonly FoundResource[]): string {
  return listed(resources.map(({ kind, id }) => `${kind.slice(kind.lastIndexOf(':') + 1)} ${id.slice(id.lastIndexOf(id.startsWith('/') ? '/' : ':') + 1)}`), named);
}
