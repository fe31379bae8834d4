import { ClusterwrightError } from '../../../model/errors.js';
import type { Provider } from '../../../model/spec.js';
import { endOf, veleroPath, veleroRun } from '../../kubernetes/velero.js';
import type { OperationContext } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { poll, pollWithin } from '../poll.js';
import { copyBackup } from './copy-backup.js';
import { sourceCloud } from './source-cluster.js';
import { mapStorageClasses } from './storage-classes.js';

/** A backup of Velero's that is to be restored. */
export interface WantedBackup {
  readonly backup: string;
  /** The cluster that has it, where that is another. */
  readonly source: { readonly name: string; readonly uid: string; readonly provider: Provider } | null;
  /** Namespaces whose volumes' files are wanted too. */
  readonly withFiles: readonly string[];
}

/** Velero looks into its store every minute. In milliseconds. */
const shownMs = 15 * 60_000;

/** Has the cluster's Velero know a backup, which is copied before where it is another cluster's. Answers its name there. Throws `backup-unusable`. */
export async function restorable(context: OperationContext, wanted: WantedBackup, signal: AbortSignal): Promise<string> {
  const name = wanted.source === null ? wanted.backup : await copied(context, wanted, wanted.source, signal);
  await shown(context, name, signal);
  await poll(() => classesMapped(context, wanted), signal);
  return name;
}

/** Brings the backup from the other cluster's store into this one's. Answers its name there. */
async function copied(context: OperationContext, { backup, withFiles }: WantedBackup, of: NonNullable<WantedBackup['source']>, signal: AbortSignal): Promise<string> {
  const [source, target] = await Promise.all([sourceCloud(context, of).store(), context.cloud.store()]);
  tell(context, 'info', `${backup} is copied from the private store of ${of.name}.`);
  const onProgress = (done: number, total: number): void => context.report({ type: 'progress', done, total });
  const name = await copyBackup(source, target, { backup, of, namespaces: withFiles }, { signal, onProgress });
  tell(context, 'info', `It is here as ${name}.`);
  return name;
}

/** Claims name the classes of their cloud. Undefined where the API server does not answer. */
async function classesMapped(context: OperationContext, { source }: WantedBackup): Promise<true | undefined> {
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
