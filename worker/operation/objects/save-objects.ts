import type { JobRecord } from '../../../model/job.js';
import { objectsBackupPrefix } from '../../../model/objects-backup.js';
import { nightlyBackup } from '../../../programs/platform/values/velero.js';
import type { OperationContext } from '../context.js';
import { tell } from '../kubernetes-made.js';
import { followVelero, type VeleroContext } from './velero-run.js';

/** Has Velero save what it saves every night. Throws `objects-not-saved`. */
export async function saveObjects(context: VeleroContext & Pick<OperationContext, 'spec'>, signal: AbortSignal): Promise<void> {
  const name = onDemandName(context.job);
  tell(context, 'info', `Velero saves objects and the files of volumes as ${objectsBackupPrefix}${name}.`);
  await followVelero(context, { kind: 'Backup', name, spec: nightlyBackup(context.spec) }, signal);
}

/** Like those of schedules, by the time; the end of the job's id tells two of one second apart. Every attempt at a job comes to the same. */
export function onDemandName({ id, createdAt }: Pick<JobRecord, 'id' | 'createdAt'>): string {
  return `on-demand-${createdAt.replace(/\D/g, '').slice(0, 14)}-${id.slice(-4).toLowerCase()}`;
}
