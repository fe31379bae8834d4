import { ClusterwrightError } from '../../../model/errors.js';
import type { JobRequest } from '../../../model/job-request.js';
import { managedLabels } from '../../../programs/platform/names.js';
import { endOf, veleroPath, veleroRun } from '../../kubernetes/velero.js';
import type { OperationContext, Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { copyBackup } from '../objects/copy-backup.js';
import { followVelero } from '../objects/velero-run.js';
import { mapStorageClasses } from '../objects/storage-classes.js';
import { poll, pollWithin } from '../poll.js';

type ObjectsRequest = Extract<JobRequest, { kind: 'restore-objects' }>;

/** Velero looks into its store every minute. In milliseconds. */
const shownMs = 15 * 60_000;
/** For files of volumes, which are copied and then written at what a cloud gives a connection. In milliseconds. */
const limitMs = 12 * 60 * 60_000;

/** What is not restored where objects that are there become what they were: it cannot be changed, or not while something uses it. */
const unchangeable = ['persistentvolumeclaims', 'persistentvolumes', 'pods'];

/** Brings objects of some namespaces back from a backup of Velero's, which is copied before where it is another cluster's. */
export const restoreObjects: Phase = {
  limitMs,
  async run(context, signal) {
    const { job } = context;
    const { request } = job.intent;
    if (request?.kind !== 'restore-objects') throw new Error('a restore of objects does not say what from');
    const name = request.source === null ? request.backup : await copied(context, request, request.source, signal);
    await shown(context, name, signal);
    await poll(() => classesMapped(context, request), signal);
    tell(context, 'info', `Velero brings objects of ${request.namespaces.join(', ')} back from ${name}.`);
    await followVelero(context, { kind: 'Restore', name: `restore-${job.id.toLowerCase()}`, spec: restoreSpec(request, name) }, signal);
  },
};

/** What Velero is told. What the platform declares in a namespace is there already, as this cluster's spec has it: quotas, policies and access of another time or cluster stay out. Pure. */
export function restoreSpec({ namespaces, existing }: ObjectsRequest, backupName: string): object {
  return {
    backupName,
    includedNamespaces: namespaces,
    labelSelector: { matchExpressions: Object.entries(managedLabels).map(([key, value]) => ({ key, operator: 'NotIn', values: [value] })) },
    ...(existing === 'update' ? { existingResourcePolicy: 'update', excludedResources: unchangeable } : { existingResourcePolicy: 'none' }),
  };
}

/** Brings the backup from the other cluster's store into this one's. Answers its name there. */
async function copied(context: OperationContext, { backup, namespaces, existing }: ObjectsRequest, of: NonNullable<ObjectsRequest['source']>, signal: AbortSignal): Promise<string> {
  if (context.source === undefined) throw new Error('the operation was not told of the other cluster');
  const [source, target] = await Promise.all([context.source.store(), context.cloud.store()]);
  tell(context, 'info', `${backup} is copied from the private store of ${of.name}.`);
  const onProgress = (done: number, total: number): void => context.report({ type: 'progress', done, total });
  const name = await copyBackup(source, target, { backup, of, namespaces: existing === 'update' ? [] : namespaces }, { signal, onProgress });
  tell(context, 'info', `It is here as ${name}.`);
  return name;
}

/** Claims name the classes of their cloud. Undefined where the API server does not answer. */
async function classesMapped(context: OperationContext, { source }: ObjectsRequest): Promise<true | undefined> {
  const to = context.spec.provider;
  if (source === null || source.provider === to) return true;
  return lookAtCluster(context, async (client) => mapStorageClasses(client, source.provider, to).then(() => true));
}

/** Waits until Velero knows the backup. Throws `backup-unusable`. */
async function shown(context: OperationContext, name: string, signal: AbortSignal): Promise<void> {
  const unusable = (detail: string, hint?: string): ClusterwrightError => new ClusterwrightError('backup-unusable', detail, { resource: name, ...(hint === undefined ? {} : { hint }) });
  const path = veleroPath(context.spec.provider, 'Backup', name);
  const backup = await pollWithin(shownMs, signal, () => lookAtCluster(context, (client) => veleroRun(client, path)),
    () => unusable(`After ${shownMs / 60_000} minutes Velero does not show the backup ${name}.`, 'See whether Velero runs and its BackupStorageLocation is Available, then try again.'));
  const end = endOf(backup.status);
  if (end !== 'completed' && end !== 'partial') throw unusable(`Velero has the backup ${name} as ${backup.status?.phase ?? 'not begun'}.`);
}
