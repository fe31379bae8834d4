import { isDeepStrictEqual } from 'node:util';
import { veleroLabelValue } from '../../../../model/objects-backup.js';
import type { ClusterApi } from '../../api-server/cluster-api.js';
import { StatusError } from '../../api-server/status-error.js';
import { isRecord, listAt, recordAt, stringAt, without, type KubeObject, type ObjectMeta } from '../../json.js';
import type { Modify } from './modifiers.js';

/** Who Velero is to the API server, admission included. */
const identity = { user: 'system:serviceaccount:velero:velero-server', groups: ['system:serviceaccounts', 'system:serviceaccounts:velero', 'system:authenticated'] };
/** What a new object has of its own. */
const ownFields = ['generateName', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences'];

/** What brings objects back: names for their labels, its `existingResourcePolicy`, and what it changes. */
export interface RestoreWay {
  readonly restore: string;
  readonly backup: string;
  readonly policy: string | undefined;
  /** Changes an object before it is made. */
  readonly modify: Modify;
}

/** Brings objects of a backup into a cluster one by one, as Velero does it. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/restore/restore.go */
export class RestoredObjects {
  /** How many objects it was about, namespaces that it made among them. */
  count = 0;
  /** By namespace; an empty one for objects without. */
  readonly warnings = new Map<string, string[]>();
  readonly errors = new Map<string, string[]>();

  constructor(private readonly api: ClusterApi, private readonly way: RestoreWay) {}

  /** Makes a namespace that is not there, with what the backup has of it. */
  ensureNamespace(name: string, saved: KubeObject | undefined): void {
    if (this.api.find('v1', 'Namespace', name) !== undefined) return;
    this.count += 1;
    const { labels = {}, annotations = {} } = saved?.metadata ?? {};
    this.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } });
  }

  /** Makes an object, or leaves or changes the one that is there. */
  bring(resource: string, saved: KubeObject): void {
    if (isOver(saved)) return;
    this.count += 1;
    const wanted = this.labelled(this.way.modify(resource, prepared(saved)));
    const { name, namespace } = wanted.metadata;
    const live = this.knows(wanted) ? this.api.find(wanted.apiVersion, wanted.kind, name, namespace) : undefined;
    if (live === undefined) this.create(resource, wanted);
    else this.meet(live, wanted);
  }

  /** What comes of an object that is there already. */
  private meet(live: KubeObject, wanted: KubeObject): void {
    const same = isDeepStrictEqual(this.labelled(bareOf(live)), wanted);
    const { policy } = this.way;
    // Service accounts are merged with what their cluster has made of them.
    if (wanted.kind === 'ServiceAccount' || (same && policy !== 'update')) return;
    const place = wanted.metadata.namespace ?? '';
    if (policy !== 'update') {
      const what = policy === 'none' ? `${wanted.kind} "${wanted.metadata.name}"` : `${wanted.kind}:${wanted.metadata.name}`;
      note(this.warnings, place, `could not restore, ${what} already exists. Warning: the in-cluster version is different than the backed-up version`);
      return;
    }
    const { resourceVersion, uid } = live.metadata;
    try {
      this.api.replace({ ...wanted, metadata: { ...wanted.metadata, resourceVersion, uid }, ...(live['status'] === undefined ? {} : { status: live['status'] }) }, identity);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      note(this.warnings, place, error.message);
      this.api.replace(this.labelled(live), identity);
    }
  }

  private create(resource: string, object: KubeObject): void {
    const { name, namespace, managedFields } = object.metadata;
    try {
      this.api.create(object, identity);
      const made = this.api.find(object.apiVersion, object.kind, name, namespace);
      const [plural = '', ...group] = resource.split('.');
      // Whose the fields are is restored as well: who applied them before may do it again.
      if (made !== undefined && managedFields !== undefined) this.api.put(`${group.join('.')}/${plural}`, { ...made, metadata: { ...made.metadata, managedFields } });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      note(this.errors, namespace ?? '', `error restoring ${resource}/${namespace === undefined ? name : `${namespace}/${name}`}: ${error.message}`);
    }
  }

  private labelled(object: KubeObject): KubeObject {
    const { restore, backup } = this.way;
    return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'velero.io/backup-name': veleroLabelValue(backup), 'velero.io/restore-name': veleroLabelValue(restore) } } };
  }

  private knows({ apiVersion, kind }: KubeObject): boolean {
    return this.api.context.kinds.all().some((entry) => entry.kind === kind && (entry.group === '' ? entry.version : `${entry.group}/${entry.version}`) === apiVersion);
  }
}

function note(messages: Map<string, string[]>, namespace: string, message: string): void {
  messages.set(namespace, [...(messages.get(namespace) ?? []), message]);
}

/** Pods and Jobs that are through are not brought back. */
function isOver(object: KubeObject): boolean {
  return (object.kind === 'Pod' && ['Succeeded', 'Failed'].includes(stringAt(object, 'status', 'phase') ?? '')) || (object.kind === 'Job' && stringAt(object, 'status', 'completionTime') !== undefined);
}

function bareOf(object: KubeObject): KubeObject {
  return { ...(without(object, 'status') as KubeObject), metadata: without(object.metadata, ...ownFields) as ObjectMeta };
}

/** A saved object without what its cluster gave it: a Service's address and ports of nodes, a Pod's node, a claim's volume, which is made anew. */
function prepared(saved: KubeObject): KubeObject {
  const bare = bareOf(saved);
  const spec = recordAt(bare, 'spec');
  switch (`${bare.apiVersion}/${bare.kind}`) {
    case 'v1/Service': {
      const ports = listAt(spec, 'ports').map((port) => (isRecord(port) ? without(port, 'nodePort') : port));
      return { ...bare, spec: { ...(stringAt(spec, 'clusterIP') === 'None' ? spec : without(spec, 'clusterIP', 'clusterIPs')), ports } };
    }
    case 'v1/Pod':
      return { ...bare, spec: without(spec, 'nodeName') };
    case 'v1/PersistentVolumeClaim':
      return { ...bare, spec: without(spec, 'volumeName') };
    default:
      return bare;
  }
}
