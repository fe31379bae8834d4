import { isDeepStrictEqual } from 'node:util';
import { stringAt, type JsonRecord, type KubeObject } from '../json.js';
import { timestamp, type ApiContext } from './context.js';
import { withDefaults } from './defaults.js';
import { kindKey, type KindEntry } from './kinds.js';
import { objectKey } from './object-table.js';
import { conflict, forbidden, notFound } from './status-error.js';

/** Namespaces that cannot be deleted. */
const protectedNamespaces = new Set(['default', 'kube-system', 'kube-public']);
const namespacesKey = '/namespaces';
const definitionsKey = 'apiextensions.k8s.io/customresourcedefinitions';

/** What a deletion asks for. */
export interface DeleteRequest {
  kind: KindEntry;
  namespace: string | undefined;
  name: string;
  dryRun: boolean;
  /** `Orphan` leaves dependants; anything else deletes them with their owner. */
  propagation: string | undefined;
  /** `uid` and `resourceVersion` that the object must have. */
  preconditions: JsonRecord;
}

/** Deletes an object: answers it while finalizers hold it, else undefined. @throws StatusError 404, 409 on preconditions, 403 for system namespaces. */
export function deleteObject(context: ApiContext, request: DeleteRequest): KubeObject | undefined {
  const { kind, namespace, name } = request;
  const target = { group: kind.group, plural: kind.plural, name };
  const key = objectKey(namespace, name);
  const live = context.table.get(kindKey(kind), key)?.object;
  if (live === undefined) throw notFound(target);
  for (const field of ['uid', 'resourceVersion']) {
    const wanted = stringAt(request.preconditions, field);
    if (wanted !== undefined && wanted !== live.metadata[field]) throw conflict(target, `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${String(live.metadata[field])}`);
  }
  if (kindKey(kind) === namespacesKey && protectedNamespaces.has(name)) throw forbidden(target, 'this namespace may not be deleted');
  if (request.dryRun) return live;
  if (request.propagation === 'Orphan') releaseDependants(context, live);
  markDeleted(context, kindKey(kind), key);
  return context.table.get(kindKey(kind), key)?.object;
}

/** Starts the deletion of an object and ends it at once where nothing holds it. */
function markDeleted(context: ApiContext, kind: string, key: string): void {
  const stored = context.table.get(kind, key);
  if (stored === undefined) return;
  if (stored.object.metadata.deletionTimestamp === undefined) {
    const marked: KubeObject = { ...stored.object, metadata: { ...stored.object.metadata, deletionTimestamp: timestamp(context) } };
    const namespaceKind = context.kinds.find('', 'v1', 'namespaces');
    // The clock's milliseconds of the deletion replace those of the last change: a namespace's end is reckoned from them.
    context.table.put(kind, key, kind === namespacesKey && namespaceKind !== undefined ? withDefaults(namespaceKind, marked) : marked, context.now());
  }
  if (kind === namespacesKey) emptyNamespace(context, stored.object.metadata.name);
  if (kind === definitionsKey) for (const custom of context.kinds.undefine(stored.object.metadata.name)) {
    for (const [customKey] of context.table.entries(kindKey(custom))) markDeleted(context, kindKey(custom), customKey);
  }
  finishDeletion(context, kind, key);
}

/** Ends the deletion of an object that is marked, if nothing holds it any more. Answers whether it is gone. */
export function finishDeletion(context: ApiContext, kind: string, key: string): boolean {
  const stored = context.table.get(kind, key);
  if (stored === undefined) return true;
  const { metadata } = stored.object;
  if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return false;
  if (kind === namespacesKey && (context.now() < stored.changedAt + context.timings.namespaceEnd || contentsOf(context, metadata.name).length > 0)) return false;
  context.table.remove(kind, key);
  collectDependants(context, stored.object);
  return true;
}

/** Ends namespaces that had the time to go. Called before every request, so that no timer is needed. */
export function settleNamespaces(context: ApiContext): void {
  for (const [key, { object }] of context.table.entries(namespacesKey)) if (object.metadata.deletionTimestamp !== undefined) finishDeletion(context, namespacesKey, key);
}

function contentsOf(context: ApiContext, namespace: string): [string, string][] {
  return context.table.everything().filter(([, , { object }]) => object.metadata.namespace === namespace).map(([kind, key]) => [kind, key]);
}

function emptyNamespace(context: ApiContext, namespace: string): void {
  for (const [kind, key] of contentsOf(context, namespace)) markDeleted(context, kind, key);
}

/** Deletes what names a gone object as its owner and has no other. */
function collectDependants(context: ApiContext, owner: KubeObject): void {
  for (const [kind, key, { object, changedAt }] of context.table.everything()) {
    const owners = object.metadata.ownerReferences;
    if (owners === undefined || !owners.some((reference) => reference['uid'] === owner.metadata.uid)) continue;
    const others = owners.filter((reference) => reference['uid'] !== owner.metadata.uid);
    if (others.length === 0) markDeleted(context, kind, key);
    else context.table.put(kind, key, { ...object, metadata: { ...object.metadata, ownerReferences: others } }, changedAt);
  }
}

function releaseDependants(context: ApiContext, owner: KubeObject): void {
  for (const [kind, key, { object, changedAt }] of context.table.everything()) {
    const owners = object.metadata.ownerReferences ?? [];
    const others = owners.filter((reference) => reference['uid'] !== owner.metadata.uid);
    if (!isDeepStrictEqual(owners, others)) context.table.put(kind, key, { ...object, metadata: { ...object.metadata, ownerReferences: others } }, changedAt);
  }
}
