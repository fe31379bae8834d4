import { listAt, recordAt, valueAt, type JsonRecord, type KubeObject } from '../json.js';
import type { ApiContext } from './context.js';
import { deleteObject } from './deletion.js';
import { kindKey } from './kinds.js';
import { objectKey } from './object-table.js';
import { badRequest, notFound, StatusError } from './status-error.js';
import type { WriteRequest } from './writes.js';

const budgetsKey = 'policy/poddisruptionbudgets';

/**
 * The subresource `eviction` of a pod: deletes it where every PodDisruptionBudget allows that. Pods are what somebody has made, all of them healthy, and nobody makes another one in a gone
 * one's place: an expected number of pods is the number that is there. Budgets with `matchExpressions` are refused.
 * @throws StatusError 404, 429 where a budget forbids it, 500 where two cover the pod.
 */
export function evict(context: ApiContext, { kind, namespace, name = '', dryRun }: WriteRequest, body: JsonRecord): JsonRecord {
  if (body['apiVersion'] !== 'policy/v1' || body['kind'] !== 'Eviction') throw badRequest('the body is no Eviction of policy/v1');
  const pod = context.table.get(kindKey(kind), objectKey(namespace, name))?.object;
  if (pod === undefined) throw notFound({ plural: kind.plural, name });
  const budgets = context.table.entries(budgetsKey).map(([, { object }]) => object).filter((budget) => budget.metadata.namespace === namespace && covers(budget, pod));
  const [budget, ...more] = budgets;
  if (more.length > 0) throw new StatusError(500, 'InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  if (budget !== undefined) requireAllowed(budget, podsUnder(context, kindKey(kind), budget));
  deleteObject(context, { kind, namespace, name, dryRun, propagation: undefined, preconditions: recordAt(body, 'deleteOptions', 'preconditions') });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  if (listAt(budget, 'spec', 'selector', 'matchExpressions').length > 0) throw badRequest('the simulated API server understands budgets with matchLabels only');
  // In policy/v1 an empty selector covers every pod of the namespace, and a missing one none.
  if (valueAt(budget, 'spec', 'selector') === undefined) return false;
  return Object.entries(recordAt(budget, 'spec', 'selector', 'matchLabels')).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function podsUnder(context: ApiContext, podsKey: string, budget: KubeObject): number {
  return context.table.entries(podsKey).filter(([, { object }]) => object.metadata.namespace === budget.metadata.namespace && object.metadata.deletionTimestamp === undefined && covers(budget, object)).length;
}

function requireAllowed(budget: KubeObject, healthy: number): void {
  const most = valueAt(budget, 'spec', 'maxUnavailable');
  const needed = most === undefined ? share(valueAt(budget, 'spec', 'minAvailable') ?? 1, healthy) : healthy - share(most, healthy);
  if (healthy - 1 >= needed) return;
  throw new StatusError(429, 'TooManyRequests', 'Cannot evict pod as it would violate the pod\'s disruption budget.', undefined, [
    { reason: 'DisruptionBudget', message: `The disruption budget ${budget.metadata.name} needs ${needed} healthy pods and has ${healthy} currently` },
  ]);
}

/** A number, or a percentage that is rounded up. */
function share(value: unknown, of: number): number {
  return typeof value === 'string' && value.endsWith('%') ? Math.ceil((Number.parseFloat(value) / 100) * of) : Number(value);
}
