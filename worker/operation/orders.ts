import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import { leavesStopped, type NodeOrder, type OrderTask } from '../../model/orders.js';
import type { NodeStep } from '../../model/rendezvous.js';
import type { Cloud } from '../cloud/index.js';
import type { OperationContext } from './context.js';
import { pollWithin } from './poll.js';

/** Whether an error is a control plane's own: that it failed at an order, or did not answer it. */
export function isOrderFailure(error: unknown): error is ClusterwrightError & { readonly code: 'order-failed' | 'order-unanswered' } {
  return isClusterwrightError(error) && (error.code === 'order-failed' || error.code === 'order-unanswered');
}

/** What of an operation its orders need. */
export type OrderContext = Pick<OperationContext, 'job'> & { readonly cloud: Pick<Cloud, 'giveOrder' | 'orderOf' | 'orderAnswer' | 'nodeSteps'> };

/** What is ordered. */
export interface Order {
  readonly task: OrderTask;
  readonly arguments?: readonly string[];
  /** What tells this order from the others that the job gives the same node. An order that the job has given before, in an earlier attempt too, is not given again: its answer counts. */
  readonly step: string;
  /** How long the node may take, in milliseconds, its next look at its orders included. */
  readonly limitMs: number;
}

/**
 * The control planes that have joined, by the names of their nodes, in the order of their numbers. What a machine has told stays when it is gone: of those of one number the last one counts.
 * @param most the highest number that counts; one that was there during an upgrade only has a higher one
 */
export async function orderableNodes({ cloud }: Pick<OrderContext, 'cloud'>, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  return [...controlPlaneSteps(await cloud.nodeSteps())].sort(([a], [b]) => a - b).flatMap(([index, { node, step }]) => (index <= most && step === 'joined' ? [node] : []));
}

/** The last step of each control plane, by its number. Pure. */
export function controlPlaneSteps(steps: readonly NodeStep[]): Map<number, NodeStep> {
  const told = steps.filter(({ role }) => role === 'control-plane').sort((a, b) => a.at.localeCompare(b.at));
  return new Map(told.map((step) => [step.index ?? 0, step]));
}

/**
 * Has a control plane do something, and gives what it answers. One that a restore has stopped is ordered nothing but that restore's own steps: its newest order is what tells that it has to be
 * started. Throws `order-failed`, with the node's own words where it has any, or `order-unanswered`.
 */
export async function ordered({ cloud, job }: OrderContext, node: string, { task, step, limitMs, arguments: words = [] }: Order, signal: AbortSignal): Promise<unknown> {
  const order: NodeOrder = { id: `${job.id}.${step}`, task, arguments: [...words] };
  const answerTo = async () => {
    const answer = await cloud.orderAnswer(node);
    return answer?.id === order.id ? answer : undefined;
  };
  if ((await answerTo()) === undefined) {
    const newest = await cloud.orderOf(node);
    if (task !== 'etcd-restore' && newest !== undefined && leavesStopped(newest, await cloud.orderAnswer(node))) {
      throw new ClusterwrightError('order-failed', `${node}, "${task}": a restore that was cut off has stopped it. A repair of the cluster starts it again.`, { resource: node });
    }
    await cloud.giveOrder(node, order);
  }
  const { state, result, message } = await pollWithin(limitMs, signal, answerTo, () =>
    new ClusterwrightError('order-unanswered', `${node} has not answered the order "${task}" within ${Math.round(limitMs / 60_000)} minutes.`, { resource: node }));
  if (state === 'failed') throw new ClusterwrightError('order-failed', `${node}, "${task}": ${message ?? 'it gave no reason.'}`, { resource: node });
  return result;
}
