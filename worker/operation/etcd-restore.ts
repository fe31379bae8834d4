import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import { leavesStopped, restoreStep, restoreSteps, type RestoreStep } from '../../model/orders.js';
import type { EtcdBackup } from '../../model/report.js';
import type { Cloud } from '../cloud/index.js';
import type { OperationContext } from './context.js';
import { tell } from './kubernetes-made.js';
import { orderableNodes, ordered, type Order, type OrderContext } from './orders.js';

/** What of an operation taking etcd back needs. */
export type RestoreContext = OrderContext & Pick<OperationContext, 'report' | 'spec'> & { readonly cloud: Pick<Cloud, 'etcdSnapshots'> };

/** How long a control plane may take, in milliseconds: for the most that etcd may hold, for the 30 s that an API server takes to end, and for what a start waits for by itself (ten minutes). */
const limits: Readonly<Record<RestoreStep, number>> = { prepare: 20 * 60_000, stop: 5 * 60_000, start: 12 * 60_000 };
/** All steps together, and the way back where the control planes could not be stopped. */
export const etcdRestoreMs = limits.prepare + limits.stop + 2 * limits.start;

/** The restore that the newest orders of control planes belong to. */
interface Begun {
  /** Order ids of all of them begin with this: the job's, and which part of the job gave them. */
  readonly givers: ReadonlySet<string>;
  /** How far it is at most. */
  readonly step: RestoreStep;
  /** What the prepared data are called; undefined as long as nobody was told to put them in place. */
  readonly id: string | undefined;
  /** Whether a control plane may be stopped, now or as soon as it looks. */
  readonly isOpen: boolean;
}

/** A job's own restore, and the start that ends one which was left. The latter is another order in each attempt: between two of them the control planes may have been stopped once more. */
const ownGiver = ({ job }: Pick<OperationContext, 'job'>): string => `${job.id}.restore`;
const settlingGiver = ({ job }: Pick<OperationContext, 'job'>): string => `${job.id}.settle-${job.attempt}`;

/** Whether this job's restore has gone beyond what can be left at any moment: control planes may be stopped, and go on to the end. */
export async function isRestoreBegun(context: RestoreContext): Promise<boolean> {
  const begun = await begunRestore(context, await orderableNodes(context, context.spec.controlPlane.replicas));
  return begun !== undefined && begun.step !== 'prepare' && isOwn(context, begun);
}

/**
 * Takes etcd back to a backup, on all control planes. Until they are stopped, the signal ends it and nothing has changed. From then on it goes on to the end whatever comes, since an API
 * server that is away helps nobody; the signal counts again after that. An attempt after one that was cut off goes on where the orders say that it was: data that are in place stay there.
 * Throws `backup-unusable`, `order-failed` and `order-unanswered`.
 */
export async function restoreEtcd(context: RestoreContext, from: string, signal: AbortSignal): Promise<void> {
  const { id } = context.job;
  const nodes = await orderableNodes(context, context.spec.controlPlane.replicas);
  const begun = await begunRestore(context, nodes);
  const step = begun !== undefined && isOwn(context, begun) ? begun.step : 'prepare';
  if (step === 'prepare') {
    const { members } = await usableBackup(context, from);
    if (members.length !== nodes.length || !members.every((member) => nodes.includes(member))) {
      throw new ClusterwrightError('backup-unusable', `${from} is of the control planes ${members.join(', ')}; those of today are ${nodes.join(', ')}.`, { resource: from });
    }
    await onAll(nodes, (node) => orderStep(context, node, ownGiver(context), 'prepare', [from, id], signal));
  }
  const toTheEnd = new AbortController().signal;
  if (step !== 'start') {
    signal.throwIfAborted();
    tell(context, 'info', `The data of ${from} lie ready. The control planes are stopped: the API server is away until they start with them.`);
    try {
      await onAll(nodes, (node) => orderStep(context, node, ownGiver(context), 'stop', [], toTheEnd));
    } catch (error) {
      tell(context, 'warning', 'Not all control planes could be stopped: they start again as they were.');
      await start(context, nodes, settlingGiver(context), undefined, toTheEnd).catch((failure: unknown) => tell(context, 'warning', isClusterwrightError(failure) ? failure.message : 'They could not be started; a repair of the cluster does.'));
      throw error;
    }
  }
  await start(context, nodes, ownGiver(context), id, toTheEnd);
  tell(context, 'info', `etcd is what it was as ${from}.`);
  signal.throwIfAborted();
}

