import type { Journal } from '../../inventory/journal.js';
import type { KubeObject } from '../json.js';
import type { ApiContext, ClusterTimings } from './context.js';
import { deleteObject, settleNamespaces } from './deletion.js';
import { KindRegistry } from './kind-registry.js';
import { kindKey, type KindEntry } from './kinds.js';
import { objectKey, ObjectTable } from './object-table.js';
import { applyObject } from './writes.js';
import { getObject } from './reads.js';
import { noSuchResource, StatusError } from './status-error.js';

const firstNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const systemManager = 'simulated-control-plane';

/** The objects of one cluster and what can be done with them in this process; HTTP comes on top. */
export class ClusterApi {
  readonly context: ApiContext;

  /** Opens what the journal has, and makes what every cluster has from the start. */
  constructor(journal: Journal, now: () => number, timings: ClusterTimings) {
    const table = new ObjectTable(journal);
    const kinds = new KindRegistry();
    for (const [, { object }] of table.entries('apiextensions.k8s.io/customresourcedefinitions')) if (object.metadata.deletionTimestamp === undefined) kinds.define(object);
    this.context = { table, kinds, now, timings };
    for (const name of firstNamespaces) this.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** Ends what had the time to end. Call before every request. */
  settle(): void {
    settleNamespaces(this.context);
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

  private kindOf(object: KubeObject): KindEntry {
    const kind = this.context.kinds.all().find((entry) => entry.kind === object.kind && (entry.group === '' ? entry.version : `${entry.group}/${entry.version}`) === object.apiVersion);
    if (kind === undefined) throw noSuchResource();
    return kind;
  }
}
