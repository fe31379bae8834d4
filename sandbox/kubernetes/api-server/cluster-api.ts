import type { Journal } from '../../inventory/journal.js';
import type { KubeObject } from '../json.js';
import type { ApiContext, ClusterTimings } from './context.js';
import { deleteObject, finishDeletion, settleNamespaces } from './deletion.js';
import type { Identity } from './identity.js';
import { KindRegistry } from './kind-registry.js';
import { kindKey, type KindEntry } from './kinds.js';
import { objectKey, ObjectTable, type StoredObject } from './object-table.js';
import { applyObject, createObject, replaceObject, type WriteRequest } from './writes.js';
import { getObject } from './reads.js';
import { noSuchResource, StatusError } from './status-error.js';

const firstNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const definitionsKind = 'apiextensions.k8s.io/customresourcedefinitions';
const systemManager = 'simulated-control-plane';

/** What acts on a cluster's objects beside the API server. Called whenever one may have changed. */
export type Controllers = (api: ClusterApi) => void;

/** The objects of one cluster and what can be done with them in this process; HTTP comes on top. */
export class ClusterApi {
  readonly context: ApiContext;

  /** Opens what the journal has, and makes what every cluster has from the start. */
  constructor(journal: Journal, now: () => number, timings: ClusterTimings, private readonly controllers: Controllers = () => undefined) {
    const table = new ObjectTable(journal);
    const kinds = new KindRegistry();
    this.context = { table, kinds, now, timings };
    this.defineKinds();
    for (const name of firstNamespaces) this.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** Ends what had the time to end, and lets the controllers act. Call before every request and after every write. */
  settle(): void {
    settleNamespaces(this.context);
    this.controllers(this);
  }

  /** Makes an object as the control plane does, or leaves it as it is. */
  ensure(object: KubeObject): void {
    const kind = this.kindOf(object);
    if (this.context.table.get(kindKey(kind), objectKey(object.metadata.namespace, object.metadata.name)) === undefined) this.apply(object);
  }

  /** Applies an object as the control plane does, its status included; conflicts are forced. */
  apply(object: KubeObject): void {
    const kind = this.kindOf(object);
    const request = { kind, namespace: object.metadata.namespace, name: object.metadata.name, manager: systemManager, dryRun: false, subresource: undefined };
    applyObject(this.context, request, object, true);
    if (object['status'] !== undefined) applyObject(this.context, { ...request, subresource: 'status' }, object, true);
  }

  /** All objects of a kind (`group/plural`), as they are kept. */
  objects(kind: string): KubeObject[] {
    return this.context.table.entries(kind).map(([, { object }]) => object);
  }

  /** Keeps an object as a controller has changed it, finalizers and status included; ends its deletion where nothing holds it any more. */
  put(kind: string, object: KubeObject): void {
    const key = objectKey(object.metadata.namespace, object.metadata.name);
    this.context.table.put(kind, key, object, this.context.table.get(kind, key)?.changedAt ?? this.context.now());
    finishDeletion(this.context, kind, key);
  }

  /** Makes an object as a controller does, through admission. @throws StatusError */
  create(object: KubeObject, identity: Identity): void {
    createObject(this.context, this.writeOf(object, identity), object);
  }

  /** Writes an object in the place of the one that is there, as a controller does, through admission. @throws StatusError */
  replace(object: KubeObject, identity: Identity): void {
    replaceObject(this.context, this.writeOf(object, identity), object);
  }

  /** Reads an object, or undefined where it is not there. */
  find(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject | undefined {
    const entry = this.kindOf({ apiVersion, kind, metadata: { name } });
    return this.context.table.get(kindKey(entry), objectKey(namespace, name)) === undefined ? undefined : getObject(this.context, entry, namespace, name);
  }

  /** Deletes an object if it is there. */
  remove(apiVersion: string, kind: string, name: string, namespace?: string): void {
    try {
      deleteObject(this.context, { kind: this.kindOf({ apiVersion, kind, metadata: { name } }), namespace, name, dryRun: false, propagation: undefined, preconditions: {} });
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
    }
  }

  /** Puts the objects of a snapshot in the place of all that there are, as an etcd that was taken back has them. */
  restore(rows: readonly [string, string, StoredObject][]): void {
    for (const { metadata } of this.objects(definitionsKind)) this.context.kinds.undefine(metadata.name);
    this.context.table.replace(rows);
    this.defineKinds();
  }

  private defineKinds(): void {
    for (const definition of this.objects(definitionsKind)) if (definition.metadata.deletionTimestamp === undefined) this.context.kinds.define(definition);
  }

  private writeOf(object: KubeObject, identity: Identity): WriteRequest {
    return { kind: this.kindOf(object), namespace: object.metadata.namespace, name: object.metadata.name, manager: 'kube-controller-manager', dryRun: false, subresource: undefined, identity };
  }

  private kindOf(object: KubeObject): KindEntry {
    const kind = this.context.kinds.all().find((entry) => entry.kind === object.kind && (entry.group === '' ? entry.version : `${entry.group}/${entry.version}`) === object.apiVersion);
    if (kind === undefined) throw noSuchResource();
    return kind;
  }
}
