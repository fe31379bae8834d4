import { ClusterwrightError } from '../../../model/errors.js';
import type { ReportOf } from '../../../model/report.js';
import type { OperationContext, Phase } from '../context.js';
import { isRestoreBegun } from '../etcd-restore.js';
import { areRunning } from '../hibernation/control-planes.js';
import { tell } from '../kubernetes-made.js';
import { saveObjects } from '../objects/save-objects.js';
import { seenBackups } from '../objects/seen-backups.js';
import { isOrderFailure, orderableNodes, ordered } from '../orders.js';

/** A snapshot of 8 GiB, the most that etcd may hold, is packed and sent within this time, in milliseconds. */
const snapshotMs = 15 * 60_000;

/** For the files of volumes, which go to the store at what a cloud gives a connection. In milliseconds. */
const objectsMs = 12 * 60 * 60_000;

/** Saves etcd, and objects where they were asked for, and tells which backups there are. */
export const backup: Phase = {
  limitMs: 3 * snapshotMs + objectsMs,
  async run(context, signal) {
    const { request } = context.job.intent;
    const contents = request?.kind === 'backup' ? request.of : ['etcd'];
    if (contents.includes('etcd')) await saveEtcd(context, signal);
    if (!contents.includes('objects')) return;
    await saveObjects(context, signal);
    context.report({ type: 'report', report: await backupsOf(context) });
  },
};

async function backupsOf({ spec, cloud, connection, cluster }: OperationContext): Promise<ReportOf<'backups'>> {
  return seenBackups({ spec, cloud, connection: connection ?? cluster?.connection ?? undefined });
}

/** Any control plane can, so the next one is asked where one does not answer or fails. */
async function saveEtcd(context: OperationContext, signal: AbortSignal): Promise<void> {
  if (context.lost) {
    tell(context, 'warning', 'No control plane is left to save etcd.');
    return;
  }
  // Another attempt at a restore has saved it before, and etcd may be stopped by now.
  if (context.job.kind === 'restore' && (await isRestoreBegun(context))) return;
  // Another attempt at a hibernation: etcd sleeps by now, as it was saved.
  if (context.job.kind === 'hibernate' && !(await areRunning(context))) return;
  const nodes = await orderableNodes(context);
  let failure: unknown = new ClusterwrightError('order-unanswered', `No control plane of ${context.spec.name} has joined.`, { resource: context.spec.name });
  for (const node of nodes) {
    try {
      await ordered(context, node, { task: 'etcd-snapshot', step: 'snapshot', limitMs: snapshotMs }, signal);
      const report = await backupsOf(context);
      const newest = report.backups.find(({ of }) => of === 'etcd');
      tell(context, 'info', `${node} has saved etcd${newest === undefined ? '' : ` as ${newest.id}`}.`);
      context.report({ type: 'report', report });
      return;
    } catch (error) {
      if (!isOrderFailure(error)) throw error;
      tell(context, 'warning', error.message);
      failure = error;
    }
  }
  throw failure;
}
