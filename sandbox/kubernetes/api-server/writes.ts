import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isRecord, recordAt, without, type KubeObject, type ObjectMeta } from '../json.js';
import { admit } from './admission.js';
import { apply, bookUpdate, type Writer } from './apply.js';
import { timestamp, type ApiContext } from './context.js';
import { withDefaults } from './defaults.js';
import { finishDeletion } from './deletion.js';
import type { Identity } from './identity.js';
import { apiVersionOf, kindKey, type KindEntry } from './kinds.js';
import { mergePatch } from './merge-patch.js';
import { objectKey } from './object-table.js';
import { requireOpenNamespace, withCurrentStatus } from './reads.js';
import { alreadyExists, badRequest, conflict, invalid, notFound, type StatusTarget } from './status-error.js';
import { faultsOf, immutableFaults } from './validation.js';

/** Where a write goes and how it is done. */
export interface WriteRequest {
  kind: KindEntry;
  namespace: string | undefined;
  /** Absent on create: the body has it. */
  name: string | undefined;
  /** Field manager. */
  manager: string;
  /** Check everything, keep nothing. */
  dryRun: boolean;
  /** `status`: only the status is written; otherwise the status is left alone. */
  subresource: string | undefined;
  /** Who asks, for admission; undefined for the control plane itself. */
  identity?: Identity;
}

/** The object after a write, and whether it is new. */
export interface WriteResult {
  object: KubeObject;
  created: boolean;
}

/** POST. @throws StatusError 409 where the name is taken. */
export function createObject(context: ApiContext, request: WriteRequest, body: unknown): WriteResult {
  const object = incoming(request, body, false);
  if (liveObject(context, request, object.metadata.name) !== undefined) throw alreadyExists(targetOf(request, object.metadata.name));
  return commit(context, request, undefined, bookUpdate(undefined, object, writerOf(context, request)));
}

/** PUT. @throws StatusError 404, or 409 where `metadata.resourceVersion` is given and old. */
export function replaceObject(context: ApiContext, request: WriteRequest, body: unknown): WriteResult {
  const object = incoming(request, body, true);
  const live = requireLive(context, request, object.metadata.name);
  requireVersion(request, live, object);
  const next = request.subresource === 'status' ? { ...live, status: object['status'] } : { ...object, metadata: serverMetadata(object.metadata, live.metadata) };
  return commit(context, request, live, bookUpdate(live, keepStatus(request, live, next), writerOf(context, request)));
}

/** Merge patch (RFC 7396). @throws StatusError 404, or 409 where the patch names an old resource version. */
export function mergeObject(context: ApiContext, request: WriteRequest, patch: unknown): WriteResult {
  if (!isRecord(patch)) throw badRequest('a merge patch must be an object');
  const live = requireLive(context, request, request.name ?? '');
  return replaceObject(context, request, mergePatch({ ...live, metadata: without(live.metadata, 'resourceVersion') }, patch));
}

/** Server-side apply; creates what is not there. @throws StatusError 409 on conflicts between managers unless `force`. */
export function applyObject(context: ApiContext, request: WriteRequest, body: unknown, force: boolean): WriteResult {
  const applied = incoming(request, body, false);
  const live = liveObject(context, request, applied.metadata.name);
  if (live === undefined && request.subresource !== undefined) throw notFound(targetOf(request, applied.metadata.name));
  if (live !== undefined) requireVersion(request, live, applied);
  const scoped = request.subresource === 'status' ? { apiVersion: applied.apiVersion, kind: applied.kind, metadata: { name: applied.metadata.name }, status: applied['status'] }
    : request.kind.hasStatus === false ? applied : (without(applied, 'status') as KubeObject);
  const next = apply(live, withGivenStrings(request.kind, scoped), writerOf(context, request), force, targetOf(request, applied.metadata.name));
  return commit(context, request, live, live === undefined ? next : { ...next, metadata: serverMetadata(next.metadata, live.metadata) });
}

/** Checks and keeps an object; a write that changes nothing keeps the resource version. */
function commit(context: ApiContext, request: WriteRequest, live: KubeObject | undefined, object: KubeObject): WriteResult {
  const { kind } = request;
  const { name } = object.metadata;
  const target = targetOf(request, name);
  if (live === undefined && kind.namespaced && request.namespace !== undefined) requireOpenNamespace(context, kind, request.namespace, name);
  const metadata: ObjectMeta = live === undefined
    ? { ...object.metadata, ...(request.namespace === undefined ? {} : { namespace: request.namespace }), uid: randomUUID(), creationTimestamp: timestamp(context), generation: 1 }
    : { ...object.metadata };
  let next = request.subresource === undefined ? withDefaults(kind, { ...object, metadata }) : { ...object, metadata };
  const faults = [...faultsOf(kind, next), ...(live === undefined ? [] : immutableFaults(kind, live, next))];
  if (faults.length > 0) throw invalid(kind.kind, target, faults);
  const specChanged = live === undefined || !isDeepStrictEqual(contentOf(live), contentOf(next));
  if (live !== undefined && specChanged) next = { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 1) + 1 } };
  admit(context, { kind, subresource: request.subresource, identity: request.identity }, next, live);
  if (live !== undefined && isDeepStrictEqual(comparable(live), comparable(next))) return { object: withCurrentStatus(context, kind, live), created: false };
  if (request.dryRun) return { object: withCurrentStatus(context, kind, next), created: live === undefined };

  const key = objectKey(request.namespace, name);
  const changedAt = specChanged ? context.now() : (context.table.get(kindKey(kind), key)?.changedAt ?? context.now());
  const kept = context.table.put(kindKey(kind), key, next, changedAt);
  if (kind.kind === 'CustomResourceDefinition') context.kinds.define(kept);
  if (kind.kind === 'Namespace' && live === undefined) populateNamespace(context, name);
  const gone = kept.metadata.deletionTimestamp !== undefined && finishDeletion(context, kindKey(kind), key);
  return { object: gone ? kept : withCurrentStatus(context, kind, kept), created: live === undefined };
}

