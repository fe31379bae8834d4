import { ClusterwrightError, type ErrorCode } from '../../../model/errors.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import { KubernetesError, type KubernetesClient } from '../../kubernetes/client.js';
import { endOf, veleroPath, veleroRun, type VeleroKind, type VeleroStatus } from '../../kubernetes/velero.js';
import type { OperationContext } from '../context.js';
import { lookAtCluster, type ClusterLook } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { listed } from '../listed.js';
import { poll, pollWithin } from '../poll.js';

/** What of an operation asking Velero for something needs. */
export type VeleroContext = ClusterLook & Pick<OperationContext, 'report' | 'job'>;

/** Something that Velero is asked for. The name is the same in each attempt at a job: one that was cut off follows what it has asked for. */
export interface VeleroOrder {
  readonly kind: VeleroKind;
  readonly name: string;
  readonly spec: object;
}

/** Velero takes a thing up within this time, in milliseconds, or it does not run; it restores one after the other. */
const beginMs = 60 * 60_000;
/** Between two words about how far it is, in milliseconds. */
const tellMs = 60_000;
const failures = { Backup: 'objects-not-saved', Restore: 'objects-not-restored' } as const satisfies Record<VeleroKind, ErrorCode>;

/** Asks Velero for something and follows it to its end. Throws `objects-not-saved` or `objects-not-restored` where it does not begin, or ends with errors. An order that the signal ends goes on in the cluster. */
export async function followVelero(context: VeleroContext, order: VeleroOrder, signal: AbortSignal): Promise<void> {
  const { kind, name } = order;
  const { provider } = context.spec;
  const path = veleroPath(provider, kind, name);
  const failure = (detail: string): ClusterwrightError => new ClusterwrightError(failures[kind], `${kind} ${name}: ${detail}`, { resource: name });
  let last = 'the API server does not answer';
  const looked = (look: (client: KubernetesClient) => Promise<true | undefined>): Promise<true | undefined> => lookAtCluster(context, async (client) => look(client).catch((error: unknown) => {
    if (error instanceof KubernetesError) last = error.message;
    throw error;
  }));
  await pollWithin(beginMs, signal, () => looked(async (client) => {
    const run = await veleroRun(client, path);
    if (run === undefined) await client.apply(path, { apiVersion: 'velero.io/v1', kind, metadata: { name, namespace: addonServiceAccounts[provider].velero.namespace }, spec: order.spec });
    last = 'Velero has not begun with it. See whether it runs, and what it is at';
    return ['', 'New'].includes(run?.status?.phase ?? '') ? undefined : true;
  }), () => failure(`${last}.`));
  const status = await end(context, path, signal, failure);
  if (endOf(status) !== 'completed') throw failure(wordsOf(status));
}

/** Follows it, with a word about how far it is now and then. */
async function end(context: VeleroContext, path: string, signal: AbortSignal, failure: (detail: string) => ClusterwrightError): Promise<VeleroStatus> {
  let told = { at: Date.now(), done: 0 };
  return poll(async () => {
    // An API server that is away for a while is no end: undefined.
    const run = await lookAtCluster(context, async (client) => ({ found: await veleroRun(client, path) }));
    if (run !== undefined && run.found === undefined) throw failure('somebody has deleted it.');
    const status = run?.found?.status;
    const { totalItems: total = 0, itemsBackedUp, itemsRestored } = status?.progress ?? {};
    const done = itemsBackedUp ?? itemsRestored ?? 0;
    if (total > 0) context.report({ type: 'progress', done, total });
    if (endOf(status) !== undefined) return status;
    if (Date.now() - told.at >= tellMs && done !== told.done) {
      tell(context, 'info', `${done} of ${total} objects.`);
      told = { at: Date.now(), done };
    }
    return undefined;
  }, signal);
}

function wordsOf({ phase, errors, warnings, failureReason, validationErrors }: VeleroStatus): string {
  const reasons = [...(failureReason === undefined ? [] : [failureReason]), ...validationErrors];
  return `it has ended as ${phase}, with ${errors} ${errors === 1 ? 'error' : 'errors'} and ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}${reasons.length === 0 ? '' : `: ${listed(reasons, 5, '; ')}`}.`;
}
