import { ClusterwrightError } from '../../../model/errors.js';
import type { Phase } from '../context.js';
import { isRestoreBegun } from '../etcd-restore.js';
import { areRunning } from '../hibernation/control-planes.js';
import { tell } from '../kubernetes-made.js';
import { isOrderFailure, orderableNodes, ordered } from '../orders.js';

/** A snapshot of 8 GiB, the most that etcd may hold, is packed and sent within this time, in milliseconds. */
const snapshotMs = 15 * 60_000;

/** Saves etcd: any control plane can, so the next one is asked where one does not answer or fails. Then tells which backups there are. */
export const backup: Phase = {
  limitMs: 3 * snapshotMs,
  async run(context, signal) {
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
        const backups = await context.cloud.etcdSnapshots();
        tell(context, 'info', `${node} has saved etcd${backups[0] === undefined ? '' : ` as ${backups[0].id}`}.`);
        context.report({ type: 'report', report: { kind: 'backups', at: new Date().toISOString(), backups: [...backups] } });
        return;
      } catch (error) {
        if (!isOrderFailure(error)) throw error;
        tell(context, 'warning', error.message);
        failure = error;
      }
    }
    throw failure;
  },
};
