import { ClusterwrightError } from '../../../model/errors.js';
import { seenExpiries } from '../../../model/expiry.js';
import { authoritiesMark } from '../../../model/rendezvous.js';
import type { OperationContext } from '../context.js';
import { tell } from '../kubernetes-made.js';
import { NodeWatch } from '../node-watch.js';
import { filled } from '../sink.js';
import type { Criterion } from '../upgrade/criterion.js';
import { PoolRollout } from '../upgrade/pools.js';
import { restartPods } from './pods.js';
import { goThrough, type Step } from './steps.js';

const begin = '-----BEGIN CERTIFICATE-----';

/** Whatever is cut off after whichever step, or in it: everybody trusts who has signed what the others come with. */
const beginning: readonly Step[] = [
  { name: 'add', does: 'add', told: 'There are new authorities beside the old ones.' },
  { name: 'trust', does: 'follow', told: 'Every control plane trusts both.' },
  { name: 'sign', does: 'sign', told: 'The new CA is the one to sign for kubelets.' },
  { name: 'signs', does: 'follow', told: 'Every control plane signs for kubelets with it.' },
  { name: 'both', does: 'publish', told: 'New kubeconfigs and new machines trust both.' },
];
const ending: readonly Step[] = [
  { name: 'renew', does: 'renew', told: 'The new authorities are the ones to sign everything.' },
  { name: 'renewed', does: 'follow', told: 'Every certificate of the control planes is by the new authorities.' },
  { name: 'access', does: 'publish', told: 'The service comes in with a certificate of the new CA.' },
  { name: 'drop', does: 'drop', told: 'The old authorities are taken away.' },
  { name: 'forget', does: 'follow', told: 'No control plane trusts them any more.' },
  { name: 'one', does: 'publish', told: 'New kubeconfigs and new machines trust the new ones only.' },
];

/** Has old and new authorities trusted everywhere. What of it an earlier job has done is found and left. */
export async function beginAuthorities(context: OperationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  await goThrough(context, nodes, 'authorities', beginning, signal);
  await spread(context, nodes, signal);
  tell(context, 'info', 'Everybody who has a kubeconfig fetches a new one now; then the rotation can be finished.');
}

/** Takes the old authorities away. Throws `rotation-not-begun`, before anything is done, where a machine does not trust the new ones yet. */
export async function finishAuthorities(context: OperationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  const { certificateAuthority = '' } = await context.cloud.secrets();
  // Where one CA is published, an earlier job has come that far, and the machines are what is left to do.
  const old = certificateAuthority.split(begin).length > 2 ? await rollout(context, certificateAuthority, signal).old() : [];
  if (old.length > 0) {
    throw new ClusterwrightError('rotation-not-begun', `${old.length} of the pools' machines came in before the new authorities: ${old.slice(0, 5).join(', ')}.`, { resource: context.spec.name });
  }
  await goThrough(context, nodes, 'authorities', ending, signal);
  await spread(context, nodes, signal);
}

/** Takes what control planes trust now to who asks the service for it, to pods, and to the machines of the pools. */
async function spread(context: OperationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  const [told, { certificateAuthority, provisioner }] = await Promise.all([context.cloud.expiries(), context.cloud.secrets()]);
  if (certificateAuthority === undefined) throw new ClusterwrightError('kubeconfig-not-ready', 'The control plane has not published its CA.', { resource: context.spec.name });
  context.connection = { ...filled(context.connection, 'the connection'), certificateAuthority };
  context.report({ type: 'cluster', connection: context.connection });
  context.report({ type: 'report', report: { kind: 'expiries', at: new Date().toISOString(), expiries: seenExpiries(told, provisioner?.notAfter) } });
  await restartPods(context, 'Control planes', nodes, signal);
  await rollout(context, certificateAuthority, signal).run();
}

/** Machines stay that came in with the very CAs that are published. */
function rollout(context: OperationContext, certificateAuthority: string, signal: AbortSignal): PoolRollout {
  const mark = authoritiesMark(certificateAuthority);
  const criterion: Criterion = { look: () => Promise.resolve(({ authorities }) => authorities === mark), told: 'of the authorities of today' };
  context.nodeWatch ??= new NodeWatch(context, new Date(context.job.startedAt ?? context.job.createdAt));
  return new PoolRollout(context, signal, criterion);
}
