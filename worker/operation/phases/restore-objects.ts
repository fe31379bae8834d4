import type { JobRecord } from '../../../model/job.js';
import type { JobRequest } from '../../../model/job-request.js';
import { managedLabels } from '../../../programs/platform/names.js';
import type { OperationContext, Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { keepAtRest, restoredAtRest } from '../objects/at-rest.js';
import { restorable } from '../objects/restorable.js';
import { namespacesOf, savedObjects } from '../objects/saved-objects.js';
import { sourceCloud } from '../objects/source-cluster.js';
import { followVelero } from '../objects/velero-run.js';
import { poll } from '../poll.js';

type RequestOf<Kind extends JobRequest['kind']> = Extract<JobRequest, { kind: Kind }>;

/** For files of volumes, which are copied and then written at what a cloud gives a connection. In milliseconds. */
const limitMs = 12 * 60 * 60_000;

/** What is not restored where objects that are there become what they were: it cannot be changed, or not while something uses it. */
const unchangeable = ['persistentvolumeclaims', 'persistentvolumes', 'pods'];

/** Brings objects back from a backup of Velero's: those of some namespaces that a request names, or in a drill all that it tries, at rest. */
export const restoreObjects: Phase = {
  limitMs,
  async run(context, signal) {
    const { request } = context.job.intent;
    switch (request?.kind) {
      case 'restore-objects': return bringBack(context, request, signal);
      case 'cluster-drill': return bringBackAtRest(context, request, signal);
      default: throw new Error('a restore of objects does not say what from');
    }
  },
};

async function bringBack(context: OperationContext, request: RequestOf<'restore-objects'>, signal: AbortSignal): Promise<void> {
  const { backup, source, namespaces, existing } = request;
  const name = await restorable(context, { backup, source, withFiles: existing === 'update' ? [] : namespaces }, signal);
  await restored(context, restoreSpec(request, name), namespaces, signal);
}

async function bringBackAtRest(context: OperationContext, { backup, source }: RequestOf<'cluster-drill'>, signal: AbortSignal): Promise<void> {
  const namespaces = namespacesOf(await savedObjects(await sourceCloud(context, source).store(), backup));
  // Velero would take none for all.
  if (namespaces.length === 0) return;
  const name = await restorable(context, { backup, source, withFiles: [] }, signal);
  await poll(() => lookAtCluster(context, (client) => keepAtRest(client, context.spec.provider).then(() => true)), signal);
  await restored(context, { ...restoreSpec({ namespaces, existing: 'keep' }, name), ...restoredAtRest }, namespaces, signal);
}

async function restored(context: OperationContext, spec: { readonly backupName: string }, namespaces: readonly string[], signal: AbortSignal): Promise<void> {
  tell(context, 'info', `Velero brings objects of ${namespaces.join(', ')} back from ${spec.backupName}.`);
  await followVelero(context, { kind: 'Restore', name: restoreName(context.job), spec }, signal);
}

/** What the Restore of a job is called, in each attempt at it. */
export function restoreName({ id }: Pick<JobRecord, 'id'>): string {
  return `restore-${id.toLowerCase()}`;
}

/** What Velero is told. What the platform declares in a namespace is there already, as this cluster's spec has it: quotas, policies and access of another time or cluster stay out. Pure. */
export function restoreSpec({ namespaces, existing }: Pick<RequestOf<'restore-objects'>, 'namespaces' | 'existing'>, backupName: string) {
  return {
    backupName,
    includedNamespaces: namespaces,
    labelSelector: { matchExpressions: Object.entries(managedLabels).map(([key, value]) => ({ key, operator: 'NotIn', values: [value] })) },
    ...(existing === 'update' ? { existingResourcePolicy: 'update', excludedResources: unchangeable } : { existingResourcePolicy: 'none' }),
  };
}