/**
 * Ends a restore that an earlier attempt or job has left while control planes were stopped: with the snapshot's data where one of them was told to take those, else with the ones that were there.
 * The job's own restore is left alone as long as nobody wants the job to end: its phase goes on with it.
 */
export async function settleRestore(context: RestoreContext, signal: AbortSignal): Promise<void> {
  const nodes = await orderableNodes(context, context.spec.controlPlane.replicas);
  const begun = await begunRestore(context, nodes);
  if (begun?.isOpen !== true || (context.job.cancellation === null && isOwn(context, begun))) return;
  tell(context, 'warning', `A restore of etcd was left in the middle. The control planes are started with ${begun.id === undefined ? 'the data that they had' : 'the data of the backup'}.`);
  await start(context, nodes, settlingGiver(context), begun.id, signal);
}

function isOwn(context: RestoreContext, { givers }: Begun): boolean {
  return [...givers].every((giver) => giver === ownGiver(context));
}

/** What the control planes were ordered of a restore last; undefined where their newest orders are no part of one. */
async function begunRestore({ cloud }: RestoreContext, nodes: readonly string[]): Promise<Begun | undefined> {
  const seen = await Promise.all(nodes.map(async (node) => ({ order: await cloud.orderOf(node), answer: await cloud.orderAnswer(node) })));
  const found = seen.flatMap(({ order, answer }) => {
    const step = order === undefined ? undefined : restoreStep(order);
    return order === undefined || step === undefined ? [] : [{ step, id: order.arguments[1], giver: order.id.slice(0, order.id.lastIndexOf('.')), isOpen: leavesStopped(order, answer) }];
  });
  const furthest = [...restoreSteps].reverse().find((step) => found.some((one) => one.step === step));
  if (furthest === undefined) return undefined;
  return {
    step: furthest,
    givers: new Set(found.map(({ giver }) => giver)),
    id: found.find(({ step, id }) => step === 'start' && id !== undefined)?.id,
    isOpen: found.some(({ isOpen }) => isOpen),
  };
}

/** A backup, before anything is done with it. Throws `backup-unusable` where it is not there. */
export async function usableBackup({ cloud, spec }: Pick<RestoreContext, 'cloud' | 'spec'>, from: string): Promise<EtcdBackup> {
  const backup = (await cloud.etcdSnapshots()).find(({ id }) => id === from);
  if (backup === undefined) throw new ClusterwrightError('backup-unusable', `${spec.name} has no backup ${from} any more.`, { resource: from });
  return backup;
}

/** Starts all control planes, with the data that were prepared as `id`. The ones that do not come along are left behind where a majority does: what follows brings them back, as it does with one that dies. */
async function start(context: RestoreContext, nodes: readonly string[], giver: string, id: string | undefined, signal: AbortSignal): Promise<void> {
  const failures: ClusterwrightError[] = [];
  await Promise.all(nodes.map((node) => orderStep(context, node, giver, 'start', id === undefined ? [] : [id], signal).catch((error: unknown) => {
    if (!isClusterwrightError(error)) throw error;
    failures.push(error);
  })));
  const [first] = failures;
  if (first !== undefined && failures.length >= nodes.length / 2) throw first;
  for (const { message } of failures) tell(context, 'warning', `${message} The others are enough to go on.`);
}

/** Waits for all, and throws what the first of them failed of. */
async function onAll(nodes: readonly string[], doing: (node: string) => Promise<unknown>): Promise<void> {
  const ended = await Promise.allSettled(nodes.map(doing));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function orderStep(context: RestoreContext, node: string, giver: string, step: RestoreStep, words: readonly string[], signal: AbortSignal): Promise<void> {
  const order: Order = { task: 'etcd-restore', arguments: [step, ...words], step: `${giver.slice(context.job.id.length + 1)}.${step}`, limitMs: limits[step] };
  await ordered(context, node, order, signal);
}
