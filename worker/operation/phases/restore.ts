import { ClusterwrightError } from '../../../model/errors.js';
import type { Phase } from '../context.js';
import { etcdRestoreMs, restoreEtcd } from '../etcd-restore.js';
import { lookAtCluster } from '../kubernetes.js';
import { pollWithin } from '../poll.js';

/** A load balancer leads to an API server again within a minute or two of its being ready. */
const answerMs = 10 * 60_000;

/** Takes etcd back to the backup that was asked for, and waits for the API server. */
export const restore: Phase = {
  limitMs: etcdRestoreMs + answerMs,
  async run(context, signal) {
    const { request } = context.job.intent;
    if (request?.kind !== 'restore') throw new Error('a restore does not say what from');
    await restoreEtcd(context, request.from, signal);
    await pollWithin(answerMs, signal, async () => ((await lookAtCluster(context, (client) => client.ready())) === true ? true : undefined), () =>
      new ClusterwrightError('control-plane-timeout', `etcd is back, and after ${answerMs / 60_000} minutes the API server does not answer.`));
  },
};
