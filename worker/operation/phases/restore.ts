import type { Phase } from '../context.js';
import { etcdRestoreMs, restoreEtcd, usableBackup } from '../etcd-restore.js';
import { tell } from '../kubernetes-made.js';
import { awaitedApiServer } from '../upgrade/nodes.js';

/** A load balancer leads to an API server again within a minute or two of its being ready. */
const answerMs = 10 * 60_000;

/** Takes etcd back to the backup that was asked for, and waits for the API server. Where no control plane is left it only says what the new ones, which later phases make, are to begin with. */
export const restore: Phase = {
  limitMs: etcdRestoreMs + answerMs,
  async run(context, signal) {
    const { request } = context.job.intent;
    if (request?.kind !== 'restore') throw new Error('a restore does not say what from');
    if (context.lost) {
      await usableBackup(context, request.from);
      await context.cloud.askRestoration({ id: context.job.id, from: request.from });
      tell(context, 'warning', `No control plane is left: the first new machine begins with ${request.from}, and the others join it.`);
      return;
    }
    await restoreEtcd(context, request.from, signal);
    await awaitedApiServer(context, signal, { after: 'etcd is back', limitMs: answerMs });
  },
};