/** What every namespace has from the start. */
function populateNamespace(context: ApiContext, namespace: string): void {
  const object: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace, uid: randomUUID(), creationTimestamp: timestamp(context) } };
  context.table.put('/serviceaccounts', objectKey(namespace, 'default'), object, context.now());
}

/** The body of a request, checked against its path. What only the server may set is dropped. */
function incoming(request: WriteRequest, body: unknown, keepMetadata: boolean): KubeObject {
  const { kind } = request;
  if (!isRecord(body)) throw badRequest('the body is not an object');
  const { apiVersion, kind: bodyKind } = body;
  if (apiVersion !== apiVersionOf(kind) || bodyKind !== kind.kind) {
    throw badRequest(`${String(bodyKind)} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${kind.kind}: the data must be ${apiVersionOf(kind)}, Kind=${kind.kind}`);
  }
  const metadata = recordAt(body, 'metadata');
  const name = metadata['name'] ?? request.name;
  if (typeof name !== 'string' || name === '') {
    const message = metadata['generateName'] === undefined ? 'Required value: name or generateName is required' : 'Required value: generated names are not simulated; give a name';
    throw invalid(kind.kind, targetOf(request, ''), [{ field: 'metadata.name', message }]);
  }
  if (request.name !== undefined && name !== request.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`);
  const namespace = metadata['namespace'];
  if (namespace !== undefined && namespace !== (request.namespace ?? '')) {
    throw badRequest(kind.namespaced ? `the namespace of the provided object does not match the namespace sent on the request` : 'namespace may not be set on a cluster-wide object');
  }
  const dropped = ['managedFields', 'selfLink', ...(keepMetadata ? [] : ['uid', 'creationTimestamp', 'deletionTimestamp', 'generation'])];
  return { ...body, apiVersion, kind: bodyKind, metadata: { ...without(metadata, ...dropped), name } };
}

/** Secrets: `stringData` is stored, owned and compared as `data`. */
function withGivenStrings(kind: KindEntry, object: KubeObject): KubeObject {
  return kind.kind === 'Secret' && kind.group === '' && isRecord(object['stringData']) ? withDefaults(kind, object) : object;
}

/** Status as it was, for a write that is not for the status; a new object of a kind with status has none yet. */
function keepStatus(request: WriteRequest, live: KubeObject, next: KubeObject): KubeObject {
  if (request.subresource === 'status' || request.kind.hasStatus === false) return next;
  const rest = without(next, 'status') as KubeObject;
  return live['status'] === undefined ? rest : { ...rest, status: live['status'] };
}

function serverMetadata(wanted: ObjectMeta, live: ObjectMeta): ObjectMeta {
  const { uid, creationTimestamp, deletionTimestamp, generation, resourceVersion, namespace } = live;
  const kept = Object.fromEntries(Object.entries({ uid, creationTimestamp, deletionTimestamp, generation, resourceVersion, namespace }).filter(([, value]) => value !== undefined));
  return { ...(without(wanted, 'deletionTimestamp') as ObjectMeta), ...kept };
}

function contentOf(object: KubeObject): unknown {
  return without(object, 'metadata', 'status', 'apiVersion');
}

/** What decides whether a write changed anything: all but versions and the times in managedFields. */
function comparable(object: KubeObject): unknown {
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => without(entry, 'time'));
  return { ...object, metadata: { ...without(object.metadata, 'resourceVersion'), managedFields } };
}

function liveObject(context: ApiContext, request: WriteRequest, name: string): KubeObject | undefined {
  return context.table.get(kindKey(request.kind), objectKey(request.namespace, name))?.object;
}

function requireLive(context: ApiContext, request: WriteRequest, name: string): KubeObject {
  const live = liveObject(context, request, name);
  if (live === undefined) throw notFound(targetOf(request, name));
  return live;
}

function requireVersion(request: WriteRequest, live: KubeObject, object: KubeObject): void {
  const { resourceVersion, uid } = object.metadata;
  if (uid !== undefined && uid !== live.metadata.uid) throw conflict(targetOf(request, live.metadata.name), `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`);
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(targetOf(request, live.metadata.name), 'the object has been modified; please apply your changes to the latest version and try again');
  }
}

function writerOf(context: ApiContext, request: WriteRequest): Writer {
  return { manager: request.manager, time: timestamp(context), custom: request.kind.custom === true, subresource: request.subresource };
}

function targetOf(request: WriteRequest, name: string): StatusTarget {
  return { group: request.kind.group, plural: request.kind.plural, name };
}
