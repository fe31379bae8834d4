import type { KubeObject } from '../json.js';
import type { ApiContext } from './context.js';
import { apiVersionOf, kindKey, type KindEntry } from './kinds.js';
import { objectKey, type StoredObject } from './object-table.js';
import type { Selection } from './selectors.js';
import { badRequest, notFound, StatusError } from './status-error.js';
import { networkPlugins, nodeStatus, workloadStatus, type ClusterView } from './workloads.js';

const nodesKey = '/nodes';
const workloadKinds = new Set(['apps/deployments', 'apps/daemonsets', 'apps/statefulsets', 'apps/replicasets', 'batch/jobs']);

/** Reads one object, its status worked out for this moment. @throws StatusError 404. */
export function getObject(context: ApiContext, kind: KindEntry, namespace: string | undefined, name: string): KubeObject {
  const stored = context.table.get(kindKey(kind), objectKey(namespace, name));
  if (stored === undefined) throw notFound({ group: kind.group, plural: kind.plural, name });
  return presented(context, kind, stored, () => clusterView(context));
}

/** A page of a list. */
export interface Page {
  items: KubeObject[];
  continueToken: string | undefined;
  remaining: number;
}

/** Lists a kind in key order. `limit` 0 means all; `continueToken` is the one of the page before. */
export function listObjects(context: ApiContext, kind: KindEntry, namespace: string | undefined, select: Selection, limit = 0, continueToken?: string): Page {
  const after = continueToken === undefined ? undefined : decodeToken(continueToken);
  const view = lazily(() => clusterView(context));
  const chosen = context.table.entries(kindKey(kind))
    .filter(([key, { object }]) => (namespace === undefined || object.metadata.namespace === namespace) && (after === undefined || key > after) && select(object))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const page = limit > 0 ? chosen.slice(0, limit) : chosen;
  const last = page.at(-1);
  const remaining = chosen.length - page.length;
  return {
    items: page.map(([, stored]) => presented(context, kind, stored, view)),
    continueToken: remaining > 0 && last !== undefined ? Buffer.from(last[0]).toString('base64url') : undefined,
    remaining,
  };
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (!key.includes('/')) throw badRequest('continue key is not valid');
  return key;
}

/** The object as this version of its kind, with the status of this moment. */
function presented(context: ApiContext, kind: KindEntry, stored: StoredObject, view: () => ClusterView): KubeObject {
  const key = kindKey(kind);
  const object = stored.object.apiVersion === apiVersionOf(kind) ? stored.object : { ...stored.object, apiVersion: apiVersionOf(kind) };
  if (key === nodesKey) return nodeStatus(object, view());
  return workloadKinds.has(key) ? workloadStatus(object, view(), hasStarted(context, stored)) : object;
}

/** The status of an object that was just written. */
export function withCurrentStatus(context: ApiContext, kind: KindEntry, object: KubeObject): KubeObject {
  const stored = context.table.get(kindKey(kind), objectKey(object.metadata.namespace, object.metadata.name));
  return presented(context, kind, { object, changedAt: stored?.changedAt ?? context.now() }, () => clusterView(context));
}

function hasStarted(context: ApiContext, stored: StoredObject): boolean {
  return context.now() >= stored.changedAt + context.timings.workloadStart;
}

function clusterView(context: ApiContext): ClusterView {
  const created = (object: KubeObject): number => Date.parse(object.metadata.creationTimestamp ?? '') || 0;
  const networkReady = context.table.entries('apps/daemonsets').some(([, { object }]) =>
    networkPlugins.includes(object.metadata.name) && object.metadata.deletionTimestamp === undefined && context.now() >= created(object) + context.timings.workloadStart);
  return { nodes: context.table.entries(nodesKey).map(([, { object }]) => object), networkReady };
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** @throws StatusError unless the namespace exists and takes new objects. */
export function requireOpenNamespace(context: ApiContext, kind: KindEntry, namespace: string, name: string): void {
  const stored = context.table.get('/namespaces', objectKey(undefined, namespace));
  if (stored === undefined) throw notFound({ plural: 'namespaces', name: namespace });
  if (stored.object.metadata.deletionTimestamp === undefined) return;
  throw new StatusError(403, 'Forbidden', `${kind.plural}${kind.group === '' ? '' : `.${kind.group}`} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    { group: kind.group, plural: kind.plural, name }, [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }]);
}
